"""Writes loops and choices: which pointers a routine is given at each step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from ..ir import Value
from .builder import Builder
from .control import Choice, Loop, Slot
from .registers import BOOL, INT32, INT64, Register
from .routine import Routine
from .views import aligned

__all__ = ["CallWriter"]

UNKNOWN = 1000
"""Steps that a loop of unknown length is taken to have."""

BETWEEN_LOOKS = 1e7
"""Nanoseconds after which a loop looks whether a signal has come, Ctrl-C for one."""

INTERRUPTED = 3
"""What a routine gives where a signal's handler has raised; Python knows the exception."""


class CallWriter:
    """Writes the loops and choices of one function.

    Args:
        builder: of the function.
        address: the text of a pointer to some bytes behind the beginning of a root.
        constants: the texts of the pointers to the constants of a routine.
        callback: the text of the pointer to what runs NumPy calls.

    Attributes:
        cost: nanoseconds that what was written takes, as estimated.
    """

    def __init__(
        self,
        builder: Builder,
        address: Callable[[Value, int], str],
        constants: Callable[[Routine], Sequence[str]],
        callback: str,
    ) -> None:
        self.builder, self.address, self.constants, self.callback = builder, address, constants, callback
        self.cost = 0.0

    def write(self, item: Loop | Choice, routines: Sequence[Routine]) -> int:
        """Write one; gives the bytes of scratch memory that it takes."""
        return self._loop(item, routines) if isinstance(item, Loop) else self._choice(item, routines)

    # Routines

    def _frame(self, routine: Routine, room: int) -> str:
        """The pointers that a routine is given, with those written that never change."""
        first = len(routine.graph.inputs) + len(routine.graph.outputs)
        fixed = [*self.constants(routine), self._scratch(room), self.callback]
        frame = self.builder.allocate(first + len(fixed), INT64)
        for at, text in enumerate(fixed, first):
            self.builder.give(frame, at, text)
        return frame

    def _call(self, routine: Routine, frame: str) -> None:
        b = self.builder
        done = b.emit(f"call i64 @{routine.name}(ptr {frame})", INT64, 0)
        b.leave_if(done != 0, done)

    def _scratch(self, start: int) -> str:
        return self.builder.further("%scratch", start)

    def _of(self, slot: Slot, step: Register | None = None) -> str:
        """The address of a slot: at its beginning, or at a step."""
        size = slot.root.dtype.itemsize
        start = self.address(slot.root, slot.start * size)
        return (
            start if step is None or not slot.step else self.builder.further(start, step * (slot.step * size))
        )

    # Loops

    def _loop(self, item: Loop, routines: Sequence[Routine]) -> int:
        """A carry lies by turns in its output and beside it, so that the last step writes the output; where
        a step may overwrite what it reads, in its output alone.
        """
        b, body, steps = self.builder, routines[0], item.steps
        top = 64
        beside: dict[int, str] = {}
        for at in item.turned:
            if not body.over[at] and steps not in (0, 1):
                y = item.outputs[at].root
                beside[at] = self._scratch(top)
                top += aligned(y.spec.nbytes)
        room = max(r.workspace for r in routines)
        cost = sum(r.cost + 10 for r in routines)
        self.cost += (UNKNOWN if steps is None else steps) * cost
        for source, target, like in item.heads:
            self.builder.copy(self._of(source), self._of(target), like.spec.nbytes)
        if steps == 0:
            for at, source in item.turned.items():
                y = item.outputs[at].root
                self.builder.copy(self._of(item.inputs[source]), self._of(item.outputs[at]), y.spec.nbytes)
            return top
        frames = [self._frame(routine, top) for routine in routines]
        starts = [self._of(slot) for slot in item.inputs]
        ends = [self._of(slot) for slot in item.outputs]
        turning = set(item.turned.values())
        for frame in frames:
            for at, text in enumerate(starts):
                if at not in turning and not item.inputs[at].step:
                    self.builder.give(frame, at, text)

        def turn(step: Register) -> dict[int, tuple[str, str]]:
            """For each carry, by its output, where it is read and where it is written."""
            places: dict[int, tuple[str, str]] = {}
            first = (step == 0).typed
            odd = 0 if steps is None else (steps - 1) % 2
            even = (b.emit(f"and i64 {step.text}, 1", INT64, 0) == odd).typed
            for at, source in item.turned.items():
                old = new = ends[at]
                if at in beside:
                    new = _either(b, even, ends[at], beside[at])
                    old = _either(b, even, beside[at], ends[at])
                places[at] = _either(b, first, starts[source], old), new
            return places

        def run(step: Register, places: dict[int, tuple[str, str]], which: int) -> None:
            frame = frames[which]
            for at, (old, new) in places.items():
                self.builder.give(frame, item.turned[at], old)
                if not which:
                    self.builder.give(frame, len(item.inputs) + at, new)
            for at, slot in enumerate(item.inputs):
                if at not in turning and slot.step:
                    self.builder.give(frame, at, self._of(slot, step))
            if not which:
                for at, slot in enumerate(item.outputs):
                    if at not in item.turned:
                        self.builder.give(frame, len(item.inputs) + at, self._of(slot, step))
            self._call(routines[which], frame)
            if not which:
                self._look(step, steps, cost)

        if steps is not None:
            with b.loop(0, steps) as step:
                run(step, turn(step), 0)
            return top + room
        self.builder.give(frames[1], len(item.inputs), "%scratch")
        places: dict[int, tuple[str, str]] = {}

        def goes_on(step: Register) -> Register:
            places.update(turn(step))
            run(step, places, 1)
            return b.load("%scratch", BOOL, 0)

        with _endless(b, goes_on) as step:
            run(step, places, 0)
        for at, (last, _) in places.items():
            elsewhere = b.emit(f"icmp ne ptr {last}, {ends[at]}", BOOL, 0)
            with b.when(elsewhere):
                self.builder.copy(last, ends[at], item.outputs[at].root.spec.nbytes)
        return top + room

    def _look(self, step: Register, steps: int | None, cost: float) -> None:
        """Now and then, let Python run the handlers of signals that have come."""
        b = self.builder
        period = 1 << max(int(BETWEEN_LOOKS / cost), 1).bit_length() - 1
        if steps is not None and steps < period:
            return
        count = b.emit(f"and i64 {step.text}, {period - 1}", INT64, 0)
        with b.when(count == period - 1):
            raised = b.call("i32", b.module.helper("dg_signals", lambda: _write_signals(b)), [], INT32, 0)
            b.leave_if(raised != 0, b.index(INTERRUPTED))

    # Choices

    def _choice(self, item: Choice, routines: Sequence[Routine]) -> int:
        b = self.builder
        self.cost += max(r.cost for r in routines) + 10
        chosen, *reads = item.reads
        p = b.load(
            self.address(chosen.root, chosen.view.offset * chosen.root.dtype.itemsize), chosen.root.dtype, 0
        )
        label = b.name()[1:]
        last = len(routines) - 1
        cases = " ".join(f"i64 {at}, label %{label}.{at}" for at in range(last))
        b.do(f"switch {_number(p, last).typed}, label %{label}.{last} [ {cases} ]")
        for at, routine in enumerate(routines):
            b.label(f"{label}.{at}")
            frame = self._frame(routine, 0)
            slots = [*(Slot(x.root, x.view.offset) for x in reads), *map(Slot, item.outs)]
            for place, slot in enumerate(slots):
                self.builder.give(frame, place, self._of(slot))
            self._call(routine, frame)
            b.do(f"br label %{label}.end")
        b.label(f"{label}.end")
        return max(r.workspace for r in routines)


