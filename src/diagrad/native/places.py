"""Where elements are read from and added to: slices, padding, integers that name places, windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import ops
from ..ir import Node, Op, Value
from ..ops.index import ARRAY
from .items import Access, Fold, Point, Scatter
from .lowering import Lowering, Reads, memory_order
from .views import View, reach, whole

__all__ = ["RULES"]


def _placing(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    """x within zeros."""
    x, y = low.plain(reads[0], node), node.outputs[0]
    if any(part is None or _strides(part) for part in op.index):
        low.add(Scatter(y, node, (x,), (), Access(y, whole(y.shape).sliced(op.index))))
    else:
        low.point(node, (_place(op, x),), True)


def _padding(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    low.point(node, (_pad(op, low.plain(reads[0], node)),), True)


def _indexing(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    """x[i, j, ...]."""
    x, *indices = (low.plain(x, node) for x in reads)
    there, _ = _named(low, op, node, x, tuple(indices))
    low.add(Point(node.outputs[0], node, (there,), True))


def _adding(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    """x added at [i, j, ...] of zeros."""
    x, *indices = (low.plain(x, node) for x in reads)
    there, gone = _named(low, op, node, Access(node.outputs[0], whole(op.to)), tuple(indices))
    low.add(Scatter(node.outputs[0], node, (x,), gone, there))


def _named(
    low: Lowering, op: Any, node: Node, x: Access, indices: tuple[Access, ...]
) -> tuple[Access, tuple[int, ...]]:
    """What integers name of x, once they are known to be inside."""
    found = _indexed(op.index, x, indices)
    for index, size in zip(indices, _counted(op.index, x.view.shape), strict=True):
        _check(low, index, size, node)
    return found


def _taking_along(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    axis: int = op.axis
    x, index = (low.plain(x, node) for x in reads)
    _check(low, index, x.view.shape[axis], node)
    low.add(Point(node.outputs[0], node, (_taken_along(axis, x, index),), True))


def _putting_along(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    axis: int = op.axis
    x, index = (low.plain(x, node) for x in reads)
    y = Access(node.outputs[0], whole(node.outputs[0].shape))
    _check(low, index, y.view.shape[axis], node)
    low.add(Scatter(node.outputs[0], node, (x,), (axis,), _taken_along(axis, y, index)))


def _overlap(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    """Windows added where they came from, the result in the order in which the windows lie."""
    x, y = low.plain(reads[0], node), node.outputs[0]
    order = memory_order((x,))
    kept = [axis for axis in order if axis < len(y.shape)]
    out = Value(tuple(y.shape[axis] for axis in kept), y.dtype)
    back = tuple(kept.index(axis) for axis in range(len(y.shape)))
    dense = whole(out.shape).transposed(back)
    there = dense.windows(x.view.shape[len(y.shape) :], op.strides, op.dilation)
    target = Access(out, there).transposed(order)
    low.made.items.append(Scatter(out, node, (x.transposed(order),), (), target))
    low.access[y] = Access(out, dense)


def _strides(part: Any) -> bool:
    """Whether an entry of an index is a slice that leaves elements out."""
    step = getattr(part, "step", None)
    return step not in (None, 1)


RULES = {
    "Place": _placing,
    "Pad": _padding,
    "Index": _indexing,
    "PlaceAdd": _adding,
    "TakeAlong": _taking_along,
    "PutAlong": _putting_along,
    "Overlap": _overlap,
}


def _pad(op: Any, x: Access) -> Access:
    """What reads x within its padding."""
    offset = x.view.offset - sum(a * s for (a, _), s in zip(op.widths, x.view.strides, strict=True))
    shape = tuple(a + n + b for (a, b), n in zip(op.widths, x.view.shape, strict=True))
    bounds = tuple(
        (at, a, a + n) for at, ((a, b), n) in enumerate(zip(op.widths, x.view.shape, strict=True)) if a or b
    )
    return Access(x.root, View(shape, x.view.strides, offset), bounds, (), op.value)


def _place(op: Any, x: Access) -> Access:
    """What reads x where it is placed, and zero elsewhere."""
    strides: list[int] = []
    bounds: list[tuple[int, int, int]] = []
    offset, axis = x.view.offset, 0
    for at, part in enumerate(_entries(op.index, len(op.to))):
        if isinstance(part, slice):
            strides.append(x.view.strides[axis])
            axis += 1
        else:
            strides.append(0)
        span = reach(part, op.to[at])
        offset -= span.start * strides[-1]
        if len(span) < op.to[at]:
            bounds.append((at, span.start, span.start + len(span)))
    return Access(x.root, View(op.to, tuple(strides), offset), tuple(bounds))


def _entries(index: tuple[Any, ...], ndim: int) -> list[Any]:
    """An index with an entry for each axis."""
    at = index.index(Ellipsis) if Ellipsis in index else len(index)
    rest = (slice(None),) * (ndim - sum(part is not Ellipsis for part in index))
    return [*index[:at], *rest, *index[at + 1 :]]


def _indexed(index: tuple[Any, ...], x: Access, arrays: tuple[Access, ...]) -> tuple[Access, tuple[int, ...]]:
    """x[index] with integer arrays, and which of its axes are those of the arrays."""
    entries = _entries(index, len(x.view.shape))
    own = np.broadcast_shapes(*(a.view.shape for a in arrays))
    advanced = [at for at, part in enumerate(entries) if not isinstance(part, slice)]
    together = advanced[-1] - advanced[0] < len(advanced)
    shape: list[int] = []
    strides: list[int] = []
    offset, start = x.view.offset, 0
    steps: list[tuple[int, int]] = []
    for at, part in enumerate(entries):
        step, size = x.view.strides[at], x.view.shape[at]
        if together and at == advanced[0]:
            start = len(shape)
        if isinstance(part, slice):
            span = reach(part, size)
            shape.append(len(span))
            strides.append(step * span.step)
            offset += step * span.start
        elif part == ARRAY:
            steps.append((step, size))
        else:
            offset += reach(part, size).start * step
    shape[start:start] = own
    strides[start:start] = [0] * len(own)
    gone = tuple(range(start, start + len(own)))
    rest = tuple(at for at in range(len(shape)) if at not in gone)
    indirect: list[tuple[Access, int, int]] = []
    for a, (step, size) in zip(arrays, steps, strict=True):
        lead = len(own) - len(a.view.shape)
        view = a.view.repeated(tuple(range(lead)), own[:lead])
        wide = tuple(0 if n == 1 else s for n, s in zip(view.shape, view.strides, strict=True))
        view = View(own, wide, view.offset).repeated(rest, tuple(shape[at] for at in rest))
        indirect.append((Access(a.root, view), step, size))
    return Access(x.root, View(tuple(shape), tuple(strides), offset), (), tuple(indirect)), gone


def _taken_along(axis: int, x: Access, index: Access) -> Access:
    """x with the index along one axis that integers of x's other axes say."""
    strides = tuple(0 if at == axis else step for at, step in enumerate(x.view.strides))
    view = View(index.view.shape, strides, x.view.offset)
    return Access(x.root, view, (), ((index, x.view.strides[axis], x.view.shape[axis]),))


