"""The register tile: the inner loop of a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...ir import DType
from ..builder import Builder, Variable
from ..registers import Register
from .memory import first_lanes, offset, sums
from .product import Strip

__all__ = ["BLOCK", "Operand", "accumulate", "accumulate_dots", "spilled"]

BLOCK = 1024
"""So many products are added one after the other; the sum of more than twice as many is the sum of such
blocks. Its rounding error grows with BLOCK + k / BLOCK then, not with k."""

UNROLL = 4
"""Steps of k in one round of the loop."""

LATENCY = 8
"""Accumulators that keep a core's multiply-add units busy. Smaller tiles have several for each result."""


@dataclass(frozen=True)
class Operand:
    """Where a tile reads: the address of its corner, and how many elements apart rows and columns are."""

    base: str
    strides: tuple[int, int]


def spilled(rows: int, width: int, k: int) -> int:
    """How many numbers of memory :func:`accumulate` needs for the sums of blocks."""
    return rows * width * (k > 2 * BLOCK)


def accumulate(
    b: Builder, p: Operand, q: Operand, rows: int, columns: Sequence[Strip], k: int, dtype: DType, spill: str
) -> list[list[Register]]:
    """Σ_k p[i, k] · q[k, j]: for each row, a register for each strip of columns. The sums of blocks, where
    there are several, are kept at ``spill``.
    """
    if not k:
        return [[b.constant(0, dtype, strip.lanes) for strip in columns] for _ in range(rows)]
    chains = max(1, min(-(-LATENCY // (rows * len(columns))), k, UNROLL))

    def block(start: int | Register, size: int) -> list[Register]:
        return _block(b, p, q, rows, columns, start, size, dtype, chains)

    if k <= 2 * BLOCK:
        flat = block(0, k)
    else:
        size = UNROLL * -(-k // (UNROLL * -(-k // BLOCK)))
        whole = k - k % size
        lanes = [strip.lanes for _ in range(rows) for strip in columns]
        step = max(1, *lanes)
        places = [b.pointer(spill, b.index(at * step), dtype) for at in range(len(lanes))]
        for place, count in zip(places, lanes, strict=True):
            b.store(b.constant(0, dtype, count), place)
        with b.loop(0, whole, size) as start:
            for place, x in zip(places, block(start, size), strict=True):
                b.store(b.load(place, dtype, x.lanes) + x, place)
        flat = [b.load(place, dtype, count) for place, count in zip(places, lanes, strict=True)]
        if k > whole:
            flat = [x + y for x, y in zip(flat, block(whole, k - whole), strict=True)]
    return [flat[i * len(columns) : (i + 1) * len(columns)] for i in range(rows)]


def _block(
    b: Builder,
    p: Operand,
    q: Operand,
    rows: int,
    columns: Sequence[Strip],
    start: int | Register,
    size: int,
    dtype: DType,
    chains: int,
) -> list[Register]:
    """The sums over ``size`` terms from ``start``, row after row."""
    lanes = [strip.lanes for _ in range(rows) for strip in columns]
    places = [[b.variable(b.constant(0, dtype, count)) for count in lanes] for _ in range(chains)]
    whole = size - size % UNROLL
    if whole:
        with b.loop(start, start + whole, UNROLL) as at:
            _steps(b, p, q, columns, at, UNROLL, dtype, places)
    if size > whole:
        rest = start + whole
        _steps(
            b, p, q, columns, b.index(rest) if isinstance(rest, int) else rest, size - whole, dtype, places
        )
    return [_together([chain[at].get() for chain in places]) for at in range(len(lanes))]


def _together(parts: list[Register]) -> Register:
    while len(parts) > 1:
        odd = parts[len(parts) & ~1 :]
        parts = [*(x + y for x, y in zip(parts[::2], parts[1::2], strict=False)), *odd]
    return parts[0]


def _steps(
    b: Builder,
    p: Operand,
    q: Operand,
    columns: Sequence[Strip],
    at: Register,
    count: int,
    dtype: DType,
    places: list[list[Variable]],
) -> None:
    """Some terms of every sum; term u goes to chain u modulo their number."""
    left = b.pointer(p.base, offset(b, (at, p.strides[1])), dtype)
    right = b.pointer(q.base, offset(b, (at, q.strides[0])), dtype)
    state = [[place.get() for place in chain] for chain in places]
    across = len(columns)
    for u in range(count):
        y: list[Register] = []
        for strip in columns:
            where = b.index(u * q.strides[0] + strip.start * q.strides[1])
            y.append(b.load(b.pointer(right, where, dtype), dtype, strip.lanes, first_lanes(b, strip)))
        chain = state[u % len(state)]
        for i in range(len(chain) // across):
            x = b.load(b.pointer(left, b.index(u * p.strides[1] + i * p.strides[0]), dtype), dtype, 0)
            wide = {lanes: b.splat(x, lanes) for lanes in dict.fromkeys(strip.lanes for strip in columns)}
            for j, strip in enumerate(columns):
                chain[i * across + j] = b.fma(wide[strip.lanes], y[j], chain[i * across + j])
    for chain, variables in zip(state, places, strict=True):
        for x, variable in zip(chain, variables, strict=True):
            variable.set(x)


def accumulate_dots(b: Builder, p: Operand, q: Operand, columns: int, k: int, dtype: DType) -> Register:
    """Σ_k p[k] · q[k, j], a lane for each of the columns: both operands are read along k."""
    lanes = b.lanes
    zero = b.constant(0, dtype)
    if not k:
        return zero
    places = [b.variable(zero) for _ in range(columns)]
    whole = k - k % lanes

    def step(at: Register, strip: Strip) -> None:
        mask = first_lanes(b, strip)
        x = b.load(b.pointer(p.base, at, dtype), dtype, lanes, mask)
        right = b.pointer(q.base, at, dtype)
        for j, place in enumerate(places):
            y = b.load(b.pointer(right, b.index(j * q.strides[1]), dtype), dtype, lanes, mask)
            place.set(b.fma(x, y, place.get()))

    if whole:
        with b.loop(0, whole, lanes) as at:
            step(at, Strip(0, lanes, lanes))
    if k > whole:
        step(b.index(whole), Strip(0, lanes, k - whole))
    return sums(b, [place.get() for place in places] + [zero] * (lanes - columns))
