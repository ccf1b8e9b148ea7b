"""Functions that remove axes: products and truth values."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ..align import cast, to_array
from ..array import Array, ArrayLike
from ..methods import Axis
from .reductions import reduce, sum

__all__ = ["all", "any", "count_nonzero", "prod"]


def prod(x: ArrayLike, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """y = Π x over ``axis``, over all axes by default. Backward: g times the product of the other elements.

    Nothing is divided by x, so zeros are exact in every order of derivative.

    Args:
        x: any array; booleans and small integers are multiplied as 64-bit integers, as NumPy does.
        axis: an axis or several, negative ones counting from the end.
        dtype: the dtype to multiply in.
        keepdims: keep the axes with size 1.

    >>> import diagrad as dg
    >>> x = dg.array([2.0, 0.0, 5.0])
    >>> y = dg.prod(x)
    >>> y.backward()
    >>> y, x.grad
    (array(0.), array([ 0., 10.,  0.]))
    """
    x = to_array(x)
    to = np.dtype(dtype) if dtype is not None else np.multiply.reduce(np.zeros(0, x.dtype)).dtype
    return reduce(ops.Prod, cast(x, to), axis, keepdims)


def all(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether every element over ``axis`` is true, that is not 0. No derivative.

    >>> import diagrad as dg
    >>> dg.all([[True, False], [True, True]], axis=0)
    array([ True, False])
    """
    return reduce(ops.AllTrue, cast(to_array(x), np.dtype(np.bool_)), axis, keepdims)


def any(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether some element over ``axis`` is true, that is not 0. No derivative.

    >>> import diagrad as dg
    >>> dg.any([[True, False], [True, False]], axis=0)
    array([ True, False])
    """
    return reduce(ops.AnyTrue, cast(to_array(x), np.dtype(np.bool_)), axis, keepdims)


def count_nonzero(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """How many elements over ``axis`` are not 0, as an integer. No derivative.

    >>> import diagrad as dg
    >>> dg.count_nonzero([[1.0, 0.0], [2.0, 3.0]], axis=0)
    array([2, 1])
    """
    return sum(cast(to_array(x), np.dtype(np.bool_)), axis=axis, dtype=np.intp, keepdims=keepdims)
