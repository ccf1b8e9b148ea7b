"""Angles, circles and hyperbolas, element by element. Angles are in radians."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ir import Glyph, Names, Notation, Rule, Sample
from . import kernels
from .elementwise import Binary, Unary, choose, primes

__all__ = [
    "Acos",
    "Acosh",
    "Asin",
    "Asinh",
    "Atan",
    "Atan2",
    "Atanh",
    "Cosh",
    "Hypot",
    "Sinc",
    "Sinh",
    "Tan",
]


class Tan(Unary):
    """y = tan x, x in radians. ∂L/∂x = g · (1 + y²)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("tan", "circle")
    notation = Notation("tan({x})")
    names = Names("Tan", "aten.tan", "tan")
    domain = (-1.2, 1.2)

    def forward(self, x: Rule) -> Rule:
        return np.tan(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * (y * y + 1)


class Asin(Unary):
    """y = arcsin x. ∂L/∂x = g / √((1 − x)(1 + x)): infinite at ±1."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("asin", "circle")
    notation = Notation("asin({x})")
    names = Names("Asin", "aten.asin", "asin")
    domain = (-0.9, 0.9)

    def forward(self, x: Rule) -> Rule:
        return np.arcsin(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / np.sqrt((1 - x) * (x + 1))


class Acos(Unary):
    """y = arccos x. ∂L/∂x = −g / √((1 − x)(1 + x)): infinite at ±1."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("acos", "circle")
    notation = Notation("acos({x})")
    names = Names("Acos", "aten.acos", "acos")
    domain = (-0.9, 0.9)

    def forward(self, x: Rule) -> Rule:
        return np.arccos(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return -g / np.sqrt((1 - x) * (x + 1))


class Atan(Unary):
    """y = arctan x. ∂L/∂x = g / (1 + x²)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("atan", "circle")
    notation = Notation("atan({x})")
    names = Names("Atan", "aten.atan", "atan")

    def forward(self, x: Rule) -> Rule:
        return np.arctan(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / (x * x + 1)


class Atan2(Binary):
    """z = the angle of the point (x, y), from −π to π. ∂L/∂y = g · x / r², ∂L/∂x = −g · y / r², r² = x² + y².

    r² is never formed, so it cannot overflow. At the origin both are 0, as in PyTorch.
    """

    signature = "y[...], x[...] -> z[...]"
    glyph = Glyph("atan2", "box")
    notation = Notation("atan2({y}, {x})")
    names = Names("", "aten.atan2", "atan2")
    kinds = "f"
    domain = (0.3, 2.0)

    def forward(self, y: Rule, x: Rule) -> Rule:
        return np.arctan2(y, x)

    def backward(self, g: Rule, y: Rule, x: Rule) -> Rule:
        r = np.hypot(x, y)
        r = choose(r == 0, 1.0, r)
        return g * (x / r) / r, -g * (y / r) / r


class Hypot(Binary):
    """z = √(x² + y²) without overflow. ∂L/∂x = g · x / z, ∂L/∂y = g · y / z: both 0 at the kink x = y = 0."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("hypot", "box")
    notation = Notation("hypot({x}, {y})")
    names = Names("", "aten.hypot", "")
    kinds = "f"
    domain = (0.3, 2.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.hypot(x, y)

    def backward(self, g: Rule, x: Rule, y: Rule, z: Rule) -> Rule:
        z = choose(z == 0, 1.0, z)
        return g * (x / z), g * (y / z)


class Sinh(Unary):
    """y = sinh x = (eˣ − e⁻ˣ) / 2. ∂L/∂x = g · cosh x."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("sinh", "circle")
    notation = Notation("sinh({x})")
    names = Names("Sinh", "aten.sinh", "sinh")

    def forward(self, x: Rule) -> Rule:
        return np.sinh(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * np.cosh(x)


class Cosh(Unary):
    """y = cosh x = (eˣ + e⁻ˣ) / 2. ∂L/∂x = g · sinh x."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("cosh", "circle")
    notation = Notation("cosh({x})")
    names = Names("Cosh", "aten.cosh", "cosh")

    def forward(self, x: Rule) -> Rule:
        return np.cosh(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * np.sinh(x)


class Asinh(Unary):
    """y = arsinh x. ∂L/∂x = g / √(1 + x²)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("asinh", "circle")
    notation = Notation("asinh({x})")
    names = Names("Asinh", "aten.asinh", "asinh")

    def forward(self, x: Rule) -> Rule:
        return np.arcsinh(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / np.sqrt(x * x + 1)


class Acosh(Unary):
    """y = arcosh x, x ≥ 1. ∂L/∂x = g / (√(x − 1) √(x + 1)): infinite at 1."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("acosh", "circle")
    notation = Notation("acosh({x})")
    names = Names("Acosh", "aten.acosh", "acosh")
    domain = (1.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        return np.arccosh(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / (np.sqrt(x - 1) * np.sqrt(x + 1))


class Atanh(Unary):
    """y = artanh x, |x| ≤ 1. ∂L/∂x = g / ((1 − x)(1 + x)): infinite at ±1."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("atanh", "circle")
    notation = Notation("atanh({x})")
    names = Names("Atanh", "aten.atanh", "atanh")
    domain = (-0.9, 0.9)

    def forward(self, x: Rule) -> Rule:
        return np.arctanh(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / ((1 - x) * (x + 1))


@dataclass(frozen=True)
class Sinc(Unary):
    """y = the derivative of sin(πx) / (πx) of order n. ∂L/∂x = g · the next one.

    A family closed under differentiation: no rule divides by x, so every order is exact at 0.
    """

    order: int = 0

    signature = "x[...] -> y[...]"
    glyph = Glyph("sinc{primes}", "circle")
    notation = Notation("sinc{primes}({x})")
    names = Names("", "aten.sinc", "")

    @property
    def primes(self) -> str:
        """The order as a formula writes it: ``′``, ``″``, ``⁽³⁾``."""
        return primes(self.order)

    def forward(self, x: Rule) -> Rule:
        return kernels.sinc(x, self.order)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * Sinc(self.order + 1)(x)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(), ((2, 3),)),
            Sample(cls(), ((),)),
            Sample(cls(1), ((3,),)),
            Sample(cls(2), ((3,),)),
        )
