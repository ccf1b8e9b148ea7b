"""Exclusive or of booleans, and the bits of integers; the array API's names and NumPy's."""

from __future__ import annotations

import numpy as np

from ... import ops
from ..align import cast, elementwise, to_array
from ..array import Array, ArrayLike

__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "invert",
    "left_shift",
    "logical_xor",
    "right_shift",
]


def logical_xor(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = either x or y and not both, on booleans. No derivative.

    >>> import diagrad as dg
    >>> dg.logical_xor([True, False], [True, True])
    array([False,  True])
    """
    return elementwise(ops.Xor(), cast(to_array(x), _BOOL), cast(to_array(y), _BOOL))


def bitwise_and(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = the bits that x and y share; of booleans, logical and. No derivative.

    Raises:
        DTypeError: an input is neither integer nor boolean.

    >>> import diagrad as dg
    >>> dg.bitwise_and([6, 3], 5)
    array([4, 1])
    """
    return elementwise(ops.And() if _boolean(x, y) else ops.BitAnd(), x, y)


def bitwise_or(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = the bits of x and of y; of booleans, logical or. No derivative.

    Raises:
        DTypeError: an input is neither integer nor boolean.

    >>> import diagrad as dg
    >>> dg.bitwise_or([6, 3], 8)
    array([14, 11])
    """
    return elementwise(ops.Or() if _boolean(x, y) else ops.BitOr(), x, y)


def bitwise_xor(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = the bits in which x and y differ; of booleans, logical xor. No derivative.

    Raises:
        DTypeError: an input is neither integer nor boolean.

    >>> import diagrad as dg
    >>> dg.bitwise_xor([6, 3], 5)
    array([3, 6])
    """
    return elementwise(ops.Xor() if _boolean(x, y) else ops.BitXor(), x, y)


def bitwise_invert(x: ArrayLike, /) -> Array:
    """y = every bit of x the other way; of booleans, logical not. No derivative.

    Raises:
        DTypeError: x is neither integer nor boolean.

    >>> import diagrad as dg
    >>> dg.bitwise_invert([0, 5])
    array([-1, -6])
    """
    return elementwise(ops.Not() if _boolean(x) else ops.BitNot(), x)


def bitwise_left_shift(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = the bits of x moved y places up: x · 2ʸ, as far as the dtype reaches. No derivative.

    >>> import diagrad as dg
    >>> dg.bitwise_left_shift([1, 3], 2)
    array([ 4, 12])
    """
    return elementwise(ops.ShiftLeft(), *_integers(x, y))


def bitwise_right_shift(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = the bits of x moved y places down: ⌊x / 2ʸ⌋. No derivative.

    >>> import diagrad as dg
    >>> dg.bitwise_right_shift([12, -12], 2)
    array([ 3, -3])
    """
    return elementwise(ops.ShiftRight(), *_integers(x, y))


def _boolean(*xs: ArrayLike) -> bool:
    """Whether all are booleans."""
    return all((x if isinstance(x, Array) else np.asarray(x)).dtype.kind == "b" for x in xs)


def _integers(*xs: ArrayLike) -> tuple[ArrayLike, ...]:
    """Booleans as small integers, as NumPy shifts them."""
    return tuple(cast(to_array(x), np.dtype(np.int8)) for x in xs) if _boolean(*xs) else xs


bitwise_not = bitwise_invert
invert = bitwise_invert
left_shift = bitwise_left_shift
right_shift = bitwise_right_shift

_BOOL = np.dtype(np.bool_)
