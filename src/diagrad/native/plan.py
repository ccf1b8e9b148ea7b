"""What a fused kernel does, before it is written: which item belongs to which sweep, and what is kept.

A row is gone through in sweeps: the first can fold columns, the second use what the first has folded, and so
on. What one sweep computes and a later one needs is kept in a buffer of a row's length, or computed again
where that costs less.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .groups import Group
from .items import Fold, Item

__all__ = ["Sweeps", "folds_row", "plan_sweeps"]

CHEAP = 4
"""Instructions up to which computing a value again costs less than keeping it."""


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


def plan_sweeps(group: Group, stored: set[Item], cost: dict[Item, int], keep_all: bool) -> Sweeps:
    """The sweeps of a group.

    Args:
        group: the items.
        stored: those whose values are needed in memory.
        cost: instructions that each takes.
        keep_all: whether keeping costs nothing, as in registers.
    """
    columns = group.columns or frozenset()
    level: dict[Item, int] = {}
    narrow: dict[Item, bool] = {}
    sources: dict[Item, list[Item]] = {}
    for item, axes in group.items.items():
        sources[item] = [
            group.made[x.root] for x in item.reads if x.root in group.made and group.register(x) is not None
        ]
        named = {axis for axis in axes if axis is not None}
        narrow[item] = bool(columns) and not named & columns
        level[item] = max(
            (level[s] + (folds_row(group, s) and not narrow[s]) for s in sources[item]), default=0
        )
    last = max((level[i] for i in group.items if not narrow[i]), default=-1)
    plan = Sweeps([[] for _ in range(last + 1)], [[] for _ in range(last + 2)])
    for item in group.items:
        if narrow[item]:
            plan.narrow[level[item]].append(item)
    order = {item: at for at, item in enumerate(group.items)}
    for sweep in range(last, -1, -1):
        wanted = {
            i
            for i in group.items
            if not narrow[i]
            and level[i] == sweep
            and (i in stored or i in plan.kept or folds_row(group, i) or i in group.outer)
        }
        todo = list(wanted)
        while todo:
            for source in sources[todo.pop()]:
                if narrow[source] or folds_row(group, source) or source in group.outer or source in wanted:
                    continue
                if level[source] < sweep and (
                    keep_all or _again(group, source, sources, narrow, cost) > CHEAP
                ):
                    plan.kept.add(source)
                else:
                    wanted.add(source)
                    todo.append(source)
        plan.wide[sweep] = sorted(wanted, key=order.__getitem__)
    return plan


def folds_row(group: Group, item: Item) -> bool:
    """Whether an item folds columns, so that its result is there when a sweep has ended."""
    axes = group.items[item]
    return (
        isinstance(item, Fold) and item not in group.outer and any(axes[at] is not None for at in item.axes)
    )


def _again(
    group: Group, item: Item, sources: dict[Item, list[Item]], narrow: dict[Item, bool], cost: dict[Item, int]
) -> int:
    """Instructions that computing an item again takes, with all that leads to it."""
    seen: set[Item] = set()
    todo, total = [item], 0
    while todo and total <= CHEAP:
        i = todo.pop()
        if i not in seen and not narrow[i] and not folds_row(group, i):
            seen.add(i)
            total += cost[i] + sum(x.root not in {s.out for s in sources[i]} for x in i.reads)
            todo += sources[i]
    return total
