"""From a plan to a scene."""

from __future__ import annotations

from .boxes import Boxes
from .labels import label_edge
from .plan import Plan
from .scene import Scene


def build_scene(plan: Plan, title: str) -> Scene:
    """Measure everything that a figure shows."""
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
