"""The scene: every box, wire and label of a figure with its size, before any of it has a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blocks import Block
from .content import Content
from .diagram import Box, Diagram, Wire
from .names import Names
from .style import Style
from .wiring import HIDDEN, Link, Vertex, Wiring, wire_up

Passes = Literal["both", "forward", "backward"]


@dataclass(frozen=True, slots=True)
class Show:
    """Which readings a figure gives."""

    symbols: bool = True
    shapes: bool = True
    numbers: bool = True
    rules: bool = True


READINGS = {
    "all": Show(),
    "symbols": Show(shapes=False, numbers=False),
    "shapes": Show(symbols=False, numbers=False),
    "numbers": Show(symbols=False, shapes=False),
}
NAMES_AND_SHAPES = Show(numbers=False, rules=False)
BARE = Show(shapes=False, numbers=False, rules=False)


def fitting(vertices: int) -> Show:
    """What fits: everything in a small graph, then names and shapes, then names alone."""
    return READINGS["all"] if vertices <= 60 else NAMES_AND_SHAPES if vertices <= 400 else BARE


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be drawn, and how: all that boxes, labels and captions are made from.

    Attributes:
        content: the graph and its numbers.
        names: what its values are called.
        wiring: its vertices and links.
        show: the readings.
        passes: which arrows are drawn.
        style: colours and sizes.
        branches: whether Branch and Repeat nodes are drawn.
    """

    content: Content
    names: Names
    wiring: Wiring
    show: Show
    passes: Passes
    style: Style
    branches: bool = True

    @classmethod
    def of(
        cls,
        content: Content,
        names: Names,
        show: Show | None,
        passes: Passes,
        style: Style,
        branches: bool = True,
    ) -> Plan:
        """The plan of a graph; ``show`` None chooses what fits."""
        wiring = wire_up(content.graph, branches)
        return cls(content, names, wiring, show or fitting(len(wiring.vertices)), passes, style, branches)

    @property
    def forward(self) -> bool:
        """Whether values are drawn."""
        return self.passes != "backward"

    @property
    def backward(self) -> bool:
        """Whether gradients are drawn."""
        return self.passes != "forward"

    @property
    def hidden(self) -> tuple[type, ...]:
        """The ops that are not drawn."""
        return () if self.branches else HIDDEN

    @property
    def gap(self) -> float:
        """From a wire's centre line to its arrows; one arrow alone runs on the line itself."""
        return 6.0 if self.passes == "both" else 3.0


@dataclass(frozen=True, slots=True)
class SceneNode:
    """A box with what stands in it, over it and under it, and a sentence that says the same."""

    vertex: Vertex
    box: Box
    inside: Block
    above: Block
    below: Block
    op: str
    name: str
    sentence: str
    data: str | None = None


@dataclass(frozen=True, slots=True)
class SceneEdge:
    """A wire with its labels; ``value`` and ``gradient`` are whole numbers where it carries a scalar."""

    link: Link
    wire: Wire
    name: str
    above: Block
    below: Block
    flows: bool
    value: str | None
    gradient: str | None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a writer needs but the places."""

    nodes: tuple[SceneNode, ...]
    edges: tuple[SceneEdge, ...]
    title: str
    sentence: str
    passes: Passes
    gap: float

    @property
    def diagram(self) -> Diagram:
        """The geometry, for the layout."""
        return Diagram(tuple(node.box for node in self.nodes), tuple(edge.wire for edge in self.edges))


def build_scene(plan: Plan, title: str) -> Scene:
    """Measure everything that a figure shows."""
    from .boxes import Boxes
    from .labels import label_edge

    edges = tuple(label_edge(plan, link) for link in plan.wiring.links)
    boxes = Boxes(plan)
    nodes = tuple(boxes.make(at, vertex) for at, vertex in enumerate(plan.wiring.vertices))
    return Scene(nodes, edges, title, describe(plan, title), plan.passes, plan.gap)


def describe(plan: Plan, title: str) -> str:
    """The whole figure in a sentence."""
    kinds = {"both": "forward and backward pass", "forward": "forward pass", "backward": "backward pass"}
    ops = sum(vertex.kind == "op" for vertex in plan.wiring.vertices)
    links = len(plan.wiring.links)
    return (
        f"Computational graph{' of ' + title if title else ''}: {kinds[plan.passes]}, "
        f"{ops} operation{'s' * (ops != 1)}, {links} arrow{'s' * (links != 1)}."
    )
