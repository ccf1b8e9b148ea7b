"""Linear algebra in NumPy, PyTorch and JAX.

Eigenvectors and singular vectors are determined up to a sign, and libraries bring their own LAPACK: the
tables of PyTorch and JAX give theirs NumPy's signs.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from . import Oracle


def each(function: Oracle, *arrays: Any, core: int = 2) -> Any:
    """A function of one matrix, applied in a loop over the leading axes."""
    lead = arrays[0].shape[: arrays[0].ndim - core]
    results = [function(*(x[at] for x in arrays)) for at in np.ndindex(lead)]
    if results:
        return np.array(results).reshape(lead + np.shape(results[0]))
    model = np.asarray(
        function(*(np.ones(x.shape[len(lead) :], x.dtype) + np.eye(*x.shape[-2:]) for x in arrays))
    )
    return np.zeros(lead + model.shape, arrays[0].dtype)


def finite(a: Any) -> Any:
    """The array, unless it is one that LAPACK would iterate on for ever."""
    if not np.all(np.isfinite(a)):
        raise np.linalg.LinAlgError
    return a


def det(a: Any) -> Any:
    """By the first row; LAPACK's own for NaN and infinity."""
    return np.sum(a[0] * cofactor(a)[0]) if np.all(np.isfinite(a)) else np.linalg.det(a)


def cofactor(a: Any) -> Any:
    """Each entry the determinant of what is left without its row and column."""
    n = len(a)
    if not np.all(np.isfinite(a)):
        return np.full_like(a, np.nan)
    minor = [[np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(n)] for i in range(n)]
    return (np.array(minor) * (-1.0) ** np.add.outer(range(n), range(n))).astype(a.dtype)


def cofactor_along(a: Any, d: Any) -> Any:
    """For each row, the cofactors of a with that row exchanged for d's, the row itself not counted."""
    total = np.zeros_like(a)
    for row in range(len(a)):
        mixed = a.copy()
        mixed[row] = d[row]
        part = cofactor(mixed)
        part[row] = 0
        total += part
    return total


def substituted(op: Any, a: Any, b: Any) -> Any:
    """Row by row, each from those that are known."""
    x = np.zeros_like(b)
    if not op.unit and np.any(np.diag(a) == 0):
        raise np.linalg.LinAlgError
    rows = range(len(a)) if op.lower else range(len(a))[::-1]
    for i in rows:
        known = slice(0, i) if op.lower else slice(i + 1, None)
        x[i] = (b[i] - a[i, known] @ x[known]) / (1 if op.unit else a[i, i])
    return x


def series(a: Any) -> Any:
    """eᵃ as its series, in long double."""
    if not np.all(np.isfinite(a)):
        return np.full_like(a, np.nan)
    wide = np.clongdouble if a.dtype.kind == "c" else np.longdouble
    term = total = np.eye(len(a), dtype=wide)
    for k in range(1, 120):
        term = term @ a.astype(wide) / k
        total = total + term
    return total.astype(a.dtype)


def series_along(a: Any, e: Any) -> Any:
    """The series of eᵃ differentiated term by term along e, in long double."""
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(e))):
        return np.full_like(a, np.nan)
    wide = np.clongdouble if a.dtype.kind == "c" else np.longdouble
    a, e, dtype = a.astype(wide), e.astype(wide), a.dtype
    term, slope = np.eye(len(a), dtype=wide), np.zeros_like(a)
    total = slope
    for k in range(1, 120):
        term, slope = term @ a / k, (slope @ a + term @ e) / k
        total = total + slope
    return total.astype(dtype)


def hermitian(a: Any) -> Any:
    return (a + np.swapaxes(a, -1, -2).conj()) / 2


def slogdet(a: Any) -> Any:
    """From the determinant; LAPACK's own for NaN and infinity."""
    if not np.all(np.isfinite(a)):
        return np.linalg.slogdet(a)
    y = np.asarray(each(det, a))
    return y / np.abs(y), np.log(np.abs(y))


def norm(op: Any, x: Any) -> Any:
    flat = np.moveaxis(x, op.axes, range(len(op.axes))).reshape(
        int(np.prod(np.take(x.shape, op.axes))), *np.delete(x.shape, op.axes)
    )
    return np.linalg.norm(flat, op.p, axis=0)


def eig(op: Any, a: Any) -> Any:
    w, v = np.linalg.eig(finite(a))
    return tuple(x.astype(np.result_type(x, np.complex64)) for x in (w, v))


def complete(op: Any, q: Any) -> Any:
    return np.concatenate([q, np.linalg.qr(q, "complete")[0][..., q.shape[-1] :]], -1)


def inverse(a: Any) -> Any:
    return np.linalg.solve(a, np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape))


