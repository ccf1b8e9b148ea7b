"""Derivatives of graphs that ops hold, as graphs: what the rules of loops and choices are made of.

They are remembered: a loop that is run again and again transforms its body once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..array.array import Array, leaf
from ..array.context import Context, surround
from ..array.trace import collect, leaves_of, replay
from ..ir import Graph
from .forward import linear, zeros
from .reverse import sweep

Flags = tuple[bool, ...]


@lru_cache(maxsize=512)
def pullback(graph: Graph, wanted: Flags, given: Flags) -> Graph:
    """uᵀ·J, the product of upstream gradients with the Jacobian, as a graph.

    Args:
        graph: any graph.
        wanted: which inputs' gradients are wanted.
        given: which outputs have an upstream gradient.

    Returns:
        A graph whose inputs are those of ``graph`` and the upstream gradients, and whose outputs are the
        gradients, zeros where there is none.

    >>> import diagrad as dg
    >>> print(pullback(dg.trace(lambda x, y: x * y)(2.0, 3.0), (True, False), (True,)))
    graph lambda_pullback(x: f64[], y: f64[], "∂L/∂output": f64[]) {
      %0: f64[] = Multiply("∂L/∂output", y)
      return %0
    }
    """
    with surround(Context(inner=True)):
        inputs, xs = _heads(graph, wanted)
        arrays = replay(graph, inputs)
        ys = [y for y, there in zip(graph.outputs, given, strict=True) if there]
        upstream = [leaf(y.spec, "input", f"∂L/∂{y.name or 'output'}") for y in ys]
        roots = [(arrays[y], g) for y, g in zip(ys, upstream, strict=True) if arrays[y]._active]
        kept = sweep([y for y, _ in roots], [g for _, g in roots], build=True, keep=xs) if xs else {}
        made = [kept[x] if x in kept else zeros(x) for x in xs]
        return collect(made, inputs + upstream, f"{graph.name}_pullback").graph


@lru_cache(maxsize=512)
def pushforward(graph: Graph, wanted: Flags, given: Flags) -> Graph:
    """The graph and J·v, how its outputs change along a direction, in one graph.

    Args:
        graph: any graph.
        wanted: which inputs have a direction.
        given: of which outputs the change is wanted.

    Returns:
        A graph whose inputs are those of ``graph`` and the directions, and whose outputs are those of
        ``graph`` and the changes.

    >>> import diagrad as dg
    >>> both = pushforward(dg.trace(lambda x, y: x * y)(2.0, 3.0), (True, True), (True,))
    >>> both.run(2.0, 3.0, 1.0, 0.5).outputs
    (np.float64(6.0), np.float64(4.0))
    """
    with surround(Context(inner=True)):
        inputs, xs = _heads(graph, wanted)
        arrays = replay(graph, inputs)
        ys = [arrays[y] for y, there in zip(graph.outputs, given, strict=True) if there]
        hats = [leaf(x.spec, "input", f"d{x.name}" if x.name else None) for x in xs]
        pushed = linear(ys, xs, hats)
        outputs = [*(arrays[y] for y in graph.outputs), *pushed]
        return collect(outputs, inputs + hats, f"{graph.name}_pushforward").graph


def _heads(graph: Graph, wanted: Sequence[bool]) -> tuple[list[Array], list[Array]]:
    """A leaf for each input, of which gradients reach only those that are wanted; and these."""
    inputs = leaves_of(graph)
    for x, want in zip(inputs, wanted, strict=True):
        x._active = x._active and want
    return inputs, [x for x, want in zip(inputs, wanted, strict=True) if want]
