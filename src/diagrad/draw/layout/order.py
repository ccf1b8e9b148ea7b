"""Crossing minimisation: the order of the vertices within each layer.

The first order comes from walking the graph backwards from its sinks, arguments in order, which is free
of crossings for an expression tree. Then barycentre sweeps (Sugiyama, Tagawa, Toda 1981) in both
directions, ports taken into account, the best order kept; then neighbours are exchanged where that saves
crossings (Gansner et al. 1993, section 3). Every tie keeps the earlier order, so small edits to a diagram
keep its picture.
"""

from __future__ import annotations

from bisect import bisect_right, insort

from .graph import Layered
from .leaves import attach_leaves

SWEEPS = 6
SMALL = 64
"""Layers with more vertices than this are not improved by exchanging neighbours."""

CROWD = 64
"""Of the wires at one box, no more than this are looked at for siblings and exchanges."""

Steps = list[tuple[int, float, float]]


def order_layers(graph: Layered) -> list[int]:
    """Sort every layer of the graph in place; return each vertex's position in its layer."""
    pos = _walk(graph)
    _settle(graph, pos)
    best = [list(row) for row in graph.layers]
    fewest = crossings(graph, pos)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        _sweep(graph, pos, backwards=sweep % 2 == 0)
        count = crossings(graph, pos)
        if count < fewest:
            fewest, best = count, [list(row) for row in graph.layers]
    for row, kept in zip(graph.layers, best, strict=True):
        row[:] = kept
        _number(row, pos)
    if fewest:
        _exchange(graph, pos)
        attach_leaves(graph, pos)
    return pos


def crossings(graph: Layered, pos: list[int]) -> int:
    """Pairs of steps that cross, over all layers."""
    return sum(_crossings_after(row, graph.outs, pos) for row in graph.layers[:-1])


def _crossings_after(row: list[int], outs: list[Steps], pos: list[int]) -> int:
    """Crossings between a layer and the next: inversions among the steps' right ends."""
    ends = [(pos[a] + here, pos[b] + there) for a in row for b, here, there in outs[a]]
    if len(ends) < 2:
        return 0
    ends.sort()
    seen: list[float] = []
    count = 0
    for _, end in ends:
        count += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return count


def _number(row: list[int], pos: list[int]) -> None:
    for i, vertex in enumerate(row):
        pos[vertex] = i


def _walk(graph: Layered) -> list[int]:
    """Order each layer by the first visit of a depth-first walk from the sinks, arguments in order."""
    for steps in graph.ins:
        steps.sort(key=lambda step: step[1])
    seen = [False] * len(graph.layer)
    rows: list[list[int]] = [[] for _ in graph.layers]
    sinks = [v for v in range(len(graph.layer)) if not graph.outs[v] and v not in graph.pendants]
    for sink in sinks:
        stack = [sink]
        while stack:
            vertex = stack.pop()
            if seen[vertex]:
                continue
            seen[vertex] = True
            rows[graph.layer[vertex]].append(vertex)
            stack.extend(a for a, _, _ in reversed(graph.ins[vertex]))
    pos = [0] * len(graph.layer)
    for row, found in zip(graph.layers, rows, strict=True):
        row[:] = found
        _number(row, pos)
    return pos


def _settle(graph: Layered, pos: list[int]) -> None:
    """One sweep from right to left, so that every vertex stands level with what uses it."""
    _sweep(graph, pos, backwards=True)


def _sweep(graph: Layered, pos: list[int], *, backwards: bool) -> None:
    """Sort each layer by the mean position of its neighbours in the layer before (or, backwards, after)."""
    steps = graph.outs if backwards else graph.ins
    for row in reversed(graph.layers) if backwards else graph.layers:
        if len(row) < 2:
            continue
        keys = {v: sum(pos[u] + f for u, _, f in steps[v]) / len(steps[v]) for v in row if steps[v]}
        if len(keys) < len(row):
            _borrow(row, keys, graph, pos, backwards=backwards)
        row.sort(key=keys.__getitem__)
        _number(row, pos)


def _borrow(
    row: list[int], keys: dict[int, float], graph: Layered, pos: list[int], *, backwards: bool
) -> None:
    """Keys for vertices without neighbours on that side: beside a sibling, else beside the one before."""
    far, back = (graph.ins, graph.outs) if backwards else (graph.outs, graph.ins)
    found = dict(keys)
    before = float("-inf")
    for v in row:
        if v in found:
            before = found[v]
            continue
        keys[v] = before
        siblings = [
            (abs(pos[u] - pos[v]), found[u] + (1e-3 if mine > other else -1e-3))
            for shared, _, mine in far[v][:CROWD]
            for u, other, _ in back[shared][:CROWD]
            if u in found
        ]
        if siblings:
            keys[v] = min(siblings)[1]


def _exchange(graph: Layered, pos: list[int]) -> None:
    """Exchange neighbours while that saves crossings."""
    for _ in range(8):
        changed = False
        for row in graph.layers:
            if 1 < len(row) <= SMALL:
                changed = _exchange_row(row, graph, pos) or changed
        if not changed:
            return


def _exchange_row(row: list[int], graph: Layered, pos: list[int]) -> bool:
    changed = False
    for i in range(len(row) - 1):
        a, b = row[i], row[i + 1]
        saved = 0
        for steps in (graph.ins, graph.outs):
            if 0 < len(steps[a]) * len(steps[b]) <= CROWD * CROWD:
                ends_a = [pos[u] + f for u, _, f in steps[a]]
                ends_b = [pos[u] + f for u, _, f in steps[b]]
                saved += sum((x > y) - (x < y) for x in ends_a for y in ends_b)
        if saved > 0:
            row[i], row[i + 1] = b, a
            pos[a], pos[b] = i + 1, i
            changed = True
    return changed
