"""Eigenvalues and singular values, with their vectors.

Where values are equal, their vectors are no function of the matrix: a gradient through the vectors is then
infinite or NaN, as in PyTorch. A gradient through the values alone is finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..ir import DType, Glyph, Names, Notation, Rule, Sample, Shape, Spec
from .matrix import (
    H,
    MatrixOp,
    conj,
    diagonal,
    hermitian,
    iterate,
    needs_matrix,
    on_diagonal,
    real,
    real_dtype,
    skew,
    spread_out,
)
from .solvers import LEADING, Solve

__all__ = ["SVD", "Eig", "Eigh"]


class Eigh(MatrixOp):
    """w, v = eigenvalues, ascending, and orthonormal eigenvectors (columns) of a Hermitian a = v diag(w) vᴴ.

    It is defined on all matrices through their Hermitian part (a + aᴴ)/2, as in JAX; so ∂L/∂a is Hermitian:
    ∂L/∂a = v · (diag(g_w) + (t − tᴴ)/2 ∘ f) · vᴴ with t = vᴴ g_v and fᵢⱼ = 1/(wⱼ − wᵢ), 0 on the diagonal.
    Equal eigenvalues: infinite or NaN through v, finite through w alone. A loss should not depend on the
    signs (phases) of eigenvectors, which are LAPACK's choice. Source: Giles 2008, 3.1.
    """

    signature = "a[... n n] -> w[... n], v[... n n]"
    free_phases = True
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
    free_phases = True
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
    free_phases = True
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
        needs_matrix(self, shapes)
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


def _gaps(w: Rule) -> Rule:
    """wⱼ − wᵢ, and 1 on the diagonal."""
    return on_diagonal(1.0, w[..., None, :] - w[..., None])


def _complex_dtype(dtype: DType) -> DType:
    return np.dtype(dtype.char.upper())


def _hermitian_sample(x: Rule) -> tuple[Rule]:
    return (hermitian(spread_out(x)[0]),)
