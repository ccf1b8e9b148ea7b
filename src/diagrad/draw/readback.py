"""Reading a figure back: what stands where, from SVG text alone."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .measure import ASCENT, DESCENT, text_width

Array = np.ndarray[Any, np.dtype[np.float64]]
_SVG = "{http://www.w3.org/2000/svg}"
_COMMAND = re.compile(r"([MLHVQZ])([^MLHVQZ]*)")


@dataclass(frozen=True, slots=True)
class Said:
    """A text: what it says, of what, and the whole number behind it."""

    text: str
    what: str
    at: str
    value: str | None
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """A node group: its outline as (x0, y0, x1, y1) and corner radius."""

    id: str
    op: str
    kind: str
    name: str
    box: Array
    radius: float
    pen: float
    texts: list[Said]
    value: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge group."""

    key: tuple[str, int, str, int]
    shape: tuple[int, ...]
    dtype: str
    name: str
    value: str | None
    gradient: str | None
    lines: dict[str, Array]
    tips: dict[str, Array]
    pens: dict[str, float]
    heads: dict[str, Array]
    texts: dict[str, list[Said]]
    cells: dict[str, Array]

    @property
    def source(self) -> str:
        """The id of the node that it leaves."""
        return self.key[0]

    @property
    def target(self) -> str:
        """The id of the node that it enters."""
        return self.key[2]


TOUCH = 0.75
"""Overlaps of less than this many px are rounding."""
_BLOCK = 200_000
"""How many pairs of rectangles are compared at once."""


@dataclass(frozen=True, slots=True)
class Rects:
    """Rectangles (x0, y0, x1, y1), and what each belongs to."""

    boxes: Array
    owners: list[Any]

    def meet(self, other: Rects) -> Iterator[tuple[int, int]]:
        """Pairs of rectangles that overlap by more than ``TOUCH`` px both ways."""
        if not len(self.boxes) or not len(other.boxes):
            return
        order = np.argsort(other.boxes[:, 0], kind="stable")
        b = other.boxes[order]
        widest = float((b[:, 2] - b[:, 0]).max())
        rows = max(1, _BLOCK // len(b))
        for top in range(0, len(self.boxes), rows):
            a = self.boxes[top : top + rows]
            left: list[float] = a[:, 0].tolist()
            right: list[float] = a[:, 2].tolist()
            first = int(np.searchsorted(b[:, 0], min(left) - widest, "left"))
            last = int(np.searchsorted(b[:, 0], max(right), "right"))
            near, x = b[first:last], a[:, None]
            hit: Any = (near[:, 2] > x[..., 0] + TOUCH) & (near[:, 0] < x[..., 2] - TOUCH)
            hit &= (near[:, 3] > x[..., 1] + TOUCH) & (near[:, 1] < x[..., 3] - TOUCH)
            above, beside = np.nonzero(hit)
            for i, k in zip(above.tolist(), beside.tolist(), strict=True):
                yield top + i, int(order[first + k])


@dataclass(frozen=True)
class Drawn:
    """A whole figure."""

    page: Array
    passes: str
    nodes: list[Node]
    edges: list[Edge]
    loose: list[Said]
    ids: list[str]
    node: dict[str, Node] = field(default_factory=dict[str, Node])

    @property
    def outlines(self) -> Rects:
        """The nodes' outlines with their pens, by node id."""
        grow = np.array([-0.5, -0.5, 0.5, 0.5])
        return _rects([(node.box + grow * node.pen, node.id) for node in self.nodes])

    @property
    def texts(self) -> Rects:
        """All texts: owners are (node id or edge index, place, text)."""
        rows: list[tuple[Any, Any]] = [(said.box, ("figure", "", said.text)) for said in self.loose]
        for node in self.nodes:
            for said in node.texts:
                middle = (said.box[1] + said.box[3]) / 2
                place = "inside" if node.box[1] < middle < node.box[3] else "caption"
                rows.append((said.box, (node.id, place, said.text)))
        for at, edge in enumerate(self.edges):
            rows += [
                (said.box, (at, kind, said.text)) for kind, group in edge.texts.items() for said in group
            ]
        return _rects(rows)

    @property
    def cells(self) -> Rects:
        """Each grid or heat map as one rectangle: owners are (edge index, kind)."""
        return _rects(
            [(box, (at, kind)) for at, edge in enumerate(self.edges) for kind, box in edge.cells.items()]
        )

    @property
    def pens(self) -> Rects:
        """The segments of all arrows with their pens, and the heads: owners are edge indices."""
        rows: list[tuple[Any, int]] = []
        for at, edge in enumerate(self.edges):
            for kind, line in edge.lines.items():
                half = edge.pens[kind] / 2
                low, high = np.minimum(line[:-1], line[1:]) - half, np.maximum(line[:-1], line[1:]) + half
                rows += [(box, at) for box in np.hstack([low, high])]
                if kind in edge.heads:
                    rows.append((np.hstack([edge.heads[kind].min(axis=0), edge.heads[kind].max(axis=0)]), at))
        return _rects(rows)


def _rects(rows: list[tuple[Any, Any]]) -> Rects:
    return Rects(np.array([box for box, _ in rows], float).reshape(-1, 4), [owner for _, owner in rows])


def read(svg: str) -> Drawn:
    """Read a figure back.

    Raises:
        xml.etree.ElementTree.ParseError: it is not well-formed.
    """
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, root.get("viewBox", "0 0 0 0").split())
    nodes: list[Node] = []
    edges: list[Edge] = []
    loose: list[Said] = []
    for element in root:
        if element.tag == _SVG + "text":
            loose.append(_said(element))
        elif element.get("class") == "node":
            nodes.append(_node(element))
        elif element.get("class") == "edge":
            edges.append(_edge(element))
    ids = [name for element in root.iter() if (name := element.get("id")) is not None]
    page = np.array([left, top, left + width, top + height])
    return Drawn(
        page, root.get("data-passes", ""), nodes, edges, loose, ids, {node.id: node for node in nodes}
    )


