"""Ops that put arrays together, and those that cut them apart.

They come in pairs: the gradient of Concatenate is Split and the gradient of Split is Concatenate; Stack and
Unstack likewise. One node hands every part its own, so the work is linear in the number of parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..ir import Glyph, Names, Notation, Op, Rule, Sample, Shape
from .index import index_text

__all__ = ["Concatenate", "Split", "Stack", "Unstack"]


@dataclass(frozen=True)
class Concatenate(Op):
    """y = the inputs one after the other along ``axis``. Each takes its own part of the gradient."""

    axis: int

    signature = "*xs -> y"
    glyph = Glyph("concat")
    notation = Notation("concat({xs:0:, })")
    names = Names("Concat", "aten.cat", "concatenate")

    def forward(self, *xs: Rule) -> Rule:
        return np.concatenate(xs, self.axis)

    def backward(self, g: Rule, xs: Rule) -> Rule:
        return Split(self.axis, tuple(x.shape[self.axis] for x in xs))(g)

    def batched(self, n: int) -> Concatenate:
        return Concatenate(self.axis + 1)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        axis = self.axis
        rest = {shape[:axis] + shape[axis + 1 :] for shape in shapes}
        if not shapes or not all(0 <= axis < len(shape) for shape in shapes) or len(rest) > 1:
            names = self.ports.input_names(len(shapes))
            raise ShapeError(
                f"Concatenate: the inputs differ in more than axis {axis}, or have no axis {axis}",
                expected=f"shapes equal but for axis {axis}",
                got=", ".join(f"{name}{shape}" for name, shape in zip(names, shapes, strict=True)),
                fix="reshape them, or name the axis along which they differ",
            )
        return (shapes[0][:axis] + (sum(shape[axis] for shape in shapes),) + shapes[0][axis + 1 :],)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(0), ((2,), (3,))),
            Sample(cls(1), ((2, 1), (2, 3), (2, 2))),
            Sample(cls(0), ((0, 2), (1, 2))),
        )


@dataclass(frozen=True)
class Split(Op):
    """y₁, …, yₙ = x cut along ``axis`` into parts of ``sizes``. The gradients are put together again."""

    axis: int
    sizes: tuple[int, ...]

    signature = "x -> *ys"
    glyph = Glyph("split")
    notation = Notation("split({x}, {sizes_text})")
    names = Names("Split", "aten.split_with_sizes", "split")

    @property
    def outputs(self) -> int:
        return len(self.sizes)

    @property
    def sizes_text(self) -> str:
        """The sizes as a formula writes them."""
        return f"({', '.join(map(str, self.sizes))})"

    def forward(self, x: Rule) -> Rule:
        lead = (slice(None),) * self.axis
        return tuple([x[(*lead, part)] for part in self._parts()])

    def backward(self, g: Rule, ys: Rule) -> Rule:
        """An output that nothing uses has None in ``g``."""
        return Concatenate(self.axis)(*_whole(g, ys))

    def batched(self, n: int) -> Split:
        return Split(self.axis + 1, self.sizes)

    def written(self, output: int) -> Notation:
        return _part(self.axis, self._parts()[output])

    def _parts(self) -> list[slice]:
        return [slice(*ends) for ends in pairwise(accumulate(self.sizes, initial=0))]

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        (x,) = shapes
        if not 0 <= self.axis < len(x) or sum(self.sizes) != x[self.axis]:
            raise ShapeError(
                f"Split: parts of sizes {self.sizes} do not make axis {self.axis}",
                expected=f"an axis {self.axis} of size {sum(self.sizes)}",
                got=f"x{x}",
            )
        return tuple((*x[: self.axis], size, *x[self.axis + 1 :]) for size in self.sizes)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(0, (2, 3)), ((5,),)),
            Sample(cls(1, (1, 0, 2)), ((2, 3),)),
            Sample(cls(0, (1,)), ((1, 2),)),
        )


@dataclass(frozen=True)
class Stack(Op):
    """y = the inputs, of one shape, along a new axis ``axis``. Each takes its own part of the gradient."""

    axis: int

    signature = "*xs[...] -> y"
    glyph = Glyph("stack")
    notation = Notation("stack({xs:0:, })")
    names = Names("", "aten.stack", "")

    def forward(self, *xs: Rule) -> Rule:
        return np.stack(xs, self.axis)

    def backward(self, g: Rule, xs: Rule) -> Rule:
        return Unstack(self.axis, len(xs))(g)

    def batched(self, n: int) -> Stack:
        return Stack(self.axis + 1)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        self.ports.infer(self.name, shapes)
        if not shapes or not 0 <= self.axis <= len(shapes[0]):
            raise ShapeError(
                f"Stack: there is no place {self.axis} for a new axis",
                expected=f"0 to {len(shapes[0])}" if shapes else "at least one input",
                got=f"axis {self.axis}",
                fix="count axes in the result, from 0",
            )
        return (shapes[0][: self.axis] + (len(shapes),) + shapes[0][self.axis :],)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls(0), ((3,), (3,))), Sample(cls(1), ((2,), (2,), (2,))), Sample(cls(0), ((), ()))


@dataclass(frozen=True)
class Unstack(Op):
    """y₁, …, yₙ = the ``n`` slices of x along ``axis``, which they lack. The gradients are stacked again."""

    axis: int
    n: int

    signature = "x -> *ys"
    glyph = Glyph("unstack")
    notation = Notation("unstack({x})")
    names = Names("", "aten.unbind", "unstack")

    @property
    def outputs(self) -> int:
        return self.n

    def forward(self, x: Rule) -> Rule:
        return tuple(np.moveaxis(x, self.axis, 0) if self.axis else x)

    def backward(self, g: Rule, ys: Rule) -> Rule:
        """An output that nothing uses has None in ``g``."""
        return Stack(self.axis)(*_whole(g, ys))

    def batched(self, n: int) -> Unstack:
        return Unstack(self.axis + 1, self.n)

    def written(self, output: int) -> Notation:
        return _part(self.axis, output)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        (x,) = shapes
        if not 0 <= self.axis < len(x) or x[self.axis] != self.n:
            raise ShapeError(
                f"Unstack: axis {self.axis} has not {self.n} slices",
                expected=f"an axis {self.axis} of size {self.n}",
                got=f"x{x}",
            )
        return (x[: self.axis] + x[self.axis + 1 :],) * self.n

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls(0, 3), ((3,),)), Sample(cls(1, 2), ((3, 2),)), Sample(cls(0, 1), ((1, 0),))


def _whole(g: tuple[Any, ...], ys: tuple[Any, ...]) -> list[Any]:
    """The upstream gradient of every part: zeros for those that have none."""
    return [np.zeros_like(y) if part is None else part for part, y in zip(g, ys, strict=True)]


def _part(axis: int, part: int | slice) -> Notation:
    """One part as Python writes it: ``x[:, 0:2]``."""
    return Notation(f"{{x:5}}[{index_text((*(slice(None),) * axis, part))}]")
