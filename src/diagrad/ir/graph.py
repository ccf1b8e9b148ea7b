"""The graph: values, nodes, scopes.

A :class:`Graph` is inputs, nodes in topological order and outputs. Values do not point at their
producers and nodes do not point at their users, so a graph has no reference cycles; :class:`Index` says
who makes and who uses what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np

from .dtype import DType
from .op import Constant, Op, Spec
from .signature import Shape
from .source import Site

if TYPE_CHECKING:
    from ..interp import Run

Role = Literal["input", "parameter", ""]


@dataclass(frozen=True, eq=False)
class Scope:
    """The box a node lies in: a function, a module, a layer.

    With ``recompute`` a backward pass keeps nothing that was computed in it, and computes it again.
    """

    name: str
    parent: Scope | None = None
    recompute: bool = False

    recomputes: ClassVar[bool] = False
    """Whether there is any scope that recomputes: while there is none, a backward pass need not look."""

    def __post_init__(self) -> None:
        if self.recompute:
            Scope.recomputes = True

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The names from the outermost scope to this one.

        >>> Scope("softmax", Scope("layer1")).path
        ('layer1', 'softmax')
        """
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names.append(scope.name)
            scope = scope.parent
        return tuple(reversed(names))

    def __str__(self) -> str:
        return "/".join(self.path)


class Value:
    """An edge: what flows from the node that makes it to the nodes that use it.

    Attributes:
        shape: its axes' sizes.
        dtype: its NumPy dtype.
        name: the user's name for it, unique in its graph, or None.
        role: ``"input"`` or ``"parameter"`` for a graph's inputs, otherwise empty.
        site: where in the user's code it came from, or None.
    """

    __slots__ = ("dtype", "name", "role", "shape", "site")

    def __init__(
        self, shape: Shape, dtype: DType, name: str | None = None, role: Role = "", site: Site | None = None
    ) -> None:
        self.shape, self.dtype, self.name, self.site = shape, dtype, name, site
        self.role: Role = role

    @property
    def spec(self) -> Spec:
        """Shape and dtype together."""
        return Spec(self.shape, self.dtype)

    def __repr__(self) -> str:
        return f"Value({self.name or ''}: {self.spec})"


class Node:
    """An op applied to input values, giving output values."""

    __slots__ = ("inputs", "op", "outputs", "scope", "site")

    def __init__(
        self,
        op: Op,
        inputs: Sequence[Value],
        outputs: Sequence[Value],
        scope: Scope | None = None,
        site: Site | None = None,
    ) -> None:
        self.op, self.inputs, self.outputs = op, tuple(inputs), tuple(outputs)
        self.scope, self.site = scope, site

    def __repr__(self) -> str:
        return f"Node({self.op.name}: {', '.join(map(repr, self.outputs))})"


@dataclass(frozen=True)
class Index:
    """Who makes and who uses each value of a graph."""

    producer: Mapping[Value, tuple[Node, int]]
    """The node that makes a value, and which of its outputs it is. Inputs are not in it."""
    users: Mapping[Value, Sequence[tuple[Node, int]]]
    """The nodes that use a value, and as which input. Every value is in it."""


