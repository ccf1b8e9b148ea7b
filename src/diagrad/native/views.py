"""Where the elements of a value lie: strided views of what is in memory.

Transposes, slices, repeats and most reshapes move nothing: they are other strides over the same elements.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, cast

from ..ir import Shape

__all__ = ["View", "aligned", "elements", "moved", "reach", "whole"]

LINE = 64
"""Bytes of a cache line."""


@dataclass(frozen=True)
class View:
    """The elements of a value: element (i, j, …) lies ``offset`` + i·``strides``₀ + j·``strides``₁ … elements
    behind the beginning of what is in memory.
    """

    shape: Shape
    strides: tuple[int, ...]
    offset: int = 0

    def transposed(self, axes: tuple[int, ...]) -> View:
        """With its axes in another order."""
        return View(tuple(self.shape[a] for a in axes), tuple(self.strides[a] for a in axes), self.offset)

    def repeated(self, axes: tuple[int, ...], times: tuple[int, ...]) -> View:
        """With new axes along which every element is seen again."""
        size = dict(zip(axes, times, strict=True))
        rest = iter(zip(self.shape, self.strides, strict=True))
        pairs = [(size[at], 0) if at in size else next(rest) for at in range(len(self.shape) + len(axes))]
        return View(tuple(n for n, _ in pairs), tuple(s for _, s in pairs), self.offset)

    def without(self, axes: tuple[int, ...]) -> View:
        """Without some axes, at their first index."""
        keep = [at for at in range(len(self.shape)) if at not in axes]
        return View(tuple(self.shape[a] for a in keep), tuple(self.strides[a] for a in keep), self.offset)

    def along(self, axis: int, start: int, count: int, step: int = 1) -> View:
        """``count`` indices of one axis, from ``start`` on."""
        shape, strides = list(self.shape), list(self.strides)
        offset = self.offset + start * strides[axis]
        shape[axis], strides[axis] = count, strides[axis] * step
        return View(tuple(shape), tuple(strides), offset)

    def sliced(self, index: tuple[Any, ...]) -> View:
        """x[index] of integers, slices, ``None`` and ``...``."""
        taken = sum(part is not None and part is not Ellipsis for part in index)
        everything = (slice(None),) * (len(self.shape) - taken)
        at = index.index(Ellipsis) if Ellipsis in index else len(index)
        view, axis = self, 0
        for part in (*index[:at], *everything, *index[at + 1 :]):
            if part is None:
                view = view.repeated((axis,), (1,))
                axis += 1
            else:
                span = reach(part, view.shape[axis])
                view = view.along(axis, span.start, len(span), span.step)
                if isinstance(part, slice):
                    axis += 1
                else:
                    view = view.without((axis,))
        return view

    def windows(self, size: Shape, strides: Shape, dilation: Shape) -> View:
        """Windows that slide over the last axes, their cells on new last axes."""
        lead = len(self.shape) - len(size)
        count = tuple(
            (n - d * (k - 1) - 1) // s + 1
            for n, k, s, d in zip(self.shape[lead:], size, strides, dilation, strict=True)
        )
        steps = self.strides[lead:]
        between = tuple(step * s for step, s in zip(steps, strides, strict=True))
        within = tuple(step * d for step, d in zip(steps, dilation, strict=True))
        return View(self.shape[:lead] + count + size, self.strides[:lead] + between + within, self.offset)

    def reshaped(self, to: Shape) -> View | None:
        """In another shape, where strides can say that; None where elements would have to move."""
        if 0 in to:
            return View(to, whole(to).strides, self.offset)
        runs: list[tuple[int, int]] = []
        for size, step in zip(self.shape, self.strides, strict=True):
            if size != 1:
                if runs and runs[-1][1] == step * size:
                    runs[-1] = (runs[-1][0] * size, step)
                else:
                    runs.append((size, step))
        strides: list[int] = []
        left = list(reversed(runs))
        room, step = left.pop() if left else (1, 1)
        for size in to:
            if size == 1:
                strides.append(0)
                continue
            if room == 1:
                if not left:
                    return None
                room, step = left.pop()
            if room % size:
                return None
            room //= size
            strides.append(step * room)
        return View(to, tuple(strides), self.offset)

    def axis_map(self, shape: Shape) -> list[int | None] | None:
        """For each axis of a value in C order the axis of this view along which it is seen, none for axes of
        size 1. None if the view is more than a choice of order and repeats: a slice, a reshape.

        >>> whole((3, 4)).transposed((1, 0)).axis_map((3, 4)), whole((3, 4)).along(0, 0, 2).axis_map((3, 4))
        ([1, 0], None)
        """
        if self.offset:
            return None
        seen = {s: at for at, (n, s) in enumerate(zip(self.shape, self.strides, strict=True)) if n > 1 and s}
        places: list[int | None] = []
        for size, step in zip(shape, whole(shape).strides, strict=True):
            if size == 1:
                places.append(None)
            elif step in seen and self.shape[seen[step]] == size:
                places.append(seen.pop(step))
            else:
                return None
        return None if seen else places

    @property
    def contiguous(self) -> bool:
        """Whether its elements lie one after the other in C order."""
        dense = whole(self.shape).strides
        return all(n == 1 or s == t for n, s, t in zip(self.shape, self.strides, dense, strict=True))


@cache
def whole(shape: Shape) -> View:
    """The view of all of a value that lies in C order.

    >>> whole((3, 4)).strides
    (4, 1)
    """
    return View(shape, tuple(accumulate(shape[:0:-1], lambda a, b: a * b, initial=1))[::-1] if shape else ())


def moved(op: Any, x: View) -> list[View | None] | None:
    """The view that each output of an op is of ``x``: None in its place where elements must move, and None
    in all if the op computes.
    """
    rule = _rules().get(op.own)
    if rule is None or (op.own == "Windows" and any(map(any, op.padding))):
        return None
    return rule(op, x)


Rule = Callable[[Any, View], list[View | None]]


@cache
def _rules() -> dict[str, Rule]:
    return {
        "Branch": lambda op, x: [x] * op.n,
        "StopGradient": lambda op, x: [x],
        "Transpose": lambda op, x: [x.transposed(op.axes)],
        "Reshape": lambda op, x: [x.reshaped(op.to)],
        "ExpandDims": lambda op, x: [x.repeated(op.axes, (1,) * len(op.axes))],
        "Squeeze": lambda op, x: [x.without(op.axes)],
        "Repeat": lambda op, x: [x.repeated(op.axes, op.times)],
        "Slice": lambda op, x: [x.sliced(op.index)],
        "Flip": _flipped,
        "Split": lambda op, x: [
            x.along(op.axis, start, stop - start) for start, stop in pairwise(accumulate(op.sizes, initial=0))
        ],
        "Unstack": lambda op, x: [x.along(op.axis, at, 1).without((op.axis,)) for at in range(op.n)],
        "Diagonal": _diagonal,
        "Windows": lambda op, x: [x.windows(op.size, op.strides, op.dilation)],
    }


def _flipped(op: Any, x: View) -> list[View | None]:
    axes: tuple[int, ...] = op.axes
    for axis in axes:
        x = x.along(axis, x.shape[axis] - 1, x.shape[axis], -1)
    return [x]


def _diagonal(op: Any, x: View) -> list[View | None]:
    a: int = op.axis1
    b: int = op.axis2
    offset: int = op.offset
    start = (max(-offset, 0), max(offset, 0))
    count = max(min(x.shape[a] - start[0], x.shape[b] - start[1]), 0)
    corner = x.along(a, start[0], 1).along(b, start[1], 1).without((a, b))
    return [View((*corner.shape, count), (*corner.strides, x.strides[a] + x.strides[b]), corner.offset)]


def reach(part: Any, size: int) -> range:
    """The indices that one entry of an index, an integer or a slice, names along an axis.

    >>> reach(-1, 5), reach(slice(None, None, 2), 5)
    (range(4, 5), range(0, 5, 2))
    """
    axis = range(size)
    if isinstance(part, slice):
        return axis[cast("slice[Any, Any, Any]", part)]
    place = axis[cast("int", part)]
    return range(place, place + 1)


def aligned(nbytes: int) -> int:
    """Bytes rounded up to whole cache lines."""
    return -(-nbytes // LINE) * LINE


def elements(shape: Shape) -> int:
    """How many elements a shape has."""
    return math.prod(shape)
