"""Factors of matrices: Cholesky, QR, eigenvalues, singular values."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from ... import ops
from ...errors import InputError
from ...ir import user_site
from ...ops.matrix import H
from .. import functions as f
from ..array import Array, ArrayLike
from ..context import composite
from .matrices import call, matrix, square

__all__ = [
    "EigResult",
    "EighResult",
    "QRResult",
    "SVDResult",
    "cholesky",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "qr",
    "svd",
    "svdvals",
]


class EighResult(NamedTuple):
    """What :func:`eigh` gives."""

    eigenvalues: Array
    eigenvectors: Array


class EigResult(NamedTuple):
    """What :func:`eig` gives."""

    eigenvalues: Array
    eigenvectors: Array


class QRResult(NamedTuple):
    """What :func:`qr` gives."""

    Q: Array
    R: Array


class SVDResult(NamedTuple):
    """What :func:`svd` gives."""

    U: Array
    S: Array
    Vh: Array


def cholesky(a: ArrayLike, /, *, upper: bool = False) -> Array:
    """l, lower triangular with a = l · lᴴ. Backward: the Hermitian (s + sᴴ)/2, s = l⁻ᴴ · Φ(lᴴ g) · l⁻¹.

    Args:
        a: positive definite matrices, shape (..., n, n). Of a matrix that is not Hermitian the Hermitian part
            is taken, as in JAX; NumPy reads one triangle.
        upper: give lᴴ.

    Raises:
        ShapeError: they are not square.
        NotPositiveDefiniteError: one of them is not.

    >>> import diagrad as dg
    >>> dg.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]])
    array([[2., 0.],
           [1., 2.]])
    """
    l = call(ops.Cholesky(), square(a, "cholesky"))  # noqa: E741 - as in the equation
    return _adjoint(l) if upper else l


def qr(a: ArrayLike, /, mode: Literal["reduced", "complete", "r"] = "reduced") -> Any:
    """q, r with a = q · r: orthonormal columns, and an upper triangle. Backward: Walter & Lehmann 2010.

    Args:
        a: matrices, shape (..., m, n), whose first min(m, n) columns are independent if a gradient is wanted.
        mode: ``"reduced"``: q has min(m, n) columns; ``"complete"``: q has m, and the gradient of those that
            were added is an error, because they may be any that complete the basis; ``"r"``: r alone.

    Returns:
        ``(Q, R)``, or R.

    Raises:
        NotDifferentiableError: a gradient through a completed q.

    >>> import diagrad as dg
    >>> q, r = dg.linalg.qr([[3.0], [4.0]])
    >>> abs(r)
    array([[5.]])
    """
    a = matrix(a, "qr")
    if mode not in ("reduced", "complete", "r"):
        raise InputError(
            f"qr: there is no mode {mode!r}",
            where=str(user_site(0)),
            expected="'reduced', 'complete' or 'r'",
            got=repr(mode),
            fix="take the reduced one",
        )
    q, r = call(ops.QR(), a)
    if mode == "r":
        return r
    more = a.shape[-2] - a.shape[-1]
    if mode == "complete" and more > 0:
        zeros = np.zeros((*a.shape[:-2], more, a.shape[-1]), a.dtype)
        q, r = call(ops.CompleteBasis(), q), f.concatenate([r, zeros], axis=-2)
    return QRResult(q, r)


def eigh(a: ArrayLike, /, UPLO: str | None = None) -> EighResult:
    """w, v with a = v · diag(w) · vᴴ, for Hermitian a. Backward: see :class:`diagrad.ops.Eigh`; Hermitian.

    Args:
        a: Hermitian matrices, shape (..., n, n).
        UPLO: None takes the Hermitian part of a, as JAX does, so that both triangles share the gradient.
            ``"L"`` or ``"U"`` reads that triangle alone, and it alone has a gradient.

    Returns:
        ``(eigenvalues, eigenvectors)``: w of shape (..., n), ascending; v of shape (..., n, n), in columns.
        Where eigenvalues are equal, the gradient through v is infinite or NaN, that through w finite.

    Raises:
        ShapeError: they are not square.
        ConvergenceError: one is not finite.

    >>> import diagrad as dg
    >>> dg.linalg.eigh([[2.0, 0.0], [0.0, 1.0]]).eigenvalues
    array([1., 2.])
    """
    return EighResult(*call(ops.Eigh(), _mirrored(square(a, "eigh"), UPLO)))


def eigvalsh(a: ArrayLike, /, UPLO: str | None = None) -> Array:
    """The eigenvalues of Hermitian a, ascending. Backward: v · diag(g) · vᴴ, also where some are equal.

    Args:
        a: Hermitian matrices, shape (..., n, n).
        UPLO: as in :func:`eigh`.

    >>> import diagrad as dg
    >>> dg.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]])
    array([1., 2.])
    """
    return eigh(a, UPLO).eigenvalues


def eig(a: ArrayLike, /) -> EigResult:
    """w, v with a · v = v · diag(w), for any square a; complex, as in PyTorch and JAX.

    Args:
        a: square matrices, shape (..., n, n).

    Returns:
        ``(eigenvalues, eigenvectors)``: w in no particular order, v in columns of length 1. Where eigenvalues
        are equal, the gradient through v is infinite or NaN. A loss should not depend on the phases of v.

    Raises:
        ShapeError: they are not square.
        ConvergenceError: one is not finite.

    >>> import diagrad as dg
    >>> dg.linalg.eig([[0.0, 1.0], [-1.0, 0.0]]).eigenvalues
    array([0.+1.j, 0.-1.j])
    """
    return EigResult(*call(ops.Eig(), square(a, "eig")))


def eigvals(a: ArrayLike, /) -> Array:
    """The eigenvalues of square a, complex, in no particular order. Backward: see :class:`diagrad.ops.Eig`.

    >>> import diagrad as dg
    >>> dg.linalg.eigvals([[2.0, 0.0], [0.0, 1.0]])
    array([2.+0.j, 1.+0.j])
    """
    return eig(a).eigenvalues


def svd(a: ArrayLike, /, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """u, s, vh with a = u · diag(s) · vh. Backward: see :class:`diagrad.ops.SVD`.

    Args:
        a: matrices, shape (..., m, n).
        full_matrices: give square u and vh. The columns of u, or rows of vh, that this adds may be any
            that complete the basis, so a gradient through that factor is an error; the others have theirs.
        compute_uv: False gives s alone.
        hermitian: has no effect: the general method serves.

    Returns:
        ``(U, S, Vh)``, the singular values s descending, or s alone. Where some are equal, or zero, the
        gradient through u and vh is infinite or NaN, that through s finite.

    Raises:
        ConvergenceError: a matrix is not finite.
        NotDifferentiableError: a gradient through a completed factor.

    >>> import diagrad as dg
    >>> dg.linalg.svd([[3.0, 0.0], [0.0, 4.0]]).S
    array([4., 3.])
    """
    a = matrix(a, "svd")
    u, s, vh = call(ops.SVD(), a)
    if not compute_uv:
        return s
    m, n = a.shape[-2:]
    if full_matrices and m > n:
        u = call(ops.CompleteBasis(), u)
    if full_matrices and n > m:
        vh = _adjoint(call(ops.CompleteBasis(), _adjoint(vh)))
    return SVDResult(u, s, vh)


def svdvals(a: ArrayLike, /) -> Array:
    """The singular values, descending. Backward: u · diag(g) · vh, also where some are equal.

    >>> import diagrad as dg
    >>> dg.linalg.svdvals([[3.0, 0.0], [0.0, 4.0]])
    array([4., 3.])
    """
    return svd(a, compute_uv=False)


def _adjoint(x: Array) -> Array:
    return H(x)


@composite
def _mirrored(a: Array, UPLO: str | None) -> Array:
    """A Hermitian matrix from one triangle."""
    if UPLO is None:
        return a
    if UPLO not in ("L", "U"):
        raise InputError(
            f"there is no triangle {UPLO!r}",
            where=str(user_site(2)),
            expected="'L', 'U' or None",
            got=repr(UPLO),
            fix="take None: it reads both",
        )
    n = a.shape[-1]
    below = np.tri(n, n, -1, dtype=np.bool_)
    strict = f.where(below if UPLO == "L" else below.T, a, 0.0)
    middle = f.where(np.eye(n, dtype=np.bool_), a, 0.0)
    return strict + middle + _adjoint(strict)
