"""The proper layered graph: long wires cut into pieces that span one layer each.

Every layer that a wire crosses gets a place-holder for it (Sugiyama, Tagawa, Toda 1981), so nothing else
is put in its way. A wire that spans very many layers is not cut: it gets a *lane* along the rim of the
drawing later, which keeps the number of place-holders linear in the number of wires.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ..diagram import Diagram
from .layers import assign_layers, depths, neighbours, topological
from .metrics import Metrics
from .ports import Side, entries, fans_out, is_bare

LANE_SPAN = 16
"""Wires that span more layers than this run in lanes along the rim."""


@dataclass(slots=True)
class Layered:
    """A connected diagram in layers. Vertices are its boxes, then the place-holders of its wires.

    ``chains[w]`` lists the vertices of wire ``w`` from source to target; ``lanes`` holds the wires whose
    last step jumps over many layers. ``pendants`` maps boxes that hang on their only user, in its column, to
    their wire: they are in no layer and their wire is no step. ``ins[v]`` and ``outs[v]`` list the steps of
    one layer at a vertex as (other vertex, height of the port here, height there), heights in fractions of a
    place.
    """

    diagram: Diagram
    layer: list[int]
    layers: list[list[int]]
    chains: list[list[int]]
    lanes: set[int]
    label_vertex: dict[int, int]
    pendants: dict[int, int]
    entry: list[Side]
    leaving: list[list[int]]
    depth: list[int]
    height: list[int]
    ins: list[list[tuple[int, float, float]]] = field(default_factory=list[list[tuple[int, float, float]]])
    outs: list[list[tuple[int, float, float]]] = field(default_factory=list[list[tuple[int, float, float]]])


def layered(diagram: Diagram, m: Metrics, stretched: Collection[int] = ()) -> Layered:
    """Assign layers, decide on entries and cut the wires; ``stretched`` ones span two layers at least."""
    boxes, wires = diagram.boxes, diagram.wires
    entering, leaving = neighbours(len(boxes), wires)
    order = topological(wires, entering, leaving)
    depth, height = depths(order, wires, leaving)
    entry = [entries(box, entering[i], wires, depth, m) for i, box in enumerate(boxes)]
    fans = [len(leaving[i]) > 1 and fans_out(box, entry[i], len(leaving[i])) for i, box in enumerate(boxes)]
    pendants = _pendants(diagram, entry, entering, leaving)
    labelled = [fans[wire.source] and (wire.above > 0 or wire.below > 0) for wire in wires]
    hanging = set(pendants.values())
    least = [0 if w in hanging else 2 if labelled[w] or w in stretched else 1 for w in range(len(wires))]
    layer = assign_layers(diagram, order, entering, leaving, least)
    chains: list[list[int]] = []
    lanes: set[int] = set()
    label_vertex: dict[int, int] = {}
    for w, wire in enumerate(wires):
        first, last = layer[wire.source] + 1, layer[wire.target]
        if last - first >= LANE_SPAN:
            lanes.add(w)
            last = first + labelled[w]
        pieces = list(range(len(layer), len(layer) + last - first))
        layer.extend(range(first, last))
        if labelled[w]:
            label_vertex[w] = pieces[0]
        chains.append([wire.source, *pieces, wire.target])
    layers: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for vertex, column in enumerate(layer):
        if vertex not in pendants:
            layers[column].append(vertex)
    graph = Layered(
        diagram, layer, layers, chains, lanes, label_vertex, pendants, entry, leaving, depth, height
    )
    _connect(graph, entering)
    return graph


def _pendants(
    diagram: Diagram, entry: list[Side], entering: list[list[int]], leaving: list[list[int]]
) -> dict[int, int]:
    """Leaves with a single, unlabelled wire to the top or bottom of a circle, and that wire."""
    found: dict[int, int] = {}
    for i, box in enumerate(diagram.boxes):
        if box.leaf and not entering[i] and len(leaving[i]) == 1:
            w = leaving[i][0]
            side = entry[diagram.wires[w].target]
            if is_bare(diagram.wires[w]) and w in (side.top, side.bottom):
                found[i] = w
    return found


def _connect(graph: Layered, entering: list[list[int]]) -> None:
    """Fill in the steps of one layer, with port heights as fractions of a place."""
    boxes, wires = graph.diagram.boxes, graph.diagram.wires
    graph.ins = [[] for _ in graph.layer]
    graph.outs = [[] for _ in graph.layer]
    head = [0.0] * len(wires)
    for ends in entering:
        for i, w in enumerate(ends):
            head[w] = 0.8 * ((i + 0.5) / len(ends) - 0.5)
    for w, chain in enumerate(graph.chains):
        wire = wires[w]
        if wire.source in graph.pendants:
            continue
        tail = 0.0
        if boxes[wire.source].shape != "dot":
            ports = max(boxes[wire.source].outputs, wire.source_port + 1)
            tail = 0.8 * ((wire.source_port + 0.5) / ports - 0.5)
        steps = len(chain) - 1 - (w in graph.lanes)
        for i in range(steps):
            a, b = chain[i], chain[i + 1]
            here, there = tail if i == 0 else 0.0, head[w] if i == len(chain) - 2 else 0.0
            graph.outs[a].append((b, here, there))
            graph.ins[b].append((a, there, here))
