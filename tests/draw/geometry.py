"""An independent judge of placements: finds every collision by brute force, and measures beauty.

It knows the contract in ``diagrad.draw.diagram`` and the distances a picture needs, and nothing of how
the layout works. Any test may use it: ``assert not violations(diagram, placement)``.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from diagrad.draw.diagram import Box, Diagram, Placement, Point

LABEL_DISTANCE = 5.0
CAPTION_DISTANCE = 4.0
WIRE_CLEARANCE = 14.0
BETWEEN = 12.0
EPS = 1e-4

Array = np.ndarray[Any, np.dtype[np.float64]]
Rect = tuple[float, float, float, float]


def outline(box: Box, centre: Point) -> Rect:
    return (
        centre[0] - box.width / 2,
        centre[1] - box.height / 2,
        centre[0] + box.width / 2,
        centre[1] + box.height / 2,
    )


def captions(box: Box, centre: Point, gap: float) -> list[Rect]:
    """The caption blocks of a box. A dot's stand a little further away, to clear its own wires."""
    x, y = centre
    edge = max(box.height / 2 + CAPTION_DISTANCE, gap + 9.0)
    x0, x1 = x - box.caption_width / 2, x + box.caption_width / 2
    found: list[Rect] = []
    if box.above > 0:
        found.append((x0, y - edge - box.above, x1, y - edge))
    if box.below > 0:
        found.append((x0, y + edge, x1, y + edge + box.below))
    return found


def labels(diagram: Diagram, placement: Placement, w: int) -> list[Rect]:
    """The label blocks of a wire, centred on its stretch."""
    wire = diagram.wires[w]
    x0, x1, y = placement.stretches[w]
    a, b = (x0 + x1 - wire.width) / 2, (x0 + x1 + wire.width) / 2
    edge = placement.gap + LABEL_DISTANCE
    found: list[Rect] = []
    if wire.above > 0 and wire.width > 0:
        found.append((a, y - edge - wire.above, b, y - edge))
    if wire.below > 0 and wire.width > 0:
        found.append((a, y + edge, b, y + edge + wire.below))
    return found


def on_outline(box: Box, centre: Point, point: Point, side: str) -> bool:
    """Whether a point lies on the outline, on the side named ``left``, ``right``, ``top`` or ``bottom``."""
    dx, dy = point[0] - centre[0], point[1] - centre[1]
    if side == "left" or side == "right":
        if (dx < 0) != (side == "left"):
            return False
    elif (dy < 0) != (side == "top"):
        return False
    half_w, half_h = box.width / 2, box.height / 2
    if box.shape == "rect":
        flat = side in ("left", "right")
        distance, along, half = (abs(dx) - half_w, dy, half_h) if flat else (abs(dy) - half_h, dx, half_w)
        return abs(distance) < EPS and abs(along) < half
    radius = min(half_w, half_h)
    corner_x, corner_y = max(abs(dx) - (half_w - radius), 0.0), max(abs(dy) - (half_h - radius), 0.0)
    return abs(math.hypot(corner_x, corner_y) - radius) < EPS


def _side(near: Point, far: Point) -> str:
    """The side of a box that a wire's end lies on, from the end and the next point away from the box."""
    if abs(near[1] - far[1]) < EPS:
        return "left" if far[0] < near[0] else "right"
    return "top" if far[1] < near[1] else "bottom"


