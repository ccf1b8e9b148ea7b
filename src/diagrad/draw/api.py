"""``draw``: from an Array, a Graph or a function to a :class:`Figure`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from ..array import tree
from ..array.array import Array
from ..array.trace import collect, trace
from ..errors import InputError
from ..interp import run
from ..ir import Graph, Value
from .build import build_scene
from .content import Content, content
from .figure import Figure
from .layout import place
from .measure import shown
from .names import name_values
from .plain import plain_text
from .plan import READINGS, Passes, Plan
from .style import Style, style_of
from .svg import write_svg

Reading = Literal["auto", "all", "symbols", "shapes", "numbers"]


def draw(
    target: Array | Graph | Callable[..., Any],
    *args: Any,
    passes: Passes = "both",
    show: Reading = "auto",
    style: str | Style = "textbook",
    gradient: Any = None,
    loss: str | None = None,
    branches: bool = True,
    title: str | None = None,
    seed: int | None = None,
) -> Figure:
    """Draw a computational graph: values over its arrows, gradients under them, the rule at each node.

    Args:
        target: an Array, whose recorded numbers are shown; a :class:`~diagrad.Graph`; or a function, which
            is traced and run on ``args``.
        args: the inputs of a graph or a function. A graph without them has symbols and shapes only.
        passes: ``"both"``; ``"forward"``, values only; or ``"backward"``, gradients only.
        show: ``"symbols"`` (X · W), ``"shapes"`` (3×2), ``"numbers"``, ``"all"``, or ``"auto"``: what fits.
        style: ``"textbook"`` or ``"dark"``, or a :class:`~diagrad.draw.style.Style`.
        gradient: the upstream gradient, of the output's shape (several outputs: a list); ones by default,
            or what ``backward()`` was called with.
        loss: the name of the loss: the L of ∂L/∂x. By default the output's if it is one scalar, else L.
        branches: whether Branch and Repeat nodes are drawn.
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
    _check_choice("passes", passes, ("both", "forward", "backward"))
    _check_choice("show", show, ("auto", *READINGS))
    chosen = style_of(style)
    graph, known, recorded = _resolve(target, args, seed)
    upstream = recorded if gradient is None else gradient if len(graph.outputs) > 1 else [gradient]
    about = content(graph, known, backward=passes != "forward", upstream=upstream)
    names = name_values(about.graph, loss, gradient is not None or _beyond(recorded))
    plan = Plan.of(about, names, READINGS.get(show), passes, chosen, branches)
    if show == "auto" and known is None:
        plan = replace(plan, show=replace(plan.show, numbers=False))
    heading = names.title if title is None else shown(title, 120)
    scene = build_scene(plan, heading)
    svg = write_svg(scene, place(scene.diagram, gap=scene.gap), chosen)
    return Figure(svg, heading, about, lambda: plain_text(about, names, passes, heading))


def _beyond(recorded: Sequence[Any] | None) -> bool:
    """Whether a recorded upstream gradient says that the loss lies beyond the graph."""
    return recorded is not None and not all(np.all(np.asarray(g) == 1) for g in recorded)


def _check_choice(name: str, given: str, choices: Sequence[str]) -> None:
    if given not in choices:
        raise InputError(
            f"draw: there is no {name}={given!r}",
            expected=", ".join(choices),
            got=repr(given),
            fix="name one of these",
        )


def _resolve(
    target: Any, args: tuple[Any, ...], seed: int | None
) -> tuple[Graph, Mapping[Value, Any] | None, list[Any] | None]:
    """The graph, the numbers known of it, and the upstream gradient that ``backward()`` was called with."""
    if isinstance(target, Array):
        recorded = collect([target])
        known = None if target.traced else recorded.data
        swept: tuple[Any, ...] | None = getattr(target, "_swept", None)
        return recorded.graph, known, None if swept is None else list(swept)
    if isinstance(target, Graph):
        return target, _inputs(target, args, seed), None
    if callable(target):
        graph = trace(target)(*args)
        return graph, _inputs(graph, _flat(target, args), None), None
    raise InputError(
        f"cannot draw a {type(target).__name__}",
        expected="an Array, a Graph, or a function with its arguments",
        got=repr(target)[:60],
        fix="make an Array with dg.array(...) and compute with it",
    )


def _flat(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arrays in a function's arguments, in the order in which tracing makes inputs of them."""
    bound = inspect.signature(function).bind(*args)
    leaves = [leaf for arg in bound.arguments.values() for leaf in tree.leaves(arg)]
    return tuple(leaf.data if isinstance(leaf, Array) else leaf for leaf in leaves)


def _inputs(graph: Graph, args: tuple[Any, ...], seed: int | None) -> dict[Value, Any] | None:
    if not args and graph.inputs:
        if seed is None:
            return None
        rng = np.random.default_rng(seed)
        args = tuple(_random(rng, x) for x in graph.inputs)
    return dict(zip(graph.inputs, _checked(graph, args), strict=True))


def _checked(graph: Graph, args: tuple[Any, ...]) -> list[Any]:
    """The arguments as the graph's inputs, by the engine's own rules."""
    heads = Graph(graph.inputs, (), graph.inputs, graph.name)
    return list(run(heads, *args).outputs)


def _random(rng: np.random.Generator, x: Value) -> Any:
    """Numbers that read well: from -2 to 2, in steps of a quarter."""
    if x.dtype.kind == "b":
        return rng.integers(0, 2, x.shape).astype(bool)
    if x.dtype.kind in "iu":
        return rng.integers(0, 3, x.shape)
    return rng.integers(-8, 9, x.shape) / 4


__all__ = ["Content", "draw"]
