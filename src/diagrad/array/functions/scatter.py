"""Setting and changing elements: functions that give a new array, and NumPy's, which write into one."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import own, to_array
from ..array import Array, ArrayLike
from ..assigned import assign, setitem, taken, write
from ..indexing import put as put_at
from . import reshape, where

__all__ = [
    "copyto",
    "fill_diagonal",
    "put",
    "put_along_axis",
    "putmask",
    "scatter_add",
    "scatter_max",
    "scatter_min",
    "scatter_set",
]


def scatter_set(x: ArrayLike, index: Any, v: ArrayLike, /) -> Array:
    """y = x with v at ``index``: what ``x[index] = v`` leaves, as a new array. Also ``x.at[index].set(v)``.

    Where a place is named several times the last v stays. Backward: g to x, 0 at the places; g[index] to
    each v that stayed.

    Args:
        x: any array.
        index: whatever ``x[index]`` takes; a traced boolean mask too, with one v for all its elements.
        v: broadcasts to the shape of ``x[index]``, and is converted to the dtype of x.

    Raises:
        ShapeError: the index leaves the array, or v does not broadcast to the place.

    >>> import diagrad as dg
    >>> dg.scatter_set([1.0, 2.0, 3.0], [0, 0], [5.0, 6.0])
    array([6., 2., 3.])
    """
    return put_at(to_array(x), index, v, ops.Put)


def scatter_add(x: ArrayLike, index: Any, v: ArrayLike, /) -> Array:
    """y = x with v added at ``index``, once for each time a place is named: ``np.add.at`` as a new array.

    Also ``x.at[index].add(v)``. Backward: g to x, g[index] to v.

    Args:
        x: any array of numbers.
        index: whatever ``x[index]`` takes.
        v: broadcasts to the shape of ``x[index]``.

    Raises:
        ShapeError: the index leaves the array, or v does not broadcast to the place.

    >>> import diagrad as dg
    >>> dg.scatter_add([1.0, 2.0, 3.0], [0, 0], 5.0)
    array([11.,  2.,  3.])
    """
    return put_at(to_array(x), index, v, ops.PutAdd)


def scatter_max(x: ArrayLike, index: Any, v: ArrayLike, /) -> Array:
    """y = x with max(x, v) at ``index``, over every v of a place. Also ``x.at[index].max(v)``.

    Backward: g to what is largest; where several are, they share it evenly, as in PyTorch.

    Args:
        x: any array of real numbers.
        index: whatever ``x[index]`` takes.
        v: broadcasts to the shape of ``x[index]``.

    Raises:
        ShapeError: the index leaves the array, or v does not broadcast to the place.

    >>> import diagrad as dg
    >>> dg.scatter_max([1.0, 2.0, 3.0], [0, 0, 2], [5.0, 4.0, 0.0])
    array([5., 2., 3.])
    """
    return put_at(to_array(x), index, v, ops.PutMax)


def scatter_min(x: ArrayLike, index: Any, v: ArrayLike, /) -> Array:
    """y = x with min(x, v) at ``index``, over every v of a place. Also ``x.at[index].min(v)``.

    Backward: g to what is smallest; where several are, they share it evenly, as in PyTorch.

    Args:
        x: any array of real numbers.
        index: whatever ``x[index]`` takes.
        v: broadcasts to the shape of ``x[index]``.

    Raises:
        ShapeError: the index leaves the array, or v does not broadcast to the place.

    >>> import diagrad as dg
    >>> dg.scatter_min([1.0, 2.0, 3.0], [0, 0, 2], [5.0, -4.0, 0.0])
    array([-4.,  2.,  0.])
    """
    return put_at(to_array(x), index, v, ops.PutMin)


def copyto(dst: Array, src: ArrayLike, casting: str = "same_kind", where: ArrayLike = True) -> None:
    """Write src into dst, where a mask holds: ``np.copyto``.

    Args:
        dst: the Array that is written to.
        src: broadcasts to dst.
        casting: NumPy's rule for what dtypes may be converted.
        where: a mask that broadcasts to dst.

    Raises:
        ShapeError: src does not broadcast to dst.
        DTypeError: its dtype may not be converted.

    >>> import diagrad as dg
    >>> x = dg.array([1.0, 2.0])
    >>> dg.copyto(x, 5.0, where=[True, False])
    >>> x
    array([5., 2.])
    """
    if where is True:
        write(dst, src, casting)
    else:
        _write_where(dst, src, where, casting)


def _write_where(dst: Array, src: ArrayLike, mask: ArrayLike, casting: str) -> None:
    old = to_array(dst)
    write(dst, where(mask, src, old), casting)


def putmask(a: Array, mask: ArrayLike, values: ArrayLike) -> None:
    """Set ``a[mask]`` to the values at the same places, repeated if they are fewer: ``np.putmask``.

    Args:
        a: the Array that is written to.
        mask: of the shape of a; it may be traced.
        values: as many as a has elements, or fewer.

    >>> import diagrad as dg
    >>> x = dg.array([1.0, 2.0, 3.0, 4.0])
    >>> dg.putmask(x, [True, False, True, True], [10.0, 20.0])
    >>> x
    array([10.,  2., 10., 20.])
    """
    values = to_array(values)
    if values.shape not in ((), a.shape):
        number = np.arange(a.size).reshape(a.shape) % builtins.max(values.size, 1)
        values = reshape(values, (-1,))[number]
    _write_where(a, values, mask, "unsafe")


def put(a: Array, ind: ArrayLike, v: ArrayLike) -> None:
    """Set elements of a by their number in order, to values repeated if they are fewer: ``np.put``.

    Args:
        a: the Array that is written to.
        ind: integers.
        v: values.

    Raises:
        OutOfRangeError: there is no such element.

    >>> import diagrad as dg
    >>> x = dg.array([[1.0, 2.0], [3.0, 4.0]])
    >>> dg.put(x, [0, -1], [10.0, 20.0])
    >>> x
    array([[10.,  2.],
           [ 3., 20.]])
    """
    places, values = reshape(to_array(ind), (-1,)), reshape(to_array(v), (-1,))
    if values.size != places.size:
        values = values[np.arange(places.size) % builtins.max(values.size, 1)]
    old = taken(a)
    flat = put_at(reshape(old, (-1,)), places, values, ops.Put)
    assign(a, old, own(reshape(flat, a.shape)))


def put_along_axis(arr: Array, indices: ArrayLike, values: ArrayLike, axis: int | None = -1) -> None:
    """Set ``arr[…, indices[…, k, …], …] = values[…, k, …]`` along an axis: ``np.put_along_axis``.

    Args:
        arr: the Array that is written to.
        indices: integers, with as many axes as arr; the other axes broadcast.
        values: broadcast to the indices.
        axis: which axis the indices are of; None for the elements in order.

    Raises:
        ShapeError: indices and arr do not have equally many axes, or do not broadcast.

    >>> import diagrad as dg
    >>> x = dg.array([[3.0, 1.0], [0.0, 2.0]])
    >>> dg.put_along_axis(x, [[0], [1]], 9.0, axis=1)
    >>> x
    array([[9., 1.],
           [0., 9.]])
    """
    places = to_array(indices)
    if axis is None:
        old = taken(arr)
        flat = put_at(reshape(old, (-1,)), places, values, ops.Put)
        assign(arr, old, own(reshape(flat, arr.shape)))
        return
    at = normalize_axis_index(axis, arr.ndim)
    if places.ndim != arr.ndim:
        raise ShapeError(
            f"put_along_axis: the indices have {places.ndim} axes, {arr.name or 'arr'} has {arr.ndim}",
            where=str(user_site(0)),
            expected=f"indices with {arr.ndim} axes",
            got=f"indices{places.shape}, arr{arr.shape}",
            fix="keep the axis when you compute the indices: argmax(axis=axis, keepdims=True)",
        )
    grid = np.ogrid[tuple(slice(n) for n in arr.shape)]
    setitem(arr, (*grid[:at], places, *grid[at + 1 :]), values)


def fill_diagonal(a: Array, val: ArrayLike, wrap: bool = False) -> None:
    """Set ``a[i, i, …]`` to val, repeated if it is shorter: ``np.fill_diagonal``.

    Args:
        a: the Array that is written to, of two axes, or of more that are all of one size.
        val: a number or the numbers of the diagonal.
        wrap: begin again below a tall matrix's last row of the diagonal, as NumPy does.

    Raises:
        ShapeError: a has fewer than two axes, or more than two of different sizes.

    >>> import diagrad as dg
    >>> x = dg.array([[1.0, 2.0], [3.0, 4.0]])
    >>> dg.fill_diagonal(x, 0.0)
    >>> x
    array([[0., 2.],
           [3., 0.]])
    """
    if a.ndim < 2 or (a.ndim > 2 and len(set(a.shape)) > 1):
        raise ShapeError(
            f"fill_diagonal: {a.name or 'a'}{a.shape} has no diagonal",
            where=str(user_site(0)),
            expected="two axes, or more that are all of one size",
            got=f"{a.shape}",
            fix="index the elements yourself",
        )
    step = a.shape[1] + 1 if a.ndim == 2 else sum(math.prod(a.shape[k:]) for k in range(1, a.ndim)) + 1
    end = a.shape[1] ** 2 if a.ndim == 2 and not wrap else a.size
    number = np.arange(a.size)[:end:step]
    put(a, number, val)
