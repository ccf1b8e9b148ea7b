"""Moving blocks of aligned items up and down until their wires are short and bend little.

A block is first put as near to the top as it goes. Then, a few times over, each is moved to the height
that costs least: within the room that its neighbours leave, or pushing them along where that pays (a
descent in the spirit of the priority method of Sugiyama, Tagawa and Toda 1981, with bends in the cost).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

PASSES = 16
BEND = 40.0
"""What a pair of bends costs, in px of wire."""
JOG = 150.0
"""What a step too small for two round corners costs on top."""
BEND_AND_JOG = BEND + JOG
EVEN = 1e-6
PUSHY = 24
"""A block with more wires than this pushes none and is put at their median."""
TRIES = 6
"""A block tries to push its way to at most so many heights at a time."""
CROWD = 40
"""It pushes at most so many others."""
WORK = 60
"""All pushing together looks at no more than so many neighbours per block."""
INFINITY = float("inf")


@dataclass(slots=True)
class Block:
    """Aligned items, which move as one, at height ``y``.

    ``over`` and ``under`` map its neighbours to the least distance from them; ``pulls`` lists (block,
    difference) for each wire: it is straight when the heights differ by so much. ``ties`` lists the same for
    each box and its elbow: their upright way is as short as it may be when the heights differ by so much.
    """

    y: float = 0.0
    over: dict[int, float] = field(default_factory=dict[int, float])
    under: dict[int, float] = field(default_factory=dict[int, float])
    pulls: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    ties: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])


def stack(blocks: list[Block]) -> list[int]:
    """Put every block as high as those over it allow; return the blocks from the top down."""
    waiting = [len(block.over) for block in blocks]
    ready = deque(i for i, n in enumerate(waiting) if n == 0)
    order: list[int] = []
    while ready:
        i = ready.popleft()
        order.append(i)
        for j, least in blocks[i].under.items():
            blocks[j].y = max(blocks[j].y, blocks[i].y + least)
            waiting[j] -= 1
            if waiting[j] == 0:
                ready.append(j)
    return order


def settle(blocks: list[Block], order: list[int], near: float) -> None:
    """Better the heights of stacked blocks, given from the top down; a step under ``near`` is a jog."""
    settling = _Settling(blocks, near, WORK * (len(blocks) + 100))
    for turn in range(PASSES):
        unsettled, settling.unsettled = settling.unsettled, set[int]()
        for i in reversed(order) if turn % 2 == 0 else order:
            if turn < 2 or i in unsettled:
                settling.relax(i)
        if not settling.unsettled:
            break


@dataclass(slots=True)
class _Settling:
    """The blocks while they are moved, and how much pushing is still allowed."""

    blocks: list[Block]
    near: float
    work: int
    unsettled: set[int] = field(default_factory=set[int])
    """The blocks beside which something has moved: after two passes over all, only they are looked at."""

    def move(self, index: int, y: float) -> None:
        """Put a block at a height, and have another look at those that it pulls or touches."""
        block = self.blocks[index]
        block.y = y
        self.unsettled.add(index)
        self.unsettled.update(i for i, _ in block.pulls)
        self.unsettled.update(i for i, _ in block.ties)
        self.unsettled.update(block.over, block.under)

    def relax(self, index: int) -> None:
        """Move a block to where its wires are best."""
        block = self.blocks[index]
        wanted = sorted(self.blocks[i].y + difference for i, difference in block.pulls)
        tied = [self.blocks[i].y + difference for i, difference in block.ties]
        now = self.cost(block.y, wanted, tied)
        if now < EVEN:
            return
        low = max((self.blocks[i].y + least for i, least in block.over.items()), default=-INFINITY)
        high = min((self.blocks[i].y - least for i, least in block.under.items()), default=INFINITY)
        candidates = self.candidates(wanted) + tied[:PUSHY]
        best, least_cost = block.y, now
        for candidate in candidates:
            y = min(max(candidate, low), high)
            cost = self.cost(y, wanted, tied)
            if cost < least_cost - EVEN:
                best, least_cost = y, cost
        if abs(best - block.y) > EVEN:
            self.move(index, best)
        if len(wanted) > PUSHY or self.work <= 0:
            return
        for candidate in sorted(candidates, key=lambda y: abs(y - best))[:TRIES]:
            outside = not low - EVEN <= candidate <= high + EVEN
            gain = least_cost - self.cost(candidate, wanted, tied)
            if outside and gain > EVEN and self.push(index, candidate):
                return

    def candidates(self, wanted: list[float]) -> list[float]:
        """Heights worth trying: level with a wire's other end, or far enough from it to turn twice."""
        if len(wanted) > PUSHY:
            return [wanted[len(wanted) // 2], wanted[(len(wanted) - 1) // 2]]
        return wanted + [y + side for y in wanted for side in (-self.near, self.near)]

    def push(self, index: int, y: float) -> bool:
        """Move a block and whatever stands in its way, if that betters all their wires together."""
        moves = self.moved_along(index, y)
        before = after = 0.0
        for i, new in moves.items():
            block = self.blocks[i]
            if len(block.pulls) > PUSHY:
                return False
            for j, difference in block.pulls:
                other = self.blocks[j].y
                share = 0.5 if j in moves else 1.0
                before += share * self.one(block.y - other - difference)
                after += share * self.one(new - moves.get(j, other) - difference)
            for j, difference in block.ties:
                other = self.blocks[j].y
                share = 0.5 if j in moves else 1.0
                before += share * abs(block.y - other - difference)
                after += share * abs(new - moves.get(j, other) - difference)
        if after >= before - EVEN:
            return False
        for i, new in moves.items():
            self.move(i, new)
        return True

    def moved_along(self, index: int, y: float) -> dict[int, float]:
        """New heights of a block and of all that it pushes; empty if that is too many."""
        down = y > self.blocks[index].y
        moves = {index: y}
        queue = [index]
        for i in queue:
            block = self.blocks[i]
            self.work -= 1 + (len(block.under) if down else len(block.over))
            if len(queue) > 2 * CROWD or len(moves) > CROWD or self.work < 0:
                return {}
            for j, least in (block.under if down else block.over).items():
                at = moves[i] + least if down else moves[i] - least
                held = moves.get(j, self.blocks[j].y)
                if (at > held + EVEN) if down else (at < held - EVEN):
                    moves[j] = at
                    queue.append(j)
        return moves

    def one(self, distance: float) -> float:
        """Length and bends of one wire that has to get so far up or down."""
        distance = abs(distance)
        if distance < EVEN:
            return 0.0
        return distance + (BEND_AND_JOG if distance < self.near - EVEN else BEND)

    def cost(self, y: float, wanted: list[float], tied: list[float]) -> float:
        """Length and bends of all wires of a block at height ``y``: :meth:`one` summed, written out."""
        total, near = 0.0, self.near - EVEN
        for target in wanted:
            distance = y - target if y > target else target - y
            if distance >= EVEN:
                total += distance + (BEND_AND_JOG if distance < near else BEND)
        for target in tied:
            total += y - target if y > target else target - y
        return total
