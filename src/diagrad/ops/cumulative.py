"""Running reductions along an axis, and the linear recurrence that their derivatives are.

Each runs from the first element on, or from the last one back where ``reverse``. The backward pass of a
running reduction runs the other way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np

from ..errors import ShapeError
from ..ir import Folding, Glyph, Names, Notation, Op, Rule, Sample, Shape
from .elementwise import choose
from .index import Slice
from .rearrange import Pad
from .sorting import PutAlong
from .structure import check_axes

__all__ = ["CumLogSumExp", "CumMax", "CumMin", "CumProd", "CumSum", "Recurrence"]


@dataclass(frozen=True)
class Cumulative(Op):
    """y[t] from x[0] … x[t] along ``axis``; from x[t] … x[n−1] where ``reverse``."""

    axis: int
    reverse: bool = False

    @property
    def mark(self) -> str:
        """An arrow where it runs from the last element to the first."""
        return "←" if self.reverse else ""

    def batched(self, n: int) -> Self:
        return replace(self, axis=self.axis + 1)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, (self.axis,), shapes[0])
        return shapes

    folding: ClassVar[Folding]

    def forward(self, x: Rule) -> Rule:
        run = self.folding.combine.accumulate
        if not self.reverse:
            return run(x, self.axis, x.dtype)
        return np.flip(run(np.flip(x, self.axis), self.axis, x.dtype), self.axis)

    def step(self, before: Rule, x: Rule) -> Rule:
        """An element of y from the one before it and from that of x."""
        return self.folding.combine(before, x)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(0), ((4,),)),
            Sample(cls(1, True), ((2, 3),)),
            Sample(cls(0), ((3, 2),)),
            Sample(cls(1), ((2, 0),)),
        )


class CumSum(Cumulative):
    """y[t] = Σ x[s] over s ≤ t. ∂L/∂x is the running sum of g from the other end."""

    signature = "x -> y"
    glyph = Glyph("cumsum{mark}")
    notation = Notation("cumsum{mark}({x})")
    names = Names("CumSum", "aten.cumsum", "cumsum")
    kinds = "iufc"
    folding = Folding(np.add, -0.0)

    def backward(self, g: Rule) -> Rule:
        return CumSum(self.axis, not self.reverse)(g)


class CumProd(Cumulative):
    """y[t] = Π x[s] over s ≤ t.

    ∂L/∂x[t] = y[t−1] · s[t] with s[t] = g[t] + x[t+1] · s[t+1], a recurrence from the other end. Nothing is
    divided by x, so zeros, one or several, are exact in every order of derivative.
    """

    signature = "x -> y"
    glyph = Glyph("cumprod{mark}")
    notation = Notation("cumprod{mark}({x})")
    names = Names("", "aten.cumprod", "cumprod")
    kinds = "iufc"
    folding = Folding(np.multiply, 1)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        back = not self.reverse
        tail = Recurrence(self.axis, back)(previous(x, self.axis, back), g)
        return previous(y, self.axis, self.reverse, 1) * tail


class CumExtremum(Cumulative):
    """The largest or smallest element so far. Of equal ones the last takes the gradient, as in PyTorch."""

    kinds = "biuf"

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        n = x.shape[self.axis]
        places = np.expand_dims(np.arange(n, dtype=np.intp), tuple(range(1, len(x.shape) - self.axis)))
        here = np.logical_or(x == y, x != x)
        if self.reverse:
            winner = CumMin(self.axis, True)(np.where(here, np.broadcast_to(places, x.shape), n))
        else:
            winner = CumMax(self.axis)(np.where(here, np.broadcast_to(places, x.shape), 0))
        return PutAlong(self.axis, n)(g, winner)


class CumMax(CumExtremum):
    """y[t] = max x[s] over s ≤ t; NaN from the first NaN on. Of equal ones the last takes the gradient."""

    signature = "x -> y"
    glyph = Glyph("cummax{mark}")
    notation = Notation("cummax{mark}({x})")
    names = Names("", "aten.cummax", "cummax")
    folding = Folding(np.maximum, -np.inf)


class CumMin(CumExtremum):
    """y[t] = min x[s] over s ≤ t; NaN from the first NaN on. Of equal ones the last takes the gradient."""

    signature = "x -> y"
    glyph = Glyph("cummin{mark}")
    notation = Notation("cummin{mark}({x})")
    names = Names("", "aten.cummin", "cummin")
    folding = Folding(np.minimum, np.inf)


class CumLogSumExp(Cumulative):
    """y[t] = ln Σ exp x[s] over s ≤ t, which never overflows; −∞ where all are.

    ∂L/∂x[t] = exp(x[t] − y[t]) · s[t] with s[t] = g[t] + exp(y[t] − y[t+1]) · s[t+1], from the other end.
    Both exponents are at most 0. Where y[t] = −∞ the gradient is 0.
    """

    signature = "x -> y"
    glyph = Glyph("cumlogsumexp{mark}")
    notation = Notation("cumlogsumexp{mark}({x})")
    names = Names("", "aten.logcumsumexp", "cumlogsumexp")
    kinds = "f"
    folding = Folding(np.logaddexp, -np.inf)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        back, empty = not self.reverse, y == -np.inf
        ground = choose(empty, 0.0, y)
        decay = np.exp(choose(empty, -np.inf, y) - previous(ground, self.axis, back, np.inf))
        share = choose(empty, 0.0, np.exp(choose(empty, 0.0, x) - ground))
        return share * Recurrence(self.axis, back)(decay, g)


@dataclass(frozen=True)
class Recurrence(Op):
    """y[t] = a[t] · y[t−1] + b[t], from y[0] = b[0]: what state-space models and moving averages compute.

    ∂L/∂b[t] = s[t] = g[t] + a[t+1] · s[t+1], the recurrence from the other end; ∂L/∂a[t] = s[t] · y[t−1].
    """

    axis: int
    reverse: bool = False

    signature = "a, b -> y"
    glyph = Glyph("recurrence{mark}")
    notation = Notation("recurrence{mark}({a}, {b})")
    kinds = "iufc"

    @property
    def mark(self) -> str:
        """An arrow where it runs from the last element to the first."""
        return "←" if self.reverse else ""

    def forward(self, a: Rule, b: Rule) -> Rule:
        factors, terms = np.moveaxis(a, self.axis, 0), np.moveaxis(b, self.axis, 0)
        y = np.empty_like(b)
        rows = np.moveaxis(y, self.axis, 0)
        order = range(len(rows))[:: -1 if self.reverse else 1]
        for at in order[:1]:
            rows[at] = terms[at]
        for before, at in pairwise(order):
            rows[at] = self.step(rows[before], factors[at], terms[at])
        return y

    def step(self, before: Rule, a: Rule, b: Rule) -> Rule:
        """An element of y from the one before it and from those of a and b."""
        return a * before + b

    def backward(self, g: Rule, a: Rule, y: Rule) -> Rule:
        back = not self.reverse
        s = Recurrence(self.axis, back)(previous(a, self.axis, back), g)
        return s * previous(y, self.axis, self.reverse), s

    def batched(self, n: int) -> Recurrence:
        return Recurrence(self.axis + 1, self.reverse)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        if shapes[0] != shapes[1]:
            raise ShapeError(
                "Recurrence: factors and terms differ in shape",
                expected="a and b of one shape",
                got=f"a{shapes[0]}, b{shapes[1]}",
                fix="repeat one of them with dg.broadcast_to",
            )
        check_axes(self, (self.axis,), shapes[0])
        return shapes[:1]

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(0), ((4,), (4,))),
            Sample(cls(1, True), ((2, 3), (2, 3))),
            Sample(cls(0), ((3, 2), (3, 2))),
            Sample(cls(1), ((2, 0), (2, 0))),
        )


def previous(x: Rule, axis: int, reverse: bool, first: float = 0) -> Rule:
    """At each place along ``axis`` the element before it, or after it where ``reverse``."""
    n, ndim = x.shape[axis], len(x.shape)
    if n == 0:
        return x
    rest = Slice((slice(None),) * axis + (slice(1, None) if reverse else slice(0, n - 1),))(x)
    width = (0, 1) if reverse else (1, 0)
    return Pad(tuple(width if at == axis else (0, 0) for at in range(ndim)), first)(rest)
