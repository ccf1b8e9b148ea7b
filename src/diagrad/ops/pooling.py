"""Windows over the last axes, and what pooling takes from each: all cells or their sum.

They come in pairs, each the gradient of the other: Windows and Overlap, SumPool and SpreadPool.
All axes before the spatial ones are alike, so a batch is one more of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..errors import ShapeError
from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape
from .windows import Padding, Sizes, count_cells, count_windows, exact, offsets, opposite, padded, room, slide

__all__ = ["Overlap", "SpreadPool", "SumPool", "Windows"]


@dataclass(frozen=True)
class Pooling(Op):
    """What they share.

    Attributes:
        size: how many cells a window has along each of the last axes.
        strides: how far it moves along each.
        padding: how many cells come before and after each; negative numbers take cells away.
        dilation: how far apart a window's cells are.
    """

    size: Sizes
    strides: Sizes
    padding: Padding
    dilation: Sizes

    kinds = "iufc"

    @property
    def window(self) -> str:
        """The size as a picture writes it: ``2×2``."""
        return "×".join(map(str, self.size))

    def batched(self, n: int) -> Self:
        return self

    def exact(self, x: Rule) -> Self:
        """The same op with the cells of x at the end that are in no window taken away."""
        cells = tuple(x.shape[-len(self.size) :])
        return replace(self, padding=exact(cells, self.size, self.strides, self.padding, self.dilation))

    def to(self, kind: type[Pooling]) -> Any:
        """Another op with the same windows."""
        return kind(self.size, self.strides, self.padding, self.dilation)

    def pooled(self, shape: Shape) -> Shape:
        """The shape of one element for each window of x."""
        cut = self._cut(shape)
        args = (self.size, self.strides, self.padding, self.dilation)
        return shape[:cut] + count_windows(self, shape[cut:], *args)

    def covered(self, shape: Shape) -> Shape:
        """The shape of x that so many windows cover."""
        cut = self._cut(shape)
        args = (self.size, self.strides, self.padding, self.dilation)
        return shape[:cut] + count_cells(self, shape[cut:], *args)

    def places(self, count: Shape) -> Any:
        """For each cell of a window: its place there, and its index in padded x."""
        return offsets(self.size, count[len(count) - len(self.size) :], self.strides, self.dilation)

    def gathered(self, shape: Shape, dtype: DType) -> tuple[Rule, Any]:
        """Padded zeros to add to, and how to take the padding off."""
        cut = self._cut(shape)
        total = np.zeros(shape[:cut] + room(shape[cut:], self.padding), dtype)
        return total, opposite(self.padding)

    def _cut(self, shape: Shape) -> int:
        if len(shape) < len(self.size):
            raise ShapeError(
                f"{self.name}: {len(shape)} axes are too few",
                expected=f"at least {len(self.size)} axes, the last of them spatial",
                got=str(shape),
                fix="give a window with fewer axes",
            )
        return len(shape) - len(self.size)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(*op), (shape,)) for op, shape in _CASES)


class Windows(Pooling):
    """y[… t k] = x[… s·t + d·k − p]: every window of x, its cells on new last axes; 0 where there is padding.

    ∂L/∂x = Overlap(g).
    """

    signature = "x -> y"
    glyph = Glyph("windows {window}")
    notation = Notation("windows({x})")
    names = Names("", "aten.unfold", "conv_general_dilated_patches")

    def forward(self, x: Rule) -> Rule:
        rank = len(self.size)
        y = slide(padded(x, self.padding), self.size, self.strides, self.dilation)
        lead = tuple(range(y.ndim - 2 * rank))
        middle = range(len(lead), len(lead) + rank)
        return y.transpose(*lead, *(axis + rank for axis in middle), *middle)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return self.exact(x).to(Overlap)(g)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (self.pooled(shapes[0]) + self.size,)


class Overlap(Pooling):
    """x[… j] = Σ y[… t k] over all s·t + d·k − p = j: windows laid where they came from; overlaps add.

    ∂L/∂y = Windows(g).
    """

    signature = "y -> x"
    glyph = Glyph("overlap {window}")
    notation = Notation("overlap({y})")
    names = Names("Col2Im", "aten.col2im", "")

    def forward(self, y: Rule) -> Rule:
        count = y.shape[: y.ndim - len(self.size)]
        x, off = self.gathered(self.covered(count), y.dtype)
        for at, place in self.places(count):
            x[place] += y[(..., *at)]
        return padded(x, off)

    def backward(self, g: Rule) -> Rule:
        return self.to(Windows)(g)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        rank = len(self.size)
        if shapes[0][-rank:] != self.size:
            raise ShapeError(
                f"Overlap: the last axes are {shapes[0][-rank:]}, not one window",
                expected=f"y[... *T {' '.join(map(str, self.size))}]",
                got=f"y{shapes[0]}",
                fix="put each window's cells on the last axes",
            )
        return (self.covered(shapes[0][:-rank]),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(op.to(cls), (op.pooled(x) + op.size,)) for op, x in exact_cases())


class SumPool(Pooling):
    """y[… t] = Σ_k x[… s·t + d·k − p]: the sum of every window. ∂L/∂x = SpreadPool(g)."""

    signature = "x -> y"
    glyph = Glyph("sum pool {window}")
    notation = Notation("sumpool({x})")
    names = Names("", "", "reduce_window_sum")

    def forward(self, x: Rule) -> Rule:
        count = self.pooled(x.shape)
        x = padded(x, self.padding)
        y: Rule = np.zeros(count, x.dtype)
        for _, place in self.places(count):
            y += x[place]
        return y

    def backward(self, g: Rule, x: Rule) -> Rule:
        return self.exact(x).to(SpreadPool)(g)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (self.pooled(shapes[0]),)


class SpreadPool(Pooling):
    """x[… j] = Σ y[… t] over all windows t that j is in. ∂L/∂y = SumPool(g)."""

    signature = "y -> x"
    glyph = Glyph("spread {window}")
    notation = Notation("spread({y})")
    names = Names()

    def forward(self, y: Rule) -> Rule:
        x, off = self.gathered(self.covered(y.shape), y.dtype)
        for _, place in self.places(y.shape):
            x[place] += y
        return padded(x, off)

    def backward(self, g: Rule) -> Rule:
        return self.to(SumPool)(g)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (self.covered(shapes[0]),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(op.to(cls), (op.pooled(x),)) for op, x in exact_cases())


_CASES: tuple[tuple[tuple[Sizes, Sizes, Padding, Sizes], Shape], ...] = (
    (((2,), (1,), ((0, 0),), (1,)), (2, 4)),
    (((2, 3), (2, 1), ((0, 1), (1, 0)), (1, 1)), (2, 4, 3)),
    (((2,), (2,), ((1, 1),), (2,)), (6,)),
)
"""Attributes and the shape of x: overlapping, padded with cells left over, dilated."""


def exact_cases() -> list[tuple[Any, Shape]]:
    """Sample attributes whose windows cover x exactly, and the shape of x."""
    ops = ((Windows(*op), x) for op, x in _CASES)
    return [(op.exact(np.empty(x)), x) for op, x in ops]
