"""From what was recorded to a Graph, and from a Graph back to Arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np

from .. import ops
from ..errors import GraphError
from ..ir import Constant, Graph, Input, Node, Scope, Spec, Value
from . import tree
from .align import as_data, to_array
from .array import Array, apply, constant, leaf
from .record import Context, Record, surround

Key = tuple[Record, int]


@dataclass(frozen=True)
class Recorded:
    """A graph and what it was collected from: the numbers of each value, where they are known, and the
    value of each record's output."""

    graph: Graph
    data: Mapping[Value, Any]
    value: Mapping[Key, Value]


def graph(*outputs: Array) -> Graph:
    """The graph that computed these Arrays: leaves are its inputs, in the order they were made.

    Args:
        outputs: Arrays, at least one.

    Raises:
        TypeError: an output is not an Array.

    >>> import diagrad as dg
    >>> x = dg.array(2.0)
    >>> y = dg.exp(x) * x
    >>> print(dg.graph(y))
    graph graph(x: f64[]) {
      %0: f64[] = Exp(x)
      y: f64[] = Multiply(%0, x)
      return y
    }
    """
    for y in outputs:
        if not isinstance(y, Array):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"graph takes Arrays, got {type(y).__name__}; compute it from dg.array(...)")
    return collect(outputs).graph


def trace(function: Callable[..., Any]) -> Callable[..., Graph]:
    """A function that gives the graph of ``function`` instead of its result.

    Args:
        function: takes and gives arrays, or lists, tuples and dicts of them. It runs once, on Arrays that
            have a shape and a dtype and no numbers; other Arrays it uses become constants.

    Returns:
        A function of the same arguments (numbers, arrays, or :class:`diagrad.ir.Spec`) that gives a
        :class:`~diagrad.ir.Graph`. Inputs are called as the parameters are.

    Raises:
        TraceError: ``function`` asks a traced array for its numbers.

    >>> import diagrad as dg, numpy as np
    >>> print(dg.trace(lambda X, W: dg.relu(X @ W))(np.ones((3, 2)), np.ones((2, 4))))
    graph lambda(X: f64[3,2], W: f64[2,4]) {
      %0: f64[3,4] = MatMul(X, W)
      %1: f64[3,4] = Relu(%0)
      return %1
    }
    """

    @wraps(function)
    def traced(*args: Any, **kwargs: Any) -> Graph:
        bound = inspect.signature(function).bind(*args, **kwargs)
        inputs: list[Array] = []

        def give(path: str, x: Any) -> Array:
            role = x.role or "input" if isinstance(x, Array) else "input"
            inputs.append(leaf(spec_of(x), role, path))
            return inputs[-1]

        for name, arg in bound.arguments.items():
            bound.arguments[name] = tree.map_paths(give, arg, name)
        with surround(Context()):
            result = function(*bound.args, **bound.kwargs)
        outputs = [to_array(y) for y in tree.leaves(result)]
        name = function.__name__ if function.__name__.isidentifier() else "lambda"
        return collect(outputs, inputs, name).graph

    return traced


def spec_of(x: Any) -> Spec:
    """The shape and dtype of a number, an array, an Array or a Spec."""
    if isinstance(x, Spec):
        return x
    if isinstance(x, Array):
        return x.spec
    data = as_data(x)
    return Spec(data.shape, data.dtype)


