"""Functions of order and place: sort, search, take by index."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ... import ops
from ...errors import InputError, ShapeError
from ...ir import user_site
from ...ops.index import ARRAY
from ..align import cast, promote, repeat_to, to_array
from ..array import Array, ArrayLike, apply, constant
from ..context import composite
from .elementwise import astype, equal
from .shape import expand_dims, reshape

__all__ = ["argsort", "embedding", "one_hot", "searchsorted", "sort", "take", "take_along_axis", "topk"]

Kind = Literal["quicksort", "mergesort", "heapsort", "stable"] | None


def argsort(
    x: ArrayLike,
    /,
    *,
    axis: int | None = -1,
    descending: bool = False,
    stable: bool = True,
    kind: Kind = None,
) -> Array:
    """The indices that sort x along ``axis``. No derivative.

    Args:
        x: any array; NaN counts as largest.
        axis: along which axis; None sorts all elements.
        descending: the largest first.
        stable: equal elements always keep their order.
        kind: NumPy's name of an algorithm; it changes nothing.

    >>> import diagrad as dg
    >>> dg.argsort([3.0, 1.0, 2.0])
    array([1, 2, 0])
    """
    x, at = _line(x, axis)
    return apply(ops.ArgSort(at, descending), x)


@composite
def sort(
    x: ArrayLike,
    /,
    *,
    axis: int | None = -1,
    descending: bool = False,
    stable: bool = True,
    kind: Kind = None,
) -> Array:
    """The elements of x in order along ``axis``. Backward: g to where each element came from.

    Args as of :func:`argsort`; equal elements keep their order, also in the gradient.

    >>> import diagrad as dg
    >>> x = dg.array([3.0, 1.0, 2.0])
    >>> y = dg.sort(x)
    >>> (y * [1.0, 10.0, 100.0]).sum().backward()
    >>> y, x.grad
    (array([1., 2., 3.]), array([100.,   1.,  10.]))
    """
    x, at = _line(x, axis)
    return apply(ops.TakeAlong(at), x, apply(ops.ArgSort(at, descending), x))


@composite
def topk(x: ArrayLike, k: int, /, *, axis: int = -1, largest: bool = True) -> tuple[Array, Array]:
    """The k largest elements along ``axis``, the largest first, and their indices.

    Backward: g to where each element came from. Of equal elements the first comes first, as in JAX.

    Args:
        x: any array; NaN counts as largest.
        k: how many, at most the size of the axis.
        axis: along which axis.
        largest: False gives the smallest, the smallest first.

    Returns:
        The values and the indices, both with size k along the axis.

    Raises:
        ShapeError: k is negative or larger than the axis.

    >>> import diagrad as dg
    >>> dg.topk([1.0, 7.0, 5.0], 2)
    (array([7., 5.]), array([1, 2]))
    """
    x, at = _line(x, axis)
    if not 0 <= k <= x.shape[at]:
        raise ShapeError(
            f"topk: there are no {k} elements along axis {at}",
            where=str(user_site(1)),
            expected=f"k from 0 to {x.shape[at]}",
            got=f"k={k}, {x.name or 'x'}{x.shape}",
            fix="take fewer",
        )
    order = apply(ops.ArgSort(at, largest), x)
    places = order[(*(slice(None),) * at, slice(0, k))]
    return apply(ops.TakeAlong(at), x, places), places


def searchsorted(a: ArrayLike, v: ArrayLike, /, *, side: Literal["left", "right"] = "left") -> Array:
    """For each v, the index where it goes into a to keep it sorted. No derivative.

    Args:
        a: sorted numbers, one axis.
        v: any array.
        side: before the elements of a that equal v, or after them.

    Raises:
        ShapeError: a has not one axis.
        InputError: another side.

    >>> import diagrad as dg
    >>> dg.searchsorted([1.0, 2.0, 3.0], [2.0, 5.0])
    array([1, 3])
    """
    if side not in ("left", "right"):
        raise InputError(
            f"searchsorted: no side {side!r}",
            where=str(user_site(1)),
            expected="'left' or 'right'",
            got=repr(side),
        )
    a, v = to_array(a), to_array(v)
    if a.ndim != 1:
        raise ShapeError(
            "searchsorted: a has not one axis",
            where=str(user_site(1)),
            expected="sorted numbers, one axis",
            got=f"shape {a.shape}",
            fix="dg.vmap(dg.searchsorted)(a, v) searches each row for its own v",
        )
    dtype = promote([a.dtype, v.dtype])
    return apply(ops.SearchSorted(side), cast(a, dtype), cast(v, dtype))


def take(x: ArrayLike, indices: ArrayLike, /, *, axis: int | None = None) -> Array:
    """x at ``indices`` along ``axis``: their axes take its place. Backward: g goes back, and repeats add.

    Args:
        x: any array.
        indices: integers of any shape, negative ones counting from the end.
        axis: along which axis; by default of the flat array.

    Raises:
        OutOfRangeError: an index lies outside the axis.
        DTypeError: an index is no integer.

    >>> import diagrad as dg
    >>> dg.take([[1.0, 2.0], [3.0, 4.0]], [1, 1], axis=0)
    array([[3., 4.],
           [3., 4.]])
    """
    x, at = _line(x, axis)
    return apply(ops.Index(((slice(None),) * at) + (ARRAY,)), x, _integers(indices))


def take_along_axis(x: ArrayLike, indices: ArrayLike, /, *, axis: int | None = -1) -> Array:
    """y[i, j] = x[i, indices[i, j]] for ``axis`` 1, and so on: what :func:`argsort` gives goes in here.

    Backward: g goes back to its place, and repeats add.

    Args:
        x: any array.
        indices: integers, as many axes as x; the other axes broadcast.
        axis: along which axis; None takes from the flat array.

    Raises:
        ShapeError: the other axes do not broadcast.
        OutOfRangeError: an index lies outside the axis.

    >>> import diagrad as dg
    >>> dg.take_along_axis([[1.0, 2.0], [3.0, 4.0]], [[1], [0]], axis=1)
    array([[2.],
           [3.]])
    """
    x, at = _line(x, axis)
    index = _integers(indices)
    sizes = [list(x.shape), list(index.shape)]
    if x.ndim == index.ndim and sizes[0] != sizes[1]:
        for size in sizes:
            size[at] = 1
        try:
            wide = np.broadcast_shapes(*sizes)
        except ValueError:
            wide = x.shape  # the op says what is wrong
        x = repeat_to(x, (*wide[:at], x.shape[at], *wide[at + 1 :]))
        if len(wide) == index.ndim and all(n in (1, m) for n, m in zip(sizes[1], wide, strict=True)):
            index = repeat_to(index, (*wide[:at], index.shape[at], *wide[at + 1 :]))
    return apply(ops.TakeAlong(at), x, index)


@composite
def embedding(table: ArrayLike, ids: ArrayLike, /) -> Array:
    """Y[… :] = table[ids[…], :]: the row of each id, the first layer of every language model.

    Backward: each row of the table gets the sum of g over the places that used it.

    Args:
        table: shape (V, D).
        ids: integers from 0 to V − 1, any shape.

    Returns:
        Shape (…, D).

    Raises:
        OutOfRangeError: there is no such row.

    >>> import diagrad as dg
    >>> dg.embedding([[0.0, 1.0], [2.0, 3.0]], [1, 1, 0])
    array([[2., 3.],
           [2., 3.],
           [0., 1.]])
    """
    return take(table, ids, axis=0)


@composite
def one_hot(ids: ArrayLike, n: int, /, *, dtype: Any = np.float64, axis: int = -1) -> Array:
    """y[… c] = 1 where ids[…] = c, otherwise 0; all 0 for an id outside 0 to n − 1. No derivative.

    Args:
        ids: integers, any shape.
        n: how many classes.
        dtype: of the result.
        axis: where the new axis stands.

    >>> import diagrad as dg
    >>> dg.one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    ids = _integers(ids)
    at = normalize_axis_index(axis, ids.ndim + 1)
    classes = constant(np.arange(n).reshape((-1,) + (1,) * (ids.ndim - at)))
    return astype(equal(expand_dims(ids, at), classes), dtype)


def _line(x: ArrayLike, axis: int | None) -> tuple[Array, int]:
    """x and an axis counted from 0; the flat array without one."""
    x = to_array(x)
    if axis is None:
        return x if x.ndim == 1 else reshape(x, (-1,)), 0
    return x, normalize_axis_index(axis, x.ndim)


def _integers(indices: ArrayLike) -> Array:
    """Indices as an Array; an empty list has no dtype of its own."""
    x = to_array(indices)
    return cast(x, np.dtype(np.intp)) if not x.size and not isinstance(indices, Array) else x
