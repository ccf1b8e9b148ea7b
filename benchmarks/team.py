"""What a parallel region costs: the time of a region less that of its longest part, minima of many rounds.

``empty``: no work at all, so the caller often runs all parts before a worker has seen them. ``2 µs`` and
``20 µs``: parts that compute for so long. ``asleep``: parts of 200 µs after a pause
in which the workers fell asleep.

python benchmarks/team.py
"""

from __future__ import annotations

import ctypes
import time

from diagrad.native import codegen, cores, team
from diagrad.native.builder import Builder
from diagrad.native.kernel import PARAMETERS
from diagrad.native.module import Module
from diagrad.native.registers import FLOAT64, INT64, Register
from diagrad.native.target import host

ROUNDS = 200


def functions() -> codegen.Code:
    """``regions(steps, threads, times)``: regions whose parts each compute ``steps`` dependent sums."""
    module = Module(host())
    module.declare(team.SIGNATURE)
    b = Builder(module, f"define internal void @work({PARAMETERS})")
    steps = b.load("%args", INT64, 0)
    total = b.variable(b.constant(1.0, FLOAT64, 0))
    with b.loop(0, steps):
        total.set(total.get() + 1.5)
    b.store(total.get(), "%scratch")
    b.finish()
    b = Builder(module, "define void @regions(ptr %steps, ptr %scratch, i64 %threads, i64 %times)")
    with b.loop(0, Register(b, "%times", INT64, 0)):
        b.do(
            "call void @dg_parallel(ptr @work, ptr %steps, i64 %threads, ptr %scratch, i64 64, i64 %threads)"
        )
    b.finish()
    return codegen.load(codegen.assemble(module.text(), host()), host())


def main() -> None:
    team.provide()
    code = functions()
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    regions = kind(code.address("regions"))
    scratch = ctypes.create_string_buffer(64 * 64)
    word = ctypes.c_int64()

    def nanoseconds(steps: int, threads: int, times: int, pause: float = 0.0) -> float:
        word.value = steps
        best = float("inf")
        for _ in range(ROUNDS):
            time.sleep(pause)
            start = time.perf_counter_ns()
            regions(ctypes.addressof(word), ctypes.addressof(scratch), threads, times)
            best = min(best, (time.perf_counter_ns() - start) / times)
        return best

    step = nanoseconds(100_000, 1, 1) / 100_000
    print(f"{cores.allowed()} cores; {cores.default_threads()} threads by default")
    print(f"{'threads':>8}{'empty':>10}{'2 µs':>10}{'20 µs':>10}{'asleep':>10}   ns that a region adds")
    for threads in sorted({1, 2, cores.allowed(), 2 * cores.allowed()}):
        load = -(-threads // cores.allowed())  # parts that one core has to run
        row = [nanoseconds(0, threads, 1000)]
        for length, times, pause in ((2_000, 100, 0.0), (20_000, 20, 0.0), (200_000, 1, 0.002)):
            steps = max(int(length / step), 1)
            alone = nanoseconds(steps, 1, times, pause)
            row.append(nanoseconds(steps, threads, times, pause) - load * alone)
        print(f"{threads:>8}" + "".join(f"{value:>10.0f}" for value in row))


if __name__ == "__main__":
    main()
