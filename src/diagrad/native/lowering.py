"""What is known while a graph is lowered: the items so far, and how each value is read."""

from __future__ import annotations

from collections.abc import Sequence

from ..ir import Graph, Node, Value
from .items import Access, Item, Lowered, Point
from .views import whole

__all__ = ["Lowering", "memory_order"]

Reads = tuple[Access, ...]
"""How a node's inputs are read."""


class Lowering:
    """A graph on its way to items.

    Attributes:
        made: the items so far.
        access: how each value of the graph is read.
    """

    def __init__(self, graph: Graph) -> None:
        self.made = Lowered(graph)
        self.access: dict[Value, Access] = {x: Access(x, whole(x.shape)) for x in graph.inputs}

    def add(self, item: Item) -> Access:
        """An item whose result is read as it lies."""
        self.made.items.append(item)
        found = self.access[item.out] = Access(item.out, whole(item.out.shape))
        return found

    def copy(self, x: Access, node: Node) -> Access:
        """What is read, in C order."""
        return self.add(Point(Value(x.view.shape, x.root.dtype), node, (x,), True))

    def plain(self, x: Access, node: Node) -> Access:
        """What is read, by a view alone."""
        return x if x.plain else self.copy(x, node)

    def point(self, node: Node, reads: Reads, copies: bool = False) -> None:
        """An item of which each element comes from one of each operand, in the order in which those lie."""
        y = node.outputs[0]
        order = memory_order(reads) if reads else ()
        if order == tuple(range(len(order))):
            self.add(Point(y, node, reads, copies))
            return
        out = Value(tuple(y.shape[axis] for axis in order), y.dtype)
        self.made.items.append(Point(out, node, tuple(x.transposed(order) for x in reads), copies))
        back = tuple(sorted(range(len(order)), key=order.__getitem__))
        self.access[y] = Access(out, whole(out.shape).transposed(back))


def memory_order(reads: Sequence[Access]) -> tuple[int, ...]:
    """The axes in the order in which an item's operands lie in memory, as the first of full size does."""
    ndim = len(reads[0].view.shape)
    for x in reads:
        pairs = list(zip(x.view.shape, x.view.strides, strict=True))
        if not x.indirect and all(step or size == 1 for size, step in pairs):
            large = [at for at, (size, _) in enumerate(pairs) if size > 1]
            order = iter(sorted(large, key=lambda at: (-abs(pairs[at][1]), at)))
            return tuple(next(order) if at in large else at for at in range(ndim))
    return tuple(range(ndim))
