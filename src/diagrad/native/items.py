"""What the native engine computes a graph as: items, each of which makes one value.

Views vanish here: an item reads *roots*, values that are computed or given, each through one view. Four kinds:

* :class:`Point`: each element of the result from one element of each operand;
* :class:`Fold`: axes vanish, their elements combined by an op that states ``combine``;
* :class:`Product`: a matrix product;
* :class:`Call`: NumPy runs the op, because it has no native form; it says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import ops
from ..ir import Constant, Graph, Node, Op, Value
from .views import View, moved, whole
from .weights import refusal

__all__ = ["Access", "Call", "Fold", "Item", "Lowered", "Part", "Point", "Product", "lower"]


@dataclass(frozen=True, eq=False)
class Access:
    """What an item reads: a root through a view.

    Attributes:
        root: the value in memory, or in a register where the item that makes it is near.
        view: where each element lies, from the beginning of the root in C order.
        bounds: for some axes of the view the indices at which there is anything: elsewhere it is zero.
    """

    root: Value
    view: View
    bounds: tuple[tuple[int, int, int], ...] = ()


@dataclass(eq=False)
class Item:
    """One step. ``out`` is the value it makes; ``node`` the node of the graph that it comes from."""

    out: Value
    node: Node
    reads: tuple[Access, ...]

    @property
    def op(self) -> Op:
        """The op of its node."""
        return self.node.op


class Point(Item):
    """Each element of the result from one element of each operand; without an elementwise op it copies."""

    @property
    def copies(self) -> bool:
        """Whether it only moves elements."""
        return not self.op.elementwise or len(self.op.ports.outputs) != 1


class Fold(Item):
    """Elements along ``op.axes`` of the operand, combined."""


class Product(Item):
    """A matrix product of two operands over shared leading axes."""


@dataclass(eq=False)
class Call(Item):
    """A node that NumPy runs; ``outs`` are all its values."""

    outs: tuple[Value, ...] = ()
    why: str = ""


@dataclass(frozen=True, eq=False)
class Part:
    """A value that lies within another: part of a concatenation."""

    whole: Value
    view: View


@dataclass
class Lowered:
    """A graph as items.

    Attributes:
        graph: the graph.
        items: in an order in which they can run.
        parts: the values that lie within others.
        outputs: the root of each output; it lies in C order.
        constants: the numbers of those roots that are constants.
    """

    graph: Graph
    items: list[Item] = field(default_factory=list[Item])
    parts: dict[Value, Part] = field(default_factory=dict[Value, Part])
    outputs: list[Value] = field(default_factory=list[Value])
    constants: dict[Value, np.ndarray[Any, Any]] = field(default_factory=dict[Value, Any])


FOLDS = (ops.Sum, ops.Mean, ops.Max, ops.Min, ops.Prod, ops.AllTrue, ops.AnyTrue)


def lower(graph: Graph) -> Lowered:
    """The items of a graph, and where its values lie."""
    made = Lowered(graph)
    access: dict[Value, Access] = {x: Access(x, whole(x.shape)) for x in graph.inputs}

    def add(item: Item) -> None:
        made.items.append(item)
        access[item.out] = Access(item.out, whole(item.out.shape))

    def copy(x: Access, node: Node, dtype: Any) -> Value:
        out = Value(x.view.shape, dtype)
        add(Point(out, node, (x,)))
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
        if views is not None and reads[0].bounds and type(op) not in (ops.Repeat, ops.Branch, ops.StopGradient):
            reads = (access[copy(reads[0], node, node.inputs[0].dtype)],)
            views = moved(op, reads[0].view)
        if views is not None:
            if None in views:
                reads = (access[copy(reads[0], node, node.inputs[0].dtype)],)
                views = moved(op, reads[0].view) or []
            for out, view in zip(node.outputs, views, strict=True):
                assert view is not None
                access[out] = Access(reads[0].root, view, _kept_bounds(op, reads[0]))
            continue
        why = _no_native_form(node)
        if why:
            made.items.append(Call(node.outputs[0], node, reads, node.outputs, why))
            for out in node.outputs:
                access[out] = Access(out, whole(out.shape))
        elif isinstance(op, ops.MatMul):
            add(Product(node.outputs[0], node, reads))
        elif isinstance(op, FOLDS):
            add(Fold(node.outputs[0], node, reads))
        elif isinstance(op, ops.Concatenate | ops.Stack):
            access[node.outputs[0]] = Access(node.outputs[0], whole(node.outputs[0].shape))
            for x, view in zip(reads, _parts(op, node), strict=True):
                out = Value(view.shape, node.outputs[0].dtype)
                made.parts[out] = Part(node.outputs[0], view)
                made.items.append(Point(out, node, (x,)))
        elif isinstance(op, ops.Place):
            add(Point(node.outputs[0], node, (_place(op, reads[0], access, copy, node),)))
        else:
            add(Point(node.outputs[0], node, reads))
    taken = set(graph.inputs) | made.constants.keys()
    for y in graph.outputs:
        x = access[y]
        if x.root in taken or not x.view.contiguous or x.view.shape != x.root.shape or x.bounds:
            node = Node(ops.Branch(1), (y,), (y,))
            made.outputs.append(copy(x, node, y.dtype))
        else:
            made.outputs.append(x.root)
        taken.add(made.outputs[-1])
    return made


def _spread(data: np.ndarray[Any, Any]) -> View:
    """The view of a constant: one number repeated has no strides."""
    return View(data.shape, tuple(step // max(data.itemsize, 1) for step in data.strides))


def _kept_bounds(op: Op, x: Access) -> tuple[tuple[int, int, int], ...]:
    if not x.bounds or not isinstance(op, ops.Repeat):
        return x.bounds
    kept = [at for at in range(len(x.view.shape) + len(op.axes)) if at not in op.axes]
    return tuple((kept[axis], low, high) for axis, low, high in x.bounds)


def _parts(op: Any, node: Node) -> list[View]:
    """Where the inputs of a concatenation or a stack lie in it."""
    y = whole(node.outputs[0].shape)
    if isinstance(op, ops.Stack):
        return [y.along(op.axis, at, 1).without((op.axis,)) for at in range(len(node.inputs))]
    views: list[View] = []
    start = 0
    for x in node.inputs:
        views.append(y.along(op.axis, start, x.shape[op.axis]))
        start += x.shape[op.axis]
    return views


def _place(op: ops.Place, x: Access, access: Mapping[Value, Access], copy: Any, node: Node) -> Access:
    """What reads x where it is placed, and zero elsewhere."""
    if x.bounds:
        x = access[copy(x, node, x.root.dtype)]
    strides: list[int] = []
    bounds: list[tuple[int, int, int]] = []
    offset, axis = x.view.offset, 0
    for at, part in enumerate(_entries(op.index, len(op.to))):
        if isinstance(part, slice):
            reach = range(*part.indices(op.to[at]))
            strides.append(x.view.strides[axis])
            axis += 1
        else:
            place = range(op.to[at])[part]
            reach = range(place, place + 1)
            strides.append(0)
        offset -= reach.start * strides[-1]
        if len(reach) < op.to[at]:
            bounds.append((at, reach.start, reach.start + len(reach)))
    return Access(x.root, View(op.to, tuple(strides), offset), tuple(bounds))


def _entries(index: tuple[Any, ...], ndim: int) -> list[Any]:
    """An index with an entry for each axis."""
    at = index.index(Ellipsis) if Ellipsis in index else len(index)
    rest = (slice(None),) * (ndim - sum(part is not Ellipsis for part in index))
    return [*index[:at], *rest, *index[at + 1 :]]


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
    if isinstance(op, FOLDS):
        return ""
    if isinstance(op, ops.Concatenate | ops.Stack):
        return ""
    if isinstance(op, ops.Place):
        plain = all(
            part is not None and not (isinstance(part, slice) and part.step not in (None, 1))
            for part in _entries(op.index, len(op.to))
        )
        return "" if plain and None not in op.index else "a place with steps"
    if op.elementwise and not op.multiple:
        return refusal(op, tuple(x.dtype for x in node.inputs))
    return f"{op.name} has no native form yet"


def reads_of(items: Sequence[Item]) -> dict[Value, list[Item]]:
    """The items that read each root."""
    found: dict[Value, list[Item]] = {}
    for item in items:
        for access in item.reads:
            found.setdefault(access.root, []).append(item)
    return found
