"""From columns, heights and tracks to points: the widths of columns and channels, routes and stretches."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagram import Box, Point
from .channels import Piece, assign_tracks
from .graph import Layered
from .items import Items
from .metrics import CLEARANCE, LEAD, Metrics
from .ports import outline_x

BEFORE_TRACKS = 18.0
"""Room between a column and the first track after it."""
AFTER_TRACKS = 32.0
"""Room between the last track and the next column: a round corner and an arrow head."""
CENTRING = 200_000
"""Labels times uprights in a channel beyond which labels stay where their column reserves them."""

Upright = tuple[float, float, float]


@dataclass(slots=True)
class Frame:
    """Across the page: column centres, the channels' left and right edges, and each wire's uprights.

    ``turns[w][c]`` lists the (x, y after it) of the uprights of wire ``w`` in channel ``c``.
    """

    centre: list[float]
    edge: list[tuple[float, float]]
    turns: list[dict[int, list[Point]]]
    uprights: list[list[Upright]]


def label_start(box: Box, w_above: float, w_below: float, offset: float, m: Metrics) -> float:
    """Where a label may start, from the box's centre: clear of the arrow heads and of the captions."""
    start = outline_x(box, 0.0, offset, 1) + LEAD
    caption = m.caption_edge(box) - 6.0
    hits_above = box.above > 0 and w_above > 0 and m.label_edge + w_above - offset > caption
    hits_below = box.below > 0 and w_below > 0 and m.label_edge + w_below + offset > caption
    if hits_above or hits_below:
        start = max(start, box.caption_width / 2 + CLEARANCE)
    return start


def frame(graph: Layered, items: Items, heights: list[float], lanes: dict[int, float], m: Metrics) -> Frame:
    """Find the tracks of all channels, then set columns and channels side by side."""
    ways = _ways(items, heights, lanes)
    pieces = [
        assign_tracks(way, m.near, lambda c=c: _passing(items, lanes, c)) if way else []
        for c, way in enumerate(ways)
    ]
    left, right = _extents(graph, items, m)
    centre: list[float] = []
    edge: list[tuple[float, float]] = []
    turns: list[dict[int, list[Point]]] = [{} for _ in items.paths]
    uprights: list[list[Upright]] = []
    x = 0.0
    for c in range(len(items.columns)):
        centre.append(x + left[c])
        x += left[c] + right[c]
        if c == len(ways):
            break
        width = _channel_width(pieces[c], m)
        edge.append((x, x + width))
        uprights.append([])
        for piece in pieces[c]:
            at = x + BEFORE_TRACKS + piece.track * m.pitch
            turns[piece.wire].setdefault(c, []).append((at, piece.r))
            uprights[c].append((at, min(piece.l, piece.r), max(piece.l, piece.r)))
        x += width
    return Frame(centre, edge, turns, uprights)


def _ways(
    items: Items, heights: list[float], lanes: dict[int, float]
) -> list[list[tuple[int, float, float]]]:
    """For each channel, the (wire, height on the left, height on the right) that pass it."""
    ways: list[list[tuple[int, float, float]]] = [[] for _ in items.columns[1:]]
    for w, path in enumerate(items.paths):
        for i in range(len(path) - 1):
            a, b = path[i], path[i + 1]
            y0 = heights[a] + (items.tail[w] if i == 0 else 0.0)
            y1 = heights[b] + (items.head[w] if i == len(path) - 2 else 0.0)
            if i == len(path) - 2 and w in lanes:
                ways[items.column[a]].append((w, y0, lanes[w]))
                ways[items.column[b] - 1].append((w, lanes[w], y1))
            else:
                ways[items.column[a]].append((w, y0, y1))
    return ways


def _passing(items: Items, lanes: dict[int, float], channel: int) -> list[float]:
    """Heights of the lanes that pass a channel."""
    return [
        y
        for w, y in lanes.items()
        if items.column[items.paths[w][-2]] <= channel < items.column[items.paths[w][-1]]
    ]


def _channel_width(pieces: list[Piece], m: Metrics) -> float:
    if not pieces:
        return LEAD
    return BEFORE_TRACKS + max(piece.track for piece in pieces) * m.pitch + AFTER_TRACKS


