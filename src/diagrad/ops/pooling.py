"""Windows over the last axes, and what pooling takes from each: all cells, their sum, the largest.

They come in pairs, each the gradient of the other: Windows and Overlap, SumPool and SpreadPool, Pick and Drop.
All axes before the spatial ones are alike, so a batch is one more of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..errors import ShapeError
from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape
from .windows import Padding, Sizes, count_cells, count_windows, exact, offsets, opposite, padded, room, slide

__all__ = ["ArgMaxPool", "Drop", "MaxPool", "Overlap", "Pick", "SpreadPool", "SumPool", "Windows"]


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
        return tuple(Sample(op.to(cls), (op.pooled(x) + op.size,)) for op, x in _exact_cases())


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
        return tuple(Sample(op.to(cls), (op.pooled(x),)) for op, x in _exact_cases())


class MaxPool(Pooling):
    """y[… t] = max_k x[… s·t + d·k − p]; NaN if any cell is. Padding never wins.

    The gradient goes to the largest cell of each window, to the first of equals, as in PyTorch and JAX; not
    to all, as with Max: after ReLU a window full of zeros is the rule, and one cell is to answer for it.
    """

    signature = "x -> y"
    glyph = Glyph("max pool {window}")
    notation = Notation("maxpool({x})")
    names = Names("MaxPool", "aten.max_pool2d", "reduce_window_max")
    kinds = "iuf"

    def forward(self, x: Rule) -> Rule:
        count = self.pooled(x.shape)
        x = padded(x, self.padding, lowest(x.dtype))
        y: Rule = None
        for _, place in self.places(count):
            y = x[place].copy() if y is None else np.maximum(y, x[place], out=y)
        return y

    def backward(self, g: Rule, x: Rule) -> Rule:
        return self.exact(x).to(Drop)(g, self.to(ArgMaxPool)(x))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (self.pooled(shapes[0]),)


class ArgMaxPool(Pooling):
    """i[… t] = the number, in C order, of the largest cell of every window; of the first of equals or NaNs."""

    signature = "x -> i"
    glyph = Glyph("argmax pool {window}")
    notation = Notation("argmaxpool({x})")
    names = Names()
    kinds = "iuf"
    differentiable = False

    def forward(self, x: Rule) -> Rule:
        count = self.pooled(x.shape)
        best = np.full(count, lowest(x.dtype), x.dtype)
        i = np.broadcast_to(self._first(x.shape[-len(self.size) :], count), count).copy()
        x = padded(x, self.padding, lowest(x.dtype))
        for number, (_, place) in enumerate(self.places(count)):
            cell = x[place]
            better = cell > best
            if x.dtype.kind == "f":
                better |= np.isnan(cell) & ~np.isnan(best)
            np.copyto(best, cell, where=better)
            i[better] = number
        return i

    def _first(self, cells: Shape, count: Shape) -> Rule:
        """The first cell of each window that is not padding: where all are the least number, it is taken."""
        i: Rule = np.zeros((), np.intp)
        windows = zip(
            cells, count[-len(cells) :], self.strides, self.padding, self.dilation, self.size, strict=True
        )
        for _, t, s, (before, _), d, k in windows:
            missing = np.clip(-(-(before - s * np.arange(t)) // d), 0, k - 1)
            i = i[..., None] * k + missing
        return i

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return np.dtype(np.intp)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (self.pooled(shapes[0]),)


class Pick(Pooling):
    """y[… t] = x at the cell i[… t] of window t. ∂L/∂x = Drop(g, i)."""

    signature = "x, i -> y"
    glyph = Glyph("pick {window}")
    notation = Notation("pick({x}, {i})")
    names = Names()

    def forward(self, x: Rule, i: Rule) -> Rule:
        x = padded(x, self.padding)
        y: Rule = np.zeros(i.shape, x.dtype)
        for number, (_, place) in enumerate(self.places(i.shape)):
            np.copyto(y, x[place], where=i == number)
        return y

    def backward(self, g: Rule, x: Rule, i: Rule) -> Rule:
        return self.exact(x).to(Drop)(g, i), None

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (self._same(self.pooled(shapes[0]), shapes[1]),)

    def dtype(self, *dtypes: DType) -> DType:
        return _numbered(self, dtypes)

    def _same(self, y: Shape, i: Shape) -> Shape:
        if y != i:
            raise ShapeError(f"{self.name}: one index for each window", expected=f"i{y}", got=f"i{i}")
        return y

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        cases = ((op, x, op.pooled(x)) for op, x in _exact_cases())
        return tuple(Sample(op.to(cls), (x, y), given={1: _numbers(op, y)}) for op, x, y in cases)


class Drop(Pooling):
    """x[… j] = Σ y[… t] over the windows t whose cell i[… t] is j. ∂L/∂y = Pick(g, i)."""

    signature = "y, i -> x"
    glyph = Glyph("drop {window}")
    notation = Notation("drop({y}, {i})")
    names = Names("MaxUnpool", "aten.max_pool2d_with_indices_backward", "select_and_scatter_add")

    def forward(self, y: Rule, i: Rule) -> Rule:
        x, off = self.gathered(self.covered(y.shape), y.dtype)
        for number, (_, place) in enumerate(self.places(y.shape)):
            x[place] += np.where(i == number, y, y.dtype.type(0))
        return padded(x, off)

    def backward(self, g: Rule, i: Rule) -> Rule:
        return self.to(Pick)(g, i), None

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        if shapes[0] != shapes[1]:
            raise ShapeError("Drop: one index for each window", expected=f"i{shapes[0]}", got=f"i{shapes[1]}")
        return (self.covered(shapes[0]),)

    def dtype(self, *dtypes: DType) -> DType:
        return _numbered(self, dtypes)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        cases = ((op, op.pooled(x)) for op, x in _exact_cases())
        return tuple(Sample(op.to(cls), (y, y), given={1: _numbers(op, y)}) for op, y in cases)


def lowest(dtype: DType) -> Any:
    """The number that is larger than no other."""
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _numbered(op: Op, dtypes: tuple[DType, ...]) -> DType:
    if dtypes[1].kind not in "iu":
        raise op._dtype_error(f"an index has dtype {dtypes[1]}", dtypes)  # pyright: ignore[reportPrivateUsage]
    return dtypes[0]


_CASES: tuple[tuple[tuple[Sizes, Sizes, Padding, Sizes], Shape], ...] = (
    (((2,), (1,), ((0, 0),), (1,)), (2, 4)),
    (((2, 3), (2, 1), ((0, 1), (1, 0)), (1, 1)), (2, 4, 3)),
    (((2,), (2,), ((1, 1),), (2,)), (6,)),
)
"""Attributes and the shape of x: overlapping, padded with cells left over, dilated."""


def _exact_cases() -> list[tuple[Any, Shape]]:
    ops = ((Windows(*op), x) for op, x in _CASES)
    return [(op.exact(np.empty(x)), x) for op, x in ops]


def _numbers(op: Pooling, shape: Shape) -> Any:
    """An index into each window: 0, 1, … over and over."""
    return np.resize(np.arange(np.prod(op.size)), shape)
