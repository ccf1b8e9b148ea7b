"""Inverses and solutions of linear systems.

Rules: M. Giles, *Collected matrix derivative results for forward and reverse mode algorithmic
differentiation*, 2008; of the pseudo-inverse: Golub & Pereyra, *The differentiation of pseudo-inverses and
nonlinear least squares problems*, 1973.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..ir import Glyph, Names, Notation, Rule, Sample, Shape
from .matrix import H, MatrixOp, conj, iterate, lower, run, singular, spread_out

__all__ = ["Inv", "PInv", "Solve", "SolveTriangular"]

LEADING: tuple[Shape, ...] = ((), (2,), (2, 0))
"""Leading axes that samples have."""


class Inv(MatrixOp):
    """y = a⁻¹. ∂L/∂a = −yᵀ · g · yᵀ (Giles 2008, 2.2.3).

    A singular matrix is an error, as in NumPy. To solve a system, use :class:`Solve`: it is more accurate and
    takes a third of the time.
    """

    signature = "a[... n n] -> y[... n n]"
    glyph = Glyph("inv")
    notation = Notation("{a:5}⁻¹", 4)
    names = Names("", "aten.linalg_inv", "")

    def forward(self, a: Rule) -> Rule:
        return run(self, np.linalg.inv, a)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return -(y.mT @ g @ y.mT)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(), ((*lead, 3, 3),), prepare=spread_out) for lead in LEADING)


class Solve(MatrixOp):
    """x = a⁻¹ · b, by an LU decomposition. ∂L/∂b = a⁻ᵀ · g, ∂L/∂a = −∂L/∂b · xᵀ (Giles 2008, 2.3.1)."""

    signature = "a[... n n], b[... n k] -> x[... n k]"
    glyph = Glyph("solve")
    notation = Notation("{a:5}⁻¹ · {b:3}", 2)
    names = Names("", "aten.linalg_solve", "")

    def forward(self, a: Rule, b: Rule) -> Rule:
        return run(self, np.linalg.solve, a, b)

    def backward(self, g: Rule, a: Rule, x: Rule) -> Rule:
        gb = Solve()(a.mT, g)
        return -(gb @ x.mT), gb

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(
            Sample(cls(), ((*lead, 3, 3), (*lead, 3, k)), prepare=spread_out)
            for lead, k in zip(LEADING, (2, 1, 2), strict=True)
        )


@dataclass(frozen=True)
class SolveTriangular(MatrixOp):
    """x = a⁻¹ · b for triangular a, by substitution. ∂L/∂b = a⁻ᵀ · g, ∂L/∂a = −∂L/∂b · xᵀ in the triangle.

    Args:
        lower: which triangle is read; the other may hold anything, and has gradient 0.
        unit: take the diagonal as ones, whatever it holds.

    A zero on the diagonal is an error. Source: Giles 2008, 2.3.1, restricted to the triangle.
    """

    lower: bool
    unit: bool = False

    signature = "a[... n n], b[... n k] -> x[... n k]"
    glyph = Glyph("solve {triangle}")
    notation = Notation("{a:5}⁻¹ · {b:3}", 2)
    names = Names("", "aten.linalg_solve_triangular", "triangular_solve")

    @property
    def triangle(self) -> str:
        """Which triangle is read, as a sign."""
        return "◣" if self.lower else "◥"

    def forward(self, a: Rule, b: Rule) -> Rule:
        a, b = np.asarray(a), np.asarray(b)
        if not self.unit:
            zero = np.argwhere(np.any(np.diagonal(a, axis1=-2, axis2=-1) == 0, axis=-1))
            if len(zero):
                at = tuple(map(int, zero[0]))
                raise singular(self, np.tril(a) if self.lower else np.triu(a), at)
        if self.lower:  # the same system with rows and columns in reverse order
            return _substitute(a[..., ::-1, ::-1], b[..., ::-1, :], self.unit)[..., ::-1, :]
        return _substitute(a, b, self.unit)

    def backward(self, g: Rule, a: Rule, x: Rule) -> Rule:
        gb = SolveTriangular(not self.lower, self.unit)(a.mT, g)
        ga = -(gb @ x.mT)
        k = -1 if self.unit else 0
        return lower(ga, k) if self.lower else lower(ga.mT, k).mT, gb

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        cases: Sequence[tuple[bool, bool, Shape]] = (
            (True, False, ()), (False, False, (2,)), (True, True, ()), (False, True, (0,)),
        )  # fmt: skip
        return tuple(
            Sample(cls(low, unit), ((*lead, 3, 3), (*lead, 3, 2)), prepare=spread_out)
            for low, unit, lead in cases
        )


_BLOCK = 16


def _substitute(u: Rule, b: Rule, unit: bool) -> Rule:
    """u⁻¹ · b for upper triangular u, by halves, so that nearly all of the work is matrix products."""
    n = u.shape[-1]
    if n <= _BLOCK:
        x = np.array(b)
        for i in reversed(range(n)):
            known = u[..., i, None, i + 1 :] @ x[..., i + 1 :, :]
            x[..., i, :] -= known[..., 0, :]
            if not unit:
                x[..., i, :] /= u[..., i, i, None]
        return x
    half = n // 2
    below = _substitute(u[..., half:, half:], b[..., half:, :], unit)
    above = _substitute(u[..., :half, :half], b[..., :half, :] - u[..., :half, half:] @ below, unit)
    return np.concatenate([above, below], axis=-2)


@dataclass(frozen=True)
class PInv(MatrixOp):
    """y = a⁺, the pseudo-inverse, from singular values above ``rtol`` times the largest.

    ∂L/∂a = −yᴴ g yᴴ + (1 − a y) gᴴ y yᴴ + yᴴ y gᴴ (1 − y a): true where the rank does not change. It
    has no gaps of singular values in it, so equal ones do no harm. Source: Golub & Pereyra 1973, 4.12.
    """

    rtol: float

    signature = "a[... m n] -> y[... n m]"
    glyph = Glyph("pinv")
    notation = Notation("{a:5}⁺", 4)
    names = Names("", "aten.linalg_pinv", "")

    def forward(self, a: Rule) -> Rule:
        return iterate(self, partial(np.linalg.pinv, rcond=self.rtol), a)

    def backward(self, g: Rule, a: Rule, y: Rule) -> Rule:
        g, yh = conj(g), H(y)
        gh = H(g)
        left, right = gh @ y, y @ gh
        return conj((left - a @ (y @ left)) @ yh + yh @ (right - (right @ y) @ a) - yh @ g @ yh)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        shapes: tuple[Shape, ...] = ((4, 2), (2, 2, 3), (3, 3), (0, 3, 2))
        return tuple(Sample(cls(1e-6), (shape,), prepare=spread_out) for shape in shapes)
