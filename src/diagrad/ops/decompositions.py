"""Factors of matrices: Cholesky, QR, and the columns that complete a basis."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from ..errors import NotDifferentiableError, NotPositiveDefiniteError
from ..ir import Glyph, Names, Notation, Rule, Sample, Shape, user_site
from .joining import Concatenate
from .matrix import (
    H,
    MatrixOp,
    conj,
    culprit,
    half_lower,
    hermitian,
    needs_matrix,
    place_text,
    positive_definite,
    spread_out,
)
from .solvers import LEADING, SolveTriangular

__all__ = ["QR", "Cholesky", "CompleteBasis"]


class Cholesky(MatrixOp):
    """l = the lower triangular factor of a = l · lᴴ, for positive definite a.

    It is defined on all matrices through their Hermitian part (a + aᴴ)/2, as in JAX; so ∂L/∂a is Hermitian:
    ∂L/∂a = (s + sᴴ)/2 with s = l⁻ᴴ · Φ(lᴴ g) · l⁻¹, where Φ takes the lower triangle with half the diagonal.
    Source: Murray, *Differentiation of the Cholesky decomposition*, 2016, (10).
    """

    signature = "a[... n n] -> l[... n n]"
    glyph = Glyph("chol")
    notation = Notation("chol({a})")
    names = Names("", "aten.linalg_cholesky", "cholesky")

    def forward(self, a: Rule) -> Rule:
        a = hermitian(a)
        try:
            return cast(Any, np.linalg.cholesky(a))
        except np.linalg.LinAlgError:
            raise self._indefinite(a, culprit(np.linalg.cholesky, a)) from None

    def backward(self, g: Rule, l: Rule) -> Rule:  # noqa: E741 - a = l · lᴴ
        up = SolveTriangular(lower=False)
        lh = H(l)
        half = up(lh, half_lower(lh @ conj(g)))
        s = up(lh, H(half))
        return conj((s + H(s)) / 2)

    def _indefinite(self, a: Rule, at: Shape) -> NotPositiveDefiniteError:
        finite = bool(np.all(np.isfinite(a[at])))
        least = float(np.linalg.eigvalsh(a[at])[0]) if finite else np.nan
        return NotPositiveDefiniteError(
            f"Cholesky: {place_text(at)} is not positive definite",
            where=str(user_site(1)),
            expected="a Hermitian matrix with positive eigenvalues",
            got=f"shape {a.shape}; smallest eigenvalue {least:.3g}",
            fix="add a small multiple of the identity, or use dg.linalg.eigh",
        )

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(), ((*lead, 3, 3),), prepare=positive_definite) for lead in LEADING)


class QR(MatrixOp):
    """q, r = the factors of a = q · r: q with min(m, n) orthonormal columns, r upper triangular.

    For m ≥ n: ∂L/∂a = (g_q + q · (Φ(t) + Φ(t)ᴴ)) · r⁻ᴴ with t = r g_rᴴ − g_qᴴ q, where Φ takes the lower
    triangle with half the diagonal. A wide a is [x y] with x = q u square and y = q v: y's rule is that of
    a product, and x takes g_q + y g_vᴴ. The first k columns must be independent, otherwise the gradient is
    an error. Sources: Walter & Lehmann, *Algorithmic differentiation of linear algebra functions with
    application in optimum experimental design*, 2010; of wide ones Roberts & Roberts 2020.
    """

    signature = "a[... m n] -> q, r"
    glyph = Glyph("QR")
    notation = Notation("qr({a})")
    names = Names("", "aten.linalg_qr", "qr")

    def forward(self, a: Rule) -> Rule:
        return tuple(np.linalg.qr(a))

    def backward(self, g: Rule, q: Rule, r: Rule) -> Rule:
        gq, gr = conj(g[0]), conj(g[1])
        m, n = q.shape[-2], r.shape[-1]
        if m >= n:
            return conj(_to_tall(gq, gr, q, r))
        u, y = r[..., :m], q @ r[..., m:]
        if gr is None:
            return conj(Concatenate(q.ndim - 1)(_to_tall(gq, None, q, u), np.zeros_like(y)))
        gv = gr[..., m:]
        through = y @ H(gv)
        gx = _to_tall(through if gq is None else gq + through, gr[..., :m], q, u)
        return conj(Concatenate(q.ndim - 1)(gx, q @ gv))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        needs_matrix(self, shapes)
        *lead, m, n = shapes[0]
        return (*lead, m, min(m, n)), (*lead, min(m, n), n)

    def batched(self, n: int) -> QR:
        return self

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        shapes: tuple[Shape, ...] = ((4, 2), (2, 2, 4), (3, 3), (0, 3, 2))
        return tuple(Sample(cls(), (shape,), prepare=spread_out) for shape in shapes)


class CompleteBasis(MatrixOp):
    """y = q with columns added that make it square and unitary, for q[m k] with orthonormal columns.

    The new columns may be any basis of the space that q leaves out, so they are no function of q: a gradient
    that reaches this node is an error.
    """

    signature = "q[... m k] -> y[... m m]"
    glyph = Glyph("complete")
    notation = Notation("complete({q})")
    refuses = True

    def forward(self, q: Rule) -> Rule:
        k = q.shape[-1]
        full = np.linalg.qr(q, mode="complete").Q
        return np.concatenate([q, full[..., k:]], axis=-1)

    def backward(self, g: Rule) -> Rule:
        raise NotDifferentiableError(
            "no gradient can flow through the columns that complete a basis: any would do",
            where=str(user_site(1)),
            expected="the factors of the economy size",
            got="a loss that uses a complete factor",
            fix='svd(…, full_matrices=False), or qr(…, mode="reduced")',
        )

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls(), ((4, 2),), prepare=_orthonormal), Sample(
            cls(), ((2, 3, 3),), prepare=_orthonormal
        )


def _to_tall(gq: Rule, gr: Rule, q: Rule, r: Rule) -> Rule:
    """The rule of QR for m ≥ n, in the papers' convention; one of the gradients may be None."""
    t: Any = 0.0 if gr is None else r @ H(gr)
    if gq is not None:
        t = t - H(gq) @ q
    phi = half_lower(t)
    x = q @ (phi + H(phi))
    return H(SolveTriangular(lower=False)(r, H(x if gq is None else gq + x)))


def _orthonormal(x: Rule) -> tuple[Rule]:
    return (np.linalg.qr(x).Q,)
