"""Rounding, and division with a remainder, element by element.

Where a rounded value does not jump it is constant, so its gradient is 0, as in PyTorch and JAX: a model that
rounds learns nothing through it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ir import Glyph, Names, Notation, Op, Rule, Sample
from .elementwise import Binary

__all__ = ["Ceil", "CopySign", "Floor", "FloorDivide", "Fmod", "Remainder", "Round", "Trunc"]


class Rounding(Op):
    """One input, one output, of real numbers; the gradient is 0."""

    kinds = "iuf"

    def backward(self, g: Rule) -> Rule:
        return np.zeros_like(g)


class Floor(Rounding):
    """y = ⌊x⌋, the largest integer ≤ x. The gradient is 0, and taken as 0 at the jumps."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("⌊x⌋", "circle")
    notation = Notation("⌊{x}⌋")
    names = Names("Floor", "aten.floor", "floor")

    def forward(self, x: Rule) -> Rule:
        return np.floor(x)


class Ceil(Rounding):
    """y = ⌈x⌉, the smallest integer ≥ x. The gradient is 0, and taken as 0 at the jumps."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("⌈x⌉", "circle")
    notation = Notation("⌈{x}⌉")
    names = Names("Ceil", "aten.ceil", "ceil")

    def forward(self, x: Rule) -> Rule:
        return np.ceil(x)


class Trunc(Rounding):
    """y = x without its fraction. The gradient is 0, and taken as 0 at the jumps."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("trunc", "box")
    notation = Notation("trunc({x})")
    names = Names("", "aten.trunc", "")

    def forward(self, x: Rule) -> Rule:
        return np.trunc(x)


@dataclass(frozen=True)
class Round(Rounding):
    """y = x to ``decimals`` places, halves to even. The gradient is 0, and taken as 0 at the jumps."""

    decimals: int = 0

    signature = "x[...] -> y[...]"
    glyph = Glyph("round", "box")
    notation = Notation("round({x})")
    names = Names("Round", "aten.round", "round")

    def forward(self, x: Rule) -> Rule:
        return np.round(x, self.decimals)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(
            Sample(cls(decimals), (shape,))
            for decimals, shape in ((0, (2, 3)), (1, (3,)), (0, ()), (2, (0,)))
        )


class CopySign(Binary):
    """z = |x| with the sign of y, also of −0. ∂L/∂x = g · sign x · sign z: 0 at the kink x = 0; 0 to y."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("copysign", "box")
    notation = Notation("copysign({x}, {y})")
    names = Names("", "aten.copysign", "")
    kinds = "f"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.copysign(x, y)

    def backward(self, g: Rule, x: Rule, z: Rule) -> Rule:
        return g * (np.sign(x) * np.sign(z)), np.zeros_like(g)


class FloorDivide(Binary):
    """z = ⌊x / y⌋. The gradient is 0, and taken as 0 at the jumps, as in JAX."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("⌊÷⌋", "circle")
    notation = Notation("⌊{x:2} / {y:3}⌋")
    names = Names("", "aten.floor_divide", "")
    kinds = "iuf"
    domain = (0.7, 3.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x // y

    def backward(self, g: Rule) -> Rule:
        return np.zeros_like(g), np.zeros_like(g)


class Remainder(Binary):
    """z = x − ⌊x / y⌋ · y, with the sign of y: Python's %. ∂L/∂x = g, ∂L/∂y = −g · ⌊x / y⌋."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("mod", "circle")
    notation = Notation("{x:2} mod {y:3}", 2)
    names = Names("Mod", "aten.remainder", "")
    kinds = "iuf"
    domain = (0.7, 3.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x % y

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        return g, -g * FloorDivide()(x, y)


class Fmod(Binary):
    """z = x − trunc(x / y) · y, with the sign of x: C's fmod. ∂L/∂x = g, ∂L/∂y = −g · trunc(x / y)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("fmod", "box")
    notation = Notation("fmod({x}, {y})")
    names = Names("Mod", "aten.fmod", "rem")
    kinds = "iuf"
    domain = (0.7, 3.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.fmod(x, y)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        return g, -g * Trunc()(x / y)
