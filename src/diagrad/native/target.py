"""The machine that code is generated for: its vector width and its features."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from ..errors import DiagradError
from ..ir import DType

VARIABLE = "DIAGRAD_VECTOR"
"""The environment variable that forces a vector width: ``scalar``, ``sse``, ``avx2``, ``avx512`` or
``neon``."""

_WIDTHS = {"scalar": 0, "sse": 16, "neon": 16, "avx2": 32, "avx512": 64}
_NARROWER = {
    "avx2": ("avx512",),
    "sse": ("avx512", "avx2", "avx", "fma", "f16c", "vaes", "vpclmulqdq", "xop", "fma4"),
}


@dataclass(frozen=True)
class Target:
    """What code is generated for.

    Attributes:
        cpu: LLVM's name of it.
        features: LLVM's list of features, each with ``+`` or ``-``.
        level: the instruction set of vectors: ``avx512``, ``avx2``, ``sse``, ``neon`` or ``scalar``.
        width: bytes of a vector register that code is written for; 0 where it has single numbers only.
        registers: how many vector registers there are.
    """

    cpu: str
    features: str
    level: str
    width: int
    registers: int

    def lanes(self, dtype: DType) -> int:
        """How many numbers of a dtype one register holds; 0 where code is scalar."""
        return self.width // max(dtype.itemsize, 1)


@cache
def host(level: str | None = None) -> Target:
    """This machine, with its own vectors or narrower ones.

    Args:
        level: the instruction set to use; by default what ``DIAGRAD_VECTOR`` says, or the widest.

    Raises:
        DiagradError: the machine has no such vectors.
    """
    import llvmlite.binding as llvm

    features: dict[str, bool] = dict(llvm.get_host_cpu_features())
    level = level or os.environ.get(VARIABLE, "") or None
    if features.get("avx512f") and features.get("avx512dq") and features.get("avx512vl"):
        best = "avx512"
    elif features.get("avx2") and features.get("fma"):
        best = "avx2"
    elif features.get("sse2"):
        best = "sse"
    else:
        best = "neon" if features.get("neon") else "scalar"
    chosen = level or best
    if chosen not in _WIDTHS or (chosen != "scalar" and _WIDTHS[chosen] > _WIDTHS[best]):
        there = [name for name, width in _WIDTHS.items() if width <= _WIDTHS[best]]
        raise DiagradError(
            f"no vectors called {chosen!r} on this machine",
            expected=f"{VARIABLE} one of {', '.join(there)}",
            got=repr(chosen),
            fix=f"unset {VARIABLE}",
        )
    without = _NARROWER.get(chosen, ()) if chosen != best else ()
    names = ",".join(
        f"{'+' if on and not name.startswith(without) else '-'}{name}"
        if without
        else f"{'+' if on else '-'}{name}"
        for name, on in sorted(features.items())
    )
    return Target(
        llvm.get_host_cpu_name(), names, chosen, _WIDTHS[chosen], 32 if chosen in ("avx512", "neon") else 16
    )
