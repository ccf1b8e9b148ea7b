"""Sine and cosine.

x = n·π/2 + r, π/2 in three parts (Cody & Waite 1980), with float64 arithmetic throughout: for float32 it
makes the result right to the last bit almost always. Where |x| is so large that the parts do not suffice,
the system's library computes the number (which reduces it as M. Payne & R. Hanek do, 1983).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..registers import FLOAT32, FLOAT64, Register
from .coefficients import COS, SIN
from .exponential import horner

__all__ = ["cos", "sin"]

HALF_PI = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33)
LARGEST = 1e5


def sin(b: Any, x: Register) -> Register:
    """sin x."""
    return _both(b, x, 0, "sin")


def cos(b: Any, x: Register) -> Register:
    """cos x, a quarter turn further."""
    return _both(b, x, 1, "cos")


def _both(b: Any, x: Register, quarter: int, name: str) -> Register:
    wide = b.cast(x, FLOAT64)
    inside = b.absolute(wide) <= LARGEST
    safe = b.where(inside, wide, b.constant(0.0, FLOAT64, x.lanes))
    shift = b.constant(1.5 * 2.0**52, FLOAT64, x.lanes)
    shifted = b.fma(safe, b.constant(2 / np.pi, FLOAT64, x.lanes), shift)
    n = shifted - shift
    r = safe
    for part in HALF_PI:
        r = b.fma(n, b.constant(-part, FLOAT64, x.lanes), r)
    kind = "f4" if x.dtype == FLOAT32 else "f8"
    z = r * r
    s = b.fma(r * z, horner(b, z, SIN[kind]), r)
    halved = z * 0.5
    one = b.constant(1.0, FLOAT64, x.lanes)
    w = one - halved
    c = w + ((one - w) - halved + z * z * horner(b, z, COS[kind]))
    turn = b.bits(shifted) - b.bits(shift) + quarter
    y = b.where((turn & 1) == 0, s, c)
    y = b.where((turn & 2) == 0, y, -y)
    y = b.cast(y, x.dtype)
    if not quarter:
        y = b.where(x == 0, x, y)
    place = b.variable(y)
    outside = b.invert(inside)
    some = outside if not x.lanes else b.emit(f"icmp ne i{x.lanes} {_mask(b, outside)}, 0", np.dtype(bool), 0)
    with b.when(some):
        place.set(b.where(inside, y, b.library(name, x)))
    return place.get()


def _mask(b: Any, x: Register) -> str:
    """The lanes of a condition as the bits of one integer."""
    return b.emit(f"bitcast {x.typed} to i{x.lanes}", np.dtype(bool), 0).text
