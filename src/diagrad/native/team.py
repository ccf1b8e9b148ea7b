"""A team of threads in generated code: ``dg_parallel`` runs a kernel in parts, on cores that wait for it.

There is one team in a process, in a module of its own, loaded once; other modules declare ``dg_parallel`` and
are linked to it by name when they are loaded, so object code on disk holds no address.

A *region* is one call of ``dg_parallel(kernel, args, units, scratch, scratch_size, threads)``. It has
n = min(threads, units) parts; part p has the units from ⌊units·p/n⌋ to ⌊units·(p+1)/n⌋ and the scratch memory
at p·scratch_size. Which thread runs a part decides nothing: the parts and their numbers are the same with
workers and without, and so is the result.

* The caller writes down what there is to do, lays part p on the seat of worker p, raises the epoch, wakes the
  first two workers if they sleep, each of whom wakes two others, and runs part 0.
* A worker whose seat holds its part takes it, by a compare-and-swap of the epoch: so a worker that comes late
  never takes a part of another region.
* The caller then takes itself what still lies there. A short region thus never waits for a worker to wake,
  nor for one that does not get a core.
* Who waits looks again and again for :data:`PATIENCE` nanoseconds, and then sleeps. Where a region has more
  parts than there are cores, it sleeps at once.
* A region that finds the team taken, by another Python thread or by a region around it, runs its parts
  alone, one after the other.

Workers begin when they are first needed, are never joined, take no signals, and never hold the GIL. After a
fork the child has none and makes its own. The assembly is in ``assembly/``; sleep is Linux' futex, elsewhere
the condition variables of POSIX, and where neither is, the caller runs all parts.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template

from . import codegen
from .cache import assemble_cached
from .cores import allowed
from .target import host

__all__ = ["MOST", "SIGNATURE", "Team", "parts", "provide"]

SIGNATURE = "void @dg_parallel(ptr, ptr, i64, ptr, i64, i64)"
"""What a module declares that has parallel regions: kernel, args, units, scratch, scratch_size, threads."""

MOST = 256
"""Threads of a team, the caller included. A region of more parts is run by the caller alone."""

PATIENCE = 50_000
"""Nanoseconds that a worker looks for work, and a caller for its end, before sleeping."""

EFFORT = 0
"""Of the compiler: more takes longer for the team than for a small graph, and regions cost the same."""

_ASSEMBLY = Path(__file__).with_name("assembly")
_FUTEX = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "loongarch64": 98}
_PAUSE = {"x86_64": "llvm.x86.sse2.pause()", "aarch64": "llvm.aarch64.hint(i32 1)"}
"""What tells a core that it looks at the same word again and again."""


class Team:
    """Threads, and the function that shares work out to them.

    Args:
        sleep: how they sleep: ``futex``, ``condition``, or ``alone`` where there are none.
        cores: how many can run at once.

    Attributes:
        address: of ``dg_parallel``.
    """

    def __init__(self, sleep: str, cores: int) -> None:
        target = host()
        code = codegen.load(assemble_cached(_text(sleep), target, EFFORT), target)
        self.address = code.address("dg_parallel")
        self._size = ctypes.CFUNCTYPE(ctypes.c_int64)(code.address("dg_team_size"))
        self._forget = ctypes.CFUNCTYPE(None)(code.address("dg_team_forget"))
        ctypes.CFUNCTYPE(None, ctypes.c_int64)(code.address("dg_team_prepare"))(cores)
        code.keep()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def workers(self) -> int:
        """How many threads there are besides the callers."""
        return self._size()


def parts(units: int, threads: int) -> list[tuple[int, int]]:
    """The units of each part of a region.

    >>> parts(10, 4)
    [(0, 2), (2, 5), (5, 7), (7, 10)]
    >>> parts(1, 4)
    [(0, 1)]
    """
    count = min(max(threads, 1), units)
    return [(units * part // count, units * (part + 1) // count) for part in range(count)]


_ONE = threading.Lock()


def provide() -> Team:
    """The team of this process. Once it is there, modules that declare ``dg_parallel`` can be loaded."""
    with _ONE:
        return _provided()


@cache
def _provided() -> Team:
    team = Team(_way_to_sleep(), allowed())
    codegen.define("dg_parallel", team.address)
    return team


def _way_to_sleep() -> str:
    if sys.maxsize < 2**63 - 1 or sys.byteorder != "little" or os.name != "posix":
        return "alone"
    return "futex" if sys.platform == "linux" and platform.machine() in _FUTEX else "condition"


def _text(sleep: str) -> str:
    """The team's module."""
    names = ("parts", "alone") if sleep == "alone" else ("parts", "team", sleep)
    text = "\n".join((_ASSEMBLY / f"{name}.ll").read_text(encoding="utf-8") for name in names)
    return Template(text).substitute(_values())


def _values() -> Mapping[str, object]:
    """What the assembly says by name: sizes, and numbers that are the system's."""
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    pause = _PAUSE.get(machine, "")
    mac = sys.platform == "darwin"
    return {
        "seats": MOST,
        "workers": MOST - 1,
        "seat_bytes": 64 * MOST,
        "spin": PATIENCE,
        "pause": f"call void @{pause}" if pause else "",
        "declare": f"declare void @{pause.replace(' 1', '')}" if pause else "",
        "futex": _FUTEX.get(machine, 0),
        "clock": 6 if mac else 1,  # CLOCK_MONOTONIC
        "setmask": 3 if mac else 2,  # SIG_SETMASK
        "sigill": 4,
        "sigbus": 10 if mac else 7,
        "sigfpe": 8,
        "sigsegv": 11,
    }
