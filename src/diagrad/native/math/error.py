"""The error function and its complement.

erfc x = e^(−x²) · t · Q(t) for x ≥ 0, with t = 3 / (3 + x) and x² as a pair of numbers.
erf x = x + x·P(x²) for |x| ≤ 1; beyond, in float32, log erfc is itself a polynomial.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import FLOAT32, Register
from .coefficients import ERF, ERFC, LOG_ERFC
from .common import horner, least, product, quotient
from .exponential import exp, exp_pair

__all__ = ["erf", "erfc"]

_END = {"f4": 10.5, "f8": 28.0}
"""Beyond, erfc x is 0."""


def erf(b: Any, x: Register) -> Register:
    """erf x."""
    a = b.absolute(x)
    tail = _short_tail(b, a) if x.dtype == FLOAT32 else _tail(b, least(b, a, 6.0))
    return b.copysign(b.where(a <= 1.0, _near(b, a), 1.0 - tail), x)


def erfc(b: Any, x: Register) -> Register:
    """1 − erf x."""
    a = b.absolute(x)
    tail = _tail(b, least(b, a, _END[x.dtype.str[1:]]))
    tail = b.where(a < float(np.finfo(x.dtype).eps) / 4, 1.0, tail)
    return b.where(x < 0, 2.0 - tail, tail)


def _near(b: Any, x: Register) -> Register:
    """erf x for |x| ≤ 1."""
    return b.fma(x, horner(b, x * x, ERF[x.dtype.str[1:]]), x)


def _short_tail(b: Any, x: Register) -> Register:
    """erfc x for x ≥ 1, to within what 1 − erfc x needs in float32."""
    return exp(b, horner(b, least(b, x, 4.0), LOG_ERFC))


def _tail(b: Any, x: Register) -> Register:
    """erfc x for x ≥ 0."""
    square, rest = product(b, x, x)
    d = x + 3.0
    t = quotient(b, b.constant(3.0, x.dtype, x.lanes), (d, x - (d - 3.0)))
    # in 1 − 2·t, which is as often positive as negative, the terms stay small
    factor = horner(b, b.fma(t, -2.0, 1.0), ERFC[x.dtype.str[1:]])
    return exp_pair(b, (-square, -rest)) * (t * factor)
