"""The scene: every box, wire and label of a figure with its size, before any of it has a place."""

from __future__ import annotations

from dataclasses import dataclass

from .blocks import Block
from .diagram import Box, Diagram, Wire
from .options import Passes
from .wiring import Link, Vertex


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
