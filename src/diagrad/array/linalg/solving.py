"""Inverses, determinants, linear systems, powers and the exponential."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from ... import ops
from .. import functions as f
from ..array import Array, ArrayLike, apply
from ..context import composite
from .decompositions import svdvals
from .matrices import call, floating, matrix, square, together

__all__ = [
    "LstsqResult",
    "SlogdetResult",
    "det",
    "expm",
    "inv",
    "lstsq",
    "matrix_power",
    "matrix_rank",
    "pinv",
    "slogdet",
    "solve",
    "solve_triangular",
]


class SlogdetResult(NamedTuple):
    """What :func:`slogdet` gives."""

    sign: Array
    logabsdet: Array


class LstsqResult(NamedTuple):
    """What :func:`lstsq` gives."""

    x: Array
    residuals: Array
    rank: Array
    singular_values: Array


def inv(a: ArrayLike, /) -> Array:
    """y = a⁻¹. Backward: −yᵀ · g · yᵀ. To solve a system, :func:`solve` is better.

    Args:
        a: square matrices, shape (..., n, n).

    Raises:
        ShapeError: they are not square.
        SingularMatrixError: one of them is singular.

    >>> import diagrad as dg
    >>> dg.linalg.inv([[2.0, 0.0], [0.0, 4.0]])
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return call(ops.Inv(), square(a, "inv"))


