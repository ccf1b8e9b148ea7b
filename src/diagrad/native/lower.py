"""From a graph to items: views vanish, indices become addresses, what has no native form is left to NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from .. import ops
from ..ir import Constant, Graph, Node, Value
from ..ops.index import EACH
from . import control, places
from .expand import expand
from .items import Access, Call, Fold, Lowered, Part, Point, Product, Running
from .lowering import Lowering, Reads, memory_order
from .views import View, moved, whole
from .weights import refusal

__all__ = ["lower"]

RUNNING = ("CumSum", "CumProd", "CumMax", "CumMin", "CumLogSumExp", "Recurrence")

Rule = Callable[[Lowering, Any, Node, Reads], None]


def lower(graph: Graph) -> Lowered:
    """The items of a graph, and where its values lie."""
    graph = expand(graph)
    low = Lowering(graph)
    for node in graph.nodes:
        _lower(low, node.op, node)
    made = low.made
    taken = set(graph.inputs) | made.constants.keys()
    for y in graph.outputs:
        x = low.access[y]
        if x.root in taken or not x.view.contiguous or x.view.shape != x.root.shape or x.bounds:
            x = low.copy(x, Node(ops.Branch(1), (y,), (y,)))
        made.outputs.append(x.root)
        taken.add(x.root)
    made.items = [item for item in made.items if isinstance(item, Call) or 0 not in item.out.shape]
    return made


def _lower(low: Lowering, op: Any, node: Node) -> None:
    if isinstance(op, Constant):
        low.made.constants[node.outputs[0]] = op.data
        low.access[node.outputs[0]] = Access(node.outputs[0], _spread(op.data))
        return
    reads = tuple(low.access[x] for x in node.inputs)
    if _moves(low, op, node, reads):
        return
    rule = control.RULES.get(op.own)
    if rule is None:
        why = _no_native_form(op, node)
        if why:
            low.made.items.append(Call(node.outputs[0], node, reads, node.outputs, why))
            low.access.update((y, Access(y, whole(y.shape))) for y in node.outputs)
            return
        rule = RULES.get(op.own) or (_fold if op.folding is not None else _point)
    rule(low, op, node, reads)


def _moves(low: Lowering, op: Any, node: Node, reads: Reads) -> bool:
    """Whether the results are views of the first input."""
    views = moved(op, reads[0].view) if reads else None
    if views is None:
        return False
    x = reads[0]
    if None in views or not (x.plain or op.own in ("Branch", "StopGradient")):
        x = low.copy(x, node)
        views = moved(op, x.view) or []
    for y, view in zip(node.outputs, views, strict=True):
        assert view is not None
        low.access[y] = replace(x, view=view)
    return True


def _spread(data: np.ndarray[Any, Any]) -> View:
    """The view of a constant: one number repeated has no strides."""
    return View(data.shape, tuple(step // max(data.itemsize, 1) for step in data.strides))


def _point(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    low.point(node, reads)


def _product(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    """A product; that of a matrix with one column is a row times the transposed matrix."""
    y = node.outputs[0]
    *lead, m, n = y.shape
    order, out = tuple(range(len(y.shape))), y
    if n == 1 < m and all(size == 1 for size in lead):
        order = *order[:-2], order[-1], order[-2]
        reads, out = tuple(x.transposed(order) for x in reads[::-1]), Value((*lead, n, m), y.dtype)
    low.made.items.append(Product(out, node, reads))
    low.access[y] = Access(out, whole(out.shape).transposed(order))


def _fold(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    y, axes = node.outputs[0], op.axes
    order = memory_order(reads)
    kept = [axis for axis in order if axis not in axes]
    named = [axis for axis in range(len(order)) if axis not in axes]
    out = y if kept == named else Value(tuple(reads[0].view.shape[axis] for axis in kept), y.dtype)
    over = tuple(at for at, axis in enumerate(order) if axis in axes)
    low.made.items.append(Fold(out, node, tuple(x.transposed(order) for x in reads), over))
    low.access[y] = Access(out, whole(out.shape).transposed(tuple(kept.index(axis) for axis in named)))


def _run(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    if node.outputs[0].shape[op.axis] > 1:
        low.add(Running(node.outputs[0], node, reads, op.axis, op.reverse))
    else:
        low.point(node, reads[-1:], True)


def _join(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    """Each part is written where it lies in the whole."""
    y = node.outputs[0]
    low.access[y] = Access(y, whole(y.shape))
    for x, view in zip(reads, _parts(op, node), strict=True):
        out = Value(view.shape, y.dtype)
        low.made.parts[out] = Part(y, view)
        low.made.items.append(Point(out, node, (x,), True))


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


RULES: dict[str, Rule] = {
    "MatMul": _product,
    "Concatenate": _join,
    "Stack": _join,
    **dict.fromkeys(RUNNING, _run),
    **places.RULES,
}


def _no_native_form(op: Any, node: Node) -> str:
    """Why NumPy must run a node; empty if it has a native form."""
    values = (*node.inputs, *node.outputs)
    if any(x.dtype.kind not in "biuf" or x.dtype.itemsize > 8 for x in values):
        return "complex or extended numbers"
    if any(0 in x.shape for x in values):
        return "an array without elements"
    if isinstance(op, ops.MatMul):
        floats = node.outputs[0].dtype.char in "fd"
        return "" if floats and len(node.inputs[0].shape) >= 2 else "a product of integers or half precision"
    if op.folding is not None or op.own in RUNNING:
        return ""
    if isinstance(op, ops.Concatenate | ops.Stack):
        return ""
    if op.own == "Overlap":
        return "an overlap with padding" if any(map(any, op.padding)) else ""
    if op.own == "Pad":
        return "" if all(a >= 0 and b >= 0 for a, b in op.widths) else "padding that takes away"
    if op.own in ("TakeAlong", "PutAlong"):
        return ""
    if isinstance(op, ops.Index | ops.PlaceAdd):
        odd = EACH in op.index or None in op.index
        return "an index of each slice" if odd else ""
    if isinstance(op, ops.Place):
        return ""
    if op.elementwise and not op.multiple:
        return refusal(op, tuple(x.dtype for x in node.inputs))
    return f"{op.name} has no native form yet"
