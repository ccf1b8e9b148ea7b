"""Ops as simpler ones that the engine has machine code for."""

from __future__ import annotations

from ...ir import Graph, Node
from . import chance, moves, quotients, sums, windows
from .writer import Rules, Writer

__all__ = ["expand"]

RULES: Rules = {**windows.RULES, **moves.RULES, **sums.RULES, **chance.RULES, **quotients.RULES}


def expand(graph: Graph) -> Graph:
    """The graph with such ops as simpler nodes; values that come out keep their identity."""
    if not any(node.op.own in RULES for node in graph.nodes):
        return graph
    writer = Writer(RULES)
    for node in graph.nodes:
        inputs = [writer.now.get(x, x) for x in node.inputs]
        made = writer.of(node).simpler(node.op, *inputs)
        if made is None:
            writer.add(Node(node.op, inputs, node.outputs, node.scope, node.site))
        else:
            writer.now[node.outputs[0]] = made
            writer.known.setdefault((node.op, tuple(inputs)), made)
    outputs = [writer.now.get(y, y) for y in graph.outputs]
    return Graph(graph.inputs, writer.nodes, outputs, graph.name)
