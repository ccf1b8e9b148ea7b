"""Sine, cosine and tangent.

x = n·π/2 + r, π/2 in parts (Cody & Waite 1980), the reduction in float64 arithmetic. Where |x| is so large
that the parts do not suffice, the system's library computes the number (which reduces it as M. Payne &
R. Hanek do, 1983).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..registers import FLOAT32, FLOAT64, Register
from .coefficients import COS, SIN
from .common import horner
from .exponential import nearest

__all__ = ["cos", "sin", "tan"]

HALF_PI = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33)
"""π/2 in parts of full length, for multiply-adds with one rounding."""

HALF_PI_SHORT = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32)
"""π/2 in parts of 33 bits and a rest: where products are rounded, n times one is exact for |n| < 2²⁰."""

LARGEST = 1e5


class Turned(NamedTuple):
    """x = n·π/2 + r."""

    inside: Register
    """Whether |x| is not too large."""
    n: Register
    sine: Register
    """sin r."""
    cosine: Register
    """cos r."""


def _turned(b: Any, x: Register) -> Turned:
    inside = b.absolute(x) <= LARGEST
    safe = b.where(inside, x, 0.0)
    n, number = nearest(b, safe, 2 / np.pi)
    r, number = b.cast(safe, FLOAT64), b.cast(number, FLOAT64)
    for part in (HALF_PI if b.fused else HALF_PI_SHORT)[: 2 if x.dtype == FLOAT32 else None]:
        r = b.fma(number, -part, r)
    r = b.cast(r, x.dtype)
    z = r * r
    kind = x.dtype.str[1:]
    sine = b.fma(r * z, horner(b, z, SIN[kind]), r)
    return Turned(inside, n, sine, horner(b, z, (1.0, -0.5, *COS[kind])))


def sin(b: Any, x: Register) -> Register:
    """sin x."""
    turned = _turned(b, x)
    y = _quadrant(b, turned, turned.n)
    return _beyond(b, "sin", x, b.where(x == 0, x, y), turned.inside)


def cos(b: Any, x: Register) -> Register:
    """cos x, a quarter turn further."""
    turned = _turned(b, x)
    return _beyond(b, "cos", x, _quadrant(b, turned, turned.n + 1), turned.inside)


def _quadrant(b: Any, turned: Turned, n: Register) -> Register:
    """The sine, n quarters of a turn further."""
    y = b.where((n & 1) == 0, turned.sine, turned.cosine)
    return b.where((n & 2) == 0, y, -y)


def tan(b: Any, x: Register) -> Register:
    """sin r / cos r, or −cos r / sin r after an odd number of quarters."""
    inside, n, sine, cosine = _turned(b, x)
    even = (n & 1) == 0
    y = b.where(even, sine, -cosine) / b.where(even, cosine, sine)
    return _beyond(b, "tan", x, b.where(x == 0, x, y), inside)


def _beyond(b: Any, name: str, x: Register, y: Register, inside: Register) -> Register:
    """y, or what the system's library gives where x is too large."""
    place = b.variable(y)
    outside = b.invert(inside)
    some = outside if not x.lanes else b.emit(f"icmp ne i{x.lanes} {_mask(b, outside)}, 0", np.dtype(bool), 0)
    with b.when(some):
        place.set(b.where(inside, y, b.library(name, x)))
    return place.get()


def _mask(b: Any, x: Register) -> str:
    """The lanes of a condition as the bits of one integer."""
    return b.emit(f"bitcast {x.typed} to i{x.lanes}", np.dtype(bool), 0).text
