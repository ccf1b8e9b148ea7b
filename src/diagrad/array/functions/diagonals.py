"""Triangles and diagonals of matrices."""

from __future__ import annotations

from numpy.lib.array_utils import normalize_axis_index

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import to_array
from ..array import Array, ArrayLike, apply
from .shape import reshape

__all__ = ["diag", "diagflat", "diagonal", "tril", "triu"]


def tril(x: ArrayLike, /, k: int = 0) -> Array:
    """The elements on and below diagonal k, the others 0. Backward: g there, 0 above.

    Raises:
        ShapeError: there are fewer than two axes.

    >>> import diagrad as dg
    >>> dg.tril([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 0.],
           [3., 4.]])
    """
    return apply(ops.LowerTriangle(k), to_array(x))


def triu(x: ArrayLike, /, k: int = 0) -> Array:
    """The elements on and above diagonal k, the others 0. Backward: g there, 0 below.

    Raises:
        ShapeError: there are fewer than two axes.

    >>> import diagrad as dg
    >>> dg.triu([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.],
           [0., 4.]])
    """
    return apply(ops.UpperTriangle(k), to_array(x))


def diagonal(x: ArrayLike, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """A diagonal of two axes, which becomes the last axis. Backward: g on that diagonal.

    Raises:
        AxisError: there is no such axis.

    >>> import diagrad as dg
    >>> dg.diagonal([[1.0, 2.0], [3.0, 4.0]])
    array([1., 4.])
    """
    x = to_array(x)
    axes = (normalize_axis_index(axis1, x.ndim), normalize_axis_index(axis2, x.ndim))
    return apply(ops.Diagonal(offset, *axes), x)


def diag(x: ArrayLike, /, k: int = 0) -> Array:
    """Of a matrix its diagonal k; of a vector the matrix that has it there. Each is the other's backward.

    Raises:
        ShapeError: there are not one or two axes.

    >>> import diagrad as dg
    >>> dg.diag([1.0, 2.0])
    array([[1., 0.],
           [0., 2.]])
    """
    x = to_array(x)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(
            "diag: neither a vector nor a matrix",
            where=str(user_site(1)),
            expected="one axis or two",
            got=f"{x.name or 'x'}{x.shape}",
            fix="use dg.diagonal, which takes two axes of many",
        )
    n = x.size + (k if k > 0 else -k)
    return apply(ops.PlaceDiagonal(k, 0, 1, (n, n)), x)


def diagflat(x: ArrayLike, /, k: int = 0) -> Array:
    """The matrix that has the elements of x, in C order, on diagonal k.

    >>> import diagrad as dg
    >>> dg.diagflat([[1.0], [2.0]])
    array([[1., 0.],
           [0., 2.]])
    """
    return diag(reshape(x, (-1,)), k)
