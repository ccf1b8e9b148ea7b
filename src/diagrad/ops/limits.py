"""Keeping elements between bounds, and away from NaN and infinity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ir import Glyph, Names, Notation, Op, Rule, Sample
from .elementwise import choose
from .predicates import IsFinite

__all__ = ["Clip", "ClipScalar", "NanToNum"]


class Clip(Op):
    """y = min(max(x, low), high). x takes the gradient where low ≤ x ≤ high, otherwise the bound that y is.

    At a bound x takes it, as in PyTorch; where low > high, y is high.
    """

    signature = "x[...], low[...], high[...] -> y[...]"
    glyph = Glyph("clip", "box")
    notation = Notation("clip({x}, {low}, {high})")
    names = Names("", "aten.clamp", "clamp")
    kinds = "iuf"

    def forward(self, x: Rule, low: Rule, high: Rule) -> Rule:
        return np.minimum(np.maximum(x, low), high)

    def backward(self, g: Rule, x: Rule, low: Rule, high: Rule) -> Rule:
        inside = np.logical_and(x >= low, x <= high)
        below = np.logical_and(x < low, low < high)
        above = np.logical_or(x > high, low > high)
        return choose(inside, g, 0.0), choose(below, g, 0.0), choose(above, g, 0.0)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(), (shape,) * 3) for shape in ((), (5,), (2, 3), (0, 2)))


@dataclass(frozen=True)
class ClipScalar(Op):
    """y = min(max(x, low), high), bounds are part of the op. ∂L/∂x = g where low ≤ x ≤ high, elsewhere 0.

    With ``inner`` it is g where low < x < high: PyTorch's choice in ReLU6 and hardtanh, not in clamp.
    """

    low: float | None = None
    high: float | None = None
    inner: bool = False

    signature = "x[...] -> y[...]"
    glyph = Glyph("clip", "box")
    notation = Notation("clip({x}, {bottom}, {top})")
    names = Names("Clip", "aten.clamp", "clamp")
    kinds = "iuf"

    @property
    def bottom(self) -> str:
        """The lower bound as a formula writes it."""
        return _bound(self.low, "−∞")

    @property
    def top(self) -> str:
        """The upper bound as a formula writes it."""
        return _bound(self.high, "∞")

    def forward(self, x: Rule) -> Rule:
        if self.low is not None:
            x = np.maximum(x, self.low)
        return x if self.high is None else np.minimum(x, self.high)

    def backward(self, g: Rule, x: Rule) -> Rule:
        if self.low is not None:
            g = choose(x > self.low if self.inner else x >= self.low, g, 0.0)
        if self.high is not None:
            g = choose(x < self.high if self.inner else x <= self.high, g, 0.0)
        return g

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(0, 1), ((2, 3),)),
            Sample(cls(1, None), ((3,),)),
            Sample(cls(None, 1), ((),)),
            Sample(cls(0, 1, inner=True), ((3,),)),
            Sample(cls(0, 1), ((0, 2),)),
        )


def _bound(x: float | None, none: str) -> str:
    return none if x is None else f"{x:g}".replace("-", "−")


@dataclass(frozen=True)
class NanToNum(Op):
    """y = x with numbers for NaN, ∞ and −∞. ∂L/∂x = g, and 0 where replaced.

    None stands for the largest number of the dtype, or the smallest.
    """

    nan: float = 0.0
    posinf: float | None = None
    neginf: float | None = None

    signature = "x[...] -> y[...]"
    glyph = Glyph("nan to num", "box")
    notation = Notation("nan_to_num({x})")
    names = Names("", "aten.nan_to_num", "")
    kinds = "fc"

    def forward(self, x: Rule) -> Rule:
        return np.nan_to_num(x, nan=self.nan, posinf=self.posinf, neginf=self.neginf)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return choose(IsFinite()(x), g, 0.0)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls(), ((2, 3),)), Sample(cls(), ((),)), Sample(cls(1.0, 9.0, -9.0), ((3,),))
