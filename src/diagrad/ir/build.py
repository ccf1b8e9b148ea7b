"""A graph made node by node, out of other graphs and of ops."""

from __future__ import annotations

from collections.abc import Sequence

from .graph import Graph, Node, Role, Scope, Value
from .op import Op
from .source import Site


class Builder:
    """Takes nodes in the order in which they are to run, and gives a graph.

    >>> import diagrad as dg
    >>> from diagrad.ops import Negative
    >>> build = Builder()
    >>> double = dg.trace(lambda x: x + x)(1.0)
    >>> x = build.input(double.inputs[0])
    >>> (y,) = build.apply(Negative(), *build.inline(double, [x]))
    >>> print(build.graph([y], "minus"))
    graph minus(x: f64[]) {
      %0: f64[] = Add(x, x)
      %1: f64[] = Negative(%0)
      return %1
    }
    """

    def __init__(self) -> None:
        self.inputs: list[Value] = []
        self.nodes: list[Node] = []
        self._names: set[str] = set()

    def input(self, like: Value, *lead: int, role: Role = "input") -> Value:
        """A further input, of the shape, dtype and name of a value, with ``lead`` axes before its own."""
        made = Value((*lead, *like.shape), like.dtype, self._unique(like.name), role, like.site)
        self.inputs.append(made)
        return made

    def reuse(self, value: Value) -> Value:
        """A further input: this very value, which is an input of another graph."""
        self._unique(value.name)
        self.inputs.append(value)
        return value

    def apply(
        self, op: Op, *inputs: Value, scope: Scope | None = None, site: Site | None = None
    ) -> tuple[Value, ...]:
        """The outputs of an op."""
        outputs = [Value(*spec, site=site) for spec in op.infer([x.spec for x in inputs])]
        self.nodes.append(Node(op, inputs, outputs, scope, site))
        return tuple(outputs)

    def copy(self, node: Node, inputs: Sequence[Value], scope: Scope | None) -> tuple[Value, ...]:
        """The outputs of a node of another graph, applied here. They keep its names where these are free."""
        outputs = [Value(y.shape, y.dtype, self._unique(y.name), "", y.site) for y in node.outputs]
        self.nodes.append(Node(node.op, inputs, outputs, scope, node.site))
        return tuple(outputs)

    def inline(self, graph: Graph, inputs: Sequence[Value]) -> tuple[Value, ...]:
        """The outputs of another graph, its nodes put in here."""
        known = dict(zip(graph.inputs, inputs, strict=True))
        for node in graph.nodes:
            made = self.copy(node, [known[x] for x in node.inputs], node.scope)
            known.update(zip(node.outputs, made, strict=True))
        return tuple(known[y] for y in graph.outputs)

    def graph(self, outputs: Sequence[Value], name: str) -> Graph:
        """What was built."""
        return Graph(self.inputs, self.nodes, outputs, name)

    def _unique(self, name: str | None) -> str | None:
        """``h``, then ``h_2``, ``h_3``."""
        if name is None:
            return None
        found, count = name, 1
        while found in self._names:
            count += 1
            found = f"{name}_{count}"
        self._names.add(found)
        return found
