"""Indexing as NumPy means it, and its transposes: put back, and put back where indices repeat.

``Slice`` is basic indexing, ``Index`` has integer arrays in it. Their gradients place the upstream
gradient into zeros (``Place``, ``PlaceAdd``), whose own gradients index again.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

import numpy as np

from ..errors import OutOfRangeError, ShapeError
from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape

__all__ = ["Index", "Place", "PlaceAdd", "Slice"]

Part = int | slice | None | EllipsisType | str
"""One entry of an index."""

ARRAY = "array"
"""The entry that stands for the next integer array."""

EACH = "each"
"""The entry that stands for an axis which x and all integer arrays share: each slice of x is indexed by its
own. It comes before all others; the result has that axis first. ``vmap`` puts it there."""


@dataclass(frozen=True)
class Slice(Op):
    """y = x[index] for integers, slices, ``None`` and ``...``. The gradient goes back to its place."""

    index: tuple[Part, ...]

    signature = "x -> y"
    glyph = Glyph("[ ]")
    notation = Notation("{x:5}[{index_text}]", 5)
    names = Names("Slice", "aten.slice", "slice")

    @property
    def index_text(self) -> str:
        """The index as it is written in Python."""
        return index_text(self.index)

    def forward(self, x: Rule) -> Rule:
        return x[self.index]

    def backward(self, g: Rule, x: Rule) -> Rule:
        return Place(self.index, tuple(x.shape))(g)

    def batched(self, n: int) -> Slice:
        return Slice((slice(None), *self.index))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (indexed_shape(self.name, self.index, shapes[0], ()),)

    def __hash__(self) -> int:
        return hash(repr(self.index))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls((0,)), ((3,),)),
            Sample(cls((slice(1, None), -1)), ((3, 2),)),
            Sample(cls((Ellipsis, None, slice(None, None, -2))), ((2, 5),)),
            Sample(cls((slice(2, 2),)), ((3,),)),
        )


@dataclass(frozen=True)
class Place(Op):
    """y = zeros of shape ``to`` with x at ``index``: the transpose of :class:`Slice`."""

    index: tuple[Part, ...]
    to: tuple[int, ...]

    signature = "x -> y"
    glyph = Glyph("place")
    notation = Notation("place({x}, [{index_text}])")

    @property
    def index_text(self) -> str:
        """The index as it is written in Python."""
        return index_text(self.index)

    def forward(self, x: Rule) -> Rule:
        y: Rule = np.zeros(self.to, x.dtype)
        y[self.index] = x
        return y

    def backward(self, g: Rule) -> Rule:
        return Slice(self.index)(g)

    def batched(self, n: int) -> Place:
        return Place((slice(None), *self.index), (n, *self.to))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_place(self.name, indexed_shape(self.name, self.index, self.to, ()), shapes[0])
        return (self.to,)

    def __hash__(self) -> int:
        return hash((repr(self.index), self.to))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return Sample(cls((slice(1, None), -1), (3, 2)), ((2,),)), Sample(cls((0,), (3,)), ((),))


@dataclass(frozen=True)
class Index(Op):
    """y = x[index] with integer arrays, NumPy's advanced indexing. Repeated places add their gradients."""

    index: tuple[Part, ...]

    signature = "x, *indices -> y"
    glyph = Glyph("[ ]")
    notation = Notation("{x:5}[{indices:0:, }]", 5)
    names = Names("GatherND", "aten.index", "gather")

    def forward(self, x: Rule, *indices: Rule) -> Rule:
        with in_range(self.name, self.index, x.shape):
            return taken(self.index, x, indices)

    def backward(self, g: Rule, x: Rule, indices: Rule) -> Rule:
        return PlaceAdd(self.index, tuple(x.shape))(g, *indices), *(None for _ in indices)

    def batched(self, n: int) -> Index:
        return Index((EACH, *self.index))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return (indexed_shape(self.name, self.index, shapes[0], shapes[1:]),)

    def dtype(self, *dtypes: DType) -> DType:
        return index_dtype(self, dtypes)

    def __hash__(self) -> int:
        return hash(repr(self.index))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(Sample(cls(index), shapes, given=given) for index, shapes, given in CASES)


