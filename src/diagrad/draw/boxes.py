"""The boxes of a figure: outlines, what stands in them, and where their captions go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..ir import Op, Value
from .blocks import EMPTY, Block, line
from .captions import Captions
from .diagram import Box
from .formula import constant_symbol
from .layout import least_height
from .measure import shown
from .numerals import UNKNOWN, full, number, shape_text
from .plan import Plan
from .scene import SceneNode
from .wiring import Vertex

DOT = 18.0
"""A Branch's diameter: wide enough for two arrows."""
WORDS = {"input": "Input", "parameter": "Parameter", "constant": "Constant", "output": "Output"}


class Boxes:
    """Makes the boxes of a plan's vertices."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        show = plan.show
        self.captions = Captions(
            plan.content, plan.names, plan.style, show.symbols, show.shapes, show.numbers, plan.hidden
        )
        links = plan.wiring.links
        self.ins: list[list[int]] = [[] for _ in plan.wiring.vertices]
        self.outs = [0] * len(plan.wiring.vertices)
        depth = [0] * len(plan.wiring.vertices)
        for link in links:  # in the order of the graph, so a source's depth is known before it is used
            self.ins[link.target].append(depth[link.source])
            self.outs[link.source] += 1
            depth[link.target] = max(depth[link.target], depth[link.source] + 1)

    def make(self, at: int, vertex: Vertex) -> SceneNode:
        """The box of a vertex."""
        return (
            self._op(at, vertex) if vertex.node is not None and vertex.kind == "op" else self._end(at, vertex)
        )

    # ---------------------------------------------------------------- inputs, constants, outputs

    def _end(self, at: int, vertex: Vertex) -> SceneNode:
        value = vertex.value
        if value is None:
            raise ValueError(f"vertex {vertex.id} stands for nothing")
        plan, style = self.plan, self.plan.style
        small = vertex.kind == "constant"
        inside, data = self._constant(value) if small else (None, None)
        text = plan.names.outputs[vertex.place] if vertex.kind == "output" else plan.names.symbols[value].text
        if inside is None:
            inside = line(text, style.label + 1 if small else style.name_size, what="name", italic=True)
        caption = EMPTY
        if self._has_rules and vertex.kind != "output":
            caption = self.captions.of(None, [value])
        ports = max(self.outs[at], len(self.ins[at]))
        box = Box(
            max(26.0 if small else 46.0, inside.width + (14 if small else 26)),
            max(24.0 if small else 36.0, least_height(ports, plan.gap) if ports > 1 else 0.0),
            inputs=len(self.ins[at]),
            outputs=self.outs[at],
            below=caption.height,
            caption_width=caption.width,
            leaf=vertex.kind != "output",
        )
        name = value.name or text
        word = WORDS[vertex.kind]
        if vertex.kind == "output" and text == plan.names.loss:
            word = "Loss"
        about = self._about(word, value, name)
        return SceneNode(vertex, box, inside, EMPTY, caption, word, name, about, data)

    def _constant(self, value: Value) -> tuple[Block | None, str | None]:
        """A constant that is one number, perhaps repeated, shows it."""
        data = self.plan.content.graph.constants[value]
        symbol = constant_symbol(data)
        if symbol is None:
            return None, None
        whole = full(data.flat[0])
        text = f"{self.plan.names.symbols[value].text} = {symbol.text}" if value.name else symbol.text
        return line(text, self.plan.style.label + 1, what="value", kind="forward", full=whole), whole

    def _about(self, word: str, value: Value, name: str) -> str:
        """An input, constant or output in words."""
        plan = self.plan
        said = f"{word} {shown(name, 120)}, {shape_text(value.shape, value.dtype)}"
        known, slope = plan.content.values.get(value), plan.content.gradients.get(value)
        if known is not None and value.shape == () and plan.forward:
            said += f", value {number(known)}"
        if value in plan.content.flows and plan.backward:
            said += f", gradient {plan.names.gradient(value).text}"
            if value.shape == ():
                said += f" = {UNKNOWN if slope is None else number(slope)}"
        return said + "."

    # ---------------------------------------------------------------- ops

    @property
    def _has_rules(self) -> bool:
        return self.plan.backward and self.plan.show.rules

    def _op(self, at: int, vertex: Vertex) -> SceneNode:
        node = vertex.node
        if node is None:
            raise ValueError(f"vertex {vertex.id} has no node")
        caption = self.captions.of(node, node.outputs) if self._has_rules else EMPTY
        shape = node.op.glyph.shape
        over = bool(caption.height) and self._caption_over(at, shape)
        box, inside = self._outline(
            shape, sign(node.op), len(self.ins[at]), self.outs[at], bool(caption.height)
        )
        box = replace(
            box,
            above=caption.height if over else 0.0,
            below=0.0 if over else caption.height,
            caption_width=caption.width,
        )
        above, below = (caption, EMPTY) if over else (EMPTY, caption)
        words = self.captions.sentence(node) if self._has_rules else self.captions.computes(node) + "."
        name = next((value.name for value in node.outputs if value.name), None) or ""
        return SceneNode(vertex, box, inside, above, below, node.op.name, name, words)

    def _caption_over(self, at: int, shape: str) -> bool:
        """Whether the rule stands over the node: where a wire needs the side under it."""
        if shape == "box":
            return False
        if len(self.ins[at]) == 2:
            return self.ins[at][0] >= self.ins[at][1]
        return shape == "dot"

    def _outline(self, shape: str, text: str, ins: int, outs: int, captioned: bool) -> tuple[Box, Block]:
        style, gap = self.plan.style, self.plan.gap
        if shape == "dot":
            bar = outs > (2 if captioned else 3)
            return Box(DOT, least_height(outs, gap) if bar else DOT, "dot", ins, outs), EMPTY
        if shape == "circle":
            inside = line(text, style.sign if len(text) == 1 else style.word, what="sign")
            side = max(46.0, inside.width + 16)
            flank = max(ins - 1 - (not captioned), outs)
            # Three ports or more keep to the straight part of an upright bar.
            high = side + (flank - 1) * least_height(1, gap) - 10 if flank > 2 else side
            return Box(side, high, "circle", ins, outs), inside
        inside = line(text, style.word, what="sign")
        high = max(40.0, least_height(max(ins, outs), gap))
        return Box(max(56.0, inside.width + 30), high, "rect", ins, outs), inside


def sign(op: Op) -> str:
    """What stands in an op's outline: its glyph with its attributes, or its name."""
    if op.glyph.text:
        return op.glyph.text.format_map(_Attributes(op))
    return "" if op.glyph.shape == "dot" else op.name


class _Attributes(dict[str, Any]):
    """An op's attributes and properties, looked up when a glyph names them."""

    def __init__(self, op: Op) -> None:
        super().__init__()
        self.op = op

    def __missing__(self, key: str) -> str:
        value: Any = getattr(self.op, key)
        return "×".join(str(size) for size in value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
