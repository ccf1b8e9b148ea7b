"""The plan of a figure: what is drawn, and which readings of it."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Op
from .content import Content
from .names import Names
from .options import Passes
from .style import Style
from .wiring import HIDDEN, Wiring, wire_up


@dataclass(frozen=True, slots=True)
class Show:
    """Which readings a figure gives."""

    symbols: bool = True
    shapes: bool = True
    numbers: bool = True
    rules: bool = True


READINGS = {
    "all": Show(),
    "symbols": Show(shapes=False, numbers=False),
    "shapes": Show(symbols=False, numbers=False),
    "numbers": Show(symbols=False, shapes=False),
}
NAMES_AND_SHAPES = Show(numbers=False, rules=False)
BARE = Show(shapes=False, numbers=False, rules=False)


def fitting(vertices: int) -> Show:
    """What fits: everything in a small graph, then names and shapes, then names alone."""
    return READINGS["all"] if vertices <= 60 else NAMES_AND_SHAPES if vertices <= 400 else BARE


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be drawn, and how: all that boxes, labels and captions are made from.

    Attributes:
        content: the graph and its numbers.
        names: what its values are called.
        wiring: its vertices and links.
        show: the readings.
        passes: which arrows are drawn.
        style: colours and sizes.
        branches: whether Branch and Repeat nodes are drawn.
    """

    content: Content
    names: Names
    wiring: Wiring
    show: Show
    passes: Passes
    style: Style
    branches: bool = True

    @classmethod
    def of(
        cls,
        content: Content,
        names: Names,
        show: Show | None,
        passes: Passes,
        style: Style,
        branches: bool = True,
    ) -> Plan:
        """The plan of a graph; ``show`` None chooses what fits."""
        wiring = wire_up(content.graph, branches)
        return cls(content, names, wiring, show or fitting(len(wiring.vertices)), passes, style, branches)

    @property
    def forward(self) -> bool:
        """Whether values are drawn."""
        return self.passes != "backward"

    @property
    def backward(self) -> bool:
        """Whether gradients are drawn."""
        return self.passes != "forward"

    @property
    def hidden(self) -> tuple[type[Op], ...]:
        """The ops that are not drawn."""
        return () if self.branches else HIDDEN

    @property
    def gap(self) -> float:
        """From a wire's centre line to its arrows; one arrow alone runs on the line itself."""
        return 6.0 if self.passes == "both" else 3.0
