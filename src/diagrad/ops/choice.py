"""Kinks, choices, comparisons, logic and casts, element by element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape, short_name
from ..ir.dtype import from_short, is_differentiable
from .elementwise import Binary, choose, real_dtype

__all__ = [
    "Abs",
    "And",
    "AsType",
    "Equal",
    "Greater",
    "GreaterEqual",
    "Less",
    "LessEqual",
    "Maximum",
    "Minimum",
    "Not",
    "NotEqual",
    "Or",
    "Sign",
    "Where",
]


class Abs(Op):
    """y = |x|. ∂L/∂x = g · sign x, of a complex x g · x̄ / y: 0 at the kink x = 0."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("|x|", "circle")
    notation = Notation("|{x}|")
    names = Names("Abs", "aten.abs", "abs")
    kinds = "iufc"

    def forward(self, x: Rule) -> Rule:
        return np.abs(x)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        if x.dtype.kind != "c":
            return g * np.sign(x)
        from .complex_numbers import Complex, Conj

        zero = y == 0
        turned = choose(zero, 0.0, g / choose(zero, 1.0, y))
        return Complex()(turned, np.zeros_like(turned)) * Conj()(x)

    def dtype(self, *dtypes: DType) -> DType:
        return real_dtype(super().dtype(*dtypes))


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
    """The larger or smaller of two: the winner takes the upstream gradient, a tie halves it.

    Where x or y is NaN, so is z, and y takes the gradient.
    """

    kinds = "biuf"

    def backward(self, g: Rule, x: Rule, y: Rule, z: Rule) -> Rule:
        tie, won = x == y, x == z
        half = g * 0.5
        return choose(tie, half, choose(won, g, 0.0)), choose(tie, half, choose(won, 0.0, g))

    def tangent(self, v: Rule, x: Rule, y: Rule, z: Rule) -> Rule:
        return choose(x == y, (v[0] + v[1]) * 0.5, choose(x == z, *v))


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

    def tangent(self, v: Rule, c: Rule) -> Rule:
        return choose(c, v[1], v[2])

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
    """y = x in another dtype, named in its short form. The gradient is converted back, Re g to a real x."""

    to: str

    signature = "x[...] -> y[...]"
    glyph = Glyph("as {to}")
    notation = Notation("{to}({x})")
    names = Names("Cast", "aten._to_copy", "convert_element_type")

    def forward(self, x: Rule) -> Rule:
        return x.astype(from_short(self.to))

    def backward(self, g: Rule, x: Rule) -> Rule:
        if g.dtype.kind == "c" and x.dtype.kind == "f":
            from .complex_numbers import Real

            g = Real()(g)
        return AsType(short_name(x.dtype))(g) if is_differentiable(x.dtype) else None

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return from_short(self.to)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        shapes: tuple[Shape, ...] = ((), (3,), (2, 3), (0, 2))
        return tuple(Sample(cls(to), (shape,)) for to in ("f64", "f32", "i64", "bool") for shape in shapes)
