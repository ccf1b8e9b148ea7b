"""The elementary nodes that are not arithmetic: Branch, Repeat, Sum, MatMul, and the sum of several values.

They come in pairs: the backward of Repeat is Sum and the backward of Sum is Repeat; the backward of
Branch adds, and the backward of a sum hands on. No other rule accumulates or broadcasts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np

from ..errors import ShapeError
from ..ir import Folding, Glyph, Names, Notation, Op, Rule, Sample, Shape

__all__ = ["AddN", "Branch", "MatMul", "Repeat", "Sum"]


@dataclass(frozen=True)
class Branch(Op):
    """y₁ = … = yₙ = x: one value separated into n. The upstream gradients add: ∂L/∂x = Σᵢ ∂L/∂yᵢ.

    This is the reason gradients add up. Reverse mode accumulates through this rule and nowhere else.
    """

    n: int = 2

    signature = "x[...] -> *ys[...]"
    glyph = Glyph("", "dot")
    notation = Notation("{x}", 5)

    @property
    def outputs(self) -> int:
        return self.n

    def forward(self, x: Rule) -> Rule:
        return (x,) * self.n

    def backward(self, g: Rule) -> Rule:
        """``g`` is a tuple; an output that nothing uses has None in it."""
        gs = [gi for gi in g if gi is not None]
        return gs[0] if len(gs) == 1 else gs[0] + gs[1] if len(gs) == 2 else AddN()(*gs)

    def written(self, output: int) -> Notation | None:
        return self.notation

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (shapes[0],) * self.n

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        cases: tuple[tuple[int, Shape], ...] = ((1, (3,)), (2, ()), (3, (2, 3)), (2, (0, 2)))
        return tuple(Sample(cls(n), (shape,)) for n, shape in cases)


class AddN(Op):
    """y = x₁ + x₂ + … + xₙ: the Sum node of several values. Hands its one gradient on to every input."""

    signature = "*xs[...] -> y[...]"
    glyph = Glyph("Σ", "circle")
    notation = Notation("{xs:1: + }", 1)
    names = Names("Sum", "", "")

    def forward(self, *xs: Rule) -> Rule:
        total: Any = xs[0] if len(xs) == 1 else xs[0] + xs[1]
        if len(xs) > 2 and isinstance(total, np.ndarray):
            out = cast(Any, total)
            for x in xs[2:]:
                np.add(out, x, out=out)
            return out
        for x in xs[2:]:
            total = total + x
        return total

    def backward(self, g: Rule, xs: Rule) -> Rule:
        return (g,) * len(xs)


def shifted(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The same axes, counted with one more in front."""
    return tuple(axis + 1 for axis in axes)


def _result_axes(axes: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    return tuple(axis for axis in range(ndim) if axis not in axes)


@dataclass(frozen=True)
class Repeat(Op):
    """y = x copied along new axes: ``axes`` are their places in y, ``times`` their sizes.

    The backward of a copy is a sum: ∂L/∂x = Σ ∂L/∂y over the new axes.
    """

    axes: tuple[int, ...]
    times: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("Repeat ×{count}")
    notation = Notation("repeat({x})")
    names = Names("Expand", "aten.expand", "broadcast_in_dim")

    @property
    def count(self) -> int:
        """N: how many copies there are."""
        return math.prod(self.times)

    def forward(self, x: Rule) -> Rule:
        x = np.asarray(x)
        return np.broadcast_to(np.expand_dims(x, self.axes), self.shape(x.shape)[0])

    def backward(self, g: Rule) -> Rule:
        return Sum(self.axes)(g)

    def batched(self, n: int) -> Repeat:
        return Repeat(shifted(self.axes), self.times)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        size = dict(zip(self.axes, self.times, strict=True))
        ndim = len(shapes[0]) + len(self.axes)
        if size and max(size) >= ndim:
            raise ShapeError(f"Repeat: axes {self.axes} do not exist in {ndim} axes", got=f"x{shapes[0]}")
        rest = iter(shapes[0])
        return (tuple(size[axis] if axis in size else next(rest) for axis in range(ndim)),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls((0,), (3,)), ((2,),)),
            Sample(cls((0, 2), (3, 2)), ((2,),)),
            Sample(cls((0,), (4,)), ((),)),
            Sample(cls((1,), (0,)), ((2,),)),
        )


@dataclass(frozen=True)
class Sum(Op):
    """y = Σ x over ``axes``, which vanish. Hands its one gradient on to every element it summed."""

    axes: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("Σ", "circle")
    notation = Notation("Σ {x:2}", 2)
    names = Names("ReduceSum", "aten.sum", "reduce_sum")
    kinds = "iufc"
    folding: ClassVar[Folding] = Folding(np.add, 0)

    def forward(self, x: Rule) -> Rule:
        return np.add.reduce(x, axis=self.axes, dtype=x.dtype)

    def backward(self, g: Rule, x: Rule) -> Rule:
        return spread(g, self.axes, x.shape)

    def batched(self, n: int) -> Sum:
        return Sum(shifted(self.axes))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, self.axes, shapes[0])
        return (tuple(shapes[0][axis] for axis in _result_axes(self.axes, len(shapes[0]))),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return reduction_samples(cls)


class MatMul(Op):
    r"""Matrix product  y[m,n] = Σ_k x[m,k] · w[k,n], over shared leading axes.

    ∂L/∂x = ∂L/∂y · wᵀ and ∂L/∂w = xᵀ · ∂L/∂y.
    """

    signature = "x[... m k], w[... k n] -> y[... m n]"
    glyph = Glyph("MatMul")
    notation = Notation("{x:2} · {w:3}", 2)
    names = Names("MatMul", "aten.matmul", "dot_general")
    deferred = True
    kinds = "iufc"

    def forward(self, x: Rule, w: Rule) -> Rule:
        return x @ w

    def backward(self, g: Rule, x: Rule, w: Rule) -> Rule:
        return lambda: g @ w.mT, lambda: x.mT @ g


def spread(y: Rule, axes: tuple[int, ...], shape: Shape) -> Rule:
    """Repeat a reduced value back along the axes that the reduction removed."""
    return Repeat(axes, tuple(shape[axis] for axis in axes))(y) if axes else y


def check_axes(op: Op, axes: tuple[int, ...], shape: Shape) -> None:
    """Raise unless ``axes`` are different axes of ``shape``, counted from 0.

    Raises:
        ShapeError: they are not.
    """
    if len(set(axes)) < len(axes) or any(not 0 <= axis < len(shape) for axis in axes):
        raise ShapeError(
            f"{op.name}: no such axes {axes}",
            expected=f"different axes from 0 to {len(shape) - 1}" if shape else "no axes: it is a scalar",
            got=f"x{shape}",
            fix="count axes from 0; a negative axis counts from the end",
        )


def reduction_samples(cls: type[Op]) -> tuple[Sample, ...]:
    """Sample inputs of an op that removes ``axes``."""
    cases = (
        ((0,), (3, 2)),
        ((1,), (2, 3)),
        ((0, 1), (2, 3)),
        ((0, 2), (2, 3, 2)),
        ((), (3,)),
        ((), ()),
        ((1,), (0, 3)),
    )
    return tuple(Sample(cls(axes), (shape,)) for axes, shape in cases)  # type: ignore[call-arg]
