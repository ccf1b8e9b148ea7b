"""The backward pass as a graph: one that can be printed, drawn, run and differentiated again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..array.array import Array, leaf
from ..array.functions import zeros_like
from ..array.trace import collect, leaves_of, replay
from ..errors import NotDifferentiableError
from ..ir import Graph, Input, Value, is_differentiable
from .reverse import sweep


@dataclass(frozen=True)
class Joint:
    """A graph together with its backward pass.

    Attributes:
        graph: inputs are those of the forward graph and then one upstream gradient for each differentiable
            output; outputs are the forward outputs and then every gradient in ``gradient``.
        value: for each value of the forward graph, the same value in ``graph``.
        gradient: for each value of the forward graph that a gradient flows to, its gradient in ``graph``.
        upstream: for each differentiable output of the forward graph, the input that takes its gradient.
    """

    graph: Graph
    value: Mapping[Value, Value]
    gradient: Mapping[Value, Value]
    upstream: Mapping[Value, Value]


def joint(graph: Graph) -> Joint:
    """Forward and backward pass of a graph in one, with the gradient of every value.

    In a graph with explicit Branch nodes every use of a value is a value of its own, so each arrow of a
    picture has its own gradient.

    Args:
        graph: any graph.

    Returns:
        A :class:`Joint`. Values that no gradient flows to have none.

    >>> import diagrad as dg
    >>> both = joint(dg.trace(lambda x, y: x * y)(2.0, 3.0))
    >>> [value.name for value in both.graph.inputs]
    ['x', 'y', '∂L/∂output']
    """
    inputs = leaves_of(graph)
    arrays = replay(graph, inputs)
    roots = [y for y in dict.fromkeys(graph.outputs) if is_differentiable(y.dtype) and arrays[y]._active]
    upstream = {y: leaf(y.spec, "input", f"∂L/∂{y.name or 'output'}") for y in roots}
    for x in arrays.values():
        if x._active:
            x.retain_grad()
    sweep([arrays[y] for y in roots], [upstream[y] for y in roots], build=True)
    gradients = {value: x.grad for value, x in arrays.items() if x.grad is not None}
    for x in arrays.values():
        x._grad = None  # a gradient holds its value: a cycle of references
    for value, g in gradients.items():
        _name(g, value.name)
    everything = collect(
        [arrays[y] for y in graph.outputs] + list(gradients.values()),
        inputs + list(upstream.values()),
        graph.name,
    )

    def find(x: Array) -> Value:
        return everything.value[x]

    return Joint(
        everything.graph,
        {value: find(x) for value, x in arrays.items() if x in everything.value},
        {value: find(g) for value, g in gradients.items()},
        {value: find(g) for value, g in upstream.items()},
    )


def backward_graph(graph: Graph, wrt: Sequence[str] | None = None) -> Graph:
    """The backward pass of a graph, as a graph.

    Args:
        graph: any graph.
        wrt: the names of the inputs to differentiate; by default all floating-point ones.

    Returns:
        A graph whose inputs are those of ``graph`` and one upstream gradient for each differentiable output,
        called ``∂L/∂name``, and whose outputs are the gradients, in the order of ``wrt``. An input that no
        output depends on has a gradient of zeros.

    Raises:
        KeyError: ``wrt`` names no input.
        NotDifferentiableError: an input is not floating-point, or no output is differentiable.

    >>> import diagrad as dg
    >>> print(dg.trace(lambda x, y: x * y)(2.0, 3.0).backward())
    graph lambda_backward(x: f64[], y: f64[], "∂L/∂output": f64[]) {
      "∂L/∂x": f64[] = Multiply("∂L/∂output", y)
      "∂L/∂y": f64[] = Multiply("∂L/∂output", x)
      return "∂L/∂x", "∂L/∂y"
    }
    """
    inputs = leaves_of(graph)
    arrays = replay(graph, inputs)
    names = [x.name for x in graph.inputs if is_differentiable(x.dtype)] if wrt is None else list(wrt)
    by_name = {x.name: arrays[x] for x in graph.inputs}
    roots = [y for y in dict.fromkeys(graph.outputs) if arrays[y]._active]
    if not roots:
        raise NotDifferentiableError(
            f"no output of {graph.name} can be differentiated",
            expected="an output computed from a floating-point input through differentiable ops",
            got=", ".join(str(y.spec) for y in graph.outputs),
        )
    wanted = [by_name[name] for name in names]
    upstream = [leaf(y.spec, "input", f"∂L/∂{y.name or 'output'}") for y in roots]
    kept = sweep([arrays[y] for y in roots], list(upstream), build=True, keep=wanted)
    grads: list[Array] = []
    for x in wanted:
        g = kept.get(x)
        if g is None:
            g = zeros_like(x)
        _name(g, x.name)
        grads.append(g)
    return collect(grads, inputs + upstream, f"{graph.name}_backward").graph


def _name(g: Array, of: str | None) -> None:
    """Call a gradient ∂L/∂name, unless it is an upstream gradient that has its name already."""
    if of is not None and type(g._op) is not Input:
        g._name = f"∂L/∂{of}"
