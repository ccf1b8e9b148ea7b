"""An array with some elements set or changed: what assignment ``x[index] = v`` records.

Each gives a new array; the old one stays as it is. ``index`` is that of ``x[index]``: integers, slices,
``None``, ``...``, and ``"array"`` for each integer array, which follow x and v as inputs; before these
``"each"`` for each axis that all share. v has the shape of ``x[index]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape
from .elementwise import choose
from .index import (
    ARRAY,
    CASES,
    EACH,
    Part,
    as_meant,
    as_numpy_has_it,
    check_place,
    fill,
    in_range,
    index_dtype,
    index_text,
    indexed_shape,
    scattered,
    take,
)

__all__ = ["Last", "Put", "PutAdd", "PutMax", "PutMin"]


@dataclass(frozen=True)
class Scatter(Op):
    """What they share: x, v for the places that the index names, and the integer arrays of the index."""

    index: tuple[Part, ...]

    @property
    def index_text(self) -> str:
        """The index as it is written in Python."""
        return index_text(self.index)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_place(self.name, indexed_shape(self.name, self.index, shapes[0], shapes[2:]), shapes[1])
        return (shapes[0],)

    def dtype(self, *dtypes: DType) -> DType:
        if dtypes[0] != dtypes[1]:
            raise self._dtype_error(f"v has dtype {dtypes[1]}, x {dtypes[0]}", dtypes)
        return index_dtype(self, (dtypes[0], *dtypes[2:]))

    def batched(self, n: int) -> Op:
        return type(self)((EACH if ARRAY in self.index else slice(None), *self.index))

    def __hash__(self) -> int:
        return hash((self.name, repr(self.index)))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        basic = (((1,), (3,)), ((slice(None, None, -2), None, -1), (3, 2)))
        return (
            *(Sample(cls(index), (x, indexed_shape("", index, x, ()))) for index, x in basic),
            *(
                Sample(
                    cls(index),
                    (x, indexed_shape("", index, x, tuple(arrays)), *arrays),
                    given={at + 1: array for at, array in given.items()},
                )
                for index, (x, *arrays), given in CASES
            ),
        )


def in_order(indices: tuple[Any, ...]) -> tuple[Any, ...]:
    """Integer arrays laid out so that NumPy, which follows memory, takes the last element last."""
    return tuple(np.asarray(x, order="C") for x in indices)


class Put(Scatter):
    """y = x with v at ``index``. Of several v for one place the last stays, as in NumPy.

    ∂L/∂x = g, 0 at the places; ∂L/∂v = g[index] for what stayed, 0 for what was written over.
    """

    signature = "x, v, *indices -> y"
    glyph = Glyph("put")
    notation = Notation("put({x}, [{index_text}], {v})")
    names = Names("ScatterND", "aten.index_put", "scatter")

    def forward(self, x: Rule, v: Rule, *indices: Rule) -> Rule:
        y = np.array(x)
        with in_range(self.name, self.index, y.shape):
            v = as_numpy_has_it(self.index, y.ndim, v, indices)
            y[fill(self.index, in_order(indices))] = np.asarray(v, order="C")
        return y[()]

    def backward(self, g: Rule, x: Rule, v: Rule, indices: Rule) -> Rule:
        gv = take(self.index, g, indices)
        if indices:
            stayed = Last(self.index, tuple(x.shape))(*indices)
            gv = choose(stayed, gv, np.zeros_like(gv))
        return Put(self.index)(g, np.zeros_like(v), *indices), gv, *(None for _ in indices)


class PutAdd(Scatter):
    """y = x with v added at ``index``, once for each time a place is named. ∂L/∂x = g; ∂L/∂v = g[index]."""

    signature = "x, v, *indices -> y"
    glyph = Glyph("put +")
    notation = Notation("{x:1} + place({v}, [{index_text}])", 1)
    names = Names("ScatterND", "aten.index_put", "scatter-add")
    kinds = "iufc"

    def forward(self, x: Rule, v: Rule, *indices: Rule) -> Rule:
        return scattered(np.add, self, x, v, indices)

    def backward(self, g: Rule, indices: Rule) -> Rule:
        return g, take(self.index, g, indices), *(None for _ in indices)


class Extreme(Scatter):
    """The largest or smallest of x and every v of a place. All that reach it share the gradient evenly."""

    kinds = "iuf"

    def backward(self, g: Rule, x: Rule, v: Rule, y: Rule, indices: Rule) -> Rule:
        old = choose(x == y, np.ones_like(x), np.zeros_like(x))
        new = choose(v == take(self.index, y, indices), np.ones_like(v), np.zeros_like(v))
        share = g / PutAdd(self.index)(old, new, *indices)
        return old * share, new * take(self.index, share, indices), *(None for _ in indices)


class PutMax(Extreme):
    """y = x with max(x, v) at ``index``; NaN if either is. What reaches it shares the gradient evenly."""

    signature = "x, v, *indices -> y"
    glyph = Glyph("put max")
    notation = Notation("putmax({x}, [{index_text}], {v})")
    names = Names("ScatterND", "", "scatter-max")

    def forward(self, x: Rule, v: Rule, *indices: Rule) -> Rule:
        return scattered(np.maximum, self, x, v, indices)


class PutMin(Extreme):
    """y = x with min(x, v) at ``index``; NaN if either is. What reaches it shares the gradient evenly."""

    signature = "x, v, *indices -> y"
    glyph = Glyph("put min")
    notation = Notation("putmin({x}, [{index_text}], {v})")
    names = Names("ScatterND", "", "scatter-min")

    def forward(self, x: Rule, v: Rule, *indices: Rule) -> Rule:
        return scattered(np.minimum, self, x, v, indices)


@dataclass(frozen=True)
class Last(Op):
    """y = whether an element of x[index], x of shape ``of``, is the last one written to its place.

    Found by writing every element's number to its place and reading it back.
    """

    index: tuple[Part, ...]
    of: tuple[int, ...]

    signature = "*indices -> y"
    glyph = Glyph("last")
    notation = Notation("last({indices:0:, })")
    kinds = "iu"
    differentiable = False

    def forward(self, *indices: Rule) -> Rule:
        place = fill(self.index, in_order(indices))
        board = np.zeros(self.of, np.intp)
        number = np.arange(board[place].size).reshape(board[place].shape)
        board[place] = number
        return as_meant(self.index, board.ndim, board[place] == number, indices)

    def batched(self, n: int) -> Last:
        return Last((EACH, *self.index), (n, *self.of))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (indexed_shape(self.name, self.index, self.of, shapes),)

    def dtype(self, *dtypes: DType) -> DType:
        return index_dtype(self, (np.dtype(np.bool_), *dtypes))

    def __hash__(self) -> int:
        return hash((repr(self.index), self.of))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(
            Sample(cls(index, x), tuple(arrays), given={at - 1: array for at, array in given.items()})
            for index, (x, *arrays), given in CASES
        )
