"""The exponential of a matrix."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from ..ir import Glyph, Names, Notation, Rule, Sample
from .matrix import MatrixOp
from .shape import Concatenate
from .solvers import LEADING

__all__ = ["MatrixExp", "MatrixExpAlong"]

_PADE = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
    10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip
"""The coefficients of the Padé approximant of degree 13."""

_THETA = 5.371920351148152
"""The 1-norm up to which that approximant is exact to rounding in float64 (Higham 2005, table 2.3)."""


class MatrixExp(MatrixOp):
    """y = eᵃ = Σ aᵏ/k!. ∂L/∂a = the derivative of exp at aᵀ along g.

    Method: Higham, *The scaling and squaring method for the matrix exponential revisited*, 2005.
    """

    signature = "a[... n n] -> y[... n n]"
    glyph = Glyph("expm")
    notation = Notation("expm({a})")
    names = Names("", "aten.linalg_matrix_exp", "")

    def forward(self, a: Rule) -> Rule:
        with np.errstate(all="ignore"):
            size = np.max(np.sum(np.abs(a), axis=-2), axis=-1, initial=0.0)
            finite = np.isfinite(size)
            times = np.where(finite, np.ceil(np.log2(np.maximum(size / _THETA, 1.0))), 0).astype(int)
        small: Rule = np.where(finite[..., None, None], a, 0.0) * (0.5**times)[..., None, None].astype(
            a.dtype
        )
        y = _pade(small)
        for k in range(int(np.max(times, initial=0))):
            y = cast(Any, np.where((times > k)[..., None, None], y @ y, y))
        return np.where(finite[..., None, None], y, np.nan).astype(a.dtype)

    def backward(self, g: Rule, a: Rule) -> Rule:
        return MatrixExpAlong()(a.mT, g)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(), ((*lead, 3, 3),), -1, 1) for lead in LEADING)


class MatrixExpAlong(MatrixOp):
    """y = d/dt exp(a + t·e) at t = 0, the Fréchet derivative of exp: linear in e.

    It is the upper right block of exp(m), m = [a e; 0 a]. So ∂L/∂e = the same at aᵀ along g, and ∂L/∂a = the
    sum of the two diagonal blocks of the same at mᵀ along [0 g; 0 0]: derivatives of any order stay here.
    Method: Al-Mohy & Higham, *Computing the Fréchet derivative of the matrix exponential*, 2009, (1.3).
    """

    signature = "a[... n n], e[... n n] -> y[... n n]"
    glyph = Glyph("expm ′")
    notation = Notation("expm′({a}, {e})")
    names = Names("", "", "")
    deferred = True

    def forward(self, a: Rule, e: Rule) -> Rule:
        n = a.shape[-1]
        return MatrixExp().forward(_block(a, e, a))[..., :n, n:]

    def backward(self, g: Rule, a: Rule, e: Rule) -> Rule:
        def to_a() -> Rule:
            n, zero = a.shape[-1], np.zeros_like(g)
            y = MatrixExpAlong()(_block(a, e, a).mT, _block(zero, g, zero))
            return y[..., :n, :n] + y[..., n:, n:]

        return to_a, lambda: MatrixExpAlong()(a.mT, g)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(), ((*lead, 3, 3),) * 2, -1, 1) for lead in LEADING)


def _block(a: Rule, b: Rule, d: Rule) -> Rule:
    """[a b; 0 d]."""
    row, column = Concatenate(a.ndim - 1), Concatenate(a.ndim - 2)
    return column(row(a, b), row(np.zeros_like(a), d))


def _pade(a: Rule) -> Rule:
    """eᵃ for small a."""
    b: list[Any] = [a.dtype.type(c) for c in _PADE]
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    one: Rule = np.eye(a.shape[-1], dtype=a.dtype)
    odd = a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one
    even = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    u = a @ odd
    return cast(Any, np.linalg.solve(even - u, even + u))
