"""The activations of networks, element by element. None overflows, and each rule is its own closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..ir import Glyph, Names, Notation, Op, Rule, Sample, Shape
from .elementwise import choose
from .special import Erfc
from .transcendental import Sigmoid

__all__ = ["Celu", "Elu", "Gelu", "LeakyRelu", "LogSigmoid", "Mish", "Selu", "Silu", "Softplus", "Softsign"]

_SHAPES: tuple[Shape, ...] = ((2, 3), (), (0,))
_FLAT = -1e4
"""Below it, what multiplies x is 0 in every dtype: in the place of −∞ it gives the limit 0, not −∞ · 0."""


class Activation(Op):
    """One input, one output of the same shape and dtype, real."""

    kinds = "f"


@dataclass(frozen=True)
class Softplus(Activation):
    """y = ln(1 + e^(βx)) / β. ∂L/∂x = g · σ(βx)."""

    beta: float = 1.0

    signature = "x[...] -> y[...]"
    glyph = Glyph("softplus", "box")
    notation = Notation("softplus({x})")
    names = Names("Softplus", "aten.softplus", "")

    def forward(self, x: Rule) -> Rule:
        return np.logaddexp(x * self.beta, 0.0) / self.beta

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * Sigmoid()(x if self.beta == 1 else x * self.beta)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (*(Sample(cls(), (shape,)) for shape in _SHAPES), Sample(cls(2.0), ((3,),)))


class LogSigmoid(Activation):
    """y = ln σ(x) = −ln(1 + e⁻ˣ). ∂L/∂x = g · σ(−x)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("ln σ", "circle")
    notation = Notation("ln σ({x})")
    names = Names("", "aten.log_sigmoid_forward", "")

    def forward(self, x: Rule) -> Rule:
        return -np.logaddexp(-x, 0.0)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * Sigmoid()(-x)


