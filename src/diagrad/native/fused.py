"""A group with where its items find what they read: what a kernel is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..array.align import uniform
from ..ir import Value
from .groups import Group
from .items import Fold, Item, Lowered, Point, Product, Running, Scatter
from .memory import Arguments, Reference, reference
from .nest import Nest, arrange
from .registers import Register
from .views import View
from .weights import weight

__all__ = ["Fused", "Operand", "Spot", "copies", "cost_of"]

Operand = Item | Reference | float
"""Where an item finds what it reads: with another item, in memory, or in the code."""


@dataclass
class Spot:
    """A place in the loops: the index of each axis, and what has been computed there."""

    index: dict[int, Register]
    mask: Register | None = None
    made: dict[Item, Register] = field(default_factory=dict[Item, Register])
    slot: int = 0


class Fused:
    """A group, ready to be written.

    Args:
        group: the items.
        lowered: where they come from.
        stored: the items whose values are needed in memory, and the view of each of its memory.
    """

    def __init__(self, group: Group, lowered: Lowered, stored: Mapping[Item, tuple[Value, View]]) -> None:
        self.group = group
        self.arguments = Arguments()
        self.operands: dict[Item, list[Operand]] = {}
        for item, axes in group.items.items():
            found: list[Operand] = []
            for access in item.reads:
                in_memory = isinstance(item, Product) or access.bounds
                number = None if in_memory else uniform(lowered.constants.get(access.root))
                if number is not None:
                    found.append(number)
                elif group.register(access) is not None:
                    found.append(group.made[access.root])
                else:
                    found.append(reference(self.arguments, access, axes, isinstance(item, Product)))
            self.operands[item] = found
        self.stores: dict[Item, Reference] = {}
        self.totals: dict[Item, Reference] = {}
        for item, (value, view) in stored.items():
            if isinstance(item, Scatter):
                assert item.target is not None
                self.arguments(item.out, 0)
                self.totals[item] = reference(self.arguments, item.target, group.items[item])
                continue
            axes = group.axes_of(item.out)
            ref = _stored(self.arguments, value, view, axes)
            (self.totals if item in group.outer else self.stores)[item] = ref
        self.references = [x for found in self.operands.values() for x in found if isinstance(x, Reference)]
        columns = group.columns or frozenset()
        if group.product is not None:
            self.nest = Nest(tuple(group.sizes), (), None, (), {})
            return
        single = frozenset(axis for i, gone in group.outer.items() if isinstance(i, Scatter) for axis in gone)
        for item, axes in group.items.items():
            if isinstance(item, Running):
                columns = frozenset(axis for axis in axes[item.axis : item.axis + 1] if axis is not None)
                single = columns if item.op.folding is None else frozenset[int]()
        self.nest = arrange(
            group.sizes,
            columns,
            [ref.strides for ref in self.references],
            [ref.strides for ref in (*self.stores.values(), *self.totals.values())],
            frozenset(bound[0] for ref in self.references for bound in ref.bounds),
            tuple(group.outer.values()),
            single,
        )

    @property
    def key(self) -> tuple[Any, ...]:
        """What two groups must share to be one function."""
        number = {item: at for at, item in enumerate(self.group.items)}

        def name(x: Operand) -> Any:
            return number[x] if isinstance(x, Item) else x.key if isinstance(x, Reference) else ("=", repr(x))

        steps = tuple(
            (
                type(i),
                i.op if not copies(i) else None,
                i.out.dtype.str,
                axes,
                tuple(name(x) for x in self.operands[i]),
                tuple((x.view.shape, x.view.strides) for x in i.reads)
                if isinstance(i, Product | Fold)
                else None,
            )
            for i, axes in self.group.items.items()
        )
        ends = tuple((number[i], ref.key) for i, ref in (*self.stores.items(), *self.totals.items()))
        return tuple(self.group.sizes), steps, ends, self.group.columns


def copies(item: Item) -> bool:
    """Whether an item only moves elements."""
    return isinstance(item, Point) and item.copies


def cost_of(item: Item) -> int:
    """Instructions that an item takes for one register."""
    if not isinstance(item, Point):
        return 1
    return 0 if item.copies else weight(item.op, tuple(x.root.dtype for x in item.reads))


def _stored(arguments: Arguments, value: Value, view: View, axes: Sequence[int | None]) -> Reference:
    strides = {
        axis: step
        for axis, size, step in zip(axes, view.shape, view.strides, strict=True)
        if axis is not None and step and size > 1
    }
    return Reference(arguments(value, view.offset), value.dtype, strides)