class Graph:
    """Inputs, nodes in topological order, outputs.

    Two graphs are equal when they have the same ops, wiring, shapes, dtypes, names, roles and scopes;
    where in the user's code they came from does not count. ``print(graph)`` is readable and
    :func:`diagrad.ir.parse` reads it back.

    >>> import diagrad as dg, numpy as np
    >>> print(dg.trace(lambda x, y: x * y + x)(np.ones(2), np.ones(2)))
    graph lambda(x: f64[2], y: f64[2]) {
      %0: f64[2] = Multiply(x, y)
      %1: f64[2] = Add(%0, x)
      return %1
    }
    """

    def __init__(
        self, inputs: Sequence[Value], nodes: Sequence[Node], outputs: Sequence[Value], name: str = "graph"
    ) -> None:
        self.inputs, self.nodes, self.outputs = tuple(inputs), tuple(nodes), tuple(outputs)
        self.name = name

    def values(self) -> Iterator[Value]:
        """Every value once, in the order in which they are defined."""
        yield from self.inputs
        for node in self.nodes:
            yield from node.outputs

    @cached_property
    def index(self) -> Index:
        """Producers and users, computed once in one sweep."""
        producer: dict[Value, tuple[Node, int]] = {}
        users: dict[Value, list[tuple[Node, int]]] = {value: [] for value in self.inputs}
        for node in self.nodes:
            for at, value in enumerate(node.inputs):
                users.setdefault(value, []).append((node, at))
            for at, value in enumerate(node.outputs):
                producer[value] = (node, at)
                users.setdefault(value, [])
        return Index(producer, users)

    @cached_property
    def constants(self) -> dict[Value, np.ndarray[Any, Any]]:
        """The values that constants give."""
        return {node.outputs[0]: node.op.data for node in self.nodes if isinstance(node.op, Constant)}

    @cached_property
    def last_uses(self) -> dict[Node, list[Value]]:
        """For each node the values, its own outputs too, that nothing needs once it has run."""
        last = {value: node for node in self.nodes for value in (*node.outputs, *node.inputs)}
        gone: dict[Node, list[Value]] = {}
        outputs = set(self.outputs)
        for value, node in last.items():
            if value not in outputs:
                gone.setdefault(node, []).append(value)
        return gone

    @cached_property
    def used(self) -> tuple[bool, ...]:
        """For each input whether a node uses it or the graph gives it back."""
        found = {x for node in self.nodes for x in node.inputs} | set(self.outputs)
        return tuple(x in found for x in self.inputs)

    def pruned(self) -> Graph:
        """The same graph without the nodes that no output needs."""
        needed = set(self.outputs)
        nodes: list[Node] = []
        for node in reversed(self.nodes):
            if not needed.isdisjoint(node.outputs):
                needed.update(node.inputs)
                nodes.append(node)
        return Graph(self.inputs, nodes[::-1], self.outputs, self.name)

    def __getitem__(self, name: str) -> Value:
        """The value of this name.

        Raises:
            KeyError: there is none.
        """
        for value in self.values():
            if value.name == name:
                return value
        raise KeyError(f"no value is called {name!r}; there are {', '.join(self.names())}")

    def names(self) -> list[str]:
        """The names of all named values, in order."""
        return [value.name for value in self.values() if value.name is not None]

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        number = {value: at for at, value in enumerate(self.values())}

        def define(value: Value) -> tuple[Any, ...]:
            return value.shape, value.dtype.str, value.name, value.role

        nodes = tuple(
            (
                node.op,
                tuple(number[x] for x in node.inputs),
                tuple(map(define, node.outputs)),
                node.scope.path if node.scope else (),
            )
            for node in self.nodes
        )
        return self.name, tuple(map(define, self.inputs)), nodes, tuple(number[y] for y in self.outputs)

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return self is other or (self._hash == other._hash and self._key == other._key)

    def __hash__(self) -> int:
        return self._hash

    def __len__(self) -> int:
        """The number of nodes."""
        return len(self.nodes)

    def __str__(self) -> str:
        from .text import format_graph

        return format_graph(self)

    def __repr__(self) -> str:
        sizes = f"{len(self.inputs)} inputs, {len(self.nodes)} nodes, {len(self.outputs)} outputs"
        return f"<Graph {self.name}: {sizes}>"

    # What follows forwards to the right of the waist, imported only when asked for.

    def run(
        self,
        *inputs: Any,
        keep: bool = True,
        hook: Callable[[Node, tuple[Any, ...]], None] | None = None,
    ) -> Run:
        """Run the graph on the NumPy engine: see :func:`diagrad.interp.run`."""
        from ..interp import run

        return run(self, *inputs, keep=keep, hook=hook)

    def backward(self, wrt: Sequence[str] | None = None) -> Graph:
        """The backward pass as a graph: see :func:`diagrad.autodiff.backward_graph`."""
        from ..autodiff import backward_graph

        return backward_graph(self, wrt)

    def pullback(self, wanted: tuple[bool, ...], given: tuple[bool, ...]) -> Graph:
        """uᵀ·J as a graph, for an op that holds this one: see :func:`diagrad.autodiff.pullback`."""
        from ..autodiff import pullback

        return pullback(self, wanted, given)

    def pushforward(self, wanted: tuple[bool, ...], given: tuple[bool, ...]) -> Graph:
        """The graph and J·v in one: see :func:`diagrad.autodiff.pushforward`."""
        from ..autodiff import pushforward

        return pushforward(self, wanted, given)

    def batched(
        self, n: int, batched: tuple[bool, ...], wide: tuple[bool, ...] | None = None
    ) -> tuple[Graph, tuple[bool, ...]]:
        """The graph for ``n`` at once: see :func:`diagrad.autodiff.batched_graph`."""
        from ..autodiff import batched_graph

        return batched_graph(self, n, batched, wide)


def subgraphs(op: Op) -> tuple[Graph, ...]:
    """The graphs that an op holds: the bodies of loops, the branches of a choice.

    >>> from diagrad.ops import Add
    >>> subgraphs(Add())
    ()
    """
    found: list[Graph] = []
    for attribute in op.attributes().values():
        parts = cast("tuple[Any, ...]", attribute if isinstance(attribute, tuple) else (attribute,))
        found += [part for part in parts if isinstance(part, Graph)]
    return tuple(found)
