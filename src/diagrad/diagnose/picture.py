"""The path of a NaN as a figure: the nodes it went through, with what else they use cut off as inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..array.align import is_constant
from ..array.array import Array, Part, apply, constant, leaf
from ..array.context import Context, surround
from .cause import Cause, sources, whole

if TYPE_CHECKING:
    from ..draw import Figure

_STEPS = 12
"""How many nodes of a path are drawn."""
_NAME = 20
"""The longest formula that serves as a name."""


def picture(cause: Cause) -> Figure:
    """Draw the path: forward from the node to the result, or backward from the node to a leaf."""
    with np.errstate(all="ignore"):
        return _picture(cause)


def _picture(cause: Cause) -> Figure:
    from ..draw import draw

    backward = cause.port is not None
    if cause.final is not None and not backward:  # an infinity of the forward pass, met on the way back
        return draw(_again(cause.node, {}), passes="forward")
    steps = [*cause.path[_STEPS - 1 :: -1], *cause.climb] if backward else list(cause.path[:_STEPS])
    made: dict[Array, Any] = {}
    end = steps[-1]
    for x in steps:
        made[x] = _again(x, made) if sources(x) else _cut(x)
    upstream = cause.ahead if cause.climb else cause.upstream
    return draw(made[end], passes="both" if backward else "forward", gradient=upstream)


def _cut(x: Array) -> Array:
    """A value as an input of its own."""
    if is_constant(x):
        return constant(x._data)
    return leaf(x._data, x.role or "input", x.name or _formula(x))


def _formula(x: Array) -> str | None:
    """An unnamed value as its op writes it, if that is short: ``[x > 0]``."""
    from ..draw.formula import Formula, apply_notation, constant_symbol

    if type(x._op) is Part or not x._inputs:
        return None
    numbers = [constant_symbol(np.asarray(y._data)) if is_constant(y) else None for y in x._inputs]
    names = [y.name or (known.text if known else "…") for y, known in zip(x._inputs, numbers, strict=True)]
    text = apply_notation(x._op, [Formula((name,)) for name in names]).fill({})
    return text if len(text) <= _NAME else None


def _again(x: Array, made: dict[Array, Any]) -> Array:
    """The node once more, on what was made already."""
    for source in sources(x):
        if source not in made:
            made[source] = _cut(source)
    node = whole(x)
    with surround(Context(node._scope, site=node._site)):
        results = apply(node._op, *(made[source] for source in node._inputs))
    y: Array = results[x._op.at] if type(x._op) is Part else results
    if x.name:
        y.name = x.name
    return y
