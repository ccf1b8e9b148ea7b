"""Pictures of computational graphs: scene → layout → writers. No Graphviz, no browser, no LaTeX.

Everything behind :func:`draw` is loaded when the first figure is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .options import Passes, Reading

if TYPE_CHECKING:
    from ..array.array import Array
    from ..compilation.report import Report
    from ..ir import Graph
    from .figure import Figure
    from .style import Style

__all__ = ["Figure", "draw"]


def draw(
    target: Array | Graph | Report | Callable[..., Any],
    *args: Any,
    passes: Passes = "both",
    show: Reading = "auto",
    style: str | Style = "textbook",
    gradient: Any = None,
    loss: str | None = None,
    branches: bool = True,
    unroll: bool | int = False,
    title: str | None = None,
    seed: int | None = None,
) -> Figure:
    """Draw a computational graph: values over its arrows, gradients under them, the rule at each node.

    Args:
        target: an Array, whose recorded numbers are shown; a :class:`~diagrad.Graph`; a function, which is
            traced and run on ``args``; or a :class:`~diagrad.Report` of a compiled one, of which each kernel
            is a node, and what it leaves in memory an arrow.
        args: the inputs of a graph or a function. A graph without them has symbols and shapes only.
        passes: ``"both"``; ``"forward"``, values only; or ``"backward"``, gradients only.
        show: ``"symbols"`` (X · W), ``"shapes"`` (3×2), ``"numbers"``, ``"all"``, or ``"auto"``: what fits.
        style: ``"textbook"`` or ``"dark"``, or a :class:`~diagrad.draw.style.Style`.
        gradient: the upstream gradient, of the output's shape (several outputs: a list); ones by default,
            or what ``backward()`` was called with.
        loss: the name of the loss: the L of ∂L/∂x. By default the output's if it is one scalar, else L.
        branches: whether Branch and Repeat nodes are drawn.
        unroll: draw the bodies of loops and choices, step by step, where a loop has at most so many steps
            (True: 8); see :func:`diagrad.passes.unroll`.
        title: the title; by default the graph as an equation, where it is short. ``""`` for none.
        seed: draws the inputs of a graph at random, from -2 to 2, if no ``args`` are given.

    Returns:
        A :class:`Figure`.

    Raises:
        InputError: ``target``, ``passes``, ``show`` or ``style`` is none of these.
        ShapeError: an argument or ``gradient`` has the wrong shape.

    >>> import diagrad as dg
    >>> x, y = dg.array(2.0), dg.array(3.0)
    >>> z = x * y
    >>> print(draw(z).text())
    z = x · y
    x: input, scalar f64
      x = 2
      ∂z/∂x = 3
    y: input, scalar f64
      y = 3
      ∂z/∂y = 2
    z = x · y = 6
      ∂z/∂z = 1
      ∂z/∂x = ∂z/∂z · y = 1 × 3 = 3
      ∂z/∂y = ∂z/∂z · x = 1 × 2 = 2
    """
    from .api import make_figure

    return make_figure(
        target,
        args,
        passes=passes,
        show=show,
        style=style,
        gradient=gradient,
        loss=loss,
        branches=branches,
        unroll=unroll,
        title=title,
        seed=seed,
    )


def __getattr__(name: str) -> object:
    if name == "Figure":
        from .figure import Figure

        return Figure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
