"""In what order a kernel runs over its axes, and which of them are one loop.

One axis goes into the lanes of the vector registers: that along which most of what is read and written lies
side by side. Neighbouring axes become one loop wherever everything that is accessed allows it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Nest", "arrange"]

Strides = Mapping[int, int]
"""For each axis how many elements further the next index lies; axes of stride 0 may be left out."""


@dataclass(frozen=True)
class Nest:
    """The loops of a kernel.

    Attributes:
        sizes: of the axes, after some have become one. An axis that is part of another has size 1.
        rows: the axes whose combinations are the units, outermost first.
        lanes: the axis in the lanes; None where everything is single numbers.
        columns: the axes swept over in each row, outermost first; the lanes' axis is last if it is among
            them.
        merged: for each axis that is part of another: which.
    """

    sizes: tuple[int, ...]
    rows: tuple[int, ...]
    lanes: int | None
    columns: tuple[int, ...]
    merged: Mapping[int, int]

    @property
    def swept(self) -> bool:
        """Whether the lanes run along columns."""
        return self.lanes in self.columns

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return math.prod(self.sizes[a] for a in self.rows)

    @property
    def column_count(self) -> int:
        """How many elements are swept over in a row."""
        return math.prod(self.sizes[a] for a in self.columns)


def arrange(
    sizes: Sequence[int],
    columns: frozenset[int],
    accesses: Sequence[Strides],
    stores: Sequence[Strides],
    bound: frozenset[int],
    separate: Sequence[frozenset[int]],
    single: frozenset[int] = frozenset(),
) -> Nest:
    """The loops over some axes.

    Args:
        sizes: of the axes.
        columns: those that must be inner loops.
        accesses: the strides of everything that is read.
        stores: the strides of everything that is written.
        bound: axes that must stay on their own.
        separate: sets of axes: an axis in one and an axis outside it never become one.
        single: axes whose elements must be gone through one by one.
    """
    every = (*accesses, *stores, *stores)
    ranks = {a: 0.0 for a in range(len(sizes)) if sizes[a] > 1}
    for strides in every:
        count = math.prod(sizes[axis] for axis in strides)
        for axis in ranks:
            step = strides.get(axis, 0)
            ranks[axis] += count * (2.0 if step == 1 else 0.5 if step == 0 else -1.0) * min(sizes[axis], 8)
    lanes = max((a for a in ranks if a not in single), key=lambda a: (ranks[a], a), default=None)

    def weight(axis: int) -> tuple[int, int]:
        return -sum(abs(strides.get(axis, 0)) for strides in every), axis

    rows = sorted((a for a in ranks if a not in columns and a != lanes), key=weight)
    inner = sorted((a for a in ranks if a in columns and a != lanes), key=weight)
    merged: dict[int, int] = {}
    final = list(sizes)

    def merge(order: list[int], last: int | None) -> list[int]:
        """Join neighbours from the inside out; the innermost keeps its name."""
        done: list[int] = []
        near = last
        for axis in reversed(order):
            together = near is not None and axis not in bound and near not in bound
            together = together and all((axis in group) == (near in group) for group in separate)
            if together and all(s.get(axis, 0) == s.get(near, 0) * final[near] for s in every):  # type: ignore[index]
                final[near] *= final[axis]  # type: ignore[index]
                final[axis] = 1
                merged[axis] = near  # type: ignore[assignment]
            else:
                done.append(axis)
                near = axis
        return done[::-1]

    if lanes is not None and lanes in columns:
        inner = [*merge(inner, lanes), lanes]
        rows = merge(rows, None)
    elif lanes is not None and not columns:
        rows = merge(rows, lanes)
    else:
        inner, rows = merge(inner, None), merge(rows, None)
    return Nest(tuple(final), tuple(rows), lanes, tuple(inner), merged)
