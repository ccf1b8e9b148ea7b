"""Products and diagonals of the last axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InputError, ShapeError
from ...ir import user_site
from ...ops.matrix import diagonal as diagonals
from .. import functions as f
from ..align import promote, to_array
from ..array import Array, ArrayLike
from ..context import composite

__all__ = ["cross", "diagonal", "multi_dot", "outer", "trace"]


@composite
def cross(x: ArrayLike, y: ArrayLike, /, *, axis: int = -1) -> Array:
    """z = x × y, the vector product of vectors of three elements along ``axis``.

    Raises:
        ShapeError: the axis has another size.

    >>> import diagrad as dg
    >>> dg.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    array([0., 0., 1.])
    """
    x, y = to_array(x), to_array(y)
    for v in (x, y):
        if not v.ndim or v.shape[axis] != 3:
            raise ShapeError(
                "cross: the vectors do not have three elements",
                where=str(user_site(1)),
                expected=f"size 3 along axis {axis}",
                got=f"x{x.shape}, y{y.shape}",
                fix="add a zero as the third element",
            )
    a = [x[_at(i, axis, x.ndim)] for i in range(3)]
    b = [y[_at(i, axis, y.ndim)] for i in range(3)]
    parts = [a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)]
    return f.stack(parts, axis=axis)


def _at(index: int, axis: int, ndim: int) -> tuple[Any, ...]:
    return (slice(None),) * (axis % ndim) + (index,)


@composite
def outer(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z[i j] = x[i] · y[j] of two vectors.

    Raises:
        ShapeError: one is no vector.

    >>> import diagrad as dg
    >>> dg.linalg.outer([1.0, 2.0], [3.0, 4.0])
    array([[3., 4.],
           [6., 8.]])
    """
    x, y = to_array(x), to_array(y)
    if x.ndim != 1 or y.ndim != 1:
        raise ShapeError(
            "outer: takes two vectors",
            where=str(user_site(1)),
            expected="x[m], y[n]",
            got=f"x{x.shape}, y{y.shape}",
            fix="ravel them, or multiply x[..., :, None] * y[..., None, :]",
        )
    return f.multiply(x[:, None], y[None, :])


@composite
def diagonal(x: ArrayLike, /, *, offset: int = 0) -> Array:
    """The diagonals of matrices, shape (..., m, n): of the last two axes, unlike ``np.diagonal``.

    Args:
        x: any array of at least two axes.
        offset: which diagonal: above the main one, or below it where negative.

    Raises:
        ShapeError: there are fewer than two axes.

    >>> import diagrad as dg
    >>> dg.linalg.diagonal([[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    x = to_array(x)
    if x.ndim < 2:
        raise ShapeError(
            "diagonal: fewer than two axes",
            where=str(user_site(1)),
            expected="x[... m n]",
            got=f"{x.name or 'x'}{x.shape}",
            fix="give matrices",
        )
    return diagonals(x, offset)


@composite
def trace(x: ArrayLike, /, *, offset: int = 0, dtype: Any = None) -> Array:
    """y = Σ xᵢᵢ of matrices, over the last two axes. Backward: g on the diagonal.

    >>> import diagrad as dg
    >>> dg.linalg.trace([[1.0, 2.0], [3.0, 4.0]])
    array(5.)
    """
    return f.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


@composite
def multi_dot(arrays: Sequence[ArrayLike], /) -> Array:
    """The product of two and more matrices, in the order that takes the fewest multiplications.

    Args:
        arrays: matrices; the first and the last may be vectors.

    Raises:
        InputError: there are fewer than two.
        ShapeError: neighbours do not fit.

    Method: the matrix chain by dynamic programming (Godbole 1973).

    >>> import diagrad as dg, numpy as np
    >>> dg.linalg.multi_dot([np.ones((2, 9)), np.ones((9, 9)), np.ones(9)])
    array([81., 81.])
    """
    xs = [to_array(x) for x in arrays]
    if len(xs) < 2:
        raise InputError(
            "multi_dot: a product has at least two factors",
            where=str(user_site(1)),
            expected="two and more matrices",
            got=f"{len(xs)}",
            fix="leave it out",
        )
    dtype = promote([x.dtype for x in xs])
    xs = [f.astype(x, dtype) if x.dtype != dtype else x for x in xs]
    first = 1 if xs[0].ndim == 1 else xs[0].shape[0]
    sizes = [first, *(x.shape[0] for x in xs[1:]), 1 if xs[-1].ndim == 1 else xs[-1].shape[1]]
    return _product(xs, _splits(sizes), 0, len(xs) - 1)


def _splits(sizes: Sequence[int]) -> np.ndarray[Any, Any]:
    """Where to split the product of factors i to j: factor number ``at`` is the last of the left part."""
    n = len(sizes) - 1
    cost, split = np.zeros((n, n)), np.zeros((n, n), int)
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            costs = [
                cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)
            ]
            split[i, j] = i + int(np.argmin(costs))
            cost[i, j] = min(costs)
    return split


def _product(xs: Sequence[Array], split: np.ndarray[Any, Any], i: int, j: int) -> Array:
    if i == j:
        return xs[i]
    k = int(split[i, j])
    return f.matmul(_product(xs, split, i, k), _product(xs, split, k + 1, j))
