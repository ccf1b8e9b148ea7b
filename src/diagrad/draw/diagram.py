"""The geometry that a picture is made of: boxes and wires before layout, a placement after it.

A :class:`Diagram` knows sizes and connections and nothing of ops, arrays or colours; a
:class:`Placement` knows where everything went. Between the two stands
:func:`diagrad.draw.layout.place`; every writer (SVG today) reads the same placement.

Lengths are in px at scale 1, x grows to the right, y grows downwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node's outline and the room that its captions need.

    ``above`` and ``below`` are the heights of text blocks that stand centred over and under the
    outline (a rule, a name); ``caption_width`` is the width of the wider of the two. A ``"circle"``
    and a ``"dot"`` may be entered from the left, the top or the bottom; a ``"rect"`` is entered from
    the left only. Everything leaves to the right, but for a circle's and a dot's further outputs,
    which may leave through the top or the bottom.
    """

    width: float
    height: float
    shape: Literal["rect", "circle", "dot"] = "rect"
    inputs: int = 0
    outputs: int = 1
    above: float = 0.0
    below: float = 0.0
    caption_width: float = 0.0
    leaf: bool = False
    """An input, parameter or constant: stands next to its first user: one layer before it, or
    over or under the left of a circle that is its only user, if its wire has no label."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A value's way from an output port to an input port, and the room its labels need.

    ``above`` and ``below`` are the heights of the blocks over the forward arrow and under the
    backward arrow, ``width`` the width of the wider one. A straight level stretch of that width is
    kept for them. Ports count from 0, top to bottom, in the order of the op's arguments.
    """

    source: int
    source_port: int
    target: int
    target_port: int
    width: float = 0.0
    above: float = 0.0
    below: float = 0.0


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and wires; the wires make no cycle. Box and wire indices are positions in the tuples."""

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything went.

    ``centres[i]`` is the centre of box *i*'s outline. ``routes[j]`` is the centre line of wire *j*: an
    orthogonal polyline from the source's outline to the target's outline (corners still square). The
    forward arrow is drawn ``gap`` to the left of the direction of travel (above, when it runs to the
    right), the backward arrow ``gap`` to the right of it. ``stretches[j]`` is the level stretch
    ``(x0, x1, y)`` of wire *j* that its label blocks are centred on.
    """

    centres: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    stretches: tuple[tuple[float, float, float], ...]
    width: float
    height: float
    gap: float = field(default=6.0)
