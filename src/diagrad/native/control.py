"""What loops and choices become: items that call routines.

Each graph that such a node holds is a routine of the program, written once. A loop's routine finds behind
its pointers what the step is for: slices of the sequences where they lie, and carries in two places that
change their roles at each step, so that none is ever copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..ir import Graph, Node, Value
from .items import Access, Call
from .lowering import Lowering, Reads
from .views import View, whole

__all__ = ["RULES", "Choice", "Loop", "Slot"]

Held = tuple[Graph, tuple[int | None, ...]]
"""A graph as a routine, and for each of its outputs the input that it may overwrite."""


@dataclass(frozen=True)
class Slot:
    """What a routine finds behind one of its pointers: elements that lie ``start`` behind the beginning of a
    root at the first step, and ``step`` further at each that follows.
    """

    root: Value
    start: int = 0
    step: int = 0


@dataclass(eq=False)
class Loop(Call):
    """A body, called step after step.

    Attributes:
        body: what a step computes.
        inputs, outputs: where each of the body's lies.
        turned: for each output that is a carry the input that it is at the next step.
        heads: what is copied before the first step: from where, where to, and what it is like.
        steps: how many; None where the condition says so.
        condition: takes what the body takes.
    """

    body: Graph = field(kw_only=True)
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Slot, ...] = ()
    turned: dict[int, int] = field(default_factory=dict[int, int])
    heads: tuple[tuple[Slot, Slot, Value], ...] = ()
    steps: int | None = None
    condition: Graph | None = None

    @property
    def held(self) -> list[Held]:
        """The graphs that it calls as routines."""
        own = (self.body, tuple(self.turned.get(at) for at in range(len(self.outputs))))
        return [own] if self.condition is None else [own, (self.condition, (None,))]


@dataclass(eq=False)
class Choice(Call):
    """Routines of which one is called: the one that the first input says."""

    branches: tuple[Graph, ...] = ()

    @property
    def held(self) -> list[Held]:
        """The graphs that it calls as routines."""
        return [(branch, (None,) * len(self.outs)) for branch in self.branches]


def _choice(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    for y in node.outputs:
        low.access[y] = Access(y, whole(y.shape))
    if node.outputs:
        dense = _dense(low, node, reads)
        low.made.items.append(Choice(node.outputs[0], node, dense, node.outputs, branches=op.branches))


def _dense(low: Lowering, node: Node, reads: Reads) -> Reads:
    return tuple(x if x.plain and x.view.contiguous else low.copy(x, node) for x in reads)


def _scan(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    """A loop of known length.

    A carry that is also an output, before or after each step, lies in rows from the beginning: one more than
    there are steps.
    """
    access = low.access
    body, steps = op.body, op.length
    sequences = range(op.carries, op.carries + op.sliced)
    dense = tuple(
        x if x.plain and (_row(x.view) if at in sequences else x.view).contiguous else low.copy(x, node)
        for at, x in enumerate(reads)
    )
    inputs = [
        _sliced(x.root, x.view.offset, x.view.strides[0], op) if at in sequences else _at(x)
        for at, x in enumerate(dense)
    ]
    outs: list[Value] = []
    ends: list[Value] = []
    outputs: list[Slot] = []
    turned: dict[int, int] = {}
    heads: list[tuple[Slot, Slot, Value]] = []

    def end(y: Value, root: Value, slot: Slot) -> None:
        ends.append(y)
        outs.append(root)
        outputs.append(slot)

    in_rows: set[int] = set()
    for at in range(op.carries):
        old, new, y = body.inputs[at], body.outputs[at], node.outputs[at]
        if old is new:
            access[y] = reads[at]
            continue
        own = {
            j
            for j in range(op.carries, len(body.outputs))
            if j not in in_rows and (body.outputs[j] is old or body.outputs[j] is new)
        }
        if not own:
            access[y] = Access(y, whole(y.shape))
            turned[len(outputs)] = at
            end(new, y, Slot(y))
            continue
        in_rows |= own
        rows = Value((steps + 1, *old.shape), old.dtype)
        view = whole(rows.shape)
        size = view.strides[0]
        before = _sliced(rows, size if op.reverse else 0, size, op)
        heads.append((inputs[at], Slot(rows, steps * size if op.reverse else 0), old))
        inputs[at] = before
        end(new, rows, _sliced(rows, 0 if op.reverse else size, size, op))
        access[y] = Access(rows, view.along(0, 0 if op.reverse else steps, 1).without((0,)))
        for j in own:
            late = (body.outputs[j] is new) is not op.reverse
            access[node.outputs[j]] = Access(rows, view.along(0, int(late), steps))
    for j in range(op.carries, len(body.outputs)):
        if j not in in_rows:
            y = node.outputs[j]
            access[y] = Access(y, whole(y.shape))
            end(body.outputs[j], y, _sliced(y, 0, whole(y.shape).strides[0], op))
    if outs:
        graph = Graph(body.inputs, body.nodes, ends, body.name).pruned()
        low.made.items.append(
            Loop(
                outs[0],
                node,
                dense,
                tuple(outs),
                body=graph,
                inputs=tuple(inputs),
                outputs=tuple(outputs),
                turned=turned,
                heads=tuple(heads),
                steps=steps,
            )
        )


def _while(low: Lowering, op: Any, node: Node, reads: Reads) -> None:
    body, dense = op.body, _dense(low, node, reads)
    changing = [at for at in range(op.carries) if body.outputs[at] is not body.inputs[at]]
    outs = tuple(node.outputs[at] for at in changing)
    for at, y in enumerate(node.outputs):
        low.access[y] = Access(y, whole(y.shape)) if at in changing else dense[at]
    if outs:
        ends = [body.outputs[at] for at in changing]
        low.made.items.append(
            Loop(
                outs[0],
                node,
                dense,
                outs,
                body=Graph(body.inputs, body.nodes, ends, body.name).pruned(),
                inputs=tuple(map(_at, dense)),
                outputs=tuple(map(Slot, outs)),
                turned=dict(enumerate(changing)),
                condition=op.condition,
            )
        )


def _row(x: View) -> View:
    """One slice of a sequence."""
    return View(x.shape[1:], x.strides[1:])


def _at(x: Access) -> Slot:
    return Slot(x.root, x.view.offset)


def _sliced(root: Value, start: int, size: int, op: Any) -> Slot:
    """The slices of a sequence in the order of the steps, ``size`` elements from one to the next."""
    if op.reverse:
        return Slot(root, start + max(op.length - 1, 0) * size, -size)
    return Slot(root, start, size)


RULES = {"Scan": _scan, "While": _while, "Cond": _choice, "Switch": _choice}
