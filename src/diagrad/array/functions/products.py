"""Products of arrays: dot, inner, outer, over several axes, of Kronecker, of vectors in space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import cast, promote, to_array
from ..array import Array, ArrayLike, apply
from ..context import composite
from ..contraction import Term, contract
from .elementwise import multiply, subtract
from .reductions import sum
from .shape import expand_dims, reshape, squeeze
from .structure import matmul

__all__ = [
    "cross", "dot", "inner", "kron", "matvec", "outer", "tensordot", "vdot", "vecdot", "vecmat",
]  # fmt: skip


def dot(x: ArrayLike, y: ArrayLike, /) -> Array:
    """Σ over the last axis of x and the last but one of y: z[…, m, …, n] = Σ_k x[…, m, k] · y[…, k, n].

    With a scalar it multiplies; of two vectors it is their dot product, of matrices their product. Of more
    axes it takes every pair, where :func:`matmul` takes axes of one place together.

    Raises:
        ShapeError: the two axes differ.

    >>> import diagrad as dg
    >>> dg.dot([1.0, 2.0], [3.0, 4.0])
    array(11.)
    """
    x, y = to_array(x), to_array(y)
    if not x.ndim or not y.ndim:
        return multiply(x, y)
    if x.ndim <= 2 and y.ndim <= 2:
        return matmul(x, y)
    return _over("dot", x, y, (x.ndim - 1,), (max(y.ndim - 2, 0),))


def inner(x: ArrayLike, y: ArrayLike, /) -> Array:
    """Σ over the last axes of both: z[…, m, …, n] = Σ_k x[…, m, k] · y[…, n, k]. A scalar multiplies.

    Raises:
        ShapeError: the last axes differ.

    >>> import diagrad as dg
    >>> dg.inner([1.0, 2.0], [3.0, 4.0])
    array(11.)
    """
    x, y = to_array(x), to_array(y)
    if not x.ndim or not y.ndim:
        return multiply(x, y)
    return _over("inner", x, y, (x.ndim - 1,), (y.ndim - 1,))


def outer(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z[m, n] = x[m] · y[n], of the elements of both in C order.

    >>> import diagrad as dg
    >>> dg.outer([1.0, 2.0], [3.0, 4.0])
    array([[3., 4.],
           [6., 8.]])
    """
    return multiply(reshape(x, (-1, 1)), reshape(y, (1, -1)))


def vdot(x: ArrayLike, y: ArrayLike, /) -> Array:
    """Σ x̄ · y over all elements.

    Raises:
        ShapeError: they have not as many elements.

    >>> import diagrad as dg
    >>> dg.vdot([1.0, 2.0], [3.0, 4.0])
    array(11.)
    """
    return matmul(_conjugate(reshape(x, (-1,))), reshape(y, (-1,)))


def vecdot(x: ArrayLike, y: ArrayLike, /, *, axis: int = -1) -> Array:
    """Σ x̄ · y over ``axis``, the others broadcasting.

    Raises:
        ShapeError: the shapes do not broadcast.

    >>> import diagrad as dg
    >>> dg.vecdot([[1.0, 2.0], [3.0, 4.0]], [10.0, 1.0])
    array([12., 34.])
    """
    return sum(multiply(_conjugate(to_array(x)), y), axis=axis)


