"""Reductions to a product and to a truth value."""

from __future__ import annotations

import math

import numpy as np

from ..ir import Folding, Glyph, Names, Notation, Rule
from .cumulative import CumProd, previous
from .reduce import Reduction
from .shape import Reshape, Transpose
from .structure import spread

__all__ = ["AllTrue", "AnyTrue", "Prod"]


class Prod(Reduction):
    """y = Π x over ``axes``. ∂L/∂x = g · the product of the *other* elements.

    That is the running product from the left times the one from the right. Nothing is divided by x, so
    zeros, one or several, are exact in every order of derivative.
    """

    signature = "x -> y"
    glyph = Glyph("Π", "circle")
    notation = Notation("Π {x:2}", 2)
    names = Names("ReduceProd", "aten.prod", "reduce_prod")
    kinds = "iufc"
    folding = Folding(np.multiply, 1)

    def forward(self, x: Rule) -> Rule:
        return np.multiply.reduce(x, axis=self.axes, dtype=x.dtype)

    def backward(self, g: Rule, x: Rule) -> Rule:
        if not self.axes:
            return g
        return spread(g, self.axes, x.shape) * self.others(x)

    def others(self, x: Rule) -> Rule:
        """For each element the product of the others."""
        if len(self.axes) == 1:
            return _others(x, self.axes[0])
        kept = tuple(axis for axis in range(len(x.shape)) if axis not in self.axes)
        order = kept + self.axes
        moved = Transpose(order)(x)
        count = math.prod(x.shape[axis] for axis in self.axes)
        flat = Reshape((*(x.shape[axis] for axis in kept), count))(moved)
        there = Reshape(tuple(moved.shape))(_others(flat, len(kept)))
        return Transpose(tuple(np.argsort(order).tolist()))(there)


def _others(x: Rule, axis: int) -> Rule:
    left = previous(CumProd(axis)(x), axis, False, 1)
    return left * previous(CumProd(axis, True)(x), axis, True, 1)


class Truth(Reduction):
    """A truth value over ``axes``; no derivative."""

    kinds = "b"
    differentiable = False


class AllTrue(Truth):
    """y = whether every x over ``axes`` is true; true of none."""

    signature = "x -> y"
    glyph = Glyph("all")
    notation = Notation("all({x})")
    names = Names("", "aten.all", "reduce_and")
    folding = Folding(np.logical_and, True)

    def forward(self, x: Rule) -> Rule:
        return np.all(x, axis=self.axes)


class AnyTrue(Truth):
    """y = whether some x over ``axes`` is true; false of none."""

    signature = "x -> y"
    glyph = Glyph("any")
    notation = Notation("any({x})")
    names = Names("", "aten.any", "reduce_or")
    folding = Folding(np.logical_or, False)

    def forward(self, x: Rule) -> Rule:
        return np.any(x, axis=self.axes)
