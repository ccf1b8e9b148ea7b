"""Division of integers and of floats with NumPy's rounding."""

from __future__ import annotations

from typing import Any

from ..registers import BOOL, Register

__all__ = ["floor_divide", "quotient", "remainder", "truncated"]


def quotient(b: Any, x: Register, scale: Register, y: Register, inverse: Register) -> Register:
    """x · scale / y as a division rounds it, where inverse = 1 / y.

    The first guess is right where it is infinite or NaN, which makes the correction NaN; and has the right
    sign where it is 0.
    """
    x = x * scale
    if not b.fused:
        return x / y
    guess = x * inverse
    better = b.fma(b.fma(-guess, y, x), inverse, guess)
    zero = b.constant(0.0, better.dtype, better.lanes)
    keep = b.emit(f"fcmp ueq {better.typed}, {zero.text}", BOOL, better.lanes)
    return b.where(keep, guess, better)


def truncated(b: Any, x: Register, y: Register) -> tuple[Register, Register]:
    """Quotient and remainder of integers, rounded towards 0. By zero both are 0, and nothing overflows."""
    zero = y == 0
    one = b.constant(1, x.dtype, x.lanes)
    if x.dtype.kind == "u":
        safe = b.where(zero, one, y)
        quotient = b.emit(f"udiv {x.typed}, {safe.text}", x.dtype, x.lanes)
    else:
        minus = y == -1
        safe = b.where(zero | minus, one, y)
        quotient = b.emit(f"sdiv {x.typed}, {safe.text}", x.dtype, x.lanes)
        quotient = b.where(minus, -x, quotient)
    nothing = one - one
    return b.where(zero, nothing, quotient), b.where(zero, nothing, x - quotient * y)


def floor_divide(b: Any, x: Register, y: Register) -> Register:
    """⌊x / y⌋."""
    if x.dtype.kind == "f":
        rest = b.fmod(x, y)
        quotient = (x - rest) / y
        quotient = b.where((rest != 0) & ((rest < 0) != (y < 0)), quotient - 1.0, quotient)
        near = b.floor(quotient)
        near = b.where(quotient - near > 0.5, near + 1.0, near)
        near = b.where(quotient != 0, near, b.copysign(b.constant(0.0, x.dtype, x.lanes), x / y))
        return b.where(y == 0, x / y, near)
    quotient, rest = truncated(b, x, y)
    if x.dtype.kind == "u":
        return quotient
    return b.where((rest != 0) & ((rest < 0) != (y < 0)), quotient - 1, quotient)


def remainder(b: Any, x: Register, y: Register) -> Register:
    """What is left of x, with the sign of y."""
    if x.dtype.kind == "f":
        rest = b.fmod(x, y)
        moved = b.where((rest < 0) != (y < 0), rest + y, rest)
        return b.where(rest != 0, moved, b.copysign(rest, y))
    _, rest = truncated(b, x, y)
    if x.dtype.kind == "u":
        return rest
    return b.where((rest != 0) & ((rest < 0) != (y < 0)), rest + y, rest)
