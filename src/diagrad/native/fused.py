"""Writes the kernel of a group: rows, sweeps, lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from ..ir import Value
from .builder import Builder, Variable
from .folding import computed, folding
from .groups import Group
from .items import Fold, Item, Lowered, Point, Product, Scatter
from .kernel import PARAMETERS, Kernel
from .memory import Arguments, Reference, reference, uniform
from .module import Module
from .nest import Nest, arrange
from .plan import folds_row, plan_sweeps
from .registers import BOOL, INT64, Register
from .views import View, elements
from .weights import body, weight

__all__ = ["Fused", "Spot", "Writer"]

BLOCK = 4096
"""Elements of the lanes' axis in one unit, where it is the only one."""

STRAIGHT = 8
"""Vectors up to which a row is written out, so that its values stay in registers."""

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
                number = uniform(lowered.constants.get(access.root)) if not access.bounds else None
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
        self.nest = arrange(
            group.sizes,
            columns,
            [ref.strides for ref in self.references],
            [ref.strides for ref in (*self.stores.values(), *self.totals.values())],
            frozenset(bound[0] for ref in self.references for bound in ref.bounds),
            tuple(group.outer.values()),
            frozenset().union(*(gone for item, gone in group.outer.items() if isinstance(item, Scatter))),
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
                i.op if not _copies(i) else None,
                i.out.dtype.str,
                axes,
                tuple(name(x) for x in self.operands[i]),
            )
            for i, axes in self.group.items.items()
        )
        ends = tuple((number[i], ref.key) for i, ref in (*self.stores.items(), *self.totals.items()))
        return tuple(self.group.sizes), steps, ends, self.group.columns

    def write(self, module: Module, name: str) -> Kernel:
        """Write the kernel's function into a module."""
        return Writer(self, module, name).write()


def _copies(item: Item) -> bool:
    return isinstance(item, Point) and item.copies


def _cost(item: Item) -> int:
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


