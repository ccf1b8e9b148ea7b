"""Rounding, and division with a remainder."""

from __future__ import annotations

from operator import index

import numpy as np

from ... import ops
from ..align import cast, elementwise, promote, to_array
from ..array import Array, ArrayLike

__all__ = [
    "ceil",
    "copysign",
    "divmod",
    "floor",
    "floor_divide",
    "fmod",
    "mod",
    "remainder",
    "rint",
    "round",
    "trunc",
]


def floor(x: ArrayLike, /) -> Array:
    """y = ⌊x⌋, the largest integer ≤ x, in the dtype of x. Its gradient is 0.

    >>> import diagrad as dg
    >>> dg.floor([1.5, -1.5])
    array([ 1., -2.])
    """
    return elementwise(ops.Floor(), x)


def ceil(x: ArrayLike, /) -> Array:
    """y = ⌈x⌉, the smallest integer ≥ x, in the dtype of x. Its gradient is 0.

    >>> import diagrad as dg
    >>> dg.ceil([1.5, -1.5])
    array([ 2., -1.])
    """
    return elementwise(ops.Ceil(), x)


def trunc(x: ArrayLike, /) -> Array:
    """y = x without its fraction. Its gradient is 0.

    >>> import diagrad as dg
    >>> dg.trunc([1.5, -1.5])
    array([ 1., -1.])
    """
    return elementwise(ops.Trunc(), x)


def round(x: ArrayLike, /, decimals: int = 0) -> Array:
    """y = x to ``decimals`` places, halves to even; negative ``decimals`` count places before the point.

    Its gradient is 0: a rounded value that does not jump is constant.

    >>> import diagrad as dg
    >>> dg.round([0.5, 1.5, 2.675], 2), dg.round([0.5, 1.5, 2.5])
    (array([0.5 , 1.5 , 2.68]), array([0., 2., 2.]))
    """
    return elementwise(ops.Round(index(decimals)), x)


def rint(x: ArrayLike, /) -> Array:
    """y = the nearest integer to x, halves to even, in floating point. Its gradient is 0.

    >>> import diagrad as dg
    >>> dg.rint([0.5, 1.5, 2.5])
    array([0., 2., 2.])
    """
    x = to_array(x)
    return round(x if x.dtype.kind in "fc" else cast(x, promote([x.dtype, np.float16])))


def copysign(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = |x| with the sign of y. Backward: ±g to x, 0 at the kink x = 0; 0 to y.

    >>> import diagrad as dg
    >>> dg.copysign([1.0, -2.0], [-0.0, 3.0])
    array([-1.,  2.])
    """
    return elementwise(ops.CopySign(), x, y)


def floor_divide(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = ⌊x / y⌋, the operator ``//``. Its gradient is 0, as in JAX.

    >>> import diagrad as dg
    >>> dg.floor_divide([7.0, -7.0], 2)
    array([ 3., -4.])
    """
    return elementwise(ops.FloorDivide(), x, y)


def remainder(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x − ⌊x / y⌋ · y, the operator ``%``; it has the sign of y. Backward: g to x, −g · ⌊x / y⌋ to y.

    >>> import diagrad as dg
    >>> dg.remainder([7.0, -7.0], 4)
    array([3., 1.])
    """
    return elementwise(ops.Remainder(), x, y)


def fmod(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x − trunc(x / y) · y; it has the sign of x. Backward: g to x, −g · trunc(x / y) to y.

    >>> import diagrad as dg
    >>> dg.fmod([7.0, -7.0], 4)
    array([ 3., -3.])
    """
    return elementwise(ops.Fmod(), x, y)


def divmod(x: ArrayLike, y: ArrayLike, /) -> tuple[Array, Array]:
    """⌊x / y⌋ and what remains: :func:`floor_divide` and :func:`remainder`.

    >>> import diagrad as dg
    >>> dg.divmod([7.0, -7.0], 4)
    (array([ 1., -2.]), array([3., 1.]))
    """
    return floor_divide(x, y), remainder(x, y)


mod = remainder
