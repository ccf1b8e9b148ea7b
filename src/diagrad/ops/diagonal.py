"""The diagonal of two axes, and its transpose, which puts a vector on one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ShapeError
from ..ir import Glyph, Names, Notation, Op, Rule, Sample, Shape
from .structure import check_axes

__all__ = ["Diagonal", "PlaceDiagonal"]


@dataclass(frozen=True)
class Diagonal(Op):
    """y[… i] = x[… i … i + offset …]: a diagonal of two axes, as the last axis. Gradients go back on it."""

    offset: int
    axis1: int
    axis2: int

    signature = "x -> y"
    glyph = Glyph("diagonal")
    notation = Notation("diagonal({x})")
    names = Names("", "aten.diagonal", "")

    def forward(self, x: Rule) -> Rule:
        return np.diagonal(x, self.offset, self.axis1, self.axis2)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return PlaceDiagonal(self.offset, self.axis1, self.axis2, tuple(x.shape))(g)

    def batched(self, n: int) -> Diagonal:
        return Diagonal(self.offset, self.axis1 + 1, self.axis2 + 1)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        (x,) = shapes
        check_axes(self, (self.axis1, self.axis2), x)
        rows, columns = x[self.axis1], x[self.axis2]
        length = max(0, min(rows + min(self.offset, 0), columns - max(self.offset, 0)))
        kept = tuple(size for axis, size in enumerate(x) if axis not in (self.axis1, self.axis2))
        return ((*kept, length),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(*where), (shape,)) for where, shape in _CASES)


@dataclass(frozen=True)
class PlaceDiagonal(Op):
    """y = zeros of shape ``to`` with x on the diagonal: the transpose of :class:`Diagonal`."""

    offset: int
    axis1: int
    axis2: int
    to: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("diag")
    notation = Notation("diag({x})")
    names = Names("", "aten.diag_embed", "")

    def forward(self, x: Rule) -> Rule:
        y: Rule = np.zeros(self.to, x.dtype)
        diagonal = np.diagonal(y, self.offset, self.axis1, self.axis2)
        diagonal.flags.writeable = True
        diagonal[...] = x
        return y

    def backward(self, g: Rule) -> Rule:
        return Diagonal(self.offset, self.axis1, self.axis2)(g)

    def batched(self, n: int) -> PlaceDiagonal:
        return PlaceDiagonal(self.offset, self.axis1 + 1, self.axis2 + 1, (n, *self.to))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        (want,) = Diagonal(self.offset, self.axis1, self.axis2).shape(self.to)
        if shapes[0] != want:
            raise ShapeError(
                f"PlaceDiagonal: diagonal {self.offset} of {self.to} has shape {want}",
                expected=f"x{want}",
                got=f"x{shapes[0]}",
            )
        return (self.to,)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(*where, shape), Diagonal(*where).shape(shape)) for where, shape in _CASES)


_CASES: tuple[tuple[tuple[int, int, int], Shape], ...] = (
    ((0, 0, 1), (3, 3)),
    ((1, 2, 0), (3, 2, 4)),
    ((-1, 0, 1), (3, 2)),
    ((4, 0, 1), (2, 3)),
)
"""Offset and the two axes, and the shape that has the diagonal."""
