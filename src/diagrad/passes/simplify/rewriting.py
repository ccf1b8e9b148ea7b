"""One sweep over a graph from its inputs to its outputs, with rules.

A rule is asked for each node of its op, once the node's inputs are simple: ``rule(work, op, *inputs)`` gives
the value to use instead, or one for each output, or None where it does not apply. Whatever a rule makes is
simplified at once, and nothing is made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ... import ops
from ...array.align import uniform
from ...array.checkpoint import outermost
from ...ir import Constant, Graph, Node, Op, Scope, Value
from .constants import Data, folded, identity

__all__ = ["Rule", "Rules", "Table", "Work", "opaque", "sweep"]

Rule = Callable[..., "Value | Sequence[Value] | None"]
CONTROL = {"Scan", "Cond", "Switch", "While"}

Table = Mapping[type[Op] | str, Sequence[Rule]]
"""Rules by op; one whose family is loaded on demand is named."""

Rules = Callable[[type[Op]], Sequence[Rule]]


def sweep(graph: Graph, rules: Rules, bodies: Callable[[Graph], Graph]) -> Graph:
    """The graph with rules applied, equal nodes merged, constants folded and dead nodes left out.

    Args:
        graph: any graph.
        rules: gives for each op those that may apply, the first first.
        bodies: makes the graphs that control nodes hold simple.

    Returns:
        A graph of the same inputs; the very same graph if there was nothing to do. Nodes of ops that are not
        diagrad's own, which may do anything, all stay.
    """
    return Work(graph, rules, bodies).graph()


class Work:
    """The graph as far as it has been swept."""

    def __init__(self, graph: Graph, rules: Rules, bodies: Callable[[Graph], Graph]) -> None:
        self.old, self.rules, self.bodies = graph, rules, bodies
        self.nodes: list[Node] = []
        self.constants: dict[Value, Data] = {}
        self.place: dict[Value, int] = dict.fromkeys(graph.inputs, -1)
        """When each value was made; the inputs were there first."""
        self._numbers: dict[Value, Any] = {}
        self._maker: dict[Value, Node] = {}
        self._now: dict[Value, Value] = {}
        self._known: dict[Any, tuple[Value, ...]] = {}
        self._fresh: set[Value] = set()
        self._uses: dict[Value, int] = {}
        self._node: Node | None = None
        self.joins: dict[tuple[int, frozenset[Value]], tuple[Value, ...]] = {
            (node.op.axis, frozenset(node.inputs)): node.inputs
            for node in graph.nodes
            if type(node.op) is ops.Concatenate
        }
        """What is joined along an axis anyway, in which order."""
        for used in (*(node.inputs for node in graph.nodes), graph.outputs):
            for x in used:
                self._uses[x] = self._uses.get(x, 0) + 1

    def graph(self) -> Graph:
        """Sweep, and give what is left."""
        old = self.old
        for node in old.nodes:
            self._node = node
            made = self._simple(node.op, self._current(node.inputs), node)
            for before, after in zip(node.outputs, made, strict=True):
                if after is not before:
                    self._replace(before, after)
        outputs = self._current(old.outputs)
        nodes = _needed(self.nodes, outputs)
        if nodes == list(old.nodes) and outputs == old.outputs:
            return old
        return Graph(old.inputs, nodes, outputs, old.name)

    # What rules ask

    def __call__(self, op: Op, *inputs: Value) -> Value:
        """The output of an op, made simple."""
        return self._simple(op, inputs, None)[0]

    def maker(self, x: Value, *kinds: type[Op] | str) -> Node | None:
        """The node that makes a value, if its op is of one of these kinds, or has one of these names."""
        node = self._maker.get(x)
        return node if node is not None and (type(node.op) in kinds or node.op.own in kinds) else None

    def under(self, x: Value, kind: type[Op]) -> Value | None:
        """What an op of one input was applied to, if it made x."""
        node = self._maker.get(x)
        return node.inputs[0] if node is not None and type(node.op) is kind else None

    def number(self, x: Value) -> Any:
        """The number that x is everywhere, if it is one; else None."""
        return self._numbers.get(x)

    def single(self, x: Value) -> bool:
        """Whether x is used once only, so that it goes when its user goes."""
        return self._uses.get(x, 0) < 2

    def constant(self, data: Data) -> Value:
        """A constant."""
        return self(Constant(data))

    # What they need not know

    def _current(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        now = self._now
        return tuple([now.get(x, x) for x in values]) if now else values

    def _replace(self, before: Value, after: Value) -> None:
        self._now[before] = after
        self._uses[after] = self._uses.get(after, 0) + self._uses.get(before, 0)
        if before.name is not None and after.name is None and after in self._fresh:
            after.name = before.name

    def _simple(self, op: Op, inputs: tuple[Value, ...], node: Node | None) -> Sequence[Value]:
        if inputs and inputs[0] in self.constants and all(x in self.constants for x in inputs):
            made = folded(op, [self.constants[x] for x in inputs])
            if made is not None:
                return [self.constant(data) for data in made]
        for rule in self.rules(type(op)):
            found = rule(self, op, *inputs)
            if found is not None:
                return (found,) if isinstance(found, Value) else found
        if op.own in CONTROL:
            op = _within(op, self.bodies)
        return self._made(op, inputs, node)

    def _made(self, op: Op, inputs: tuple[Value, ...], node: Node | None) -> Sequence[Value]:
        """The outputs of an op, which is not applied twice to the same."""
        here = self._node
        assert here is not None
        scope = outermost(here.scope) if Scope.recomputes else None
        key = (type(op), identity(op), inputs, scope)
        known = self._known.get(key) if not opaque(type(op)) else None
        if known is not None:
            return known
        if node is None:
            outputs = tuple([Value(*spec, site=here.site) for spec in op.infer([x.spec for x in inputs])])
            self._fresh.update(outputs)
            for x in inputs:
                self._uses[x] = self._uses.get(x, 0) + 1
        else:
            outputs = node.outputs
        if node is None or node.op is not op or node.inputs != inputs:
            node = Node(op, inputs, outputs, here.scope, here.site)
        for y in outputs:
            self.place[y] = len(self.nodes)
            self._maker[y] = node
        if type(op) is ops.Concatenate:
            self.joins[op.axis, frozenset(inputs)] = inputs
        elif type(op) is Constant:
            self.constants[outputs[0]] = op.data
            self._numbers[outputs[0]] = uniform(op.data)
        self.nodes.append(node)
        self._known[key] = outputs
        return outputs


@cache
def opaque(kind: type[Op]) -> bool:
    """Whether an op is one of the user's own, which may do anything: it is neither merged nor left out."""
    return Op.registry.get(kind.__name__) is not kind


