"""The first node that gave NaN or infinity, found by walking back from where it was noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..array.array import Array, Part
from ..autodiff.reverse import sweep
from ..ir import Input
from ..ops import Where
from .numbers import Index, bad, first_bad, has_nan


@dataclass(frozen=True)
class Cause:
    """Where it began.

    Attributes:
        node: what the op gave that went wrong: in the forward pass its output, in the backward pass the
            gradient of its input number ``port``.
        index: the first element that is not finite, of the output or of the gradient.
        path: from the node on to where it was noticed: the values up to the result in the forward pass, those
            down to a leaf in the backward pass.
        port: which input's gradient, in the backward pass; None in the forward pass.
        upstream: the gradient that arrived at the node.
        gradient: the gradient of that input.
        reached: the leaves whose gradients are not finite.
        final: the gradient at the end of the path, where that is what went wrong.
        climb: from the node on to the ``where`` that does not take, at that element, the branch in which this
            lies; empty if there is none.
        ahead: the gradient that arrived at that ``where``.
    """

    node: Array
    index: Index
    path: tuple[Array, ...]
    port: int | None = None
    upstream: Any = None
    gradient: Any = None
    reached: tuple[Array, ...] = field(default_factory=tuple)
    final: Any = None
    climb: tuple[Array, ...] = ()
    ahead: Any = None

    @property
    def given(self) -> bool:
        """Whether the user gave it and nothing computed it."""
        return not self.node._inputs

    @property
    def where(self) -> Array | None:
        """The ``where`` that does not take the branch."""
        return self.climb[-1] if self.climb else None

    @property
    def wrong(self) -> Any:
        """The numbers in question: the output, or the gradient."""
        return self.node._data if self.port is None else self.gradient


def whole(x: Array) -> Array:
    """The record that holds all outputs of an op, for one of several."""
    return x._inputs[0] if type(x._op) is Part else x


def sources(x: Array) -> tuple[Array, ...]:
    """What it was computed from."""
    return whole(x)._inputs


def forward_cause(root: Array) -> Cause:
    """The first node behind ``root`` that gave NaN or infinity from inputs without.

    A NaN is followed to the first NaN. If that came from an infinity which was computed, the node that gave
    the infinity is the cause; if the infinity was given, as a mask's −∞ is, the node that made it NaN.
    """
    path = _walk(root, has_nan if has_nan(root._data) else bad)
    first = path[0]
    for source in sources(first):
        if has_nan(first._data) and bad(source._data):
            deeper = _walk(source, bad)
            if sources(deeper[0]):
                path = [*deeper, *path]
                break
    return Cause(path[0], first_bad(path[0]._data), tuple(path))


def _walk(x: Array, wrong: Any) -> list[Array]:
    """The way from the earliest wrong ancestor, through wrong ones, to x."""
    came: dict[Array, Array | None] = {x: None}
    stack = [x]
    first = x
    while stack:
        y = stack.pop()
        if y._order < first._order:
            first = y
        for source in sources(y):
            if source not in came and wrong(source._data):
                came[source] = y
                stack.append(source)
    path: list[Array] = []
    at: Array | None = first
    while at is not None:
        path.append(at)
        at = came[at]
    return path


@dataclass
class Pulled:
    """What a backward pass gives: each Array's gradient, and what each node hands to each input."""

    gradient: dict[Array, Any]
    handed: dict[Array, dict[Array, Any]]
    order: list[Array]


def pull_all(roots: Sequence[Array], gradients: Sequence[Any]) -> Pulled:
    """The backward pass once more, node by node, keeping every gradient."""
    active: set[Array] = set()
    stack = [whole(x) for x in roots]
    while stack:
        x = stack.pop()
        if x not in active:
            active.add(x)
            stack += [whole(y) for y in x._inputs if y._active]
    total: dict[Array, Any] = {}
    handed: dict[Array, dict[Array, Any]] = {}
    parts: dict[Array, list[Array]] = {}

    def arrive(x: Array, g: Any) -> None:
        if x not in total:
            parts.setdefault(whole(x), []).append(x)
            total[x] = g
        else:
            total[x] = total[x] + g

    for root, g in zip(roots, gradients, strict=True):
        arrive(root, g._data if isinstance(g, Array) else g)
    order: list[Array] = []
    for x in sorted(active, key=lambda x: -x._order):
        ends = parts.get(x)
        if not ends:
            continue
        order.append(ends[0])
        inputs = [y for y in dict.fromkeys(x._inputs) if y._active]
        given = sweep(ends, [total[y] for y in ends], build=False, keep=inputs) if inputs else {}
        handed.update(dict.fromkeys(ends, given))
        for y, g in given.items():
            arrive(y, g)
    return Pulled(total, handed, order)


def backward_cause(roots: Sequence[Array], gradients: Sequence[Any]) -> Cause | None:
    """The first node, on the way back, whose rule gave NaN or infinity from a finite upstream gradient.

    If that is because of an infinity in the values that its rule uses, the node that computed the infinity.
    """
    pulled = pull_all(roots, gradients)
    for y in pulled.order:
        if bad(pulled.gradient[y]):
            continue
        for x, g in pulled.handed[y].items():
            if bad(g) and (path := _way_down(pulled, x)):
                index = first_bad(g)
                leaves = tuple(z for z, h in pulled.gradient.items() if type(z._op) is Input and bad(h))
                final = pulled.gradient[path[-1]]
                for value in (y, *sources(y)):
                    if bad(value._data) and sources((before := _walk(value, bad))[0]):
                        at = first_bad(before[0]._data)
                        return Cause(before[0], at, (*before, *path), reached=leaves, final=final)
                climb = _untaken(pulled.order, y, index)
                ahead = pulled.gradient[climb[-1]] if climb else None
                port = next(at for at, z in enumerate(sources(y)) if z is x)
                upstream = pulled.gradient[y]
                return Cause(y, index, (y, *path), port, upstream, g, leaves, final, climb, ahead)
    return None


def _way_down(pulled: Pulled, x: Array) -> list[Array]:
    """Values with gradients that are not finite, from x down to a leaf; as far as they go."""
    path = [x]
    while True:
        for y, g in pulled.handed.get(path[-1], {}).items():
            if bad(g):
                path.append(y)
                break
        else:
            return path


def _untaken(order: Sequence[Array], y: Array, index: Index) -> tuple[Array, ...]:
    """The way from y to the next ``where`` that does not choose, at that element, the branch y lies in."""
    for w in reversed(order):
        if type(w._op) is not Where or w._order < y._order:
            continue
        condition, *branches = w._inputs
        for branch, taken in zip(branches, (True, False), strict=True):
            chosen = np.asarray(condition._data) == taken
            here = chosen[index] if w.shape == y.shape and len(index) == y.ndim else chosen.all()
            if not here and (way := _way_up(y, branch)):
                return (*way[1:], w)
    return ()


def _way_up(y: Array, x: Array) -> list[Array]:
    """The values from y to x, which was computed from it; empty if it was not."""
    came: dict[Array, Array | None] = {x: None}
    stack = [x]
    while stack:
        z = stack.pop()
        if z is y:
            way: list[Array] = []
            at: Array | None = z
            while at is not None:
                way.append(at)
                at = came[at]
            return way
        for source in sources(z):
            if source._order >= y._order and source not in came:
                came[source] = z
                stack.append(source)
    return []