def _shape_of_routes(diagram: Diagram, p: Placement) -> Iterator[str]:
    for w, (wire, route) in enumerate(zip(diagram.wires, p.routes, strict=True)):
        if len(route) < 2:
            yield f"wire {w}: fewer than two points"
            continue
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(route)]
        if any((abs(dx) < EPS) == (abs(dy) < EPS) for dx, dy in steps):
            yield f"wire {w}: a segment is empty or neither level nor upright: {route}"
        if any((abs(a[0]) < EPS) == (abs(b[0]) < EPS) for a, b in itertools.pairwise(steps)):
            yield f"wire {w}: two segments in a row do not turn: {route}"
        start, end = _side(route[0], route[1]), _side(route[-1], route[-2])
        source, target = diagram.boxes[wire.source], diagram.boxes[wire.target]
        if not on_outline(source, p.centres[wire.source], route[0], start):
            yield f"wire {w}: does not start on the {start} outline of box {wire.source}"
        if not on_outline(target, p.centres[wire.target], route[-1], end):
            yield f"wire {w}: does not end on the {end} outline of box {wire.target}"
        if start == "left" or (source.shape == "rect" and start != "right"):
            yield f"wire {w}: leaves box {wire.source} on the {start}"
        if end == "right" or (target.shape == "rect" and end != "left"):
            yield f"wire {w}: enters box {wire.target} on the {end}"
        x0, x1, y = p.stretches[w]
        if x1 - x0 < wire.width - EPS:
            yield f"wire {w}: stretch shorter than its label"
        if not any(
            abs(a[1] - y) < EPS and abs(b[1] - y) < EPS and a[0] - EPS <= x0 <= x1 <= b[0] + EPS
            for a, b in itertools.pairwise(route)
        ):
            yield f"wire {w}: stretch {p.stretches[w]} is not on a level segment of {route}"


def _port_order(diagram: Diagram, p: Placement) -> Iterator[str]:
    ins: dict[int, list[tuple[int, float]]] = {}
    outs: dict[int, list[tuple[int, float]]] = {}
    for wire, route in zip(diagram.wires, p.routes, strict=True):
        ins.setdefault(wire.target, []).append((wire.target_port, route[-1][1]))
        if diagram.boxes[wire.source].shape != "dot":
            outs.setdefault(wire.source, []).append((wire.source_port, route[0][1]))
    for name, ends in (("inputs", ins), ("outputs", outs)):
        for box, found in ends.items():
            found.sort()
            for (port, y), (other, z) in itertools.pairwise(found):
                if port < other and y >= z:
                    yield f"box {box}: {name} {port} and {other} are not in order from the top"


def _segments(p: Placement) -> tuple[Array, list[tuple[int, int]]]:
    """All segments as (x0, y0, x1, y1) with x0 ≤ x1 and y0 ≤ y1, and their (wire, place in it)."""
    rows: list[Rect] = []
    owner: list[tuple[int, int]] = []
    for w, route in enumerate(p.routes):
        for i, (a, b) in enumerate(itertools.pairwise(route)):
            rows.append((min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])))
            owner.append((w, i))
    return np.array(rows, dtype=np.float64).reshape(-1, 4), owner


def _overlaps(one: Array, many: Array, room: float = 0.0) -> Array:
    """Indices of the rectangles of ``many`` nearer than ``room`` to one rectangle (in both directions)."""
    hit = (
        (many[:, 0] < one[2] + room - EPS)
        & (many[:, 2] > one[0] - room + EPS)
        & (many[:, 1] < one[3] + room - EPS)
        & (many[:, 3] > one[1] - room + EPS)
    )
    return np.nonzero(hit)[0]


def _things(diagram: Diagram, p: Placement) -> tuple[Array, list[tuple[str, int]]]:
    rows: list[Rect] = []
    names: list[tuple[str, int]] = []
    for i, box in enumerate(diagram.boxes):
        rows.append(outline(box, p.centres[i]))
        names.append(("box", i))
        for rect in captions(box, p.centres[i], p.gap):
            rows.append(rect)
            names.append(("caption", i))
    for w in range(len(diagram.wires)):
        for rect in labels(diagram, p, w):
            rows.append(rect)
            names.append(("label", w))
    return np.array(rows, dtype=np.float64).reshape(-1, 4), names


def _collisions(diagram: Diagram, p: Placement) -> Iterator[str]:
    """Things on things, wires on things, things off the page."""
    things, names = _things(diagram, p)
    segments, owner = _segments(p)
    for i, rect in enumerate(things):
        kind, number = names[i]
        if rect[0] < -EPS or rect[1] < -EPS or rect[2] > p.width + EPS or rect[3] > p.height + EPS:
            yield f"{kind} {number}: off the page"
        for j in _overlaps(rect, things):
            if j > i:
                yield f"{kind} {number} overlaps {names[j][0]} {names[j][1]}"
        for j in _overlaps(rect, segments, WIRE_CLEARANCE):
            w, place = owner[j]
            if not _is_own(diagram, p, kind, number, w, place, rect, segments[j]):
                yield f"wire {w} (segment {place}) runs into {kind} {number}"


