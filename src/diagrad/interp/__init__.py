"""The NumPy engine: the living definition of what a graph computes.

It runs node by node and keeps every intermediate value, or on request only what is still needed.
Every other engine is tested against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..array.array import leaf
from ..array.context import CONTEXT
from ..array.trace import replay
from ..errors import ShapeError
from ..ir import Graph, Node, Value
from ..ir.evaluate import execute

__all__ = ["Run", "run"]


@dataclass(frozen=True)
class Run:
    """What a run computed.

    Attributes:
        graph: the graph that ran.
        values: the NumPy data of every value, or of the outputs alone.
    """

    graph: Graph
    values: Mapping[Value, Any]

    @property
    def outputs(self) -> tuple[Any, ...]:
        """The data of the graph's outputs."""
        return tuple(self.values[y] for y in self.graph.outputs)

    def __getitem__(self, name: str) -> Any:
        """The data of the value of this name."""
        return self.values[self.graph[name]]


def run(
    graph: Graph,
    *inputs: Any,
    keep: bool = True,
    hook: Callable[[Node, tuple[Any, ...]], None] | None = None,
) -> Run:
    """Run a graph on NumPy arrays, node by node.

    Args:
        graph: any graph.
        inputs: one array or number for each input, of its shape; converted to its dtype.
        keep: keep every value; otherwise a value goes after its last use, and only outputs stay.
        hook: called after each node with the node and its outputs' data.

    Returns:
        A :class:`Run`.

    Raises:
        ShapeError: an input is missing or has another shape.

    >>> import diagrad as dg
    >>> graph = dg.trace(lambda x, y: x * y)(2.0, 3.0)
    >>> run(graph, 4.0, 5.0).outputs
    (np.float64(20.0),)
    """
    values = dict(zip(graph.inputs, _check_inputs(graph, inputs), strict=True))
    if (context := CONTEXT.get()) is not None and context.watch is not None:
        return Run(graph, _watched(graph, values, hook))
    execute(graph, values, keep, hook)
    return Run(graph, values)


def _watched(
    graph: Graph, inputs: Mapping[Value, Any], hook: Callable[[Node, tuple[Any, ...]], None] | None
) -> dict[Value, Any]:
    """The values of a run that :func:`diagrad.debug` looks at: recorded, so that it can be followed back."""
    arrays = replay(graph, [leaf(inputs[x], x.role, x.name) for x in graph.inputs])
    values = {value: x._data for value, x in arrays.items()}
    if hook is not None:
        for node in graph.nodes:
            hook(node, tuple(values[y] for y in node.outputs))
    return values


def _check_inputs(graph: Graph, inputs: tuple[Any, ...]) -> list[Any]:
    want = ", ".join(f"{x.name}: {x.spec}" for x in graph.inputs)
    if len(inputs) != len(graph.inputs):
        raise ShapeError(
            f"{graph.name} takes {len(graph.inputs)} inputs, got {len(inputs)}",
            expected=want,
            got=f"{len(inputs)} arrays",
            fix="pass one array for each input",
        )
    data = [np.asarray(x, dtype=value.dtype)[()] for x, value in zip(inputs, graph.inputs, strict=True)]
    for x, value in zip(data, graph.inputs, strict=True):
        if x.shape != value.shape:
            raise ShapeError(
                f"{graph.name}: the input {value.name} has shape {x.shape}",
                expected=want,
                got=f"{value.name}{x.shape}",
                fix="trace the function again for another shape",
            )
    return data