NUMPY: dict[str, Oracle] = {
    "Cholesky": lambda op, a: np.linalg.cholesky(hermitian(a)),
    "Cofactor": lambda op, a: each(cofactor, a),
    "CofactorAlong": lambda op, a, d: each(cofactor_along, a, d),
    "CompleteBasis": complete,
    "Det": lambda op, a: each(det, a),
    "Eig": eig,
    "Eigh": lambda op, a: tuple(np.linalg.eigh(hermitian(finite(a)))),
    "Inv": lambda op, a: inverse(a),
    "MatrixExp": lambda op, a: each(series, a),
    "MatrixExpAlong": lambda op, a, e: each(series_along, a, e),
    "PInv": lambda op, a: np.linalg.pinv(finite(a)),
    "QR": lambda op, a: tuple(np.linalg.qr(a)),
    "SVD": lambda op, a: tuple(np.linalg.svd(finite(a), full_matrices=False)),
    "SlogDet": lambda op, a: slogdet(a),
    "Solve": lambda op, a, b: np.linalg.inv(a) @ b,
    "SolveTriangular": lambda op, a, b: each(lambda x, y: substituted(op, x, y), a, b),
    "VectorNorm": norm,
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    la = torch.linalg

    def signed(mine: Any, *vectors: Any) -> tuple[Any, ...]:
        sign = (torch.tensor(mine) * vectors[0].detach()).sum(-2).sign()
        return tuple(v * sign[..., None, :] for v in vectors)

    def eigh(op: Any, a: Any) -> Any:
        a = (a + a.mH) / 2
        w, v = la.eigh(a)
        return w, *signed(np.linalg.eigh(a.detach().numpy())[1], v)

    def svd(op: Any, a: Any) -> Any:
        u, s, vh = la.svd(a, full_matrices=False)
        mine = np.linalg.svd(a.detach().numpy(), full_matrices=False)[0]
        u, v = signed(mine, u, vh.mH)
        return u, s, v.mH

    def minors(a: Any) -> Any:
        n = a.shape[-1]
        rest = [[j for j in range(n) if j != i] for i in range(n)]
        rows = [
            torch.stack([(-1) ** (i + j) * det2(a[..., rest[i], :][..., rest[j]]) for j in range(n)], -1)
            for i in range(n)
        ]
        return torch.stack(rows, -2)

    def det2(a: Any) -> Any:
        return a[..., 0, 0] * a[..., 1, 1] - a[..., 0, 1] * a[..., 1, 0]

    def along(op: Any, a: Any, d: Any) -> Any:
        return (minors(a + d) - minors(a - d)) / 2

    def triangular(op: Any, a: Any, b: Any) -> Any:
        a = a.tril() if op.lower else a.triu()
        return la.solve_triangular(a, b, upper=not op.lower, unitriangular=op.unit)

    return {
        "Cholesky": lambda op, a: la.cholesky((a + a.mH) / 2),
        "Cofactor": lambda op, a: minors(a),
        "CofactorAlong": along,
        "Det": lambda op, a: (minors(a) * a)[..., 0, :].sum(-1),
        "Eigh": eigh,
        "Inv": lambda op, a: la.inv(a),
        "MatrixExp": lambda op, a: la.matrix_exp(a),
        "MatrixExpAlong": lambda op, a, e: la.matrix_exp(
            torch.cat([torch.cat([a, e], -1), torch.cat([torch.zeros_like(a), a], -1)], -2)
        )[..., : a.shape[-1], a.shape[-1] :],
        "PInv": lambda op, a: la.pinv(a),
        "QR": lambda op, a: tuple(la.qr(a)),
        "SVD": svd,
        "SlogDet": lambda op, a: tuple(la.slogdet(a)),
        "Solve": lambda op, a, b: la.solve(a, b),
        "SolveTriangular": triangular,
        "VectorNorm": lambda op, x: la.vector_norm(x, op.p, dim=op.axes),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax
    import jax.numpy as jnp

    la = jnp.linalg

    def numbers(a: Any) -> Any:
        """The numbers of what ``jax.grad`` passes to a function."""
        while hasattr(a, "primal"):
            a = a.primal
        return np.asarray(a)

    def signed(theirs: Any, *vectors: Any) -> Any:
        sign = jax.lax.stop_gradient(jnp.sign((theirs * vectors[0]).sum(-2)))
        return tuple(v * sign[..., None, :] for v in vectors)

    def eigh(op: Any, a: Any) -> Any:
        w, v = la.eigh(a)
        return w, *signed(np.linalg.eigh(hermitian(numbers(a)))[1], v)

    def svd(op: Any, a: Any) -> Any:
        u, s, vh = la.svd(a, full_matrices=False)
        reference = np.linalg.svd(numbers(a), full_matrices=False)[0]
        u, v = signed(reference, u, vh.mT)
        return u, s, v.mT

    def det(op: Any, a: Any) -> Any:
        x, y, z = a[..., 0, :], a[..., 1, :], a[..., 2, :]
        return (x * jnp.cross(y, z)).sum(-1)

    def cofactor(op: Any, a: Any) -> Any:
        x, y, z = a[..., 0, :], a[..., 1, :], a[..., 2, :]
        return jnp.stack([jnp.cross(y, z), jnp.cross(z, x), jnp.cross(x, y)], -2)

    def expm(op: Any, a: Any) -> Any:
        """Its series, squared; JAX's own takes a minute to compile for a second derivative."""
        y = one = jnp.eye(a.shape[-1])
        for k in range(18, 0, -1):
            y = one + a / 16 @ y / k
        for _ in range(4):
            y = y @ y
        return y

    def triangular(op: Any, a: Any, b: Any) -> Any:
        return jax.lax.linalg.triangular_solve(a, b, left_side=True, lower=op.lower, unit_diagonal=op.unit)

    return {
        "Cholesky": lambda op, a: la.cholesky(a),
        "Cofactor": cofactor,
        "CofactorAlong": lambda op, a, d: (cofactor(op, a + d) - cofactor(op, a - d)) / 2,
        "Det": det,
        "Eigh": eigh,
        "Inv": lambda op, a: la.inv(a),
        "MatrixExp": expm,
        "MatrixExpAlong": lambda op, a, e: jax.jvp(partial(expm, op), (a,), (e,))[1],
        "PInv": lambda op, a: la.pinv(a),
        "QR": lambda op, a: tuple(la.qr(a)),
        "SVD": svd,
        "SlogDet": lambda op, a: tuple(la.slogdet(a)),
        "Solve": lambda op, a, b: la.solve(a, b),
        "SolveTriangular": triangular,
        "VectorNorm": lambda op, x: la.vector_norm(x, ord=op.p, axis=op.axes),
    }
