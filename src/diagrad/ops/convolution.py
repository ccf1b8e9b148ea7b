"""Convolution and its two gradients, which are each other's gradients too.

All three say one thing: y, x and w are tied by  y[n,f,t] = Σ_{c,k} x[n, c, s·t + d·k − p] · w[f,c,k].  Each is
linear in the other two, so the gradient of any is one of the others, and derivatives of every order stay
within the three. Leading axes that all inputs share stand for separate convolutions, as in MatMul.

Method: the windows of x as columns of a matrix, and one matrix product (Chellapilla, Puri & Simard 2006),
in blocks that stay in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..errors import ShapeError
from ..ir import Glyph, Names, Notation, Op, Rule, Sample, Shape
from .windows import Padding, Sizes, count_cells, count_windows, exact, offsets, opposite, padded, room, slide

__all__ = ["Convolve", "ConvolveKernel", "ConvolveTransposed"]

_BLOCK = 1 << 20
"""Bytes of columns that are made at a time: about half of a core's second cache."""


@dataclass(frozen=True)
class Convolution(Op):
    """What the three share.

    Attributes:
        strides: how far the kernel moves, for each spatial axis.
        padding: how many zeros come before and after each spatial axis; negative numbers take cells away.
        dilation: how far apart the kernel's cells are.
        groups: channels fall into as many groups; each is convolved by its own kernels.
    """

    strides: Sizes
    padding: Padding
    dilation: Sizes
    groups: int = 1

    kinds = "iufc"
    deferred = True

    def batched(self, n: int) -> Self:
        return self

    def exact(self, cells: Shape, size: Shape) -> Self:
        """The same op with the cells at the end that no window reaches taken away, so that T fixes n."""
        return replace(self, padding=exact(cells, size, self.strides, self.padding, self.dilation))

    def split(self, name: str, shape: Shape, want: str) -> tuple[Shape, int, int, Shape]:
        """A shape's leading axes, its two axes that are not spatial, its spatial axes."""
        rank = len(self.strides)
        if len(shape) < rank + 2:
            raise self.mismatch(
                f"{name} has {len(shape)} axes, not at least {rank + 2}", f"{name}{shape}", want
            )
        cut = len(shape) - rank
        return shape[: cut - 2], shape[cut - 2], shape[cut - 1], shape[cut:]

    def check(self, pairs: tuple[tuple[str, Any, str, Any], ...], got: str, want: str) -> None:
        """Raise where two things that must be equal are not.

        Raises:
            ShapeError: the text names both.
        """
        for a, x, b, y in pairs:
            if x != y:
                raise self.mismatch(f"{a} {x} but {b} {y}", got, want)

    def mismatch(self, what: str, got: str, want: str) -> ShapeError:
        """The error of shapes that do not fit."""
        return ShapeError(
            f"{self.name}: {what}",
            expected=want,
            got=f"{got}, groups={self.groups}",
            fix="channels stand on axis 1 of x; w has the axes (F, C / groups, *kernel)",
        )

    def check_groups(self, channels: int, filters: int, got: str, want: str) -> None:
        """Raise unless both numbers of channels fall into the groups.

        Raises:
            ShapeError: they do not.
        """
        for name, n in (("channels of x", channels), ("filters of w", filters)):
            if self.groups < 1 or n % self.groups:
                raise self.mismatch(f"{n} {name} do not fall into {self.groups} groups", got, want)

    def grouped(self, x: Rule) -> Rule:
        """x[... N C *S] as [B G N C/G *S]."""
        lead, n, c, cells = self.split("x", x.shape, "")
        x = x.reshape(math.prod(lead), n, self.groups, c // self.groups, *cells)
        return np.moveaxis(x, 2, 1)

    def ungrouped(self, x: Rule, lead: Shape) -> Rule:
        """x[B G C/G N *S] as [... N C *S]."""
        b, g, c, n, *cells = x.shape
        return np.moveaxis(x.reshape(b, g * c, n, *cells), 2, 1).reshape(*lead, n, g * c, *cells)

    def kernels(self, w: Rule) -> Rule:
        """w[... F C/G *K] as matrices [B G F/G (C/G·K)]."""
        lead, f, c, size = self.split("w", w.shape, "")
        return w.reshape(math.prod(lead), self.groups, f // self.groups, c * math.prod(size))

    def columns(self, x: Rule, size: Shape) -> Iterator[tuple[slice, Rule]]:
        """The windows of x[... N C *S] as columns [B G (C/G·K) (n·T)], for a few of N at a time."""
        windows = slide(padded(self.grouped(x), self.padding), size, self.strides, self.dilation)
        windows = np.moveaxis(windows, 2, 3 + len(size))  # [B G C/G *K N *T]
        b, g, c, *_ = windows.shape
        axis = 3 + len(size)
        rows = c * math.prod(size)
        each = math.prod(windows.shape[axis + 1 :])
        for part in blocks(windows.shape[axis], b * g * rows * each * x.itemsize):
            some = windows[(..., part, *(slice(None),) * len(size))]
            yield part, some.reshape(b, g, rows, (part.stop - part.start) * each)


def blocks(n: int, each: int) -> Iterator[slice]:
    """n things of ``each`` bytes in blocks of at most ``_BLOCK`` bytes, or one by one."""
    step = max(1, _BLOCK // max(each, 1))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


class Convolve(Convolution):
    """y[n,f,t] = Σ_{c,k} x[n, c, s·t + d·k − p] · w[f,c,k]: every window of x against every kernel.

    ∂L/∂x = ConvolveTransposed(g, w), ∂L/∂w = ConvolveKernel(x, g). As everywhere in machine learning the
    kernel is not reversed.
    """

    signature = "x, w -> y"
    glyph = Glyph("Conv")
    notation = Notation("{x:3} ∗ {w:3}", 2)
    names = Names("Conv", "aten.convolution", "conv_general_dilated")

    def forward(self, x: Rule, w: Rule) -> Rule:
        shape = self.shape(x.shape, w.shape)[0]
        lead, n, f, count = self.split("y", shape, "")
        matrices, t = self.kernels(w), math.prod(count)
        y: Rule = np.empty((*matrices.shape[:3], n * t), x.dtype)
        for part, columns in self.columns(x, w.shape[-len(count) :]):
            np.matmul(matrices, columns, out=y[..., part.start * t : part.stop * t])
        return self.ungrouped(y.reshape(*matrices.shape[:2], f // self.groups, n, *count), lead)

    def backward(self, g: Rule, x: Rule, w: Rule) -> Rule:
        rank = len(self.strides)
        op = self.exact(tuple(x.shape[-rank:]), tuple(w.shape[-rank:]))
        return lambda: as_transposed(op)(g, w), lambda: as_kernel(op)(x, g)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        want = "x[... N C *S], w[... F C/groups *K]"
        got = f"x{shapes[0]}, w{shapes[1]}"
        lead, n, c, cells = self.split("x", shapes[0], want)
        other, f, d, size = self.split("w", shapes[1], want)
        pairs = (
            ("x has leading axes", lead, "w", other),
            ("x has channels C =", c, "w wants C / groups · groups =", d * self.groups),
        )
        self.check(pairs, got, want)
        self.check_groups(c, f, got, want)
        count = count_windows(self, cells, size, self.strides, self.padding, self.dilation)
        return ((*lead, n, f, *count),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(*op), (x, w)) for op, x, w, _ in _CASES)


class ConvolveTransposed(Convolution):
    """x[n,c,j] = Σ_{f,t,k: s·t + d·k − p = j} y[n,f,t] · w[f,c,k]: every y lays its kernel down, scaled.

    It is the gradient of a convolution with respect to x, and the layer called transposed convolution.
    ∂L/∂y = Convolve(g, w), ∂L/∂w = ConvolveKernel(g, y).
    """

    signature = "y, w -> x"
    glyph = Glyph("Convᵀ")
    notation = Notation("{y:3} ∗ᵀ {w:3}", 2)
    names = Names("ConvTranspose", "aten.convolution", "conv_general_dilated")

    def forward(self, y: Rule, w: Rule) -> Rule:
        rank = len(self.strides)
        lead, n, c, cells = self.split("x", self.shape(y.shape, w.shape)[0], "")
        size, count = w.shape[-rank:], y.shape[-rank:]
        matrices, y = self.kernels(w).mT, np.moveaxis(self.grouped(y), 2, 3)  # y[B G F/G N *T]
        b, g, f = y.shape[:3]
        x: Rule = np.zeros((b, g, c // g, n, *room(cells, self.padding)), y.dtype)
        t = math.prod(count)
        for part in blocks(n, b * c * math.prod(size) * t * y.itemsize):
            few = part.stop - part.start
            rows = y[:, :, :, part].reshape(b, g, f, few * t)
            columns = matrices * rows if f == 1 else matrices @ rows  # depthwise: no product is quicker
            columns = columns.reshape(b, g, c // g, *size, few, *count)
            some = x[:, :, :, part]
            for at, place in offsets(size, count, self.strides, self.dilation):
                some[place] += columns[(slice(None),) * 3 + at]
        return self.ungrouped(padded(x, opposite(self.padding)), lead)

    def backward(self, g: Rule, y: Rule, w: Rule) -> Rule:
        return lambda: as_convolve(self)(g, w), lambda: as_kernel(self)(g, y)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        want = "y[... N F *T], w[... F C/groups *K]"
        got = f"y{shapes[0]}, w{shapes[1]}"
        lead, n, f, count = self.split("y", shapes[0], want)
        other, filters, d, size = self.split("w", shapes[1], want)
        pairs = (("y has leading axes", lead, "w", other), ("y has channels F =", f, "w has F =", filters))
        self.check(pairs, got, want)
        self.check_groups(d * self.groups, f, got, want)
        cells = count_cells(self, count, size, self.strides, self.padding, self.dilation)
        return ((*lead, n, d * self.groups, *cells),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        cases = ((Convolve(*op).exact(x[2:], w[2:]), y, w) for op, x, w, y in _CASES)
        return tuple(Sample(as_transposed(op), (y, w)) for op, y, w in cases)


class ConvolveKernel(Convolution):
    """w[f,c,k] = Σ_{n,t} x[n, c, s·t + d·k − p] · y[n,f,t]: the gradient of a convolution's kernels.

    ∂L/∂x = ConvolveTransposed(y, g), ∂L/∂y = Convolve(x, g).
    """

    signature = "x, y -> w"
    glyph = Glyph("Conv′")
    notation = Notation("{x:3} ⋆ {y:3}", 2)
    names = Names("", "aten.convolution_backward", "conv_general_dilated")

    def forward(self, x: Rule, y: Rule) -> Rule:
        shape = self.shape(x.shape, y.shape)[0]
        rank = len(self.strides)
        y = np.moveaxis(self.grouped(y), 2, 3)  # [B G F/G N *T]
        b, g, f = y.shape[:3]
        w: Rule = np.zeros((b, g, f, math.prod(shape[-rank - 1 :])), x.dtype)
        for part, columns in self.columns(x, shape[-rank:]):
            w += y[:, :, :, part].reshape(b, g, f, columns.shape[-1]) @ columns.mT
        return w.reshape(shape)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        return lambda: as_transposed(self)(y, g), lambda: as_convolve(self)(x, g)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        want = "x[... N C *S], y[... N F *T]"
        got = f"x{shapes[0]}, y{shapes[1]}"
        lead, n, c, cells = self.split("x", shapes[0], want)
        other, m, f, count = self.split("y", shapes[1], want)
        pairs = (("x has leading axes", lead, "y", other), ("x has N =", n, "y has N =", m))
        self.check(pairs, got, want)
        self.check_groups(c, f, got, want)
        spans = tuple(
            space - (t - 1) * s - 1
            for space, t, s in zip(room(cells, self.padding), count, self.strides, strict=True)
        )
        if any(span < 0 or span % d for span, d in zip(spans, self.dilation, strict=True)):
            raise self.mismatch("no size of kernel ties these shapes", got, want)
        size = tuple(span // d + 1 for span, d in zip(spans, self.dilation, strict=True))
        return ((*lead, f, c // self.groups, *size),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        cases = ((Convolve(*op).exact(x[2:], w[2:]), x, y) for op, x, w, y in _CASES)
        return tuple(Sample(as_kernel(op), (x, y)) for op, x, y in cases)


def as_convolve(op: Convolution) -> Convolve:
    """y from x and w, with the geometry of ``op``."""
    return Convolve(op.strides, op.padding, op.dilation, op.groups)


def as_transposed(op: Convolution) -> ConvolveTransposed:
    """x from y and w, with the geometry of ``op``."""
    return ConvolveTransposed(op.strides, op.padding, op.dilation, op.groups)


def as_kernel(op: Convolution) -> ConvolveKernel:
    """w from x and y, with the geometry of ``op``."""
    return ConvolveKernel(op.strides, op.padding, op.dilation, op.groups)


_CASES: tuple[tuple[tuple[Sizes, Padding, Sizes, int], Shape, Shape, Shape], ...] = (
    (((1,), ((0, 0),), (1,), 1), (2, 1, 4), (2, 1, 3), (2, 2, 2)),
    (((2, 1), ((1, 0), (1, 1)), (1, 2), 1), (1, 2, 4, 4), (1, 2, 2, 2), (1, 1, 2, 4)),
    (((2,), ((1, 1),), (1,), 2), (1, 2, 5), (4, 1, 2), (1, 4, 3)),
)
"""Attributes, then the shapes of x, w and y. In the second the last row of x is in no window."""
