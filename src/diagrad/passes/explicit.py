"""Make fan-out visible: a value used n times becomes a Branch node with n outputs.

requires: any graph. ensures: every value is used at most once; the graph computes the same.
"""

from __future__ import annotations

from ..ir import Graph, Node, Value
from ..ops import Branch


def explicit(graph: Graph) -> Graph:
    """The same graph with a Branch node wherever a value is used more than once.

    An output of the graph counts as a use.

    >>> import diagrad as dg
    >>> print(explicit(dg.trace(lambda x: x * x)(3.0)))
    graph lambda(x: f64[]) {
      %0: f64[], %1: f64[] = Branch(x) {n=2}
      %2: f64[] = Multiply(%0, %1)
      return %2
    }
    """
    uses = {value: len(users) for value, users in graph.index.users.items()}
    for value in graph.outputs:
        uses[value] = uses.get(value, 0) + 1
    queue: dict[Value, list[Value]] = {}
    nodes: list[Node] = []

    def branch(value: Value, near: Node | None) -> None:
        n = uses.get(value, 0)
        if n > 1:
            copies = [Value(value.shape, value.dtype, None, "", value.site) for _ in range(n)]
            nodes.append(Node(Branch(n), (value,), copies, near.scope if near else None, value.site))
            queue[value] = copies[::-1]

    def use(value: Value) -> Value:
        return queue[value].pop() if value in queue else value

    for value in graph.inputs:
        branch(value, None)
    for node in graph.nodes:
        nodes.append(Node(node.op, tuple(map(use, node.inputs)), node.outputs, node.scope, node.site))
        for value in node.outputs:
            branch(value, node)
    return Graph(graph.inputs, nodes, tuple(map(use, graph.outputs)), graph.name)
