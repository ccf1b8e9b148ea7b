"""How long each step of a program takes: readings of the processor's counter between them.

Only a program that is built for profiling reads it. The counter runs at a constant rate that nobody states,
so ticks become nanoseconds by the time that the runs took (:mod:`.profile`).
"""

from __future__ import annotations

import platform

from ..errors import DiagradError
from .builder import Builder
from .registers import INT64, Register

__all__ = ["TABLE", "Clock"]

TABLE = "dg_ticks"
"""The numbers of a program: the last reading, then the ticks that each step has taken in all."""

_READ = {
    "x86_64": "call i64 @llvm.readcyclecounter()",
    "amd64": "call i64 @llvm.readcyclecounter()",
    "aarch64": 'call i64 asm sideeffect "mrs $0, cntvct_el0", "=r"()',
    "arm64": 'call i64 asm sideeffect "mrs $0, cntvct_el0", "=r"()',
}


class Clock:
    """Writes the readings of one function, which begin where it is made.

    Args:
        builder: of the function.

    Raises:
        DiagradError: no counter of this processor is known that a program may read.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        machine = platform.machine().lower()
        if machine not in _READ:
            raise DiagradError(
                "steps cannot be timed on this processor",
                expected=f"one of {', '.join(_READ)}",
                got=machine,
                fix="leave out profile(): the report has estimates",
            )
        self._read = _READ[machine]
        builder.module.declare("i64 @llvm.readcyclecounter()")
        builder.do(f"store i64 {self._now().text}, ptr @{TABLE}")

    def record(self, step: Register) -> None:
        """What has passed since the last reading was taken by this step."""
        b = self.builder
        now, before = self._now(), b.load(f"@{TABLE}", INT64, 0)
        place = b.pointer(f"@{TABLE}", step + 1, INT64)
        b.store(b.load(place, INT64, 0) + (now - before), place)
        b.store(now, f"@{TABLE}")

    def finish(self, steps: int) -> None:
        """Make room for so many steps."""
        self.builder.module.add(f"@{TABLE} = global [{steps + 1} x i64] zeroinitializer\n")

    def _now(self) -> Register:
        return self.builder.emit(self._read, INT64, 0)
