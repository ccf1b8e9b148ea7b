"""The rules every graph keeps, checked in one sweep."""

from __future__ import annotations

from ..errors import DiagradError, GraphError
from .graph import Graph, Node, Value, subgraphs
from .op import Op, Spec


def verify(graph: Graph) -> Graph:
    """Check a graph and return it.

    Every value has one producer and is defined before it is used (so there is no cycle), every node's
    outputs have the shapes and dtypes that its op gives, names are unique. The same holds in the graphs that
    ops hold.

    Raises:
        GraphError: a rule is broken; the text names the node and the values.
        ShapeError, DTypeError: the inputs of a node do not fit its op.
    """
    defined: set[Value] = set()
    names: set[str] = set()
    inferred: _Inferred = {}

    def define(value: Value, by: str) -> None:
        if value in defined:
            what = f"{_call(value)} is defined twice, again by {by}"
            raise GraphError(what, fix="give each value one producer")
        if value.name is not None and value.name in names:
            raise GraphError(f"two values are called {value.name!r}", fix="rename one of them")
        defined.add(value)
        names.update([value.name] if value.name is not None else [])

    for value in graph.inputs:
        define(value, "the graph's inputs")
    later = {value for node in graph.nodes for value in node.outputs}
    for node in graph.nodes:
        for held in subgraphs(node.op):
            verify(held)
        for value in node.inputs:
            if value not in defined:
                raise _undefined(node, value, value in later)
        _check_outputs(node, inferred)
        for value in node.outputs:
            define(value, node.op.name)
    for value in graph.outputs:
        if value not in defined:
            what = f"the output {_call(value)} is never computed"
            raise GraphError(what, fix="return a value of this graph")
    return graph


def _undefined(node: Node, value: Value, later: bool) -> GraphError:
    if later:
        return GraphError(
            f"{node.op.name} uses {_call(value)} before it is computed: "
            "the graph has a cycle or is out of order",
            where=str(node.site) if node.site else None,
            expected="nodes in topological order, each after those it uses",
            got=f"{_call(value)} is defined by a later node",
            fix="order the nodes; a value cannot depend on itself",
        )
    what = f"{node.op.name} uses {_call(value)}, which nothing computes"
    return GraphError(what, fix="make it a graph input")


def _check_outputs(node: Node, inferred: _Inferred) -> None:
    want = _infer(node, inferred)
    got = tuple(y.spec for y in node.outputs)
    if node.op.name != "Input" and want != got:
        raise GraphError(
            f"{node.op.name} gives {', '.join(map(str, want))}",
            expected=", ".join(map(str, want)),
            got=", ".join(map(str, got)),
            fix="declare the outputs as the op computes them",
        )


_Inferred = dict[tuple[type[Op], Op, tuple[Spec, ...]], tuple[Spec, ...]]
"""What an op gives for these inputs: graphs apply the same ops to the same shapes over and over."""


def _infer(node: Node, inferred: _Inferred) -> tuple[Spec, ...]:
    op, specs = node.op, tuple([x.spec for x in node.inputs])
    try:
        if not specs:
            return op.infer(specs)
        key = (type(op), op, specs)
        if key not in inferred:
            inferred[key] = op.infer(specs)
        return inferred[key]
    except DiagradError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise GraphError(
            f"{node.op} cannot be applied: {error}",
            where=str(node.site) if node.site else None,
            expected=f"attributes that suit {node.op.ports}",
            got=", ".join(map(str, specs)) or "no inputs",
            fix="correct the attributes of the node",
        ) from None


def _call(value: Value) -> str:
    return repr(value.name) if value.name is not None else f"an unnamed {value.spec}"
