"""Apply the rewrites to graphs and to functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, overload

from ...array import tree
from ...array.align import to_array
from ...array.array import Array, apply, leaf
from ...array.context import recording
from ...array.trace import collect, interpret, leaves_of, replay, spec_of
from ...ir import Graph, Op, Site
from .pattern import match, root_of
from .table import REWRITES, Found, Rewrite

_BY_ROOT: dict[str, list[tuple[str, Rewrite]]] = {}
for _rewrite in REWRITES:
    for _pattern in _rewrite.patterns:
        _BY_ROOT.setdefault(root_of(_pattern), []).append((_pattern, _rewrite))


@dataclass(frozen=True)
class Change:
    """A place where a rewrite applies.

    Attributes:
        rewrite: which.
        site: the user's line, where it is known.
    """

    rewrite: Rewrite
    site: Site | None

    def __str__(self) -> str:
        where = f" in line {self.site.line}" if self.site and self.site.line else ""
        return f"{self.rewrite.name}{where}: {self.rewrite.reason}"


def changes(graph: Graph) -> list[Change]:
    """What :func:`stabilise` would change in a graph, and why.

    Args:
        graph: any graph.

    >>> import diagrad as dg
    >>> print(changes(dg.trace(lambda x: dg.log(1 + x))(1e-9))[0])
    log1p in line 1: 1 + x rounds to 1 for small x
    """
    return _stable_graph(graph)[1]


@overload
def stabilise(target: Graph) -> Graph: ...
@overload
def stabilise(target: Callable[..., Any]) -> Callable[..., Any]: ...
def stabilise(target: Any) -> Any:
    """The same function, computed so that it neither overflows nor cancels where it need not.

    ``log(1 + x)`` becomes ``log1p(x)``, ``log(softmax(x))`` becomes ``log_softmax(x)``, ``1 - sigmoid(x)``
    becomes ``sigmoid(-x)``, and so on: :data:`diagrad.passes.stabilise.REWRITES` lists all with their
    reasons. Derivatives taken afterwards are those of the stable forms. Nothing is rewritten unless it is
    asked for here.

    Args:
        target: a graph, or a function of arrays or of lists, tuples and dicts of them.

    Returns:
        A graph, or a function of the same arguments. The function is recorded at each call and computes on
        what it is given, eagerly.

    >>> import diagrad as dg
    >>> f = lambda x: dg.log(1 + dg.exp(x))
    >>> with dg.no_grad():
    ...     float(dg.stabilise(f)(1000.0))
    1000.0
    """
    if isinstance(target, Graph):
        return _stable_graph(target)[0]

    @wraps(target)
    def stable(*args: Any, **kwargs: Any) -> Any:
        given: dict[Array, Array] = {}

        def traced(path: str, x: Any) -> Array:
            made = leaf(spec_of(x), "input", path or None)
            given[made] = to_array(x)
            return made

        arguments = [tree.map_paths(traced, x, "") for x in args]
        with recording(True):
            result = target(*arguments, **kwargs)
            outputs, _ = _rewritten([to_array(y) for y in tree.leaves(result)], list(given))
        made = iter(interpret(outputs, given, _itself, _apply))
        return tree.map_paths(lambda _path, _x: next(made), result, "")

    return stable


def _stable_graph(graph: Graph) -> tuple[Graph, list[Change]]:
    inputs = leaves_of(graph)
    arrays = replay(graph, inputs)
    outputs, made = _rewritten([arrays[y] for y in graph.outputs], inputs)
    return collect(outputs, inputs, graph.name).graph, made


def _rewritten(outputs: Sequence[Array], inputs: Sequence[Array]) -> tuple[list[Array], list[Change]]:
    """Traced Arrays in stable forms, and what was changed: round after round until nothing is left."""
    made: list[Change] = []
    while True:
        before = len(made)
        outputs = interpret(outputs, {x: x for x in inputs}, _itself, _Round(made))
        if len(made) == before:
            return list(outputs), made


class _Round:
    """One sweep over what was recorded."""

    def __init__(self, made: list[Change]) -> None:
        self.made = made
        self.now: dict[Array, Any] = {}

    def __call__(self, x: Array, op: Op, inputs: Sequence[Array]) -> Any:
        self.now.update(zip(x._inputs, inputs, strict=True))
        stable = self._stable(x)
        result = self.now[x] = _apply(x, op, inputs) if stable is None else stable
        if isinstance(result, Array) and x.name is not None:
            result.name = x.name
        return result

    def _stable(self, x: Array) -> Array | None:
        """The stable form of x, if a pattern fits."""
        for pattern, rewrite in _BY_ROOT.get(x._op.name, ()):
            found = match(pattern, x)
            if found is None:
                continue
            y = rewrite.after(Found(found, {name: self.now.get(z, z) for name, z in found.items()}))
            if y is not None:
                self.made.append(Change(rewrite, x._site))
                return y
        return None


def _itself(x: Array) -> Array:
    return x


def _apply(_x: Array, op: Op, inputs: Sequence[Array]) -> Any:
    return apply(op, *inputs)
