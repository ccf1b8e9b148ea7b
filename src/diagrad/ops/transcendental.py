"""Exponentials, roots, trigonometry and sigmoids, element by element."""

from __future__ import annotations

import numpy as np

from ..ir import Glyph, Names, Notation, Op, Rule
from .elementwise import Unary, choose

__all__ = ["Cos", "Exp", "Expm1", "Log", "Log1p", "Relu", "Sigmoid", "Sin", "Sqrt", "Square", "Tanh"]


class Exp(Unary):
    """y = eˣ. ∂L/∂x = g · y."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("exp", "circle")
    notation = Notation("exp({x})")
    names = Names("Exp", "aten.exp", "exp")
    advice = (
        "keep x below 709 (88 in float32, 11 in float16): subtract the largest element first, as "
        "softmax and logsumexp do"
    )

    def forward(self, x: Rule) -> Rule:
        return np.exp(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * y


class Expm1(Unary):
    """y = eˣ − 1, accurate near 0. ∂L/∂x = g · (y + 1)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("expm1", "box")
    notation = Notation("expm1({x})")
    names = Names("", "aten.expm1", "expm1")

    def forward(self, x: Rule) -> Rule:
        return np.expm1(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * (y + 1)


class Log(Unary):
    """y = ln x. ∂L/∂x = g / x: infinite at 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("ln", "circle")
    notation = Notation("ln({x})")
    names = Names("Log", "aten.log", "log")
    advice = (
        "keep x above 0: log(x + 1e-12), log1p(x) near 1, log_softmax(x) for log(softmax(x)), "
        "xlogy(y, x) for y · log(x)"
    )
    domain = (0.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        return np.log(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / x


class Log1p(Unary):
    """y = ln(1 + x), accurate near 0. ∂L/∂x = g / (1 + x)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("log1p", "box")
    notation = Notation("log1p({x})")
    names = Names("", "aten.log1p", "log1p")
    advice = "keep x above −1"
    domain = (-0.5, 2.0)

    def forward(self, x: Rule) -> Rule:
        return np.log1p(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / (x + 1)


class Sqrt(Unary):
    """y = √x. ∂L/∂x = g / (2y): infinite at 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("√", "circle")
    notation = Notation("√{x:5}", 4)
    names = Names("Sqrt", "aten.sqrt", "sqrt")
    advice = "keep x above 0: sqrt(x + 1e-12), or where(x > 0, sqrt(where(x > 0, x, 1)), 0)"
    domain = (0.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        return np.sqrt(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g / (2 * y)


class Square(Op):
    """y = x². ∂L/∂x = g · 2x."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("x²", "circle")
    notation = Notation("{x:5}²", 4)
    names = Names("", "aten.square", "square")
    kinds = "iufc"

    def forward(self, x: Rule) -> Rule:
        return x * x

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * (2 * x)


class Sin(Unary):
    """y = sin x, x in radians. ∂L/∂x = g · cos x."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("sin", "circle")
    notation = Notation("sin({x})")
    names = Names("Sin", "aten.sin", "sin")

    def forward(self, x: Rule) -> Rule:
        return np.sin(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * np.cos(x)


class Cos(Unary):
    """y = cos x, x in radians. ∂L/∂x = −g · sin x."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("cos", "circle")
    notation = Notation("cos({x})")
    names = Names("Cos", "aten.cos", "cos")

    def forward(self, x: Rule) -> Rule:
        return np.cos(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return -g * np.sin(x)


class Tanh(Unary):
    """y = tanh x. ∂L/∂x = g · (1 − y²)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("tanh", "circle")
    notation = Notation("tanh({x})")
    names = Names("Tanh", "aten.tanh", "tanh")

    def forward(self, x: Rule) -> Rule:
        return np.tanh(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * (1 - y * y)


class Sigmoid(Unary):
    """y = 1 / (1 + e⁻ˣ). ∂L/∂x = g · y · (1 − y). Neither end overflows."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("σ", "circle")
    notation = Notation("σ({x})")
    names = Names("Sigmoid", "aten.sigmoid", "logistic")

    def forward(self, x: Rule) -> Rule:
        positive: Rule = np.real(x) >= 0
        small = np.exp(choose(positive, -x, x))  # pyright: ignore[reportUnknownArgumentType]
        return choose(positive, 1, small) / (small + 1)

    def element(self, x: Rule) -> Rule:
        return x.builder.sigmoid(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * y * (1 - y)


class Relu(Unary):
    """y = max(x, 0). ∂L/∂x = g where x > 0, otherwise 0, also at the kink x = 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("ReLU", "box")
    notation = Notation("relu({x})")
    names = Names("Relu", "aten.relu", "")
    kinds = "iuf"

    def forward(self, x: Rule) -> Rule:
        return np.maximum(x, 0)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return choose(x > 0, g, 0.0)
