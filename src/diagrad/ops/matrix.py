"""What the ops of linear algebra share: dtypes, adjoints, triangles, and which matrix of a batch it was.

Papers state rules with the inner product ⟨G, dY⟩ = Re tr Gᴴ dY. An upstream gradient here is the conjugate of
such a G, as in JAX; the rules of ops that are not holomorphic conjugate it, follow the paper, and conjugate
what comes out. For real matrices that is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ConvergenceError, SingularMatrixError
from ..ir import DType, Op, Rule, Shape, user_site
from .choice import AsType
from .complex_numbers import Conj, Real
from .index import Slice
from .shape import Reshape


class MatrixOp(Op):
    """An op on matrices, over any leading axes: LAPACK's dtypes alone."""

    kinds = "fc"

    def dtype(self, *dtypes: DType) -> DType:
        if any(dtype == np.float16 for dtype in dtypes):
            raise self._dtype_error("LAPACK knows no float16", dtypes)
        return super().dtype(*dtypes)


def real_dtype(dtype: DType) -> DType:
    """The dtype of a part of such a number.

    >>> real_dtype(np.dtype("complex64"))
    dtype('float32')
    """
    return np.dtype(dtype.char.lower())


def conj(x: Rule) -> Rule:
    """x̄; a real x, or no gradient, as it is."""
    return x if x is None or x.dtype.kind != "c" else Conj()(x)


def real(x: Rule) -> Rule:
    """The real part; a real x as it is."""
    return x if x.dtype.kind != "c" else Real()(x)


def H(x: Rule) -> Rule:
    """The conjugate transpose xᴴ."""
    return conj(x.mT)


def skew(x: Rule) -> Rule:
    """x − xᴴ."""
    return x - H(x)


def identity(x: Rule) -> Rule:
    """The identity of the size of the square matrices x."""
    return np.eye(x.shape[-1], dtype=x.dtype)


def lower(x: Rule, k: int = 0) -> Rule:
    """What is on and below diagonal number ``k``, and zeros."""
    return np.where(np.tri(x.shape[-2], x.shape[-1], k, dtype=np.bool_), x, 0.0)


def half_lower(x: Rule) -> Rule:
    """Φ(x): the lower triangle with half the diagonal, so that Φ(x) + Φ(x)ᴴ = x for Hermitian x."""
    return lower(x) * (1 - identity(x) / 2)


def on_diagonal(d: Rule, x: Rule) -> Rule:
    """Square matrices x with d, vectors or a number, on the diagonal."""
    wide = d if isinstance(d, float) else d[..., None, :]
    return np.where(np.eye(x.shape[-1], dtype=np.bool_), wide, x)


def diagonal(x: Rule, offset: int = 0) -> Rule:
    """The diagonals of matrices, as vectors: every (n+1)-th element in C order."""
    m, n = x.shape[-2:]
    count = max(min(m, n - offset) if offset >= 0 else min(m + offset, n), 0)
    start = offset if offset >= 0 else -offset * n
    flat = Reshape((*x.shape[:-2], m * n))(x)
    return Slice((Ellipsis, slice(start, start + count * (n + 1), n + 1) if count else slice(0)))(flat)


def trace(x: Rule) -> Rule:
    """Σ xᵢᵢ."""
    return diagonal(x).sum(axis=-1)


def as_dtype(x: Rule, dtype: DType) -> Rule:
    """x in a dtype."""
    from ..ir import short_name

    return x if x.dtype == dtype else AsType(short_name(dtype))(x)


def run(op: Op, function: Callable[..., Any], a: Rule, *rest: Rule) -> Any:
    """What a function of NumPy's gives for a batch of matrices.

    Raises:
        SingularMatrixError: one of the matrices is singular; the text says which.
    """
    try:
        return function(a, *rest)
    except np.linalg.LinAlgError:
        raise singular(op, a, culprit(function, a, *rest)) from None


def iterate(op: Op, function: Callable[..., Any], a: Rule) -> Any:
    """What a function of NumPy's that iterates until it finds values gives for a batch of matrices.

    Raises:
        ConvergenceError: it found none for one of them. What is not finite is not tried: LAPACK may then run
            for ever.
    """
    good = np.all(np.isfinite(a), axis=(-2, -1))
    if not np.all(good):
        raise not_found(op, a, tuple(map(int, np.argwhere(~good)[0])))
    try:
        return function(a)
    except np.linalg.LinAlgError:
        raise not_found(op, a, culprit(function, a)) from None


def culprit(function: Callable[..., Any], a: Rule, *rest: Rule) -> Shape:
    """The place of the first matrix of a batch for which a function fails."""
    for at in np.ndindex(a.shape[:-2]):
        try:
            function(a[at], *(x[at] for x in rest))
        except np.linalg.LinAlgError:
            return at
    return ()


def singular(op: Op, a: Rule, at: Shape) -> SingularMatrixError:
    """The error of a matrix that has no inverse."""
    finite = bool(np.all(np.isfinite(a[at])))
    s = np.linalg.svd(a[at], compute_uv=False) if finite else np.full(a.shape[-1], np.nan)
    rank = int(np.sum(s > s[0] * len(s) * np.finfo(s.dtype).eps))
    with np.errstate(divide="ignore", invalid="ignore"):
        condition = s[0] / s[-1]
    return SingularMatrixError(
        f"{op.name}: {place_text(at)} is singular",
        where=str(user_site(1)),
        expected=f"a matrix of rank {len(s)}",
        got=f"shape {a.shape}; rank {rank}, condition number {condition:.3g}",
        fix="dg.linalg.lstsq or dg.linalg.pinv, or add a small multiple of the identity",
    )


def not_found(op: Op, a: Rule, at: Shape) -> ConvergenceError:
    """The error of a matrix whose eigenvalues or singular values were not found."""
    bad = int(np.sum(~np.isfinite(a[at])))
    return ConvergenceError(
        f"{op.name}: the iteration did not converge for {place_text(at)}",
        where=str(user_site(1)),
        expected="finite numbers",
        got=f"shape {a.shape}; {bad} elements that are NaN or infinite",
        fix="find where they come from: np.isfinite(x.data)" if bad else "scale the matrix",
    )


def hermitian(a: Rule) -> Rule:
    """(a + aᴴ)/2 of numbers."""
    both: Rule = a + a.mT.conj()
    return both / 2


def needs_matrix(op: MatrixOp, shapes: Sequence[Shape]) -> None:
    """Let the signature check that there are two axes."""
    op.ports.infer(op.name, shapes, {})


def place_text(at: Shape) -> str:
    """Which matrix of a batch: ``matrix [2, 0] of the batch``.

    >>> place_text(()), place_text((2, 0))
    ('the matrix', 'matrix [2, 0] of the batch')
    """
    return f"matrix {list(map(int, at))} of the batch" if at else "the matrix"


def spread_out(*inputs: Rule) -> tuple[Rule, ...]:
    """Sample inputs, the first well conditioned: 3 is added to its first diagonal element, 4 to the next.

    Its singular values, and its eigenvalues, then lie apart.
    """
    x = inputs[0]
    m, n = x.shape[-2:]
    steps: Rule = np.eye(m, n, dtype=x.dtype) * np.arange(3, n + 3, dtype=x.dtype)
    return (x + steps, *inputs[1:])


def positive_definite(x: Rule) -> tuple[Rule]:
    """A sample input made Hermitian and positive definite."""
    return (x @ x.mT.conj() + np.eye(x.shape[-1], dtype=x.dtype),)
