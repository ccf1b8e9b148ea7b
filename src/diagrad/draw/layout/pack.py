"""Bounding boxes, and unconnected parts set under one another."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagram import Diagram, Placement, Point
from .metrics import MARGIN, Metrics

Stretch = tuple[float, float, float]
Part = tuple[list[int], list[int], Placement]


def simplify(path: Sequence[Point]) -> list[Point]:
    """Drop points that repeat or lie on the straight way between their neighbours."""
    kept: list[Point] = []
    for point in path:
        if kept and abs(kept[-1][0] - point[0]) + abs(kept[-1][1] - point[1]) < 1e-6:
            continue
        if len(kept) > 1 and _straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _straight(a: Point, b: Point, c: Point) -> bool:
    return any(abs(a[k] - b[k]) < 1e-6 and abs(b[k] - c[k]) < 1e-6 for k in (0, 1))


def extent(
    diagram: Diagram,
    centres: list[Point],
    paths: list[list[Point]],
    labels: list[Stretch],
    m: Metrics,
) -> Placement:
    """Move everything so that the upper left corner of all that is drawn is the origin."""
    xs: list[float] = []
    ys: list[float] = []
    for box, (x, y) in zip(diagram.boxes, centres, strict=True):
        xs += [x - m.half_width(box), x + m.half_width(box)]
        ys += [y - m.box_up(box), y + m.box_down(box)]
    for wire, path, (x0, x1, y) in zip(diagram.wires, paths, labels, strict=True):
        xs += [x0, x1, *(p[0] for p in path)]
        ys += [y - m.label_up(wire), y + m.label_down(wire)]
        ys += [p[1] + side for p in path for side in (-2 * m.gap, 2 * m.gap)]
    dx, dy = -min(xs), -min(ys)
    return _shift(
        Placement(tuple(centres), tuple(map(tuple, paths)), tuple(labels), max(xs) + dx, max(ys) + dy), dx, dy
    )


def _shift(p: Placement, dx: float, dy: float) -> Placement:
    return Placement(
        tuple((x + dx, y + dy) for x, y in p.centres),
        tuple(tuple((x + dx, y + dy) for x, y in route) for route in p.routes),
        tuple((x0 + dx, x1 + dx, y + dy) for x0, x1, y in p.stretches),
        p.width,
        p.height,
    )


def pack(diagram: Diagram, parts: list[Part], margin: float, gap: float) -> Placement:
    """Set the parts in rows, in order: beside one another while no row gets wider than the widest part.

    Rows may also be as wide as makes the page of many small parts about twice as wide as high.
    """
    area = sum((p.width + 2 * MARGIN) * (p.height + 2 * MARGIN) for _, _, p in parts)
    limit = max([(2 * area) ** 0.5 if len(parts) > 1 else 0.0, *(p.width for _, _, p in parts)])
    centres: list[Point] = [(0.0, 0.0)] * len(diagram.boxes)
    routes: list[tuple[Point, ...]] = [()] * len(diagram.wires)
    labels: list[Stretch] = [(0.0, 0.0, 0.0)] * len(diagram.wires)
    x = y = row = width = 0.0
    for boxes, wires, part in parts:
        if x > 0 and x + part.width > limit:
            x, y, row = 0.0, y + row + 2 * MARGIN, 0.0
        moved = _shift(part, x + margin, y + margin)
        for i, centre in zip(boxes, moved.centres, strict=True):
            centres[i] = centre
        for w, route, label in zip(wires, moved.routes, moved.stretches, strict=True):
            routes[w], labels[w] = route, label
        width, row = max(width, x + part.width), max(row, part.height)
        x += part.width + 2 * MARGIN
    return Placement(
        tuple(centres), tuple(routes), tuple(labels), width + 2 * margin, y + row + 2 * margin, gap
    )
