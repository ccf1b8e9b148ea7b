"""Convolution and pooling.

A convolution is a product of the windows of x, as rows of a matrix, with the kernels (Chellapilla, Puri &
Simard 2006); its gradients are two more products. Channels come last in these matrices, so that a row of a
window is one run of memory. Leading axes are those of the products, and groups of channels are one more.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from ... import ops
from ...ir import Constant, Value
from ...ops.windows import opposite
from .writer import Rules, Writer

__all__ = ["RULES"]

MOST_CELLS = 64
"""Cells of a pooling window that are compared one by one."""


def _columns(w: Writer, op: Any, x: Value, size: tuple[int, ...]) -> Value:
    """The windows of x[... N C *S] as rows: [... N *T (*K C)]."""
    rank = len(size)
    lead = len(x.shape) - rank - 2
    windows = w(ops.Windows(size, op.strides, ((0, 0),) * rank, op.dilation), w.padded(x, op.padding))
    count = windows.shape[lead + 2 : lead + 2 + rank]
    rows = w.transposed(windows, *range(lead + 1), *range(lead + 2, len(windows.shape)), lead + 1)
    return w.reshaped(rows, *x.shape[: lead + 1], *count, math.prod(size) * x.shape[lead + 1])


def _last(w: Writer, y: Value, at: int) -> Value:
    """y with the axis ``at`` last: [... N F *T] as [... N *T F]."""
    axes = range(len(y.shape))
    return w.transposed(y, *axes[:at], *axes[at + 1 :], at)


def _first(w: Writer, y: Value, at: int) -> Value:
    """y with its last axis at ``at``: the inverse of :func:`_last`."""
    *axes, last = range(len(y.shape))
    return w.transposed(y, *axes[:at], last, *axes[at:])


def _product(w: Writer, rows: Value, matrix: Value) -> Value:
    """A product over the last axis of rows[... N *T K] with matrices [... K F]."""
    lead = len(matrix.shape) - 2
    between = rows.shape[lead:-2]
    wide = w(ops.Repeat(tuple(range(lead, lead + len(between))), between), matrix)
    return w(ops.MatMul(), rows, wide)


def _group_of(w: Writer, op: Any, x: Value) -> Value:
    """x[... N C *S] as [... G N C/G *S]."""
    at = len(x.shape) - len(op.strides) - 2
    each = x.shape[at + 1] // op.groups
    split = w.reshaped(x, *x.shape[: at + 1], op.groups, each, *x.shape[at + 2 :])
    return w.transposed(split, *range(at), at + 1, at, *range(at + 2, len(split.shape)))


def _together(w: Writer, op: Any, y: Value) -> Value:
    """y[... G N F/G *T] as [... N F *T]."""
    at = len(y.shape) - len(op.strides) - 3
    back = w.transposed(y, *range(at), at + 1, at, *range(at + 2, len(y.shape)))
    return w.reshaped(back, *back.shape[: at + 1], op.groups * y.shape[at + 2], *back.shape[at + 3 :])


def _kernels_of(w: Writer, op: Any, kernels: Value) -> Value:
    """w[... F C/G *K] as [... G F/G C/G *K]."""
    at = len(kernels.shape) - len(op.strides) - 2
    shape = kernels.shape
    return w.reshaped(kernels, *shape[:at], op.groups, shape[at] // op.groups, *shape[at + 1 :])


def _convolve(w: Writer, op: Any, x: Value, kernels: Value) -> Value:
    if op.groups > 1:
        alone = replace(op, groups=1)
        return _together(w, op, w(alone, _group_of(w, op, x), _kernels_of(w, op, kernels)))
    rank = len(op.strides)
    at = len(x.shape) - rank - 1
    *lead, f, c = kernels.shape[:-rank]
    columns = _columns(w, op, x, kernels.shape[-rank:])
    last = w.transposed(kernels, *range(at - 1), *range(at + 1, len(x.shape)), at, at - 1)
    matrix = w.reshaped(last, *lead, math.prod(kernels.shape[-rank:]) * c, f)
    return _first(w, _product(w, columns, matrix), at)


def _convolve_kernel(w: Writer, op: Any, x: Value, y: Value) -> Value:
    (shape,) = op.shape(x.shape, y.shape)
    if op.groups > 1:
        made = w(replace(op, groups=1), _group_of(w, op, x), _group_of(w, op, y))
        return w.reshaped(made, *shape)
    rank = len(op.strides)
    at = len(x.shape) - rank - 1
    *lead, f, c = shape[:-rank]
    size = shape[-rank:]
    columns = _columns(w, op, x, size)
    count = math.prod(columns.shape[at - 1 : -1])
    flat = w.reshaped(columns, *lead, count, columns.shape[-1])
    rows = w.reshaped(_last(w, y, at), *lead, count, f)
    matrix = w(ops.MatMul(), _last(w, rows, at - 1), flat)
    return _first(w, w.reshaped(matrix, *lead, f, *size, c), at)


def _convolve_transposed(w: Writer, op: Any, y: Value, kernels: Value) -> Value:
    if op.groups > 1:
        alone = replace(op, groups=1)
        return _together(w, op, w(alone, _group_of(w, op, y), _kernels_of(w, op, kernels)))
    rank = len(op.strides)
    at = len(y.shape) - rank - 1
    *lead, f, c = kernels.shape[:-rank]
    size = kernels.shape[-rank:]
    matrix = w.reshaped(_last(w, kernels, at), *lead, f, math.prod(size) * c)
    columns = _product(w, _last(w, y, at), matrix)
    windows = _first(w, w.reshaped(columns, *columns.shape[:-1], *size, c), at)  # [... N C *T *K]
    x = w(ops.Overlap(size, op.strides, ((0, 0),) * rank, op.dilation), windows)
    return w.padded(x, opposite(op.padding))


def _cells(w: Writer, op: Any, x: Value, value: Any) -> list[Value] | None:
    """For each cell of a window: that cell of all windows."""
    rank = len(op.size)
    if math.prod(op.size) > MOST_CELLS:
        return None
    windows = w(
        ops.Windows(op.size, op.strides, ((0, 0),) * rank, op.dilation), w.padded(x, op.padding, value)
    )
    return [w(ops.Slice((Ellipsis, *place)), windows) for place in np.ndindex(*op.size)]


def _max_pool(w: Writer, op: Any, x: Value) -> Value | None:
    from ...ops.max_pooling import lowest

    cells = _cells(w, op, x, lowest(x.dtype))
    if cells is None:
        return None
    best = cells[0]
    for cell in cells[1:]:
        best = w(ops.Maximum(), best, cell)
    return best if len(cells) > 1 else w(ops.StopGradient(), best)


def _argmax_pool(w: Writer, op: Any, x: Value) -> Value | None:
    from ...ops.max_pooling import lowest

    cells = _cells(w, op, x, lowest(x.dtype))
    if cells is None:
        return None
    best, start = cells[0], 1
    where = w.full(0, best.shape, np.intp)
    if any(map(any, op.padding)):  # a cell of the padding is never the largest
        best, start = w.full(lowest(x.dtype), best.shape, x.dtype), 0
        cut = len(x.shape) - len(op.size)
        first = w(Constant(op.first(x.shape[cut:], best.shape)))
        where = w(ops.Repeat(tuple(range(cut)), best.shape[:cut]), first) if cut else first
    for number, cell in enumerate(cells[start:], start):
        better = w(ops.Greater(), cell, best)
        if x.dtype.kind == "f":
            first = w(ops.And(), w(ops.IsNaN(), cell), w(ops.Not(), w(ops.IsNaN(), best)))
            better = w(ops.Or(), better, first)
        best = w(ops.Where(), better, cell, best)
        where = w(ops.Where(), better, w.full(number, best.shape, np.intp), where)
    return where


def _drop(w: Writer, op: Any, y: Value, i: Value) -> Value | None:
    rank = len(op.size)
    channel = len(y.shape) - rank - 1
    if channel < 0 or not _apart(op) or any(b > 0 or a > 0 for b, a in op.padding):
        return _drop_anywhere(w, op, y, i)
    lead = tuple(range(channel))
    spatial = tuple(range(channel + 1, len(y.shape)))
    places = tuple(channel + 1 + 2 * at for at in range(rank))

    def wide(x: Value) -> Value:
        """[… C *T] as [… t₁ k₁ t₂ k₂ … C]."""
        last = w.transposed(x, *lead, *spatial, channel)
        return w(ops.Repeat(places, op.size), last)

    dropped, number = wide(y), wide(i)
    size: tuple[int, ...] = op.size
    cells: Any = np.arange(math.prod(size), dtype=i.dtype).reshape(size)
    cells = np.expand_dims(cells, tuple(range(0, 2 * rank, 2)))
    shape = dropped.shape[channel : channel + 2 * rank]
    axes = tuple(a for a in range(len(dropped.shape)) if not channel <= a < channel + 2 * rank)
    const = w(Constant(np.broadcast_to(cells, shape)))
    same = w(ops.Equal(), number, w(ops.Repeat(axes, tuple(dropped.shape[a] for a in axes)), const))
    zeros = w.full(0, dropped.shape, y.dtype)
    chosen = w(ops.Where(), same, dropped, zeros)
    covered = tuple(y.shape[a] * k for a, k in zip(spatial, op.size, strict=True))
    flat = w.reshaped(chosen, *(y.shape[a] for a in lead), *covered, y.shape[channel])
    back = w.transposed(flat, *lead, len(flat.shape) - 1, *range(channel, len(flat.shape) - 1))
    return w.padded(back, opposite(op.padding))


def _apart(op: Any) -> bool:
    """Whether windows lie side by side."""
    return op.size == op.strides and all(d == 1 for d in op.dilation)


def _cell_wide(w: Writer, op: Any, y: Value) -> Value:
    """y[… *T] for each cell of a window: [… *T *K]."""
    rank = len(y.shape)
    return w(ops.Repeat(tuple(range(rank, rank + len(op.size))), op.size), y)


def _drop_anywhere(w: Writer, op: Any, y: Value, i: Value) -> Value:
    """Windows that are zero but for one cell, laid where they came from."""
    dropped, number = _cell_wide(w, op, y), _cell_wide(w, op, i)
    size: tuple[int, ...] = op.size
    cells = w(Constant(np.arange(math.prod(size), dtype=i.dtype).reshape(size)))
    lead = tuple(range(len(y.shape)))
    same = w(ops.Equal(), number, w(ops.Repeat(lead, y.shape), cells) if lead else cells)
    return w(op.to(ops.Overlap), w(ops.Where(), same, dropped, w.full(0, dropped.shape, y.dtype)))


def _pick(w: Writer, op: Any, x: Value, i: Value) -> Value | None:
    cells = _cells(w, op, x, 0)
    if cells is None:
        return None
    y = w.full(0, i.shape, x.dtype)
    for number, cell in enumerate(cells):
        y = w(ops.Where(), w(ops.Equal(), i, w.full(number, i.shape, i.dtype)), cell, y)
    return y


def _spread_pool(w: Writer, op: Any, y: Value) -> Value:
    if not _apart(op):
        return w(op.to(ops.Overlap), _cell_wide(w, op, y))
    cut, rank = len(y.shape) - len(op.size), len(op.size)
    wide = w(ops.Repeat(tuple(cut + 1 + 2 * at for at in range(rank)), op.size), y)
    flat = w.reshaped(wide, *y.shape[:cut], *(n * k for n, k in zip(y.shape[cut:], op.size, strict=True)))
    return w.padded(flat, opposite(op.padding))


def _sum_pool(w: Writer, op: Any, x: Value) -> Value | None:
    cells = _cells(w, op, x, 0)
    return None if cells is None or len(cells) < 2 else w(ops.AddN(), *cells)


def _windows(w: Writer, op: Any, x: Value) -> Value | None:
    if not any(map(any, op.padding)):
        return None
    none = ((0, 0),) * len(op.size)
    return w(ops.Windows(op.size, op.strides, none, op.dilation), w.padded(x, op.padding))


def _overlap(w: Writer, op: Any, y: Value) -> Value | None:
    if not any(map(any, op.padding)):
        return None
    none = ((0, 0),) * len(op.size)
    return w.padded(w(ops.Overlap(op.size, op.strides, none, op.dilation), y), opposite(op.padding))


RULES: Rules = {
    "Convolve": _convolve,
    "ConvolveKernel": _convolve_kernel,
    "ConvolveTransposed": _convolve_transposed,
    "MaxPool": _max_pool,
    "ArgMaxPool": _argmax_pool,
    "Drop": _drop,
    "Pick": _pick,
    "SpreadPool": _spread_pool,
    "SumPool": _sum_pool,
    "Windows": _windows,
    "Overlap": _overlap,
}
