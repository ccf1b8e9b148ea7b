"""What a matrix product is to the generator: its shape and strides, and how it is to be computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from ...ir import DType
from ..builder import Builder
from ..registers import Register

__all__ = ["Along", "Load", "Place", "Plan", "Product", "Store", "Strip", "strips"]

Along = Literal["row", "column"]


@dataclass(frozen=True)
class Product:
    """y[…, m, n] = Σ_k a[…, m, k] · b[…, k, n].

    Attributes:
        m: rows of ``a`` and of the result.
        n: columns of ``b`` and of the result.
        k: what is summed over. With ``k = 0`` the result is zero.
        dtype: float32 or float64, of the operands and of the result.
        a: how many elements apart its rows are, and its columns. Zero repeats, negative numbers run
            backwards.
        b: the same.
        batch: for each leading axis its size, and its stride in ``a`` and in ``b``.
    """

    m: int
    n: int
    k: int
    dtype: DType
    a: tuple[int, int]
    b: tuple[int, int]
    batch: tuple[tuple[int, int, int], ...] = ()

    @property
    def batches(self) -> int:
        """How many products there are."""
        return math.prod(size for size, _, _ in self.batch)

    @property
    def flops(self) -> int:
        """A multiply-add is two."""
        return 2 * self.batches * self.m * self.n * self.k

    @property
    def nbytes(self) -> int:
        """Bytes of both operands and of the result, each once."""
        a, b = (
            math.prod(
                size for size, step in zip((*outer, *inner), (*steps, *own), strict=True) if step or size == 0
            )
            for outer, steps, inner, own in (
                ([s for s, _, _ in self.batch], [x for _, x, _ in self.batch], (self.m, self.k), self.a),
                ([s for s, _, _ in self.batch], [y for _, _, y in self.batch], (self.k, self.n), self.b),
            )
        )
        return self.dtype.itemsize * (a + b + self.batches * self.m * self.n)

    def flipped(self) -> Product:
        """yᵀ = bᵀ · aᵀ."""
        turned = tuple((size, b, a) for size, a, b in self.batch)
        (am, ak), (bk, bn) = self.a, self.b
        return Product(self.n, self.m, self.k, self.dtype, (bn, bk), (ak, am), turned)


@dataclass(frozen=True)
class Place:
    """Which elements of a matrix a register holds: one, or some that follow each other in a row or a column.

    Attributes:
        batch: the number of the matrix, all leading axes counted through.
        row: of the first element.
        column: of the first element.
        along: ``"row"`` where the lanes run along a row, so that they are ``x[row, column : column +
            lanes]``; ``"column"`` where they are ``x[row : row + lanes, column]``.
        lanes: of the register; 0 for a single number.
        mask: which lanes are meant, where not all are.
        count: how many lanes are meant.
    """

    batch: Register
    row: Register
    column: Register
    along: Along
    lanes: int
    mask: Register | None
    count: int

    def flipped(self) -> Place:
        """The same elements of the transposed matrix."""
        along: Along = "column" if self.along == "row" else "row"
        return replace(self, row=self.column, column=self.row, along=along)


Load = Callable[[Builder, Place], Register]
"""Writes the prologue: what a place of an operand holds."""

Store = Callable[[Builder, Register, Place], None]
"""Writes the epilogue: does with a part of the result what is to be done, at least store it."""


@dataclass(frozen=True)
class Plan:
    """How a product is computed.

    The register tile is ``rows`` × ``vectors``: each of its accumulators holds ``lanes`` results of one row.
    The first operand is read a number at a time and spread over the lanes, the second by vectors along its
    rows. Flipped, the product of the transposed matrices is computed, and lanes run along columns.

    Attributes:
        flip: compute yᵀ = bᵀ · aᵀ.
        dot: lanes run over k and are summed at the end: for a row times a matrix whose columns lie together.
        rows: of the register tile.
        vectors: of the register tile.
        lanes: of each vector; 0 for single numbers.
        pack_a: copy the first operand (of the flipped product, if flipped), tile by tile.
        pack_b: copy the second, panel by panel, so that a panel's rows follow each other.
        cost: nanoseconds on one core, as estimated.
    """

    flip: bool
    dot: bool
    rows: int
    vectors: int
    lanes: int
    pack_a: bool
    pack_b: bool
    cost: float = 0.0

    @property
    def width(self) -> int:
        """Columns of a tile."""
        return self.vectors * max(self.lanes, 1)

    @property
    def along(self) -> Along:
        """How the lanes run that the epilogue is given."""
        return "column" if self.flip else "row"


@dataclass(frozen=True)
class Strip:
    """One vector's columns in a tile: ``count`` columns from ``start``, in a register of ``lanes``."""

    start: int
    lanes: int
    count: int

    @property
    def full(self) -> bool:
        """No lane is left over."""
        return self.count == max(self.lanes, 1)


def strips(columns: int, lanes: int) -> tuple[Strip, ...]:
    """Columns cut into vectors; the last is as narrow as it can be.

    >>> [(s.start, s.lanes, s.count) for s in strips(37, 16)]
    [(0, 16, 16), (16, 16, 16), (32, 8, 5)]
    """
    step = max(lanes, 1)
    cut = [Strip(start, lanes, step) for start in range(0, columns - step + 1, step)]
    rest = columns % step
    if rest:
        narrow = lanes
        while narrow // 2 >= max(rest, 2):
            narrow //= 2
        cut.append(Strip(columns - rest, 0 if rest == 1 else narrow, rest))
    return tuple(cut)
