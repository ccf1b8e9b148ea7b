"""Logarithms.

x = 2ᵉ·m with m between √½ and √2; with s = (m − 1)/(m + 1), log m = 2 artanh s, a polynomial in s² (fdlibm's
arrangement, K. C. Ng 1992, which adds the parts from the smallest on).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import Register
from .coefficients import LOG
from .exponential import LN2, horner

__all__ = ["log", "log1p"]


def _parts(b: Any, x: Register) -> tuple[Register, Register]:
    """The exponent, as a float, and m − 1, of a positive normal number."""
    mantissa, half = (23, 0x3F3504F3) if x.dtype.itemsize == 4 else (52, 0x3FE6A09E667F3BCD)
    bits = b.bits(x)
    shifted = bits - half
    e = b.right_shift(shifted, mantissa)
    m = b.from_bits(bits - b.left_shift(e, mantissa))
    return b.cast(e, x.dtype), m - 1.0


def _sum(b: Any, e: Register, f: Register, correction: Register | None) -> Register:
    kind = f.dtype.str[1:]
    high, low = LN2[kind]
    s = f / (f + 2.0)
    z = s * s
    rest = z * horner(b, z, LOG[kind])
    halved = f * f * 0.5
    tail = s * (halved + rest)
    small = b.fma(e, b.constant(low, f.dtype, f.lanes), tail)
    if correction is not None:
        small = small + correction
    return b.fma(e, b.constant(high, f.dtype, f.lanes), f - (halved - small))


def log(b: Any, x: Register) -> Register:
    """log x; subnormal numbers are scaled first."""
    tiny = np.finfo(x.dtype).tiny
    power = 23 if x.dtype.itemsize == 4 else 54
    small = x < float(tiny)
    e, f = _parts(b, b.where(small, x * 2.0**power, x))
    e = b.where(small, e - float(power), e)
    return _special(b, x, _sum(b, e, f, None), x)


def log1p(b: Any, x: Register) -> Register:
    """log u + (x − (u − 1)) / u  with u = 1 + x rounded."""
    u = x + 1.0
    e, f = _parts(b, u)
    correction = b.where(x < 1.0, x - (u - 1.0), 1.0 - (u - x)) / u
    y = _special(b, u, _sum(b, e, f, correction), x)
    return b.where(b.absolute(x) < float(np.finfo(x.dtype).eps) / 4, x, y)


def _special(b: Any, u: Register, y: Register, x: Register) -> Register:
    """What the logarithm of 0, of infinity, of NaN and of negative numbers is."""
    y = b.where(u < np.inf, y, u)
    y = b.where(
        u > 0, y, b.where(u == 0, b.constant(-np.inf, y.dtype, y.lanes), b.constant(np.nan, y.dtype, y.lanes))
    )
    return b.where(b.isnan(x), x, y)
