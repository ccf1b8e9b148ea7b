"""Layout against Graphviz ``dot`` on the same diagrams: time, and the budgets of a good picture.

    python benchmarks/layout.py            # ours up to 10,000 boxes, dot up to 1,000
    python benchmarks/layout.py --quick    # up to 200

``dot`` gets the same box sizes, the wires' labels as edge labels, orthogonal splines where that ends in
time, else polylines. Its crossings and bends are counted on its straight segments, as ours are; its
arrows are single, ours leave room for two.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import itertools

import numpy as np

from diagrad.draw.diagram import Diagram, Placement, Point
from diagrad.draw.layout import place
from draw.geometry import measure
from draw.test_layout import chain, fan, residual, skips, transformer

DIAGRAMS: dict[str, Callable[[int], Diagram]] = {
    "chain": chain,
    "residual": lambda n: residual(max(1, n // 13)),
    "transformer": lambda n: transformer(max(1, n // 26)),
    "skips": skips,
    "fan": lambda n: fan(max(2, min(n, 400) - 4)),
}
TIMEOUT = 20.0
COLUMNS = ("crossings", "bends", "length", "area", "straight")


def to_dot(diagram: Diagram, splines: str) -> str:
    """The diagram in Graphviz's language, in inches (1 px = 1 pt)."""
    lines = ["digraph {", f'rankdir=LR; splines={splines}; node [shape=box fixedsize=true label=""]']
    for i, box in enumerate(diagram.boxes):
        height = box.height + box.above + box.below
        width = max(box.width, box.caption_width)
        lines.append(f"b{i} [width={width / 72:.3f} height={height / 72:.3f}]")
    for wire in diagram.wires:
        label = ""
        if wire.width:
            size = f'width="{wire.width:.0f}" height="{wire.above + wire.below + 22:.0f}"'
            label = f' [label=<<table border="0" fixedsize="true" {size}><tr><td></td></tr></table>>]'
        lines.append(f"b{wire.source} -> b{wire.target}{label}")
    return "\n".join([*lines, "}"])


def run_dot(diagram: Diagram, splines: str, seconds: float) -> Placement | None:
    """Lay out with Graphviz; None when it fails or is not done in time."""
    try:
        done = subprocess.run(
            ["dot", "-Tplain"],
            input=to_dot(diagram, splines),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    width = height = 0.0
    found: dict[tuple[str, str], list[tuple[Point, ...]]] = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0] == "graph":
            width, height = 72 * float(words[2]), 72 * float(words[3])
        if words[0] == "edge":
            numbers = [72 * float(word) for word in words[4 : 4 + 2 * int(words[3])]]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            found.setdefault((words[1], words[2]), []).append(_corners(points))
    routes = [found[f"b{wire.source}", f"b{wire.target}"].pop() for wire in diagram.wires]
    return Placement((), tuple(routes), (), width, height)


def _corners(points: list[Point]) -> tuple[Point, ...]:
    """The corners of a route that Graphviz gives as Bézier pieces, each a straight line here."""
    kept: list[Point] = []
    for point in points[::3]:
        if len(kept) > 1:
            (x0, y0), (x1, y1) = kept[-2], kept[-1]
            if abs((x1 - x0) * (point[1] - y1) - (y1 - y0) * (point[0] - x1)) < 1.0:
                kept.pop()
        kept.append(point)
    return tuple(kept)


def show(kind: str, boxes: int, name: str, seconds: float, budget: dict[str, float]) -> None:
    cells = " ".join(
        f"{budget[column]:12,.2f}" if column == "straight" else f"{budget[column]:12,.0f}"
        for column in COLUMNS
    )
    print(f"{kind:12} {boxes:6} {name:12} {seconds:8.3f} {cells}", flush=True)


def crossings_of_any(placement: Placement) -> int:
    """Crossings of segments of any direction, one sweep over NumPy rows."""
    rows = [(*a, *b, w) for w, r in enumerate(placement.routes) for a, b in itertools.pairwise(r)]
    table = np.array(rows)
    ax, ay, bx, by, owner = table.T
    total = 0
    for x0, y0, x1, y1, w in rows:
        one = (x1 - x0) * (ay - y0) - (y1 - y0) * (ax - x0)
        two = (x1 - x0) * (by - y0) - (y1 - y0) * (bx - x0)
        three = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
        four = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
        total += int(((one * two < 0) & (three * four < 0) & (owner > w)).sum())
    return total


def compare(sizes: list[int], dot_up_to: int) -> None:
    """Print the table."""
    have_dot = shutil.which("dot") is not None
    if not have_dot:
        print("Graphviz's dot is not installed: only our own numbers follow")
    print(
        f"{'diagram':12} {'boxes':>6} {'layout':12} {'seconds':>8} " + " ".join(f"{c:>12}" for c in COLUMNS)
    )
    slow: set[tuple[str, str]] = set()
    for kind, make in DIAGRAMS.items():
        done: set[int] = set()
        for size in sizes:
            diagram = make(size)
            if len(diagram.boxes) in done:
                continue
            done.add(len(diagram.boxes))
            start = time.perf_counter()
            placement = place(diagram)
            seconds = time.perf_counter() - start
            show(kind, len(diagram.boxes), "diagrad", seconds, measure(diagram, placement))
            for splines in ("ortho", "polyline") if have_dot and size <= dot_up_to else ():
                if (kind, splines) in slow:
                    continue
                start = time.perf_counter()
                theirs = run_dot(diagram, splines, TIMEOUT)
                seconds = time.perf_counter() - start
                if theirs is None:
                    slow.add((kind, splines))
                    name = f"dot {splines}"
                    print(f"{kind:12} {len(diagram.boxes):6} {name:12} failed or took over {seconds:.0f} s")
                    continue
                budget = measure(diagram, theirs) | {"crossings": crossings_of_any(theirs)}
                show(kind, len(diagram.boxes), f"dot {splines}", seconds, budget)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="up to 200 boxes")
    quick = parser.parse_args().quick
    place(chain(50))
    compare([50, 200] if quick else [50, 200, 1000, 10000], 1000)
