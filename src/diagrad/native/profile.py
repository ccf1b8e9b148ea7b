"""How long each step of a program takes, and how long it would take at the machine's limits.

The limits are the roofline's (S. Williams, A. Waterman & D. Patterson, *Commun. ACM* 52 (2009) 65–76). They
are measured on this machine by programs of the engine's own: multiply-adds by a product of matrices, bytes by
a sum of two arrays that lie near the processor, and of two that lie in memory.
"""

from __future__ import annotations

import ctypes
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np

from .. import ops
from ..ir import DType
from ..ir.build import Builder
from ..ir.graph import Value
from .clock import TABLE
from .entry import Executable
from .kernel import Kernel
from .program import Program, build

__all__ = ["Limits", "Times", "limits", "time_steps"]

Array = np.ndarray[Any, Any]

NEAR = 1 << 20
"""Bytes up to which what a kernel reads and writes is taken to be near the processor."""


@dataclass(frozen=True)
class Times:
    """How long a program takes.

    Attributes:
        steps: nanoseconds of each step, the median over the runs.
        call: nanoseconds of a call of the program as it is, without readings in between.
        runs: how many runs they come from.
    """

    steps: tuple[float, ...]
    call: float
    runs: int


@dataclass(frozen=True)
class Limits:
    """What a machine can do.

    Attributes:
        flops: floating-point operations in a nanosecond, a multiply-add being two, in float32.
        near, memory: bytes in a nanosecond that lie near the processor, and in memory.
    """

    flops: float
    near: float
    memory: float

    def least(self, kernel: Kernel, dtype: DType, product: bool) -> float:
        """Nanoseconds that a kernel takes at least.

        An elementwise operation counts as one, and takes as long as a multiply-add.
        """
        rate = self.flops * 4 / max(dtype.itemsize, 2) / (1 if product else 2)
        bandwidth = self.near if kernel.nbytes <= NEAR else self.memory
        return max(kernel.flops / rate, kernel.nbytes / bandwidth)


def time_steps(program: Program, inputs: Sequence[Any], seconds: float = 0.3) -> Times:
    """Run a program, and one that is built like it with readings between its steps, again and again.

    Args:
        program: what is timed.
        inputs: arrays and numbers that fit it. What it would overwrite is copied first.
        seconds: how long to go on, about.
    """
    timed = build(program.graph, program.donated, program.threads, program.module.target, timed=True)
    floats = {at for at, x in enumerate(inputs) if isinstance(x, float)}
    whole, split = (Executable(p, floats=floats) for p in (program, timed))
    rounds = _Rounds(program, inputs)
    memory = (ctypes.c_int64 * (len(timed.steps) + 1)).from_address(split.address(TABLE))
    table: Array = np.frombuffer(cast("Any", memory), np.int64)
    calls: list[int] = []
    ticks: list[Array] = []
    ends: list[tuple[int, int]] = []
    stop = time.perf_counter() + seconds
    while len(calls) < 3 or time.perf_counter() < stop:
        calls.append(rounds.run(whole))
        table[:] = 0
        rounds.run(split)
        ends.append((int(table[0]), time.perf_counter_ns()))
        ticks.append(table[1:].copy())
    (first, start), (last, end) = ends[0], ends[-1]
    scale = (end - start) / max(last - first, 1)
    middle = np.median(np.array(ticks[1:]), axis=0) * scale
    return Times(tuple(map(float, middle)), statistics.median(calls[1:]), len(calls) - 1)


class _Rounds:
    """Runs of a program on copies of what it overwrites."""

    def __init__(self, program: Program, inputs: Sequence[Any]) -> None:
        taken = [source for source in program.donated if source is not None]
        self._first = {at: inputs[at] for at in taken}
        self._own = {at: inputs[at].copy() for at in taken}
        self._given = [self._own.get(at, x) for at, x in enumerate(inputs)]
        outputs = zip(program.outputs, program.donated, strict=True)
        self._out = [np.empty(y.shape, y.dtype) for y, source in outputs if source is None]

    def run(self, exe: Executable) -> int:
        """One run; gives the nanoseconds that it took."""
        for at, x in self._own.items():
            x[...] = self._first[at]
        workspace = exe.workspace()
        start = time.perf_counter_ns()
        status = exe.run(*self._given, *self._out, workspace)
        took = time.perf_counter_ns() - start
        exe.release(workspace)
        if error := exe.failure():
            raise error
        if status:
            raise RuntimeError(f"the program failed with status {status}")
        return took


@cache
def limits(threads: int) -> Limits:
    """What this machine can do with so many threads; it takes a quarter of a second to find out."""
    size, near, far = 512, 1 << 16, 1 << 23

    def best(op: Any, shapes: Sequence[tuple[int, ...]]) -> float:
        make = Builder()
        values = [make.input(Value(shape, np.dtype("f4"))) for shape in shapes]
        graph = make.graph(list(make.apply(op, *values)), "limit")
        exe = Executable(build(graph, threads=threads))
        rounds = _Rounds(exe.program, [np.ones(shape, np.float32) for shape in shapes])
        return min(_several(lambda: rounds.run(exe)))

    product = best(ops.MatMul(), [(size, size), (size, size)])
    return Limits(
        2 * size**3 / product,
        *(12 * count / best(ops.Add(), [(count,), (count,)]) for count in (near, far)),
    )


def _several(run: Callable[[], int]) -> list[int]:
    stop = time.perf_counter() + 0.05
    took = [run() for _ in range(3)]
    while time.perf_counter() < stop:
        took.append(run())
    return took
