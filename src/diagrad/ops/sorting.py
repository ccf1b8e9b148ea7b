"""Order along an axis: sorting by index, search in what is sorted, and taking by index.

The values of a sort are TakeAlong of an ArgSort, so the gradient of each goes to where it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..errors import OutOfRangeError, ShapeError
from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape
from .structure import check_axes

__all__ = ["ArgSort", "PutAlong", "SearchSorted", "TakeAlong"]


@dataclass(frozen=True)
class ArgSort(Op):
    """y = the indices that sort x along ``axis``; equal elements keep their order.

    NaN counts as largest: last, or first where the order is descending.
    """

    axis: int
    descending: bool = False

    signature = "x -> y"
    glyph = Glyph("argsort")
    notation = Notation("argsort({x})")
    names = Names("", "aten.argsort", "sort")
    differentiable = False

    def forward(self, x: Rule) -> Rule:
        if not self.descending:
            return np.argsort(x, axis=self.axis, stable=True)
        order = np.argsort(np.flip(x, self.axis), axis=self.axis, stable=True)
        return x.shape[self.axis] - 1 - np.flip(order, self.axis)

    def batched(self, n: int) -> ArgSort:
        return ArgSort(self.axis + 1, self.descending)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, (self.axis,), shapes[0])
        return shapes

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return np.dtype(np.intp)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(0), ((5,),)),
            Sample(cls(0, True), ((4, 2),)),
            Sample(cls(1), ((2, 4),)),
            Sample(cls(1, True), ((2, 0),)),
        )


@dataclass(frozen=True)
class SearchSorted(Op):
    """y = for each v, where it goes into the sorted a: before equal elements (left) or after them (right).

    a and v share the axes before a's last: each row is searched for its own v.
    """

    side: Literal["left", "right"] = "left"

    signature = "a[... n], v -> y"
    glyph = Glyph("search")
    notation = Notation("searchsorted({a}, {v})")
    names = Names("", "aten.searchsorted", "")
    kinds = "biuf"
    differentiable = False

    def forward(self, a: Rule, v: Rule) -> Rule:
        return search(a, v, self.side)

    def batched(self, n: int) -> SearchSorted:
        return self

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        a, v = shapes
        if not a or a[:-1] != v[: len(a) - 1]:
            raise ShapeError(
                "SearchSorted: a and v do not share the axes before a's last",
                expected="a[... n], and v whose shape begins as a's does up to n",
                got=f"a{a}, v{v}",
            )
        return (v,)

    def dtype(self, *dtypes: DType) -> DType:
        super().dtype(*dtypes)
        return np.dtype(np.intp)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls(), ((4,), (2, 3)), given={0: (-1, 0, 0, 1), 1: ((0, 1, 2), (-2, -1, 0))}),
            Sample(cls("right"), ((4,), (3,)), given={0: (-1, 0, 0, 1), 1: (0, 1, -1)}),
            Sample(cls(), ((0,), ()), given={0: (), 1: 3}),
            Sample(cls(), ((2, 2), (2, 3)), given={0: ((0, 1), (-2, 5)), 1: ((0, 1, 2), (-2, 0, 6))}),
        )


@dataclass(frozen=True)
class TakeAlong(Op):
    """y = x taken along ``axis`` at ``index``, of x's shape but for that axis. Gradients go back and add."""

    axis: int

    signature = "x, index -> y"
    glyph = Glyph("take")
    notation = Notation("take({x}, {index})")
    names = Names("GatherElements", "aten.gather", "gather")

    def forward(self, x: Rule, index: Rule) -> Rule:
        try:
            return np.take_along_axis(x, index, self.axis)
        except IndexError as error:
            raise OutOfRangeError(
                f"TakeAlong: {error}",
                expected=f"indices from {-x.shape[self.axis]} to {x.shape[self.axis] - 1}",
                got=f"x{x.shape}, axis {self.axis}",
                fix="stay within the axis",
            ) from None

    def backward(self, g: Rule, x: Rule, index: Rule) -> Rule:
        return PutAlong(self.axis, x.shape[self.axis])(g, index), None

    def batched(self, n: int) -> TakeAlong:
        return TakeAlong(self.axis + 1)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        x, index = shapes
        check_axes(self, (self.axis,), x)
        if _but(x, self.axis) != _but(index, self.axis) or len(x) != len(index):
            raise ShapeError(
                f"TakeAlong: the index differs from x in more than axis {self.axis}",
                expected=f"shapes equal but for axis {self.axis}",
                got=f"x{x}, index{index}",
                fix="repeat one of them with dg.broadcast_to",
            )
        return (index,)

    def dtype(self, *dtypes: DType) -> DType:
        return _taken_dtype(self, dtypes)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(axis), (x, np.shape(at)), given={1: at}) for axis, x, at in _CASES)


@dataclass(frozen=True)
class PutAlong(Op):
    """y = zeros, of size ``size`` along ``axis``, with x added at ``index``: the transpose of TakeAlong."""

    axis: int
    size: int

    signature = "x, index -> y"
    glyph = Glyph("put +")
    notation = Notation("put({x}, {index})")
    names = Names("ScatterElements", "aten.scatter_add", "scatter-add")

    def forward(self, x: Rule, index: Rule) -> Rule:
        (to,) = self.shape(x.shape, index.shape)
        y = np.zeros(to, x.dtype)
        places: list[Any] = [np.arange(n) for n in x.shape]
        places = [np.expand_dims(at, tuple(range(1, x.ndim - axis))) for axis, at in enumerate(places)]
        places[self.axis] = index
        np.add.at(y, tuple(places), x)
        return y

    def backward(self, g: Rule, index: Rule) -> Rule:
        return TakeAlong(self.axis)(g, index), None

    def batched(self, n: int) -> PutAlong:
        return PutAlong(self.axis + 1, self.size)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        if shapes[0] != shapes[1]:
            raise ShapeError(
                "PutAlong: x and the index differ in shape",
                expected="x and index of one shape",
                got=f"x{shapes[0]}, index{shapes[1]}",
            )
        check_axes(self, (self.axis,), shapes[0])
        return (shapes[0][: self.axis] + (self.size,) + shapes[0][self.axis + 1 :],)

    def dtype(self, *dtypes: DType) -> DType:
        return _taken_dtype(self, dtypes)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(axis, x[axis]), (np.shape(at),) * 2, given={1: at}) for axis, x, at in _CASES)


_CASES: tuple[tuple[int, Shape, Any], ...] = (
    (0, (3,), (2, 0, 2, 1)),
    (1, (2, 3), ((2,), (0,))),
    (0, (3, 2), ((0, 1), (0, 0))),
    (1, (2, 3), ((), ())),
)
"""Axis, shape of x, and indices: some twice, none."""


def search(a: Any, v: Any, side: Literal["left", "right"] = "left") -> Any:
    """The places in a[... n] of each v, row by row."""
    if a.ndim == 1:
        return np.searchsorted(a, v, side)  # pyright: ignore[reportUnknownVariableType]  (of its overloads)
    y = np.empty(v.shape, np.intp)
    for row in np.ndindex(a.shape[:-1]):
        y[row] = np.searchsorted(a[row], v[row], side)
    return y


def _but(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]


def _taken_dtype(op: Op, dtypes: tuple[DType, ...]) -> DType:
    if dtypes[1].kind not in "iu":
        raise op._dtype_error(f"the index has dtype {dtypes[1]}", dtypes)  # pyright: ignore[reportPrivateUsage]
    return dtypes[0]
