"""From what was recorded to a Graph, and from a Graph back to Arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from operator import attrgetter
from typing import Any, TypeVar, cast

import numpy as np

from .. import ops
from ..errors import GraphError
from ..ir import Constant, Graph, Input, Node, Op, Role, Scope, Spec, Value
from . import tree
from .align import as_data, to_array
from .array import Array, Part, apply, as_made, constant, current, leaf, record
from .context import Context, fresh, surround


class Values:
    """The value of each Array. Several Arrays may stand for one output of an op with several."""

    def __init__(self) -> None:
        self._of: dict[Any, Value] = {}

    def __getitem__(self, x: Array) -> Value:
        return self._of[self._key(x)]

    def __setitem__(self, x: Array, value: Value) -> None:
        self._of[self._key(x)] = value

    def __contains__(self, x: Array) -> bool:
        return self._key(x) in self._of

    @staticmethod
    def _key(x: Array) -> Any:
        return (x._inputs[0], x._op.at) if type(x._op) is Part else x


@dataclass(frozen=True)
class Recorded:
    """A graph and what it was collected from: the numbers of each value, where they are known, and the
    value of each Array.
    """

    graph: Graph
    data: Mapping[Value, Any]
    value: Values


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
            role: Role = (x.role or "input") if isinstance(x, Array) else "input"
            inputs.append(leaf(spec_of(x), role, path))
            return inputs[-1]

        for name, arg in bound.arguments.items():
            bound.arguments[name] = tree.map_argument(give, bound.signature.parameters[name], arg)
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
    outputs = [current(y) for y in outputs]
    given = None if inputs is None else [as_made(x) for x in inputs]
    found = _reach(outputs, given)
    values = Values()
    data: dict[Value, Any] = {}
    names, scopes = _Unique(), _Scopes()
    tops: list[Value] = []
    nodes: list[Node] = []
    for x in given if given is not None else [x for x in found if type(x._op) is Input]:
        if x in values:
            raise GraphError("the same Array is given as two inputs", fix="give each input once")
        values[x] = value = Value(x.shape, x.dtype, names(x.name), x.role or "input", x._site)
        data[value] = x._data
        tops.append(value)

    parts = _parts_of(found)

    def define(x: Array) -> Value:
        values[x] = value = Value(x.shape, x.dtype, names(x.name), "", x._site)
        data[value] = x._data
        return value

    for x in found:
        if type(x._data) is tuple or x in values:
            continue
        source = x._inputs[0] if type(x._op) is Part else x
        if not source._inputs or (given is not None and not x.traced):
            nodes.append(Node(Constant(np.asarray(x._data)), (), (define(x),), None, x._site))
            continue
        ins = [values[y] for y in source._inputs]
        if type(source._op) is ops.Branch and source._op.n == 1:
            values[x] = ins[0]
            continue
        op, made = (source._op, [x]) if source is x else _kept(source, parts[source])
        nodes.append(Node(op, ins, [define(y) for y in made], scopes(source._scope), source._site))
    ends = [values[y] for y in outputs]
    known = {value: x for value, x in data.items() if type(x) is not Spec}
    return Recorded(Graph(tops, nodes, ends, name), known, values)


def leaves_of(graph: Graph) -> list[Array]:
    """A traced leaf for each input of a graph, with its name and role."""
    with surround(Context(inner=True)):
        return [leaf(x.spec, x.role, x.name) for x in graph.inputs]


def replay(graph: Graph, inputs: Sequence[Array]) -> dict[Value, Array]:
    """Run a graph on Arrays, recording it anew: the Array of each value."""
    arrays = dict(zip(graph.inputs, inputs, strict=True))
    for node in graph.nodes:
        results: Any
        if isinstance(node.op, Constant):
            results = constant(node.op.data[()])
        else:
            with surround(fresh(node.scope, site=node.site)):
                results = apply(node.op.saving(), *(arrays[x] for x in node.inputs))
        for value, y in zip(node.outputs, results if node.op.multiple else (results,), strict=False):
            arrays[value] = y
            if value.name is not None and len(node.outputs) == 1:
                y._name = value.name
    return arrays


T = TypeVar("T")


def interpret(
    outputs: Sequence[Array],
    given: Mapping[Array, T],
    lift: Callable[[Array], T],
    step: Callable[[Array, Op, Sequence[T]], Any],
) -> list[T]:
    """Run again what traced Arrays recorded, on other things: Arrays, batches of them.

    Args:
        outputs: what is wanted.
        given: what stands for the traced inputs.
        lift: what stands for an Array that does not depend on them.
        step: of an Array and the op that gave it, applies the op to what stands for its inputs; it gives a
            sequence where the op has several outputs.

    Returns:
        What stands for each output.
    """
    outputs = [current(y) for y in outputs]
    given = {as_made(x): y for x, y in given.items()}
    found: set[Array] = set()
    stack = list(outputs)
    while stack:
        x = stack.pop()
        if x not in found and x not in given and x._inputs and is_traced(x):
            found.add(x)
            stack.extend(x._inputs)
    made: dict[Array, Any] = dict(given)
    parts = _parts_of([*found, *outputs])

    lifted: set[Array] = set()

    def value(x: Array) -> Any:
        if x not in made:
            made[x] = lift(x)
            lifted.add(x)
        return made[x]

    for x in sorted(found, key=attrgetter("_order")):
        if all(y not in made or y in lifted for y in x._inputs):
            continue
        if type(x._op) is Part:
            made[x] = made[x._inputs[0]][x._op.at]
        else:
            with surround(fresh(x._scope, inner=True, site=x._site)):
                made[x] = _step(step, x, [value(y) for y in x._inputs], parts.get(x, {}))
    return [value(y) for y in outputs]


def _step(
    step: Callable[[Array, Op, Sequence[T]], Any], x: Array, inputs: Sequence[T], used: Mapping[int, Any]
) -> Any:
    """What an op gives; of several outputs only those that are used, where it can do without the others."""
    data: Any = x._data
    op: Op = x._op
    fewer = op.keeping(sorted(used)) if type(data) is tuple and len(used) < len(cast(Any, data)) else None
    if fewer is None:
        return step(x, op, inputs)
    return dict(zip(fewer[1], step(x, fewer[0], inputs), strict=True))


def is_traced(x: Array) -> bool:
    """Whether it has no numbers: an Array, or one that holds all outputs of an op."""
    data: Any = x._data
    return type(cast(Any, data)[0] if type(data) is tuple else data) is Spec


def _reach(outputs: Sequence[Array], given: list[Array] | None) -> list[Array]:
    """The Arrays that lead to ``outputs``, in the order of making."""
    stop = set[Array](given or ())
    found: set[Array] = set()
    stack = list(outputs)
    while stack:
        x = stack.pop()
        if x not in found:
            found.add(x)
            if x not in stop and (given is None or type(x._data) is tuple or x.traced):
                stack.extend(x._inputs)
    return sorted(found, key=attrgetter("_order"))


def _parts_of(found: Iterable[Array]) -> dict[Array, dict[int, Array]]:
    """The Arrays that are one output of several, by what holds all of them and by number."""
    parts: dict[Array, dict[int, Array]] = {}
    for x in found:
        if type(x._op) is Part:
            parts.setdefault(x._inputs[0], {})[x._op.at] = x
    return parts


def _kept(bundle: Array, known: Mapping[int, Array]) -> tuple[Op, list[Array]]:
    """The op without the outputs that nothing uses, where it can do without, and an Array for each output."""
    arrays = _parts(bundle, known)
    fewer = bundle._op.keeping(sorted(known)) if len(known) < len(arrays) else None
    return (bundle._op, arrays) if fewer is None else (fewer[0], [arrays[at] for at in fewer[1]])


def _parts(bundle: Array, known: Mapping[int, Array]) -> list[Array]:
    """An Array for each output of an op, with stand-ins for those that nothing uses."""
    with surround(Context(inner=True)):
        return [
            known[at] if at in known else record(y, Part(at), bundle, None, bundle._active)
            for at, y in enumerate(bundle._data)
        ]


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
            made = self.made[old] = Scope(name, made, old.recompute)
        return made