def _node(group: ElementTree.Element) -> Node:
    outline = next(element for element in group if element.get("class") == "outline")

    def get(name: str) -> float:
        return float(outline.get(name, "0"))

    if outline.tag == _SVG + "circle":
        radius = get("r")
        box = np.array([get("cx") - radius, get("cy") - radius, get("cx") + radius, get("cy") + radius])
    else:
        radius = get("rx")
        box = np.array([get("x"), get("y"), get("x") + get("width"), get("y") + get("height")])
    texts = [_said(element) for element in group.iter(_SVG + "text")]
    name, op, kind, called = (group.get(f"data-{key}", "") for key in ("id", "op", "kind", "name"))
    return Node(name, op, kind, called, box, radius, get("stroke-width"), texts, group.get("data-value"))


def _edge(group: ElementTree.Element) -> Edge:
    lines: dict[str, Array] = {}
    tips: dict[str, Array] = {}
    pens: dict[str, float] = {}
    heads: dict[str, Array] = {}
    texts: dict[str, list[Said]] = {"forward": [], "backward": []}
    cells: dict[str, Array] = {}
    for element in group:
        kind, _, part = element.get("class", "").partition("-")
        if part == "line":
            lines[kind], pens[kind] = _points(element.get("d", "")), float(element.get("stroke-width", "0"))
        elif part == "head":
            heads[kind] = _points(element.get("d", ""))
            tips[kind] = heads[kind][0]
        elif part == "cells":
            cells[kind] = _frame(element, cells.get(kind))
        elif element.tag == _SVG + "text":
            texts[kind].append(_said(element))
    key = (
        group.get("data-source", ""), int(group.get("data-source-port", "0")),
        group.get("data-target", ""), int(group.get("data-target-port", "0")),
    )  # fmt: skip
    shape = tuple(int(size) for size in group.get("data-shape", "").split(",") if size)
    return Edge(
        key, shape, group.get("data-dtype", ""), group.get("data-name", ""), group.get("data-value"),
        group.get("data-gradient"), lines, tips, pens, heads, texts, cells,
    )  # fmt: skip


