"""Gates: what may never be wrong with a figure, judged from its SVG text alone.

:func:`check` finds whatever collides, hangs loose or is missing; :func:`compare` holds every number and
every arrow against the engine. Both give a list of complaints, empty when the figure is sound. They read
the file as anyone could, and share no geometry with the layout that made it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from ..ir import Graph, Value
from .numerals import UNKNOWN, full, is_small, number, summary
from .readback import Drawn, Edge, Node, Rects, depth_inside, distance_to, read, sampled
from .wiring import Link, wire_up


def check(svg: str) -> list[str]:
    """What is wrong with a figure: collisions, loose ends, text off the page, bare arrows, clashing ids.

    Args:
        svg: the text of a figure that :func:`diagrad.draw.draw` made.

    Returns:
        One sentence for each fault; an empty list for a sound figure.

    >>> import diagrad as dg
    >>> from diagrad.draw import draw
    >>> check(draw(dg.array(2.0, name="x") * 3).svg)
    []
    """
    drawn = read(svg)
    return [
        *_ids(drawn),
        *_collisions(drawn),
        *_off_page(drawn),
        *(fault for edge in drawn.edges for fault in _ends(drawn, edge)),
        *(fault for edge in drawn.edges for fault in _beside(edge)),
        *(fault for edge in drawn.edges for fault in _bare(drawn, edge)),
    ]


def compare(
    svg: str,
    graph: Graph,
    values: Mapping[Value, Any],
    gradients: Mapping[Value, Any],
    *,
    flows: Collection[Value] | None = None,
    branches: bool = True,
    numbers: bool = True,
) -> list[str]:
    """Where a figure's arrows and numbers differ from a graph's.

    Args:
        svg: the text of a figure.
        graph: the graph, with explicit branches (:func:`diagrad.passes.explicit`).
        values: the numbers of its values.
        gradients: the gradients of those that one flows to.
        flows: the values that a gradient flows to, where ``gradients`` does not have them all: a number that
            is missing must be shown as "?".
        branches: whether the figure draws Branch and Repeat nodes.
        numbers: whether it shows numbers.

    Returns:
        One sentence for each difference.
    """
    drawn = read(svg)
    flows = gradients.keys() if flows is None else flows
    wiring = wire_up(graph, branches)
    found = {edge.key: edge for edge in drawn.edges}
    faults = [
        f"edge {key} is drawn {n} times" for key, n in Counter(e.key for e in drawn.edges).items() if n > 1
    ]
    ids = [vertex.id for vertex in wiring.vertices]
    if [node.id for node in drawn.nodes] != ids:
        faults.append(f"the nodes are {[node.id for node in drawn.nodes]}, not {ids}")
    wanted = {(ids[k.source], k.source_port, ids[k.target], k.target_port): k for k in wiring.links}
    faults += [f"edge {key} is not in the graph" for key in found if key not in wanted]
    for key, link in wanted.items():
        if key not in found:
            faults.append(f"edge {key} is missing")
            continue
        faults += _differences(drawn, found[key], link, values, gradients, flows, numbers)
    return faults


# ------------------------------------------------------------------ geometry


def _ids(drawn: Drawn) -> Iterator[str]:
    for name, count in Counter(drawn.ids).items():
        if count > 1:
            yield f"id {name!r} is used {count} times"
    for key, count in Counter(edge.key for edge in drawn.edges).items():
        if count > 1:
            yield f"edge {key} is drawn {count} times"


def _collisions(drawn: Drawn) -> Iterator[str]:
    outlines, texts, cells, pens = drawn.outlines, drawn.texts, drawn.cells, drawn.pens
    for a, b in outlines.meet(outlines):
        if a < b:
            yield f"nodes {outlines.owners[a]} and {outlines.owners[b]} overlap"
    for a, b in texts.meet(texts):
        if a < b:
            yield f"texts {texts.owners[a]} and {texts.owners[b]} overlap"
    for a, b in texts.meet(outlines):
        if texts.owners[a][:2] != (outlines.owners[b], "inside"):
            yield f"text {texts.owners[a]} overlaps node {outlines.owners[b]}"
    for a, b in cells.meet(outlines):
        yield f"cells {cells.owners[a]} overlap node {outlines.owners[b]}"
    for a, b in cells.meet(cells):
        if a < b:
            yield f"cells {cells.owners[a]} and {cells.owners[b]} overlap"
    for a, b in texts.meet(cells):
        if texts.owners[a][:2] != cells.owners[b]:
            yield f"text {texts.owners[a]} overlaps cells {cells.owners[b]}"
    for things, word in ((texts, "text"), (cells, "cells")):
        for a, b in things.meet(pens):
            yield f"{word} {things.owners[a]} is struck by an arrow of edge {pens.owners[b]}"
    for a, b in outlines.meet(pens):
        edge = drawn.edges[int(pens.owners[b])]
        if outlines.owners[a] not in (edge.source, edge.target):
            yield f"node {outlines.owners[a]} is hit by an arrow of edge {pens.owners[b]}"


def _off_page(drawn: Drawn) -> Iterator[str]:
    page = drawn.page
    for rects, word in (
        (drawn.texts, "text"),
        (drawn.cells, "cells"),
        (drawn.outlines, "node"),
        (drawn.pens, "arrow"),
    ):
        if len(rects.boxes) == 0:
            continue
        out = (rects.boxes[:, :2] < page[:2] - 0.01).any(axis=1) | (rects.boxes[:, 2:] > page[2:] + 0.01).any(
            axis=1
        )
        yield from (f"{word} {rects.owners[at]} leaves the page" for at in np.nonzero(out)[0])


def _ends(drawn: Drawn, edge: Edge) -> Iterator[str]:
    """Arrows begin and end on the outlines that they join, and run outside of them."""
    for kind, line in edge.lines.items():
        start, end = (edge.source, edge.target) if kind == "forward" else (edge.target, edge.source)
        tip = edge.tips.get(kind)
        if tip is None:
            yield f"the {kind} arrow of edge {edge.key} has no head"
            continue
        for point, name in ((line[0], start), (tip, end)):
            node = drawn.node[name]
            off = depth_inside(node, point[None])[0]
            if abs(off) > 1.6:
                yield f"the {kind} arrow of edge {edge.key} ends {-off:.1f} px off the outline of {name}"
        for name in (start, end):
            if (depth_inside(drawn.node[name], sampled(line)) > 1.6).any():
                yield f"the {kind} arrow of edge {edge.key} runs into {name}"


def _beside(edge: Edge) -> Iterator[str]:
    """A backward arrow runs along the right of its forward arrow, the other way."""
    if len(edge.lines) < 2:
        return
    ahead, back = edge.lines["forward"], edge.lines["backward"]
    apart, side = distance_to(ahead, sampled(back))
    if apart.max() > 24 or apart.min() < 4:
        span = f"{apart.min():.0f} to {apart.max():.0f} px"
        yield f"the backward arrow of edge {edge.key} is {span} from its forward arrow"
    elif (side[2:-2] <= 0).any():
        yield f"the backward arrow of edge {edge.key} changes to the other side of its forward arrow"
    if np.hypot(*(ahead[0] - back[-1])) > np.hypot(*(ahead[0] - back[0])):
        yield f"the backward arrow of edge {edge.key} points the same way as its forward arrow"


def _bare(drawn: Drawn, edge: Edge) -> Iterator[str]:
    """Every arrow has a text, but for a constant's, whose number stands in its node."""
    for kind in edge.lines:
        source: Node = drawn.node[edge.source]
        if not edge.texts[kind] and not (kind == "forward" and source.value is not None):
            yield f"the {kind} arrow of edge {edge.key} says nothing"
    if drawn.passes != "backward" and "forward" not in edge.lines:
        yield f"edge {edge.key} has no forward arrow"


