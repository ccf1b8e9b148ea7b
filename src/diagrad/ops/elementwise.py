"""Elementwise ops: one output element from the input elements at the same place.

All are shape-strict: inputs of one op have one shape. Where NumPy would broadcast, the front end puts a
:class:`~diagrad.ops.Repeat`. Rules at kinks and domain edges are PyTorch's and JAX's, and each docstring
states its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape, short_name
from ..ir.dtype import from_short, is_differentiable


class Unary(Op):
    """One input, one output of the same shape and dtype, floating-point."""

    kinds = "fc"


class Binary(Op):
    """Two inputs of one shape and dtype, one output."""


def choose(c: Rule, x: Rule, y: Rule) -> Rule:
    """``np.where`` that gives a NumPy scalar for scalars, where it would give a zero-dimensional array.

    Arithmetic on those is ten times as slow, and a rule's result goes on through every node behind it.
    """
    if type(c) is np.bool_:
        chosen, other = (x, y) if c else (y, x)
        return other.dtype.type(chosen) if type(chosen) is float or type(chosen) is int else chosen
    return np.where(c, x, y)  # pyright: ignore[reportUnknownVariableType]  (of NumPy's overloads)


# ------------------------------------------------------------------ arithmetic


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
    kinds = "fc"
    domain = (0.5, 2.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x / y

    def backward(self, g: Rule, y: Rule, z: Rule) -> Rule:
        return g / y, -g * z / y


class Power(Binary):
    """z = xʸ. ∂L/∂x = g · y · xʸ⁻¹, and 0 where y = 0; ∂L/∂y = g · z · log x, and 0 where x = 0 ≤ y.

    Both edges as in PyTorch: x⁰ has gradient 0 with respect to x even at x = 0, and 0ʸ has gradient 0
    with respect to y ≥ 0.
    """

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("pow", "circle")
    notation = Notation("{x:5} ^ {y:5}", 4)
    names = Names("Pow", "aten.pow", "pow")
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


# ------------------------------------------------------------------ exponentials and roots


class Exp(Unary):
    """y = eˣ. ∂L/∂x = g · y."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("exp", "circle")
    notation = Notation("exp({x})")
    names = Names("Exp", "aten.exp", "exp")

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


# ------------------------------------------------------------------ trigonometry, sigmoids


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


# ------------------------------------------------------------------ kinks


class Abs(Op):
    """y = |x|. ∂L/∂x = g · sign x: 0 at the kink x = 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("|x|", "circle")
    notation = Notation("|{x}|")
    names = Names("Abs", "aten.abs", "abs")
    kinds = "iuf"

    def forward(self, x: Rule) -> Rule:
        return np.abs(x)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * np.sign(x)


class Sign(Op):
    """y = −1, 0 or 1. The gradient is exactly 0 wherever it exists, and taken as 0 at the jump."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("sign", "circle")
    notation = Notation("sign({x})")
    names = Names("Sign", "aten.sign", "sign")
    kinds = "iuf"

    def forward(self, x: Rule) -> Rule:
        return np.sign(x)

    def backward(self, g: Rule) -> Rule:
        return np.zeros_like(g)


class Extremum(Binary):
    """The larger or smaller of two: the winner takes the upstream gradient, a tie halves it."""

    kinds = "biuf"

    def backward(self, g: Rule, x: Rule, y: Rule, z: Rule) -> Rule:
        tie = x == y
        half = g * 0.5
        return (
            choose(tie, half, choose(x == z, g, 0.0)),
            choose(tie, half, choose(y == z, g, 0.0)),
        )


class Maximum(Extremum):
    """z = max(x, y); NaN if either is. The larger takes the gradient, a tie halves it."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("max", "circle")
    notation = Notation("max({x}, {y})")
    names = Names("Max", "aten.maximum", "max")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.maximum(x, y)


class Minimum(Extremum):
    """z = min(x, y); NaN if either is. The smaller takes the gradient, a tie halves it."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("min", "circle")
    notation = Notation("min({x}, {y})")
    names = Names("Min", "aten.minimum", "min")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.minimum(x, y)


# ------------------------------------------------------------------ choice, comparison, logic, casts


