"""Blocks: small arrangements of text and cells whose size is known before they are placed.

A block's marks are relative to its upper left corner. Writers translate them; nothing else knows of fonts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from .measure import text_width
from .numerals import UNKNOWN, full, is_small, levels, number, pooled, summary
from .style import Style

Kind = Literal["forward", "backward"]
LINE = 1.3
"""Height of a line of text in ems; the baseline lies 1 em below its top."""


class Text(NamedTuple):
    """One line of text. ``kind`` says which pass it belongs to, ``what`` what it says, ``full`` the whole
    number behind a shortened one, ``at`` the place in the array that it comes from.
    """

    x: float
    y: float
    text: str
    size: float
    ink: str = "ink"
    anchor: Literal["start", "middle", "end"] = "middle"
    kind: str = ""
    what: str = ""
    full: str | None = None
    at: str = ""
    italic: bool = False


class Cell(NamedTuple):
    """A coloured rectangle: ``level`` from -1 to 1, or NaN."""

    x: float
    y: float
    width: float
    height: float
    level: float
    kind: Kind
    framed: bool = True


Mark = Text | Cell


@dataclass(frozen=True, slots=True)
class Block:
    """Marks and the size of the rectangle that holds them."""

    width: float
    height: float
    marks: tuple[Mark, ...] = ()

    def moved(self, dx: float, dy: float) -> tuple[Mark, ...]:
        """The marks, shifted."""
        if not dx and not dy:
            return self.marks
        return tuple([type(mark)._make((mark[0] + dx, mark[1] + dy, *mark[2:])) for mark in self.marks])


EMPTY = Block(0.0, 0.0)


def line(text: str, size: float, **how: Any) -> Block:
    """One line of text."""
    width = text_width(text, size)
    return Block(width, size * LINE, (Text(0.0, size, text, size, anchor="start", **how),))


def row(*blocks: Block, space: float = 0.0) -> Block:
    """Blocks side by side, centred on one level."""
    blocks = tuple(block for block in blocks if block.width)
    height = max((block.height for block in blocks), default=0.0)
    marks: list[Mark] = []
    x = 0.0
    for block in blocks:
        marks += block.moved(x, (height - block.height) / 2)
        x += block.width + space
    return Block(max(0.0, x - space), height, tuple(marks))


def column(*blocks: Block, align: float = 0.5) -> Block:
    """Blocks over one another: ``align`` 0 left, 0.5 centred, 1 right."""
    width = max((block.width for block in blocks), default=0.0)
    marks: list[Mark] = []
    y = 0.0
    for block in blocks:
        marks += block.moved(align * (width - block.width), y)
        y += block.height
    return Block(width, y, tuple(marks))


def padded(block: Block, width: float, align: float) -> Block:
    """A block made wider."""
    if width <= block.width:
        return block
    return Block(width, block.height, block.moved(align * (width - block.width), 0.0))


def scalar(data: Any, kind: Kind, style: Style) -> Block:
    """One number."""
    return _value(number(data), full(data), kind, style)


def unknown(kind: Kind, style: Style) -> Block:
    """What has not been computed."""
    return _value(UNKNOWN, None, kind, style)


def _value(text: str, whole: str | None, kind: Kind, style: Style) -> Block:
    ink = "ink" if kind == "forward" else "backward"
    return line(text, style.label, ink=ink, kind=kind, what="value", full=whole)


def array(data: np.ndarray[Any, Any], kind: Kind, style: Style, cell: float = 0.0) -> Block:
    """An array: one number, a grid of numbers in cells at least so wide, or a heat map with a summary."""
    if data.ndim == 0:
        return scalar(data, kind, style)
    if data.size == 0:
        return _value("empty", "empty", kind, style)
    return grid(data, kind, style, cell) if is_small(data.shape) else heat(data, kind, style)


def cell_width(data: np.ndarray[Any, Any], style: Style) -> float:
    """The width of a cell that holds every number of a small array; 0 for any other array."""
    if not is_small(data.shape):
        return 0.0
    return max(34.0, round(max(text_width(number(x), style.label) for x in data.flat) + 12))


def grid(data: np.ndarray[Any, Any], kind: Kind, style: Style, least: float = 0.0) -> Block:
    """A small vector or matrix, number by number."""
    matrix = data.reshape(1, -1) if data.ndim == 1 else data
    texts = [[number(x) for x in numbers] for numbers in matrix]
    width, height = max(least, cell_width(data, style)), style.label + 7.5
    tones = levels(matrix)
    ink = "ink" if kind == "forward" else "backward"
    marks: list[Mark] = []
    for i, j in np.ndindex(*matrix.shape):
        marks.append(Cell(j * width, i * height, width, height, float(tones[i, j]), kind))
    for i, j in np.ndindex(*matrix.shape):
        marks.append(
            Text(
                (j + 0.5) * width, (i + 0.5) * height + 0.36 * style.label, texts[i][j], style.label, ink,
                kind=kind, what="cell", full=full(matrix[i, j]), at=f"{i},{j}" if data.ndim == 2 else str(j),
            )
        )  # fmt: skip
    return Block(width * matrix.shape[1], height * matrix.shape[0], tuple(marks))


def heat(data: np.ndarray[Any, Any], kind: Kind, style: Style) -> Block:
    """A larger array: colours, and range, mean, and the shares of zeros, NaNs and infinities."""
    tones = pooled(data)
    rows, columns = tones.shape
    side = min(8.0, max(4.0, 96.0 / columns), 60.0 / rows if rows > 7 else 8.0)
    cells = [
        Cell(j * side, i * side, side, side, float(tones[i, j]), kind, False)
        for i, j in np.ndindex(rows, columns)
    ]
    picture = Block(columns * side, rows * side, tuple(cells))
    ink = "ink" if kind == "forward" else "backward"
    said = [
        line(text, style.small, ink=ink, kind=kind, what=what, full=whole)
        for what, text, whole in summary(data).lines()
    ]
    half = (len(said) + 1) // 2 if len(said) > 3 else len(said)
    return row(picture, column(*said[:half], align=0.0), column(*said[half:], align=0.0), space=7.0)