class Writer:
    """Writes one kernel, or, with a builder that is given, parts of one."""

    def __init__(self, fused: Fused, module: Module, name: str, builder: Builder | None = None) -> None:
        self.fused, self.group, self.nest = fused, fused.group, fused.nest
        self.module, self.name = module, name
        self.width = self._width()
        self.builder = builder or Builder(module, f"define void @{name}({PARAMETERS})", self.width)
        self.builder.contract = "contract "
        self.cost = {item: _cost(item) for item in self.group.items}
        nest = self.nest
        count = -(-nest.sizes[nest.lanes] // max(self.width, 1)) if nest.lanes is not None else 1
        self.vectors = count
        heavy = sum(self.cost.values())
        self.unroll = 1 if not self.width or heavy > 40 else 2 if heavy > 12 else 4
        self.straight = nest.swept and len(nest.columns) == 1 and count <= STRAIGHT
        if self.straight:
            self.unroll = count
        self.sweeps = plan_sweeps(self.group, set(fused.stores), self.cost, self.straight)
        self.scratch = 0
        self.rooms: dict[Item, tuple[int, Any]] = {}
        if not self.straight:
            each = nest.column_count * (1 if nest.swept else max(self.width, 1))
            for item in self.sweeps.kept:
                dtype = computed(item.out.dtype)
                self.rooms[item] = self.scratch, dtype
                self.scratch += -(-each * dtype.itemsize // 64) * 64
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
        for ref in self.fused.references:
            if not ref.axes and not ref.bounds and ref not in self.fixed:
                self.fixed[ref] = b.load(self._address(ref, Spot({})), ref.dtype, 0)
        self.loads: dict[Reference, Register] = dict(self.fixed)

    def finish_product(self, item: Item, total: Register, here: Spot, nest: Nest) -> None:
        """What follows a product, for the elements at a spot."""
        self.nest, self.width = nest, total.lanes
        here.made[item] = total
        self._store(item, here)
        for other in self.group.items:
            self._compute(other, here, {})

    def write(self) -> Kernel:
        """Write the function."""
        b, nest = self.builder, self.nest
        self.begin()
        self._begin_totals()
        begin, end = (Register(b, f"%{end}", INT64, 0) for end in ("begin", "end"))
        if self.units == 1:
            self._row(Spot({}), None)
        else:
            with b.loop(begin, end) as unit:
                block = None
                if self.blocks > 1:
                    row = b.quotient(unit, self.blocks) if nest.row_count > 1 else b.index(0)
                    block = unit - row * self.blocks if nest.row_count > 1 else unit
                    unit = row
                self._row(Spot(self.indices(unit, nest.rows)), block)
        self._end_totals()
        b.finish()
        elements_ = (
            nest.row_count
            * nest.column_count
            * (nest.sizes[nest.lanes] if nest.lanes is not None and not nest.swept else 1)
        )
        work = sum(self.cost.values()) + 1
        nbytes = sum(map(self._bytes, (*self.fused.references, *self.fused.stores.values())))
        return Kernel(
            self.name,
            self.units,
            self.scratch,
            flops=elements_ * work,
            nbytes=nbytes,
            cost=2.0 + elements_ * work * 0.3 / max(self.width, 1) + nbytes / 60,
        )

    def _bytes(self, ref: Reference) -> int:
        total = ref.dtype.itemsize
        for axis in ref.strides:
            total *= self.nest.sizes[axis]
        return total

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
            self._lanes(nest.sizes[nest.lanes], None, 1, lambda i, mask, slot: self._across(spot, i, mask))

    def _hoist(self, here: Spot, inner: set[int | None]) -> None:
        """Load what does not change within the inner loops before they begin."""
        for ref in self.fused.references:
            if ref not in self.loads and not ref.bounds and not inner & ref.axes:
                self.loads[ref] = self._load(ref, here)

    # Loops over the lanes' axis

    def _lanes(
        self,
        size: int,
        block: Register | None,
        unroll: int,
        body: Callable[[Register, Register | None, int], None],
    ) -> None:
        """Run ``body(index, mask, slot)`` for every vector of the lanes' axis, or of one block of it."""
        b = self.builder
        step = max(self.width, 1)
        if block is None:
            full, tail = divmod(size, step)
            unroll = min(unroll, full) or 1
            main = full // unroll * unroll
            if main:
                with b.loop(0, main * step, unroll * step) as i:
                    for slot in range(unroll):
                        body(i + slot * step, None, slot)
            for at in range(main, full):
                body(b.index(at * step), None, at - main)
            if tail:
                body(b.index(full * step), self._first(tail), (full - main) % unroll)
            return
        start = block * BLOCK
        stop = b.minimum(start + BLOCK, b.index(size))
        span = stop - start
        main = start + b.quotient(span, unroll * step) * (unroll * step)
        with b.loop(start, main, unroll * step) as i:
            for slot in range(unroll):
                body(i + slot * step, None, slot)
        if size % (unroll * step):
            full = start + b.quotient(span, step) * step
            with b.loop(main, full, step) as i:
                body(i, None, 0)
            if size % step:
                with b.when(full < stop):
                    body(full, self._first(size % step), 0)

    def _first(self, count: int) -> Register:
        """The mask of the first lanes."""
        bits = ", ".join(f"i1 {'true' if at < count else 'false'}" for at in range(self.width))
        return Register(self.builder, f"<{bits}>", BOOL, self.width)

    # Without columns: every item at every element

    def _flat(self, spot: Spot, block: Register | None) -> None:
        nest = self.nest
        totals = self._total_slots(lambda gone: nest.lanes is not None and nest.lanes in gone, self.unroll)
        items = [i for i in self.sweeps.wide[0]]

        def body(i: Register | None, mask: Register | None, slot: int) -> None:
            here = Spot({**spot.index, nest.lanes: i} if i is not None else spot.index, mask, slot=slot)  # type: ignore[dict-item]
            for item in items:
                self._compute(item, here, totals)

        if nest.lanes is None:
            body(None, None, 0)
        else:
            self._lanes(nest.sizes[nest.lanes], block, self.unroll, body)
        for item, slots in totals.items():
            self._add_total(item, spot, self._together(item, slots))

    # Lanes along columns: sweep after sweep

    def _swept(self, spot: Spot) -> None:
        b, nest = self.builder, self.nest
        rows = Spot(dict(spot.index))
        kept: dict[tuple[Item, int], Register] = {}
        for number in range(len(self.sweeps.narrow)):
            for item in self.sweeps.narrow[number]:
                self._compute(item, rows, {})
            if number == len(self.sweeps.wide):
                break
            items = self.sweeps.wide[number]
            folds = {i: self._slots(i, self.unroll) for i in items if folds_row(self.group, i)}
            totals = self._total_slots(lambda gone: set(nest.columns) <= gone, self.unroll, items)

            def body(
                i: Register,
                mask: Register | None,
                slot: int,
                outer: dict[int, Register],
                line: Register | None,
            ) -> None:
                here = Spot({**spot.index, **outer, nest.columns[-1]: i}, mask, dict(rows.made), slot)
                place = i if line is None else line + i
                if self.straight:
                    here.made.update({item: x for (item, at), x in kept.items() if at == slot})
                for item in items:
                    self._recall(item, here, place)
                    self._compute(item, here, {**folds, **totals})
                    if item in self.sweeps.kept:
                        if self.straight:
                            kept[item, slot] = here.made[item]
                        else:
                            self._keep(item, here, place)

            self._columns(body)
            for item, slots in folds.items():
                total = self._together(item, slots)
                rows.made[item] = self._finished(item, total)
                self._store(item, rows)
            for item, slots in totals.items():
                self._add_total(item, rows, self._together(item, slots))

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
                for slot in range(self.vectors):
                    start = slot * max(self.width, 1)
                    rest = size - start
                    mask = self._first(rest) if self.width and rest < self.width else None
                    body(b.index(start), mask, slot, outer, line)
            else:
                self._lanes(size, None, self.unroll, lambda i, mask, slot: body(i, mask, slot, outer, line))

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
            totals = self._total_slots(lambda gone: set(nest.columns) <= gone, 1, items)
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
                for item in items:
                    self._recall(item, here, place)
                    self._compute(item, here, {**folds, **totals})
                    if item in self.sweeps.kept:
                        self._keep(item, here, place)
            for item, slots in folds.items():
                rows.made[item] = self._finished(item, self._together(item, slots, lanes=True))
                self._store(item, rows)
            for item, slots in totals.items():
                gone = self.group.outer[item]
                self._add_total(item, rows, self._together(item, slots, lanes=nest.lanes not in gone))

    # One item at one spot

    def _compute(self, item: Item, here: Spot, folds: Mapping[Item, list[Variable]]) -> None:
        if item in here.made:
            return
        b = self.builder
        inputs = [self._operand(x, item, here) for x in self.fused.operands[item]]
        if isinstance(item, Fold):
            self._fold(item, inputs[0], here, folds)
            return
        if _copies(item):
            made = inputs[0]
        else:
            made = body(item.op, inputs)
        if not isinstance(made, Register):
            made = b.constant(made, computed(item.out.dtype), 0)
        here.made[item] = b.cast(made, item.out.dtype) if made.dtype != computed(item.out.dtype) else made
        self._store(item, here)

    def _operand(self, x: Operand, item: Item, here: Spot) -> Register:
        if isinstance(x, Item):
            return here.made[x]
        if isinstance(x, Reference):
            return self._load(x, here)
        at = self.fused.operands[item].index(x)
        return self.builder.constant(x, computed(item.reads[at].root.dtype), 0)

    def _fold(self, item: Fold, x: Register, here: Spot, folds: Mapping[Item, list[Variable]]) -> None:
        b = self.builder
        how = folding(item.op)
        dtype = computed(item.out.dtype)
        x = b.cast(x, dtype)
        if item not in folds and item not in self.group.outer:
            here.made[item] = self._finished(item, x)
            self._store(item, here)
            return
        alone = item not in folds
        if self.width and (not alone or self.nest.lanes in self.group.outer[item]):
            x = b.splat(x, self.width)
            if here.mask is not None:
                x = b.where(here.mask, x, b.constant(how.neutral(dtype), dtype, self.width))
        if alone:
            if x.lanes and self.nest.lanes in self.group.outer[item]:
                x = b.fold(x, how.combine)
            self._add_total(item, here, x)
            return
        variable = folds[item][here.slot % len(folds[item])]
        variable.set(how.combine(variable.get(), x))

    def _slots(self, item: Item, count: int) -> list[Variable]:
        """Accumulators of a fold."""
        b = self.builder
        dtype = computed(item.out.dtype)
        first = b.constant(folding(item.op).neutral(dtype), dtype, self.width)
        return [b.variable(first) for _ in range(min(count, 4) or 1)]

    def _total_slots(
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

    def _together(self, item: Item, slots: list[Variable], lanes: bool = False) -> Register:
        """What accumulators hold together: one number, or one for each lane."""
        how = folding(item.op)
        parts = [v.get() for v in slots]
        while len(parts) > 1:
            parts = [
                how.combine(*parts[at : at + 2]) if at + 1 < len(parts) else parts[at]
                for at in range(0, len(parts), 2)
            ]
        return parts[0] if lanes or not parts[0].lanes else self.builder.fold(parts[0], how.combine)

    def _finished(self, item: Item, total: Register) -> Register:
        finish = folding(item.op).finish
        if finish is None:
            return total
        shape = item.reads[0].view.shape
        return finish(total, elements(tuple(shape[at] for at in item.axes)))  # type: ignore[attr-defined]

    # Memory

    def _address(self, ref: Reference, here: Spot) -> str:
        """The address of the element at a spot, the first of those in the lanes."""
        b = self.builder
        offset: Register | None = b.index(ref.offset) if ref.offset else None
        for axis, step in ref.strides.items():
            if axis in self.nest.merged or axis not in here.index:
                continue
            part = here.index[axis] if step == 1 else here.index[axis] * step
            offset = part if offset is None else offset + part
        for index, step, size in ref.indirect:
            part = self._counted(index, size, here) * step
            offset = part if offset is None else offset + part
        return b.pointer(self.pointers[ref.argument], offset if offset is not None else b.index(0), ref.dtype)

    def _counted(self, ref: Reference, size: int, here: Spot) -> Register:
        """Integers that count along an axis; negative ones from its end."""
        i = self.builder.cast(self._load(ref, here), INT64)
        return self.builder.where(i < 0, i + size, i)

    def _load(self, ref: Reference, here: Spot) -> Register:
        b, nest = self.builder, self.nest
        if ref in self.loads:
            return self.loads[ref]
        if self.width and any(nest.lanes in index.strides for index, _, _ in ref.indirect):
            return b.gather(
                self._many(ref, here, ref.strides.get(nest.lanes or 0, 0)), ref.dtype, self.width, here.mask
            )
        step = ref.strides.get(nest.lanes, 0) if nest.lanes is not None else 0
        if ref.bounds:
            return self._load_bounded(ref, here, step)
        if not step or not self.width:
            return b.load(self._address(ref, here), ref.dtype, 0)
        if step == 1:
            return b.load(self._address(ref, here), ref.dtype, self.width, here.mask)
        return b.gather(self._many(ref, here, step), ref.dtype, self.width, here.mask)

    def _many(self, ref: Reference, here: Spot, step: int) -> str:
        """The addresses of all lanes."""
        b = self.builder
        spread = [x for x in ref.indirect if self.nest.lanes in x[0].strides]
        near = replace(ref, indirect=tuple(x for x in ref.indirect if x not in spread))
        first = self._address(near, here)
        places = b.lane_numbers(self.width) * step
        for index, stride, size in spread:
            places = places + self._counted(index, size, here) * stride
        unit = "i8" if ref.dtype == BOOL else Register(b, "", ref.dtype, 0).type
        return b.emit(f"getelementptr {unit}, ptr {first}, {places.typed}", INT64, self.width).text

    def _load_bounded(self, ref: Reference, here: Spot, step: int) -> Register:
        b, nest = self.builder, self.nest
        inside: Register | None = None
        for axis, low, high in ref.bounds:
            i = here.index[axis]
            if axis == nest.lanes and self.width:
                i = b.splat(i, self.width) + b.lane_numbers(self.width)
            test = (i >= low) & (i < high)
            if inside is None:
                inside = test
            else:
                lanes = max(inside.lanes, test.lanes)
                inside = b.splat(inside, lanes) & b.splat(test, lanes)
        assert inside is not None
        zero = b.constant(ref.fill, computed(ref.dtype), 0)
        if not self.width or (not step and not inside.lanes):
            address = self._address(ref, here)
            safe = b.emit(
                f"select {inside.typed}, ptr {address}, ptr {self.pointers[ref.argument]}", INT64, 0
            )
            return b.where(inside, b.load(safe.text, ref.dtype, 0), zero)
        inside = b.splat(inside, self.width)
        if here.mask is not None:
            inside = inside & here.mask
        if step == 1:
            x = b.load(self._address(ref, here), ref.dtype, self.width, inside)
        else:
            x = b.gather(self._many(ref, here, step), ref.dtype, self.width, inside)
        return b.where(inside, x, zero) if ref.fill else x

    def _store(self, item: Item, here: Spot) -> None:
        ref = self.fused.stores.get(item)
        if ref is not None:
            self._write(ref, here.made[item], here)

    def _write(self, ref: Reference, x: Register, here: Spot) -> None:
        b = self.builder
        step = ref.strides.get(self.nest.lanes, 0) if self.nest.lanes is not None else 0
        if not step or not self.width:
            b.store(b.narrow(x, ref.dtype), self._address(ref, here))
        elif step == 1:
            b.store(b.splat(b.narrow(x, ref.dtype), self.width), self._address(ref, here), here.mask)
        else:
            b.scatter(b.splat(b.narrow(x, ref.dtype), self.width), self._many(ref, here, step), here.mask)

    # Folds over rows: added to memory, row after row

    def _begin_totals(self) -> None:
        for item, ref in self.fused.totals.items():
            dtype = computed(item.out.dtype)
            if isinstance(item, Scatter):
                self._clear(item, ref)
                continue
            first = folding(item.op).neutral(dtype)
            self._each_total(
                ref,
                lambda here, ref=ref, dtype=dtype, first=first: self._write(
                    ref, self.builder.constant(first, dtype, 0), here
                ),
            )

    def _clear(self, item: Scatter, ref: Reference) -> None:
        """Zero all of what is added to."""
        self.module.declare("void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        nbytes = elements(item.out.shape) * item.out.dtype.itemsize
        base = self.fused.arguments(item.out, 0)
        self.builder.do(
            f"call void @llvm.memset.p0.i64(ptr {self.pointers[base]}, i8 0, i64 {nbytes}, i1 false)"
        )

    def _end_totals(self) -> None:
        for item, ref in self.fused.totals.items():
            if not isinstance(item, Scatter) and folding(item.op).finish is not None:
                self._each_total(
                    ref,
                    lambda here, ref=ref, item=item: self._write(
                        ref, self._finished(item, self._read(ref, here)), here
                    ),
                )

    def _each_total(self, ref: Reference, body: Callable[[Spot], None]) -> None:
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
                    nest.sizes[lanes], None, 1, lambda i, mask, slot: body(Spot({**index, lanes: i}, mask))
                )
            else:
                body(Spot(index))

    def _read(self, ref: Reference, here: Spot) -> Register:
        saved, self.loads = getattr(self, "loads", {}), {}
        x = self._load(ref, here)
        self.loads = saved
        return x

    def _add_total(self, item: Item, here: Spot, x: Register) -> None:
        ref = self.fused.totals.get(item)
        if ref is None:
            return
        self._write(ref, folding(item.op).combine(self._read(ref, here), x), here)

    # What a later sweep needs again

    def _keep(self, item: Item, here: Spot, place: Register) -> None:
        b = self.builder
        at, dtype = self.rooms[item]
        base = b.emit(f"getelementptr i8, ptr %scratch, i64 {at}", INT64, 0).text
        x = b.splat(here.made[item], self.width)
        b.store(x, b.pointer(base, place, dtype), here.mask)

    def _recall(self, item: Item, here: Spot, place: Register) -> None:
        """Read what earlier sweeps kept, where an item needs it."""
        if self.straight:
            return
        b = self.builder
        for x in self.fused.operands[item]:
            if isinstance(x, Item) and x not in here.made and x in self.rooms:
                at, dtype = self.rooms[x]
                base = b.emit(f"getelementptr i8, ptr %scratch, i64 {at}", INT64, 0).text
                here.made[x] = b.load(b.pointer(base, place, dtype), dtype, self.width, here.mask)
