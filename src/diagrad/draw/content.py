"""What a figure is about: a graph with explicit branches, its numbers, and the gradient of every arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InputError, ShapeError
from ..interp import run
from ..ir import Graph, Node, Value
from ..ops import Branch
from ..passes import explicit
from .formula import as_tuple


@dataclass(frozen=True, slots=True)
class Content:
    """A graph and what is known of it.

    Attributes:
        graph: every value is used at most once; fan-out is a Branch node.
        values: the numbers of each value, where they were computed.
        flows: the values that a gradient flows to.
        gradients: the numbers of each gradient, where they were computed.
    """

    graph: Graph
    values: Mapping[Value, Any] = field(default_factory=dict[Value, Any])
    flows: frozenset[Value] = frozenset()
    gradients: Mapping[Value, Any] = field(default_factory=dict[Value, Any])


def content(
    graph: Graph,
    known: Mapping[Value, Any] | None,
    *,
    backward: bool,
    upstream: Sequence[Any] | None = None,
) -> Content:
    """Work out the numbers of a figure.

    Args:
        graph: any graph.
        known: the numbers of its inputs, and of whatever else has been computed; None for no numbers.
        backward: whether the backward pass is drawn.
        upstream: the gradients of the outputs; ones by default.

    Raises:
        ShapeError: an upstream gradient has another shape than its output.
    """
    plain = explicit(graph)
    values = {} if known is None else _values(plain, known)
    if not backward:
        return Content(plain, values)
    from ..autodiff import joint

    both = joint(plain)
    flows = frozenset(both.gradient)
    if known is None:
        return Content(plain, values, flows)
    feeds = {both.value[x]: values[x] for x in plain.inputs}
    given = dict(zip(plain.outputs, _upstream(plain, upstream), strict=True))
    feeds |= {entry: given[y] for y, entry in both.upstream.items()}
    with np.errstate(all="ignore"):
        ran = run(both.graph, *(feeds[x] for x in both.graph.inputs)).values
    return Content(plain, values, flows, {value: ran[g] for value, g in both.gradient.items()})


def _values(graph: Graph, known: Mapping[Value, Any]) -> dict[Value, Any]:
    """The numbers of every value: those known as they are, copies from what they copy, the rest computed."""
    values = {value: known[value] for value in graph.inputs}
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            if isinstance(node.op, Branch):
                values.update(dict.fromkeys(node.outputs, values[node.inputs[0]]))
            elif all(value in known for value in node.outputs):
                values.update((value, known[value]) for value in node.outputs)
            else:
                values.update(_compute(node, values))
    return values


def _compute(node: Node, values: Mapping[Value, Any]) -> dict[Value, Any]:
    results = as_tuple(node.op.forward(*(values[x] for x in node.inputs)))
    return dict(zip(node.outputs, results, strict=True))


def _upstream(graph: Graph, given: Sequence[Any] | None) -> list[Any]:
    """One upstream gradient for each output."""
    if given is None:
        return [np.broadcast_to(y.dtype.type(1), y.shape)[()] for y in graph.outputs]
    if len(given) != len(graph.outputs):
        raise InputError(
            f"{len(given)} upstream gradients are given for {len(graph.outputs)} outputs",
            expected=f"{len(graph.outputs)}",
            got=str(len(given)),
            fix="give a list with one gradient for each output",
        )
    found = [np.asarray(g, dtype=y.dtype)[()] for g, y in zip(given, graph.outputs, strict=True)]
    for g, y in zip(found, graph.outputs, strict=True):
        if g.shape != y.shape:
            raise ShapeError(
                f"the upstream gradient of {y.name or 'the output'} has another shape",
                expected=str(y.shape),
                got=str(g.shape),
                fix="pass one number for each element of the output",
            )
    return found
