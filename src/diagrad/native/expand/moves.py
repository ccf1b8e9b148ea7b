"""What moves elements or chooses among them: triangles, rolls, padding by mirrors, the places of extremes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...ir import Constant, Value
from ...ops.index import ARRAY
from ...ops.rearrange import sources
from .writer import Rules, Writer

__all__ = ["RULES"]


def _triangle(w: Writer, op: Any, x: Value) -> Value | None:
    *lead, m, n = x.shape
    keep = op.forward(np.ones((m, n), bool))
    mask = w(Constant(keep))
    wide = w(ops.Repeat(tuple(range(len(lead))), tuple(lead)), mask) if lead else mask
    return w(ops.Where(), wide, x, w.full(0, x.shape, x.dtype))


def _roll(w: Writer, op: Any, x: Value) -> Value | None:
    shifts: tuple[int, ...] = op.shifts
    axes: tuple[int, ...] = op.axes
    for shift, axis in zip(shifts, axes, strict=True):
        size = x.shape[axis]
        cut = -shift % size if size else 0
        if cut:
            lead = (slice(None),) * axis
            ends = (ops.Slice((*lead, part)) for part in (slice(cut, None), slice(None, cut)))
            x = w(ops.Concatenate(axis), *(w(end, x) for end in ends))
    return w(ops.StopGradient(), x)


def _nan_to_num(w: Writer, op: Any, x: Value) -> Value | None:
    """With the ends of half precision, which is computed with in single, as part of the op."""
    if x.dtype.str[1:] != "f2" or None not in (op.posinf, op.neginf):
        return None
    ends = np.finfo(x.dtype)
    high, low = (
        float(end) if given is None else given
        for given, end in ((op.posinf, ends.max), (op.neginf, ends.min))
    )
    return w(ops.NanToNum(op.nan, high, low), x)


def _arg_extremum(w: Writer, op: Any, x: Value) -> Value | None:
    """The least number of an element that is the extreme one, or NaN where any is."""
    if 0 in x.shape:
        return None
    axis: int = op.axis
    n = x.shape[axis]
    fold = ops.Max if isinstance(op, ops.ArgMax) else ops.Min
    there = w(ops.Equal(), x, w.repeated(w(fold((axis,)), x), axis, n))
    if x.dtype.kind == "f":
        there = w(ops.Or(), there, w(ops.IsNaN(), x))
    narrow = np.dtype(np.int32 if n < 2**31 else np.int64)
    numbers = w(ops.Where(), there, w.counted(axis, x.shape, narrow), w.full(n - 1, x.shape, narrow))
    return w.cast(w(ops.Min((axis,)), numbers), np.intp)


def _pad_mirror(w: Writer, op: Any, x: Value) -> Value | None:
    for axis, index in sources(op, x.shape):
        x = w(ops.Index((slice(None),) * axis + (ARRAY,)), x, w(Constant(index)))
    return w(ops.StopGradient(), x)


def _fold_back(w: Writer, op: Any, x: Value) -> Value | None:
    for axis, index in sources(op, op.to):
        to = (*x.shape[:axis], op.to[axis], *x.shape[axis + 1 :])
        x = w(ops.PlaceAdd((slice(None),) * axis + (ARRAY,), to), x, w(Constant(index)))
    return w(ops.StopGradient(), x)


def _place_diagonal(w: Writer, op: Any, x: Value) -> Value | None:
    at = np.arange(x.shape[-1])
    down, across = (w(Constant(at + max(sign * op.offset, 0))) for sign in (-1, 1))
    kept = [axis for axis in range(len(op.to)) if axis not in (op.axis1, op.axis2)]
    order = [*kept, op.axis1, op.axis2]
    place = ops.PlaceAdd((Ellipsis, ARRAY, ARRAY), tuple(op.to[axis] for axis in order))
    return w.transposed(w(place, x, down, across), *(order.index(axis) for axis in range(len(order))))


def _put(w: Writer, op: Any, x: Value, v: Value, *indices: Value) -> Value | None:
    """v where it is placed, x elsewhere; which is last where integers name a place twice, NumPy knows."""
    if indices:
        return None
    place = ops.Place(op.index, x.shape)
    return w(ops.Where(), w(place, w.full(True, v.shape, bool)), w(place, v), x)


def _put_add(w: Writer, op: Any, x: Value, v: Value, *indices: Value) -> Value | None:
    place = ops.PlaceAdd if indices else ops.Place
    return w(ops.Add(), x, w(place(op.index, x.shape), v, *indices))


RULES: Rules = {
    "ArgMax": _arg_extremum,
    "ArgMin": _arg_extremum,
    "PadMirror": _pad_mirror,
    "FoldBack": _fold_back,
    "PlaceDiagonal": _place_diagonal,
    "Put": _put,
    "PutAdd": _put_add,
    "LowerTriangle": _triangle,
    "UpperTriangle": _triangle,
    "Roll": _roll,
    "NanToNum": _nan_to_num,
}
