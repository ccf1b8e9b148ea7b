"""What every kernel is: a function of generated code that can run whole or in parts.

Each has the signature :data:`PARAMETERS`:

* ``args``: an array of pointers, one for each buffer that it reads or writes, in the kernel's own order;
* ``begin``, ``end``: which of its units it does, ``0 ≤ begin < end ≤ units``. Units are independent of each
  other, rows of a fused loop or tiles of a product, so that threads can share them;
* ``part``: the number of the thread, for what parts must keep apart until all have run: sums over units;
* ``scratch``: memory of its own, :attr:`Kernel.scratch` bytes aligned to a cache line.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PARAMETERS", "Kernel", "keeps_apart", "parts"]

PARAMETERS = "ptr noalias %args, i64 %begin, i64 %end, i64 %part, ptr noalias %scratch"

PARALLEL = 15_000.0
"""Nanoseconds of work from which on a kernel is shared out to threads."""

APART = 4
"""Elements of work, for each element that the parts keep apart, from which on they do."""


def parts(threads: int, units: int, cost: float) -> int:
    """Into how many parts work of so many nanoseconds is split."""
    return min(threads, units) if cost >= PARALLEL else 1


def keeps_apart(parts: int, totals: int, work: int) -> bool:
    """Whether parts that add to ``totals`` elements, with ``work`` elements of work, do so apart."""
    return parts > 1 and totals * (parts - 1) * APART <= work


@dataclass(frozen=True)
class Kernel:
    """A function of generated code.

    Attributes:
        name: of the function in its module.
        units: into how many pieces its work can be split.
        scratch: bytes of memory of its own that a call needs.
        flops: floating-point operations of all units, a multiply-add being two.
        nbytes: bytes of the buffers that it reads and writes.
        cost: nanoseconds that all units take on one core, as estimated.
        ending: the function that adds up what the parts have kept apart, once all have run; empty if they
            keep nothing apart.
        serial: units must run one after the other: they add to the same memory.
    """

    name: str
    units: int
    scratch: int = 0
    flops: int = 0
    nbytes: int = 0
    cost: float = 0.0
    ending: str = ""
    serial: bool = False
