"""What kernels hand on in memory: light functions of what is no larger are computed again where needed.

    kernel 1: t = tanh(x), s = 1 − t², stored: t and s      kernel 2: reads t and s
    becomes
    kernel 1: t = tanh(x), stored: t                        kernel 2: reads t, s = 1 − t²

What is read instead is no larger, so memory is only saved, and arithmetic that waits for no memory is nearly
free. Derivatives are the usual case: of what a function has computed they need several such values. Another
is a table that a row and a column make, of distances for one, which need never lie in memory.
"""

from __future__ import annotations

from ..array.align import uniform
from ..ir import Value
from .groups import Axes, Group
from .items import Access, Call, Fold, Item, Lowered, Point, Product, Running, Scatter, roots_of
from .views import elements, whole
from .weights import weight

__all__ = ["recompute"]

LIGHT = 8
"""Instructions that a light function has at most."""

SPREAD = 8
"""How often each element of a smaller array is read, at least."""


def recompute(lowered: Lowered, groups: list[Group], of: dict[Item, Group]) -> list[Group]:
    """Put light functions into the groups that read them; gives the groups that are left."""
    return _Recomputing(lowered, groups, of).run()


class _Recomputing:
    def __init__(self, lowered: Lowered, groups: list[Group], of: dict[Item, Group]) -> None:
        self.lowered, self.groups, self.of = lowered, groups, of
        self.makers = {item.out: item for item in lowered.items}
        self.reads = {item: item.reads for item in lowered.items}
        self.readers: dict[Value, list[Item]] = {}
        for item in lowered.items:
            for root in roots_of(item):
                self.readers.setdefault(root, []).append(item)
        self.kept = {*lowered.outputs, *lowered.checks}
        self.sources: dict[Value, tuple[frozenset[Value], int] | None] = {}
        self.copies: dict[tuple[Group, Value, Axes], Value] = {}

    def run(self) -> list[Group]:
        moved = {v for v in self.makers if self._crosses(v) and self._source(v) and not self._needed(v)}
        if not moved:
            return self.groups
        for group in self.groups:
            self._rewrite(group, moved)
        self._drop_unread()
        return [g for g in self.groups if g.items]

    def _crosses(self, value: Value) -> bool:
        maker = self.of[self.makers[value]]
        return any(self.of[item] is not maker for item in self.readers.get(value, ()))

    def _source(self, value: Value) -> tuple[frozenset[Value], int] | None:
        """The arrays that a value is a light function of, and how many instructions it takes."""
        if value not in self.sources:
            self.sources[value] = self._found(value)
        return self.sources[value]

    def _found(self, value: Value) -> tuple[frozenset[Value], int] | None:
        item = self.makers[value]
        if type(item) is not Point or item.copies or value in self.lowered.parts:
            return None
        cost = weight(item.op, tuple(x.root.dtype for x in item.reads))
        sources: set[Value] = set()
        for x in item.reads:
            if self._number(x):
                continue
            if x.root not in self.makers or x.root in self.lowered.parts:
                return None
            same = _elementwise(x, value)
            if not same and not (x.plain and SPREAD * elements(x.root.shape) <= elements(value.shape)):
                return None
            inner = self._source(x.root) if same and x.root not in self.kept else None
            more, further = inner or ({x.root}, 0)
            sources |= more
            cost += further
        small = sum(x.spec.nbytes for x in sources) <= value.spec.nbytes
        calls = any(isinstance(self.makers[x], Call) for x in sources)
        return (frozenset(sources), cost) if sources and cost <= LIGHT and small and not calls else None

    def _number(self, x: Access) -> bool:
        return not x.bounds and uniform(self.lowered.constants.get(x.root)) is not None

    def _needed(self, value: Value) -> bool:
        """Whether some reader needs a value in memory."""
        maker = self.of[self.makers[value]]
        return value in self.kept or any(
            self.of[item] is not maker and not _can_compute(item, value) for item in self.readers[value]
        )

    def _rewrite(self, group: Group, moved: set[Value]) -> None:
        """Give a group copies of what it reads from others."""
        old = dict(group.items)
        group.items = {}
        for item, axes in old.items():
            own: list[Access] = []
            for x in item.reads:
                foreign = x.root in moved and self.of[self.makers[x.root]] is not group
                own.append(Access(self._copy(group, x.root, axes), x.view) if foreign else x)
            item.reads = tuple(own)
            group.items[item] = axes

    def _copy(self, group: Group, value: Value, axes: Axes) -> Value:
        """A value of another group, computed in this one, where items run over these axes."""
        if (group, value, axes) in self.copies:
            return self.copies[group, value, axes]
        maker = self.makers[value]
        source = self._source(value)
        reads: list[Access] = []
        for x in self.reads[maker]:
            inside = self._number(x) or (source is not None and x.root in source[0])
            reads.append(x if inside else Access(self._copy(group, x.root, axes), x.view))
        copy = Point(Value(value.shape, value.dtype), maker.node, tuple(reads))
        self.copies[group, value, axes] = copy.out
        group.items[copy] = axes
        group.made[copy.out] = copy
        self.of[copy] = group
        self.lowered.items.append(copy)
        return copy.out

    def _drop_unread(self) -> None:
        """Take away what nobody reads any more."""
        count: dict[Value, int] = {}
        for item in self.lowered.items:
            for root in roots_of(item):
                count[root] = count.get(root, 0) + 1
        gone: set[Item] = set()
        for item in reversed(self.lowered.items):
            self._drop(item, count, gone)
        self.lowered.items = [item for item in self.lowered.items if item not in gone]

    def _drop(self, item: Item, count: dict[Value, int], gone: set[Item]) -> None:
        value = item.out
        if type(item) is not Point or item in gone or count.get(value) or value in self.kept:
            return
        if value in self.lowered.parts:
            return
        gone.add(item)
        group = self.of.pop(item)
        del group.items[item], group.made[value]
        for root in roots_of(item):
            count[root] -= 1
            if root in self.makers:
                self._drop(self.makers[root], count, gone)


def _elementwise(x: Access, value: Value) -> bool:
    return x.plain and x.root.shape == value.shape and x.view == whole(value.shape)


def _can_compute(item: Item, value: Value) -> bool:
    """Whether an item reads a value element by element, in a group that can hold what makes it."""
    if isinstance(item, Product | Running | Scatter) or not isinstance(item, Point | Fold):
        return False
    return all(_elementwise(x, value) for x in item.reads if x.root is value) and _only_reads(item, value)


def _only_reads(item: Item, value: Value) -> bool:
    return all(index.root is not value for x in item.reads for index, _, _ in x.indirect)
