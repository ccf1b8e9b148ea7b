"""Reductions besides Sum: mean, max, min and the places of the extremes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ..ir import DType, Folding, Glyph, Names, Notation, Op, Rule, Sample, Shape
from .structure import Sum, check_axes, reduction_samples, shifted, spread

__all__ = ["ArgMax", "ArgMin", "Max", "Mean", "Min"]


@dataclass(frozen=True)
class Reduction(Op):
    """An op that removes ``axes``."""

    axes: tuple[int, ...]

    def batched(self, n: int) -> Self:
        return replace(self, axes=shifted(self.axes))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, self.axes, shapes[0])
        return (tuple(size for axis, size in enumerate(shapes[0]) if axis not in self.axes),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return reduction_samples(cls)


class Mean(Reduction):
    """y = Σ x / n over ``axes``. ∂L/∂x = g / n, repeated."""

    signature = "x -> y"
    glyph = Glyph("mean")
    notation = Notation("mean({x})")
    names = Names("ReduceMean", "aten.mean", "")
    kinds = "fc"
    folding = Folding(np.add, 0, np.divide)

    def forward(self, x: Rule) -> Rule:
        return np.mean(x, axis=self.axes)

    def backward(self, g: Rule, x: Rule) -> Rule:
        n = math.prod(x.shape[axis] for axis in self.axes)
        return spread(g / n, self.axes, x.shape) if n else spread(g, self.axes, x.shape)

    def tangent(self, v: Rule) -> Rule:
        return self(v)


class ReduceExtremum(Reduction):
    """The largest or smallest element: it takes the upstream gradient, ties share it equally."""

    kinds = "biuf"

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        def wide(v: Rule) -> Rule:
            return spread(v, self.axes, x.shape)

        winner = (x == wide(y)).astype(x.dtype)
        return wide(g / Sum(self.axes)(winner)) * winner


class Max(ReduceExtremum):
    """y = max x over ``axes``; NaN if any element is. Ties share the gradient equally."""

    signature = "x -> y"
    glyph = Glyph("max", "circle")
    notation = Notation("max({x})")
    names = Names("ReduceMax", "aten.amax", "reduce_max")
    folding = Folding(np.maximum, -np.inf)

    def forward(self, x: Rule) -> Rule:
        return np.max(x, axis=self.axes)


class Min(ReduceExtremum):
    """y = min x over ``axes``; NaN if any element is. Ties share the gradient equally."""

    signature = "x -> y"
    glyph = Glyph("min", "circle")
    notation = Notation("min({x})")
    names = Names("ReduceMin", "aten.amin", "reduce_min")
    folding = Folding(np.minimum, np.inf)

    def forward(self, x: Rule) -> Rule:
        return np.min(x, axis=self.axes)


@dataclass(frozen=True)
class ArgExtremum(Op):
    """The place of an extreme element along one axis: an integer, so no derivative."""

    axis: int

    kinds = "biuf"
    differentiable = False

    def batched(self, n: int) -> Self:
        return replace(self, axis=self.axis + 1)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, (self.axis,), shapes[0])
        return (shapes[0][: self.axis] + shapes[0][self.axis + 1 :],)

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return np.dtype(np.intp)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(
            Sample(cls(axis), (shape,)) for axis, shape in ((0, (3, 2)), (1, (2, 3)), (0, (4,)), (1, (0, 3)))
        )


class ArgMax(ArgExtremum):
    """y = the first index of the largest element along ``axis``."""

    signature = "x -> y"
    glyph = Glyph("argmax")
    notation = Notation("argmax({x})")
    names = Names("ArgMax", "aten.argmax", "argmax")

    def forward(self, x: Rule) -> Rule:
        return np.argmax(x, axis=self.axis)


class ArgMin(ArgExtremum):
    """y = the first index of the smallest element along ``axis``."""

    signature = "x -> y"
    glyph = Glyph("argmin")
    notation = Notation("argmin({x})")
    names = Names("ArgMin", "aten.argmin", "argmin")

    def forward(self, x: Rule) -> Rule:
        return np.argmin(x, axis=self.axis)
