"""Special functions, element by element: the error function, the gamma function, entropies.

Their numerical side is in :mod:`diagrad.ops.kernels`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..ir import Glyph, Names, Notation, Op, Rule, Sample
from . import kernels
from .elementwise import Binary, choose, primes

__all__ = ["Digamma", "Entr", "Erf", "Erfc", "Erfinv", "LogGamma", "Logit", "PolyGamma", "XLog1py", "XLogY"]

_SLOPE = 2 / math.sqrt(math.pi)
"""Of erf at 0."""


class Special(Op):
    """One input, one output of the same shape and dtype, real."""

    kinds = "f"


class Erf(Special):
    """y = 2/√π ∫₀ˣ e^(−t²) dt. ∂L/∂x = g · 2/√π · e^(−x²)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("erf", "circle")
    notation = Notation("erf({x})")
    names = Names("Erf", "aten.erf", "erf")

    def forward(self, x: Rule) -> Rule:
        return kernels.erf(x)

    def element(self, x: Rule) -> Rule:
        return x.builder.erf(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * (_SLOPE * np.exp(-(x * x)))


class Erfc(Special):
    """y = 1 − erf(x), accurate where that is tiny. ∂L/∂x = −g · 2/√π · e^(−x²)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("erfc", "circle")
    notation = Notation("erfc({x})")
    names = Names("", "aten.erfc", "erfc")

    def forward(self, x: Rule) -> Rule:
        return kernels.erfc(x)

    def element(self, x: Rule) -> Rule:
        return x.builder.erfc(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return -g * (_SLOPE * np.exp(-(x * x)))


class Erfinv(Special):
    """y with erf(y) = x: ±∞ at ±1. ∂L/∂x = g · √π/2 · e^(y²)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("erfinv", "box")
    notation = Notation("erfinv({x})")
    names = Names("", "aten.erfinv", "erf_inv")
    domain = (-0.9, 0.9)

    def forward(self, x: Rule) -> Rule:
        return kernels.erfinv(x)

    def backward(self, g: Rule, y: Rule) -> Rule:
        return g * (np.exp(y * y) / _SLOPE)


class LogGamma(Special):
    """y = ln |Γ(x)|: +∞ at 0, −1, −2 … ∂L/∂x = g · ψ(x)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("lnΓ", "circle")
    notation = Notation("lnΓ({x})")
    names = Names("", "aten.lgamma", "lgamma")
    domain = (0.5, 4.0)

    def forward(self, x: Rule) -> Rule:
        return kernels.log_gamma(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * Digamma()(x)


class Digamma(Special):
    """y = ψ(x) = d ln Γ(x) / dx: poles at 0, −1, −2 … ∂L/∂x = g · ψ′(x)."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("ψ", "circle")
    notation = Notation("ψ({x})")
    names = Names("", "aten.digamma", "digamma")
    domain = (0.5, 4.0)

    def forward(self, x: Rule) -> Rule:
        return kernels.digamma(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * PolyGamma(1)(x)


@dataclass(frozen=True)
class PolyGamma(Special):
    """y = ψ⁽ⁿ⁾(x), the derivative of ψ of order n ≥ 1. ∂L/∂x = g · the next one."""

    n: int

    signature = "x[...] -> y[...]"
    glyph = Glyph("ψ{primes}", "circle")
    notation = Notation("ψ{primes}({x})")
    names = Names("", "aten.polygamma", "polygamma")

    @property
    def primes(self) -> str:
        """The order as a formula writes it: ``′``, ``″``, ``⁽³⁾``."""
        return primes(self.n)

    def forward(self, x: Rule) -> Rule:
        return kernels.polygamma(x, self.n)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * PolyGamma(self.n + 1)(x)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(
            Sample(cls(n), (shape,), 0.8, 4.0) for n, shape in ((1, (2, 3)), (2, ()), (3, (3,)), (1, (0,)))
        )


class Logit(Special):
    """y = ln(x / (1 − x)), the inverse of σ: −∞ at 0, ∞ at 1. ∂L/∂x = g / (x (1 − x))."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("logit", "circle")
    notation = Notation("logit({x})")
    names = Names("", "aten.logit", "logit")
    domain = (0.1, 0.9)

    def forward(self, x: Rule) -> Rule:
        left = x < 0.25  # elsewhere 2x − 1 is exact, so that nothing is lost near the zero 1/2
        small, large = choose(left, x, 0.25), choose(left, 0.5, x)
        return choose(left, np.log(small / (1 - small)), 2 * np.arctanh(2 * large - 1))

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g / (x * (1 - x))


class XLogY(Binary):
    """z = x · ln y, and 0 where x = 0, whatever number y is. ∂L/∂x = g · ln y, ∂L/∂y = g · x / y.

    Where x = 0 the function does not depend on y: ∂L/∂y = 0. Where besides y ≤ 0, ∂L/∂x is 0, as in PyTorch.
    """

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("x·ln y", "box")
    notation = Notation("{x:2} · ln({y})", 2)
    names = Names("", "aten.xlogy", "")
    kinds = "f"
    domain = (0.3, 2.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return _times(x, y, np.log)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        zero = x == 0
        dead = np.logical_and(zero, y <= 0)
        return (
            choose(dead, 0.0, g * np.log(choose(dead, 1.0, y))),
            choose(zero, 0.0, g * (x / choose(zero, 1.0, y))),
        )


class XLog1py(Binary):
    """z = x · ln(1 + y), and 0 where x = 0, whatever y is. ∂L/∂x = g · ln(1 + y), ∂L/∂y = g · x / (1 + y).

    Where x = 0 the function does not depend on y: ∂L/∂y = 0. Where besides y ≤ −1, ∂L/∂x is 0, as in PyTorch.
    """

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("x·log1p y", "box")
    notation = Notation("{x:2} · log1p({y})", 2)
    names = Names("", "aten.special_xlog1py", "")
    kinds = "f"
    domain = (-0.5, 2.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return _times(x, y, np.log1p)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        zero = x == 0
        dead = np.logical_and(zero, y <= -1)
        return (
            choose(dead, 0.0, g * np.log1p(choose(dead, 0.0, y))),
            choose(zero, 0.0, g * (x / (choose(zero, 0.0, y) + 1))),
        )


def _times(x: Rule, y: Rule, log: np.ufunc) -> Rule:
    """x · log y; where x = 0 it is 0, but NaN for NaN."""
    zero = np.logical_and(x == 0, y == y)
    return choose(zero, 0.0, x) * log(choose(zero, 1.0, y))


class Entr(Special):
    """y = −x ln x: 0 at 0, −∞ below. ∂L/∂x = −g · (ln x + 1): infinite at 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("−x·ln x", "box")
    notation = Notation("entr({x})")
    names = Names("", "aten.special_entr", "")
    domain = (0.2, 3.0)

    def forward(self, x: Rule) -> Rule:
        positive = np.logical_not(x <= 0)
        inside = -x * np.log(choose(positive, x, 1.0))
        return choose(positive, inside, choose(x == 0, np.zeros_like(x), np.full_like(x, -np.inf)))

    def backward(self, g: Rule, x: Rule) -> Rule:
        return -g * (np.log(x) + 1)
