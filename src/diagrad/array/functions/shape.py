"""Functions that move elements without changing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ... import ops
from ...errors import InputError, ShapeError
from ...ir import user_site
from ..align import as_shape, cast, own, promote, to_array
from ..array import Array, ArrayLike, apply
from ..context import in_rule
from ..methods import Axis

__all__ = ["concatenate", "expand_dims", "matrix_transpose", "permute_dims", "reshape", "squeeze", "stack"]


def reshape(x: ArrayLike, /, shape: int | Sequence[int]) -> Array:
    """The same elements, in C order, in another shape; one axis may be −1. Backward: g reshaped back.

    Raises:
        ShapeError: the elements do not fill the shape.

    >>> import diagrad as dg
    >>> dg.reshape([1.0, 2.0, 3.0, 4.0], (2, -1)).shape
    (2, 2)
    """
    x = to_array(x)
    to = as_shape(shape)
    if -1 in to:
        rest = int(np.prod([n for n in to if n != -1], dtype=np.int64))
        if to.count(-1) > 1 or rest == 0 or x.size % rest:
            ops.Reshape(to).shape(x.shape)
        to = tuple(x.size // rest if n == -1 else n for n in to)
    return own(x) if to == x.shape else apply(ops.Reshape(to), x)


def permute_dims(x: ArrayLike, /, axes: Sequence[int] | None = None) -> Array:
    """The axes in another order, reversed by default. Backward: g in the old order.

    >>> import diagrad as dg
    >>> dg.permute_dims([[1.0, 2.0, 3.0]]).shape
    (3, 1)
    """
    x = to_array(x)
    order = (
        tuple(range(x.ndim))[::-1] if axes is None else tuple(normalize_axis_index(a, x.ndim) for a in axes)
    )
    return own(x) if x.ndim < 2 and axes is None else apply(ops.Transpose(order), x)


def matrix_transpose(x: ArrayLike, /) -> Array:
    """The last two axes exchanged.

    Raises:
        ShapeError: there are fewer than two axes.

    >>> import diagrad as dg
    >>> dg.matrix_transpose([[1.0, 2.0, 3.0]]).shape
    (3, 1)
    """
    x = to_array(x)
    if x.ndim < 2:
        raise ShapeError(
            "matrix_transpose: fewer than two axes",
            where=str(user_site(1)),
            expected="x[... m n]",
            got=f"{x.name or 'x'}{x.shape}",
            fix="add an axis with x[:, None]",
        )
    transpose = ops.Transpose((*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))
    if x._first is not None and x._op == transpose and in_rule():
        return x._first  # the backward pass of a backward pass, which would turn twice
    return apply(transpose, x)


def expand_dims(x: ArrayLike, /, axis: int | Sequence[int] = 0) -> Array:
    """New axes of size 1 at ``axis`` of the result. Backward: g without them.

    >>> import diagrad as dg
    >>> dg.expand_dims([1.0, 2.0], 1).shape
    (2, 1)
    """
    x = to_array(x)
    count = 1 if isinstance(axis, SupportsIndex) else len(axis)
    return apply(ops.ExpandDims(tuple(sorted(normalize_axis_tuple(axis, x.ndim + count)))), x)


def squeeze(x: ArrayLike, /, axis: Axis = None) -> Array:
    """Without the axes ``axis`` of size 1, all of them by default. Backward: g with them.

    Raises:
        ShapeError: an axis has another size.

    >>> import diagrad as dg
    >>> dg.squeeze([[1.0, 2.0]]).shape
    (2,)
    """
    x = to_array(x)
    axes = (
        tuple(at for at, size in enumerate(x.shape) if size == 1)
        if axis is None
        else tuple(sorted(normalize_axis_tuple(axis, x.ndim)))
    )
    return apply(ops.Squeeze(axes), x) if axes else x


def concatenate(arrays: Sequence[ArrayLike], /, axis: int | None = 0) -> Array:
    """The arrays one after the other along ``axis``; flat with None. Backward: each its own part of g.

    Raises:
        ShapeError: the shapes differ in another axis.

    >>> import diagrad as dg
    >>> dg.concatenate([[1.0], [2.0, 3.0]])
    array([1., 2., 3.])
    """
    xs = _together(arrays)
    if axis is None:
        xs, axis = [reshape(x, (-1,)) for x in xs], 0
    return apply(ops.Concatenate(normalize_axis_index(axis, xs[0].ndim)), *xs)


def stack(arrays: Sequence[ArrayLike], /, axis: int = 0) -> Array:
    """The arrays, all of one shape, along a new axis. Backward: each its own part of g.

    Raises:
        ShapeError: the shapes differ.

    >>> import diagrad as dg
    >>> dg.stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    array([[1., 3.],
               [2., 4.]])
    """
    xs = _together(arrays)
    return apply(ops.Stack(normalize_axis_index(axis, xs[0].ndim + 1)), *xs)


def _together(arrays: Sequence[ArrayLike]) -> list[Array]:
    xs = [to_array(x) for x in arrays]
    if not xs:
        raise InputError("there is nothing to join", expected="at least one array", got="an empty sequence")
    dtype = promote([x.dtype for x in xs])
    return [cast(x, dtype) for x in xs]
