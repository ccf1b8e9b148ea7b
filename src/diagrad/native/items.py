"""What the native engine computes a graph as: items, each of which makes one value.

Views vanish here: an item reads *roots*, values that are computed or given, each through one view. The
kinds:

* :class:`Point`: each element of the result from one element of each operand;
* :class:`Fold`: axes vanish, their elements combined by an op that states ``combine``;
* :class:`Running`: along one axis each element from the one before it;
* :class:`Product`: a matrix product;
* :class:`Call`: NumPy runs the op, because it has no native form; it says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..ir import Graph, Node, Op, Value
from .views import View

__all__ = [
    "Access",
    "Call",
    "Fold",
    "Item",
    "Lowered",
    "Part",
    "Point",
    "Product",
    "Running",
    "Scatter",
    "indirect_roots",
    "roots_of",
]


@dataclass(frozen=True, eq=False)
class Access:
    """What an item reads: a root through a view.

    Attributes:
        root: the value in memory, or in a register where the item that makes it is near.
        view: where each element lies, from the beginning of the root in C order.
        bounds: for some axes of the view the indices at which there is anything; elsewhere it is ``fill``.
        indirect: integers, of the view's shape, that say how much further an element lies: what reads them,
            the elements that one step is, and the size of the axis that they count along.
    """

    root: Value
    view: View
    bounds: tuple[tuple[int, int, int], ...] = ()
    indirect: tuple[tuple[Access, int, int], ...] = ()
    fill: Any = 0

    def transposed(self, axes: tuple[int, ...]) -> Access:
        """With the axes of the view in another order."""
        place = {axis: at for at, axis in enumerate(axes)}
        bounds = tuple((place[axis], low, high) for axis, low, high in self.bounds)
        indirect = tuple((x.transposed(axes), step, size) for x, step, size in self.indirect)
        return Access(self.root, self.view.transposed(axes), bounds, indirect, self.fill)

    @property
    def plain(self) -> bool:
        """Whether a view says all."""
        return not self.bounds and not self.indirect


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


@dataclass(eq=False)
class Point(Item):
    """Each element of the result from one element of each operand.

    Attributes:
        copies: it only moves elements: its op is not asked.
    """

    copies: bool = False


@dataclass(eq=False)
class Fold(Item):
    """Elements along ``axes`` of the operand, combined."""

    axes: tuple[int, ...] = ()


@dataclass(eq=False)
class Scatter(Fold):
    """Elements added at places of a result that begins as zeros; ``axes`` are those of the integers that name
    the places.

    Attributes:
        target: the result, as the operand's elements meet it.
    """

    target: Access | None = None


@dataclass(eq=False)
class Running(Item):
    """Each element from the one before it along ``axis``, from the other end where ``reverse``: its op's
    ``step`` makes it. The first is the last operand's.
    """

    axis: int = 0
    reverse: bool = False


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
        checks: roots that are true where an index lies outside, in the order in which they must be looked at.
    """

    graph: Graph
    items: list[Item] = field(default_factory=list[Item])
    parts: dict[Value, Part] = field(default_factory=dict[Value, Part])
    outputs: list[Value] = field(default_factory=list[Value])
    constants: dict[Value, np.ndarray[Any, Any]] = field(default_factory=dict[Value, Any])
    checks: dict[Value, Node] = field(default_factory=dict[Value, Node])
    checked: set[Any] = field(default_factory=set[Any])


def indirect_roots(item: Item) -> list[Value]:
    """The roots of the integers that say where an item reads or adds."""
    target = [item.target] if isinstance(item, Scatter) and item.target is not None else []
    return [index.root for x in (*item.reads, *target) for index, _, _ in x.indirect]


def roots_of(item: Item) -> list[Value]:
    """The roots that an item reads."""
    return [*(x.root for x in item.reads), *indirect_roots(item)]
