"""Functions that cut arrays apart, put them together and bring them to a common shape."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ... import ops
from ...errors import InputError, ShapeError
from ...ir import user_site
from ..align import to_array
from ..array import Array, ArrayLike, apply
from .shape import concatenate, expand_dims, reshape
from .structure import broadcast_to

__all__ = [
    "append", "array_split", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "column_stack",
    "dsplit", "dstack", "hsplit", "hstack", "meshgrid", "split", "unstack", "vsplit", "vstack",
]  # fmt: skip

Cuts = int | Sequence[int]
"""The number of parts, or the places to cut at."""


def split(x: ArrayLike, indices_or_sections: Cuts, /, *, axis: int = 0) -> tuple[Array, ...]:
    """x cut along ``axis`` into equal parts, or at these places. Backward: each part's g in its place.

    Args:
        x: any array.
        indices_or_sections: how many equal parts, or where each part after the first begins.
        axis: along which axis.

    Raises:
        ShapeError: the parts would not be equal.

    >>> import diagrad as dg
    >>> dg.split([1.0, 2.0, 3.0, 4.0], 2)
    (array([1., 2.]), array([3., 4.]))
    """
    x = to_array(x)
    at = normalize_axis_index(axis, x.ndim)
    if isinstance(indices_or_sections, int) and (
        indices_or_sections < 1 or x.shape[at] % indices_or_sections
    ):
        raise ShapeError(
            f"split: {x.shape[at]} elements make no {indices_or_sections} equal parts",
            where=str(user_site(1)),
            expected=f"a divisor of {x.shape[at]}, or places to cut at",
            got=f"{x.name or 'x'}{x.shape}, axis {at}",
            fix="dg.array_split allows parts that differ by one",
        )
    return array_split(x, indices_or_sections, axis=at)


def array_split(x: ArrayLike, indices_or_sections: Cuts, /, *, axis: int = 0) -> tuple[Array, ...]:
    """As :func:`split`; parts may differ by one element, the first being the larger ones.

    >>> import diagrad as dg
    >>> dg.array_split([1.0, 2.0, 3.0], 2)
    (array([1., 2.]), array([3.]))
    """
    x = to_array(x)
    at = normalize_axis_index(axis, x.ndim)
    n = x.shape[at]
    if isinstance(indices_or_sections, int):
        each, more = divmod(n, indices_or_sections)
        return apply(ops.Split(at, (each + 1,) * more + (each,) * (indices_or_sections - more)), x)
    inner = [slice(int(cut)).indices(n)[1] for cut in indices_or_sections]
    cuts = [0, *inner, n]
    if cuts != sorted(cuts):  # NumPy's parts then overlap
        return tuple(x[(*(slice(None),) * at, slice(*ends))] for ends in pairwise(cuts))
    return apply(ops.Split(at, tuple(stop - start for start, stop in pairwise(cuts))), x)


def hsplit(x: ArrayLike, indices_or_sections: Cuts, /) -> tuple[Array, ...]:
    """:func:`split` by columns; of a vector, by elements.

    >>> import diagrad as dg
    >>> [y.shape for y in dg.hsplit([[1.0, 2.0, 3.0, 4.0]], 2)]
    [(1, 2), (1, 2)]
    """
    x = to_array(x)
    return split(x, indices_or_sections, axis=0 if x.ndim == 1 else 1)


def vsplit(x: ArrayLike, indices_or_sections: Cuts, /) -> tuple[Array, ...]:
    """:func:`split` by rows.

    >>> import diagrad as dg
    >>> [y.shape for y in dg.vsplit([[1.0, 2.0], [3.0, 4.0]], 2)]
    [(1, 2), (1, 2)]
    """
    return split(x, indices_or_sections, axis=0)


def dsplit(x: ArrayLike, indices_or_sections: Cuts, /) -> tuple[Array, ...]:
    """:func:`split` along the third axis.

    >>> import diagrad as dg
    >>> [y.shape for y in dg.dsplit([[[1.0, 2.0]]], 2)]
    [(1, 1, 1), (1, 1, 1)]
    """
    return split(x, indices_or_sections, axis=2)


def unstack(x: ArrayLike, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The slices of x along ``axis``, which they no longer have: what :func:`stack` joins.

    >>> import diagrad as dg
    >>> dg.unstack([[1.0, 2.0], [3.0, 4.0]])
    (array([1., 2.]), array([3., 4.]))
    """
    x = to_array(x)
    at = normalize_axis_index(axis, x.ndim)
    return apply(ops.Unstack(at, x.shape[at]), x) if x.shape[at] else ()


def hstack(arrays: Sequence[ArrayLike], /) -> Array:
    """The arrays side by side, by columns; vectors end to end.

    >>> import diagrad as dg
    >>> dg.hstack([[1.0], [2.0, 3.0]])
    array([1., 2., 3.])
    """
    xs = [atleast_1d(x) for x in arrays]
    return concatenate(xs, axis=0 if xs and xs[0].ndim == 1 else 1)


