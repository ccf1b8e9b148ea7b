"""Where gradients end."""

from __future__ import annotations

from ..ir import Glyph, Names, Notation, Op, Rule

__all__ = ["StopGradient"]


class StopGradient(Op):
    """y = x, and no gradient flows through: ∂L/∂x has no part from here.

    Unlike a constant it stays in a graph, with its name, and takes new values each time the graph runs.
    """

    signature = "x[...] -> y[...]"
    glyph = Glyph("stop ∂")
    notation = Notation("stop({x})")
    names = Names("Identity", "aten.detach", "stop_gradient")
    differentiable = False

    def forward(self, x: Rule) -> Rule:
        return x
