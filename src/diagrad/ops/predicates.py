"""What kind of number an element is: NaN, infinite, finite, negative. No derivatives."""

from __future__ import annotations

import numpy as np

from ..ir import DType, Glyph, Names, Notation, Op, Rule

__all__ = ["IsFinite", "IsInf", "IsNaN", "SignBit"]


class Predicate(Op):
    """One input, a boolean output; no derivative."""

    differentiable = False

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return np.dtype(np.bool_)


class IsNaN(Predicate):
    """y = whether x is NaN."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("NaN?", "box")
    notation = Notation("isnan({x})")
    names = Names("IsNaN", "aten.isnan", "")

    def forward(self, x: Rule) -> Rule:
        return np.isnan(x)


class IsInf(Predicate):
    """y = whether x is ∞ or −∞."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("∞?", "circle")
    notation = Notation("isinf({x})")
    names = Names("IsInf", "aten.isinf", "")

    def forward(self, x: Rule) -> Rule:
        return np.isinf(x)


class IsFinite(Predicate):
    """y = whether x is neither infinite nor NaN."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("finite?", "box")
    notation = Notation("isfinite({x})")
    names = Names("", "aten.isfinite", "is_finite")

    def forward(self, x: Rule) -> Rule:
        return np.isfinite(x)


class SignBit(Predicate):
    """y = whether x has a minus sign, as −0 has."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("signbit", "box")
    notation = Notation("signbit({x})")
    names = Names("", "aten.signbit", "")
    kinds = "iuf"

    def forward(self, x: Rule) -> Rule:
        return np.signbit(x)
