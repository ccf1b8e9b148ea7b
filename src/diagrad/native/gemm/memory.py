"""How a product's operands are read: at any strides, by vectors where elements follow each other."""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import DType
from ..builder import Builder
from ..registers import BOOL, INT64, Register
from .product import Load, Place, Strip

__all__ = ["argument", "batch_offset", "first_lanes", "offset", "strided", "transpose"]


def argument(b: Builder, index: int) -> str:
    """The address of one of the kernel's buffers."""
    place = b.emit(f"getelementptr ptr, ptr %args, i64 {index}", INT64, 0)
    return b.emit(f"load ptr, ptr {place.text}, !invariant.load !{{}}", INT64, 0).text


def offset(b: Builder, *terms: tuple[Register, int]) -> Register:
    """Σ position · stride, in elements."""
    total = b.index(0)
    for position, stride in terms:
        if stride and position.text != "0":
            term = position if stride == 1 else position * stride
            total = term if total.text == "0" else total + term
    return total


def batch_offset(b: Builder, batch: Register, sizes: Sequence[int], strides: Sequence[int]) -> Register:
    """Where the matrix of that number begins: Σ index · stride over the leading axes."""
    terms: list[tuple[Register, int]] = []
    inner = 1
    for axis in reversed(range(len(sizes))):
        index = batch
        if sizes[axis] == 1:
            continue
        if inner > 1:
            index = b.emit(f"udiv {index.typed}, {inner}", INT64, 0)
        if any(size > 1 for size in sizes[:axis]):
            index = b.emit(f"urem {index.typed}, {sizes[axis]}", INT64, 0)
        terms.append((index, strides[axis]))
        inner *= sizes[axis]
    return offset(b, *terms)


def first_lanes(b: Builder, strip: Strip) -> Register | None:
    """The mask of a vector's columns; None where all lanes are meant."""
    if strip.full:
        return None
    bits = ", ".join(f"i1 {'true' if at < strip.count else 'false'}" for at in range(strip.lanes))
    return Register(b, f"<{bits}>", BOOL, strip.lanes)


def strided(index: int, strides: tuple[int, int], batch: Sequence[tuple[int, int]], dtype: DType) -> Load:
    """Reads the matrix in argument ``index``, whose rows and columns are so many elements apart."""

    def load(b: Builder, at: Place) -> Register:
        start = batch_offset(b, at.batch, [size for size, _ in batch], [stride for _, stride in batch])
        start = offset(b, (start, 1), (at.row, strides[0]), (at.column, strides[1]))
        base, step = b.pointer(argument(b, index), start, dtype), strides[at.along == "row"]
        if step == 1 or not at.lanes:
            return b.load(base, dtype, at.lanes, at.mask)
        if step == 0 and at.mask is None:
            return b.splat(b.load(base, dtype, 0), at.lanes)
        x = b.constant(0, dtype, at.lanes)
        for lane in range(at.count):
            one = b.load(b.pointer(base, b.index(lane * step), dtype), dtype, 0)
            x = b.emit(f"insertelement {x.typed}, {one.typed}, i64 {lane}", dtype, at.lanes)
        return x

    return load


def transpose(b: Builder, rows: Sequence[Register]) -> list[Register]:
    """As many registers as each has lanes, as a matrix, transposed.

    log₂(lanes) rounds: each exchanges, between registers whose numbers differ in one bit, the lanes whose
    numbers differ in it (Eklundh, "A Fast Computer Method for Matrix Transposing", 1972).
    """
    x = list(rows)
    lanes = len(x)
    bit = lanes // 2
    while bit:
        for i in range(lanes):
            if not i & bit:
                low, high = x[i], x[i | bit]
                x[i] = shuffle(
                    b, low, high, [at if not at & bit else lanes + at - bit for at in range(lanes)]
                )
                x[i | bit] = shuffle(
                    b, low, high, [at + bit if not at & bit else lanes + at for at in range(lanes)]
                )
        bit //= 2
    return x


def shuffle(b: Builder, x: Register, y: Register, lanes: Sequence[int]) -> Register:
    """Lanes of x, numbered from 0, and of y, numbered on."""
    order = ", ".join(f"i32 {at}" for at in lanes)
    return b.emit(f"shufflevector {x.typed}, {y.typed}, <{len(lanes)} x i32> <{order}>", x.dtype, len(lanes))


def sums(b: Builder, rows: Sequence[Register]) -> Register:
    """Lane i: the sum of all lanes of register i. As many registers as each has lanes.

    Rounds as of :func:`transpose`, but the two registers of a pair are added into one.
    """
    x = list(rows)
    lanes, bit = len(x), 1
    while bit < lanes:
        pairs = zip(x[::2], x[1::2], strict=True)
        x = [
            shuffle(b, low, high, [at if not at & bit else lanes + at for at in range(lanes)])
            + shuffle(b, low, high, [at ^ bit if not at & bit else lanes + (at ^ bit) for at in range(lanes)])
            for low, high in pairs
        ]
        bit *= 2
    return x[0]
