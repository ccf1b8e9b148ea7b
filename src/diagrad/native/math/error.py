"""The error function.

erf x = x·P(x²) for |x| ≤ 1. Beyond, for float32, erf x = 1 − e^Q(|x|) with a polynomial Q for log erfc.
"""

from __future__ import annotations

from typing import Any

from ..registers import FLOAT32, Register
from .coefficients import ERF, ERFC_TAIL
from .exponential import exp, horner

__all__ = ["erf"]


def erf(b: Any, x: Register) -> Register:
    """erf x."""
    if x.dtype != FLOAT32:
        return b.library("erf", x)
    a = b.absolute(x)
    inner = a * horner(b, a * a, ERF["f4"])
    outer = 1.0 - exp(b, horner(b, b.minimum(a, 4.0), ERFC_TAIL))
    return b.copysign(b.where(a <= 1.0, inner, outer), x)
