"""From a graph to items: views vanish, indices become addresses, what has no native form is left to NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import ops
from ..ir import Constant, Graph, Node, Op, Value
from ..ops.index import ARRAY, EACH
from .control import CONTROL, control
from .expand import expand
from .items import Access, Call, Fold, Item, Lowered, Part, Point, Product, Running, Scatter
from .views import View, moved, reach, whole
from .weights import refusal

__all__ = ["lower"]

RUNNING = (ops.CumSum, ops.CumProd, ops.CumMax, ops.CumMin, ops.CumLogSumExp, ops.Recurrence)


def lower(graph: Graph) -> Lowered:
    """The items of a graph, and where its values lie."""
    graph = expand(graph)
    made = Lowered(graph)
    access: dict[Value, Access] = {x: Access(x, whole(x.shape)) for x in graph.inputs}

    def add(item: Item) -> None:
        made.items.append(item)
        access[item.out] = Access(item.out, whole(item.out.shape))

    def copy(x: Access, node: Node, dtype: Any) -> Value:
        out = Value(x.view.shape, dtype)
        add(Point(out, node, (x,), True))
        return out

    for node in graph.nodes:
        op = node.op
        if isinstance(op, Constant):
            out = node.outputs[0]
            made.constants[out] = op.data
            access[out] = Access(out, _spread(op.data))
            continue
        reads = tuple(access[x] for x in node.inputs)
        views = moved(op, reads[0].view) if reads else None
        if views is not None and not reads[0].plain and type(op) not in (ops.Branch, ops.StopGradient):
            reads = (access[copy(reads[0], node, node.inputs[0].dtype)],)
            views = moved(op, reads[0].view)
        if views is not None:
            if None in views:
                reads = (access[copy(reads[0], node, node.inputs[0].dtype)],)
                views = moved(op, reads[0].view) or []
            for out, view in zip(node.outputs, views, strict=True):
                assert view is not None
                access[out] = replace(reads[0], view=view)
            continue
        if isinstance(op, CONTROL):

            def again(x: Access, node: Node = node) -> Access:
                return access[copy(x, node, x.root.dtype)]

            control(made, access, node, reads, again)
            continue
        why = _no_native_form(node)
        if why:
            made.items.append(Call(node.outputs[0], node, reads, node.outputs, why))
            for out in node.outputs:
                access[out] = Access(out, whole(out.shape))
        elif isinstance(op, ops.MatMul):
            _product(made, access, node, reads)
        elif isinstance(op, RUNNING):
            if node.outputs[0].shape[op.axis] > 1:
                add(Running(node.outputs[0], node, reads, op.axis, op.reverse))
            else:
                _point(made, access, node, reads[-1:], True)
        elif op.folding is not None:
            _fold(made, access, node, op.attributes()["axes"], reads)
        elif isinstance(op, ops.Concatenate | ops.Stack):
            access[node.outputs[0]] = Access(node.outputs[0], whole(node.outputs[0].shape))
            for x, view in zip(reads, _parts(op, node), strict=True):
                out = Value(view.shape, node.outputs[0].dtype)
                made.parts[out] = Part(node.outputs[0], view)
                made.items.append(Point(out, node, (x,), True))
        elif isinstance(op, ops.Place | ops.Pad):
            x = reads[0] if reads[0].plain else access[copy(reads[0], node, reads[0].root.dtype)]
            if isinstance(op, ops.Pad):
                _point(made, access, node, (_pad(op, x),), True)
            elif any(
                part is None or (isinstance(part, slice) and part.step not in (None, 1)) for part in op.index
            ):
                y = node.outputs[0]
                add(Scatter(y, node, (x,), (), Access(y, whole(y.shape).sliced(op.index))))
            else:
                _point(made, access, node, (_place(op, x),), True)
        elif isinstance(op, ops.Index | ops.PlaceAdd):
            reads = tuple(x if x.plain else access[copy(x, node, x.root.dtype)] for x in reads)
            whole_of = reads[0] if isinstance(op, ops.Index) else Access(node.outputs[0], whole(op.to))
            made_there, gone = indexed(op.index, whole_of, reads[1:])
            for index, size in zip(reads[1:], _counted(op.index, whole_of.view.shape), strict=True):
                _check(made, index, size, node)
            if isinstance(op, ops.Index):
                add(Point(node.outputs[0], node, (made_there,), True))
            else:
                add(Scatter(node.outputs[0], node, (reads[0],), gone, made_there))
        elif isinstance(op, ops.TakeAlong | ops.PutAlong):
            reads = tuple(x if x.plain else access[copy(x, node, x.root.dtype)] for x in reads)
            whole_of = (
                reads[0]
                if isinstance(op, ops.TakeAlong)
                else Access(node.outputs[0], whole(node.outputs[0].shape))
            )
            _check(made, reads[1], whole_of.view.shape[op.axis], node)
            there = _taken_along(op.axis, whole_of, reads[1])
            if isinstance(op, ops.TakeAlong):
                add(Point(node.outputs[0], node, (there,), True))
            else:
                add(Scatter(node.outputs[0], node, (reads[0],), (op.axis,), there))
        elif isinstance(op, ops.Overlap):
            x = reads[0] if reads[0].plain else access[copy(reads[0], node, reads[0].root.dtype)]
            y = whole(node.outputs[0].shape).windows(op.size, op.strides, op.dilation)
            _overlap(made, access, node, x, y)
        else:
            _point(made, access, node, reads)
    taken = set(graph.inputs) | made.constants.keys()
    for y in graph.outputs:
        x = access[y]
        if x.root in taken or not x.view.contiguous or x.view.shape != x.root.shape or x.bounds:
            node = Node(ops.Branch(1), (y,), (y,))
            made.outputs.append(copy(x, node, y.dtype))
        else:
            made.outputs.append(x.root)
        taken.add(made.outputs[-1])
    made.items = [item for item in made.items if isinstance(item, Call) or 0 not in item.out.shape]
    return made


def _spread(data: np.ndarray[Any, Any]) -> View:
    """The view of a constant: one number repeated has no strides."""
    return View(data.shape, tuple(step // max(data.itemsize, 1) for step in data.strides))


def _parts(op: Any, node: Node) -> list[View]:
    """Where the inputs of a concatenation or a stack lie in it."""
    y = whole(node.outputs[0].shape)
    if isinstance(op, ops.Stack):
        return [y.along(op.axis, at, 1).without((op.axis,)) for at in range(len(node.inputs))]
    views: list[View] = []
    axis: int = op.axis
    start = 0
    for x in node.inputs:
        views.append(y.along(axis, start, x.shape[axis]))
        start += x.shape[axis]
    return views


def _memory_order(reads: Sequence[Access]) -> tuple[int, ...]:
    """The axes in the order in which an item's operands lie in memory, as the first of full size does."""
    ndim = len(reads[0].view.shape)
    for x in reads:
        pairs = list(zip(x.view.shape, x.view.strides, strict=True))
        if not x.indirect and all(step or size == 1 for size, step in pairs):
            large = [at for at, (size, _) in enumerate(pairs) if size > 1]
            order = iter(sorted(large, key=lambda at: (-abs(pairs[at][1]), at)))
            return tuple(next(order) if at in large else at for at in range(ndim))
    return tuple(range(ndim))


