"""Determinants and their derivatives, right for singular matrices too.

The gradient of det is the matrix of cofactors, whatever the rank. In the coordinates of the singular value
decomposition it is diagonal, and its own derivative has a closed form without a division: so the first two
derivatives of det are exact everywhere, with equal singular values and with zeros among them. From the third
on the inverse is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir import Glyph, Names, Notation, Rule, Sample, Spec
from .matrix import MatrixOp, as_dtype, iterate, real, real_dtype, spread_out, trace
from .solvers import LEADING, Inv

__all__ = ["Cofactor", "CofactorAlong", "Det", "SlogDet"]


class Det(MatrixOp):
    """y = det a, by an LU decomposition. ∂L/∂a = g · cof a, also where a is singular.

    Source: Giles 2008, 2.2.4, with det(a) a⁻ᵀ written as the cofactors, so that nothing divides by det a.
    """

    signature = "a[... n n] -> y[...]"
    glyph = Glyph("det")
    notation = Notation("det({a})")
    names = Names("Det", "aten.linalg_det", "")

    def forward(self, a: Rule) -> Rule:
        return np.linalg.det(a)

    def backward(self, g: Rule, a: Rule) -> Rule:
        return g[..., None, None] * Cofactor()(a)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return _samples(cls(), 1)


class Cofactor(MatrixOp):
    """y = cof a, the derivative of det a: det(a) · a⁻ᵀ for a matrix that has an inverse.

    From a = u s vᴴ it is det(u vᴴ) · ū diag(Π_{k≠i} s_k) vᵀ: no division, so right for any rank.
    ∂L/∂a is :class:`CofactorAlong` (a, g).
    """

    signature = "a[... n n] -> y[... n n]"
    glyph = Glyph("cof")
    notation = Notation("cof({a})")

    def forward(self, a: Rule) -> Rule:
        u, s, vh, turn = _factors(self, a)
        n = s.shape[-1]
        others = _products(s, [[j for j in range(n) if j != i] for i in range(n)])
        return turn * ((u.conj() * others[..., None, :]) @ vh.conj())

    def backward(self, g: Rule, a: Rule) -> Rule:
        return CofactorAlong()(a, g)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return _samples(cls(), 1)


class CofactorAlong(MatrixOp):
    """y = the derivative of cof a in the direction d: the second derivative of det, times d.

    With a = u s vᴴ, e = uᴴ d v and pᵢⱼ = Π_{k≠i,j} s_k: y = det(u vᴴ) · ū (diag(p · diag e) − p∘eᵀ) vᵀ,
    p having zeros on its diagonal. It is linear in d and its own transpose: ∂L/∂d is the same along g. The
    rule with respect to a, a third derivative of det, goes through a⁻¹: it is as accurate as that is, and a
    singular a is an error there.
    """

    signature = "a[... n n], d[... n n] -> y[... n n]"
    glyph = Glyph("cof ′")
    notation = Notation("cof′({a}, {d})")
    deferred = True

    def forward(self, a: Rule, d: Rule) -> Rule:
        u, s, vh, turn = _factors(self, a)
        n = s.shape[-1]
        pairs = [[k for k in range(n) if k not in (i, j)] for i in range(n) for j in range(n)]
        p = _products(s, pairs).reshape(*s.shape[:-1], n, n) * (1 - np.eye(n, dtype=s.dtype))
        e = u.mT.conj() @ d @ vh.mT.conj()
        inner = -p * e.mT
        weighted = p @ np.diagonal(e, axis1=-2, axis2=-1)[..., None]
        inner += weighted * np.eye(n, dtype=s.dtype)
        return turn * (u.conj() @ inner @ vh.conj())

    def backward(self, g: Rule, a: Rule, d: Rule) -> Rule:
        def to_matrix() -> Rule:
            b = Inv()(a)
            bd, bg = b @ d, b @ g
            td, tg = trace(bd)[..., None, None], trace(bg)[..., None, None]
            both = bd @ bg
            inner = (td * tg - trace(both)[..., None, None]) * b
            inner = inner - tg * (bd @ b) - td * (bg @ b) + (both + bg @ bd) @ b
            return Det()(a)[..., None, None] * inner.mT

        return to_matrix, lambda: CofactorAlong()(a, g)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return _samples(cls(), 2)


class SlogDet(MatrixOp):
    """sign, logabsdet = det a / |det a|, ln |det a|, which neither over- nor underflow.

    ∂L/∂a = (g + i · Im(gₛ · sign)) · a⁻ᵀ, where gₛ is the gradient of the sign: 0 for real matrices, whose
    sign is constant between jumps. A singular matrix has no gradient: the logarithm is −∞ there, and the rule
    raises. Source: Giles 2008, 2.2.4.
    """

    signature = "a[... n n] -> sign[...], logabsdet[...]"
    glyph = Glyph("slogdet")
    notation = Notation("slogdet({a})")
    names = Names("", "aten.linalg_slogdet", "")

    def forward(self, a: Rule) -> Rule:
        return tuple(np.linalg.slogdet(a))

    def backward(self, g: Rule, a: Rule, sign: Rule) -> Rule:
        turned, g = g
        if a.dtype.kind != "c" or turned is None:
            return np.zeros_like(a) if g is None else g[..., None, None] * Inv()(a).mT
        turned = turned * sign
        turned = turned - as_dtype(real(turned), a.dtype)
        return (turned if g is None else turned + g)[..., None, None] * Inv()(a).mT

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        sign, logabsdet = super().infer(inputs)
        return sign, Spec(logabsdet.shape, real_dtype(logabsdet.dtype))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return _samples(cls(), 1)


def _samples(op: Any, count: int) -> tuple[Sample, ...]:
    return tuple(Sample(op, ((*lead, 3, 3),) * count, prepare=spread_out) for lead in LEADING)


def _factors(op: MatrixOp, a: Rule) -> tuple[Rule, Rule, Rule, Rule]:
    """u, s, vᴴ, and det(u vᴴ) as matrices of one element: NaN where a is not finite."""
    finite = np.all(np.isfinite(a), axis=(-2, -1), keepdims=True)
    u, s, vh = iterate(op, np.linalg.svd, np.where(finite, a, 0))
    turn = np.asarray(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    return u, s, vh, np.where(finite, turn, np.nan).astype(a.dtype)


def _products(s: Rule, chosen: list[list[int]]) -> Rule:
    """The products of some of the singular values, for each choice."""
    parts = [np.prod(s[..., at], axis=-1) for at in chosen]
    return np.stack(parts, axis=-1) if parts else np.zeros_like(s)
