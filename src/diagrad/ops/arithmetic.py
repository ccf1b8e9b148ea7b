"""Arithmetic, element by element: sums, products, powers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample
from .elementwise import Binary, choose

__all__ = ["Add", "Divide", "Multiply", "Negative", "Power", "PowerScalar", "Subtract"]


class Add(Binary):
    """z = x + y. Hands the upstream gradient on unchanged to both."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("+", "circle")
    notation = Notation("{x:1} + {y:1}", 1)
    names = Names("Add", "aten.add", "add")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x + y

    def backward(self, g: Rule) -> Rule:
        return g, g


class Subtract(Binary):
    """z = x − y. Hands the upstream gradient on to x, negated to y."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("−", "circle")
    notation = Notation("{x:1} − {y:2}", 1)
    names = Names("Sub", "aten.sub", "sub")
    kinds = "iufc"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x - y

    def backward(self, g: Rule) -> Rule:
        return g, -g

    def tangent(self, v: Rule) -> Rule:
        return v[0] - v[1]


class Multiply(Binary):
    """z = x · y. Hands the upstream gradient on times the *other* input."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("×", "circle")
    notation = Notation("{x:2} · {y:2}", 2)
    names = Names("Mul", "aten.mul", "mul")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x * y

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        return g * y, g * x


class Divide(Binary):
    """z = x / y. ∂L/∂x = g / y, ∂L/∂y = −g · z / y."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("÷", "circle")
    notation = Notation("{x:2} / {y:3}", 2)
    names = Names("Div", "aten.div", "div")
    advice = "keep the denominator away from 0: x / (y + 1e-12), or where(y != 0, x / where(y != 0, y, 1), 0)"
    kinds = "fc"
    domain = (0.5, 2.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x / y

    def backward(self, g: Rule, y: Rule, z: Rule) -> Rule:
        return g / y, -g * z / y

    def tangent(self, v: Rule, y: Rule, z: Rule) -> Rule:
        return (v[0] - v[1] * z) / y


class Power(Binary):
    """z = xʸ. ∂L/∂x = g · y · xʸ⁻¹, and 0 where y = 0; ∂L/∂y = g · z · log x, and 0 where x = 0 ≤ y.

    Both edges as in PyTorch: x⁰ has gradient 0 with respect to x even at x = 0, and 0ʸ has gradient 0
    with respect to y ≥ 0.
    """

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("pow", "circle")
    notation = Notation("{x:5} ^ {y:5}", 4)
    names = Names("Pow", "aten.pow", "pow")
    advice = "keep the base above 0, or use a whole number as exponent"
    deferred = True
    kinds = "iufc"
    domain = (0.5, 2.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x**y

    def backward(self, g: Rule, x: Rule, y: Rule, z: Rule) -> Rule:
        def to_base() -> Rule:
            zero = y == 0
            return choose(zero, 0.0, g * (y * x ** choose(zero, 1.0, y - 1)))

        def to_exponent() -> Rule:
            flat = np.logical_and(x == 0, y >= 0)
            return choose(flat, 0.0, g * z * np.log(choose(flat, 1.0, x)))

        return to_base, to_exponent


_RAISED = str.maketrans({"-": "⁻", **dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))})


@dataclass(frozen=True)
class PowerScalar(Op):
    """y = xⁿ for a number n that is part of the op. ∂L/∂x = g · n · xⁿ⁻¹; 0 where n = 0, also at x = 0."""

    n: float

    signature = "x[...] -> y[...]"
    glyph = Glyph("x{exponent}", "circle")
    notation = Notation("{x:5}{exponent}", 4)
    names = Names("Pow", "aten.pow", "integer_pow")
    advice = "keep the base away from 0: (x + 1e-12)**n; below 0 only whole exponents have a power"
    kinds = "iufc"
    domain = (0.5, 2.0)

    @property
    def exponent(self) -> str:
        """n as a formula writes it after x: ``³``, ``⁻¹``, ``^0.5``."""
        return str(int(self.n)).translate(_RAISED) if self.n == int(self.n) else f"^{self.n:g}"

    def forward(self, x: Rule) -> Rule:
        return x**self.n

    def backward(self, g: Rule, x: Rule) -> Rule:
        if self.n == 0:
            return np.zeros_like(g)
        if self.n == 1:
            return g
        return g * (self.n * (x if self.n == 2 else PowerScalar(self.n - 1)(x)))

    def dtype(self, *dtypes: DType) -> DType:
        if dtypes[0].kind in "iu" and (self.n < 0 or self.n != int(self.n)):
            raise self._dtype_error(f"an integer to the power {self.n} is no integer", dtypes)
        return super().dtype(*dtypes)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(n), ((2, 3),), 0.5, 2.0) for n in (3, -1, 0.5, 1, 0))


class Negative(Op):
    """y = −x. Hands the upstream gradient on negated."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("−", "circle")
    notation = Notation("−{x:3}", 1)
    names = Names("Neg", "aten.neg", "neg")
    kinds = "iufc"

    def forward(self, x: Rule) -> Rule:
        return -x

    def backward(self, g: Rule) -> Rule:
        return -g
