"""A figure's content as plain text: for a terminal, and for readers who cannot see the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir import Constant, Value
from ..ops import Branch
from .captions import Captions
from .content import Content
from .names import Names
from .numerals import UNKNOWN, is_small, number, shape_text, summary
from .style import TEXTBOOK


def plain_text(content: Content, names: Names, passes: str, title: str) -> str:
    """One paragraph for each input and each node, in the order in which they are computed."""
    captions = Captions(content, names, TEXTBOOK, True, False, True)
    forward, backward = passes != "backward", passes != "forward"
    lines = [title] if title else []

    def numbers(value: Value) -> None:
        if backward and value in content.flows:
            _say(lines, names.gradient(value).text, content.gradients.get(value), content.gradients)

    for value in content.graph.inputs:
        symbol = names.symbols[value].text
        lines.append(f"{symbol}: {value.role or 'input'}, {shape_text(value.shape, value.dtype)}")
        if forward:
            _say(lines, symbol, content.values.get(value), content.values)
        numbers(value)
    for node in content.graph.nodes:
        if isinstance(node.op, Constant):
            continue
        text = captions.computes(node).partition(": ")[2] if forward else node.op.name
        if isinstance(node.op, Branch):
            text = f"Branch of {names.symbols[node.inputs[0]].text}"
        lines.append(text)
        for value in node.outputs:
            if forward and value.shape and not isinstance(node.op, Branch):
                _say(lines, names.symbols[value].text, content.values.get(value), content.values)
            numbers(value)
        if backward:
            lines.extend(f"  {text}" for text in captions.rules(node))
    return "\n".join(lines)


def _say(lines: list[str], name: str, data: Any, known: Any) -> None:
    """One number or array, indented."""
    if data is None:
        if known:
            lines.append(f"  {name} = {UNKNOWN}")
        return
    data = np.asarray(data)
    if data.ndim == 0:
        lines.append(f"  {name} = {number(data[()])}")
    elif data.size == 0:
        lines.append(f"  {name} = empty")
    elif not is_small(data.shape):
        lines.append(f"  {name}: " + ", ".join(text for _, text, _ in summary(data).lines()))
    else:
        rows = [[number(x) for x in row] for row in (data.reshape(1, -1) if data.ndim == 1 else data)]
        width = max(len(text) for row in rows for text in row)
        lines.append(f"  {name} =")
        lines.extend("    " + "  ".join(text.rjust(width) for text in row) for row in rows)