# ------------------------------------------------------------------ numbers


def _differences(
    drawn: Drawn,
    edge: Edge,
    link: Link,
    values: Mapping[Value, Any],
    gradients: Mapping[Value, Any],
    flows: Collection[Value],
    numbers: bool,
) -> Iterator[str]:
    value, passes = link.value, drawn.passes
    constant = drawn.node[edge.source].value
    if edge.shape != value.shape or edge.dtype != str(value.dtype):
        yield f"edge {edge.key} is said to be {edge.shape} {edge.dtype}, not {value.spec}"
    flown = value in flows and passes != "forward"
    if ("backward" in edge.lines) != flown:
        yield f"edge {edge.key} has {'no' if flown else 'a'} backward arrow"
    if constant is not None:
        true = {full(x) for x in np.asarray(values.get(value)).flat} if value in values else set[str]()
        if true and true != {constant}:
            yield f"constant {edge.source} is said to be {constant}, not {true}"
    elif numbers and passes != "backward":
        yield from _said(edge, "forward", values.get(value))
    if numbers and flown:
        yield from _said(edge, "backward", gradients.get(value))


def _said(edge: Edge, kind: str, data: Any) -> Iterator[str]:
    said = {
        (text.what, text.at): (text.text, text.value) for text in edge.texts[kind] if text.what not in _WORDS
    }
    want = expected(data)
    if said != want:
        wrong = {
            key: (said.get(key), want.get(key))
            for key in said.keys() | want.keys()
            if said.get(key) != want.get(key)
        }
        yield f"edge {edge.key}: the {kind} numbers differ (drawn, true): {wrong}"


_WORDS = ("name", "shape")


def expected(data: Any) -> dict[tuple[str, str], tuple[str, str | None]]:
    """What a figure must say of an array: by kind and place, the text and the whole number."""
    if data is None:
        return {("value", ""): (UNKNOWN, None)}
    x = np.asarray(data)
    if x.ndim == 0:
        return {("value", ""): (number(x[()]), full(x[()]))}
    if x.size == 0:
        return {("value", ""): ("empty", "empty")}
    if is_small(x.shape):
        return {("cell", ",".join(map(str, at))): (number(x[at]), full(x[at])) for at in np.ndindex(*x.shape)}
    return {(what, ""): (text, whole) for what, text, whole in summary(x).lines()}


__all__ = ["Rects", "check", "compare", "expected"]
