"""Matrix products that share something: one product of joined matrices for many small ones.

What an unrolled loop leaves: the gradient of its weights is a sum of products, one for each step, and its
inputs are multiplied by the same weights in every step. Up to rounding the numbers are the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ... import ops
from ...ir import Graph, Node, Op, Value
from .rewriting import Table, Work
from .sums import add

__all__ = ["PRODUCTS", "share_weights"]

FEWEST = 3
"""Products from which on one for all has fewer nodes."""


def _turned(work: Work, op: ops.Transpose, x: Value) -> Value | None:
    """(aᵀ · bᵀ)ᵀ → b · a."""
    node = work.maker(x, ops.MatMul)
    if node is None or op.axes != (1, 0):
        return None
    a, b = (work.under(y, ops.Transpose) for y in node.inputs)
    return work(ops.MatMul(), b, a) if a is not None and b is not None else None


def _sum_of_products(work: Work, op: Op, *terms: Value) -> Value | None:
    """Σ aᵢ · bᵢ → [a₁ … aₙ] · [b₁; …; bₙ], where joining moves less than adding would.

    In the order in which the earlier of aᵢ and bᵢ was made, so that steps of a loop are in a row.
    """
    if len(terms) < FEWEST or len(terms[0].shape) != 2:
        return None
    pairs = [
        (x, *node.inputs) for x in terms if work.single(x) and (node := work.maker(x, ops.MatMul)) is not None
    ]
    moved = sum(a.shape[0] * a.shape[1] + b.shape[0] * b.shape[1] for _, a, b in pairs)
    if len(pairs) < FEWEST or moved > len(pairs) * math.prod(terms[0].shape):
        return None
    pairs.sort(key=lambda pair: min(_made(work, pair[1]), _made(work, pair[2])))
    left = work(ops.Concatenate(1), *(a for _, a, _ in pairs))
    right = work(ops.Concatenate(0), *(b for _, _, b in pairs))
    gone = {x for x, _, _ in pairs}
    return add(work, [work(ops.MatMul(), left, right), *(x for x in terms if x not in gone)])


def _made(work: Work, x: Value) -> int:
    """When a matrix was made, whichever way round it is now."""
    turned = work.under(x, ops.Transpose)
    return work.place[x if turned is None else turned]


PRODUCTS: Table = {
    ops.Transpose: (_turned,),
    ops.Add: (_sum_of_products,),
    ops.AddN: (_sum_of_products,),
}


def share_weights(graph: Graph) -> Graph:
    """x₁ · w, …, xₙ · w → the parts of [x₁; …; xₙ] · w, where w is larger than what goes in and comes out.

    requires: any graph. ensures: the same function up to rounding, in no more nodes. Products that depend on
    one another, as those of a recurrence do, are left as they are.
    """
    groups = [nodes for nodes in _same_weights(graph) if len(nodes) >= FEWEST and _small(nodes)]
    if not groups:
        return graph
    place = {y: at for at, node in enumerate(graph.nodes) for y in node.outputs}
    gone = {node for nodes in groups for node in nodes}
    rest = [node for node in graph.nodes if node not in gone]
    for nodes in groups:
        nodes.sort(key=lambda node: place.get(node.inputs[0], -1))
        rest += _shared(nodes)
    return Graph(graph.inputs, _in_order(rest), graph.outputs, graph.name)


def _same_weights(graph: Graph) -> list[list[Node]]:
    """Products by the same second matrix that do not need one another.

    Each value has a level: how many products by shared weights lie one behind the other on the way to it.
    Products by one matrix on one level are independent, and so are any that replace them.
    """
    products = [
        node for node in graph.nodes if type(node.op) is ops.MatMul and len(node.inputs[1].shape) == 2
    ]
    count: dict[Value, int] = {}
    for node in products:
        count[node.inputs[1]] = count.get(node.inputs[1], 0) + 1
    shared = {node for node in products if count[node.inputs[1]] >= FEWEST}
    level: dict[Value, int] = {}
    groups: dict[tuple[Value, int], list[Node]] = {}
    for node in graph.nodes if shared else ():
        here = max([level.get(x, 0) for x in node.inputs], default=0)
        if node in shared:
            groups.setdefault((node.inputs[1], here), []).append(node)
            here += 1
        if here:
            level.update(dict.fromkeys(node.outputs, here))
    return list(groups.values())


def _small(nodes: Sequence[Node]) -> bool:
    """Whether the weights are larger than what each product takes besides and gives."""
    k, n = nodes[0].inputs[1].shape
    rows = sum(node.inputs[0].shape[0] for node in nodes)
    return rows * (k + n) <= len(nodes) * k * n


def _shared(nodes: Sequence[Node]) -> list[Node]:
    """The nodes that do the work of these products."""
    first = nodes[0]
    xs, w = [node.inputs[0] for node in nodes], first.inputs[1]
    rows = tuple(x.shape[0] for x in xs)
    joined = Value((sum(rows), xs[0].shape[1]), w.dtype, site=first.site)
    product = Value((sum(rows), w.shape[1]), w.dtype, site=first.site)
    return [
        Node(ops.Concatenate(0), xs, (joined,), first.scope, first.site),
        Node(ops.MatMul(), (joined, w), (product,), first.scope, first.site),
        Node(ops.Split(0, rows), (product,), [node.outputs[0] for node in nodes], first.scope, first.site),
    ]


def _in_order(nodes: Sequence[Node]) -> list[Node]:
    """Nodes so that each comes after those it uses; otherwise as they are."""
    maker = {y: node for node in nodes for y in node.outputs}
    placed: set[Node] = set()
    order: list[Node] = []
    for root in nodes:
        stack = [root]
        while stack:
            node = stack[-1]
            if node in placed:
                stack.pop()
                continue
            waiting = [maker[x] for x in node.inputs if x in maker and maker[x] not in placed]
            if waiting:
                stack += waiting[::-1]
                continue
            placed.add(stack.pop())
            order.append(node)
    return order