def vstack(arrays: Sequence[ArrayLike], /) -> Array:
    """The arrays one below the other; vectors are rows.

    >>> import diagrad as dg
    >>> dg.vstack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [3., 4.]])
    """
    return concatenate([atleast_2d(x) for x in arrays], axis=0)


def dstack(arrays: Sequence[ArrayLike], /) -> Array:
    """The arrays one behind the other, along the third axis.

    >>> import diagrad as dg
    >>> dg.dstack([[1.0, 2.0], [3.0, 4.0]]).shape
    (1, 2, 2)
    """
    return concatenate([atleast_3d(x) for x in arrays], axis=2)


def column_stack(arrays: Sequence[ArrayLike], /) -> Array:
    """The arrays side by side; vectors are columns.

    >>> import diagrad as dg
    >>> dg.column_stack([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 3.],
           [2., 4.]])
    """
    xs = [to_array(x) for x in arrays]
    return concatenate([x if x.ndim > 1 else reshape(x, (-1, 1)) for x in xs], axis=1)


def append(x: ArrayLike, values: ArrayLike, /, *, axis: int | None = None) -> Array:
    """``values`` after x along ``axis``; both flat without one.

    >>> import diagrad as dg
    >>> dg.append([1.0, 2.0], 3.0)
    array([1., 2., 3.])
    """
    return concatenate([x, values], axis=axis)


def atleast_1d(*xs: ArrayLike) -> Any:
    """Each x with one axis at least: an Array for one, a tuple for several.

    >>> import diagrad as dg
    >>> dg.atleast_1d(3.0)
    array([3.])
    """
    return _each([x if x.ndim else reshape(x, (1,)) for x in map(to_array, xs)])


def atleast_2d(*xs: ArrayLike) -> Any:
    """Each x with two axes at least; a vector is a row.

    >>> import diagrad as dg
    >>> dg.atleast_2d([1.0, 2.0])
    array([[1., 2.]])
    """
    return _each([x if x.ndim > 1 else reshape(x, (1, -1)) for x in map(to_array, xs)])


def atleast_3d(*xs: ArrayLike) -> Any:
    """Each x with three axes at least: a vector of n has shape (1, n, 1), a matrix (m, n, 1).

    >>> import diagrad as dg
    >>> dg.atleast_3d([1.0, 2.0]).shape
    (1, 2, 1)
    """
    return _each([x if x.ndim > 2 else expand_dims(atleast_2d(x), 2) for x in map(to_array, xs)])


def _each(xs: list[Array]) -> Any:
    return xs[0] if len(xs) == 1 else tuple(xs)


def broadcast_arrays(*xs: ArrayLike) -> tuple[Array, ...]:
    """Each x repeated to the shape that all broadcast to.

    Raises:
        ShapeError: they do not broadcast.

    >>> import diagrad as dg
    >>> [y.shape for y in dg.broadcast_arrays([1.0, 2.0], [[3.0], [4.0]])]
    [(2, 2), (2, 2)]
    """
    arrays = [to_array(x) for x in xs]
    try:
        shape = np.broadcast_shapes(*(x.shape for x in arrays))
    except ValueError:
        raise ShapeError(
            "broadcast_arrays: the shapes do not broadcast",
            where=str(user_site(1)),
            expected="shapes that are equal, counted from the last axis, or 1 where they differ",
            got=", ".join(str(x.shape) for x in arrays),
            fix="reshape one of them, or add an axis with x[:, None]",
        ) from None
    return tuple(broadcast_to(x, shape) for x in arrays)


def meshgrid(*xs: ArrayLike, indexing: Literal["xy", "ij"] = "xy", sparse: bool = False) -> tuple[Array, ...]:
    """The coordinates of a grid: array i has x_i along axis i and is constant along the others.

    Args:
        xs: vectors.
        indexing: ``"ij"`` takes the axes in order; ``"xy"`` exchanges the first two, as pictures have them.
        sparse: leave the other axes at size 1.

    Raises:
        InputError: another indexing.

    >>> import diagrad as dg
    >>> x, y = dg.meshgrid([1.0, 2.0, 3.0], [4.0, 5.0])
    >>> x.shape, y[:, 0]
    ((2, 3), array([4., 5.]))
    """
    if indexing not in ("xy", "ij"):
        raise InputError(f"meshgrid: no indexing {indexing!r}", expected="'xy' or 'ij'", got=repr(indexing))
    places = list(range(len(xs)))
    if indexing == "xy" and len(xs) > 1:
        places[:2] = 1, 0
    thin = [
        reshape(x, tuple(-1 if axis == at else 1 for axis in range(len(xs))))
        for at, x in zip(places, xs, strict=True)
    ]
    return tuple(thin) if sparse else broadcast_arrays(*thin)
