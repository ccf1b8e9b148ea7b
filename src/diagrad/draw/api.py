"""From an Array, a Graph or a function to a :class:`Figure`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..array import tree
from ..array.array import Array, current
from ..array.trace import collect, trace
from ..compilation.report import Report
from ..errors import InputError
from ..interp import run
from ..ir import Graph, Value
from ..passes.unroll import unroll as unroll_graph
from .build import build_scene
from .content import content
from .figure import Figure
from .layout import place
from .measure import shown
from .names import name_values
from .options import Passes, Reading
from .plain import plain_text
from .plan import READINGS, Plan
from .style import Style, style_of
from .svg import write_svg


def make_figure(
    target: Array | Graph | Report | Callable[..., Any],
    args: tuple[Any, ...],
    *,
    passes: Passes,
    show: Reading,
    style: str | Style,
    gradient: Any,
    loss: str | None,
    branches: bool,
    unroll: bool | int,
    title: str | None,
    seed: int | None,
) -> Figure:
    """What :func:`diagrad.draw.draw` does, which says what the arguments are."""
    if isinstance(target, Report):
        target, passes, show = target.kernels, "forward", "shapes"
    _check_choice("passes", passes, ("both", "forward", "backward"))
    _check_choice("show", show, ("auto", *READINGS))
    chosen = style_of(style)
    graph, known, recorded = _resolve(target, args, seed)
    if unroll:
        graph, known = _unrolled(graph, known, 8 if unroll is True else unroll)
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


def _unrolled(
    graph: Graph, known: Mapping[Value, Any] | None, limit: int
) -> tuple[Graph, Mapping[Value, Any] | None]:
    """The graph with the bodies of its loops and choices put in, and the numbers of its inputs."""
    inputs = [] if known is None else [known[x] for x in graph.inputs]
    return unroll_graph(graph, *inputs, limit=limit), known


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
        target = current(target)
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
        expected="an Array, a Graph, a Report, or a function with its arguments",
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