def _number(p: Register, last: int) -> Register:
    """Which branch: the first for what is true; an integer beyond an end counts as that end."""
    b = p.builder
    if p.dtype == BOOL:
        return b.where(p, b.index(0), b.index(1))
    wide = b.cast(p, INT64)
    if p.dtype.kind == "u":
        b.module.declare("i64 @llvm.umin.i64(i64, i64)")
        return b.emit(f"call i64 @llvm.umin.i64({wide.typed}, i64 {last})", INT64, 0)
    return b.where(wide < 0, b.index(0), wide)


def _either(b: Builder, condition: str, x: str, y: str) -> str:
    return x if x == y else b.emit(f"select {condition}, ptr {x}, ptr {y}", INT64, 0).text


def _write_signals(b: Builder) -> None:
    """A function that is not 0 where the handler of a signal has raised."""
    for signature in (
        "i32 @PyGILState_Ensure()",
        "void @PyGILState_Release(i32)",
        "i32 @PyErr_CheckSignals()",
    ):
        b.module.declare(signature)
    b.module.add(
        "define internal i32 @dg_signals() {\n"
        "  %state = call i32 @PyGILState_Ensure()\n"
        "  %raised = call i32 @PyErr_CheckSignals()\n"
        "  call void @PyGILState_Release(i32 %state)\n"
        "  ret i32 %raised\n}\n"
    )


@contextmanager
def _endless(b: Builder, goes_on: Callable[[Register], Register]) -> Generator[Register]:
    """A loop that asks before each step whether it goes on; gives the number of the step."""
    label = b.name()[1:]
    b.do(f"br label %{label}.head")
    before = b.block
    b.label(f"{label}.head")
    step = Register(b, f"%{label}.i", INT64, 0)
    at = len(b.lines)
    b.lines.append("")
    b.do(f"br {goes_on(step).typed}, label %{label}.body, label %{label}.exit")
    b.label(f"{label}.body")
    yield step
    b.do(f"%{label}.next = add i64 {step.text}, 1")
    b.do(f"br label %{label}.head")
    b.lines[at] = f"  {step.text} = phi i64 [ 0, %{before} ], [ %{label}.next, %{b.block} ]"
    b.label(f"{label}.exit")