def det(a: ArrayLike, /) -> Array:
    """y = det a. Backward: g · cof a, the matrix of cofactors, right for singular a too.

    The first two derivatives are exact for every matrix; from the third on they go through the inverse.

    Args:
        a: square matrices, shape (..., n, n).

    Returns:
        Shape (...).

    Raises:
        ShapeError: they are not square.

    >>> import diagrad as dg
    >>> a = dg.array([[1.0, 2.0], [2.0, 4.0]])
    >>> dg.linalg.det(a).backward()
    >>> a.grad
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return call(ops.Det(), square(a, "det"))


def slogdet(a: ArrayLike, /) -> SlogdetResult:
    """sign, logabsdet = det a / |det a|, ln |det a|. Backward of logabsdet: g · a⁻ᵀ.

    Args:
        a: square matrices, shape (..., n, n).

    Returns:
        ``(sign, logabsdet)``, each of shape (...). The sign of a real matrix has gradient 0.

    Raises:
        ShapeError: they are not square.
        SingularMatrixError: a gradient is asked at a singular matrix, where logabsdet is −∞.

    >>> import diagrad as dg
    >>> dg.linalg.slogdet([[0.0, 2.0], [2.0, 0.0]]).sign
    array(-1.)
    """
    return SlogdetResult(*call(ops.SlogDet(), square(a, "slogdet")))


def solve(a: ArrayLike, b: ArrayLike, /) -> Array:
    """x = a⁻¹ · b. Backward: ∂L/∂b = a⁻ᵀ · g, ∂L/∂a = −∂L/∂b · xᵀ.

    Args:
        a: square matrices, shape (..., n, n).
        b: one vector (n,), or matrices (..., n, k); leading axes broadcast.

    Raises:
        ShapeError: the shapes do not fit.
        SingularMatrixError: a matrix is singular.

    >>> import diagrad as dg
    >>> dg.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0])
    array([1. , 0.5])
    """
    a = square(a, "solve")
    return _solve(ops.Solve(), a, b)


def solve_triangular(
    a: ArrayLike,
    b: ArrayLike,
    /,
    *,
    lower: bool = False,
    transposed: bool = False,
    unit_diagonal: bool = False,
) -> Array:
    """x = a⁻¹ · b for triangular a, by substitution. Backward: as :func:`solve`, within the triangle.

    Args:
        a: square matrices, shape (..., n, n), of which one triangle is read.
        b: one vector (n,), or matrices (..., n, k); leading axes broadcast.
        lower: read the lower triangle.
        transposed: solve with aᵀ in place of a; ``lower`` still says which triangle of a is read.
        unit_diagonal: take the diagonal as ones.

    Raises:
        ShapeError: the shapes do not fit.
        SingularMatrixError: there is a zero on a diagonal.

    >>> import diagrad as dg
    >>> dg.linalg.solve_triangular([[2.0, 9.0], [1.0, 4.0]], [2.0, 3.0], lower=True)
    array([1. , 0.5])
    """
    a = square(a, "solve_triangular")
    if transposed:
        a, lower = f.matrix_transpose(a), not lower
    return _solve(ops.SolveTriangular(bool(lower), bool(unit_diagonal)), a, b)


def _solve(op: ops.Solve | ops.SolveTriangular, a: Array, b: ArrayLike) -> Array:
    a, b = floating(a, b)
    vector = b.ndim == 1
    if vector:
        b = apply(ops.ExpandDims((1,)), b, inner=True)
    a, b = together(a, b) if b.ndim > 1 else (a, b)
    x = call(op, a, b, inner=vector)
    return apply(ops.Squeeze((x.ndim - 1,)), x) if vector else x


def pinv(a: ArrayLike, /, *, rcond: float | None = None, rtol: float | None = None) -> Array:
    """y = a⁺, the pseudo-inverse. Backward: Golub & Pereyra's rule, for a rank that does not change.

    Args:
        a: matrices, shape (..., m, n).
        rcond: singular values up to this times the largest count as zero; 1e-15 as in NumPy.
        rtol: the same, by the array API's name; given as None, max(m, n) times the dtype's precision.

    Raises:
        ConvergenceError: a matrix is not finite.

    >>> import diagrad as dg
    >>> dg.linalg.pinv([[2.0], [0.0]])
    array([[0.5, 0. ]])
    """
    a = matrix(a, "pinv")
    cut = rcond if rcond is not None else rtol
    return call(ops.PInv(_precision(a) if cut is None else float(cut)), a)


@composite
def lstsq(a: ArrayLike, b: ArrayLike, /, rcond: float | None = None) -> LstsqResult:
    """x with the least ‖b − a · x‖, and of those the shortest: x = a⁺ · b.

    Args:
        a: matrices, shape (..., m, n), of any rank.
        b: one vector (m,), or matrices (..., m, k).
        rcond: singular values up to this times the largest count as zero; max(m, n) times the precision.

    Returns:
        ``(x, residuals, rank, singular_values)``. The residuals are Σ (b − a · x)² for each column where
        m > n, whatever the rank, and empty otherwise: their shape must not depend on numbers. The rank has no
        derivative.

    Raises:
        ShapeError: the shapes do not fit.

    >>> import diagrad as dg
    >>> dg.linalg.lstsq([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [1.0, 3.0, 5.0]).x
    array([1., 2.])
    """
    a, b = floating(matrix(a, "lstsq"), b)
    x = f.matmul(pinv(a, rcond=rcond), b)
    m, n = a.shape[-2:]
    if m > n:
        rest = b - f.matmul(a, x)
        size = f.abs(rest) if rest.dtype.kind == "c" else rest
        residuals = f.sum(f.square(size), axis=-1 if b.ndim == 1 else -2, keepdims=b.ndim == 1)
    else:
        residuals = f.asarray(np.zeros(0, a.dtype))
    return LstsqResult(x, residuals, matrix_rank(a, rtol=rcond), svdvals(a))


@composite
def matrix_rank(a: ArrayLike, /, *, tol: ArrayLike = None, rtol: float | None = None) -> Array:
    """How many singular values are larger than ``tol``: an integer, so no derivative.

    Args:
        a: matrices, shape (..., m, n).
        tol: an absolute bound; by default ``rtol`` times the largest singular value.
        rtol: max(m, n) times the dtype's precision by default.

    >>> import diagrad as dg
    >>> dg.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]])
    array(1)
    """
    a = matrix(a, "matrix_rank")
    s = svdvals(a)
    if tol is None:
        scale = _precision(a) if rtol is None else rtol
        tol = f.max(s, axis=-1, keepdims=True) * scale if s.shape[-1] else 0.0
    return f.sum(f.astype(s > tol, np.intp), axis=-1)


@composite
def matrix_power(a: ArrayLike, n: int, /) -> Array:
    """y = aⁿ for an integer n, by repeated squaring; of the inverse where n is negative.

    Raises:
        ShapeError: the matrices are not square.
        SingularMatrixError: n is negative and a matrix is singular.

    >>> import diagrad as dg
    >>> dg.linalg.matrix_power([[1.0, 1.0], [0.0, 1.0]], 5)
    array([[1., 5.],
           [0., 1.]])
    """
    a = square(a, "matrix_power")
    if n == 0:
        return f.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    if n < 0:
        a, n = inv(a), -n
    factors: list[Array] = []
    while n:
        if n & 1:
            factors.append(a)
        n >>= 1
        a = f.matmul(a, a) if n else a
    return reduce(f.matmul, factors)


def expm(a: ArrayLike, /) -> Array:
    """y = eᵃ = Σ aᵏ/k!, the exponential of square matrices. Backward: its Fréchet derivative at aᵀ along g.

    Method: Padé approximant of degree 13 with scaling and squaring (Higham 2005).

    Raises:
        ShapeError: the matrices are not square.

    >>> import diagrad as dg
    >>> dg.linalg.expm([[0.0, 2.0], [0.0, 0.0]])
    array([[1., 2.],
           [0., 1.]])
    """
    return call(ops.MatrixExp(), square(a, "expm"))


def _precision(a: Array) -> float:
    return max(a.shape[-2:]) * float(np.finfo(a.dtype).eps)