class Where(Op):
    """z = x where c, y elsewhere. Each branch takes the gradient where it was chosen, 0 elsewhere.

    As in PyTorch and JAX, a branch that is not taken still sends a 0 up its own path; if its local
    derivative is infinite there, 0 · ∞ = NaN. Give it a harmless argument with an inner ``where``.
    """

    signature = "c[...], x[...], y[...] -> z[...]"
    glyph = Glyph("where", "box")
    notation = Notation("where({c}, {x}, {y})")
    names = Names("Where", "aten.where", "select_n")

    def forward(self, c: Rule, x: Rule, y: Rule) -> Rule:
        return choose(c, x, y)  # pyright: ignore[reportUnknownVariableType]  (of NumPy's overloads)

    def backward(self, g: Rule, c: Rule) -> Rule:
        return None, choose(c, g, 0.0), choose(c, 0.0, g)

    def dtype(self, *dtypes: DType) -> DType:
        if dtypes[0].kind != "b":
            raise self._dtype_error(f"the condition has dtype {dtypes[0]}, not bool", dtypes)
        if dtypes[1] != dtypes[2]:
            raise self._dtype_error(f"x has dtype {dtypes[1]}, y {dtypes[2]}", dtypes)
        return dtypes[1]

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        masks: tuple[tuple[Shape, Any], ...] = (
            ((), True),
            ((3,), (True, False, True)),
            ((2, 2), ((False, True), (True, False))),
            ((0, 2), np.zeros((0, 2))),
        )
        return tuple(
            Sample(cls(), (shape,) * 3, given={0: np.array(mask, np.bool_)}) for shape, mask in masks
        )


class Comparison(Binary):
    """Two inputs of one dtype, a boolean output; no derivative."""

    differentiable = False

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return np.dtype(np.bool_)


class Equal(Comparison):
    """z = (x == y)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("=", "circle")
    notation = Notation("[{x:1} = {y:1}]")
    names = Names("Equal", "aten.eq", "eq")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x == y


class NotEqual(Comparison):
    """z = (x != y)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("≠", "circle")
    notation = Notation("[{x:1} ≠ {y:1}]")
    names = Names("", "aten.ne", "ne")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x != y


class Less(Comparison):
    """z = (x < y)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("<", "circle")
    notation = Notation("[{x:1} < {y:1}]")
    names = Names("Less", "aten.lt", "lt")
    kinds = "biuf"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x < y


class LessEqual(Comparison):
    """z = (x <= y)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("≤", "circle")
    notation = Notation("[{x:1} ≤ {y:1}]")
    names = Names("LessOrEqual", "aten.le", "le")
    kinds = "biuf"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x <= y


class Greater(Comparison):
    """z = (x > y)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph(">", "circle")
    notation = Notation("[{x:1} > {y:1}]")
    names = Names("Greater", "aten.gt", "gt")
    kinds = "biuf"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x > y


class GreaterEqual(Comparison):
    """z = (x >= y)."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("≥", "circle")
    notation = Notation("[{x:1} ≥ {y:1}]")
    names = Names("GreaterOrEqual", "aten.ge", "ge")
    kinds = "biuf"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x >= y


class And(Comparison):
    """z = x and y, on booleans."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("∧", "circle")
    notation = Notation("{x:2} ∧ {y:2}", 1)
    names = Names("And", "aten.logical_and", "and")
    kinds = "b"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.logical_and(x, y)


class Or(Comparison):
    """z = x or y, on booleans."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("∨", "circle")
    notation = Notation("{x:2} ∨ {y:2}", 1)
    names = Names("Or", "aten.logical_or", "or")
    kinds = "b"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return np.logical_or(x, y)


class Not(Op):
    """y = not x, on booleans."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("¬", "circle")
    notation = Notation("¬{x:5}", 4)
    names = Names("Not", "aten.logical_not", "not")
    kinds = "b"
    differentiable = False

    def forward(self, x: Rule) -> Rule:
        return np.logical_not(x)


@dataclass(frozen=True)
class AsType(Op):
    """y = x in another dtype, named in its short form. The gradient is converted back."""

    to: str

    signature = "x[...] -> y[...]"
    glyph = Glyph("as {to}")
    notation = Notation("{to}({x})")
    names = Names("Cast", "aten._to_copy", "convert_element_type")

    def forward(self, x: Rule) -> Rule:
        return x.astype(from_short(self.to))

    def backward(self, g: Rule, x: Rule) -> Rule:
        return AsType(short_name(x.dtype))(g) if is_differentiable(x.dtype) else None

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return from_short(self.to)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        shapes: tuple[Shape, ...] = ((), (3,), (2, 3), (0, 2))
        return tuple(Sample(cls(to), (shape,)) for to in ("f64", "f32", "i64", "bool") for shape in shapes)
