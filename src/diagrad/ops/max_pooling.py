"""The largest cell of every window: max pooling, where the largest is, and the two ops of its gradients.

Pick takes one cell out of every window and Drop puts it back: each is the gradient of the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape
from .pooling import Pooling, exact_cases
from .windows import padded

__all__ = ["ArgMaxPool", "Drop", "MaxPool", "Pick"]


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
    """i[… t] = the number, in C order, of the largest cell of every window; the first of equals or NaNs."""

    signature = "x -> i"
    glyph = Glyph("argmax pool {window}")
    notation = Notation("argmaxpool({x})")
    names = Names()
    kinds = "iuf"
    differentiable = False

    def forward(self, x: Rule) -> Rule:
        count = self.pooled(x.shape)
        best = np.full(count, lowest(x.dtype), x.dtype)
        i = np.broadcast_to(self.first(x.shape[-len(self.size) :], count), count).copy()
        x = padded(x, self.padding, lowest(x.dtype))
        for number, (_, place) in enumerate(self.places(count)):
            cell = x[place]
            better = cell > best
            if x.dtype.kind == "f":
                better |= np.isnan(cell) & ~np.isnan(best)
            np.copyto(best, cell, where=better)
            np.copyto(i, number, where=better)
        return i

    def first(self, cells: Shape, count: Shape) -> Rule:
        """The first cell of each window that is not padding: where all are the least number, it is taken."""
        i: Rule = np.zeros((), np.intp)
        windows = zip(count[-len(cells) :], self.strides, self.padding, self.dilation, self.size, strict=True)
        for t, s, (before, _), d, k in windows:
            starts = s * np.arange(t) - before
            i = i[..., None] * k + np.clip(-(starts // d), 0, k - 1)
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
        cases = ((op, x, op.pooled(x)) for op, x in exact_cases())
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
            x[place] += np.where(i == number, y, y.dtype.type(0))  # quicker than where= of np.add
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
        cases = ((op, op.pooled(x)) for op, x in exact_cases())
        return tuple(Sample(op.to(cls), (y, y), given={1: _numbers(op, y)}) for op, y in cases)


def lowest(dtype: DType) -> Any:
    """The number that is larger than no other."""
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _numbered(op: Op, dtypes: tuple[DType, ...]) -> DType:
    if dtypes[1].kind not in "iu":
        raise op._dtype_error(f"an index has dtype {dtypes[1]}", dtypes)  # pyright: ignore[reportPrivateUsage]
    return dtypes[0]


def _numbers(op: Pooling, shape: Shape) -> Any:
    """An index into each window: 0, 1, … over and over."""
    return np.resize(np.arange(np.prod(op.size)), shape)
