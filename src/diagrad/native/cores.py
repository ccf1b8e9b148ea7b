"""How many threads to use: what the user says, or the cores that this process may run on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ..errors import DiagradError

__all__ = ["allowed", "default_threads"]

VARIABLE = "DIAGRAD_NUM_THREADS"
"""The environment variable that says how many threads to use."""

_COMMON = "OMP_NUM_THREADS"
"""What job schedulers and process pools set, and PyTorch and OpenBLAS heed."""


def default_threads() -> int:
    """How many threads compiled code uses where nobody says.

    ``DIAGRAD_NUM_THREADS``; or ``OMP_NUM_THREADS``, the first number if it is a list; or :func:`allowed`.

    Raises:
        DiagradError: ``DIAGRAD_NUM_THREADS`` is not a number above 0.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if said:
        if not said.isdecimal() or not int(said):
            raise DiagradError(
                f"{VARIABLE} is not a number of threads",
                expected="1 or more",
                got=repr(said),
                fix=f"unset {VARIABLE}",
            )
        return int(said)
    common = os.environ.get(_COMMON, "").split(",")[0].strip()
    return int(common) if common.isdecimal() and int(common) else allowed()


def allowed(root: str = "/") -> int:
    """How many cores this process may run on at once.

    Those in its affinity, two hardware threads of one core counted once, but no more than the time that its
    control groups give it: with a quota of 2.5 cores, 2 threads never wait for it.

    Args:
        root: where ``proc`` and ``sys`` are.
    """
    system = Path(root)
    cpus = affinity()
    cores = {_siblings(system, cpu) for cpu in cpus}
    return max(1, min([len(cores), *(int(quota) for quota in _quotas(system))]))


def affinity() -> set[int]:
    """The processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _siblings(system: Path, cpu: int) -> str:
    """What the hardware threads of one core have in common."""
    place = f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
    return _words(system / place) or str(cpu)


def _quotas(system: Path) -> Iterator[float]:
    """The cores that each control group around this process gives, where it gives a number."""
    for line in _words(system / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        base = system / "sys/fs/cgroup" / ("cpu" if controllers else "")
        inside = PurePosixPath(path.lstrip("/"))
        for group in {base / inside, *(base / above for above in inside.parents)}:
            if controllers:
                quota, period = _words(group / "cpu.cfs_quota_us"), _words(group / "cpu.cfs_period_us")
            else:
                quota, _, period = _words(group / "cpu.max").partition(" ")
            if quota.isdecimal() and period.isdecimal() and int(period):  # "max" and -1 are no bounds
                yield int(quota) / int(period)


def _words(path: Path) -> str:
    """What a file of the system says; nothing if it is not there."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