def _is_own(
    diagram: Diagram, p: Placement, kind: str, number: int, w: int, place: int, rect: Array, segment: Array
) -> bool:
    """Whether a wire may come so near: to the boxes it joins with its ends, to its label alongside."""
    wire = diagram.wires[w]
    last = len(p.routes[w]) - 2
    if kind == "label":
        x0, x1, y = p.stretches[w]
        level = abs(segment[1] - y) < EPS and abs(segment[3] - y) < EPS
        return number == w and bool(level and segment[0] <= x0 + EPS and segment[2] >= x1 - EPS)
    at_end = (number == wire.source and place == 0) or (number == wire.target and place == last)
    if kind == "caption":
        return at_end and not len(_overlaps(rect, segment[None], 2 * p.gap))
    round_ = diagram.boxes[number].shape != "rect"  # a wire beside a circle's middle ends inside its square
    return at_end and (round_ or not len(_overlaps(rect, segment[None], -EPS)))


def _ends(diagram: Diagram, p: Placement, w: int, place: int) -> set[int]:
    """The boxes that a segment touches with its ends: wires of one dot meet there."""
    wire = diagram.wires[w]
    found = {wire.source} if place == 0 else set[int]()
    return found | {wire.target} if place == len(p.routes[w]) - 2 else found


def _wires_on_wires(diagram: Diagram, p: Placement) -> Iterator[str]:
    segments, owner = _segments(p)
    wire_of = np.array([w for w, _ in owner])
    level = np.abs(segments[:, 1] - segments[:, 3]) < EPS
    if len(segments):
        room = 2 * p.gap
        low, high = segments[:, :2].min(axis=0), segments[:, 2:].max(axis=0)
        if low.min() < room - EPS or high[0] > p.width - room + EPS or high[1] > p.height - room + EPS:
            yield "a wire leaves the page"
    for i, one in enumerate(segments):
        later = np.arange(len(segments)) > i
        same = later & (wire_of != wire_of[i]) & (level == level[i])
        a, b = (1, 0) if level[i] else (0, 1)
        near = same & (np.abs(segments[:, a] - one[a]) < 2 * p.gap + BETWEEN - EPS)
        near &= (segments[:, b] < one[b + 2] - EPS) & (segments[:, b + 2] > one[b] + EPS)
        for j in np.nonzero(near)[0]:
            yield f"wires {owner[i][0]} and {owner[j][0]} run too near one another at {segments[j].tolist()}"
        if not level[i]:
            continue
        touch = ~level & (wire_of != wire_of[i])
        touch &= (segments[:, 0] > one[0] - 2 * p.gap + EPS) & (segments[:, 0] < one[2] + 2 * p.gap - EPS)
        touch &= (segments[:, 1] < one[1] + 2 * p.gap - EPS) & (segments[:, 3] > one[1] - 2 * p.gap + EPS)
        clean = (segments[:, 0] >= one[0] + 2 * p.gap - EPS) & (segments[:, 0] <= one[2] - 2 * p.gap + EPS)
        clean &= (segments[:, 1] <= one[1] - 2 * p.gap + EPS) & (segments[:, 3] >= one[1] + 2 * p.gap - EPS)
        for j in np.nonzero(touch & ~clean)[0]:
            if _ends(diagram, p, *owner[i]) & _ends(diagram, p, *owner[j]):
                continue
            yield f"wires {owner[i][0]} and {owner[j][0]} meet at a bend near {segments[j].tolist()}"


def _wires_on_themselves(p: Placement) -> Iterator[str]:
    for w, route in enumerate(p.routes):
        own, _ = _segments(Placement((), (route,), (), 0.0, 0.0))
        for i in range(len(own)):
            if any(len(_overlaps(own[i], own[j : j + 1], p.gap)) for j in range(i + 3, len(own))):
                yield f"wire {w}: comes back to itself: {route}"


