"""Which side of its boxes a wire uses, and how high on it.

A rectangle is entered on the left and left on the right, its ports spread evenly. A circle or dot keeps
its left and right for the main path; a second or third wire takes the top or bottom, where no caption
stands. Inputs keep their order from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..diagram import Box, Wire
from .metrics import Metrics, reach


@dataclass(slots=True)
class Side:
    """The wires on one half of a box: (wire, height from the centre) on the flank, and top and bottom.

    ``through`` is the height at which a single output goes on: that of the input on the main path, if one
    of two or three clearly is (not a parameter's), so that the main path runs straight through the box.
    """

    flank: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    top: int = -1
    bottom: int = -1
    through: float = 0.0


def entries(box: Box, entering: list[int], wires: tuple[Wire, ...], depth: list[int], m: Metrics) -> Side:
    """Sides and heights of the wires that enter a box; ``entering`` is sorted by port."""
    if box.shape == "rect":
        offsets = _spread(box, [wires[w].target_port for w in entering], box.inputs)
        side = Side(list(zip(entering, offsets, strict=True)))
        if 1 < len(entering) <= 3:
            deepest = sorted((depth[wires[w].source], i) for i, w in enumerate(entering))
            if deepest[-1][0] > deepest[-2][0]:
                side.through = offsets[deepest[-1][1]]
        return side
    side = Side()
    top, bottom = box.above <= 0, box.below <= 0
    rest = list(entering)
    if len(rest) == 2:
        first, second = ((depth[wires[w].source], not is_bare(wires[w])) for w in rest)
        second_is_main = second > first
        if top and (second_is_main or not bottom):
            side.top = rest.pop(0)
        elif bottom:
            side.bottom = rest.pop()
    elif len(rest) > 2:
        if top:
            side.top = rest.pop(0)
        if bottom:
            side.bottom = rest.pop()
    side.flank = list(zip(rest, _fan(box, len(rest), m), strict=True))
    return side


def is_bare(wire: Wire) -> bool:
    """Whether a wire bears no label."""
    return wire.above <= 0 and wire.below <= 0


def spare_sides(box: Box, entry: Side) -> tuple[bool, bool]:
    """Whether outputs may leave through the top and through the bottom."""
    if box.shape == "rect":
        return False, False
    return box.above <= 0 and entry.top < 0, box.below <= 0 and entry.bottom < 0


def fans_out(box: Box, entry: Side, count: int) -> bool:
    """Whether the outputs all leave side by side on the right, too near one another for labels."""
    return count > 1 + sum(spare_sides(box, entry))


def exits(
    box: Box,
    entry: Side,
    leaving: list[int],
    wires: tuple[Wire, ...],
    rank: Callable[[int], float],
    height: list[int],
    m: Metrics,
) -> Side:
    """Sides and heights of the wires that leave a box; ``rank`` orders their far ends from the top.

    A dot's outputs are all the same value, so they leave in the order of where they go; so do wires
    that share a port. The wire with the longest way behind it goes straight on.
    """
    if box.shape == "dot":
        rest = sorted(leaving, key=rank)
    else:
        rest = sorted(leaving, key=lambda w: (wires[w].source_port, rank(w)))
    side = Side()
    if box.shape == "rect" and len(rest) == 1 and box.outputs < 2:
        side.flank = [(rest[0], entry.through)]
        return side
    if box.shape == "rect" or fans_out(box, entry, len(rest)):
        ports = [wires[w].source_port for w in rest]
        offsets = _spread(box, ports, box.outputs) if box.shape == "rect" else _fan(box, len(rest), m)
        side.flank = list(zip(rest, offsets, strict=True))
        return side
    top, bottom = spare_sides(box, entry)
    if len(rest) == 2:
        main = max(rest, key=lambda w: height[wires[w].target])
        if top and (main == rest[1] or not bottom):
            side.top = rest.pop(0)
        else:
            side.bottom = rest.pop()
    elif len(rest) == 3:
        side.top, side.bottom = rest.pop(0), rest.pop()
    side.flank = [(w, 0.0) for w in rest]
    return side


def _spread(box: Box, ports: list[int], count: int) -> list[float]:
    """Heights of a rectangle's ports: evenly spread; wires that share a port stand side by side."""
    if len(set(ports)) < len(ports):
        ports, count = list(range(len(ports))), len(ports)
    count = max(count, max(ports, default=0) + 1)
    return [box.height * ((port + 0.5) / count - 0.5) for port in ports]


def _fan(box: Box, count: int, m: Metrics) -> list[float]:
    """Heights of wires side by side on a circle or bar: a wire's room each, if the outline is so high."""
    if count < 2:
        return [0.0] * count
    step = min(m.pitch, 0.9 * box.height / (count - 1))
    if box.shape == "dot" and box.height >= count * m.pitch:
        step = box.height / count
    return [step * (i - (count - 1) / 2) for i in range(count)]


def outline_x(box: Box, centre: float, offset: float, direction: int) -> float:
    """Where a level wire at ``offset`` from the centre meets the outline, on the left (-1) or right (1)."""
    return centre + direction * reach(box, offset)