@dataclass(frozen=True)
class PlaceAdd(Op):
    """y = zeros of shape ``to`` with x added at ``index``, once for each time a place is named."""

    index: tuple[Part, ...]
    to: tuple[int, ...]

    signature = "x, *indices -> y"
    glyph = Glyph("place +")
    notation = Notation("place({x}, [{indices:0:, }])")
    names = Names("ScatterND", "aten.index_put", "scatter-add")

    def forward(self, x: Rule, *indices: Rule) -> Rule:
        return scattered(np.add, self, np.zeros(self.to, x.dtype), x, indices)

    def backward(self, g: Rule, indices: Rule) -> Rule:
        return Index(self.index)(g, *indices), *(None for _ in indices)

    def batched(self, n: int) -> PlaceAdd:
        return PlaceAdd((EACH, *self.index), (n, *self.to))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_place(self.name, indexed_shape(self.name, self.index, self.to, shapes[1:]), shapes[0])
        return (self.to,)

    def dtype(self, *dtypes: DType) -> DType:
        return index_dtype(self, dtypes)

    def __hash__(self) -> int:
        return hash((repr(self.index), self.to))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return tuple(
            Sample(cls(index, x), (Index(index).shape(x, *indices)[0], *indices), given=given)
            for index, (x, *indices), given in CASES
        )


Case = tuple[tuple[Part, ...], tuple[Shape, ...], dict[int, Any]]
CASES: tuple[Case, ...] = (
    ((ARRAY,), ((4,), (3,)), {1: (2, 0, 2)}),
    ((slice(None), ARRAY), ((2, 3), (2, 2)), {1: ((0, -1), (2, 2))}),
    ((ARRAY, ARRAY), ((3, 4), (3,), (3,)), {1: (0, 1, 0), 2: (3, 1, 3)}),
    ((ARRAY, slice(None), 1), ((3, 2, 2), ()), {1: 2}),
    ((ARRAY,), ((3, 2), (0,)), {1: ()}),
    ((slice(None), ARRAY), ((0, 3), (2,)), {1: (1, 1)}),
    ((EACH, slice(None), ARRAY), ((2, 2, 3), (2, 2)), {1: ((0, 2), (1, 1))}),
)
"""Index, shapes of x and of the integer arrays, and the integers: repeated places, several arrays, none."""


def index_text(index: tuple[Part, ...]) -> str:
    """An index as it is written in Python: ``1:, -1``.

    >>> index_text((slice(1, None), Ellipsis, None, -1))
    '1:, ..., None, -1'
    """
    return ", ".join(map(_part_text, index))


def _part_text(part: Part) -> str:
    if isinstance(part, slice):
        start, stop = ("" if end is None else str(end) for end in (part.start, part.stop))
        return f"{start}:{stop}" + (f":{part.step}" if part.step is not None else "")
    return "..." if part is Ellipsis else str(part)


def take(index: tuple[Part, ...], x: Rule, indices: tuple[Any, ...]) -> Rule:
    """x[index], in rules."""
    return Index(index)(x, *indices) if indices else Slice(index)(x)


def scattered(ufunc: np.ufunc, op: Any, x: Any, v: Any, indices: tuple[Any, ...]) -> Any:
    """x with ``ufunc`` of it and v at an op's index, once for each time that a place is named."""
    y = np.array(x)
    place = fill(op.index, indices)
    with in_range(op.name, op.index, y.shape):
        if indices:
            ufunc.at(y, place, as_numpy_has_it(op.index, y.ndim, v, indices))
        else:
            y[place] = ufunc(y[place], v)
    return y[()]


