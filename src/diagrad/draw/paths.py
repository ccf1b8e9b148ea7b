"""The geometry of arrows: parallels of a wire's centre line, cut off at outlines, with round corners."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from .diagram import Box, Point

CORNER = 15.0
"""Radius of a wire's centre line where it turns."""
ROUND = {"rect": 9.0}
"""Radius of a rectangle's corners."""


def parallel(route: Sequence[Point], offset: float) -> list[Point]:
    """The line beside an orthogonal polyline, ``offset`` to the left of the direction of travel.

    >>> parallel([(0, 0), (10, 0), (10, 10)], 2)
    [(0, -2), (12, -2), (12, 10)]
    """
    if not offset:
        return list(route)
    shifts: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(route):
        dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        shifts.append((dy * offset, -dx * offset))
    points: list[Point] = []
    for at, (x, y) in enumerate(route):
        before, after = shifts[max(at - 1, 0)], shifts[min(at, len(shifts) - 1)]
        if before == after:
            points.append((x + before[0], y + before[1]))
        else:
            points.append((x + before[0] + after[0], y + before[1] + after[1]))
    return points


def corner_radius(box: Box) -> float:
    """How round the outline's corners are; a circle or dot is all corner."""
    half = min(box.width, box.height) / 2
    return half if box.shape != "rect" else min(ROUND["rect"], half)


def half_extent(box: Box, offset: float, level: bool) -> float:
    """Distance from the centre to the outline, along a level (or upright) line ``offset`` from the centre."""
    half, across = (box.width / 2, box.height / 2) if level else (box.height / 2, box.width / 2)
    radius = corner_radius(box)
    into = min(max(0.0, abs(offset) - (across - radius)), radius)
    return half - radius + math.sqrt(radius * radius - into * into)


def land(point: Point, towards: Point, box: Box, centre: Point, back: float = 0.0) -> Point:
    """Move a line's end along its last segment onto a box's outline, or ``back`` before it.

    ``towards`` is the next point of the line, away from the box.
    """
    (x, y), (tx, ty) = point, towards
    if abs(y - ty) < 1e-9:
        side = 1 if tx > x else -1
        return centre[0] + side * (half_extent(box, y - centre[1], True) + back), y
    side = 1 if ty > y else -1
    return x, centre[1] + side * (half_extent(box, x - centre[0], False) + back)


def corner_radii(route: Sequence[Point]) -> list[float]:
    """The radius of each corner of a wire's centre line: less where its segments are short.

    >>> corner_radii([(0, 0), (50, 0), (50, 10), (90, 10)])
    [5.0, 5.0]
    """
    lengths = [math.dist(a, b) for a, b in pairwise(route)]
    lengths[0], lengths[-1] = (
        2 * lengths[0] - 8,
        2 * lengths[-1] - 8,
    )  # the ends are not shared by two corners
    return [max(0.0, min(CORNER, a / 2, b / 2)) for a, b in pairwise(lengths)]


def rounded(points: Sequence[Point], offset: float, radii: Sequence[float]) -> str:
    """An SVG path through the points with round corners, concentric with those of the wire's centre line.

    >>> rounded([(0, 0), (50, 0), (50, 50)], 0, [15])
    'M0,0 H35 Q50,0 50,15 V50'
    """
    out = [f"M{_xy(points[0])}"]
    turn = 0.0
    for at, radius in enumerate(radii, start=1):
        a, b, c = points[at - 1], points[at], points[at + 1]
        clockwise = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) > 0
        room = min(math.dist(a, b) - turn, math.dist(b, c))
        turn = max(0.0, min(radius + (offset if clockwise else -offset), room))
        start, end = _towards(b, a, turn), _towards(b, c, turn)
        out.append(_straight(a, start))
        if turn > 0.01:
            out.append(f"Q{_xy(b)} {_xy(end)}")
    out.append(_straight(points[-2], points[-1]))
    return " ".join(out)


def _towards(a: Point, b: Point, distance: float) -> Point:
    length = math.dist(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * distance / length, a[1] + (b[1] - a[1]) * distance / length


def _straight(a: Point, b: Point) -> str:
    return f"H{num(b[0])}" if abs(a[1] - b[1]) < 1e-9 else f"V{num(b[1])}"


def head(tip: Point, before: Point, length: float, half: float) -> str:
    """The path of an arrowhead whose tip is at ``tip``."""
    dx, dy = (tip[0] > before[0]) - (tip[0] < before[0]), (tip[1] > before[1]) - (tip[1] < before[1])
    if abs(tip[0] - before[0]) < abs(tip[1] - before[1]):
        dx = 0
    else:
        dy = 0
    base = (tip[0] - dx * length, tip[1] - dy * length)
    left, right = (base[0] + dy * half, base[1] - dx * half), (base[0] - dy * half, base[1] + dx * half)
    return f"M{_xy(tip)} L{_xy(left)} L{_xy(right)} Z"


def _xy(point: Point) -> str:
    return f"{num(point[0])},{num(point[1])}"


def num(x: float) -> str:
    """A coordinate, to a hundredth of a px.

    >>> num(1.0), num(2.3456), num(-0.001)
    ('1', '2.35', '0')
    """
    text = f"{x:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
