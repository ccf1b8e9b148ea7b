"""Powers and roots.

xʸ = e^(y·log x): float32 in float64 arithmetic, float64 with log x and the product as pairs of numbers, so
that the error of the exponent, up to 745, stays below the last bit of the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import FLOAT32, FLOAT64, INT64, Register
from .coefficients import EXP_SHORT, LOG_SHORT
from .common import convert, horner, limited, power_of_two, product, remnant
from .exponential import LIMITS, exp_pair, reduced
from .logarithm import log_of, log_pair

__all__ = ["cbrt", "fixed_power", "hypot", "power"]


def fixed_power(b: Any, x: Register, n: Any) -> Register | None:
    """xⁿ by multiplications, for a small whole number n; None for others."""
    if x.dtype.kind != "f":
        return _repeated(b, x, int(n)) if n == int(n) and n >= 0 else None
    if n != int(n) or not -1 <= n <= 4:
        return None
    n = int(n)
    if n == -1:
        return 1.0 / x
    if n == 0:
        return b.constant(1, x.dtype, x.lanes)
    square = x * x if n > 1 else x
    return {1: x, 2: square, 3: square * x, 4: square * square}[n]


def _repeated(b: Any, x: Register, n: int) -> Register:
    """xⁿ of integers, which wrap: by squaring."""
    y = b.constant(1, x.dtype, x.lanes)
    while n:
        y = y * x if n & 1 else y
        x, n = x * x, n >> 1
    return y


def power(b: Any, x: Register, y: Register) -> Register:
    """x to the power y, with the special values of IEEE 754."""
    a = b.absolute(x)
    size = _short_power(b, a, y) if x.dtype == FLOAT32 else _long_power(b, a, y)
    size = b.where((y == 0) | (x == 1) | ((a == 1) & ~b.isnan(y)), 1.0, size)
    half = y * 0.5
    odd = (b.floor(y) == y) & (b.floor(half) != half)
    size = b.where(b.signbit(x) & odd, -size, size)
    return b.where((x < 0) & (a < np.inf) & (b.floor(y) != y), np.nan, size)


def _short_power(b: Any, a: Register, y: Register) -> Register:
    """aʸ of float32 numbers, a not negative."""
    a, y = b.cast(a, FLOAT64), b.cast(y, FLOAT64)
    exponent = y * _ends(b, a, log_of(b, a, LOG_SHORT))
    n, _, r, _ = reduced(b, limited(b, exponent, *LIMITS["f4"]))
    raised = horner(b, r, (1.0, 1.0, *EXP_SHORT)) * power_of_two(b, n)
    return b.cast(raised, FLOAT32)


def _long_power(b: Any, a: Register, y: Register) -> Register:
    """aʸ of float64 numbers, a not negative."""
    high, rest = log_pair(b, a)
    high = _ends(b, a, high)
    exponent, lost = product(b, y, high)
    rest = b.where(b.absolute(exponent) < 1e3, b.fma(y, rest, lost), 0.0)
    return exp_pair(b, (exponent, rest))


def _ends(b: Any, a: Register, y: Register) -> Register:
    """The logarithm of a: y, but for 0, infinity and NaN."""
    return b.where(a == 0, -np.inf, b.where(a < np.inf, y, a))


def hypot(b: Any, x: Register, y: Register) -> Register:
    """√(x² + y²): float32 in float64 arithmetic, float64 scaled where squares leave the range."""
    infinite = b.isinf(x) | b.isinf(y)
    if x.dtype == FLOAT32:
        u, v = b.cast(x, FLOAT64), b.cast(y, FLOAT64)
        root = b.cast(b.sqrt(b.fma(u, u, v * v)), FLOAT32)
    else:
        top = b.maximum(b.absolute(x), b.absolute(y))
        large, small = top > 2.0**500, top < 2.0**-450
        up = b.where(large, 2.0**-600, b.where(small, b.constant(2.0**600, x.dtype, x.lanes), 1.0))
        down = b.where(large, 2.0**600, b.where(small, b.constant(2.0**-600, x.dtype, x.lanes), 1.0))
        u, v = x * up, y * up
        root = b.sqrt(b.fma(u, u, v * v)) * down
    return b.where(infinite, np.inf, root)


_CUBE = {"f4": (0, 0x54A1F400), "f8": (32, 0x553EE92A)}
"""Where the exponent's word begins, and the word of x^(−1/3) for a word of 0."""


def cbrt(b: Any, x: Register) -> Register:
    """∛x = x·r² with r = x^(−1/3): a third of the exponent gives r to one digit, two steps of fourth order
    give the rest.
    """
    kind = x.dtype.str[1:]
    power, back = (24.0, 2.0**-8) if kind == "f4" else (54.0, 2.0**-18)
    a = b.absolute(x)
    small, large = a < float(np.finfo(x.dtype).tiny), a > float(np.finfo(x.dtype).max) * 2.0**-power
    a = b.where(small, a * 2.0**power, b.where(large, a * 2.0**-power, a))
    skip, word = _CUBE[kind]
    head = convert(b, "trunc", b.right_shift(b.bits(a), skip), np.int32) if skip else b.bits(a)
    third = convert(b, "fptosi", convert(b, "sitofp", head, x.dtype) * (1 / 3), np.int32)
    bits = word - third
    r = b.from_bits(b.left_shift(convert(b, "zext", bits, INT64), skip) if skip else bits)
    for _ in range(2):
        h = 1.0 - r * r * r * a
        r = b.fma(r, h * horner(b, h, (1 / 3, 2 / 9, 14 / 81)), r)
    square = r * r
    y = a * square
    y = b.fma(remnant(b, a, y * y, y), square * (1 / 3), y)
    y = b.where(small, y * back, b.where(large, y / back, y))
    return b.where((x == 0) | b.isnan(x) | b.isinf(x), x, b.copysign(y, x))