def _needed(nodes: Sequence[Node], outputs: Sequence[Value]) -> list[Node]:
    """The nodes that an output needs, and the opaque ones with all that they need."""
    needed = set(outputs)
    kept: list[Node] = []
    for node in reversed(nodes):
        if opaque(type(node.op)) or not needed.isdisjoint(node.outputs):
            needed.update(node.inputs)
            kept.append(node)
    return kept[::-1]


def _within(op: Op, bodies: Callable[[Graph], Graph]) -> Op:
    """An op with the graphs that it holds made simple."""
    match op:
        case ops.Scan(body=body) if (made := bodies(body)) is not body:
            return replace(op, body=made)
        case ops.Cond(then=then, otherwise=otherwise):
            both = bodies(then), bodies(otherwise)
            same = both[0] is then and both[1] is otherwise
            return op if same else replace(op, then=both[0], otherwise=both[1])
        case ops.Switch(cases=cases):
            made = tuple(map(bodies, cases))
            return op if all(a is b for a, b in zip(made, cases, strict=True)) else replace(op, cases=made)
        case ops.While(condition=condition, body=body):
            both = bodies(condition), bodies(body)
            same = both[0] is condition and both[1] is body
            return op if same else replace(op, condition=both[0], body=both[1])
        case _:
            return op