def violations(diagram: Diagram, placement: Placement) -> list[str]:
    """Everything that is wrong with a placement; empty when it is fine."""
    counts = (len(placement.centres), len(placement.routes), len(placement.stretches))
    if counts != (len(diagram.boxes), len(diagram.wires), len(diagram.wires)):
        return [f"wrong number of centres, routes, stretches: {counts}"]
    found = [*_shape_of_routes(diagram, placement), *_port_order(diagram, placement)]
    found += _collisions(diagram, placement)
    found += [*_wires_on_wires(diagram, placement), *_wires_on_themselves(placement)]
    return found


def count_crossings(placement: Placement) -> int:
    """Pairs of segments of different wires that cross."""
    segments, owner = _segments(placement)
    wire_of = np.array([w for w, _ in owner])
    level = np.abs(segments[:, 1] - segments[:, 3]) < EPS
    total = 0
    for i in np.nonzero(level)[0]:
        x0, y, x1, _ = segments[i]
        hit = ~level & (wire_of != wire_of[i]) & (segments[:, 0] > x0 + EPS) & (segments[:, 0] < x1 - EPS)
        total += int((hit & (segments[:, 1] < y - EPS) & (segments[:, 3] > y + EPS)).sum())
    return total


def leaf_crossings(diagram: Diagram, placement: Placement) -> list[tuple[int, int]]:
    """Wires of leaves with one user that cross its main input, as (leaf's wire, the other).

    That is the wire from the deepest box, if there is one that is deeper than all others.
    """
    depth = depths(diagram)
    uses = Counter(wire.source for wire in diagram.wires)
    entering: dict[int, list[int]] = {}
    for w, wire in enumerate(diagram.wires):
        entering.setdefault(wire.target, []).append(w)
    found: list[tuple[int, int]] = []
    for ends in entering.values():
        *others, main = sorted(ends, key=lambda w: depth[diagram.wires[w].source])
        level = depth[diagram.wires[main].source]
        if any(depth[diagram.wires[w].source] == level for w in others):
            continue
        for w in others:
            source = diagram.wires[w].source
            pair = placement.routes[w], placement.routes[main]
            if (
                diagram.boxes[source].leaf
                and uses[source] == 1
                and count_crossings(Placement((), pair, (), 0.0, 0.0))
            ):
                found.append((w, main))
    return found


def main_path(diagram: Diagram) -> list[int]:
    """The wires of a longest path."""
    depth, came = _longest_ways(diagram)
    at = max(range(len(depth)), key=depth.__getitem__, default=-1)
    path: list[int] = []
    while at >= 0 and came[at] >= 0:
        path.append(came[at])
        at = diagram.wires[came[at]].source
    return path[::-1]


def depths(diagram: Diagram) -> list[int]:
    """Wires on the longest way to each box."""
    return _longest_ways(diagram)[0]


def _longest_ways(diagram: Diagram) -> tuple[list[int], list[int]]:
    """The length of the longest way to each box, and the wire it comes in by; -1 for none."""
    waiting = [0] * len(diagram.boxes)
    leaving: list[list[int]] = [[] for _ in diagram.boxes]
    for w, wire in enumerate(diagram.wires):
        waiting[wire.target] += 1
        leaving[wire.source].append(w)
    depth = [0] * len(diagram.boxes)
    came = [-1] * len(diagram.boxes)
    ready = [i for i, n in enumerate(waiting) if n == 0]
    for i in ready:
        for w in leaving[i]:
            target = diagram.wires[w].target
            if depth[i] + 1 > depth[target]:
                depth[target], came[target] = depth[i] + 1, w
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    return depth, came


def measure(diagram: Diagram, placement: Placement) -> dict[str, float]:
    """The budgets: what there should be little of. ``straight`` is the share of level main-path wires."""
    main = main_path(diagram)
    lengths = [
        [abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in itertools.pairwise(route)]
        for route in placement.routes
    ]
    return {
        "crossings": count_crossings(placement),
        "bends": sum(len(route) - 2 for route in placement.routes),
        "length": sum(map(sum, lengths)),
        "area": placement.width * placement.height,
        "short": sum(length < 24.0 - EPS for route in lengths for length in route),
        "straight": sum(len(placement.routes[w]) == 2 for w in main) / max(1, len(main)),
    }
