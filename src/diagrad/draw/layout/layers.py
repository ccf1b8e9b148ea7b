"""Layer assignment: which column each box stands in.

Longest-path layering first (every box as far left as its inputs allow); then boxes that nothing on the
left holds — parameters, constants and what is computed from them alone — move right, next to their
first user. That is the optimum of the edge-length objective of Gansner, Koutsofios, North and Vo, "A
technique for drawing directed graphs" (1993), section 2, for the graphs at hand, in linear time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..diagram import Diagram, Wire


def components(diagram: Diagram) -> list[tuple[list[int], list[int]]]:
    """Connected parts of a diagram as (box indices, wire indices), by their first box."""
    parent = list(range(len(diagram.boxes)))

    def root(box: int) -> int:
        while parent[box] != box:
            parent[box] = parent[parent[box]]
            box = parent[box]
        return box

    for wire in diagram.wires:
        a, b = root(wire.source), root(wire.target)
        parent[max(a, b)] = min(a, b)
    parts: dict[int, tuple[list[int], list[int]]] = {}
    for box in range(len(diagram.boxes)):
        parts.setdefault(root(box), ([], []))[0].append(box)
    for index, wire in enumerate(diagram.wires):
        parts[root(wire.source)][1].append(index)
    return list(parts.values())


def neighbours(count: int, wires: Sequence[Wire]) -> tuple[list[list[int]], list[list[int]]]:
    """For each box the wires that enter it and those that leave it, by port."""
    entering: list[list[int]] = [[] for _ in range(count)]
    leaving: list[list[int]] = [[] for _ in range(count)]
    for index, wire in enumerate(wires):
        entering[wire.target].append(index)
        leaving[wire.source].append(index)
    for ends in entering:
        ends.sort(key=lambda w: wires[w].target_port)
    for ends in leaving:
        ends.sort(key=lambda w: wires[w].source_port)
    return entering, leaving


def topological(wires: Sequence[Wire], entering: list[list[int]], leaving: list[list[int]]) -> list[int]:
    """Boxes, each after all that it takes its inputs from (Kahn 1962)."""
    waiting = [len(ends) for ends in entering]
    ready = deque(box for box, n in enumerate(waiting) if n == 0)
    order: list[int] = []
    while ready:
        box = ready.popleft()
        order.append(box)
        for w in leaving[box]:
            target = wires[w].target
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    if len(order) < len(entering):
        stuck = next(box for box, n in enumerate(waiting) if n > 0)
        raise ValueError(f"a diagram's wires make no cycle, but box {stuck} lies on one or behind one")
    return order


def depths(order: list[int], wires: Sequence[Wire], leaving: list[list[int]]) -> tuple[list[int], list[int]]:
    """Longest way, in wires, from any source to each box and from each box to any sink."""
    depth = [0] * len(order)
    for box in order:
        for w in leaving[box]:
            target = wires[w].target
            depth[target] = max(depth[target], depth[box] + 1)
    height = [0] * len(order)
    for box in reversed(order):
        for w in leaving[box]:
            height[box] = max(height[box], height[wires[w].target] + 1)
    return depth, height


def assign_layers(
    diagram: Diagram,
    order: list[int],
    entering: list[list[int]],
    leaving: list[list[int]],
    least: Sequence[int],
) -> list[int]:
    """A layer for each box, such that wire ``w`` spans at least ``least[w]`` layers."""
    wires = diagram.wires
    layer = [0] * len(order)
    for box in order:
        for w in leaving[box]:
            target = wires[w].target
            layer[target] = max(layer[target], layer[box] + least[w])
    free = _free(diagram, order, entering, leaving)
    for box in reversed(order):
        if free[box] and leaving[box]:
            layer[box] = min(layer[wires[w].target] - least[w] for w in leaving[box])
    first = min(layer, default=0)
    return [x - first for x in layer]


def _free(
    diagram: Diagram, order: list[int], entering: list[list[int]], leaving: list[list[int]]
) -> list[bool]:
    """Whether moving a box to the right shortens wires (or moves its inputs along with it).

    An input follows when it is free itself and has no other user; every other input holds the box.
    """
    free = [False] * len(order)
    for box in order:
        holding = 0
        for w in entering[box]:
            source = diagram.wires[w].source
            holding += not (free[source] and len(leaving[source]) == 1)
        free[box] = holding == 0 or (diagram.boxes[box].shape != "dot" and holding < len(leaving[box]))
    return free
