"""Put the bodies of control nodes in their place: each step of a loop, each branch of a choice, in a scope.

requires: any graph. ensures: the graph computes the same; no loop of known length up to ``limit`` and no
choice is left in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ops
from ..ir import Builder, Constant, Graph, Node, Op, Scope, Value, evaluate


def unroll(graph: Graph, *inputs: Any, limit: int = 8) -> Graph:
    """The same graph with the bodies of its loops and choices put in.

    Steps lie in scopes ``scan/step 0``, ``scan/step 1``, …; branches in scopes that bear their names.

    Args:
        graph: any graph.
        inputs: one array or number for each input. With them it is known which branch is taken, and only that
            one is put in; and how many steps a ``While`` makes. Without, all branches are put in, joined by
            ``Where``, and a ``While`` stays.
        limit: loops of more steps stay as they are.

    Raises:
        ShapeError: an input is missing or has another shape.

    >>> import diagrad as dg
    >>> graph = dg.trace(lambda x: dg.cond(x > 0, dg.sin, dg.cos, x))(1.0)
    >>> print(unroll(graph, 2.0))
    graph lambda(x: f64[]) {
      %0: f64[] = Sin(x) @ cond/"sin, taken"
      return %0
    }
    """
    known = bool(inputs) or not graph.inputs
    work = _Unroller(limit, known)
    if known:
        heads = Graph(graph.inputs, (), graph.inputs, graph.name).run(*inputs)
        work.data.update(heads.values)
    heads = [work.build.reuse(x) for x in graph.inputs]
    ends = work.inline(graph, heads, None)
    return work.build.graph(ends, graph.name).pruned()


class _Unroller:
    """One graph being put together, with the numbers of its values where they are known."""

    def __init__(self, limit: int, known: bool) -> None:
        self.limit, self.known = limit, known
        self.build = Builder()
        self.data: dict[Value, Any] = {}
        self._scopes: dict[tuple[Scope, Scope | None], Scope] = {}
        self._names: set[tuple[str, Scope | None]] = set()

    def inline(self, graph: Graph, inputs: Sequence[Value], scope: Scope | None) -> list[Value]:
        """The nodes of a graph, put in within a scope; its outputs."""
        values = dict(zip(graph.inputs, inputs, strict=True))
        for node in graph.nodes:
            ins = [values[x] for x in node.inputs]
            made = self.node(node, ins, self.within(node.scope, scope))
            values.update(zip(node.outputs, made, strict=True))
        return [values[y] for y in graph.outputs]

    def node(self, node: Node, ins: Sequence[Value], scope: Scope | None) -> Sequence[Value]:
        op = node.op
        if isinstance(op, ops.Scan) and op.length <= self.limit:
            return self.scan(op, ins, scope)
        if isinstance(op, ops.Cond | ops.Switch):
            return self.choice(op, ins, scope)
        if isinstance(op, ops.While) and self.known:
            made = self.loop(op, ins, scope)
            if made is not None:
                return made
        return self.computed(self.build.copy(node, ins, scope))

    def scan(self, op: ops.Scan, ins: Sequence[Value], scope: Scope | None) -> list[Value]:
        box = self.fresh("scan", scope)
        carry, sequences, shared = op.split(ins)
        rows: dict[int, Sequence[Value]] = {}
        for at in op.order():
            step = Scope(f"step {at}", box)
            slices = [self.apply(ops.Slice((at,)), x, scope=step) for x in sequences]
            ends = self.inline(op.body, [*carry, *slices, *shared], step)
            carry, rows[at] = ends[: op.carries], ends[op.carries :]
        columns = list(zip(*(rows[at] for at in range(op.length)), strict=True))
        if not op.length:
            nothing = [np.zeros((0, *y.shape), y.dtype) for y in op.body.outputs[op.carries :]]
            return [*carry, *(self.apply(Constant(x), scope=box) for x in nothing)]
        return [*carry, *(self.apply(ops.Stack(0), *column, scope=box) for column in columns)]

    def choice(self, op: ops.Cond | ops.Switch, ins: Sequence[Value], scope: Scope | None) -> Sequence[Value]:
        box = self.fresh(op.name.lower(), scope)
        p, *xs = ins
        if self.known:
            branch = op.branches[op.number(self.data[p])]
            return self.inline(branch, xs, Scope(f"{branch.name}, taken", box))
        results = [self.inline(branch, xs, self.fresh(branch.name, box)) for branch in op.branches]
        start = len(self.build.nodes)
        ends = op.joined(self.build, p, results)
        for made in self.build.nodes[start:]:
            made.scope = box
        return ends

    def loop(self, op: ops.While, ins: Sequence[Value], scope: Scope | None) -> list[Value] | None:
        """The steps of a loop whose numbers are known; None if there are more than the limit."""
        numbers = [self.data[x] for x in ins]
        carry, shared = numbers[: op.carries], numbers[op.carries :]
        steps = 0
        while evaluate(op.condition, (*carry, *shared))[0]:
            carry, steps = list(evaluate(op.body, (*carry, *shared))), steps + 1
            if steps > self.limit:
                return None
        box = self.fresh("while", scope)
        values = list(ins[: op.carries])
        for at in range(steps):
            values = self.inline(op.body, [*values, *ins[op.carries :]], Scope(f"step {at}", box))
        return values

    def apply(self, op: Op, *inputs: Value, scope: Scope) -> Value:
        return self.computed(self.build.apply(op, *inputs, scope=scope))[0]

    def computed(self, made: Sequence[Value]) -> Sequence[Value]:
        """The outputs of the newest node, with their numbers noted where they are known."""
        if self.known:
            node = self.build.nodes[-1]
            results = node.op.forward(*(self.data[x] for x in node.inputs))
            self.data.update(zip(made, results if node.op.multiple else (results,), strict=True))
        return made

    def fresh(self, name: str, parent: Scope | None) -> Scope:
        """A scope of its own: ``scan``, and a second one beside it ``scan_2``."""
        found, count = name, 1
        while (found, parent) in self._names:
            count += 1
            found = f"{name}_{count}"
        self._names.add((found, parent))
        return Scope(found, parent)

    def within(self, scope: Scope | None, outer: Scope | None) -> Scope | None:
        """A scope of the graph that is put in, as it is within ``outer``."""
        if scope is None:
            return outer
        key = (scope, outer)
        if key not in self._scopes:
            self._scopes[key] = Scope(scope.name, self.within(scope.parent, outer))
        return self._scopes[key]
