"""What the functions share: polynomials, limits, powers of two, and sums and products without rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import Register, llvm_type

__all__ = ["fast_sum", "horner", "least", "limited", "power_of_two", "product", "quotient", "scaled"]

_SPLIT = {"f4": 2.0**12 + 1, "f8": 2.0**27 + 1}

Pair = tuple[Register, Register]
"""A number as the sum of two, the second below the last bit of the first."""


def horner(b: Any, x: Register, coefficients: tuple[float, ...]) -> Register:
    """The value of a polynomial, its constant coefficient first."""
    total = b.constant(coefficients[-1], x.dtype, x.lanes)
    for c in reversed(coefficients[:-1]):
        total = b.fma(total, x, c)
    return total


def least(b: Any, x: Register, high: float) -> Register:
    """x, or the limit above it; NaN stays."""
    return b.where(x > high, high, x)


def limited(b: Any, x: Register, low: float, high: float) -> Register:
    """x, or the limit that it passes; NaN stays."""
    x = least(b, x, high)
    return b.where(x < low, low, x)


def power_of_two(b: Any, n: Register) -> Register:
    """2ⁿ for an integer n within the range of normal numbers."""
    mantissa, bias = (23, 127) if n.dtype.itemsize == 4 else (52, 1023)
    return b.from_bits(b.left_shift(n + bias, mantissa))


def scaled(b: Any, x: Register, n: Register, number: Register) -> Register:
    """x · 2ⁿ, rounded once, also where that is subnormal or infinite; ``number`` is n as a float."""
    bits = 8 * x.dtype.itemsize * x.lanes
    if b.module.target.level == "avx512" and bits in (128, 256, 512):
        mask = f"i{max(x.lanes, 8)}"
        name = f"llvm.x86.avx512.mask.scalef.p{'s' if x.dtype.itemsize == 4 else 'd'}.{bits}"
        rounding, given = (", i32", ", i32 4") if bits == 512 else ("", "")
        b.module.declare(f"{x.type} @{name}({x.type}, {x.type}, {x.type}, {mask}{rounding})")
        return b.emit(
            f"call {x.type} @{name}({x.typed}, {number.typed}, {x.typed}, {mask} -1{given})", x.dtype, x.lanes
        )
    half = b.right_shift(n, 1)
    return x * power_of_two(b, half) * power_of_two(b, n - half)


def fast_sum(b: Any, x: Register, y: Register) -> Pair:
    """x + y and what rounding it left out, for |x| ≥ |y| or x = 0 (T. J. Dekker 1971)."""
    total = x + y
    return total, y - (total - x)


def product(b: Any, x: Register, y: Register) -> Pair:
    """x · y and what rounding it left out."""
    whole = x * y
    if b.fused:
        return whole, b.fma(x, y, -whole)
    (x1, x2), (y1, y2) = _halves(x), _halves(y)
    return whole, ((x1 * y1 - whole) + x1 * y2 + x2 * y1) + x2 * y2


def _halves(x: Register) -> Pair:
    """x as the sum of two numbers of half its length (G. W. Veltkamp 1968)."""
    moved = x * _SPLIT[x.dtype.str[1:]]
    high = moved - (moved - x)
    return high, x - high


def remnant(b: Any, x: Register, q: Register, y: Register) -> Register:
    """x − q · y, exactly, for q near x / y."""
    if b.fused:
        return b.fma(-q, y, x)
    whole, rest = product(b, q, y)
    return (x - whole) - rest


def quotient(b: Any, x: Register, y: Pair) -> Register:
    """x / y, almost always rounded correctly."""
    inverse = 1.0 / y[0]
    q = x * inverse
    return b.fma(b.fma(-q, y[1], remnant(b, x, q, y[0])), inverse, q)


def convert(b: Any, word: str, x: Register, dtype: Any) -> Register:
    """LLVM's conversion of numbers that are known to be in range."""
    dtype = np.dtype(dtype)
    return b.emit(f"{word} {x.typed} to {llvm_type(dtype, x.lanes)}", dtype, x.lanes)
