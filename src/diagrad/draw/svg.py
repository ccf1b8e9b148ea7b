"""The SVG writer: a scene and its placement as text.

Portable: inline attributes, arrowheads as paths, no scripts, no foreign objects, nothing fetched, and
fonts named with fallbacks. The same scene gives the same bytes. Ids begin with a hash of the figure, so
that two figures on one page never clash. Each node and edge is a group that says what it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from html import escape as _escape

from .blocks import Block, Cell, Text
from .diagram import Placement, Point
from .measure import ISOLATE, legal, shown, text_width
from .paths import corner_radii, corner_radius, head, land, num, parallel, rounded
from .scene import Scene, SceneEdge, SceneNode
from .style import Arrow, Style, css

FONT = "'DejaVu Sans', Verdana, sans-serif"
HEADING = 46.0
"""Height of the title's strip."""
MARGIN = 16.0


def write_svg(scene: Scene, placement: Placement, style: Style) -> str:
    """The figure as SVG text."""
    writer = _Writer(scene, placement, style)
    body = "\n".join(writer.body())
    key = "d" + hashlib.sha256(f"{style.name}\n{scene.title}\n{body}".encode()).hexdigest()[:10]
    return "\n".join([*writer.opening(key), body.replace(KEY, key), "</svg>", ""])


KEY = "\ue000"
"""Stands for the figure's own id until its contents are known; names never hold it."""


@lru_cache(maxsize=8192)
def text_attribute(text: str) -> str:
    """Text for an attribute or an element: legal in XML, and escaped."""
    return _escape(legal(text).replace(KEY, "\ufffd"), quote=True)


def _lowered(placement: Placement, by: float) -> Placement:
    """The placement moved down to make room for the title."""
    return Placement(
        tuple((x, y + by) for x, y in placement.centres),
        tuple(tuple((x, y + by) for x, y in route) for route in placement.routes),
        tuple((x0, x1, y + by) for x0, x1, y in placement.stretches),
        placement.width,
        placement.height + by,
        placement.gap,
    )


