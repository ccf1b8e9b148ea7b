"""Which items run in one kernel.

A group is a loop nest over *axes*. Every item in it runs over all of them, or, once a fold has removed some,
over the rest. So a group has the form

    for each row: sweep over the columns, fold; sweep again with what was folded; …

where the columns are the axes that its folds remove, and the rows all others. What an item in the group
makes goes to the next in a register. A fold over rows, as a bias's gradient is, also fits: it adds row after
row, and its result is there when the kernel ends. A matrix product takes what follows it, elementwise, with
it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..ir import Value
from .items import (
    Access,
    Call,
    Fold,
    Item,
    Lowered,
    Point,
    Product,
    Running,
    Scatter,
    indirect_roots,
    roots_of,
)
from .views import elements

__all__ = ["Axes", "Group", "group", "needs"]

LARGEST = 256
"""Items in one group: what the compiler digests well."""

GATHERED = 64
"""Items up to which groups of single numbers are put together: what the compiler digests at once."""

SMALL = 1 << 14
"""Elements up to which a fold of everything is one row, so that what follows it can join."""

Axes = tuple[int | None, ...]


@dataclass(eq=False)
class Group:
    """Items that run in one kernel.

    Attributes:
        sizes: of its axes.
        items: in order, each with the axis of each dimension of what it runs over; none where that has size
            1.
        columns: the axes that its folds remove; None while there is no such fold.
        outer: its folds over rows, with the axes that they remove.
        made: the item that makes each value.
        wholes: values of which items of this group make parts.
        call: whether it is a call and no kernel.
        alone: whether nothing joins it.
    """

    number: int
    sizes: list[int] = field(default_factory=list[int])
    items: dict[Item, Axes] = field(default_factory=dict[Item, Axes])
    columns: frozenset[int] | None = None
    outer: dict[Item, frozenset[int]] = field(default_factory=dict[Item, frozenset[int]])
    made: dict[Value, Item] = field(default_factory=dict[Value, Item])
    wholes: set[Value] = field(default_factory=set[Value])
    call: bool = False
    alone: bool = False

    @property
    def product(self) -> Product | None:
        """The matrix product that it begins with, if it does."""
        first = next(iter(self.items), None)
        return first if isinstance(first, Product) else None

    def axes_of(self, value: Value) -> Axes:
        """The axis of each dimension of a value that is made in it."""
        item = self.made[value]
        axes = self.items[item]
        if isinstance(item, Fold):
            return tuple(axis for at, axis in enumerate(axes) if at not in item.axes)
        return axes

    def register(self, access: Access) -> Axes | None:
        """The axis of each dimension of what an item reads, where that passes in a register; else None."""
        root = access.root
        near = root in self.made and self.made[root] not in self.outer and access.plain
        places = access.view.axis_map(root.shape) if near else None
        if places is None:
            return None
        axes: list[int | None] = [None] * len(access.view.shape)
        for place, axis in zip(places, self.axes_of(root), strict=True):
            if place is not None:
                axes[place] = axis
        return tuple(axes)

    def add(self, item: Item, axes: Axes) -> None:
        """Take an item that fits."""
        for axis, size in zip(axes, _runs_over(item), strict=True):
            if axis == len(self.sizes):
                self.sizes.append(size)
        self.items[item] = axes
        self.made[item.out] = item
        if isinstance(item, Fold):
            gone = _removed(item, axes)
            if gone and (self.columns is None and self._row(item, gone)):
                self.columns = gone
            elif (gone and gone != self.columns) or isinstance(item, Scatter):
                self.outer[item] = gone

    def fits(self, item: Item) -> Axes | None:
        """The axes with which an item can join; None if it cannot."""
        if len(self.items) >= LARGEST:
            return None
        axes = self._matched(item)
        if axes is None:
            return None
        named = {axis for axis in axes if axis is not None}
        all_axes = set(range(len(self.sizes)))
        if self.product is not None:
            return axes if isinstance(item, Point) and named == all_axes else None
        rows = all_axes - self.columns if self.columns is not None else all_axes
        if isinstance(item, Fold):
            gone = _removed(item, axes)
            if named == rows and not gone:
                return axes
            if named != all_axes:
                return None
            if self.columns is None:
                split = any(gone & other and not gone <= other for other in self.outer.values())
                return None if split and self._row(item, gone) else axes
            return (
                axes
                if gone == self.columns or not gone or gone >= self.columns or not gone & self.columns
                else None
            )
        return axes if named in (all_axes, rows) else None

    def _row(self, item: Fold, gone: frozenset[int]) -> bool:
        """Whether a fold is one along columns, the first of its group."""
        if not gone or isinstance(item, Scatter):
            return False
        everything = len(gone) == len(set(range(len(self.sizes))))
        if everything:
            return elements(item.reads[0].view.shape) <= SMALL
        steps = item.reads[0].view
        finest = max(range(len(steps.shape)), key=lambda at: (steps.shape[at] > 1, at))
        return finest in item.axes

    def _matched(self, item: Item) -> Axes | None:
        shape = _runs_over(item)
        axes: list[int | None] = [None] * len(shape)
        for access in item.reads:
            if any(root in self.wholes or root in self.made for root in indirect_roots(item)):
                return None
            if access.root in self.wholes:
                return None
            if access.root not in self.made:
                continue
            found = self.register(access)
            if found is None or self.made[access.root] in self.outer:
                return None
            for at, axis in enumerate(found):
                if axis is not None:
                    if axes[at] not in (None, axis):
                        return None
                    axes[at] = axis
        used = [axis for axis in axes if axis is not None]
        if len(set(used)) < len(used):
            return None
        free = [axis for axis in range(len(self.sizes)) if axis not in used]
        for at in range(len(shape) - 1, -1, -1):
            if axes[at] is None and shape[at] > 1:
                same = [axis for axis in free if self.sizes[axis] == shape[at]]
                if not same:
                    return None
                axes[at] = same[-1]
                free.remove(same[-1])
        return tuple(axes)


def _runs_over(item: Item) -> tuple[int, ...]:
    """The shape of the loop that makes an item."""
    return item.reads[0].view.shape if isinstance(item, Fold) else item.out.shape


def _removed(item: Fold, axes: Axes) -> frozenset[int]:
    return frozenset(axes[at] for at in item.axes if axes[at] is not None)  # type: ignore[misc]


class _Grouping:
    def __init__(self, lowered: Lowered) -> None:
        self.lowered = lowered
        self.groups: list[Group] = []
        self.of: dict[Item, Group] = {}
        self.makers = makers_of(lowered)
        self.above: dict[Group, int] = {}
        """The groups that each needs, itself included, as bits; those that went into others may be there."""
        self.users: dict[Group, set[Group]] = {}
        """The groups that need each, without others between."""

    def needs(self, items: Iterable[Item]) -> set[Group]:
        return {
            self.of[maker] for item in items for root in roots_of(item) for maker in self.makers.get(root, ())
        }

    def bits(self, groups: Iterable[Group]) -> int:
        total = 0
        for g in groups:
            total |= self.above[g]
        return total

    def place(self, item: Item) -> None:
        near = self.needs([item])
        joined: Group | None = None
        if not isinstance(item, Call | Product | Running):
            direct = {
                self.of[maker]
                for x in item.reads
                for maker in self.makers.get(x.root, ())
                if x.root is maker.out
            }
            for candidate in sorted(direct, key=lambda g: (g.product is None, -g.number)):
                if candidate.alone or self._behind(candidate, near - {candidate}):
                    continue
                axes = candidate.fits(item)
                if axes is not None:
                    candidate.add(item, axes)
                    joined = candidate
                    break
        if joined is None:
            joined = Group(len(self.groups))
            joined.call = isinstance(item, Call)
            joined.alone = isinstance(item, Call | Running)
            self.groups.append(joined)
            self.above[joined], self.users[joined] = 1 << joined.number, set()
            joined.add(item, self._fresh(item))
        self.of[item] = joined
        if item.out in self.lowered.parts:
            joined.wholes.add(self.lowered.parts[item.out].whole)
        self._depend(joined, near - {joined})
        if not joined.alone:
            any(self._merge(g, joined) for g in sorted(near - {joined}, key=lambda g: -g.number))

    def gather(self) -> None:
        """Put single numbers that do not need each other into one group: a call costs more than they do."""
        last: Group | None = None
        for g in self.groups:
            if not g.items or g.sizes or g.alone or g.product:
                continue
            few = last is not None and len(last.items) + len(g.items) <= GATHERED
            if last is None or not few or not self._merge(last, g):
                last = g

    def _fresh(self, item: Item) -> Axes:
        count = 0
        axes: list[int | None] = []
        for size in _runs_over(item):
            axes.append(count if size > 1 else None)
            count += size > 1
        return tuple(axes)

    def _behind(self, group: Group, others: Iterable[Group]) -> bool:
        """Whether one of ``others`` needs ``group``: nothing they make can come into it."""
        return bool(self.bits(others) >> group.number & 1)

    def _depend(self, group: Group, others: Iterable[Group]) -> None:
        for other in others:
            self.users[other].add(group)
        self._spread(group, self.bits(others))

    def _spread(self, group: Group, more: int) -> None:
        """Note that a group, and so all that need it, needs more."""
        todo = [group]
        while todo:
            g = todo.pop()
            if more & ~self.above[g]:
                self.above[g] |= more
                todo += self.users[g]

    def _merge(self, first: Group, second: Group) -> bool:
        """Put two groups into one if it can be: the first needs not the second, and no third lies between."""
        if first.alone or second.product is not None or len(first.items) + len(second.items) > LARGEST:
            return False
        before = self.needs(second.items) - {first, second}
        if self._behind(first, before) or self._behind(second, [first]):
            return False
        trial = Group(
            first.number,
            list(first.sizes),
            dict(first.items),
            first.columns,
            dict(first.outer),
            dict(first.made),
            set(first.wholes),
        )
        for item in second.items:
            axes = trial.fits(item)
            if axes is None:
                return False
            trial.add(item, axes)
        trial.wholes |= second.wholes
        first.sizes, first.items, first.columns = trial.sizes, trial.items, trial.columns
        first.outer, first.made, first.wholes = trial.outer, trial.made, trial.wholes
        for item in second.items:
            self.of[item] = first
        for g in before:
            self.users[g] = self.users[g] - {second} | {first}
        self.users[first] = (self.users[first] | self.users.pop(second)) - {first, second}
        self._spread(first, self.above.pop(second))
        for g in self.users[first]:
            self._spread(g, self.above[first])
        second.items = {}
        return True


def group(lowered: Lowered) -> tuple[list[Group], dict[Item, Group]]:
    """The groups of a graph's items, and that of each item."""
    grouping = _Grouping(lowered)
    for item in lowered.items:
        grouping.place(item)
    grouping.gather()
    return [g for g in grouping.groups if g.items], grouping.of


def needs(lowered: Lowered, groups: list[Group], of: dict[Item, Group]) -> dict[Group, set[Group]]:
    """The groups that each needs."""
    makers = makers_of(lowered)
    return {
        g: {of[maker] for item in g.items for root in roots_of(item) for maker in makers.get(root, ())} - {g}
        for g in groups
    }


def makers_of(lowered: Lowered) -> dict[Value, list[Item]]:
    """The items that make each value, or a part of it."""
    makers: dict[Value, list[Item]] = {}
    for item in lowered.items:
        part = lowered.parts.get(item.out)
        values = item.outs if isinstance(item, Call) else (item.out,)
        for value in (*values, *((part.whole,) if part else ())):
            makers.setdefault(value, []).append(item)
    return makers
