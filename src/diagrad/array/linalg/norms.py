"""Norms of vectors and matrices, and the condition number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ... import ops
from ...errors import InputError
from ...ir import user_site
from .. import functions as f
from ..array import Array, ArrayLike, apply
from ..context import composite
from ..methods import Axis
from .decompositions import svdvals
from .matrices import floating, matrix, square
from .solving import inv

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]

Order = float | str | None
"""A number, ``"fro"``, ``"nuc"`` or None."""


def norm(x: ArrayLike, /, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Array:
    """NumPy's norm: of vectors where there is one axis, of matrices where there are two.

    Args:
        x: any array.
        ord: None: the root of the sum of squares over ``axis``, all axes by default. Otherwise see
            :func:`vector_norm` and :func:`matrix_norm`.
        axis: one axis or two.
        keepdims: keep these axes with size 1.

    Raises:
        InputError: there is no such norm, or ``ord`` is given for more than two axes.

    >>> import diagrad as dg
    >>> x = dg.array([3.0, 4.0])
    >>> dg.linalg.norm(x).backward()
    >>> x.grad
    array([0.6, 0.8])
    """
    (x,) = floating(x)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if ord is None or len(axes) == 1:
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise _no_norm("norm", ord, "ord=None for more than two axes")
    return _matrix_norm(x, ord, axes, keepdims)


@composite
def vector_norm(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False, ord: Order = 2) -> Array:
    """y = (Σ |x|ᵖ)^(1/p) over ``axis``, p = ord. Backward for p = 2: g · x̄/y, and 0 where y = 0.

    Args:
        x: any array; all its axes by default make one vector.
        axis: an axis or several.
        keepdims: keep these axes with size 1.
        ord: p; ``inf`` is the largest |x|, ``-inf`` the smallest (ties share the gradient), 0 the number
            of elements that are not 0, which has no derivative.

    Raises:
        InputError: ``ord`` is no number.

    >>> import diagrad as dg
    >>> dg.linalg.vector_norm([3.0, -4.0]), dg.linalg.vector_norm([3.0, -4.0], ord=1)
    (array(5.), array(7.))
    """
    (x,) = floating(x)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if isinstance(ord, str) or ord is None:
        raise _no_norm("vector_norm", ord, "a number, inf or -inf")
    if ord == 0:
        size = f.abs(x) if x.dtype.kind == "c" else x
        return f.sum(f.astype(f.not_equal(size, 0), size.dtype), axis=axes, keepdims=keepdims)
    if ord == 1:
        return f.sum(f.abs(x), axis=axes, keepdims=keepdims)
    if np.isinf(ord):
        return (f.max if ord > 0 else f.min)(f.abs(x), axis=axes, keepdims=keepdims)
    axes = tuple(sorted(axes))
    y = apply(ops.VectorNorm(axes, ord), x)
    return apply(ops.ExpandDims(axes), y) if keepdims else y


def matrix_norm(x: ArrayLike, /, *, keepdims: bool = False, ord: Order = "fro") -> Array:
    """A norm of matrices, shape (..., m, n), over the last two axes.

    Args:
        x: matrices.
        keepdims: keep these axes with size 1.
        ord: ``"fro"``: the root of the sum of squares; ``"nuc"``: the sum of the singular values; 2 and −2:
            the largest and the smallest singular value; 1 and −1: the largest and smallest sum of a column's
            |x|, ``inf`` and ``-inf`` of a row's. Ties share the gradient.

    Raises:
        InputError: there is no such norm.

    >>> import diagrad as dg
    >>> a = [[3.0, 0.0], [0.0, -4.0]]
    >>> dg.linalg.matrix_norm(a), dg.linalg.matrix_norm(a, ord="nuc"), dg.linalg.matrix_norm(a, ord=2)
    (array(5.), array(7.), array(4.))
    """
    x = matrix(x, "matrix_norm")
    return _matrix_norm(x, ord, (x.ndim - 2, x.ndim - 1), keepdims)


@composite
def _matrix_norm(x: Array, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Array:
    if ord == "fro" or ord is None:
        return vector_norm(x, axis=axes, keepdims=keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        along, across = axes if abs(ord) == 1 else axes[::-1]
        sums = f.sum(f.abs(x), axis=along, keepdims=True)
        y = (f.max if ord > 0 else f.min)(sums, axis=across, keepdims=True)
        return y if keepdims else f.squeeze(y, axis=axes)
    if ord not in ("nuc", 2, -2):
        raise _no_norm("matrix_norm", ord, "'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    order = [*rest, *axes]
    s = svdvals(x if order == list(range(x.ndim)) else f.permute_dims(x, order))
    y = {"nuc": f.sum, 2: f.max, -2: f.min}[ord](s, axis=-1)
    return f.expand_dims(y, axes) if keepdims else y


@composite
def cond(x: ArrayLike, /, p: Order = None) -> Array:
    """‖x‖ · ‖x⁻¹‖: by how much, relatively, a solution may change with its equations.

    Args:
        x: matrices, shape (..., m, n); square ones for other norms than 2 and −2.
        p: which norm, as in :func:`matrix_norm`; None is 2: the largest singular value over the smallest.

    Raises:
        SingularMatrixError: x is singular and the norm goes through its inverse.

    >>> import diagrad as dg
    >>> dg.linalg.cond([[3.0, 0.0], [0.0, 6.0]])
    array(2.)
    """
    if p in (None, 2, -2):
        s = svdvals(matrix(x, "cond"))
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    x = square(x, "cond")
    return f.multiply(matrix_norm(x, ord=p), matrix_norm(inv(x), ord=p))


def _no_norm(what: str, ord: Order, expected: str) -> InputError:
    return InputError(
        f"{what}: there is no norm of order {ord!r} for these axes",
        where=str(user_site(2)),
        expected=expected,
        got=repr(ord),
        fix="name another order, or other axes",
    )
