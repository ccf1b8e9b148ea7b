"""The arrows of a figure: which nodes are drawn and what runs from which to which."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Constant, Graph, Node, Op, Value
from ..ops import Branch, Repeat


@dataclass(frozen=True, slots=True)
class Vertex:
    """A thing with an outline: an input (``value``), a node, or an output (``value`` and ``place``)."""

    id: str
    kind: str
    """``"input"``, ``"parameter"``, ``"constant"``, ``"op"`` or ``"output"``."""
    node: Node | None = None
    value: Value | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow pair. ``value`` is what it carries."""

    source: int
    source_port: int
    target: int
    target_port: int
    value: Value


@dataclass(frozen=True, slots=True)
class Wiring:
    """Vertices and links, in the order of the graph."""

    vertices: tuple[Vertex, ...]
    links: tuple[Link, ...]


HIDDEN: tuple[type[Op], ...] = (Branch, Repeat)
"""What a figure without branches does not draw."""


def wire_up(graph: Graph, branches: bool = True) -> Wiring:
    """The vertices and links of a graph with explicit branches.

    Without ``branches`` no Branch and no Repeat is drawn: arrows run from what they copy to what uses the
    copies, and carry what entered the last Repeat.
    """
    hidden = () if branches else HIDDEN
    made: dict[Value, tuple[int, int]] = {}
    vertices: list[Vertex] = []
    links: list[Link] = []
    fanned: dict[tuple[int, int], int] = {}

    def connect(value: Value, target: int, port: int) -> None:
        carried = before(graph, value, Repeat) if hidden else value
        source, source_port = made[before(graph, carried, hidden) if hidden else carried]
        if hidden:
            source_port = fanned[source, 0] = fanned.get((source, 0), -1) + 1
        links.append(Link(source, source_port, target, port, carried))

    for at, value in enumerate(graph.inputs):
        made[value] = len(vertices), 0
        vertices.append(Vertex(f"x{at}", value.role or "input", None, value))
    for at, node in enumerate(graph.nodes):
        if hidden and isinstance(node.op, hidden):
            continue
        here = len(vertices)
        kind = "constant" if isinstance(node.op, Constant) else "op"
        vertices.append(Vertex(f"n{at}", kind, node, node.outputs[0] if kind == "constant" else None))
        made.update((value, (here, port)) for port, value in enumerate(node.outputs))
        for port, value in enumerate(node.inputs):
            connect(value, here, port)
    for at, value in enumerate(graph.outputs):
        vertices.append(Vertex(f"y{at}", "output", None, value, at))
        connect(value, len(vertices) - 1, 0)
    return Wiring(tuple(vertices), tuple(links))


def before(graph: Graph, value: Value, kinds: type[Op] | tuple[type[Op], ...]) -> Value:
    """The value that entered a run of nodes of these kinds."""
    producer = graph.index.producer
    while value in producer and isinstance(producer[value][0].op, kinds):
        value = producer[value][0].inputs[0]
    return value
