"""Powers and logarithms of other bases, roots, and sums of exponentials, element by element."""

from __future__ import annotations

import math

import numpy as np

from ..ir import Glyph, Names, Notation, Rule
from .elementwise import Binary, Unary, choose
from .predicates import IsInf
from .transcendental import Sigmoid

__all__ = ["Cbrt", "Exp2", "Log2", "Log10", "LogAddExp", "LogAddExp2", "Reciprocal", "Rsqrt"]

_LN2, _LN10 = math.log(2), math.log(10)


class Exp2(Unary):
    """y = 2ˣ. ∂L/∂x = g · y · ln 2."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("2ˣ", "circle")
    notation = Notation("2 ^ {x:5}", 4)
    names = Names("", "aten.exp2", "exp2")

    def forward(self, x: Rule) -> Rule:
        return np.exp2(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * y * _LN2


class Log2(Unary):
    """y = log₂ x. ∂L/∂x = g / (x ln 2): infinite at 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("log₂", "circle")
    notation = Notation("log₂({x})")
    names = Names("", "aten.log2", "")
    domain = (0.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        return np.log2(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / (x * _LN2)


class Log10(Unary):
    """y = log₁₀ x. ∂L/∂x = g / (x ln 10): infinite at 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("log₁₀", "box")
    notation = Notation("log₁₀({x})")
    names = Names("", "aten.log10", "")
    domain = (0.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        return np.log10(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / (x * _LN10)


class LogAddExp(Binary):
    """z = ln(eˣ + eʸ), without overflow. ∂L/∂x = g · σ(x − y), ∂L/∂y = g · σ(y − x): ½ each where x = y."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("logaddexp", "box")
    notation = Notation("logaddexp({x}, {y})")
    names = Names("", "aten.logaddexp", "logaddexp")
    kinds = "f"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.logaddexp(x, y)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        d = _difference(x, y)
        return g * Sigmoid()(d), g * Sigmoid()(-d)


class LogAddExp2(Binary):
    """z = log₂(2ˣ + 2ʸ), without overflow. ∂L/∂x = g · σ((x − y) ln 2), ∂L/∂y = g · σ((y − x) ln 2)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("logaddexp2", "box")
    notation = Notation("logaddexp2({x}, {y})")
    names = Names("", "aten.logaddexp2", "logaddexp2")
    kinds = "f"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.logaddexp2(x, y)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        d = _difference(x, y) * _LN2
        return g * Sigmoid()(d), g * Sigmoid()(-d)


def _difference(x: Rule, y: Rule) -> Rule:
    """x − y, and 0 for two infinities alike."""
    infinite = np.logical_and(x == y, IsInf()(x))
    return choose(infinite, 0.0, x) - choose(infinite, 0.0, y)


class Cbrt(Unary):
    """y = ∛x, also of negative numbers. ∂L/∂x = g / (3y²): infinite at 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("∛", "circle")
    notation = Notation("∛{x:5}", 4)
    names = Names("", "", "cbrt")
    kinds = "f"
    domain = (0.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        return np.cbrt(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g / (3 * (y * y))


class Reciprocal(Unary):
    """y = 1 / x. ∂L/∂x = −g · y²."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("1/x", "circle")
    notation = Notation("1 / {x:3}", 2)
    names = Names("Reciprocal", "aten.reciprocal", "")
    domain = (0.5, 2.0)

    def forward(self, x: Rule) -> Rule:
        return np.reciprocal(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return -g * (y * y)


class Rsqrt(Unary):
    """y = 1 / √x. ∂L/∂x = −½ g · y³: infinite at 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("1/√", "circle")
    notation = Notation("1 / √{x:5}", 2)
    names = Names("", "aten.rsqrt", "rsqrt")
    domain = (0.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        return 1 / np.sqrt(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * (-0.5 * (y * y * y))
