"""What stands over one another in a column: boxes with their labels, place-holders, and elbows.

A wire that uses the top or bottom of a circle turns at an *elbow* right over or under it. The elbow is an
item of the column of its own, next to its circle, so nothing comes between, and its wire runs level from
there on: coordinate assignment can line the elbow up with the wire's other end.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from .graph import Layered
from .metrics import SPACE, STUB, TURN, Metrics
from .ports import Side, exits

INFINITY = float("inf")


@dataclass(slots=True)
class Items:
    """Items by column, top to bottom: the graph's vertices (same numbers), then the elbows.

    ``up`` and ``down`` are an item's extents from its own y. ``elbow_of`` names an elbow's box, ``stub`` its
    least distance from that box's centre. ``paths[w]`` lists the items of wire ``w``, ``tail[w]`` and
    ``head[w]`` are the heights of its ports on the first and last of them; ``label_at[w]`` is the item
    beside which it bears its labels. ``upper`` holds the lanes that run along the upper rim. ``hang`` tells
    for each pendant its user and how far from the user's centre it hangs across and down: it is in no column,
    the user's extents include it.
    """

    columns: list[list[int]]
    column: list[int]
    up: list[float]
    down: list[float]
    elbow_of: dict[int, int]
    stub: dict[int, float]
    paths: list[list[int]]
    tail: list[float]
    head: list[float]
    label_at: list[int]
    upper: set[int]
    hang: dict[int, tuple[int, float, float]]

    def apart(self, a: int, b: int) -> float:
        """Least distance between the y of an item and of the one under it."""
        least = self.down[a] + SPACE + self.up[b]
        if self.elbow_of.get(a, a) == self.elbow_of.get(b, b):
            least = max(least, self.stub.get(a, 0.0), self.stub.get(b, 0.0))
        return least

    def height(self, column: list[int]) -> float:
        """Of a column whose items stand as near to one another as they may."""
        if not column:
            return 0.0
        inner = sum(self.apart(a, b) for a, b in itertools.pairwise(column))
        return self.up[column[0]] + inner + self.down[column[-1]]


def make_items(graph: Layered, pos: list[int], m: Metrics) -> Items:
    """Choose the sides of all outputs, add the elbows, and measure every item."""
    boxes, wires = graph.diagram.boxes, graph.diagram.wires
    count = len(graph.layer)
    items = Items(
        columns=[],
        column=list(graph.layer),
        up=[m.gap] * count,
        down=[m.gap] * count,
        elbow_of={},
        stub={},
        paths=[list(chain) for chain in graph.chains],
        tail=[0.0] * len(wires),
        head=[0.0] * len(wires),
        label_at=[graph.label_vertex.get(w, wire.source) for w, wire in enumerate(wires)],
        hang={},
        upper={w for w in graph.lanes if _runs_above(graph, pos, w)},
    )
    for w, vertex in graph.label_vertex.items():
        items.up[vertex], items.down[vertex] = m.label_up(wires[w]), m.label_down(wires[w])
    elbows: dict[int, tuple[int, int]] = {}
    for i, box in enumerate(boxes):
        leaving = graph.leaving[i]
        rank = {w: _rank(graph, items, pos, w) for w in leaving}
        side = exits(box, graph.entry[i], leaving, wires, rank.__getitem__, graph.height, m)
        items.up[i], items.down[i] = m.box_up(box), m.box_down(box)
        for w, offset in side.flank:
            items.tail[w] = offset
            if w not in graph.label_vertex:
                items.up[i] = max(items.up[i], m.label_up(wires[w]) - offset)
                items.down[i] = max(items.down[i], m.label_down(wires[w]) + offset)
        for w, offset in graph.entry[i].flank:
            items.head[w] = offset
        elbows[i] = _elbows(graph, items, i, side, m)
    for i, w in graph.pendants.items():
        _hang(graph, items, i, w, m)
    for row in graph.layers:
        column: list[int] = []
        for vertex in row:
            top, bottom = elbows.get(vertex, (-1, -1))
            column.extend(item for item in (top, vertex, bottom) if item >= 0)
        items.columns.append(column)
    return items


def _elbows(graph: Layered, items: Items, box: int, exit_side: Side, m: Metrics) -> tuple[int, int]:
    """Make the elbows over and under a box; -1 where there is none."""
    entry, wires = graph.entry[box], graph.diagram.wires
    made: list[int] = []
    for inward, outward in ((entry.top, exit_side.top), (entry.bottom, exit_side.bottom)):
        if (inward < 0 and outward < 0) or (inward >= 0 and wires[inward].source in graph.pendants):
            made.append(-1)
            continue
        elbow = len(items.up)
        made.append(elbow)
        items.column.append(items.column[box])
        items.elbow_of[elbow] = box
        items.stub[elbow] = graph.diagram.boxes[box].height / 2 + STUB
        if inward >= 0:
            items.paths[inward][-1] = elbow
        else:
            items.paths[outward][0] = items.label_at[outward] = elbow
        wire = wires[outward]
        items.up.append(m.label_up(wire) if inward < 0 else m.gap)
        items.down.append(m.label_down(wire) if inward < 0 else m.gap)
    return made[0], made[1]


def _hang(graph: Layered, items: Items, leaf: int, w: int, m: Metrics) -> None:
    """Hang a leaf over or under the left of its user: its wire turns once, at the user's centre line."""
    user = graph.diagram.wires[w].target
    half, stub = graph.diagram.boxes[user].height / 2, graph.diagram.boxes[user].height / 2 + STUB
    across = -m.half_width(graph.diagram.boxes[leaf]) - TURN
    if graph.entry[user].top == w:
        away = max(stub, half + SPACE + items.down[leaf])
        items.up[user] = max(items.up[user], away + items.up[leaf])
        items.hang[leaf] = user, across, -away
    else:
        away = max(stub, half + SPACE + items.up[leaf])
        items.down[user] = max(items.down[user], away + items.down[leaf])
        items.hang[leaf] = user, across, away
    items.paths[w] = [leaf]


def _runs_above(graph: Layered, pos: list[int], w: int) -> bool:
    """Whether a lane runs along the upper rim: as its target asks, else where its ends are nearer to."""
    wire = graph.diagram.wires[w]
    entry = graph.entry[wire.target]
    if w in (entry.top, entry.bottom):
        return w == entry.top
    ends = [(pos[v] + 0.5) / len(graph.layers[graph.layer[v]]) for v in (wire.source, wire.target)]
    return sum(ends) <= 1.0


def _rank(graph: Layered, items: Items, pos: list[int], w: int) -> float:
    """Where a wire goes on the way out of its source, to sort it among its siblings."""
    chain = graph.chains[w]
    if w in graph.lanes and len(chain) == 2:
        return -INFINITY if w in items.upper else INFINITY
    height = next((f for u, f, _ in graph.ins[chain[1]] if u == chain[0]), 0.0) if len(chain) == 2 else 0.0
    return pos[chain[1]] + height
