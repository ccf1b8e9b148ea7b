"""Factors of matrices: Cholesky, QR, eigenvalues, singular values.

Where eigenvalues, or singular values, are equal, their vectors are no function of the matrix: a gradient
through the vectors is then infinite or NaN, as in PyTorch. A gradient through the values alone is finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import NotDifferentiableError, NotPositiveDefiniteError
from ..ir import DType, Glyph, Names, Notation, Rule, Sample, Shape, Spec, user_site
from .matrix import (
    H,
    MatrixOp,
    conj,
    culprit,
    diagonal,
    half_lower,
    iterate,
    on_diagonal,
    place_text,
    positive_definite,
    real,
    real_dtype,
    skew,
    spread_out,
)
from .shape import Concatenate
from .solvers import LEADING, Solve, SolveTriangular

__all__ = ["QR", "SVD", "Cholesky", "CompleteBasis", "Eig", "Eigh"]


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
            return np.linalg.cholesky(a)
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
        _needs_matrix(self, shapes)
        *lead, m, n = shapes[0]
        return (*lead, m, min(m, n)), (*lead, min(m, n), n)

    def batched(self, n: int) -> QR:
        return self

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        shapes: tuple[Shape, ...] = ((4, 2), (2, 2, 4), (3, 3), (0, 3, 2))
        return tuple(Sample(cls(), (shape,), prepare=spread_out) for shape in shapes)


class Eigh(MatrixOp):
    """w, v = eigenvalues, ascending, and orthonormal eigenvectors (columns) of a Hermitian a = v diag(w) vᴴ.

    It is defined on all matrices through their Hermitian part (a + aᴴ)/2, as in JAX; so ∂L/∂a is Hermitian:
    ∂L/∂a = v · (diag(g_w) + (t − tᴴ)/2 ∘ f) · vᴴ with t = vᴴ g_v and fᵢⱼ = 1/(wⱼ − wᵢ), 0 on the diagonal.
    Equal eigenvalues: infinite or NaN through v, finite through w alone. A loss should not depend on the
    signs (phases) of eigenvectors, which are LAPACK's choice. Source: Giles 2008, 3.1.
    """

    signature = "a[... n n] -> w[... n], v[... n n]"
    glyph = Glyph("eigh")
    notation = Notation("eigh({a})")
    names = Names("", "aten.linalg_eigh", "eigh")

    def forward(self, a: Rule) -> Rule:
        return tuple(iterate(self, np.linalg.eigh, hermitian(a)))

    def backward(self, g: Rule, w: Rule, v: Rule) -> Rule:
        gw, gv = g[0], conj(g[1])
        if gv is None:
            return conj((v * gw[..., None, :]) @ H(v))
        inner = skew(H(v) @ gv) / 2 / _gaps(w)
        return conj(v @ on_diagonal(0.0 if gw is None else gw, inner) @ H(v))

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        w, v = super().infer(inputs)
        return Spec(w.shape, real_dtype(w.dtype)), v

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(), ((*lead, 3, 3),), prepare=_hermitian_sample) for lead in LEADING)


class Eig(MatrixOp):
    """w, v = eigenvalues and eigenvectors (columns of length 1) of a square matrix: a v = v diag(w). Complex.

    ∂L/∂a = v⁻ᴴ · (diag(g_w) + (vᴴ g_v − vᴴ v diag(Re vᴴ g_v)) ∘ f̄) · vᴴ with fᵢⱼ = 1/(wⱼ − wᵢ), 0 on the
    diagonal; its real part for a real a. Equal eigenvalues: infinite or NaN through v; through w alone finite
    as long as there are n independent eigenvectors. A loss should not depend on the phases of eigenvectors.
    Source: Boeddeker et al., *On the computation of complex-valued gradients with application to
    statistically optimum beamforming*, 2017, (4.77).
    """

    signature = "a[... n n] -> w[... n], v[... n n]"
    glyph = Glyph("eig")
    notation = Notation("eig({a})")
    names = Names("", "aten.linalg_eig", "eig")

    def forward(self, a: Rule) -> Rule:
        return tuple(x.astype(_complex_dtype(a.dtype)) for x in iterate(self, np.linalg.eig, a))

    def backward(self, g: Rule, a: Rule, w: Rule, v: Rule) -> Rule:
        gw, gv = conj(g[0]), conj(g[1])
        vh = H(v)
        if gv is None:
            inner = gw[..., None] * vh
        else:
            t = vh @ gv
            t = (t - (vh @ v) * real(diagonal(t))[..., None, :]) / conj(_gaps(w))
            inner = on_diagonal(0.0 if gw is None else gw, t) @ vh
        ga = conj(Solve()(vh, inner))
        return ga if a.dtype.kind == "c" else real(ga)

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        w, v = super().infer(inputs)
        dtype = _complex_dtype(w.dtype)
        return Spec(w.shape, dtype), Spec(v.shape, dtype)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(), ((*lead, 3, 3),), prepare=spread_out) for lead in LEADING)


class SVD(MatrixOp):
    """u, s, vh = the factors of a = u diag(s) vh: min(m, n) singular values, descending, and their vectors.

    With k = min(m, n), t_u = uᴴ g_u − g_uᴴ u, t_v = vᴴ g_v − g_vᴴ v, fᵢⱼ = 1/(sⱼ² − sᵢ²), 0 on the diagonal:
    ∂L/∂a = u · (diag(g_s) + (t_u ∘ f) diag(s) + diag(s) (t_v ∘ f)) · vᴴ, and for m > k besides
    (1 − u uᴴ) g_u diag(1/s) vᴴ, for n > k besides u diag(1/s) g_vᴴ (1 − v vᴴ).

    Equal or zero singular values: infinite or NaN through u and vh; through s alone finite. A loss should
    not depend on the signs (phases) of the vectors. Sources: Townsend, *Differentiating the singular value
    decomposition*, 2016; of complex matrices Wan & Zhang 2019.
    """

    signature = "a[... m n] -> u, s, vh"
    glyph = Glyph("SVD")
    notation = Notation("svd({a})")
    names = Names("", "aten.linalg_svd", "svd")

    def forward(self, a: Rule) -> Rule:
        return tuple(iterate(self, partial(np.linalg.svd, full_matrices=False), a))

    def backward(self, g: Rule, u: Rule, s: Rule, vh: Rule) -> Rule:
        gu, gs, gvh = conj(g[0]), g[1], conj(g[2])
        if gu is None and gvh is None:
            return conj((u * gs[..., None, :]) @ vh)
        gaps = _gaps(s * s)
        on, inner = gs, 0.0
        if gu is not None:
            t = skew(H(u) @ gu)
            inner = t / gaps * s[..., None, :]
            if u.dtype.kind == "c":
                turn = diagonal(t) / (2 * s)
                on = turn if on is None else turn + on
        if gvh is not None:
            inner = inner + s[..., None] * (skew(vh @ H(gvh)) / gaps)
        ga = u @ on_diagonal(0.0 if on is None else on, inner) @ vh
        if gu is not None and u.shape[-2] > u.shape[-1]:
            x = gu / s[..., None, :]
            ga = ga + (x - u @ (H(u) @ x)) @ vh
        if gvh is not None and vh.shape[-1] > vh.shape[-2]:
            x = gvh / s[..., None]
            ga = ga + u @ (x - (x @ H(vh)) @ vh)
        return conj(ga)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        _needs_matrix(self, shapes)
        *lead, m, n = shapes[0]
        k = min(m, n)
        return (*lead, m, k), (*lead, k), (*lead, k, n)

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        u, s, vh = super().infer(inputs)
        return u, Spec(s.shape, real_dtype(s.dtype)), vh

    def batched(self, n: int) -> SVD:
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


def hermitian(a: Rule) -> Rule:
    """(a + aᴴ)/2 of numbers."""
    both: Rule = a + a.mT.conj()
    return both / 2


def _to_tall(gq: Rule, gr: Rule, q: Rule, r: Rule) -> Rule:
    """The rule of QR for m ≥ n, in the papers' convention; one of the gradients may be None."""
    t: Any = 0.0 if gr is None else r @ H(gr)
    if gq is not None:
        t = t - H(gq) @ q
    phi = half_lower(t)
    x = q @ (phi + H(phi))
    return H(SolveTriangular(lower=False)(r, H(x if gq is None else gq + x)))


def _gaps(w: Rule) -> Rule:
    """wⱼ − wᵢ, and 1 on the diagonal."""
    return on_diagonal(1.0, w[..., None, :] - w[..., None])


def _complex_dtype(dtype: DType) -> DType:
    return np.dtype(dtype.char.upper())


def _needs_matrix(op: MatrixOp, shapes: Sequence[Shape]) -> None:
    """Let the signature check that there are two axes."""
    op.ports.infer(op.name, shapes, {})


def _hermitian_sample(x: Rule) -> tuple[Rule]:
    return (hermitian(spread_out(x)[0]),)


def _orthonormal(x: Rule) -> tuple[Rule]:
    return (np.linalg.qr(x).Q,)
