"""Complex numbers and their parts, element by element.

The gradient of a real L with respect to z = x + iy is ∂L/∂x − i ∂L/∂y: that of a holomorphic function is then
its derivative, not conjugated. It is the convention of JAX and of HIPS autograd; PyTorch's is the conjugate.
"""

from __future__ import annotations

import numpy as np

from ..ir import DType, Glyph, Names, Notation, Op, Rule
from .elementwise import Binary, choose

__all__ = ["Angle", "Complex", "Conj", "Imag", "Real"]


class Part(Op):
    """A complex input, a real output of half its width."""

    kinds = "c"

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return np.empty(0, dtypes[0]).real.dtype


class Real(Part):
    """x = Re z. ∂L/∂z = g."""

    signature = "z[...] -> x[...]"
    glyph = Glyph("Re", "circle")
    notation = Notation("Re({z})")
    names = Names("", "aten.real", "real")

    def forward(self, z: Rule) -> Rule:
        return z.real

    def backward(self, g: Rule) -> Rule:
        return Complex()(g, np.zeros_like(g))


class Imag(Part):
    """y = Im z. ∂L/∂z = −i g."""

    signature = "z[...] -> y[...]"
    glyph = Glyph("Im", "circle")
    notation = Notation("Im({z})")
    names = Names("", "aten.imag", "imag")

    def forward(self, z: Rule) -> Rule:
        return z.imag

    def backward(self, g: Rule) -> Rule:
        return Complex()(np.zeros_like(g), -g)


class Complex(Binary):
    """z = x + iy. ∂L/∂x = Re g, ∂L/∂y = −Im g."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("x+iy", "circle")
    notation = Notation("{x:1} + i {y:3}", 1)
    names = Names("", "aten.complex", "complex")
    kinds = "f"

    def forward(self, x: Rule, y: Rule) -> Rule:
        z = np.empty(np.shape(x), np.result_type(x.dtype, np.complex64))
        z.real, z.imag = x, y
        return z[()]

    def backward(self, g: Rule) -> Rule:
        return Real()(g), -Imag()(g)

    def dtype(self, *dtypes: DType) -> DType:
        return np.result_type(super().dtype(*dtypes), np.complex64)


class Conj(Op):
    """y = x − iy for z = x + iy. ∂L/∂z = ḡ."""

    signature = "z[...] -> y[...]"
    glyph = Glyph("conj", "circle")
    notation = Notation("conj({z})")
    names = Names("", "aten.conj", "conj")
    kinds = "c"

    def forward(self, z: Rule) -> Rule:
        return np.conj(z)

    def backward(self, g: Rule) -> Rule:
        return Conj()(g)


class Angle(Part):
    """φ = atan2(Im z, Re z), from −π to π. ∂L/∂z = −i g / z, and 0 at z = 0, as in PyTorch."""

    signature = "z[...] -> φ[...]"
    glyph = Glyph("arg", "circle")
    notation = Notation("arg({z})")
    names = Names("", "aten.angle", "")

    def forward(self, z: Rule) -> Rule:
        return np.arctan2(z.imag, z.real)

    def backward(self, g: Rule, z: Rule) -> Rule:
        zero = z == 0
        return choose(zero, 0.0, Complex()(np.zeros_like(g), -g) / choose(zero, 1.0, z))