def collect(outputs: Sequence[Array], inputs: Iterable[Array] | None = None, name: str = "graph") -> Recorded:
    """Gather what led to ``outputs`` into a graph.

    With ``inputs`` these are the graph's inputs, used or not, and every Array that has numbers of its own
    is a constant; without, the leaves are the inputs.
    """
    given = None if inputs is None else list(inputs)
    found = _reach(outputs, given)
    values: dict[Key, Value] = {}
    data: dict[Value, Any] = {}
    names = _Unique()
    scopes = _Scopes()
    nodes: list[Node] = []
    tops: list[Value] = []
    leaves = given if given is not None else [x for _, x in found if type(x._record.op) is Input]
    for x in leaves:
        record = x._record
        if (record, x._index) in values:
            raise GraphError("the same Array is given as two inputs", fix="give each input once")
        value = Value(x.shape, x.dtype, names(x.name), x.role or "input", record.site)
        values[record, x._index] = value
        data[value] = x._data
        tops.append(value)
    for record, x in found:
        if (record, x._index) in values:
            continue
        if given is not None and not x.traced or not record.inputs:
            node = _constant_node(x, names)
            values[record, x._index] = node.outputs[0]
            data[node.outputs[0]] = x._data
        elif isinstance(record.op, ops.Branch) and record.op.n == 1:
            source = record.inputs[0]
            values[record, 0] = values[source._record, source._index]
            continue
        else:
            results = record.results if record.results is not None else (x._data,)
            made = [
                Value(y.shape, y.dtype, names(record.variable(at)), "", record.site) for at, y in enumerate(results)
            ]
            values.update({(record, at): value for at, value in enumerate(made)})
            data.update(zip(made, results, strict=True))
            ins = [values[y._record, y._index] for y in record.inputs]
            node = Node(record.op, ins, made, scopes(record.scope), record.site)
        nodes.append(node)
    ends = [values[y._record, y._index] for y in outputs]
    known = {value: x for value, x in data.items() if type(x) is not Spec}
    return Recorded(Graph(tops, nodes, ends, name), known, values)


def leaves_of(graph: Graph) -> list[Array]:
    """A traced leaf for each input of a graph, with its name and role."""
    with surround(Context(inner=True)):
        return [leaf(x.spec, x.role or "input", x.name) for x in graph.inputs]


def replay(graph: Graph, inputs: Sequence[Array]) -> dict[Value, Array]:
    """Run a graph on Arrays, recording it anew: the Array of each value."""
    arrays = dict(zip(graph.inputs, inputs, strict=True))
    for node in graph.nodes:
        if isinstance(node.op, Constant):
            results: Any = constant(node.op.data[()])
        else:
            with surround(Context(node.scope, site=node.site)):
                results = apply(node.op, *(arrays[x] for x in node.inputs))
        for value, y in zip(node.outputs, results if isinstance(results, tuple) else (results,), strict=True):
            arrays[value] = y
            if value.name is not None and len(node.outputs) == 1:
                y._record.name = value.name
    return arrays


def _reach(outputs: Sequence[Array], given: list[Array] | None) -> list[tuple[Record, Array]]:
    """The records that lead to ``outputs``, in the order of making, each with one Array of it."""
    stop = set() if given is None else {x._record for x in given}
    found: dict[Record, Array] = {}
    stack = list(outputs)
    while stack:
        x = stack.pop()
        record = x._record
        if record in found:
            continue
        found[record] = x
        if record not in stop and (given is None or x.traced):
            stack.extend(record.inputs)
    return sorted(found.items(), key=lambda item: item[0].order)


def _constant_node(x: Array, names: _Unique) -> Node:
    value = Value(x.shape, x.dtype, names(x._record.variable(x._index)), "", x._record.site)
    return Node(Constant(np.asarray(x._data)), (), (value,), None, x._record.site)


class _Unique:
    """Tells values of one name apart: ``h``, ``h_2``, ``h_3``."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}

    def __call__(self, name: str | None) -> str | None:
        if name is None:
            return None
        while True:
            count = self.used.get(name, 0) + 1
            self.used[name] = count
            if count == 1:
                return name
            candidate = f"{name}_{count}"
            if candidate not in self.used:
                self.used[candidate] = 1
                return candidate


class _Scopes:
    """Tells scopes of one name, side by side, apart."""

    def __init__(self) -> None:
        self.made: dict[Scope, Scope] = {}
        self.names: dict[Scope | None, _Unique] = {}

    def __call__(self, scope: Scope | None) -> Scope | None:
        chain: list[Scope] = []
        while scope is not None and scope not in self.made:
            chain.append(scope)
            scope = scope.parent
        made = self.made[scope] if scope is not None else None
        for old in reversed(chain):
            name = self.names.setdefault(made, _Unique())(old.name) or old.name
            made = self.made[old] = Scope(name, made)
        return made

