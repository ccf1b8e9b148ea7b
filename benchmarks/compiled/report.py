"""The table and the plot, made of the results."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
START, END = "<!-- compiled: made by python -m benchmarks.compiled page --write -->", "<!-- compiled: end -->"
AGAINST = ("best", "jax", "torch-compile", "torch")
FIRST = ("lstm-8", "lstm-16", "lstm-32", "lstm")
ONLY_FIRST = FIRST[:-1]

Rows = dict[str, dict[str, Any]]


def times(row: dict[str, Any], key: str = "time") -> dict[str, float]:
    """What a row's libraries took; ``best`` is the fastest of those that are not diagrad."""
    found = {peer: said[key] for peer, said in row.items() if key in said}
    others = [took for peer, took in found.items() if peer != "diagrad"]
    return found | ({"best": min(others)} if others else {})


def ratios(rows: Rows, peer: str) -> list[float]:
    """How many times diagrad's time another takes, in each row that both have."""
    found = [times(row) for name, row in rows.items() if name not in ONLY_FIRST]
    return [took[peer] / took["diagrad"] for took in found if peer in took and "diagrad" in took]


def geometric_mean(numbers: list[float]) -> float:
    return math.exp(sum(map(math.log, numbers)) / len(numbers))


def unit(seconds: float) -> str:
    """A time in words: 12.3 µs."""
    for scale, name in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= scale or name == "µs":
            return f"{seconds / scale:.3g} {name}"
    return ""


def table(rows: Rows) -> str:
    """Diagrad's time, first call and memory, and the times of the others as multiples of diagrad's."""
    peers = [peer for peer in dict.fromkeys(p for row in rows.values() for p in row) if peer != "diagrad"]
    lines = [
        f"| | diagrad | first call | memory | best | {' | '.join(peers)} |",
        "|---" * (len(peers) + 5) + "|",
    ]
    for name, row in rows.items():
        took = times(row)
        if name in ONLY_FIRST or "diagrad" not in took:
            continue
        own = row["diagrad"]
        cells = [f"{took[peer] / took['diagrad']:.2f}×" if peer in took else "" for peer in ("best", *peers)]
        facts = [unit(own["time"]), f"{own['first']:.2f} s", f"{own['memory']:.0f} MB"]
        lines.append(f"| {name} | {' | '.join(facts + cells)} |")
    means = {peer: ratios(rows, peer) for peer in AGAINST}
    said = [
        f"{geometric_mean(found):.2f}× {peer} ({len(found)} rows)" for peer, found in means.items() if found
    ]
    return "\n".join(lines) + f"\n\nGeometric means, in multiples of diagrad's time: {', '.join(said)}.\n"


def first_calls(rows: Rows) -> str:
    """The first call of an unrolled LSTM over its steps."""
    shown = [name for name in FIRST if name in rows]
    peers = list(dict.fromkeys(peer for name in shown for peer in rows[name]))
    lines = [f"| first call | {' | '.join(shown)} |", "|---" * (len(shown) + 1) + "|"]
    for peer in peers:
        took = [times(rows[name], "first").get(peer) for name in shown]
        if any(took):
            lines.append(f"| {peer} | {' | '.join('' if x is None else f'{x:.2f} s' for x in took)} |")
    return "\n".join(lines) + "\n"


def plot(rows: Rows) -> str:
    """SVG: a line for each row, diagrad at 1, the best of the others as a point on a logarithmic scale."""
    points = [(name, times(row)) for name, row in rows.items() if name not in ONLY_FIRST]
    points = [
        (name, took["best"] / took["diagrad"])
        for name, took in points
        if "best" in took and "diagrad" in took
    ]
    low, high, left, width, high_line = 0.25, 16.0, 140, 420, 20

    def x(ratio: float) -> float:
        return left + width * math.log(min(max(ratio, low), high) / low) / math.log(high / low)

    height = high_line * (len(points) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 60} {height}" '
        'font-family="sans-serif" font-size="12">'
    ]
    for mark in (0.25, 0.5, 1, 2, 4, 8, 16):
        shade = "#000" if mark == 1 else "#ccc"
        parts.append(f'<path d="M{x(mark):.1f} 6V{height - 24}" stroke="{shade}"/>')
        parts.append(f'<text x="{x(mark):.1f}" y="{height - 8}" text-anchor="middle">{mark:g}×</text>')
    for at, (name, ratio) in enumerate(points):
        y = high_line * (at + 1)
        fill = "#2a6fbb" if ratio >= 1 else "#c0392b"
        parts.append(f'<text x="{left - 10}" y="{y + 4}" text-anchor="end">{name}</text>')
        parts.append(f'<path d="M{x(1):.1f} {y}H{x(ratio):.1f}" stroke="{fill}" stroke-width="3"/>')
        parts.append(f'<circle cx="{x(ratio):.1f}" cy="{y}" r="4" fill="{fill}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def page(path: Path) -> str:
    """The section of docs/speed.md."""
    parts = [
        "## Compiled\n\n`python -m benchmarks.compiled run`: one call in float32, each library in a process"
        " of its own,\nrounds interleaved, medians; loss and derivative are compared with NumPy's float64"
        " before any time\ncounts. Other columns are multiples of diagrad's time; `best` is the fastest of"
        " them. Memory is what\na process grew by, the check included; caches are empty at the first call.\n"
    ]
    for title, rows in json.loads(path.read_text(encoding="utf-8")).items():
        parts.append(f"### {title.capitalize()}\n\n{table(rows)}")
        if any(name in rows for name in ONLY_FIRST):
            parts.append(first_calls(rows))
    return "\n".join(parts)


def write(path: Path) -> None:
    """Write the section between its marks in docs/speed.md, and the plot beside."""
    speed = DOCS / "speed.md"
    text = speed.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    after = rest.partition(END)[2] if rest else ""
    rows = next(iter(json.loads(path.read_text(encoding="utf-8")).values()))
    (DOCS / "images" / "compiled.svg").write_text(plot(rows), encoding="utf-8")
    picture = "![The best of the other libraries, in multiples of diagrad's time](images/compiled.svg)\n"
    body = f"{START}\n{page(path)}\n{picture}\n{END}"
    speed.write_text(f"{before.rstrip()}\n\n{body}\n{after.lstrip()}", encoding="utf-8")
