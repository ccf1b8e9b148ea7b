"""Arrays of known numbers, which no gradient flows to, with NumPy's names, dtypes and defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...ir import DType, Shape
from ..align import as_shape, cast, to_array
from ..array import Array, ArrayLike, constant
from ..context import composite
from .elementwise import add, multiply, subtract
from .shape import expand_dims
from .structure import broadcast_to

__all__ = [
    "arange", "empty", "empty_like", "eye", "full", "full_like", "identity", "linspace", "ones", "tri",
    "zeros",
]  # fmt: skip


def zeros(shape: int | Sequence[int], dtype: Any = np.float64) -> Array:
    """A constant of zeros.

    >>> import diagrad as dg
    >>> dg.zeros((2, 2))
    array([[0., 0.],
           [0., 0.]])
    """
    return _filled(0, as_shape(shape), np.dtype(dtype))


def ones(shape: int | Sequence[int], dtype: Any = np.float64) -> Array:
    """A constant of ones.

    >>> import diagrad as dg
    >>> dg.ones(3, dtype="int64")
    array([1, 1, 1])
    """
    return _filled(1, as_shape(shape), np.dtype(dtype))


def empty(shape: int | Sequence[int], dtype: Any = np.float64) -> Array:
    """A constant of zeros, where NumPy leaves whatever the memory holds.

    >>> import diagrad as dg
    >>> dg.empty(2)
    array([0., 0.])
    """
    return zeros(shape, dtype)


def full(shape: int | Sequence[int], fill_value: ArrayLike, dtype: Any = None) -> Array:
    """``fill_value`` repeated to a shape. Where it is an Array its gradient is the sum of g.

    Raises:
        ShapeError: it does not broadcast to the shape.

    >>> import diagrad as dg
    >>> dg.full(2, 7.0)
    array([7., 7.])
    """
    x = to_array(fill_value)
    return broadcast_to(x if dtype is None else cast(x, np.dtype(dtype)), as_shape(shape))


def full_like(x: ArrayLike, /, fill_value: ArrayLike, dtype: Any = None) -> Array:
    """``fill_value`` repeated to the shape of x, in its dtype by default.

    >>> import diagrad as dg
    >>> dg.full_like([1, 2], 7)
    array([7, 7])
    """
    spec = to_array(x).spec
    return full(spec.shape, fill_value, spec.dtype if dtype is None else dtype)


def empty_like(x: ArrayLike, /, dtype: Any = None) -> Array:
    """A constant of zeros of the shape of x, in its dtype by default.

    >>> import diagrad as dg
    >>> dg.empty_like([1.0, 2.0])
    array([0., 0.])
    """
    spec = to_array(x).spec
    return zeros(spec.shape, spec.dtype if dtype is None else dtype)


def eye(n: int, m: int | None = None, /, *, k: int = 0, dtype: Any = np.float64) -> Array:
    """A constant of shape (n, m) with ones on diagonal k and zeros elsewhere; m is n by default.

    >>> import diagrad as dg
    >>> dg.eye(2)
    array([[1., 0.],
           [0., 1.]])
    """
    return constant(np.eye(n, m, k, dtype))


def identity(n: int, dtype: Any = np.float64) -> Array:
    """The identity matrix of n rows.

    >>> import diagrad as dg
    >>> dg.identity(2)
    array([[1., 0.],
           [0., 1.]])
    """
    return eye(n, dtype=dtype)


def tri(n: int, m: int | None = None, /, *, k: int = 0, dtype: Any = np.float64) -> Array:
    """A constant of shape (n, m) with ones on and below diagonal k and zeros above: a causal mask.

    >>> import diagrad as dg
    >>> dg.tri(2)
    array([[1., 0.],
           [1., 1.]])
    """
    return constant(np.tri(n, m, k, dtype))


def arange(start: float, stop: float | None = None, step: float = 1, *, dtype: Any = None) -> Array:
    """A constant of numbers from ``start``, or 0, up to but without ``stop``.

    >>> import diagrad as dg
    >>> dg.arange(3), dg.arange(1.0, 2.0, 0.5)
    (array([0, 1, 2]), array([1. , 1.5]))
    """
    numbers: Any = np.arange
    return constant(numbers(start, stop, step, dtype))


@composite
def linspace(
    start: ArrayLike, stop: ArrayLike, num: int = 50, *, endpoint: bool = True, dtype: Any = None
) -> Array:
    """``num`` numbers from ``start`` to ``stop`` at equal distances. Gradients flow to Arrays given as ends.

    Args:
        start: the first; arrays give a grid with a new first axis.
        stop: the other end.
        num: how many.
        endpoint: whether the last one is ``stop``.
        dtype: of the result.

    >>> import diagrad as dg
    >>> dg.linspace(0, 1, 5)
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    if isinstance(start, Array) or isinstance(stop, Array):
        first, last = to_array(start), to_array(stop)
        shares, way = constant(np.linspace(0.0, 1.0, num, endpoint)), subtract(last, first)
        along = expand_dims(shares, list(range(1, way.ndim + 1))) if way.ndim else shares
        y = add(first, multiply(along, way))
        return y if dtype is None else cast(y, np.dtype(dtype))
    return constant(np.linspace(start, stop, num, endpoint, dtype=dtype))


def _filled(number: int, shape: Shape, dtype: DType) -> Array:
    """One number repeated, which is kept as one."""
    return constant(np.broadcast_to(dtype.type(number), shape)[()])