def _point(
    made: Lowered, access: dict[Value, Access], node: Node, reads: tuple[Access, ...], copies: bool = False
) -> None:
    """An item of which each element comes from one of each operand, in the order in which those lie."""
    y = node.outputs[0]
    order = _memory_order(reads) if reads else ()
    if order == tuple(range(len(order))):
        made.items.append(Point(y, node, reads, copies))
        access[y] = Access(y, whole(y.shape))
        return
    out = Value(tuple(y.shape[axis] for axis in order), y.dtype)
    made.items.append(Point(out, node, tuple(x.transposed(order) for x in reads), copies))
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    access[y] = Access(out, whole(out.shape).transposed(back))


def _product(made: Lowered, access: dict[Value, Access], node: Node, reads: tuple[Access, ...]) -> None:
    """A product; that of a matrix with one column is a row times the transposed matrix."""
    y = node.outputs[0]
    *lead, m, n = y.shape
    order, out = tuple(range(len(y.shape))), y
    if n == 1 < m and all(size == 1 for size in lead):
        order = *order[:-2], order[-1], order[-2]
        reads, out = tuple(x.transposed(order) for x in reads[::-1]), Value((*lead, n, m), y.dtype)
    made.items.append(Product(out, node, reads))
    access[y] = Access(out, whole(out.shape).transposed(order))


def _fold(
    made: Lowered, access: dict[Value, Access], node: Node, axes: tuple[int, ...], reads: tuple[Access, ...]
) -> None:
    y = node.outputs[0]
    order = _memory_order(reads)
    kept = [axis for axis in order if axis not in axes]
    named = [axis for axis in range(len(order)) if axis not in axes]
    out = y if kept == named else Value(tuple(reads[0].view.shape[axis] for axis in kept), y.dtype)
    over = tuple(at for at, axis in enumerate(order) if axis in axes)
    made.items.append(Fold(out, node, tuple(x.transposed(order) for x in reads), over))
    access[y] = Access(out, whole(out.shape).transposed(tuple(kept.index(axis) for axis in named)))