def matvec(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z[…, m] = Σ_k x[…, m, k] · y[…, k], leading axes broadcasting.

    >>> import diagrad as dg
    >>> dg.matvec([[1.0, 2.0], [3.0, 4.0]], [10.0, 1.0])
    array([12., 34.])
    """
    return squeeze(matmul(x, expand_dims(y, -1)), -1)


def vecmat(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z[…, n] = Σ_k x̄[…, k] · y[…, k, n], leading axes broadcasting.

    >>> import diagrad as dg
    >>> dg.vecmat([10.0, 1.0], [[1.0, 2.0], [3.0, 4.0]])
    array([13., 24.])
    """
    return squeeze(matmul(expand_dims(_conjugate(to_array(x)), -2), y), -2)


@composite
def tensordot(x: ArrayLike, y: ArrayLike, /, axes: int | Sequence[int | Sequence[int]] = 2) -> Array:
    """Σ over pairs of axes, one of x and one of y; the other axes of x come first, then those of y.

    Args:
        x: any array.
        y: any array.
        axes: n for the last n axes of x with the first n of y; or the axes of x and those of y.

    Raises:
        ShapeError: two axes of a pair differ.

    >>> import diagrad as dg, numpy as np
    >>> dg.tensordot(np.ones((2, 3, 4)), np.ones((4, 3, 5)), axes=([1, 2], [1, 0])).shape
    (2, 5)
    """
    x, y = to_array(x), to_array(y)
    if isinstance(axes, int):
        return _over("tensordot", x, y, tuple(range(x.ndim - axes, x.ndim)), tuple(range(axes)))
    first, second = (normalize_axis_tuple(part, z.ndim) for part, z in zip(axes, (x, y), strict=True))
    return _over("tensordot", x, y, first, second)


@composite
def kron(x: ArrayLike, y: ArrayLike, /) -> Array:
    """The blocks x[i, j] · y, side by side: Kronecker's product. The one with fewer axes gets leading ones.

    >>> import diagrad as dg
    >>> dg.kron([1.0, 10.0], [1.0, 2.0])
    array([ 1.,  2., 10., 20.])
    """
    x, y = to_array(x), to_array(y)
    ndim = x.ndim if x.ndim > y.ndim else y.ndim
    a, b = ((1,) * (ndim - z.ndim) + z.shape for z in (x, y))
    blocks = reshape(x, tuple(size for n in a for size in (n, 1)))
    inside = reshape(y, tuple(size for n in b for size in (1, n)))
    return reshape(multiply(blocks, inside), tuple(n * m for n, m in zip(a, b, strict=True)))


@composite
def cross(x: ArrayLike, y: ArrayLike, /, *, axis: int = -1) -> Array:
    """z[i] = x[i+1] · y[i+2] − x[i+2] · y[i+1], counted around: the product of vectors in space.

    Args:
        x: vectors of 3 elements.
        y: vectors of 3 elements; the other axes broadcast.
        axis: that axis.

    Raises:
        ShapeError: it has not.

    >>> import diagrad as dg
    >>> dg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    array([0., 0., 1.])
    """
    x, y = to_array(x), to_array(y)
    at = [normalize_axis_index(axis, z.ndim) for z in (x, y)]
    if x.shape[at[0]] != 3 or y.shape[at[1]] != 3:
        raise ShapeError(
            "cross: a vector in space has 3 elements",
            where=str(user_site(1)),
            expected=f"size 3 along axis {axis}",
            got=f"{x.name or 'x'}{x.shape}, {y.name or 'y'}{y.shape}",
            fix="in the plane, write x[0] * y[1] - x[1] * y[0]",
        )
    a, b = (apply(ops.Roll((-1,), (place,)), z) for place, z in zip(at, (x, y), strict=True))
    turned = subtract(multiply(x, b), multiply(a, y))
    return apply(ops.Roll((-1,), (normalize_axis_index(axis, turned.ndim),)), turned)


def _conjugate(x: Array) -> Any:
    return np.conjugate(x) if x.dtype.kind == "c" else x


def _over(name: str, x: Array, y: Array, first: tuple[int, ...], second: tuple[int, ...]) -> Array:
    """Σ over pairs of axes, as a matrix product."""
    sizes = [tuple(z.shape[at] for at in axes if 0 <= at < z.ndim) for z, axes in ((x, first), (y, second))]
    if len(first) != len(second) or sizes[0] != sizes[1] or len(sizes[0]) != len(first):
        raise ShapeError(
            f"{name}: axes {first} of {x.name or 'x'} and {second} of {y.name or 'y'} do not pair",
            where=str(user_site(2)),
            expected="as many axes of each, and both of a pair of one size",
            got=f"{x.name or 'x'}{x.shape}, {y.name or 'y'}{y.shape}",
            fix="name other axes, or transpose one of them",
        )
    dtype = promote([x.dtype, y.dtype])
    left = tuple(f"x{at}" for at in range(x.ndim))
    right = [f"y{at}" for at in range(y.ndim)]
    for at, to in zip(first, second, strict=True):
        right[to] = left[at]
    rest = frozenset(left) ^ frozenset(right)
    return contract(Term(cast(x, dtype), left), Term(cast(y, dtype), tuple(right)), rest).array