def _counted(index: tuple[Any, ...], shape: tuple[int, ...]) -> list[int]:
    """The sizes of the axes that integer arrays count along."""
    entries = _entries(index, len(shape))
    return [size for part, size in zip(entries, shape, strict=True) if part == ARRAY]


def _check(low: Lowering, index: Access, size: int, node: Node) -> None:
    """Find out, before anything is read there, whether integers lie outside an axis."""
    data = low.made.constants.get(index.root)
    if data is not None and data.size and -size <= data.min() and data.max() < size:
        return
    key = index.root, index.view, size
    if key in low.made.checked:
        return
    low.made.checked.add(key)
    shape = index.view.shape
    outside = Value(shape, np.dtype(bool))
    low.made.items.append(
        Point(outside, Node(_Outside(size), (index.root,), (outside,), None, node.site), (index,))
    )
    found = Value((), np.dtype(bool))
    fold = Node(ops.AnyTrue(tuple(range(len(shape)))), (outside,), (found,), None, node.site)
    low.made.items.append(Fold(found, fold, (Access(outside, whole(shape)),), tuple(range(len(shape)))))
    low.made.checks[found] = node


@dataclass(frozen=True)
class _Outside(Op, register=False):
    """Whether an index lies outside an axis of ``size``."""

    size: int

    signature = "x[...] -> y[...]"

    def forward(self, x: Any) -> Any:
        return (x < -self.size) | (x >= self.size)

    def dtype(self, *dtypes: Any) -> Any:
        return np.dtype(bool)
