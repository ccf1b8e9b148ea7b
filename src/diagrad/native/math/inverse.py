"""The inverse trigonometric functions: a polynomial near 0, and identities that lead there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import Register
from .coefficients import ARCSIN, ARCTAN
from .common import horner

__all__ = ["arccos", "arcsin", "arctan", "arctan2"]

HALF_PI = {
    "f4": (1.5707963705062866, -4.371139000186241e-08),
    "f8": (1.5707963267948966, 6.123233995736766e-17),
}
"""π/2 rounded, and what rounding it left out."""


def _near(b: Any, x: Register, table: dict[str, tuple[float, ...]]) -> Register:
    """x + x³·P(x²)."""
    z = x * x
    return b.fma(x * z, horner(b, z, table[x.dtype.str[1:]]), x)


def _from_right_angle(b: Any, y: Register) -> Register:
    """π/2 − y."""
    high, low = HALF_PI[y.dtype.str[1:]]
    return high - (y - low)


def arcsin(b: Any, x: Register) -> Register:
    """Beyond 1/2 as π/2 − 2·arcsin √((1 − x)/2)."""
    a = b.absolute(x)
    inner = a <= 0.5
    y = _near(b, b.where(inner, a, b.sqrt(0.5 - a * 0.5)), ARCSIN)
    return b.copysign(b.where(inner, y, _from_right_angle(b, y + y)), x)


def arccos(b: Any, x: Register) -> Register:
    """π/2 − arcsin x;  2·arcsin √((1 − x)/2) beyond 1/2, and π less that of −x below −1/2."""
    a = b.absolute(x)
    inner = a <= 0.5
    y = _near(b, b.where(inner, x, b.sqrt(0.5 - a * 0.5)), ARCSIN)
    right = _from_right_angle(b, y)
    outer = b.where(x < 0, right + right, y + y)
    return b.where(inner, right, outer)


def arctan(b: Any, x: Register) -> Register:
    """Beyond 1 as π/2 less the arc tangent of 1 / x."""
    a = b.absolute(x)
    outer = a > 1.0
    y = _near(b, b.where(outer, 1.0 / a, a), ARCTAN)
    return b.copysign(b.where(outer, _from_right_angle(b, y), y), x)


def arctan2(b: Any, y: Register, x: Register) -> Register:
    """The angle of the point (x, y), from the arc tangent of the smaller by the larger."""
    u, v = b.absolute(x), b.absolute(y)
    steep = v > u
    large, small = b.where(steep, v, u), b.where(steep, u, v)
    safe = b.where(large == 0, 1.0, large)
    ratio = b.where((small == np.inf) & (large == np.inf), 1.0, small / safe)
    angle = _near(b, ratio, ARCTAN)
    angle = b.where(steep, _from_right_angle(b, angle), angle)
    right = _from_right_angle(b, angle * 0.5)
    angle = b.where(b.signbit(x), right + right, angle)
    return b.where(b.isnan(x) | b.isnan(y), x + y, b.copysign(angle, y))
