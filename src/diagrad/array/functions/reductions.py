"""Functions that remove axes: sum, mean, extremes and their places."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import cast, to_array
from ..array import Array, ArrayLike, apply
from ..methods import Axis

__all__ = ["argmax", "argmin", "max", "mean", "min", "sum"]


def sum(x: ArrayLike, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """y = Σ x over ``axis``, over all axes by default. Backward: the one gradient to every element.

    Args:
        x: any array; booleans and small integers are summed as 64-bit integers, as NumPy does.
        axis: an axis or several, negative ones counting from the end.
        dtype: the dtype to sum in.
        keepdims: keep the summed axes with size 1.

    Raises:
        AxisError: there is no such axis.

    >>> import diagrad as dg
    >>> dg.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([4., 6.])
    """
    x = to_array(x)
    to = np.dtype(dtype) if dtype is not None else np.add.reduce(np.zeros(0, x.dtype)).dtype
    return reduce(ops.Sum, cast(x, to), axis, keepdims)


def mean(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """y = Σ x / n over ``axis``. Backward: g / n to every element.

    >>> import diagrad as dg
    >>> dg.mean([[1.0, 2.0], [3.0, 6.0]], axis=0)
    array([2., 4.])
    """
    x = to_array(x)
    return reduce(ops.Mean, x if x.dtype.kind in "fc" else cast(x, np.dtype("f8")), axis, keepdims)


def max(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest element over ``axis``. Backward: g to it; ties share it equally.

    >>> import diagrad as dg
    >>> dg.max([[1.0, 7.0], [3.0, 4.0]], axis=1)
    array([7., 4.])
    """
    return reduce(ops.Max, _not_empty("max", to_array(x), axis), axis, keepdims)


def min(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest element over ``axis``. Backward: g to it; ties share it equally.

    >>> import diagrad as dg
    >>> dg.min([[1.0, 7.0], [3.0, 4.0]], axis=1)
    array([1., 3.])
    """
    return reduce(ops.Min, _not_empty("min", to_array(x), axis), axis, keepdims)


def argmax(x: ArrayLike, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first largest element along ``axis``, of the flat array by default. No derivative.

    >>> import diagrad as dg
    >>> dg.argmax([[1.0, 7.0], [3.0, 2.0]], axis=1)
    array([1, 0])
    """
    return _arg(ops.ArgMax, to_array(x), axis, keepdims)


def argmin(x: ArrayLike, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first smallest element along ``axis``, of the flat array by default. No derivative.

    >>> import diagrad as dg
    >>> dg.argmin([[1.0, 7.0], [3.0, 2.0]], axis=1)
    array([0, 1])
    """
    return _arg(ops.ArgMin, to_array(x), axis, keepdims)


def reduce(op: type[Any], x: Array, axis: Axis, keepdims: bool) -> Array:
    """Apply an op that removes axes over ``axis``, and keep them with size 1 where asked for."""
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    axes = tuple(sorted(axes))
    y = apply(op(axes), x, inner=keepdims)
    return apply(ops.ExpandDims(axes), y) if keepdims else y


def _arg(op: type[Any], x: Array, axis: int | None, keepdims: bool) -> Array:
    _not_empty(op.__name__.lower(), x, axis)
    if axis is None:
        flat = x if x.ndim == 1 else apply(ops.Reshape((x.size,)), x, inner=True)
        y = apply(op(0), flat)
        return apply(ops.Reshape((1,) * x.ndim), y) if keepdims else y
    at = normalize_axis_index(axis, x.ndim)
    y = apply(op(at), x)
    return apply(ops.ExpandDims((at,)), y) if keepdims else y


def _not_empty(name: str, x: Array, axis: Axis) -> Array:
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if any(x.shape[at] == 0 for at in axes):
        raise ShapeError(
            f"{name}: there is no element to choose from",
            where=str(user_site(1)),
            expected="at least one element along the axis",
            got=f"{x.name or 'x'}{x.shape}",
            fix="check the array's size first",
        )
    return x
