"""Distances of the drawing, in px at scale 1: the one place that layout and writers take them from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..diagram import Box, Wire

LABEL_DISTANCE = 5.0
"""From an arrow's line to the label block beside it; ``gap + LABEL_DISTANCE`` from the wire's centre line."""
CAPTION_DISTANCE = 4.0
"""From a box's outline to its caption blocks (see :meth:`Metrics.caption_edge` for a dot's)."""
CLEARANCE = 14.0
"""From a wire's centre line to any box, caption or label that is not its own."""
LEAD = 20.0
"""Level way between an outline and a label block, so that no arrow head touches the label."""
STUB = 38.0
"""Least length of the upright way between a circle and the turn of a wire that uses its top or bottom."""
TURN = 28.0
"""Level way between a leaf that hangs on a circle and the turn of its wire."""
SPACE = 14.0
"""Upright room between the extents of two things that stand over one another."""
MARGIN = 16.0
"""Empty rim of the page, and half the room between two unconnected parts of a diagram."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The distances that follow from ``gap``, the offset of both arrows from their wire's centre line."""

    gap: float = 6.0

    @property
    def pitch(self) -> float:
        """Between the centre lines of two parallel wires: ports, tracks and lanes."""
        return 2 * self.gap + SPACE

    @property
    def near(self) -> float:
        """Two parallel centre lines closer than this may not stand beside one another."""
        return 2 * self.gap + 12.0

    @property
    def label_edge(self) -> float:
        """From a wire's centre line to the near edge of its label blocks."""
        return self.gap + LABEL_DISTANCE

    def label_up(self, wire: Wire) -> float:
        """How far a wire with its upper label reaches over its centre line."""
        return self.label_edge + wire.above if wire.above > 0 else self.gap

    def label_down(self, wire: Wire) -> float:
        """How far a wire with its lower label reaches under its centre line."""
        return self.label_edge + wire.below if wire.below > 0 else self.gap

    def caption_edge(self, box: Box) -> float:
        """From a box's centre to the near edge of its captions: clear of the outline and of its wires."""
        return max(box.height / 2 + CAPTION_DISTANCE, self.gap + 9.0)

    def box_up(self, box: Box) -> float:
        """How far a box and its upper caption reach over its centre."""
        return self.caption_edge(box) + box.above if box.above > 0 else box.height / 2

    def box_down(self, box: Box) -> float:
        """How far a box and its lower caption reach under its centre."""
        return self.caption_edge(box) + box.below if box.below > 0 else box.height / 2

    def half_width(self, box: Box) -> float:
        """Half the width of a box or of its captions, whichever is wider."""
        captioned = box.above > 0 or box.below > 0
        return max(box.width, box.caption_width if captioned else 0.0) / 2


def least_height(ports: int, gap: float = 6.0) -> float:
    """Height that a side with so many ports needs, for a wire's room each.

    A dot with more than three outputs is a bar: make it this high and it keeps all its wires apart.
    """
    return ports * Metrics(gap).pitch


def reach(box: Box, offset: float) -> float:
    """Half-width of a box's outline at a height ``offset`` from its centre.

    A circle or dot is a stadium: a disc when as wide as high, else a bar with round ends.
    """
    if box.shape == "rect":
        return box.width / 2
    radius = min(box.width, box.height) / 2
    over = max(0.0, abs(offset) - (box.height / 2 - radius))
    return box.width / 2 - radius + math.sqrt(max(0.0, radius * radius - over * over))
