"""eˣ and what is made of it.

x = n·ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts (W. J. Cody & W. Waite, *Software Manual for the
Elementary Functions*, 1980); eʳ is a polynomial, and 2ⁿ is put into the exponent, so that results may be
subnormal.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..registers import Register
from .coefficients import EXP, EXP_UP
from .common import Pair, fast_sum, horner, least, limited, power_of_two, quotient, scaled

__all__ = ["cosh", "exp", "exp2", "exp_pair", "expm1", "sigmoid", "sinh", "tanh"]

LN2 = {
    "f4": (0.693359375, -2.12194440054690583e-4),
    "f8": (6.93147180369123816490e-01, 1.90821492927058770002e-10),
}
"""ln 2 in two parts; the first has so few bits that n times it is exact."""

LIMITS = {"f4": (-104.0, 89.0), "f8": (-746.0, 710.0)}
"""Beyond these eˣ is 0 and infinity."""

LIMITS2 = {"f4": (-150.5, 129.0), "f8": (-1076.0, 1025.0)}
"""Beyond these 2ˣ is 0 and infinity."""


HYPERBOLIC_LIMIT = {"f4": 89.5, "f8": 710.6}
"""Beyond these sinh x and cosh x are infinity."""


class Reduced(NamedTuple):
    """x = n·ln 2 + r."""

    n: Register
    """An integer."""
    number: Register
    """n as a float."""
    r: Register
    rest: Register
    """What rounding r left out."""


def nearest(b: Any, x: Register, by: float) -> tuple[Register, Register]:
    """The integer that is nearest x · by, as an integer and as a float; |x · by| < 2²²."""
    shift = b.constant(1.5 * 2.0 ** (23 if x.dtype.itemsize == 4 else 52), x.dtype, x.lanes)
    shifted = b.fma(x, by, shift)
    return b.bits(shifted) - b.bits(shift), shifted - shift


def reduced(b: Any, x: Register) -> Reduced:
    """The reduction of an x within the limits."""
    high, low = LN2[x.dtype.str[1:]]
    n, number = nearest(b, x, 1 / np.log(2))
    exact = b.fma(number, -high, x)
    r = b.fma(number, -low, exact)
    return Reduced(n, number, r, b.fma(number, -low, exact - r))


def near_one(b: Any, r: Register) -> Register:
    """eʳ."""
    return horner(b, r, (1.0, 1.0, *EXP[r.dtype.str[1:]]))


def near_zero(b: Any, r: Register, rest: Register) -> Register:
    """e^(r + rest) − 1."""
    return r + b.fma(r * r, horner(b, r, EXP[r.dtype.str[1:]]), rest)


def exp(b: Any, x: Register) -> Register:
    """eˣ = 2ⁿ · eʳ."""
    n, number, r, _ = reduced(b, limited(b, x, *LIMITS[x.dtype.str[1:]]))
    return scaled(b, near_one(b, r), n, number)


def exp2(b: Any, x: Register) -> Register:
    """2ˣ = 2ⁿ · e^(r·ln 2) with r = x − n, which is exact."""
    x = limited(b, x, *LIMITS2[x.dtype.str[1:]])
    n, number = nearest(b, x, 1.0)
    return scaled(b, near_one(b, (x - number) * np.log(2)), n, number)


def exp_pair(b: Any, x: Pair) -> Register:
    """e to the power of a pair's sum."""
    high, rest = x
    first, second = LN2[high.dtype.str[1:]]
    high = limited(b, high, *LIMITS[high.dtype.str[1:]])
    n, number = nearest(b, high, 1 / np.log(2))
    r = fast_sum(b, b.fma(number, -first, high), b.fma(number, -second, rest))
    return scaled(b, near_zero(b, *r) + 1.0, n, number)


def expm1(b: Any, x: Register) -> Register:
    """eˣ − 1."""
    y = _expm1(b, limited(b, x, -50.0, LIMITS[x.dtype.str[1:]][1]), 1)
    return b.where(_tiny(b, x), x, y + y)


def _expm1(b: Any, x: Register, k: int) -> Register:
    """(eˣ − 1) / 2ᵏ = 2ⁿ⁻ᵏ · (eʳ − 1) + (2ⁿ⁻ᵏ − 2⁻ᵏ)."""
    n, _, r, rest = reduced(b, x)
    s = power_of_two(b, n - k)
    return b.fma(s, near_zero(b, r, rest), s - 0.5**k)


def _tiny(b: Any, x: Register) -> Register:
    """Whether x² / 2 is below the last bit of x."""
    return b.absolute(x) < float(np.finfo(x.dtype).eps) / 4


def tanh(b: Any, x: Register) -> Register:
    """E / (E + 2) with E = e^(2·|x|) − 1; what rounding E + 2 left out is put right after the division.

    The reduction leaves 0 ≤ r < ln 2, nearly, so that nothing cancels in E = 2ⁿ·(eʳ − 1) + (2ⁿ − 1).
    """
    kind = x.dtype.str[1:]
    a = b.absolute(x)
    a = least(b, a + a, 20.0 if kind == "f4" else 44.0)
    high, low = LN2[kind]
    n, number = nearest(b, a - 0.3465, 1 / np.log(2))
    r = b.fma(number, -low, b.fma(number, -high, a))
    s = power_of_two(b, n)
    e = b.fma(s, b.fma(r * r, horner(b, r, EXP_UP[kind]), r), s - 1.0)
    d = e + 2.0
    lost = b.where(d < 4.0, e - (d - 2.0), 0.0)
    y = e / d
    return b.copysign(b.fma(y * lost, -0.5, y), x)


def sigmoid(b: Any, x: Register) -> Register:
    """1 / (1 + e⁻ˣ), by e to the power −|x|, which does not overflow."""
    e = exp(b, -b.absolute(x))
    one = b.constant(1.0, x.dtype, x.lanes)
    return quotient(b, b.where(x < 0, e, one), fast_sum(b, one, e))


def sinh(b: Any, x: Register) -> Register:
    """With v = (e^|x| − 1) / 4:  2 · (v + v / (4·v + 1))."""
    v = _expm1(b, least(b, b.absolute(x), HYPERBOLIC_LIMIT[x.dtype.str[1:]]), 2)
    half = v + v / (v * 4.0 + 1.0)
    return b.where(_tiny(b, x), x, b.copysign(half + half, x))


def cosh(b: Any, x: Register) -> Register:
    """h + 1 / (4·h) with h = e^|x| / 2."""
    n, number, r, _ = reduced(b, least(b, b.absolute(x), HYPERBOLIC_LIMIT[x.dtype.str[1:]]))
    h = scaled(b, near_one(b, r), n - 1, number - 1.0)
    return h + 0.25 / h
