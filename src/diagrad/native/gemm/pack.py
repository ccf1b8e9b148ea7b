"""Copies of operands, laid out as the register tile reads them.

A panel of the second operand is copied so that its rows, as wide as the tile, follow each other; a matrix
stored by columns is transposed on the way, in registers. A tile of the first is copied as it lies, along
whichever axis is together in memory: only its rows (columns) move closer, out of each other's cache sets.
"""

from __future__ import annotations

from ..builder import Builder
from ..registers import Register
from .memory import first_lanes, transpose
from .product import Along, Load, Place, Strip, strips

__all__ = ["copied_strides", "pack_panel", "pack_tile"]


def copied_strides(rows: int, k: int, by_columns: bool, line: int) -> tuple[int, int]:
    """How many elements apart the rows and columns of a tile's copy are; ``line`` elements fill a cache line.

    Rows lie an odd number of cache lines apart, so that they do not meet in one cache set.
    """
    if by_columns:
        return 1, rows
    return (-(-k // line) | 1) * line, 1


def pack_tile(
    b: Builder,
    load: Load,
    out: str,
    at: tuple[Register, Register],
    rows: int,
    k: int,
    strides: tuple[int, int],
) -> None:
    """Copy x[row : row + rows, :k] of a batch to ``out``; ``at`` is (batch, row)."""
    batch, first = at
    if strides[0] == 1:
        with b.loop(0, k) as column:
            for strip in strips(rows, b.lanes):
                x = load(b, _place(b, batch, first + strip.start, column, "column", strip))
                b.store(x, b.pointer(out, column * strides[1] + strip.start, x.dtype), first_lanes(b, strip))
        return
    step = max(b.lanes, 1)
    whole = k - k % step
    with b.loop(0, rows) as row:

        def copy(column: Register, strip: Strip) -> None:
            x = load(b, _place(b, batch, first + row, column, "row", strip))
            b.store(x, b.pointer(out, row * strides[0] + column, x.dtype), first_lanes(b, strip))

        if whole:
            with b.loop(0, whole, step) as column:
                copy(column, Strip(0, b.lanes, step))
        for strip in strips(k - whole, b.lanes):
            copy(b.index(whole + strip.start), strip)


def pack_panel(
    b: Builder,
    load: Load,
    out: str,
    at: tuple[Register, Register],
    k: int,
    columns: int,
    width: int,
    by_columns: bool,
) -> None:
    """Copy x[:k, column : column + columns] of a batch to ``out``, rows ``width`` apart. ``at`` says where:
    batch and column.
    """
    batch, first = at
    if not by_columns or not b.lanes:
        with b.loop(0, k) as row:
            for strip in strips(columns, b.lanes):
                x = load(b, _place(b, batch, row, first + strip.start, "row", strip))
                b.store(x, b.pointer(out, row * width + strip.start, x.dtype), first_lanes(b, strip))
        return
    whole = k - k % b.lanes
    if whole:
        with b.loop(0, whole, b.lanes) as row:
            _turn(b, load, out, batch, (row, first), columns, width, Strip(0, b.lanes, b.lanes))
    for strip in strips(k - whole, b.lanes):
        row = b.index(whole + strip.start)
        if strip.lanes:
            _turn(b, load, out, batch, (row, first), columns, width, strip)
            continue
        for column in range(columns):
            x = load(b, _place(b, batch, row, first + column, "row", strip))
            b.store(x, b.pointer(out, row * width + column, x.dtype))


def _turn(
    b: Builder,
    load: Load,
    out: str,
    batch: Register,
    corner: tuple[Register, Register],
    columns: int,
    width: int,
    strip: Strip,
) -> None:
    """Transpose some rows of a panel, ``strip.count`` of them, from vectors along its columns."""
    row, first = corner
    for start in range(0, columns, strip.lanes):
        block = [
            load(b, _place(b, batch, row, first + column, "column", strip))
            for column in range(start, min(start + strip.lanes, columns))
        ]
        block += [b.constant(0, block[0].dtype, strip.lanes)] * (strip.lanes - len(block))
        for at, x in enumerate(transpose(b, block)[: strip.count]):
            kept = Strip(0, strip.lanes, min(strip.lanes, columns - start))
            b.store(x, b.pointer(out, row * width + (at * width + start), x.dtype), first_lanes(b, kept))


def _place(b: Builder, batch: Register, row: Register, column: Register, along: Along, strip: Strip) -> Place:
    return Place(batch, row, column, along, strip.lanes, first_lanes(b, strip), strip.count)
