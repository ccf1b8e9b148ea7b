"""Writes folds over rows, a bias's gradient for one: sums that go on from row to row, in memory.

Threads share the rows. The first part adds where the sum belongs, every other in memory of its own; when all
have run, a function of its own adds those, part after part. Results are thus the same from call to call for
one number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import numpy as np

from .builder import Variable
from .folding import computed, folding
from .fused import Spot
from .items import Item, Scatter
from .memory import Reference
from .plan import Sweeps
from .registers import INT64, Register
from .spots import SpotWriter
from .views import aligned, elements

__all__ = ["ENDING", "TotalWriter"]

Vector = tuple[Register, Register | None]
"""Where a vector of the lanes' axis begins, and which of its lanes count."""

Body = Callable[[Sequence[Vector]], object]
"""Writes what is done for some vectors."""

_BYTE = np.dtype(np.uint8)

ENDING = "ptr noalias %args, i64 %parts, ptr %scratch, i64 %room"
"""What the function takes that adds up the parts' totals: those of part p lie ``p·room`` bytes further."""


class TotalWriter(SpotWriter):
    """A writer of kernels whose folds may go over rows. The loops are its subclass's."""

    sweeps: Sweeps
    scratch: int

    def _lanes(self, size: int, body: Body, unroll: int = 1, block: Register | None = None) -> None:
        raise NotImplementedError

    def totals_size(self) -> int:
        """Elements of all totals, as they lie in memory."""
        return sum(map(self._extent, self.fused.totals))

    def _extent(self, item: Item) -> int:
        ref = self.fused.totals[item]
        if isinstance(item, Scatter):
            return elements(item.out.shape)
        return 1 + sum((self.fused.group.sizes[axis] - 1) * step for axis, step in ref.strides.items())

    def _base(self, item: Item) -> int:
        """The number of the pointer to a total."""
        return (
            self.fused.arguments(item.out, 0)
            if isinstance(item, Scatter)
            else self.fused.totals[item].argument
        )

    def apart(self) -> dict[Item, int]:
        """Make room in the scratch memory for the totals of a part; gives the byte of each."""
        places: dict[Item, int] = {}
        for item in self.fused.totals:
            places[item] = self.scratch
            self.scratch += aligned(self._extent(item) * item.out.dtype.itemsize)
        return places

    def point_apart(self, places: dict[Item, int]) -> None:
        """Have every part but the first add in its own memory."""
        b = self.builder
        part = Register(b, "%part", INT64, 0)
        for item, at in places.items():
            for argument in {self._base(item), self.fused.totals[item].argument}:
                behind = self.fused.arguments.pointers[argument][1] if isinstance(item, Scatter) else 0
                place = at + behind * item.out.dtype.itemsize
                own = b.emit(f"getelementptr i8, ptr %scratch, i64 {place}", INT64, 0).text
                chosen = f"select {(part == 0).typed}, ptr {self.pointers[argument]}, ptr {own}"
                self.pointers[argument] = b.emit(chosen, INT64, 0).text

    def total_slots(
        self, inside: Callable[[frozenset[int]], bool], count: int, items: Sequence[Item] | None = None
    ) -> dict[Item, list[Variable]]:
        """Accumulators of those folds over rows which the inner loops sum up first."""
        return {
            i: self._slots(i, count)
            for i, gone in self.group.outer.items()
            if not isinstance(i, Scatter)
            and inside(gone)
            and (items is None or i in items)
            and (items is not None or i in self.sweeps.wide[0])
        }

    def begin_totals(self) -> None:
        """Write what each total begins with."""
        for item, ref in self.fused.totals.items():
            if isinstance(item, Scatter):
                self._clear(item)
                continue
            dtype = computed(item.out.dtype)
            first = folding(item.op).neutral(dtype)
            self._each(
                ref,
                lambda here, ref=ref, dtype=dtype, first=first: self._write(
                    ref, self.builder.constant(first, dtype, 0), here
                ),
            )

    def _clear(self, item: Scatter) -> None:
        """Zero all of what is added to."""
        self.module.declare("void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        to = self.pointers[self._base(item)]
        self.builder.do(
            f"call void @llvm.memset.p0.i64(ptr {to}, i8 0, i64 {item.out.spec.nbytes}, i1 false)"
        )

    def end_totals(self) -> None:
        """What folds come to, of totals over all rows."""
        for item, ref in self.fused.totals.items():
            if not isinstance(item, Scatter) and folding(item.op).finish is not None:
                self._each(
                    ref,
                    lambda here, ref=ref, item=item: self._write(
                        ref, self._finished(item, self._read(ref, here)), here
                    ),
                )

    def write_ending(self, places: dict[Item, int]) -> None:
        """The rest of the function that adds up the parts' totals, behind the loading of its pointers."""
        b = self.builder
        parts, room = (Register(b, f"%{name}", INT64, 0) for name in ("parts", "room"))
        with b.loop(b.index(1), parts) as part:
            start = part * room
            for item, at in places.items():
                self._add_apart(item, b.pointer("%scratch", start + at, _BYTE))
        self.end_totals()

    def _add_apart(self, item: Item, own: str) -> None:
        """Add the total that one part has kept apart."""
        if isinstance(item, Scatter):
            self._add_flat(item, own)
            return
        ref = self.fused.totals[item]

        def body(here: Spot) -> None:
            x = self._read(ref, here)
            self.pointers[ref.argument], shared = own, self.pointers[ref.argument]
            y = self._read(ref, here)
            self.pointers[ref.argument] = shared
            self._write(ref, folding(item.op).combine(x, y), here)

        self._each(ref, body)

    def _add_flat(self, item: Scatter, own: str) -> None:
        b = self.builder
        shared, dtype = self.pointers[self._base(item)], item.out.dtype

        def body(vectors: Sequence[Vector]) -> None:
            ((i, mask),) = vectors
            to = b.pointer(shared, i, dtype)
            x, y = (b.load(address, dtype, self.width, mask) for address in (to, b.pointer(own, i, dtype)))
            b.store(b.narrow(folding(item.op).combine(x, y), dtype), to, mask)

        self._lanes(elements(item.out.shape), body)

    def _each(self, ref: Reference, body: Callable[[Spot], None]) -> None:
        """Run ``body`` at every element of a total."""
        b, nest = self.builder, self.nest
        axes = [a for a in ref.strides if a not in nest.merged]
        with ExitStack() as stack:
            index: dict[int, Register] = {}
            for axis in axes:
                if axis != nest.lanes:
                    index[axis] = stack.enter_context(b.loop(0, nest.sizes[axis]))
            if nest.lanes in axes:
                lanes = nest.lanes
                assert lanes is not None
                self._lanes(
                    nest.sizes[lanes],
                    lambda vectors: [body(Spot({**index, lanes: i}, mask)) for i, mask in vectors],
                )
            else:
                body(Spot(index))
