"""The labels of an arrow pair: what the value is, over it, and what the gradient is, under it."""

from __future__ import annotations

import numpy as np

from ..ir import Value
from .blocks import EMPTY, Block, Kind, array, cell_width, column, line, padded, row, unknown
from .diagram import Wire
from .formula import Symbol, constant_symbol
from .numerals import full, is_small, shape_text
from .plan import Plan
from .scene import SceneEdge
from .wiring import Link

Label = tuple[Block, Block]
"""What stands on the left (name and shape) and the numbers."""


def label_edge(plan: Plan, link: Link) -> SceneEdge:
    """A link with its labels measured."""
    value, content = link.value, plan.content
    flows = plan.backward and value in content.flows
    forward = _label(plan, value, "forward") if plan.forward and not speaks_for_itself(plan, link) else None
    backward = _label(plan, value, "backward") if flows else None
    above, below = _aligned(forward, backward)
    width = max(above.width, below.width)
    wire = Wire(
        link.source, link.source_port, link.target, link.target_port, width, above.height, below.height
    )
    scalar = value.shape == ()
    known = content.values.get(value) if scalar and plan.forward else None
    slope = content.gradients.get(value) if scalar and plan.backward else None
    return SceneEdge(
        link, wire, _symbols(plan)[value].text, above, below, flows,
        None if known is None else full(known), None if slope is None else full(slope),
    )  # fmt: skip


def speaks_for_itself(plan: Plan, link: Link) -> bool:
    """Whether an arrow's source is a constant whose one number stands in its box."""
    data = plan.content.graph.constants.get(link.value)
    return data is not None and constant_symbol(data) is not None


def _symbols(plan: Plan) -> dict[Value, Symbol]:
    return plan.names.symbols if plan.branches else plan.names.plain


def _label(plan: Plan, value: Value, kind: Kind) -> Label:
    style, show = plan.style, plan.show
    symbol = _symbols(plan)[value] if kind == "forward" else plan.names.gradient(value)
    ink = "muted" if kind == "forward" else "backward"
    inline = value.shape == () or not show.numbers
    text = f"{symbol.text} = " if show.numbers and inline else symbol.text
    said: list[Block] = []
    if show.symbols:
        said.append(line(text, style.label, ink=ink, what="name", kind=kind, italic=True))
    if show.shapes and not (show.numbers and inline and show.symbols):
        shape = shape_text(value.shape, value.dtype)
        said.append(line(shape, style.small, ink="muted", what="shape", kind=kind))
    left = (row(*said, space=6.0) if inline else column(*said, align=1.0)) if said else EMPTY
    return left, _numbers(plan, value, kind) if show.numbers else EMPTY


def _numbers(plan: Plan, value: Value, kind: Kind) -> Block:
    known = plan.content.values if kind == "forward" else plan.content.gradients
    data = known.get(value)
    if data is None:
        return unknown(kind, plan.style)
    return array(np.asarray(data), kind, plan.style, _cell(plan, value))


def _cell(plan: Plan, value: Value) -> float:
    """The width of a grid's cells: one for the value and its gradient, so that they stand in columns."""
    if not is_small(value.shape) or plan.passes != "both":
        return 0.0
    known = (plan.content.values.get(value), plan.content.gradients.get(value))
    return max((cell_width(np.asarray(data), plan.style) for data in known if data is not None), default=0.0)


def _aligned(forward: Label | None, backward: Label | None) -> Label:
    """The two labels of a wire, with their numbers one under the other."""
    given = [pair for pair in (forward, backward) if pair is not None]
    left = max((pair[0].width for pair in given), default=0.0)
    body = max((pair[1].width for pair in given), default=0.0)
    blocks: list[Block] = []
    for pair in (forward, backward):
        if pair is None:
            blocks.append(EMPTY)
        elif pair[0].height == pair[1].height or not pair[1].width:  # one line of text: a scalar
            blocks.append(row(*pair))
        else:
            blocks.append(row(padded(pair[0], left, 1.0), padded(pair[1], body, 0.0), space=7.0))
    width = max(block.width for block in blocks)
    return padded(blocks[0], width, 0.5), padded(blocks[1], width, 0.5)
