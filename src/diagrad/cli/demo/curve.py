"""The curve of a training run as an SVG: the loss above, the validation accuracy below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP, BOTTOM = 720.0, 190.0, 74.0, 24.0, 72.0, 56.0, 52.0

_PARTS = ("paper", "ink", "soft", "grid", "loss", "accuracy")
COLOURS: dict[str, dict[str, str]] = {
    "textbook": dict(zip(_PARTS, "#ffffff #1d2530 #5b6673 #dfe4e9 #b5341f #1f5f99".split(), strict=True)),
    "dark": dict(zip(_PARTS, "#14181d #e6eaee #a3aeb9 #333b44 #ff8a73 #7db8f0".split(), strict=True)),
}


def training_curve(
    losses: Sequence[float], accuracies: Sequence[float], title: str, style: str = "textbook"
) -> str:
    """The SVG text.

    Args:
        losses: of each step; positive.
        accuracies: after each epoch, from 0 to 1.
        title: the heading.
        style: ``"textbook"`` or ``"dark"``.

    Returns:
        SVG with a title and a description for screen readers. The loss has a logarithmic axis.
    """
    c = COLOURS[style]
    epochs = len(accuracies)
    height = TOP + 2 * PANEL + GAP + BOTTOM
    xs = [epochs * (at + 1) / len(losses) for at in range(len(losses))]
    logs = [math.log10(max(loss, 1e-12)) for loss in losses]
    low, high = math.floor(min(logs)), max(math.ceil(max(logs)), math.floor(min(logs)) + 1)
    floor = min(0.9, math.floor(min(accuracies) * 10) / 10)
    said = (
        f"The loss falls from {losses[0]:.3g} to {losses[-1]:.3g} in {len(losses)} steps; "
        f"the validation accuracy ends at {accuracies[-1]:.1%} after {epochs} epochs."
    )
    loss = _Panel(TOP, epochs, low, high)
    accuracy = _Panel(TOP + PANEL + GAP, epochs, floor, 1.0)
    decades = [(10.0**at, float(at)) for at in range(low, high + 1)]
    tenths = [floor + step * (1 - floor) / 5 for step in range(6)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{height:g}" '
        f'viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-labelledby="curve-title curve-desc" '
        'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">',
        f'<title id="curve-title">{escape(title)}</title><desc id="curve-desc">{escape(said)}</desc>',
        f'<rect width="100%" height="100%" fill="{c["paper"]}"/>',
        f'<text x="{LEFT:g}" y="28" font-size="16" fill="{c["ink"]}">{escape(title)}</text>',
        *loss.grid(
            "loss: of each step, and the mean of 25 (logarithmic)",
            [(y, f"{value:g}") for value, y in decades],
            c,
        ),
        *accuracy.grid("validation accuracy", [(y, f"{y:.0%}") for y in tenths], c),
        *_epochs(accuracy, epochs, c),
        loss.line(xs, logs, c["soft"], 0.7, 'opacity=".55"'),
        loss.line(xs, _smooth(logs), c["loss"], 2.2),
        accuracy.line([at + 1.0 for at in range(epochs)], accuracies, c["accuracy"], 2.2),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Panel:
    """A rectangle with its own vertical scale."""

    def __init__(self, top: float, width: float, low: float, high: float) -> None:
        self.top, self.width, self.low, self.high = top, width, low, high

    def x(self, x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * x / self.width

    def y(self, y: float) -> float:
        return self.top + PANEL * (self.high - y) / (self.high - self.low)

    def grid(self, label: str, ticks: Sequence[tuple[float, str]], c: dict[str, str]) -> list[str]:
        rows = [f'<text x="{LEFT:g}" y="{self.top - 8:g}" fill="{c["soft"]}">{label}</text>']
        for y, text in ticks:
            at = self.y(y)
            rows.append(f'<path d="M{LEFT:g} {at:.2f}H{WIDTH - RIGHT:g}" stroke="{c["grid"]}"/>')
            rows.append(
                f'<text x="{LEFT - 8:g}" y="{at + 4:.2f}" text-anchor="end" fill="{c["soft"]}">{text}</text>'
            )
        return rows

    def line(
        self, xs: Sequence[float], ys: Sequence[float], colour: str, width: float, more: str = ""
    ) -> str:
        points = " ".join(f"{self.x(x):.2f},{self.y(y):.2f}" for x, y in zip(xs, ys, strict=True))
        return (
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linejoin="round" {more}/>'
        ).replace(" />", "/>")


def _epochs(panel: _Panel, epochs: int, c: dict[str, str]) -> list[str]:
    """The epochs below, at most ten of them."""
    step = max(1, math.ceil(epochs / 10))
    y = panel.top + PANEL + 18
    rows = [
        f'<text x="{panel.x(at):.2f}" y="{y:g}" text-anchor="middle" fill="{c["soft"]}">{at}</text>'
        for at in range(0, epochs + 1, step)
    ]
    return [
        *rows,
        f'<text x="{WIDTH - RIGHT:g}" y="{y + 18:g}" text-anchor="end" fill="{c["soft"]}">epoch</text>',
    ]


def _smooth(ys: Sequence[float], window: int = 25) -> list[float]:
    """Moving averages: of the last ``window`` numbers, of fewer at the beginning."""
    sums = [0.0]
    for y in ys:
        sums.append(sums[-1] + y)
    starts = [max(0, end - window) for end in range(1, len(sums))]
    return [(sums[end] - sums[start]) / (end - start) for end, start in enumerate(starts, 1)]


__all__ = ["training_curve"]
