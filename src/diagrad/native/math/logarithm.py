"""Logarithms, and the inverse hyperbolic functions, which are made of them.

x = 2ᵉ·m with m between √½ and √2; with s = (m − 1)/(m + 1), log m = 2 artanh s, a polynomial in s² (fdlibm's
arrangement, K. C. Ng 1992, which adds the parts from the smallest on).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import Register
from .coefficients import LOG, LOG_PAIR
from .common import Pair, fast_sum, horner, product, remnant
from .exponential import LN2

__all__ = ["arccosh", "arcsinh", "arctanh", "log", "log1p", "log2", "log10", "log_of", "log_pair"]

LOG10_2 = {"f4": (0.301025390625, 4.605038981195214e-06), "f8": (0.30102999566361177, 3.694239077158931e-13)}
"""log₁₀ 2 in two parts; the first has so few bits that e times it is exact."""

TWO_THIRDS = (2 / 3, 3.700743415417188e-17)


def _split(b: Any, x: Register) -> tuple[Register, Register]:
    """The exponent, as a float, and m, of a positive normal number."""
    mantissa, half = (23, 0x3F3504F3) if x.dtype.itemsize == 4 else (52, 0x3FE6A09E667F3BCD)
    bits = b.bits(x)
    e = b.right_shift(bits - half, mantissa)
    return b.cast(e, x.dtype), b.from_bits(bits - b.left_shift(e, mantissa))


def _parts(b: Any, x: Register) -> tuple[Register, Register]:
    """The exponent and m of a positive number; subnormal numbers are scaled first."""
    power = 23 if x.dtype.itemsize == 4 else 54
    small = x < float(np.finfo(x.dtype).tiny)
    e, m = _split(b, b.where(small, x * 2.0**power, x))
    return b.where(small, e - float(power), e), m


def _near_one(
    b: Any, f: Register, coefficients: tuple[float, ...] | None = None
) -> tuple[Register, Register]:
    """f²/2 and log(1 + f) − f + f²/2."""
    s = f / (f + 2.0)
    z = s * s
    halved = f * f * 0.5
    return halved, s * (halved + z * horner(b, z, coefficients or LOG[f.dtype.str[1:]]))


def _sum(
    b: Any,
    e: Register,
    f: Register,
    correction: Register | None = None,
    coefficients: tuple[float, ...] | None = None,
) -> Register:
    """log(2ᵉ · (1 + f)) + correction."""
    high, low = LN2[f.dtype.str[1:]]
    halved, tail = _near_one(b, f, coefficients)
    small = b.fma(e, low, tail)
    if correction is not None:
        small = small + correction
    return b.fma(e, high, f - (halved - small))


def log(b: Any, x: Register) -> Register:
    """log x."""
    e, m = _parts(b, x)
    return _special(b, x, _sum(b, e, m - 1.0))


def log_of(b: Any, x: Register, coefficients: tuple[float, ...]) -> Register:
    """log x of a positive, normal, finite number, with a shorter polynomial."""
    e, m = _split(b, x)
    return _sum(b, e, m - 1.0, coefficients=coefficients)


def log2(b: Any, x: Register) -> Register:
    """log₂ x = e + log m / ln 2."""
    e, m = _parts(b, x)
    return _special(b, x, b.fma(_log_of_mantissa(b, m), 1 / np.log(2), e))


def log10(b: Any, x: Register) -> Register:
    """log₁₀ x = e · log₁₀ 2 + log m / ln 10."""
    e, m = _parts(b, x)
    high, low = LOG10_2[x.dtype.str[1:]]
    small = b.fma(_log_of_mantissa(b, m), 1 / np.log(10), e * low)
    return _special(b, x, b.fma(e, high, small))


def _log_of_mantissa(b: Any, m: Register) -> Register:
    f = m - 1.0
    halved, tail = _near_one(b, f)
    return f - (halved - tail)


def log1p(b: Any, x: Register) -> Register:
    """log u + (x − (u − 1)) / u  with u = 1 + x rounded."""
    u = x + 1.0
    e, m = _split(b, u)
    correction = b.where(x < 1.0, x - (u - 1.0), 1.0 - (u - x)) / u
    y = _special(b, u, _sum(b, e, m - 1.0, correction))
    return b.where(b.absolute(x) < float(np.finfo(x.dtype).eps) / 4, x, y)


def _special(b: Any, u: Register, y: Register) -> Register:
    """What the logarithm of 0, of infinity, of NaN and of negative numbers is."""
    y = b.where(u > 0, y, b.where(u == 0, b.constant(-np.inf, y.dtype, y.lanes), np.nan))
    return b.where(u == np.inf, u, y)


def log_pair(b: Any, x: Register) -> Pair:
    """log x of a positive finite number as a pair, to about 2⁻⁶⁶."""
    e, m = _parts(b, x)
    f, d = m - 1.0, m + 1.0
    inverse = 1.0 / d
    s = f * inverse
    s_rest = b.fma(-s, m - (d - 1.0), remnant(b, f, s, d)) * inverse
    z, z_rest = product(b, s, s)
    z_rest = b.fma(s + s, s_rest, z_rest)
    # log m = 2·s + s·z·c  with c = 2/3 + z·P(z)
    two_thirds = b.constant(TWO_THIRDS[0], x.dtype, x.lanes)
    c, c_rest = fast_sum(b, two_thirds, z * horner(b, z, LOG_PAIR))
    c_rest = c_rest + TWO_THIRDS[1]
    t, t_rest = product(b, z, c)
    t_rest = b.fma(z, c_rest, b.fma(z_rest, c, t_rest))
    v, v_rest = product(b, s, t)
    v_rest = b.fma(s, t_rest, b.fma(s_rest, t, v_rest))
    high, rest = fast_sum(b, s + s, v)
    rest = rest + (s_rest + s_rest + v_rest)
    first, second = LN2[x.dtype.str[1:]]
    total, more = fast_sum(b, e * first, high)
    return fast_sum(b, total, b.fma(e, second, more + rest))


def _cut(x: Register) -> float:
    """From here on x² + 1 is x²."""
    return 2.0**13 if x.dtype.itemsize == 4 else 2.0**28


def arcsinh(b: Any, x: Register) -> Register:
    """log1p(a + a² / (1 + √(a² + 1))) with a = |x|;  log a + log 2 where a is large."""
    a = b.absolute(x)
    large = a > _cut(x)
    safe = b.where(large, 1.0, a)
    square = safe * safe
    u = b.where(large, a - 1.0, safe + square / (b.sqrt(square + 1.0) + 1.0))
    y = b.function("log1p", u)
    return b.copysign(b.where(large, y + np.log(2), y), x)


def arccosh(b: Any, x: Register) -> Register:
    """log1p(t + √(t·(t + 2))) with t = x − 1;  log x + log 2 where x is large."""
    large = x > _cut(x)
    t = x - 1.0
    safe = b.where(large, 1.0, t)
    y = b.function("log1p", b.where(large, t, safe + b.sqrt(safe * (safe + 2.0))))
    return b.where(x < 1.0, np.nan, b.where(large, y + np.log(2), y))


def arctanh(b: Any, x: Register) -> Register:
    """log1p(2·a / (1 − a)) / 2 with a = |x|."""
    a = b.absolute(x)
    return b.copysign(b.function("log1p", (a + a) / (1.0 - a)) * 0.5, x)
