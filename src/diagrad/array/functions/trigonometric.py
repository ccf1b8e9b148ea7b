"""Angles, circles and hyperbolas, with the array API's names and NumPy's (``asin`` and ``arcsin``)."""

from __future__ import annotations

import math

from ... import ops
from ..align import elementwise
from ..array import Array, ArrayLike
from .elementwise import multiply

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cosh",
    "deg2rad",
    "degrees",
    "hypot",
    "rad2deg",
    "radians",
    "sinc",
    "sinh",
    "tan",
]


def tan(x: ArrayLike, /) -> Array:
    """y = tan x, x in radians. Backward: g · (1 + y²).

    >>> import diagrad as dg
    >>> dg.tan([0.0, 1.0])
    array([0.        , 1.55740772])
    """
    return elementwise(ops.Tan(), x)


def asin(x: ArrayLike, /) -> Array:
    """y = arcsin x, from −π/2 to π/2. Backward: g / √(1 − x²), infinite at ±1.

    >>> import diagrad as dg
    >>> dg.asin([0.0, 1.0])
    array([0.        , 1.57079633])
    """
    return elementwise(ops.Asin(), x)


def acos(x: ArrayLike, /) -> Array:
    """y = arccos x, from 0 to π. Backward: −g / √(1 − x²), infinite at ±1.

    >>> import diagrad as dg
    >>> dg.acos([0.0, 1.0])
    array([1.57079633, 0.        ])
    """
    return elementwise(ops.Acos(), x)


def atan(x: ArrayLike, /) -> Array:
    """y = arctan x, from −π/2 to π/2. Backward: g / (1 + x²).

    >>> import diagrad as dg
    >>> dg.atan([0.0, 1.0])
    array([0.        , 0.78539816])
    """
    return elementwise(ops.Atan(), x)


def sinh(x: ArrayLike, /) -> Array:
    """y = sinh x. Backward: g · cosh x.

    >>> import diagrad as dg
    >>> dg.sinh([0.0, 1.0])
    array([0.        , 1.17520119])
    """
    return elementwise(ops.Sinh(), x)


def cosh(x: ArrayLike, /) -> Array:
    """y = cosh x. Backward: g · sinh x.

    >>> import diagrad as dg
    >>> dg.cosh([0.0, 1.0])
    array([1.        , 1.54308063])
    """
    return elementwise(ops.Cosh(), x)


def asinh(x: ArrayLike, /) -> Array:
    """y = arsinh x. Backward: g / √(1 + x²).

    >>> import diagrad as dg
    >>> dg.asinh([0.0, 1.0])
    array([0.        , 0.88137359])
    """
    return elementwise(ops.Asinh(), x)


def acosh(x: ArrayLike, /) -> Array:
    """y = arcosh x, x ≥ 1. Backward: g / √(x² − 1), infinite at 1.

    >>> import diagrad as dg
    >>> dg.acosh([1.0, 2.0])
    array([0.       , 1.3169579])
    """
    return elementwise(ops.Acosh(), x)


def atanh(x: ArrayLike, /) -> Array:
    """y = artanh x, |x| ≤ 1. Backward: g / (1 − x²), infinite at ±1.

    >>> import diagrad as dg
    >>> dg.atanh([0.0, 0.5])
    array([0.        , 0.54930614])
    """
    return elementwise(ops.Atanh(), x)


def atan2(y: ArrayLike, x: ArrayLike, /) -> Array:
    """z = the angle of the point (x, y), from −π to π.

    Backward: g · x / r² to y, −g · y / r² to x, r² = x² + y²; 0 at the origin.

    >>> import diagrad as dg
    >>> dg.atan2([0.0, 1.0], [-1.0, 1.0])
    array([3.14159265, 0.78539816])
    """
    return elementwise(ops.Atan2(), y, x)


def hypot(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = √(x² + y²), without overflow. Backward: g · x / z and g · y / z, 0 at the origin.

    >>> import diagrad as dg
    >>> dg.hypot([3.0, 1e200], [4.0, 1e200])
    array([5.00000000e+000, 1.41421356e+200])
    """
    return elementwise(ops.Hypot(), x, y)


def sinc(x: ArrayLike, /) -> Array:
    """y = sin(πx) / (πx), and 1 at 0. Backward: its derivative, exact at 0 in every order.

    >>> import diagrad as dg
    >>> dg.sinc([0.0, 0.5])
    array([1.        , 0.63661977])
    """
    return elementwise(ops.Sinc(), x)


def deg2rad(x: ArrayLike, /) -> Array:
    """y = x · π / 180: degrees in radians. Backward: g · π / 180.

    >>> import diagrad as dg
    >>> dg.deg2rad([90.0, 180.0])
    array([1.57079633, 3.14159265])
    """
    return multiply(x, math.pi / 180)


def rad2deg(x: ArrayLike, /) -> Array:
    """y = x · 180 / π: radians in degrees. Backward: g · 180 / π.

    >>> import diagrad as dg
    >>> dg.rad2deg([0.0, 1.0])
    array([ 0.        , 57.29577951])
    """
    return multiply(x, 180 / math.pi)


arccos = acos
arccosh = acosh
arcsin = asin
arcsinh = asinh
arctan = atan
arctan2 = atan2
arctanh = atanh
radians = deg2rad
degrees = rad2deg
