"""What a fused kernel does, before it is written: which item belongs to which sweep, and what is kept.

A row is gone through in sweeps: the first can fold columns, the second use what the first has folded, and so
on. What one sweep computes and a later one needs is kept in a buffer of a row's length, or computed again
where that costs less.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .cut import keep_or_repeat
from .groups import Group
from .items import Fold, Item

__all__ = ["Sweeps", "folds_row", "in_last_sweep", "plan_sweeps"]

KEEPING = 6
"""Instructions that keeping a value for a later sweep counts as: memory near the processor is small."""

LOADING = 2
"""Instructions that reading a value counts as."""


@dataclass
class Sweeps:
    """Which item belongs to which sweep.

    Attributes:
        wide: the items computed in each sweep, for each column.
        narrow: the items computed before each sweep, once a row; those behind the last sweep come last.
        kept: the items whose values a later sweep reads again.
    """

    wide: list[list[Item]] = field(default_factory=list[list[Item]])
    narrow: list[list[Item]] = field(default_factory=list[list[Item]])
    kept: set[Item] = field(default_factory=set[Item])


@dataclass
class _Levels:
    """For each item its sources in the group, whether it is computed once a row, and the first sweep in which
    it can be computed; and the last sweep of all.
    """

    sources: dict[Item, list[Item]]
    narrow: dict[Item, bool]
    level: dict[Item, int]
    last: int


def _levels(group: Group) -> _Levels:
    columns = group.columns or frozenset()
    found = _Levels({}, {}, {}, -1)
    for item, axes in group.items.items():
        sources = [
            group.made[x.root] for x in item.reads if x.root in group.made and group.register(x) is not None
        ]
        named = {axis for axis in axes if axis is not None}
        narrow = bool(columns) and not named & columns
        level = max(
            (found.level[s] + (folds_row(group, s) and not found.narrow[s]) for s in sources), default=0
        )
        found.sources[item], found.narrow[item], found.level[item] = sources, narrow, level
        if not narrow:
            found.last = max(found.last, level)
    return found


def in_last_sweep(group: Group, item: Item) -> bool:
    """Whether nothing of a row is read any more once an item has been computed there."""
    found = _levels(group)
    return not found.narrow[item] and found.level[item] == found.last


def plan_sweeps(group: Group, stored: set[Item], cost: dict[Item, int], keep_all: bool) -> Sweeps:
    """The sweeps of a group.

    Args:
        group: the items.
        stored: those whose values are needed in memory.
        cost: instructions that each takes.
        keep_all: whether keeping costs nothing, as in registers.
    """
    found = _levels(group)
    level, narrow, sources, last = found.level, found.narrow, found.sources, found.last
    plan = Sweeps([[] for _ in range(last + 1)], [[] for _ in range(last + 2)])
    for item in group.items:
        if narrow[item]:
            plan.narrow[level[item]].append(item)
    order = {item: at for at, item in enumerate(group.items)}

    def near(item: Item) -> list[Item]:
        """The wide sources of an item that are there in a register, if at all."""
        return [s for s in sources[item] if not (narrow[s] or folds_row(group, s) or s in group.outer)]

    def keeping(item: Item) -> int:
        return LOADING if item in plan.kept else KEEPING

    def repeating(item: Item) -> int:
        made = {s.out for s in sources[item]}
        return cost[item] + LOADING * sum(any(x.view.strides) and x.root not in made for x in item.reads)

    for sweep in range(last, -1, -1):
        todo = [
            i
            for i in group.items
            if not narrow[i]
            and level[i] == sweep
            and (i in stored or i in plan.kept or folds_row(group, i) or i in group.outer)
        ]
        now, before = set(todo), set[Item]()
        while todo:
            for source in near(todo.pop()):
                if level[source] < sweep:
                    before.add(source)
                elif source not in now:
                    now.add(source)
                    todo.append(source)
        if not keep_all:
            before, again = keep_or_repeat(before, near, keeping, repeating)
            now |= again
        plan.kept |= before
        plan.wide[sweep] = sorted(now, key=order.__getitem__)
    return plan


def folds_row(group: Group, item: Item) -> bool:
    """Whether an item folds columns, so that its result is there when a sweep has ended."""
    axes = group.items[item]
    return (
        isinstance(item, Fold) and item not in group.outer and any(axes[at] is not None for at in item.axes)
    )
