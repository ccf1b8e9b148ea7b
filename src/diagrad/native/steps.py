"""Writes the calls of a routine's kernels: one after the other, or where they are many a loop over a table.

A table costs a few nanoseconds a call, and next to nothing to compile: a network unrolled over many steps
calls a handful of kernels thousands of times.
"""

from __future__ import annotations

from collections.abc import Sequence

from .builder import Builder
from .clock import Clock
from .kernel import Kernel
from .kernel import parts as shared_out
from .registers import BOOL, INT64, Register
from .team import SIGNATURE
from .views import aligned

__all__ = ["KernelCalls", "Place"]

Place = tuple[int, int]
"""Where an argument lies: behind which of the routine's pointers, and how many bytes further."""

LONG = 32
"""Calls in a row from which on there is a table."""

_ROW = "{ ptr, i64, i64, i64, i64, i64, ptr }"
"""Kernel, units, first and last of its places, parts, scratch memory of each, what ends it."""


class KernelCalls:
    """Writes the kernel calls of one function.

    Args:
        builder: of the function, ``%scratch`` and ``%buffers`` being there.
        name: of the function.
        pointers: the texts of its pointers.
        most: how many arguments a kernel has at most.
        threads: into how many parts long kernels are split.
        clock: what reads the time after each step, if anything does.

    Attributes:
        scratch: bytes of scratch memory that the calls need.
    """

    def __init__(
        self,
        builder: Builder,
        name: str,
        pointers: Sequence[str],
        most: int,
        threads: int,
        clock: Clock | None = None,
    ) -> None:
        self.builder, self.name, self.pointers, self.threads = builder, name, pointers, threads
        self.clock = clock
        self.scratch = 0
        self._steps = 0
        self._frame = builder.allocate(most, INT64)
        self._waiting: list[tuple[Kernel, Sequence[Place]]] = []
        self._tables = 0

    def add(self, kernel: Kernel, places: Sequence[Place]) -> None:
        """One call more; written by :meth:`flush`."""
        self._waiting.append((kernel, places))
        self.scratch = max(self.scratch, aligned(kernel.scratch) * self._parts(kernel))

    def flush(self) -> None:
        """Write the calls that wait."""
        calls, self._waiting = self._waiting, []
        if len(calls) >= LONG:
            self._table(calls)
            self._steps += len(calls)
            return
        for kernel, places in calls:
            for at, (pointer, offset) in enumerate(places):
                self.builder.give(self._frame, at, self.address(pointer, offset))
            self._call(kernel)
            self.other()

    def other(self) -> None:
        """Another step is written: note its time."""
        if self.clock:
            self.clock.record(self.builder.index(self._steps))
        self._steps += 1

    def address(self, pointer: int, offset: int) -> str:
        """The text of a pointer to a place."""
        return self.builder.further(self.pointers[pointer], offset)

    def _parts(self, kernel: Kernel) -> int:
        return 1 if kernel.serial else shared_out(self.threads, kernel.units, kernel.cost)

    def _call(self, kernel: Kernel) -> None:
        """Run a kernel, shared out to threads where it is long."""
        parts, room = self._parts(kernel), aligned(kernel.scratch)
        if parts == 1:
            self._alone(f"@{kernel.name}", str(kernel.units))
            return
        self._together(f"@{kernel.name}", str(kernel.units), str(room))
        if kernel.ending:
            self._end(f"@{kernel.ending}", str(parts), str(room))

    def _alone(self, kernel: str, units: str) -> None:
        self.builder.do(f"call void {kernel}(ptr {self._frame}, i64 0, i64 {units}, i64 0, ptr %scratch)")

    def _together(self, kernel: str, units: str, room: str) -> None:
        self.builder.module.declare(SIGNATURE)
        self.builder.do(
            f"call void @dg_parallel(ptr {kernel}, ptr {self._frame}, i64 {units}, "
            f"ptr %scratch, i64 {room}, i64 {self.threads})"
        )

    def _end(self, ending: str, parts: str, room: str) -> None:
        self.builder.do(f"call void {ending}(ptr {self._frame}, i64 {parts}, ptr %scratch, i64 {room})")

    def _table(self, calls: Sequence[tuple[Kernel, Sequence[Place]]]) -> None:
        b = self.builder
        rows: list[str] = []
        flat: list[str] = []
        for kernel, places in calls:
            ending = f"@{kernel.ending}" if kernel.ending else "null"
            numbers = (
                kernel.units,
                len(flat),
                len(flat) + len(places),
                self._parts(kernel),
                aligned(kernel.scratch),
            )
            texts = (f"ptr @{kernel.name}", *(f"i64 {number}" for number in numbers), f"ptr {ending}")
            rows.append(f"{_ROW} {{ {', '.join(texts)} }}")
            flat += (f"[2 x i64] [i64 {pointer}, i64 {offset}]" for pointer, offset in places)
        self._tables += 1
        name = f"{self.name}.{self._tables}"
        for what, kind, all_ in (("calls", _ROW, rows), ("places", "[2 x i64]", flat)):
            inside = ",\n  ".join(all_)
            b.module.add(f"@{name}.{what} = internal constant [{len(all_)} x {kind}] [\n  {inside}\n]\n")

        def field(record: str, kind: str, at: int, what: str) -> str:
            place = b.emit(f"getelementptr {kind}, ptr {record}, i64 0, i32 {at}", INT64, 0).text
            return b.emit(f"load {what}, ptr {place}", INT64, 0).text

        with b.loop(0, len(rows)) as i:
            row = b.emit(f"getelementptr {_ROW}, ptr @{name}.calls, {i.typed}", INT64, 0).text
            kernel, ending = field(row, _ROW, 0, "ptr"), field(row, _ROW, 6, "ptr")
            units, first, last, parts, room = (field(row, _ROW, at, "i64") for at in range(1, 6))
            begin = Register(b, first, INT64, 0)
            with b.loop(begin, Register(b, last, INT64, 0)) as j:
                place = b.emit(f"getelementptr [2 x i64], ptr @{name}.places, {j.typed}", INT64, 0).text
                number, offset = (field(place, "[2 x i64]", at, "i64") for at in range(2))
                base = b.emit(f"getelementptr ptr, ptr %buffers, i64 {number}", INT64, 0).text
                pointer = b.emit(f"load ptr, ptr {base}", INT64, 0).text
                b.give(self._frame, j - begin, b.further(pointer, Register(b, offset, INT64, 0)))
            if all(self._parts(kernel) == 1 for kernel, _ in calls):
                self._alone(kernel, units)
            else:
                alone = b.emit(f"icmp eq i64 {parts}, 1", BOOL, 0)
                with b.when(alone):
                    self._alone(kernel, units)
                with b.when(~alone):
                    self._together(kernel, units, room)
                    ends = b.emit(f"icmp ne ptr {ending}, null", BOOL, 0)
                    with b.when(ends):
                        self._end(ending, parts, room)
            if self.clock:
                self.clock.record(i + self._steps)