def _frame(group: ElementTree.Element, old: Array | None) -> Array:
    """The rectangle around all cells of a group."""
    corners: list[tuple[float, float]] = []
    for cell in group:
        x, y, width, height = (float(cell.get(name, "0")) for name in ("x", "y", "width", "height"))
        corners += [(x, y), (x + width, y + height)]
    points = np.array(corners)
    box = np.hstack([points.min(axis=0), points.max(axis=0)])
    return box if old is None else np.hstack([np.minimum(old[:2], box[:2]), np.maximum(old[2:], box[2:])])


def _said(element: ElementTree.Element) -> Said:
    text = element.text or ""
    x, y, size = (float(element.get(name, "0")) for name in ("x", "y", "font-size"))
    width = text_width(text, size)
    left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")]
    box = (left, y - ASCENT * size, left + width, y + DESCENT * size)
    return Said(
        text, element.get("data-what", ""), element.get("data-at", ""), element.get("data-value"), box
    )


def _points(path: str) -> Array:
    """The points of a path; curves in pieces."""
    points: list[tuple[float, float]] = []
    for command, rest in _COMMAND.findall(path):
        numbers = [float(part) for part in rest.replace(",", " ").split()]
        if command in "ML":
            points.append((numbers[0], numbers[1]))
        elif command == "H":
            points.append((numbers[0], points[-1][1]))
        elif command == "V":
            points.append((points[-1][0], numbers[0]))
        elif command == "Q":
            start, control, end = np.array(points[-1]), np.array(numbers[:2]), np.array(numbers[2:])
            for t in (0.25, 0.5, 0.75, 1.0):
                x, y = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t * t * end
                points.append((float(x), float(y)))
    return np.array(points)


def sampled(line: Array, step: float = 4.0) -> Array:
    """Points along a line, at most ``step`` px apart."""
    way = np.diff(line, axis=0)
    counts: Any = np.maximum(1, (np.hypot(way[:, 0], way[:, 1]) / step).astype(int))
    ends: Any = np.cumsum(counts)
    t: Any = (np.arange(int(ends[-1])) - np.repeat(ends - counts, counts) + 1) / np.repeat(counts, counts)
    between: Any = np.repeat(line[:-1], counts, axis=0) + t[:, None] * np.repeat(way, counts, axis=0)
    return np.vstack((line[:1], between))


def depth_inside(node: Node, points: Array) -> Array:
    """How deep points lie inside a node's outline; negative outside."""
    centre, half = (node.box[:2] + node.box[2:]) / 2, (node.box[2:] - node.box[:2]) / 2
    into = np.abs(points - centre) - (half - node.radius)
    outside = np.hypot(*np.maximum(into, 0).T)
    return node.radius - outside - np.minimum(into.max(axis=1), 0.0)


def distance_to(ahead: Array, points: Array) -> tuple[Array, Array]:
    """The distance of points from a directed line, and on which side they lie: right is positive."""
    start, way = ahead[:-1], np.diff(ahead, axis=0)
    length = (way**2).sum(axis=1)
    start, way, length = (rows[length > 1e-9] for rows in (start, way, length))
    along = ((points[:, None] - start) * way).sum(axis=2) / length
    gaps = points[:, None] - (start + np.clip(along, 0.0, 1.0)[..., None] * way)
    distance = np.hypot(gaps[..., 0], gaps[..., 1])
    rows = np.arange(len(points))
    nearest = distance.argmin(axis=1)
    gap, turn = gaps[rows, nearest], way[nearest]
    return distance[rows, nearest], turn[:, 0] * gap[:, 1] - turn[:, 1] * gap[:, 0]