def _overlap(made: Lowered, access: dict[Value, Access], node: Node, x: Access, target: View) -> None:
    """Windows added where they came from, the result in the order in which the windows lie."""
    y = node.outputs[0]
    order = _memory_order((x,))
    kept = [axis for axis in order if axis < len(y.shape)]
    out = Value(tuple(y.shape[axis] for axis in kept), y.dtype)
    back = tuple(kept.index(axis) for axis in range(len(y.shape)))
    dense = whole(out.shape).transposed(back)
    size, op = x.view.shape[len(y.shape) :], node.op
    there = dense.windows(size, op.strides, op.dilation)  # type: ignore[attr-defined]
    assert there.shape == target.shape
    made.items.append(Scatter(out, node, (x.transposed(order),), (), Access(out, there).transposed(order)))
    access[y] = Access(out, dense)


def _pad(op: ops.Pad, x: Access) -> Access:
    """What reads x within its padding."""
    offset = x.view.offset - sum(a * s for (a, _), s in zip(op.widths, x.view.strides, strict=True))
    shape = tuple(a + n + b for (a, b), n in zip(op.widths, x.view.shape, strict=True))
    bounds = tuple(
        (at, a, a + n) for at, ((a, b), n) in enumerate(zip(op.widths, x.view.shape, strict=True)) if a or b
    )
    return Access(x.root, View(shape, x.view.strides, offset), bounds, (), op.value)


def _place(op: ops.Place, x: Access) -> Access:
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


def indexed(index: tuple[Any, ...], x: Access, arrays: tuple[Access, ...]) -> tuple[Access, tuple[int, ...]]:
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


def _check(made: Lowered, index: Access, size: int, node: Node) -> None:
    """Find out, before anything is read there, whether integers lie outside an axis."""
    data = made.constants.get(index.root)
    if data is not None and data.size and -size <= data.min() and data.max() < size:
        return
    key = index.root, index.view, size
    if key in made.checked:
        return
    made.checked.add(key)
    shape = index.view.shape
    outside = Value(shape, np.dtype(bool))
    made.items.append(
        Point(outside, Node(_Outside(size), (index.root,), (outside,), None, node.site), (index,))
    )
    found = Value((), np.dtype(bool))
    fold = Node(ops.AnyTrue(tuple(range(len(shape)))), (outside,), (found,), None, node.site)
    made.items.append(Fold(found, fold, (Access(outside, whole(shape)),), tuple(range(len(shape)))))
    made.checks[found] = node


@dataclass(frozen=True)
class _Outside(Op, register=False):
    """Whether an index lies outside an axis of ``size``."""

    size: int

    signature = "x[...] -> y[...]"

    def forward(self, x: Any) -> Any:
        return (x < -self.size) | (x >= self.size)

    def dtype(self, *dtypes: Any) -> Any:
        return np.dtype(bool)


def _no_native_form(node: Node) -> str:
    """Why NumPy must run a node; empty if it has a native form."""
    op = node.op
    values = (*node.inputs, *node.outputs)
    if any(x.dtype.kind not in "biuf" or x.dtype.itemsize > 8 for x in values):
        return "complex or extended numbers"
    if any(0 in x.shape for x in values):
        return "an array without elements"
    if isinstance(op, ops.MatMul):
        floats = node.outputs[0].dtype.char in "fd"
        return "" if floats and len(node.inputs[0].shape) >= 2 else "a product of integers or half precision"
    if op.folding is not None or isinstance(op, RUNNING):
        return ""
    if isinstance(op, ops.Concatenate | ops.Stack):
        return ""
    if isinstance(op, ops.Overlap):
        return "an overlap with padding" if any(map(any, op.padding)) else ""
    if isinstance(op, ops.Pad):
        return "" if all(a >= 0 and b >= 0 for a, b in op.widths) else "padding that takes away"
    if isinstance(op, ops.TakeAlong | ops.PutAlong):
        return ""
    if isinstance(op, ops.Index | ops.PlaceAdd):
        odd = EACH in op.index or None in op.index
        return "an index of each slice" if odd else ""
    if isinstance(op, ops.Place):
        return ""
    if op.elementwise and not op.multiple:
        return refusal(op, tuple(x.dtype for x in node.inputs))
    return f"{op.name} has no native form yet"
