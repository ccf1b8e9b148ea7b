"""Writes what a kernel does at one spot of its loops: items, what they read and write, and sums over rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .builder import Builder, Variable
from .folding import computed, folding
from .fused import Fused, Operand, Spot, copies
from .groups import Group
from .items import Fold, Item
from .memory import Reference
from .module import Module
from .nest import Nest
from .registers import BOOL, INT64, Register
from .views import elements

__all__ = ["SpotWriter"]


class SpotWriter:
    """What a writer of kernels does at one spot. The loops around it are its subclass's."""

    fused: Fused
    group: Group
    nest: Nest
    module: Module
    builder: Builder
    width: int
    straight: bool
    rooms: dict[Item, tuple[int, Any]]
    pointers: list[str]
    loads: dict[Reference, Register]

    # One item at one spot

    def _compute(self, item: Item, here: Spot, folds: Mapping[Item, list[Variable]]) -> None:
        if item in here.made:
            return
        b = self.builder
        inputs = [self._operand(x, item, here) for x in self.fused.operands[item]]
        if isinstance(item, Fold):
            self._fold(item, inputs[0], here, folds)
            return
        made = inputs[0] if copies(item) else item.op.element(*inputs)
        if not isinstance(made, Register):
            made = b.constant(made, computed(item.out.dtype), 0)
        self._put_down(item, made, here)

    def _put_down(self, item: Item, made: Register, here: Spot) -> None:
        """Note what an item comes to, in its own dtype, and store it where it is needed."""
        wanted = item.out.dtype
        here.made[item] = self.builder.cast(made, wanted) if made.dtype != computed(wanted) else made
        self._store(item, here)

    def _compute_pack(self, pack: list[Item], here: Spot, folds: Mapping[Item, list[Variable]]) -> None:
        """Items of one op at once, on vectors of their operands."""
        first = pack[0]
        if len(pack) == 1:
            self._compute(first, here, folds)
            return
        b = self.builder
        rows = ([self._operand(x, item, here) for x in self.fused.operands[item]] for item in pack)
        made: Register = first.op.element(*map(b.packed, zip(*rows, strict=True)))
        for at, item in enumerate(pack):
            self._put_down(item, b.emit(f"extractelement {made.typed}, i64 {at}", made.dtype, 0), here)

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
        apart = any(self.nest.lanes in index.strides for index, _, _ in ref.indirect)
        if self.width and apart:
            x = b.splat(b.narrow(x, ref.dtype), self.width)
            b.scatter(x, self._many(ref, here, step), here.mask)
        elif not step or not self.width:
            b.store(b.narrow(x, ref.dtype), self._address(ref, here))
        elif step == 1:
            b.store(b.splat(b.narrow(x, ref.dtype), self.width), self._address(ref, here), here.mask)
        else:
            b.scatter(b.splat(b.narrow(x, ref.dtype), self.width), self._many(ref, here, step), here.mask)

    # Folds over rows: added to memory, row after row

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