def fill(index: tuple[Part, ...], arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """The index as NumPy takes it: with its integer arrays, and a counter for each axis that they share."""
    lead = index.count(EACH)
    if lead:
        ndim = max(x.ndim for x in arrays)
        arrays = tuple(np.expand_dims(x, tuple(range(lead, lead + ndim - x.ndim))) for x in arrays)
        counters = np.ix_(*map(np.arange, arrays[0].shape[:lead]))
        arrays = (*(np.expand_dims(x, tuple(range(lead, ndim))) for x in counters), *arrays)
    rest = iter(arrays)
    return tuple(next(rest) if part in (ARRAY, EACH) else part for part in index)


def taken(index: tuple[Part, ...], x: Any, arrays: tuple[Any, ...]) -> Any:
    """x[index], on NumPy arrays."""
    return as_meant(index, x.ndim, x[fill(index, arrays)], arrays)


def as_meant(index: tuple[Part, ...], ndim: int, y: Any, arrays: tuple[Any, ...]) -> Any:
    """What NumPy gives for :func:`fill` of an x of ``ndim`` axes, its axes in the order of x[index]."""
    return np.moveaxis(y, *_moves(index, ndim, arrays)) if EACH in index else y


def as_numpy_has_it(index: tuple[Part, ...], ndim: int, v: Any, arrays: tuple[Any, ...]) -> Any:
    """v, of the shape of x[index], with its axes where :func:`fill` has NumPy look for them."""
    return np.moveaxis(v, *_moves(index, ndim, arrays)[::-1]) if EACH in index else v


def _moves(index: tuple[Part, ...], ndim: int, arrays: tuple[Any, ...]) -> tuple[list[int], list[int]]:
    """The integer arrays' own axes in what NumPy gives for :func:`fill`, and in what the index means.

    NumPy has them behind the counters. Without counters they would stand where the first integer stands, or
    first of all if something separates the integers.
    """
    lead = index.count(EACH)
    own = range(max(x.ndim for x in arrays) - lead)
    parts = index[lead:]
    integers = [at for at, part in enumerate(parts) if part == ARRAY or isinstance(part, int)]
    start = lead
    if integers[-1] - integers[0] < len(integers):
        before = parts[: integers[0]]
        start += len(before)
        if Ellipsis in before:  # it stands for the axes that no other entry takes
            start += ndim - lead - sum(part is not None for part in parts)
    return [lead + at for at in own], [start + at for at in own]


def indexed_shape(op: str, index: tuple[Part, ...], shape: Shape, arrays: tuple[Shape, ...]) -> Shape:
    """The shape of x[index], found by indexing an array of that shape that owns one byte."""
    probe = np.broadcast_to(np.zeros((), np.bool_), shape)
    holders = tuple(np.zeros(s, np.intp) for s in arrays)
    lead = index.count(EACH)
    if len({s[:lead] for s in (shape, *arrays)}) > 1:
        raise ShapeError(
            f"{op}: x and the integer arrays do not share {lead} leading axes",
            expected=f"shapes that begin with the same {lead} sizes",
            got=", ".join(map(str, (shape, *arrays))),
        )
    with in_range(op, index, shape):
        return taken(index, probe, holders).shape


@contextmanager
def in_range(op: str, index: tuple[Part, ...], shape: Shape) -> Generator[None, None, None]:
    """Say in our words that an index lies outside."""
    try:
        yield
    except IndexError as error:
        raise OutOfRangeError(
            f"{op}: {error}",
            expected=f"an index into shape {shape}",
            got=f"[{index_text(index)}]",
            fix="stay within each axis, and give no more entries than there are axes",
        ) from None


def check_place(op: str, want: Shape, got: Shape) -> None:
    """Raise unless what is put somewhere has the shape of the place."""
    if want != got:
        raise ShapeError(f"{op}: the place has shape {want}, not {got}", expected=str(want), got=str(got))


def index_dtype(op: Op, dtypes: tuple[DType, ...]) -> DType:
    """The first dtype, if all others are of integers."""
    for dtype in dtypes[1:]:
        if dtype.kind not in "iu":
            raise op._dtype_error(f"an index has dtype {dtype}", dtypes)  # pyright: ignore[reportPrivateUsage]
    return dtypes[0]
