"""Layout: where every box, wire and label goes.

:func:`place` is a layered layout (Sugiyama, Tagawa, Toda 1981) with orthogonal wires, made for
computational graphs: they run from left to right, the main path is straight, parameters stand next to
what uses them, and every wire has room for two arrows and for its labels. The steps, one module each:
``layers`` (columns), ``graph`` (long wires cut up), ``order`` (crossings), ``leaves`` (parameters beside what
they join), ``ports`` and ``items`` (sides of boxes), ``coordinates`` and ``settle`` (heights), ``lanes``
(very long wires), ``channels`` and ``route`` (uprights).
"""

from __future__ import annotations

from ..diagram import Diagram, Placement, Wire
from .coordinates import assign_heights
from .graph import layered
from .items import make_items
from .lanes import assign_lanes
from .layers import components
from .leaves import crossed_by_leaves
from .metrics import (
    CAPTION_DISTANCE,
    CLEARANCE,
    LABEL_DISTANCE,
    MARGIN,
    Metrics,
    least_height,
)
from .order import order_layers
from .pack import extent, pack, simplify
from .route import centre_x, frame, routes, stretches

__all__ = ["CAPTION_DISTANCE", "CLEARANCE", "LABEL_DISTANCE", "Metrics", "least_height", "place"]


def place(diagram: Diagram, *, gap: float = 6.0, margin: float = MARGIN) -> Placement:
    """Lay a diagram out from left to right.

    ``gap`` is the distance of the forward and the backward arrow from their wire's centre line, ``margin``
    the empty rim of the page. Unconnected parts are laid out on their own and stacked. The result depends
    on nothing but the arguments; ties are broken by the order of boxes and wires.

    >>> from diagrad.draw.diagram import Box, Diagram, Wire
    >>> x, y = Box(44, 34, leaf=True), Box(44, 34, inputs=1, outputs=0)
    >>> placement = place(Diagram((x, y), (Wire(0, 0, 1, 0, width=40, above=16),)))
    >>> placement.centres[0][1] == placement.centres[1][1]
    True
    """
    m = Metrics(gap)
    parts: list[tuple[list[int], list[int], Placement]] = []
    for boxes, wires in components(diagram):
        local = {box: i for i, box in enumerate(boxes)}
        part = Diagram(
            tuple(diagram.boxes[i] for i in boxes),
            tuple(_moved(diagram.wires[w], local) for w in wires),
        )
        parts.append((boxes, wires, _place_part(part, m)))
    return pack(diagram, parts, margin, gap)


def _moved(wire: Wire, local: dict[int, int]) -> Wire:
    return Wire(
        local[wire.source],
        wire.source_port,
        local[wire.target],
        wire.target_port,
        wire.width,
        wire.above,
        wire.below,
    )


def _place_part(diagram: Diagram, m: Metrics) -> Placement:
    """Lay out a connected diagram, its upper left corner at the origin."""
    graph = layered(diagram, m)
    pos = order_layers(graph)
    crossed = crossed_by_leaves(graph, pos)
    if crossed:
        graph = layered(diagram, m, crossed)
        pos = order_layers(graph)
    items = make_items(graph, pos, m)
    importance = [graph.depth[wire.source] + graph.height[wire.target] for wire in diagram.wires]
    heights = assign_heights(items, graph.lanes, importance, m)
    lanes = assign_lanes(items, heights, graph.lanes, m)
    f = frame(graph, items, heights, lanes, m)
    paths = [simplify(path) for path in routes(graph, items, heights, f)]
    centres = [(centre_x(items, f, i), heights[i]) for i in range(len(diagram.boxes))]
    labels = stretches(graph, items, heights, paths, f, m)
    return extent(diagram, centres, paths, labels, m)