def _extents(graph: Layered, items: Items, m: Metrics) -> tuple[list[float], list[float]]:
    """Each column's reach to the left and right of its centre line."""
    boxes, wires = graph.diagram.boxes, graph.diagram.wires
    left = [0.0] * len(items.columns)
    right = [0.0] * len(items.columns)
    for i, box in enumerate(boxes):
        c = items.column[i]
        if i in items.hang:
            left[c] = max(left[c], m.half_width(box) - items.hang[i][1])
            continue
        left[c] = max(left[c], m.half_width(box))
        right[c] = max(right[c], m.half_width(box))
    for box in items.elbow_of.values():
        c = items.column[box]
        left[c] = max(left[c], CLEARANCE)
    for w, wire in enumerate(wires):
        item = items.label_at[w]
        c = items.column[item]
        if item in items.hang:
            continue
        if w in graph.label_vertex:
            left[c], right[c] = max(left[c], wire.width / 2), max(right[c], wire.width / 2)
        else:
            right[c] = max(right[c], _start(graph, items, w, m) + wire.width)
    return left, right


def _start(graph: Layered, items: Items, w: int, m: Metrics) -> float:
    """Where the labels of a wire may start, to the right of its column's centre."""
    wire = graph.diagram.wires[w]
    if items.label_at[w] != wire.source:
        return LEAD
    box = graph.diagram.boxes[wire.source]
    return label_start(box, wire.above, wire.below, items.tail[w], m)


def routes(graph: Layered, items: Items, heights: list[float], f: Frame) -> list[list[Point]]:
    """The centre line of every wire."""
    boxes = graph.diagram.boxes
    found: list[list[Point]] = []
    for w, wire in enumerate(graph.diagram.wires):
        path = items.paths[w]
        y = heights[path[0]] + items.tail[w]
        points = _end(boxes[wire.source], wire.source, path[0], y, items, heights, f, 1)
        for c in sorted(f.turns[w]):
            for x, after in f.turns[w][c]:
                points += [(x, y), (x, after)]
                y = after
        y = heights[path[-1]] + items.head[w]
        end = _end(boxes[wire.target], wire.target, path[-1], y, items, heights, f, -1)
        found.append(points + end[::-1])
    return found


def _end(
    box: Box, index: int, item: int, y: float, items: Items, heights: list[float], f: Frame, direction: int
) -> list[Point]:
    """A wire's first points, seen from a box: on its outline, and at its elbow if it has one there."""
    x = centre_x(items, f, index)
    if item == index:
        return [(outline_x(box, x, y - heights[index], direction), y)]
    up = y < heights[index]
    return [(x, heights[index] + (-box.height if up else box.height) / 2), (x, y)]


def centre_x(items: Items, f: Frame, box: int) -> float:
    """The x of a box's centre."""
    across = items.hang[box][1] if box in items.hang else 0.0
    return f.centre[items.column[box]] + across


def stretches(
    graph: Layered, items: Items, heights: list[float], paths: list[list[Point]], f: Frame, m: Metrics
) -> list[tuple[float, float, float]]:
    """The level stretch of each wire that bears its labels.

    Labels are centred on the level part they stand on, as far as the uprights of the channel after their
    column leave them room.
    """
    wires = graph.diagram.wires
    crowded = [0] * len(items.columns)
    for w in range(len(wires)):
        crowded[items.column[items.label_at[w]]] += 1
    found: list[tuple[float, float, float]] = []
    for w, wire in enumerate(wires):
        item = items.label_at[w]
        c = items.column[item]
        if w in graph.label_vertex:
            x = f.centre[c]
            found.append((x - wire.width / 2, x + wire.width / 2, heights[item]))
            continue
        y = heights[item] + items.tail[w]
        first, second = [p for p in paths[w] if abs(p[1] - y) < 1e-6][:2]
        if item in items.hang:
            found.append(((first[0] + second[0]) / 2, (first[0] + second[0]) / 2, y))
            continue
        low = f.centre[c] + _start(graph, items, w, m)
        high = low + wire.width
        if crowded[c] * len(f.uprights[c]) < CENTRING:
            band = (y - m.label_up(wire) - CLEARANCE, y + m.label_down(wire) + CLEARANCE)
            limit = min(f.edge[c][1] - LEAD, second[0] - BEFORE_TRACKS)
            for x, y0, y1 in f.uprights[c]:
                if y0 < band[1] and y1 > band[0]:
                    limit = min(limit, x - BEFORE_TRACKS)
            high = max(high, limit)
        centre = (first[0] + second[0]) / 2
        centre = min(max(centre, low + wire.width / 2), high - wire.width / 2)
        found.append((centre - wire.width / 2, centre + wire.width / 2, y))
    return found
