"""Leaves stand beside what joins them: a parameter's wire crosses no other wire of the op that uses it.

A leaf with one user can stand anywhere in the column before it. So where the order of a column would have
its wire cross a sibling's, it moves next to the sibling. If the sibling's source has other users, a leaf
beside it would be in their way: then the sibling's wire is stretched over one more layer, and the leaf
stands beside the wire.
"""

from __future__ import annotations

from .graph import Layered

CROWD = 64
"""Leaves of a box with more inputs than this stay where they are."""

MAIN = 100
"""As many crossings of other siblings are better than one of the sibling on the main path."""

Rows = dict[int, list[int]]


def crossed_by_leaves(graph: Layered, pos: list[int]) -> set[int]:
    """Wires to stretch: a leaf's wire to the same box crosses them or another wire of their source."""
    wires = graph.diagram.wires
    found: set[int] = set()
    for leaf in _leaves(graph):
        user, _, port = graph.outs[leaf][0]
        end = pos[user] + port
        for sibling, _, _ in graph.ins[user]:
            ways = graph.outs[sibling]
            if 1 < len(ways) <= CROWD and any(
                (pos[leaf] - pos[sibling]) * (end - pos[v] - there) < 0 for v, _, there in ways
            ):
                found.update(w for w in graph.leaving[sibling] if wires[w].target == user)
    return found


def attach_leaves(graph: Layered, pos: list[int]) -> None:
    """Move leaves whose wire crosses a sibling's to where it does not, if there is such a place."""
    users: Rows = {}
    for leaf in _leaves(graph):
        user = graph.outs[leaf][0][0]
        deep = _depths(graph, user)
        crossed = max((deep.get(v, 0) for v in _crossed(graph, pos, leaf)), default=-1)
        if crossed == max(deep.values(), default=0) and user not in users.setdefault(graph.layer[leaf], []):
            users[graph.layer[leaf]].append(user)
    for column, found in users.items():
        before: Rows = {}
        after: Rows = {}
        moved = {leaf for user in found for leaf in _attach(graph, pos, user, before, after)}
        row = graph.layers[column]
        kept = [[*before.get(v, []), *([] if v in moved else [v]), *after.get(v, [])] for v in row]
        row[:] = [v for some in kept for v in some]
        for i, vertex in enumerate(row):
            pos[vertex] = i


def _attach(graph: Layered, pos: list[int], user: int, before: Rows, after: Rows) -> list[int]:
    """Note before or after which sibling each of a user's leaves is to stand; return the leaves."""
    steps = sorted((port, v) for v, port, _ in graph.ins[user])
    leaves = [(port, v) for port, v in steps if _is_leaf(graph, v)]
    deep = _depths(graph, user)
    main = max(deep.values(), default=0)
    others = sorted(
        (pos[v], port, MAIN if deep.get(v) == main else 1) for port, v in steps if not _is_leaf(graph, v)
    )
    row = graph.layers[graph.layer[user] - 1]
    for port, leaf in leaves:
        slot = _slot(port, [(head, weight) for _, head, weight in others])
        if slot:
            after.setdefault(row[others[slot - 1][0]], []).append(leaf)
        else:
            first = others[0][0] if others else min(pos[v] for _, v in leaves)
            before.setdefault(row[first], []).append(leaf)
    return [leaf for _, leaf in leaves]


def _slot(port: float, others: list[tuple[float, int]]) -> int:
    """After how many siblings, (port, weight) from the top down, a leaf crosses the least."""
    costs = [
        sum(weight for i, (head, weight) in enumerate(others) if (head > port) == (i < slot))
        for slot in range(len(others) + 1)
    ]
    return costs.index(min(costs))


def _depths(graph: Layered, user: int) -> dict[int, int]:
    """For each vertex before a box, the depth of the source of the wire it stands for."""
    entry = graph.entry[user]
    entering = [*(w for w, _ in entry.flank), *(w for w in (entry.top, entry.bottom) if w >= 0)]
    return {graph.chains[w][-2]: graph.depth[graph.diagram.wires[w].source] for w in entering}


def _is_leaf(graph: Layered, vertex: int) -> bool:
    """Whether a vertex is a leaf with one user, in the next layer."""
    boxes = graph.diagram.boxes
    single = len(graph.outs[vertex]) == 1 and not graph.ins[vertex]
    return single and vertex < len(boxes) and boxes[vertex].leaf and len(graph.leaving[vertex]) == 1


def _leaves(graph: Layered) -> list[int]:
    """All leaves with one user, in the next layer, that has few enough inputs."""
    count = len(graph.diagram.boxes)
    found = [v for v in range(count) if _is_leaf(graph, v)]
    return [v for v in found if len(graph.ins[graph.outs[v][0][0]]) <= CROWD]


def _crossed(graph: Layered, pos: list[int], leaf: int) -> list[int]:
    """The vertices before a leaf's user whose step to it the leaf's own crosses."""
    user, _, port = graph.outs[leaf][0]
    return [v for v, head, _ in graph.ins[user] if (pos[leaf] - pos[v]) * (port - head) < 0]
