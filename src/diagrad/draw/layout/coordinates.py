"""Heights: straight wires first, then short ones.

Neighbouring items that one wire joins are aligned into blocks, as in Brandes and Köpf, "Fast and simple
horizontal coordinate assignment" (2001), with ports as in Rüegg et al. (2016); but pairs are taken by
importance — the longest path through the wire — rather than from the left, so the main path is straight.
Aligned pairs
never cross, so "block A is over block B" has no cycle; ``settle`` then finds the heights of the blocks.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from dataclasses import dataclass

from .items import Items
from .metrics import Metrics
from .settle import INFINITY, Block, settle, stack

TALL = 2.0
SLACK = 300.0
"""How much higher than its highest column, by factor and in px, straight wires may make a diagram."""

NEARLY = 64.0
"""When it would get higher: how far a step may be from level and still be made straight."""


@dataclass(slots=True)
class Step:
    """One wire's way between neighbouring columns: items, port heights on them, importance."""

    a: int
    b: int
    tail: float
    head: float
    weight: int


def assign_heights(items: Items, lanes: set[int], importance: list[int], m: Metrics) -> list[float]:
    """The y of every item.

    Straight wires come first. Where that would pile up a diagram far higher than its highest column, only
    those stay straight that would be nearly so if every item found its place on its own.
    """
    steps = _steps(items, lanes, importance)
    limit = TALL * max(map(items.height, items.columns)) + SLACK
    heights = _solve(items, steps, _align(items, steps), limit, m)
    if _extent(items, heights) <= limit:
        return heights
    alone = _solve(items, steps, {}, INFINITY, m)
    main = max(importance)

    def straight(step: Step) -> bool:
        away = alone[step.a] + step.tail - alone[step.b] - step.head
        return step.weight == main or abs(away) < NEARLY

    near = [[step for step in row if straight(step)] for row in steps]
    compact = _solve(items, steps, _align(items, near), limit, m)
    return compact if _extent(items, compact) <= limit else alone


def _extent(items: Items, heights: list[float]) -> float:
    """From the top of the highest item to the bottom of the lowest."""
    top = min(y - up for y, up in zip(heights, items.up, strict=True))
    return max(y + down for y, down in zip(heights, items.down, strict=True)) - top


def _solve(
    items: Items, steps: list[list[Step]], following: dict[int, Step], limit: float, m: Metrics
) -> list[float]:
    """Heights of all items, given the steps that run straight; not bettered if higher than ``limit``."""
    member, rel, count = _blocks(items, following)
    blocks = [Block() for _ in range(count)]
    for column in items.columns:
        for a, b in itertools.pairwise(column):
            over, under = member[a], member[b]
            least = items.apart(a, b) + rel[a] - rel[b]
            least = max(least, blocks[under].over.get(over, least))
            blocks[under].over[over] = blocks[over].under[under] = least
    for row in steps:
        for step in row:
            a, b = member[step.a], member[step.b]
            if a != b:
                wanted = rel[step.a] + step.tail - rel[step.b] - step.head
                blocks[a].pulls.append((b, -wanted))
                blocks[b].pulls.append((a, wanted))
    for elbow, box in items.elbow_of.items():
        a, b = member[elbow], member[box]
        if a != b:
            down = blocks[a].under[b] if b in blocks[a].under else -blocks[a].over[b]
            blocks[a].ties.append((b, -down))
            blocks[b].ties.append((a, down))
    order = stack(blocks)
    stacked = [blocks[member[i]].y + rel[i] for i in range(len(items.up))]
    if _extent(items, stacked) > limit:
        return stacked
    settle(blocks, order, m.near)
    return [blocks[member[i]].y + rel[i] for i in range(len(items.up))]


def _steps(items: Items, lanes: set[int], importance: list[int]) -> list[list[Step]]:
    """All steps between neighbouring columns, by the left column."""
    rows: list[list[Step]] = [[] for _ in items.columns]
    for w, path in enumerate(items.paths):
        last = len(path) - 2
        for i in range(len(path) - 1 - (w in lanes)):
            tail = items.tail[w] if i == 0 else 0.0
            head = items.head[w] if i == last else 0.0
            rows[items.column[path[i]]].append(Step(path[i], path[i + 1], tail, head, importance[w]))
    return rows


def _align(items: Items, steps: list[list[Step]]) -> dict[int, Step]:
    """The step that runs straight to the right of each item, if any: no two of them cross.

    The most important come first; among equals, those to the middle of a box.
    """
    pos = [0] * len(items.up)
    for column in items.columns:
        for i, item in enumerate(column):
            pos[item] = i
    following: dict[int, Step] = {}
    taken: set[int] = set()
    for row in steps:
        left: list[int] = []
        right: list[int] = []
        for step in sorted(row, key=lambda s: (-s.weight, abs(s.head))):
            if step.a in following or step.b in taken:
                continue
            i = bisect_left(left, pos[step.a])
            end = pos[step.b]
            if (i > 0 and right[i - 1] >= end) or (i < len(right) and right[i] <= end):
                continue
            left.insert(i, pos[step.a])
            right.insert(i, end)
            following[step.a] = step
            taken.add(step.b)
    return following


def _blocks(items: Items, following: dict[int, Step]) -> tuple[list[int], list[float], int]:
    """Each item's block and its height relative to the block, and the number of blocks."""
    member = [-1] * len(items.up)
    rel = [0.0] * len(items.up)
    count = 0
    for column in items.columns:
        for item in column:
            if member[item] < 0:
                member[item] = count
                count += 1
            step = following.get(item)
            if step is not None:
                member[step.b] = member[item]
                rel[step.b] = rel[item] + step.tail - step.head
    for leaf, (user, _, down) in items.hang.items():
        member[leaf], rel[leaf] = member[user], rel[user] + down
    return member, rel, count
