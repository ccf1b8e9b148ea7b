"""One entry of the gallery: an expression, its inputs, and what to say of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..expression import Evaluated, draw_evaluated, evaluate, read_inputs

if TYPE_CHECKING:
    from ..draw import Figure


@dataclass(frozen=True)
class Entry:
    """A figure of the gallery.

    Attributes:
        key: names its files.
        title: its heading.
        forward, backward: what the two passes do, a sentence or two each.
        expression: in NumPy's notation, as ``diagrad draw`` takes it.
        inputs, parameters: what ``--input`` and ``--parameter`` would say.
        gradient: the upstream gradient, as ``--gradient`` takes it; ones if empty.
        source: where the graph or its numbers were published.
    """

    key: str
    title: str
    forward: str
    backward: str
    expression: str
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    gradient: str = ""
    source: str = ""

    def build(self) -> Evaluated:
        """Compute it.

        >>> from diagrad.gallery import ENTRIES
        >>> entry = next(entry for entry in ENTRIES if entry.key == "circuit")
        >>> entry.build().outputs
        [('f', array(-12.))]
        """
        given = read_inputs(_texts(self.inputs), _texts(self.parameters))
        return evaluate(self.expression, {name: x.array for name, x in given.items()})

    def draw(self, **options: Any) -> Figure:
        """Its figure; the options are those of :func:`diagrad.draw.draw`."""
        return draw_evaluated(self.build(), gradient=self.gradient or None, **options)

    @property
    def command(self) -> str:
        """What to type to draw it."""
        words = ["diagrad", "draw", self.expression]
        for flag, texts in (("-i", _texts(self.inputs)), ("-p", _texts(self.parameters))):
            words += [word for text in texts for word in (flag, text)]
        if self.gradient:
            words += ["--gradient", self.gradient]
        return shlex.join(words)


def _texts(given: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in given.items()]