class Silu(Activation):
    """y = x · σ(x), also called swish. ∂L/∂x = g · (σ + y · (1 − σ)), σ = σ(x)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("SiLU", "box")
    notation = Notation("silu({x})")
    names = Names("Swish", "aten.silu", "")

    def forward(self, x: Rule) -> Rule:
        return np.maximum(x, _FLAT) * Sigmoid()(x)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        s = Sigmoid()(x)
        return g * (s + y * (1 - s))


@dataclass(frozen=True)
class Gelu(Activation):
    """y = x · Φ(x), Φ the normal distribution function. ∂L/∂x = g · (Φ(x) + x · φ(x)), φ its density.

    With ``approximate="tanh"``: y = x · s, s = ½ (1 + tanh u) = σ(2u), u = √(2/π) (x + 0.044715 x³), and
    ∂L/∂x = g · (s + y · (1 − s) · 2 du/dx). Hendrycks & Gimpel 2016, arXiv:1606.08415.
    """

    approximate: Literal["none", "tanh"] = "none"

    signature = "x[...] -> y[...]"
    glyph = Glyph("GELU", "box")
    notation = Notation("gelu({x})")
    names = Names("Gelu", "aten.gelu", "")

    def forward(self, x: Rule) -> Rule:
        share = Sigmoid()(_twice_u(x)) if self.approximate == "tanh" else _normal(Erfc(), x)
        return np.maximum(x, _FLAT) * share

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        if self.approximate == "tanh":
            s = Sigmoid()(_twice_u(x))
            return g * (s + y * (1 - s) * (2 * _U * (3 * _CUBIC * (x * x) + 1)))
        density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
        return g * (_normal(Erfc(), x) + x * density)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        exact = (Sample(cls(), (shape,)) for shape in _SHAPES)
        return (*exact, Sample(cls("tanh"), ((2, 3),)), Sample(cls("tanh"), ((),)))


_U, _CUBIC = math.sqrt(2 / math.pi), 0.044715


def _twice_u(x: Rule) -> Rule:
    return 2 * _U * (x * (_CUBIC * (x * x) + 1))


def _normal(erfc: Rule, x: Rule) -> Rule:
    """Φ(x) = ½ erfc(−x / √2)."""
    return 0.5 * erfc(x * -math.sqrt(0.5))


class Mish(Activation):
    """y = x · ω, ω = tanh(softplus(x)). ∂L/∂x = g · (ω + x · σ(x) · (1 − ω²)).

    Misra 2019, arXiv:1908.08681.
    """

    signature = "x[...] -> y[...]"
    glyph = Glyph("Mish", "box")
    notation = Notation("mish({x})")
    names = Names("Mish", "aten.mish", "")

    def forward(self, x: Rule) -> Rule:
        return np.maximum(x, _FLAT) * np.tanh(np.logaddexp(x, 0.0))

    def backward(self, g: Rule, x: Rule) -> Rule:
        w = np.tanh(Softplus()(x))
        return g * (w + x * Sigmoid()(x) * (1 - w * w))


@dataclass(frozen=True)
class Elu(Activation):
    """y = x where x > 0, elsewhere α (eˣ − 1). ∂L/∂x = g where x > 0, elsewhere g · α · eˣ, also at 0."""

    alpha: float = 1.0

    signature = "x[...] -> y[...]"
    glyph = Glyph("ELU", "box")
    notation = Notation("elu({x})")
    names = Names("Elu", "aten.elu", "")

    def forward(self, x: Rule) -> Rule:
        return choose(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def backward(self, g: Rule, x: Rule) -> Rule:
        positive = x > 0
        return choose(positive, g, g * (self.alpha * np.exp(choose(positive, 0.0, x))))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (*(Sample(cls(), (shape,)) for shape in _SHAPES), Sample(cls(0.5), ((3,),)))


@dataclass(frozen=True)
class Celu(Activation):
    """y = x where x > 0, elsewhere α (e^(x/α) − 1). ∂L/∂x = g where x > 0, elsewhere g · e^(x/α)."""

    alpha: float = 1.0

    signature = "x[...] -> y[...]"
    glyph = Glyph("CELU", "box")
    notation = Notation("celu({x})")
    names = Names("Celu", "aten.celu", "")

    def forward(self, x: Rule) -> Rule:
        return choose(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0) / self.alpha))

    def backward(self, g: Rule, x: Rule) -> Rule:
        positive = x > 0
        return choose(positive, g, g * np.exp(choose(positive, 0.0, x) / self.alpha))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (*(Sample(cls(), (shape,)) for shape in _SHAPES), Sample(cls(0.5), ((3,),)))


class Selu(Activation):
    """y = λ · elu(x, α): α and λ keep mean 0 and variance 1. ∂L/∂x = λ g, where x ≤ 0 λ g α eˣ.

    Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv:1706.02515.
    """

    signature = "x[...] -> y[...]"
    glyph = Glyph("SELU", "box")
    notation = Notation("selu({x})")
    names = Names("Selu", "aten.selu", "")

    def forward(self, x: Rule) -> Rule:
        return _LAMBDA * Elu(_ALPHA).forward(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return Elu(_ALPHA).backward(g * _LAMBDA, x)


_ALPHA, _LAMBDA = 1.6732632423543772, 1.0507009873554805


@dataclass(frozen=True)
class LeakyRelu(Activation):
    """y = x where x > 0, elsewhere slope · x. ∂L/∂x = g where x > 0, elsewhere slope · g, also at 0."""

    slope: float = 0.01

    signature = "x[...] -> y[...]"
    glyph = Glyph("leaky ReLU", "box")
    notation = Notation("leaky_relu({x})")
    names = Names("LeakyRelu", "aten.leaky_relu", "")

    def forward(self, x: Rule) -> Rule:
        return choose(x > 0, x, x * self.slope)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return choose(x > 0, g, g * self.slope)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (*(Sample(cls(), (shape,)) for shape in _SHAPES), Sample(cls(0.2), ((3,),)))


class Softsign(Activation):
    """y = x / (1 + |x|). ∂L/∂x = g / (1 + |x|)²."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("softsign", "box")
    notation = Notation("softsign({x})")
    names = Names("Softsign", "aten.softsign", "")

    def forward(self, x: Rule) -> Rule:
        return x / (np.abs(x) + 1)

    def backward(self, g: Rule, x: Rule) -> Rule:
        below = np.abs(x) + 1
        return g / below / below
