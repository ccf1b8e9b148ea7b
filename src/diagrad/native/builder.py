"""Writes one function of LLVM assembly: arithmetic on registers, memory, loops.

Methods that compute are called as NumPy's ufuncs are, take registers or Python numbers, and mean what NumPy
means; :mod:`.arithmetic` has them. What is here is the skeleton: constants, loads and stores, loops.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..ir import DType
from . import halves
from .math import Transcendental
from .module import Module
from .registers import BOOL, INT64, Register, llvm_type

__all__ = ["COPY", "Builder"]

COPY = "void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"
"""What a module declares that copies memory."""


class Builder(Transcendental):
    """Writes the body of one function.

    Args:
        module: where the function goes, with what it calls.
        head: its first line without the brace, ``define internal void @f(ptr %a)``.
        lanes: how many numbers the registers hold that :meth:`constant` and loads make; 0 for single ones.
    """

    def __init__(self, module: Module, head: str, lanes: int = 0) -> None:
        self.module, self.head, self.lanes = module, head, lanes
        self.lines: list[str] = []
        self.entry: list[str] = []
        self.block = "start"
        self._count = 0

    # Names, lines

    def name(self) -> str:
        """A fresh local name."""
        self._count += 1
        return f"%t{self._count}"

    def emit(self, text: str, dtype: DType, lanes: int) -> Register:
        """An instruction and the register of its result."""
        self._count += 1
        name = f"%t{self._count}"
        self.lines.append(f"  {name} = {text}")
        return Register(self, name, dtype, lanes)

    def do(self, text: str) -> None:
        """An instruction without a result."""
        self.lines.append("  " + text)

    @contextmanager
    def at_entry(self) -> Generator[None]:
        """What is written within goes where the function begins."""
        self.lines, body = self.entry, self.lines
        yield
        self.lines = body

    def finish(self, result: Register | None = None) -> None:
        """Return, and put the function into its module."""
        self.do(f"ret {result.typed}" if result is not None else "ret void")
        body = ["entry:", *self.entry, "  br label %start", "start:", *self.lines]
        self.module.add(f"{self.head} {self.module.attributes} {{\n" + "\n".join(body) + "\n}\n")

    # Constants

    def constant(self, value: Any, dtype: DType, lanes: int | None = None) -> Register:
        """A number in every lane."""
        lanes = self.lanes if lanes is None else lanes
        text = literal(value, dtype)
        if lanes:
            text = f"splat ({llvm_type(dtype, 0)} {text})"
        return Register(self, text, dtype, lanes)

    def index(self, value: int) -> Register:
        """A single 64-bit integer."""
        return Register(self, str(value), INT64, 0)

    def splat(self, x: Register, lanes: int | None = None) -> Register:
        """A single number in every lane."""
        lanes = self.lanes if lanes is None else lanes
        if x.lanes == lanes or not lanes:
            return x
        if not x.text.startswith("%"):
            return Register(self, f"splat ({x.type} {x.text})", x.dtype, lanes)
        kind = llvm_type(x.dtype, lanes)
        first = self.emit(f"insertelement {kind} poison, {x.typed}, i64 0", x.dtype, lanes)
        return self.emit(
            f"shufflevector {first.typed}, {kind} poison, <{lanes} x i32> zeroinitializer", x.dtype, lanes
        )

    def packed(self, xs: Sequence[Register]) -> Register:
        """Single numbers side by side, the lanes being a power of two; the first fills what is left."""
        lanes = 1 << (len(xs) - 1).bit_length()
        total = self.splat(xs[0], lanes)
        for at, x in enumerate(xs[1:], 1):
            total = self.emit(f"insertelement {total.typed}, {x.typed}, i64 {at}", x.dtype, lanes)
        return total

    def lane_numbers(self, lanes: int | None = None, dtype: DType = INT64) -> Register:
        """0, 1, 2 … in the lanes."""
        lanes = self.lanes if lanes is None else lanes
        if not lanes:
            return self.constant(0, dtype, 0)
        kind = llvm_type(dtype, 0)
        return Register(self, "<" + ", ".join(f"{kind} {at}" for at in range(lanes)) + ">", dtype, lanes)

    # Memory

    def pointer(self, base: str, offset: Register, dtype: DType) -> str:
        """The address of an element: ``offset`` counts elements."""
        unit = "i8" if dtype == BOOL else llvm_type(dtype, 0)
        if offset.text == "0":
            return base
        return self.emit(f"getelementptr {unit}, ptr {base}, {offset.typed}", INT64, 0).text

    def load(
        self, address: str, dtype: DType, lanes: int | None = None, mask: Register | None = None
    ) -> Register:
        """Consecutive numbers from memory; lanes that are off in ``mask`` are zero and not touched."""
        lanes = self.lanes if lanes is None else lanes
        stored = _stored(dtype)
        kind = llvm_type(stored, lanes)
        if mask is not None and lanes:
            suffix = f"v{lanes}{_short(stored)}"
            self.module.declare(f"{kind} @llvm.masked.load.{suffix}.p0(ptr, i32, <{lanes} x i1>, {kind})")
            x = self.emit(
                f"call {kind} @llvm.masked.load.{suffix}.p0(ptr {address}, i32 {stored.itemsize}, "
                f"{mask.typed}, {kind} zeroinitializer)",
                stored,
                lanes,
            )
        else:
            x = self.emit(f"load {kind}, ptr {address}, align {stored.itemsize}", stored, lanes)
        return self._loaded(x, dtype)

    def further(self, base: str, nbytes: int | Register) -> str:
        """An address so many bytes behind another."""
        distance = nbytes if isinstance(nbytes, Register) else self.index(nbytes)
        if distance.text == "0":
            return base
        return self.emit(f"getelementptr i8, ptr {base}, {distance.typed}", INT64, 0).text

    def give(self, frame: str, at: int | Register, address: str) -> None:
        """Write an address into an array of them."""
        place = at if isinstance(at, Register) else self.index(at)
        self.do(f"store ptr {address}, ptr {self.pointer(frame, place, INT64)}")

    def copy(self, source: str, target: str, nbytes: int) -> None:
        """Bytes from one address to another."""
        self.module.declare(COPY)
        self.do(f"call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {source}, i64 {nbytes}, i1 false)")

    def gather(self, addresses: str, dtype: DType, lanes: int, mask: Register | None = None) -> Register:
        """Numbers from memory at a vector of addresses."""
        stored = _stored(dtype)
        kind, suffix = llvm_type(stored, lanes), f"v{lanes}{_short(stored)}.v{lanes}p0"
        self.module.declare(
            f"{kind} @llvm.masked.gather.{suffix}(<{lanes} x ptr>, i32, <{lanes} x i1>, {kind})"
        )
        on = mask.text if mask is not None else "splat (i1 true)"
        x = self.emit(
            f"call {kind} @llvm.masked.gather.{suffix}(<{lanes} x ptr> {addresses}, i32 {stored.itemsize}, "
            f"<{lanes} x i1> {on}, {kind} zeroinitializer)",
            stored,
            lanes,
        )
        return self._loaded(x, dtype)

    def scatter(self, x: Register, addresses: str, mask: Register | None = None) -> None:
        """Numbers to memory at a vector of addresses, in the order of the lanes."""
        x = self._storable(x)
        kind, suffix = x.type, f"v{x.lanes}{_short(x.dtype)}.v{x.lanes}p0"
        self.module.declare(
            f"void @llvm.masked.scatter.{suffix}({kind}, <{x.lanes} x ptr>, i32, <{x.lanes} x i1>)"
        )
        on = mask.text if mask is not None else "splat (i1 true)"
        self.do(
            f"call void @llvm.masked.scatter.{suffix}({x.typed}, <{x.lanes} x ptr> {addresses}, "
            f"i32 {x.dtype.itemsize}, <{x.lanes} x i1> {on})"
        )

    def store(self, x: Register, address: str, mask: Register | None = None) -> None:
        """Numbers to consecutive places in memory; lanes that are off in ``mask`` are not touched."""
        x = self._storable(x)
        if mask is not None and x.lanes:
            suffix = f"v{x.lanes}{_short(x.dtype)}"
            self.module.declare(f"void @llvm.masked.store.{suffix}.p0({x.type}, ptr, i32, <{x.lanes} x i1>)")
            self.do(
                f"call void @llvm.masked.store.{suffix}.p0({x.typed}, ptr {address}, "
                f"i32 {x.dtype.itemsize}, {mask.typed})"
            )
        else:
            self.do(f"store {x.typed}, ptr {address}, align {x.dtype.itemsize}")

    def _loaded(self, x: Register, dtype: DType) -> Register:
        """What was loaded, as it is computed with: bits of booleans, float32 of float16."""
        if dtype == BOOL:
            return self.emit(f"icmp ne {x.typed}, {'zeroinitializer' if x.lanes else '0'}", BOOL, x.lanes)
        if dtype.str[1:] == "f2":
            return halves.widened(self, x)
        return x

    def _storable(self, x: Register) -> Register:
        if x.dtype == BOOL:
            return self.emit(f"zext {x.typed} to {llvm_type(_BYTE, x.lanes)}", _BYTE, x.lanes)
        return x

    # Variables and control flow

    def variable(self, first: Register) -> Variable:
        """A place that holds a register and can be written again: an accumulator."""
        return Variable(self, first)

    @contextmanager
    def loop(self, start: int | Register, stop: int | Register, step: int = 1) -> Generator[Register]:
        """A loop over ``range(start, stop, step)``; gives its counter.

        With ends that are known and one round, there is no loop.
        """
        if isinstance(start, int) and isinstance(stop, int) and stop - start <= step:
            if stop <= start:
                raise ValueError("an empty loop: leave it out")
            yield self.index(start)
            return
        begin, end = (x if isinstance(x, Register) else self.index(x) for x in (start, stop))
        label = self.name()[1:]
        self.do(f"br label %{label}.head")
        before = self.block
        self.label(f"{label}.head")
        counter = Register(self, f"%{label}.i", INT64, 0)
        at = len(self.lines)
        self.lines.append("")
        test = self.emit(f"icmp slt {counter.typed}, {end.text}", BOOL, 0)
        self.do(f"br {test.typed}, label %{label}.body, label %{label}.exit")
        self.label(f"{label}.body")
        yield counter
        self.do(f"%{label}.next = add nuw nsw i64 {counter.text}, {step}")
        self.do(f"br label %{label}.head")
        self.lines[at] = (
            f"  {counter.text} = phi i64 [ {begin.text}, %{before} ], [ %{label}.next, %{self.block} ]"
        )
        self.label(f"{label}.exit")

    @contextmanager
    def when(self, condition: Register) -> Generator[None]:
        """Instructions that run where ``condition``, a single bit, is set."""
        label = self.name()[1:]
        self.do(f"br {condition.typed}, label %{label}.then, label %{label}.end")
        self.label(f"{label}.then")
        yield
        self.do(f"br label %{label}.end")
        self.label(f"{label}.end")

    def leave_if(self, condition: Register, status: Register) -> None:
        """Return early."""
        with self.when(condition):
            self.do(f"ret {status.typed}")
            self.label(self.name()[1:])

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")
        self.block = name

    def allocate(self, count: int, dtype: DType) -> str:
        """The address of room on the stack, aligned to a cache line."""
        name = self.name()
        unit = "i8" if dtype == BOOL else llvm_type(dtype, 0)
        self.entry.append(f"  {name} = alloca [{max(count, 1)} x {unit}], align 64")
        return name

    def call(
        self, result: str, name: str, arguments: Sequence[Register], dtype: DType, lanes: int
    ) -> Register:
        """Call a function of the module or one that it declares."""
        given = ", ".join(x.typed for x in arguments)
        return self.emit(f"call {result} @{name}({given})", dtype, lanes)

    # Indices and narrow numbers

    def quotient(self, x: Register, by: int) -> Register:
        """⌊x / by⌋ of an index, which is not negative."""
        return x if by == 1 else self.emit(f"udiv {x.typed}, {by}", INT64, 0)

    def narrow(self, x: Register, dtype: DType) -> Register:
        """A register as memory holds it: float32 as the bits of a float16."""
        return halves.narrowed(self, x) if dtype.str[1:] == "f2" else x

    # Horizontal

    def shifted(self, x: Register, fill: Register, by: int) -> Register:
        """In each lane what lies ``by`` lanes before it, and ``fill`` where there is none."""
        places = (at - by if 0 <= at - by < x.lanes else x.lanes for at in range(x.lanes))
        mask = ", ".join(f"i32 {at}" for at in places)
        return self.emit(
            f"shufflevector {x.typed}, {fill.typed}, <{x.lanes} x i32> <{mask}>", x.dtype, x.lanes
        )

    def fold(self, x: Register, combine: Any) -> Register:
        """All lanes in one number: halves are combined until one is left."""
        lanes = x.lanes
        while lanes > 1:
            half = lanes // 2
            low = ", ".join(f"i32 {at}" for at in range(half))
            high = ", ".join(f"i32 {at + half}" for at in range(half))
            parts = [
                self.emit(f"shufflevector {x.typed}, {x.type} poison, <{half} x i32> <{mask}>", x.dtype, half)
                for mask in (low, high)
            ]
            x, lanes = combine(*parts), half
        if not x.lanes:
            return x
        return self.emit(f"extractelement {x.typed}, i64 0", x.dtype, 0)


class Variable:
    """A register that can be written again. LLVM keeps it in a machine register."""

    __slots__ = ("builder", "first", "place")

    def __init__(self, builder: Builder, first: Register) -> None:
        self.builder, self.first = builder, first
        self.place = builder.name()
        builder.entry.append(f"  {self.place} = alloca {first.type}")
        self.set(first)

    def get(self) -> Register:
        """What it holds."""
        x = self.first
        return self.builder.emit(f"load {x.type}, ptr {self.place}", x.dtype, x.lanes)

    def set(self, x: Register) -> None:
        """Hold another."""
        self.builder.do(f"store {x.typed}, ptr {self.place}")


_BYTE = np.dtype(np.uint8)


def _stored(dtype: DType) -> DType:
    """The dtype of a value in memory: a boolean is a byte, a half 16 bits."""
    return _BYTE if dtype == BOOL else halves.INT16 if dtype == halves.HALF else dtype


def _short(dtype: DType) -> str:
    return f"f{8 * dtype.itemsize}" if dtype.kind == "f" else f"i{8 * dtype.itemsize}"


def literal(value: Any, dtype: DType) -> str:
    """A number as LLVM's assembly writes it, to the last bit.

    >>> literal(0.1, np.dtype("float32")), literal(-3, np.dtype("int32")), literal(True, np.dtype(bool))
    ('0x3FB99999A0000000', '-3', 'true')
    """
    if dtype == BOOL:
        return "true" if value else "false"
    if dtype.kind in "iu":
        return str(int(value))
    bits = struct.unpack("<Q", struct.pack("<d", float(dtype.type(value))))[0]
    return f"0x{bits:016X}"
