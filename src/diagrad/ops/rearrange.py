"""Ops that put elements elsewhere: padding, rolling, flipping, triangles.

They are linear, and come in pairs that close under differentiation: Pad and Slice, PadMirror and FoldBack;
Flip, LowerTriangle and UpperTriangle are their own transposes, Roll is undone by a roll back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..errors import ShapeError
from ..ir import Glyph, Names, Notation, Op, Rule, Sample, Shape
from .index import Slice
from .structure import check_axes, shifted

__all__ = ["Flip", "FoldBack", "LowerTriangle", "Pad", "PadMirror", "Roll", "UpperTriangle"]

Widths = tuple[tuple[int, int], ...]
"""How many elements come before and after, for each axis."""


@dataclass(frozen=True)
class Pad(Op):
    """y = x with ``value`` around it. The gradient is cut out again: it is a Slice."""

    widths: Widths
    value: complex = 0

    signature = "x -> y"
    glyph = Glyph("pad")
    notation = Notation("pad({x})")
    names = Names("Pad", "aten.constant_pad_nd", "pad")

    def forward(self, x: Rule) -> Rule:
        fill = np.asarray(self.value).astype(x.dtype)
        return np.pad(x, self.widths or 0, constant_values=fill) if x.ndim else x

    def backward(self, g: Rule, x: Rule) -> Rule:
        inside = zip(self.widths, x.shape, strict=True)
        return Slice(tuple(slice(before, before + size) for (before, _), size in inside))(g)

    def batched(self, n: int) -> Pad:
        return replace(self, widths=((0, 0), *self.widths))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (_padded(self, self.widths, shapes[0]),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(((1, 2),)), ((3,),)),
            Sample(cls(((0, 1), (2, 0)), 3), ((2, 2),)),
            Sample(cls(((1, 1), (0, 0))), ((0, 2),)),
        )


@dataclass(frozen=True)
class PadMirror(Op):
    """y = x with its own elements around it, by :func:`numpy.pad`'s mode: edge, reflect, symmetric or wrap.

    An element's gradient is the sum over its copies: a FoldBack.
    """

    widths: Widths
    mode: str

    signature = "x -> y"
    glyph = Glyph("pad {mode}")
    notation = Notation("pad({x}, {mode})")
    names = Names("Pad", "", "")

    def forward(self, x: Rule) -> Rule:
        for axis, index in sources(self, x.shape):
            x = np.take(x, index, axis)
        return x

    def backward(self, g: Rule, x: Rule) -> Rule:
        return FoldBack(self.widths, self.mode, tuple(x.shape))(g)

    def batched(self, n: int) -> PadMirror:
        return replace(self, widths=((0, 0), *self.widths))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        to = _padded(self, self.widths, shapes[0])
        if any(size == 0 and any(pair) for size, pair in zip(shapes[0], self.widths, strict=True)):
            raise ShapeError(
                f"PadMirror: an axis of size 0 has no element for mode {self.mode!r}",
                expected="at least one element along a padded axis",
                got=f"x{shapes[0]}, widths {self.widths}",
                fix="pad with a constant",
            )
        return (to,)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(widths, mode), (shape,)) for widths, mode, shape in _MIRRORED)


@dataclass(frozen=True)
class FoldBack(Op):
    """y of shape ``to`` = the sum, for each element, of x over its copies: the transpose of PadMirror."""

    widths: Widths
    mode: str
    to: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("fold {mode}")
    notation = Notation("fold({x}, {mode})")
    kinds = "iufc"

    def forward(self, x: Rule) -> Rule:
        for axis, index in sources(self, self.to):
            y: Rule = np.zeros((*x.shape[:axis], self.to[axis], *x.shape[axis + 1 :]), x.dtype)
            place: Any = (slice(None),) * axis + (index,)
            np.add.at(y, place, x)
            x = y
        return x

    def backward(self, g: Rule) -> Rule:
        return PadMirror(self.widths, self.mode)(g)

    def batched(self, n: int) -> FoldBack:
        return FoldBack(((0, 0), *self.widths), self.mode, (n, *self.to))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        (want,) = PadMirror(self.widths, self.mode).shape(self.to)
        if shapes[0] != want:
            raise ShapeError(
                f"FoldBack: {self.to} padded by {self.widths} has shape {want}",
                expected=f"x{want}",
                got=f"x{shapes[0]}",
            )
        return (self.to,)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(
            Sample(cls(widths, mode, shape), PadMirror(widths, mode).shape(shape))
            for widths, mode, shape in _MIRRORED
        )


_MIRRORED: tuple[tuple[Widths, str, Shape], ...] = (
    (((2, 1),), "edge", (3,)),
    (((1, 0), (2, 5)), "reflect", (2, 3)),
    (((4, 3),), "symmetric", (3,)),
    (((0, 0), (4, 1)), "wrap", (2, 3)),
)


def _padded(op: Op, widths: Widths, shape: Shape) -> Shape:
    if len(widths) != len(shape) or any(width < 0 for pair in widths for width in pair):
        raise ShapeError(
            f"{op.name}: the widths do not fit the axes",
            expected=f"a pair of widths, none negative, for each of {len(shape)} axes",
            got=f"x{shape}, widths {widths}",
            fix="cut with a slice, x[1:-1], where elements are to go",
        )
    return tuple(before + size + after for (before, after), size in zip(widths, shape, strict=True))


def sources(op: PadMirror | FoldBack, shape: Shape) -> list[tuple[int, Any]]:
    """For each padded axis, which element of it stands at each place of the result."""
    mode: Any = op.mode
    pairs = enumerate(zip(op.widths, shape, strict=True))
    return [(axis, np.pad(np.arange(size), pair, mode)) for axis, (pair, size) in pairs if any(pair)]


@dataclass(frozen=True)
class Roll(Op):
    """y = x with the elements of axis ``axes[i]`` moved on by ``shifts[i]``, the last ones to the front."""

    shifts: tuple[int, ...]
    axes: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("roll {shifts}")
    notation = Notation("roll({x}, {shifts})")
    names = Names("", "aten.roll", "")

    def forward(self, x: Rule) -> Rule:
        return np.roll(x, self.shifts, self.axes)

    def backward(self, g: Rule) -> Rule:
        return Roll(tuple(-shift for shift in self.shifts), self.axes)(g)

    def batched(self, n: int) -> Roll:
        return replace(self, axes=shifted(self.axes))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, self.axes, shapes[0])
        return shapes

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls((1,), (0,)), ((3,),)),
            Sample(cls((-1, 4), (0, 1)), ((2, 3),)),
            Sample(cls((2,), (1,)), ((2, 0),)),
        )


@dataclass(frozen=True)
class Flip(Op):
    """y = x with its elements in reverse order along ``axes``. The gradient is flipped back."""

    axes: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("flip {axes}")
    notation = Notation("flip({x}, {axes})")
    names = Names("", "aten.flip", "rev")

    def forward(self, x: Rule) -> Rule:
        return np.flip(x, self.axes)

    def backward(self, g: Rule) -> Rule:
        return self(g)

    def batched(self, n: int) -> Flip:
        return Flip(shifted(self.axes))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, self.axes, shapes[0])
        return shapes

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls((0,)), ((3,),)), Sample(cls((0, 2)), ((2, 2, 3),)), Sample(cls((1,)), ((2, 0),))


@dataclass(frozen=True)
class Triangle(Op):
    """Elements on one side of diagonal ``k`` stay, the others become 0. The gradient is cut the same way."""

    k: int = 0

    def backward(self, g: Rule) -> Rule:
        return self(g)

    def batched(self, n: int) -> Self:
        return self

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        cases: tuple[tuple[int, Shape], ...] = ((0, (3, 3)), (1, (2, 3)), (-1, (2, 3, 2)), (0, (0, 2)))
        return tuple(Sample(cls(k), (shape,)) for k, shape in cases)


class LowerTriangle(Triangle):
    """y[i,j] = x[i,j] where j − i ≤ k, otherwise 0."""

    signature = "x[... m n] -> y[... m n]"
    glyph = Glyph("tril {k}")
    notation = Notation("tril({x}, {k})")
    names = Names("Trilu", "aten.tril", "")

    def forward(self, x: Rule) -> Rule:
        return np.tril(x, self.k)


class UpperTriangle(Triangle):
    """y[i,j] = x[i,j] where j − i ≥ k, otherwise 0."""

    signature = "x[... m n] -> y[... m n]"
    glyph = Glyph("triu {k}")
    notation = Notation("triu({x}, {k})")
    names = Names("Trilu", "aten.triu", "")

    def forward(self, x: Rule) -> Rule:
        return np.triu(x, self.k)
