"""eˣ and what is made of it.

x = n·ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts (W. J. Cody & W. Waite, *Software Manual for the
Elementary Functions*, 1980); eʳ is a polynomial, and 2ⁿ is put into the exponent in two steps, so that
results may be subnormal.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import Register
from .coefficients import EXP

__all__ = ["cosh", "exp", "expm1", "horner", "sigmoid", "sinh", "tanh"]

LN2 = {
    "f4": (0.693359375, -2.12194440054690583e-4),
    "f8": (6.93147180369123816490e-01, 1.90821492927058770002e-10),
}
"""ln 2 in two parts; the first has so few bits that n times it is exact."""

LIMITS = {"f4": (-104.0, 89.0), "f8": (-746.0, 710.0)}
"""Beyond these eˣ is 0 and infinity."""


def horner(b: Any, x: Register, coefficients: tuple[float, ...]) -> Register:
    """The value of a polynomial, its constant coefficient first."""
    total = b.constant(coefficients[-1], x.dtype, x.lanes)
    for c in reversed(coefficients[:-1]):
        total = b.fma(total, x, b.constant(c, x.dtype, x.lanes))
    return total


def reduced(b: Any, x: Register) -> tuple[Register, Register, Register]:
    """n as an integer and as a float, and r, for an x within the limits."""
    kind = x.dtype.str[1:]
    shift = 1.5 * 2.0 ** (23 if kind == "f4" else 52)
    shifted = b.fma(x, b.constant(1 / np.log(2), x.dtype, x.lanes), b.constant(shift, x.dtype, x.lanes))
    n = shifted - shift
    high, low = LN2[kind]
    r = b.fma(n, b.constant(-high, x.dtype, x.lanes), x)
    r = b.fma(n, b.constant(-low, x.dtype, x.lanes), r)
    return b.bits(shifted) - b.bits(b.constant(shift, x.dtype, x.lanes)), n, r


def limited(b: Any, x: Register, low: float, high: float) -> Register:
    """x, or the limit that it passes; NaN stays."""
    low_, high_ = (b.constant(end, x.dtype, x.lanes) for end in (low, high))
    x = b.where(x > high_, high_, x)
    return b.where(x < low_, low_, x)


def power_of_two(b: Any, n: Register, like: Register) -> Register:
    """2ⁿ for an integer n within the range of normal numbers."""
    mantissa, bias = (23, 127) if like.dtype.itemsize == 4 else (52, 1023)
    return b.from_bits(b.left_shift(n + bias, mantissa))


def exp(b: Any, x: Register) -> Register:
    """eˣ = 2ⁿ · eʳ."""
    kind = x.dtype.str[1:]
    low, high = LIMITS[kind]
    n, _, r = reduced(b, limited(b, x, low, high))
    p = b.fma(r * r, horner(b, r, EXP[kind]), r) + 1.0
    half = b.right_shift(n, 1)
    return p * power_of_two(b, half, x) * power_of_two(b, n - half, x)


def expm1(b: Any, x: Register) -> Register:
    """eˣ − 1 = 2ⁿ · (eʳ − 1) + (2ⁿ − 1)."""
    kind = x.dtype.str[1:]
    n, _, r = reduced(b, limited(b, x, -50.0, LIMITS[kind][1]))
    e = b.fma(r * r, horner(b, r, EXP[kind]), r)
    s = power_of_two(b, n - 1, x)
    y = b.fma(s, e, s - 0.5)
    tiny = b.absolute(x) < float(np.finfo(x.dtype).eps) / 4
    return b.where(tiny, x, y + y)


def tanh(b: Any, x: Register) -> Register:
    """eˣ − 1 for 2|x|, and  tanh x = (e − 1) / (e + 1)."""
    cut = 20.0 if x.dtype.itemsize == 4 else 44.0
    e = expm1(b, limited(b, b.absolute(x) * 2.0, 0.0, cut))
    return b.copysign(e / (e + 2.0), x)


def sigmoid(b: Any, x: Register) -> Register:
    """1 / (1 + e⁻ˣ), by e to the power −|x|, which does not overflow."""
    e = exp(b, -b.absolute(x))
    one = b.constant(1.0, x.dtype, x.lanes)
    return b.where(x < 0, e, one) / (e + 1.0)


def sinh(b: Any, x: Register) -> Register:
    """With m = e^|x| − 1:  (m + m / (m + 1)) / 2; near overflow through e^(|x|/2)."""
    a = b.absolute(x)
    m = expm1(b, a)
    half = exp(b, a * 0.5)
    large = half * 0.5 * half
    limit = LIMITS[x.dtype.str[1:]][1] - 2.0
    return b.copysign(b.where(a > limit, large, (m + m / (m + 1.0)) * 0.5), x)


def cosh(b: Any, x: Register) -> Register:
    """(h + 1/h) / 2 with h = e^|x|; near overflow through e^(|x|/2)."""
    a = b.absolute(x)
    h = exp(b, a)
    half = exp(b, a * 0.5)
    large = half * 0.5 * half
    limit = LIMITS[x.dtype.str[1:]][1] - 2.0
    return b.where(a > limit, large, (h + 1.0 / h) * 0.5)
