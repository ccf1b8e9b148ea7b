"""Ops that move elements without changing them: reshape, transpose, new and vanished axes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import ShapeError
from ..ir import Glyph, Names, Notation, Op, Rule, Sample, Shape
from .structure import shifted

__all__ = ["ExpandDims", "Reshape", "Squeeze", "Transpose"]


@dataclass(frozen=True)
class Reshape(Op):
    """y = the elements of x, in C order, in another shape. The gradient is reshaped back."""

    to: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("reshape {to}")
    notation = Notation("reshape({x}, {to})")
    names = Names("Reshape", "aten.reshape", "reshape")

    def forward(self, x: Rule) -> Rule:
        return np.reshape(x, self.to)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return Reshape(tuple(x.shape))(g)

    def batched(self, n: int) -> Reshape:
        return Reshape((n, *self.to))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        if math.prod(self.to) != math.prod(shapes[0]):
            raise ShapeError(
                f"Reshape: {math.prod(shapes[0])} elements do not fill shape {self.to}",
                expected=f"a shape of {math.prod(shapes[0])} elements",
                got=f"x{shapes[0]} -> {self.to}",
                fix="give one axis as -1 to have it computed",
            )
        return (self.to,)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls((3, 2)), ((2, 3),)),
            Sample(cls((6,)), ((2, 3),)),
            Sample(cls((1, 1)), ((),)),
            Sample(cls((0, 5)), ((2, 0),)),
        )


@dataclass(frozen=True)
class Transpose(Op):
    """y = x with its axes in another order: axis *i* of y is axis ``axes[i]`` of x."""

    axes: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("T", "circle")
    notation = Notation("{x:5}ᵀ", 4)
    names = Names("Transpose", "aten.permute", "transpose")

    def forward(self, x: Rule) -> Rule:
        return np.transpose(x, self.axes)

    def backward(self, g: Rule) -> Rule:
        return Transpose(tuple(sorted(range(len(self.axes)), key=self.axes.__getitem__)))(g)

    def batched(self, n: int) -> Transpose:
        return Transpose((0, *shifted(self.axes)))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        if sorted(self.axes) != list(range(len(shapes[0]))):
            raise ShapeError(
                f"Transpose: {self.axes} is no order of the axes",
                expected=f"each of 0 to {len(shapes[0]) - 1} once",
                got=f"x{shapes[0]}, axes {self.axes}",
                fix="name every axis once",
            )
        return (tuple(shapes[0][axis] for axis in self.axes),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls((1, 0)), ((2, 3),)), Sample(cls((2, 0, 1)), ((2, 3, 4),)), Sample(cls(()), ((),))


@dataclass(frozen=True)
class ExpandDims(Op):
    """y = x with new axes of size 1 at ``axes`` of y."""

    axes: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("expand {axes}")
    notation = Notation("expand({x}, {axes})")
    names = Names("Unsqueeze", "aten.unsqueeze", "expand_dims")

    def forward(self, x: Rule) -> Rule:
        return np.expand_dims(x, self.axes)

    def backward(self, g: Rule) -> Rule:
        return Squeeze(self.axes)(g)

    def batched(self, n: int) -> ExpandDims:
        return ExpandDims(shifted(self.axes))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        ndim = len(shapes[0]) + len(self.axes)
        if len(set(self.axes)) < len(self.axes) or any(not 0 <= axis < ndim for axis in self.axes):
            raise ShapeError(
                f"ExpandDims: no such new axes {self.axes}",
                expected=f"different axes from 0 to {ndim - 1}",
                got=f"x{shapes[0]}",
                fix="count axes in the result, from 0",
            )
        rest = iter(shapes[0])
        return (tuple(1 if axis in self.axes else next(rest) for axis in range(ndim)),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls((0,)), ((3,),)), Sample(cls((0, 2)), ((3,),)), Sample(cls((0,)), ((),))


@dataclass(frozen=True)
class Squeeze(Op):
    """y = x without its axes ``axes``, each of size 1."""

    axes: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("squeeze {axes}")
    notation = Notation("squeeze({x}, {axes})")
    names = Names("Squeeze", "aten.squeeze", "squeeze")

    def forward(self, x: Rule) -> Rule:
        return np.squeeze(x, self.axes)

    def backward(self, g: Rule) -> Rule:
        return ExpandDims(self.axes)(g)

    def batched(self, n: int) -> Squeeze:
        return Squeeze(shifted(self.axes))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        if any(not 0 <= axis < len(shapes[0]) or shapes[0][axis] != 1 for axis in self.axes):
            raise ShapeError(
                f"Squeeze: axes {self.axes} are not all of size 1",
                expected="axes of size 1",
                got=f"x{shapes[0]}",
                fix="sum or index an axis of another size away",
            )
        return (tuple(size for axis, size in enumerate(shapes[0]) if axis not in self.axes),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls((0,)), ((1, 3),)), Sample(cls((0, 2)), ((1, 3, 1),)), Sample(cls((0,)), ((1,),))
