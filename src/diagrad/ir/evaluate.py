"""The loop that computes a graph on NumPy arrays: the engine and the ops that hold graphs share it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import DiagradError
from .graph import Graph, Node, Value
from .op import Constant

Hook = Callable[[Node, tuple[Any, ...]], None]


def execute(graph: Graph, values: dict[Value, Any], keep: bool, hook: Hook | None = None) -> None:
    """Compute every node into ``values``, which has the inputs.

    Without ``keep`` a value goes after its last use; outputs stay. ``hook`` is called after each node.

    Raises:
        DiagradError: an op cannot run; the text names the user's line.
    """
    last_uses = {} if keep else graph.last_uses
    node: Node | None = None
    try:
        for node in graph.nodes:
            if isinstance(node.op, Constant):
                made: Any = node.op.data[()]
            else:
                made = node.op.forward(*[values[x] for x in node.inputs])
            results: tuple[Any, ...] = made if node.op.multiple else (made,)
            for value, result in zip(node.outputs, results, strict=True):
                values[value] = result
            if hook is not None:
                hook(node, results)
            for value in last_uses.get(node, ()):
                values.pop(value, None)
    except DiagradError as error:
        if error.where is None and node is not None and node.site is not None:
            error.where = str(node.site)
        raise


def evaluate(graph: Graph, inputs: Sequence[Any]) -> tuple[Any, ...]:
    """The outputs of a graph, for inputs of its shapes and dtypes.

    >>> import diagrad as dg
    >>> evaluate(dg.trace(lambda x, y: x * y)(2.0, 3.0), (4.0, 5.0))
    (20.0,)
    """
    values = dict(zip(graph.inputs, inputs, strict=True))
    execute(graph, values, keep=False)
    return tuple([values[y] for y in graph.outputs])