class _Writer:
    def __init__(self, scene: Scene, placement: Placement, style: Style) -> None:
        self.top = HEADING if scene.title else 0.0
        placement = _lowered(placement, self.top)
        self.scene, self.placement, self.style = scene, placement, style
        self.offset = placement.gap if scene.passes == "both" else 0.0
        title = text_width(scene.title, style.title) + 2 * MARGIN + 8
        self.width, self.height = max(placement.width, title), placement.height

    def opening(self, key: str) -> Iterator[str]:
        w, h = num(self.width), num(self.height)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
            f'role="graphics-document" aria-labelledby="{key}-title {key}-desc" font-family="{FONT}" '
            f'data-generator="diagrad" data-passes="{self.scene.passes}">'
        )
        yield f'<title id="{key}-title">{text_attribute(self.scene.title or "Computational graph")}</title>'
        yield f'<desc id="{key}-desc">{text_attribute(self.scene.sentence)}</desc>'
        yield f'<rect class="page" width="{w}" height="{h}" fill="{css(self.style.background)}"/>'

    def body(self) -> Iterator[str]:
        if self.scene.title:
            text = Text(
                MARGIN + 4, MARGIN + 14, self.scene.title, self.style.title, anchor="start", what="title"
            )
            yield self.text(text)
        for at, edge in enumerate(self.scene.edges):
            yield from self.edge(at, edge)
        for at, node in enumerate(self.scene.nodes):
            yield from self.node(at, node)

    # ---------------------------------------------------------------- edges

    def edge(self, at: int, edge: SceneEdge) -> Iterator[str]:
        nodes, link = self.scene.nodes, edge.link
        numbers = f' data-value="{text_attribute(edge.value)}"' if edge.value is not None else ""
        numbers += f' data-gradient="{text_attribute(edge.gradient)}"' if edge.gradient is not None else ""
        yield (
            f'<g class="edge" id="{KEY}-e{at}" data-source="{nodes[link.source].vertex.id}" '
            f'data-source-port="{link.source_port}" data-target="{nodes[link.target].vertex.id}" '
            f'data-target-port="{link.target_port}" data-shape="{",".join(map(str, link.value.shape))}" '
            f'data-dtype="{link.value.dtype}" data-name="{text_attribute(edge.name)}"{numbers}>'
        )
        yield from self.arrows(at, edge)
        x0, x1, y = self.placement.stretches[at]
        middle = (x0 + x1) / 2
        for block, top in (
            (edge.above, y - self.placement.gap - 5.0 - edge.wire.above),
            (edge.below, y + self.placement.gap + 5.0),
        ):
            yield from self.block(block, middle - block.width / 2, top)
        yield "</g>"

    def arrows(self, at: int, edge: SceneEdge) -> Iterator[str]:
        route = self.placement.routes[at]
        radii = corner_radii(route)
        if self.scene.passes != "backward":
            line = parallel(route, self.offset)
            yield self.arrow(line, edge.link.source, edge.link.target, self.offset, radii, "forward")
        if edge.flows:
            line = parallel(route, -self.offset)[::-1]
            yield self.arrow(line, edge.link.target, edge.link.source, self.offset, radii[::-1], "backward")

    def arrow(
        self, line: list[Point], source: int, target: int, offset: float, radii: list[float], kind: str
    ) -> str:
        """One arrow: its line ends inside its head, whose tip touches the outline."""
        pen: Arrow = self.style.forward if kind == "forward" else self.style.backward
        start = self.onto(line[0], line[1], source)
        tip = self.onto(line[-1], line[-2], target)
        end = self.onto(line[-1], line[-2], target, pen.length - 1)
        path = rounded([start, *line[1:-1], end], offset, radii)
        point = head(tip, line[-2] if len(line) > 2 else start, pen.length, pen.half)
        colour = css(pen.colour)
        width = num(pen.width)
        return (
            f'<path class="{kind}-line" d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>\n'
            f'<path class="{kind}-head" d="{point}" fill="{colour}"/>'
        )

    def onto(self, point: Point, towards: Point, box: int, back: float = 0.0) -> Point:
        """The end of an arrow on the outside of an outline's pen."""
        node = self.scene.nodes[box]
        pen = 0.0 if node.box.shape == "dot" else self.style.pen / 2
        return land(point, towards, node.box, self.placement.centres[box], pen + back)

    # ---------------------------------------------------------------- nodes

    def node(self, at: int, node: SceneNode) -> Iterator[str]:
        x, y = self.placement.centres[at]
        box = node.box
        data = f' data-value="{text_attribute(node.data)}"' if node.data is not None else ""
        yield (
            f'<g class="node" id="{KEY}-{node.vertex.id}" role="graphics-symbol" data-id="{node.vertex.id}" '
            f'data-op="{text_attribute(node.op)}" data-kind="{node.vertex.kind}" '
            f'data-name="{text_attribute(node.name)}"{data}>'
        )
        yield f"<title>{text_attribute(shown(node.name, 120) or node.op)}</title>"
        yield f"<desc>{text_attribute(node.sentence)}</desc>"
        yield self.outline(node, x, y)
        inside = node.inside
        if inside.marks:
            # Centre the capitals, not the line: a sign then sits in the middle of its circle.
            size = inside.marks[0].size if isinstance(inside.marks[0], Text) else 0.0
            yield from self.block(inside, x - inside.width / 2, y - size + 0.36 * size)
        edge = max(box.height / 2 + 4.0, self.placement.gap + 9.0)
        yield from self.block(node.above, x - node.above.width / 2, y - edge - node.above.height)
        yield from self.block(node.below, x - node.below.width / 2, y + edge)
        yield "</g>"

    def outline(self, node: SceneNode, x: float, y: float) -> str:
        style, box, kind = self.style, node.box, node.vertex.kind
        fill, stroke, pen, dash = style.node_fill, style.ink, style.pen, ""
        if kind == "op" and box.shape == "dot":
            fill, pen = style.ink, 0.0
        elif kind == "input":
            fill, stroke = style.input_fill, style.input_line
        elif kind == "parameter":
            fill, stroke, pen = style.parameter_fill, style.parameter_line, 2.4
        elif kind == "constant":
            fill, stroke, dash = style.constant_fill, style.constant_line, ' stroke-dasharray="3 2"'
        elif kind == "output":
            fill, stroke = style.loss_fill if node.op == "Loss" else style.input_fill, style.ink
        line = "" if not pen else f' stroke="{css(stroke)}" stroke-width="{num(pen)}"{dash}'
        paint = f'fill="{css(fill)}"{line}/>'
        if box.shape != "rect" and box.width == box.height:
            return f'<circle class="outline" cx="{num(x)}" cy="{num(y)}" r="{num(box.width / 2)}" {paint}'
        return (
            f'<rect class="outline" x="{num(x - box.width / 2)}" y="{num(y - box.height / 2)}" '
            f'width="{num(box.width)}" height="{num(box.height)}" rx="{num(corner_radius(box))}" {paint}'
        )

    # ---------------------------------------------------------------- marks

    def block(self, block: Block, x: float, y: float) -> Iterator[str]:
        marks = block.moved(x, y)
        cells = [mark for mark in marks if isinstance(mark, Cell)]
        if cells:
            yield f'<g class="{cells[0].kind}-cells" stroke-width="0.6">'
            yield from map(self.cell, cells)
            yield "</g>"
        yield from (self.text(mark) for mark in marks if isinstance(mark, Text))

    def cell(self, cell: Cell) -> str:
        style = self.style
        colour = css(style.cell(cell.kind, cell.level, cell.framed))
        frame = css(style.cell(cell.kind, 0.8)) if cell.framed else colour
        return (
            f'<rect x="{num(cell.x)}" y="{num(cell.y)}" width="{num(cell.width)}" '
            f'height="{num(cell.height)}" fill="{colour}" stroke="{frame}"/>'
        )

    def text(self, mark: Text) -> str:
        style = self.style
        colour = {"ink": style.ink, "muted": style.muted, "backward": style.backward_ink}[mark.ink]
        parts = [f'x="{num(mark.x)}" y="{num(mark.y)}" font-size="{num(mark.size)}" fill="{css(colour)}"']
        if mark.anchor != "start":
            parts.append(f'text-anchor="{mark.anchor}"')
        if mark.kind:
            parts.insert(0, f'class="{mark.kind}"')
        for key, value in (("data-what", mark.what), ("data-at", mark.at)):
            if value:
                parts.append(f'{key}="{value}"')
        if mark.full is not None:
            parts.append(f'data-value="{text_attribute(mark.full)}"')
        if mark.italic:
            parts.append('font-style="italic"')
        if ISOLATE in mark.text:
            parts.append('direction="ltr" unicode-bidi="isolate"')
        if "  " in mark.text or mark.text != mark.text.strip():
            parts.append('xml:space="preserve"')
        return f"<text {' '.join(parts)}>{text_attribute(mark.text)}</text>"
