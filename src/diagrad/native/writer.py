"""Writes the kernel of a group: rows, sweeps, lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from . import kernel
from .builder import Builder, Variable
from .folding import computed
from .fused import Fused, Spot, cost_of
from .items import Item, Point
from .kernel import PARAMETERS, Kernel
from .memory import Reference
from .module import Module
from .nest import Nest
from .packs import packs
from .plan import folds_row, plan_sweeps
from .registers import BOOL, INT64, Register
from .totals import ENDING, Body, TotalWriter, Vector
from .views import aligned
from .weights import CALL

__all__ = ["Writer", "write_kernel"]

BLOCK = 4096
"""Elements of the lanes' axis in one unit, where it is the only one."""

ABREAST = 4
"""Vectors that are computed side by side, item by item. Each is a chain of operations that wait for one
another, longer than what a processor looks ahead; of several, some can always go on.
"""

STRAIGHT = 8
"""Vectors up to which a row is written out, so that its values stay in registers."""


def write_kernel(fused: Fused, module: Module, name: str, threads: int = 1) -> Kernel:
    """Write a group's function into a module, to be run in as many parts."""
    return Writer(fused, module, name).write(threads)


class Writer(TotalWriter):
    """Writes one kernel, or, with a builder that is given, parts of one."""

    def __init__(self, fused: Fused, module: Module, name: str, builder: Builder | None = None) -> None:
        self.fused, self.group, self.nest = fused, fused.group, fused.nest
        self.module, self.name = module, name
        self.width = self._width()
        self.builder = builder or Builder(module, f"define void @{name}({PARAMETERS})", self.width)
        self.builder.contract = "contract "
        self.cost = {item: cost_of(item) for item in self.group.items}
        nest = self.nest
        count = -(-nest.sizes[nest.lanes] // max(self.width, 1)) if nest.lanes is not None else 1
        self.vectors = count
        self.unroll = ABREAST if self.width else 1
        self.straight = nest.swept and len(nest.columns) == 1 and count <= STRAIGHT
        self.sweeps = plan_sweeps(self.group, set(fused.stores), self.cost, self.straight)
        self.scratch = 0
        self.rooms: dict[Item, tuple[int, Any]] = {}
        if not self.straight:
            each = nest.column_count * (1 if nest.swept else max(self.width, 1))
            for item in sorted(self.sweeps.kept, key=list(self.group.items).index):
                dtype = computed(item.out.dtype)
                self.rooms[item] = self.scratch, dtype
                self.scratch += aligned(each * dtype.itemsize)
        lanes = nest.lanes
        size = nest.sizes[lanes] if lanes is not None else 1
        self.blocks = -(-size // BLOCK) if not nest.columns and size >= 2 * BLOCK else 1
        self.units = nest.row_count * self.blocks if not nest.columns or nest.swept else nest.row_count

    def _width(self) -> int:
        nest = self.nest
        if nest.lanes is None:
            return 0
        sizes = [computed(i.out.dtype).itemsize for i in self.group.items if i.out.dtype != BOOL]
        sizes += [computed(ref.dtype).itemsize for ref in self.fused.references if ref.dtype != BOOL]
        common = max(set(sizes), key=lambda n: (sizes.count(n), n)) if sizes else 4
        width = self.module.target.width // common
        while width > 1 and width >= 2 * nest.sizes[nest.lanes]:
            width //= 2
        return width if width > 1 else 0

    # The skeleton

    def begin(self) -> None:
        """Load the pointers, and what never changes."""
        b = self.builder
        self.pointers = [
            b.emit(f"load ptr, ptr {b.pointer('%args', b.index(at), INT64)}", INT64, 0).text
            for at in range(len(self.fused.arguments.pointers))
        ]
        self.fixed: dict[Reference, Register] = {}
        self.loads: dict[Reference, Register] = self.fixed
        for ref in self.fused.references:
            if not ref.axes and not ref.bounds and ref not in self.fixed:
                self.fixed[ref] = b.load(self._address(ref, Spot({})), ref.dtype, 0)
        self.loads = dict(self.fixed)

    def finish_product(self, item: Item, total: Register, here: Spot, nest: Nest) -> None:
        """What follows a product, for the elements at a spot."""
        self.nest, self.width = nest, total.lanes
        here.made[item] = total
        self._store(item, here)
        for other in self.group.items:
            self._compute(other, here, {})

    def write(self, threads: int = 1) -> Kernel:
        """Write the function, and the one that adds up the totals of its parts."""
        b, nest = self.builder, self.nest
        count = nest.row_count * nest.column_count
        if nest.lanes is not None and not nest.swept:
            count *= nest.sizes[nest.lanes]
        work = sum(self.cost.values()) + 1
        memory = {*self.fused.references, *self.fused.stores.values()}
        nbytes = sum(ref.nbytes(nest.sizes) for ref in memory)
        cost = 2.0 + count * work * 0.3 / max(self.width, 1) + nbytes / 60
        parts = kernel.parts(threads, self.units, cost)
        apart = bool(self.fused.totals) and kernel.keeps_apart(parts, self.totals_size(), count)
        places = self.apart() if apart else {}
        self.begin()
        self.point_apart(places)
        self.begin_totals()
        begin, end = (Register(b, f"%{end}", INT64, 0) for end in ("begin", "end"))
        if self.units == 1:
            self._row(Spot({}), None)
        else:
            with b.loop(begin, end) as unit:
                row, block = unit, None
                if self.blocks > 1:
                    row = b.quotient(unit, self.blocks) if nest.row_count > 1 else b.index(0)
                    block = unit - row * self.blocks if nest.row_count > 1 else unit
                self._row(Spot(self.indices(row, nest.rows)), block)
        if not apart:
            self.end_totals()
        b.finish()
        ending = self._ending(places) if apart else ""
        return Kernel(
            self.name,
            self.units,
            self.scratch,
            flops=count * work,
            nbytes=nbytes,
            cost=cost,
            ending=ending,
            serial=bool(self.fused.totals) and not apart,
        )

    def _ending(self, places: dict[Item, int]) -> str:
        """Write the function that adds up totals kept apart; gives its name."""
        name = f"{self.name}.end"
        head = Builder(self.module, f"define void @{name}({ENDING})", self.width)
        writer = Writer(self.fused, self.module, name, head)
        writer.begin()
        writer.write_ending(places)
        head.finish()
        return name

    def indices(self, number: Register, axes: Sequence[int]) -> dict[int, Register]:
        """The index of each axis from the number of their combination."""
        b, nest = self.builder, self.nest
        index: dict[int, Register] = {}
        rest = number
        for at in range(len(axes) - 1, -1, -1):
            size = nest.sizes[axes[at]]
            if at == 0:
                index[axes[at]] = rest
            else:
                quotient = b.quotient(rest, size)
                index[axes[at]] = rest - quotient * size
                rest = quotient
        return index

    def _row(self, spot: Spot, block: Register | None) -> None:
        nest = self.nest
        self.loads = dict(self.fixed)
        if not nest.columns or nest.swept:
            inner = set(nest.columns) | {nest.lanes}
            self._hoist(spot, inner)
        if not nest.columns:
            self._flat(spot, block)
        elif nest.swept or nest.lanes is None:
            self._swept(spot)
        else:
            self._lanes(nest.sizes[nest.lanes], lambda vectors: self._across(spot, *vectors[0]))

    def _hoist(self, here: Spot, inner: set[int | None]) -> None:
        """Load what does not change within the inner loops before they begin."""
        for ref in self.fused.references:
            if ref not in self.loads and not ref.bounds and not inner & ref.axes:
                self.loads[ref] = self._load(ref, here)

    # Loops over the lanes' axis

    def _lanes(self, size: int, body: Body, unroll: int = 1, block: Register | None = None) -> None:
        """Run ``body`` for every vector of the lanes' axis, or of one block of it."""
        b = self.builder
        step = max(self.width, 1)
        if block is None:
            full, tail = divmod(size, step)
            unroll = min(unroll, full) or 1
            main = full // unroll * unroll
            if main:
                with b.loop(0, main * step, unroll * step) as i:
                    body([(i + slot * step, None) for slot in range(unroll)])
            rest: list[Vector] = [(b.index(at * step), None) for at in range(main, full)]
            if tail:
                rest.append((b.index(full * step), self._first(tail)))
            for at in range(0, len(rest), unroll):
                body(rest[at : at + unroll])
            return
        start = block * BLOCK
        stop = b.minimum(start + BLOCK, b.index(size))
        span = stop - start
        main = start + b.quotient(span, unroll * step) * (unroll * step)
        with b.loop(start, main, unroll * step) as i:
            body([(i + slot * step, None) for slot in range(unroll)])
        if size % (unroll * step):
            full = start + b.quotient(span, step) * step
            with b.loop(main, full, step) as i:
                body([(i, None)])
            if size % step:
                with b.when(full < stop):
                    body([(full, self._first(size % step))])

    def _first(self, count: int) -> Register:
        """The mask of the first lanes."""
        bits = ", ".join(f"i1 {'true' if at < count else 'false'}" for at in range(self.width))
        return Register(self.builder, f"<{bits}>", BOOL, self.width)

    # Without columns: every item at every element

    def _flat(self, spot: Spot, block: Register | None) -> None:
        nest = self.nest
        totals = self.total_slots(lambda gone: nest.lanes is not None and nest.lanes in gone, self.unroll)
        items = self.sweeps.wide[0]

        def body(vectors: Sequence[Vector]) -> None:
            assert lanes is not None
            spots = [
                Spot({**spot.index, lanes: i}, mask, slot=slot) for slot, (i, mask) in enumerate(vectors)
            ]
            for item in items:
                for here in spots:
                    self._compute(item, here, totals)

        lanes = nest.lanes
        if lanes is None:
            here = Spot(spot.index)
            for pack in self._packs(items):
                self._compute_pack(pack, here, totals)
        else:
            self._lanes(nest.sizes[lanes], body, self.unroll, block)
        for item, slots in totals.items():
            self._add_total(item, spot, self._together(item, slots))

    def _packs(self, items: Sequence[Item]) -> list[list[Item]]:
        """The items of a kernel without a loop, costly functions of one kind together."""

        def near(item: Item) -> list[Item]:
            return [x for x in self.fused.operands[item] if isinstance(x, Item)]

        def kind(item: Item) -> Any:
            dtypes = tuple(computed(x.root.dtype) for x in item.reads)
            costly = isinstance(item, Point) and self.cost[item] >= CALL and len(set(dtypes)) == 1
            return (item.op, *dtypes, item.out.dtype) if costly else None

        return packs(items, near, kind, self.module.target.lanes(np.dtype(np.float64)) or 1)

    # Lanes along columns: sweep after sweep

    def _swept(self, spot: Spot) -> None:
        rows = Spot(dict(spot.index))
        kept: dict[int, dict[Item, Register]] = {}
        for number, narrow in enumerate(self.sweeps.narrow):
            for item in narrow:
                self._compute(item, rows, {})
            if number < len(self.sweeps.wide):
                self._sweep(self.sweeps.wide[number], rows, kept)

    def _sweep(self, items: Sequence[Item], rows: Spot, kept: dict[int, dict[Item, Register]]) -> None:
        """One sweep over the columns, and what its folds come to. ``kept`` are, for each vector of a row
        that is written out, the values that later sweeps need.
        """
        nest = self.nest
        folds = {i: self._slots(i, self.unroll) for i in items if folds_row(self.group, i)}
        totals = self.total_slots(lambda gone: set(nest.columns) <= gone, self.unroll, items)
        variables = {**folds, **totals}

        def body(
            vectors: Sequence[Vector], first: int, outer: dict[int, Register], line: Register | None
        ) -> None:
            spots: list[Spot] = []
            for slot, (i, mask) in enumerate(vectors, first):
                made = {**rows.made, **kept.get(slot, {})}
                spots.append(Spot({**rows.index, **outer, nest.columns[-1]: i}, mask, made, slot))
            places = [i if line is None else line + i for i, _ in vectors]
            self._compute_all(items, spots, places, variables)
            if self.straight:
                for here in spots:
                    again = {x: here.made[x] for x in self.sweeps.kept if x in here.made}
                    kept.setdefault(here.slot, {}).update(again)

        self._columns(body)
        for item, slots in folds.items():
            rows.made[item] = self._finished(item, self._together(item, slots))
            self._store(item, rows)
        for item, slots in totals.items():
            self._add_total(item, rows, self._together(item, slots))

    def _compute_all(
        self,
        items: Sequence[Item],
        spots: Sequence[Spot],
        places: Sequence[Register],
        variables: Mapping[Item, list[Variable]],
    ) -> None:
        """The items of a sweep at some spots, item by item, so that none waits for another; ``places`` are
        the spots' numbers in their row.
        """
        for item in items:
            for here, place in zip(spots, places, strict=True):
                self._recall(item, here, place)
                self._compute(item, here, variables)
                if item in self.rooms:
                    self._keep(item, here, place)

    def _columns(self, body: Callable[..., None]) -> None:
        """The loops over all columns, the lanes' axis innermost."""
        b, nest = self.builder, self.nest
        outer: dict[int, Register] = {}
        line: Register | None = None
        with ExitStack() as stack:
            for axis in nest.columns[:-1]:
                i = stack.enter_context(b.loop(0, nest.sizes[axis]))
                outer[axis] = i
                line = (i if line is None else line + i) * nest.sizes[nest.columns[len(outer)]]
            size = nest.sizes[nest.columns[-1]]
            if self.straight:
                step = max(self.width, 1)
                tail = size % step
                row: list[Vector] = [(b.index(at), None) for at in range(0, size, step)]
                if tail:
                    row[-1] = row[-1][0], self._first(tail)
                for first in range(0, len(row), ABREAST):
                    body(row[first : first + ABREAST], first, outer, line)
            else:
                self._lanes(size, lambda vectors: body(vectors, 0, outer, line), self.unroll)

    # Lanes along rows: each lane sweeps over columns of its own

    def _across(self, spot: Spot, i: Register, mask: Register | None) -> None:
        b, nest = self.builder, self.nest
        self.loads = dict(self.fixed)
        assert nest.lanes is not None
        rows = Spot({**spot.index, nest.lanes: i}, mask)
        self._hoist(rows, set(nest.columns))
        for number in range(len(self.sweeps.narrow)):
            for item in self.sweeps.narrow[number]:
                self._compute(item, rows, {})
            if number == len(self.sweeps.wide):
                break
            items = self.sweeps.wide[number]
            folds = {f: self._slots(f, 1) for f in items if folds_row(self.group, f)}
            totals = self.total_slots(lambda gone: set(nest.columns) <= gone, 1, items)
            with ExitStack() as stack:
                outer: dict[int, Register] = {}
                line: Register | None = None
                for axis in nest.columns:
                    step = stack.enter_context(b.loop(0, nest.sizes[axis]))
                    outer[axis] = step
                    line = step if line is None else line * nest.sizes[axis] + step
                assert line is not None
                here = Spot({**rows.index, **outer}, mask, dict(rows.made))
                place = line * max(self.width, 1)
                self._compute_all(items, [here], [place], {**folds, **totals})
            for item, slots in folds.items():
                rows.made[item] = self._finished(item, self._together(item, slots, lanes=True))
                self._store(item, rows)
            for item, slots in totals.items():
                gone = self.group.outer[item]
                self._add_total(item, rows, self._together(item, slots, lanes=nest.lanes not in gone))
