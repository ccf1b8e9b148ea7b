"""Exclusive or of booleans, and the bits of integers. No derivatives."""

from __future__ import annotations

from ..ir import Glyph, Names, Notation, Op, Rule
from .choice import Comparison
from .elementwise import Binary

__all__ = ["BitAnd", "BitNot", "BitOr", "BitXor", "ShiftLeft", "ShiftRight", "Xor"]


class Xor(Comparison):
    """z = either x or y and not both, on booleans."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("⊻", "circle")
    notation = Notation("{x:2} ⊻ {y:2}", 1)
    names = Names("Xor", "aten.logical_xor", "xor")
    kinds = "b"

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x ^ y


class Bits(Binary):
    """Two integers of one dtype, one of it out; no derivative."""

    kinds = "iu"
    differentiable = False


class BitAnd(Bits):
    """z = the bits that x and y share."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("&", "circle")
    notation = Notation("{x:2} & {y:2}", 1)
    names = Names("BitwiseAnd", "aten.bitwise_and", "and")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x & y


class BitOr(Bits):
    """z = the bits of x and of y."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("|", "circle")
    notation = Notation("{x:2} | {y:2}", 1)
    names = Names("BitwiseOr", "aten.bitwise_or", "or")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x | y


class BitXor(Bits):
    """z = the bits in which x and y differ."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("⊕", "circle")
    notation = Notation("{x:2} ⊕ {y:2}", 1)
    names = Names("BitwiseXor", "aten.bitwise_xor", "xor")

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x ^ y


class BitNot(Op):
    """y = every bit of x the other way: −x − 1 of a signed integer."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("~", "circle")
    notation = Notation("~{x:5}", 4)
    names = Names("BitwiseNot", "aten.bitwise_not", "not")
    kinds = "iu"
    differentiable = False

    def forward(self, x: Rule) -> Rule:
        return ~x


class ShiftLeft(Bits):
    """z = the bits of x moved y places up: x · 2ʸ, as far as the dtype reaches."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("≪", "circle")
    notation = Notation("{x:2} ≪ {y:2}", 1)
    names = Names("BitShift", "aten.bitwise_left_shift", "shift_left")
    domain = (0.0, 4.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x << y


class ShiftRight(Bits):
    """z = the bits of x moved y places down: ⌊x / 2ʸ⌋."""

    signature = "x[...], y[...] -> z[...]"
    glyph = Glyph("≫", "circle")
    notation = Notation("{x:2} ≫ {y:2}", 1)
    names = Names("BitShift", "aten.bitwise_right_shift", "shift_right_arithmetic")
    domain = (0.0, 4.0)

    def forward(self, x: Rule, y: Rule) -> Rule:
        return x >> y
