"""Writes the kernel of a running fold: along one axis each result is made of the one before.

Where lanes can lie along another axis, each goes on by itself. Else a vector is folded within itself in
log₂ steps, each lane with the one 1, 2, 4 … before it, and what came before the vector is added last (W. D.
Hillis & G. L. Steele, *Commun. ACM* 29 (1986) 1170–1183).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from .folding import computed
from .fused import Fused, Spot
from .items import Running
from .kernel import Kernel
from .module import Module
from .registers import Register
from .totals import Vector
from .writer import Writer

__all__ = ["write_running_kernel"]


def write_running_kernel(fused: Fused, module: Module, name: str) -> Kernel:
    """Write the function of a group that is one running fold."""
    return _RunningWriter(fused, module, name).write()


class _RunningWriter(Writer):
    def __init__(self, fused: Fused, module: Module, name: str) -> None:
        super().__init__(fused, module, name)
        (item,) = fused.group.items
        assert isinstance(item, Running)
        self.item = item
        axis = fused.group.items[item][item.axis]
        assert axis is not None
        self.axis, self.size = axis, self.nest.sizes[axis]
        self.dtype = computed(item.out.dtype)

    def _row(self, spot: Spot, block: Register | None) -> None:
        nest = self.nest
        self.loads = dict(self.fixed)
        if nest.swept and self.width:
            self._within_vectors(spot)
        elif nest.swept or nest.lanes is None:
            self._one_by_one(spot)
        else:
            lanes = nest.lanes

            def body(vectors: Sequence[Vector]) -> None:
                ((i, mask),) = vectors
                self._one_by_one(Spot({**spot.index, lanes: i}, mask))

            self._lanes(nest.sizes[lanes], body)

    def _inputs(self, here: Spot, width: int) -> list[Register]:
        b = self.builder
        operands = self.fused.operands[self.item]
        return [b.splat(b.cast(self._operand(x, self.item, here), self.dtype), width) for x in operands]

    def _put(self, y: Register, here: Spot) -> None:
        here.made[self.item] = y
        self._store(self.item, here)

    def _one_by_one(self, lane: Spot) -> None:
        """Element after element, in each lane by itself."""
        b, op = self.builder, cast(Any, self.item.op)
        width = self.width if self.nest.lanes != self.axis else 0

        def at(number: Register) -> Spot:
            place = b.index(self.size - 1) - number if self.item.reverse else number
            return Spot({**lane.index, self.axis: place}, lane.mask)

        here = at(b.index(0))
        before = b.variable(self._inputs(here, width)[-1])
        self._put(before.first, here)
        with b.loop(1, self.size) as i:
            here = at(i)
            y = op.step(before.get(), *self._inputs(here, width))
            before.set(y)
            self._put(y, here)

    def _within_vectors(self, row: Spot) -> None:
        """Vector after vector."""
        b, width = self.builder, self.width
        how = self.item.op.folding
        assert how is not None
        neutral = b.constant(how.neutral(self.dtype), self.dtype, width)
        before = b.variable(b.constant(how.neutral(self.dtype), self.dtype, 0))
        backwards = self.item.reverse

        def vector(start: Register, mask: Register | None) -> None:
            here = Spot({**row.index, self.axis: start}, mask)
            (x,) = self._inputs(here, width)
            if mask is not None:
                x = b.where(mask, x, neutral)
            near = 1
            while near < width:
                x = how.combine(b.shifted(x, neutral, -near if backwards else near), x)
                near *= 2
            total = b.emit(f"extractelement {x.typed}, i64 {0 if backwards else width - 1}", x.dtype, 0)
            first = before.get()
            before.set(how.combine(first, total))
            self._put(how.combine(b.splat(first, width), x), here)

        full, tail = divmod(self.size, width)
        if full:
            with b.loop(0, full * width, width) as i:
                vector(b.index(self.size - width) - i if backwards else i, None)
        if tail:
            vector(b.index(0 if backwards else full * width), self._first(tail))
