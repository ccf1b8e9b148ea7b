"""Reverse mode: one sweep over what was recorded, from the outputs back to the inputs.

The sweep knows no op. It asks each op's rule for the gradients of its inputs, and where a value was used
several times it asks Branch's rule to add what came back: there is no other accumulation. Rules are
duck-typed, so the same sweep computes with NumPy arrays (``build=False``, records nothing) or builds graph
(``build=True``), which is how derivatives of any order, backward graphs and formulas come about.

Method: reverse accumulation (Linnainmaa 1970; Griewank & Walther, *Evaluating Derivatives*, 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import ops
from ..array.array import Array, Part, Shared, as_made, constant, current, record
from ..array.checkpoint import Again
from ..array.context import CONTEXT, Context, fresh, surround
from ..ir import Scope

Turn = Callable[[Array, Any, tuple[bool, ...]], Any]
"""From an Array, its upstream gradient and which of its inputs the sweep goes on from: their gradients."""


def sweep(
    roots: Sequence[Array],
    gradients: Sequence[Any],
    *,
    build: bool,
    keep: Sequence[Array] = (),
    floor: int = -1,
    consume: bool = False,
    turn: Turn | None = None,
) -> dict[Array, Any]:
    """Propagate upstream gradients from ``roots`` backwards.

    Args:
        roots: where the sweep begins.
        gradients: the upstream gradient of each root: NumPy data, or Arrays if ``build``.
        build: whether rules build graph.
        keep: Arrays whose gradients are to be returned. The sweep ends at them.
        floor: Arrays made before this number are not swept.
        consume: forget how each Array was computed once it is swept, so that its inputs' values can go.
        turn: gives the gradients in place of a rule that builds graph, or None where it does not.

    Returns:
        The gradient of each kept Array that one flows to. With nothing to keep, Arrays that want their
        gradient (leaves, ``retain_grad``) have it stored.
    """
    watch = (CONTEXT.get() or Context()).watch
    roots = [current(x) for x in roots]
    ends = {x._order: x for x in keep}
    found = _reachable(roots, ends, floor)
    again = Again() if Scope.recomputes else None
    pending: dict[Any, Any] = {}
    for root, g in zip(roots, gradients, strict=True):
        _contribute(pending, root._order, g)
    kept: dict[Array, Any] = {}
    leads = _Leads(found, ends)
    for order in sorted(found, reverse=True):
        g = pending.pop(order, None)
        if g is None:
            continue
        y = found.pop(order)
        if type(g) is list:  # it was used several times
            g = _add(g, y, build)  # pyright: ignore[reportUnknownArgumentType]
        if ends:
            if order in ends:
                kept[ends[order]] = g
                continue
        elif y._grad is not None:
            y._grad = _grown(y._grad, g, build)
        first, rest, op = y._first, y._rest, y._op
        if first is None:
            continue
        inputs = (first,) if rest is None else (first, *rest) if isinstance(rest, tuple) else (first, rest)
        pulled: Any = (
            op.pull_data(op, g, inputs, y)
            if op.simple and not build and (again is None or y._scope is None)
            else _apply(pending, y, g, build, leads, again, turn)
        )
        gs: Any = pulled
        if consume and watch is None:
            y._first = y._rest = None
        if type(pulled) is not tuple:
            _give(pending, first, pulled)
        elif rest is not None and not isinstance(rest, tuple):  # a loop would cost a scalar node a tenth more
            gx, gy = gs
            _give(pending, first, gx)
            _give(pending, rest, gy)
        else:
            for x, gx in zip(inputs, gs, strict=True):
                _give(pending, x, gx)
    if watch is not None:
        watch.swept(roots, gradients, kept if ends else _stored(roots))
    return kept


def _stored(roots: Sequence[Array]) -> dict[Array, Any]:
    """The gradients that the leaves behind ``roots`` hold."""
    return {x: x._grad for x in _reachable(roots, {}, -1).values() if isinstance(x._grad, Array)}


def _give(pending: dict[Any, Any], x: Array, g: Any) -> None:
    """Note what one use of ``x`` gives back; what several give, in a list, is added when all are there."""
    if g is None or not x._active:
        return
    key = x._order
    if key not in pending:
        pending[key] = g
        return
    old: Any = pending[key]
    if type(old) is list:
        old.append(g)  # pyright: ignore[reportUnknownMemberType]
    else:
        pending[key] = [old, g]


def _reachable(roots: Sequence[Array], ends: Mapping[int, Array], floor: int) -> dict[int, Array]:
    """The active Arrays behind ``roots``, by their number in the order of making."""
    found: dict[int, Array] = {}
    stack = list(roots)
    while stack:
        x = stack.pop()
        order = x._order
        if x._active and order not in found and order > floor:
            found[order] = x
            first, rest = x._first, x._rest
            if first is None or order in ends:
                continue
            stack.append(first)
            if isinstance(rest, tuple):
                stack += rest
            elif rest is not None:
                stack.append(rest)
    return found


class _Leads:
    """Whether the sweep goes on from an Array to one whose gradient is wanted. Found out when first asked."""

    def __init__(self, found: dict[int, Array], ends: Mapping[int, Array]) -> None:
        self._found, self._ends = found, ends
        self._orders: set[int] | None = None

    def __call__(self, x: Array) -> bool:
        if not x._active or not self._ends:
            return x._active
        if self._orders is None:
            self._orders = set()
            for order in sorted(self._found):
                if order in self._ends or any(y._order in self._orders for y in self._found[order]._inputs):
                    self._orders.add(order)
        return x._order in self._orders


def _apply(
    pending: dict[Any, Any],
    y: Array,
    g: Any,
    build: bool,
    leads: _Leads,
    again: Again | None,
    turn: Turn | None,
) -> Any:
    """Apply the rule of ``y``, in all cases: one output of several, several outputs, deferred entries."""
    op, inputs = y._op, y._inputs
    if type(op) is Part:
        bundle = inputs[0]._order
        pending[bundle] = ()
        _contribute(pending, (bundle, op.at), g)
        return None
    if op.multiple:
        g = tuple([_gathered(pending, y, at, build) for at in range(len(y._data))])
    leading = tuple([leads(x) for x in inputs]) if op.selective or turn else ()
    if again is not None:
        y = again(y)
        inputs = y._inputs
    if turn and (turned := _build(y, turn, y, g, leading)) is not None:
        return turned
    wanted = (leading,) if op.selective else ()
    gs = _build_rule(y, g, wanted) if build else op.pull_data(op, g, inputs, y, *wanted)
    return _resolve(y, gs, build) if op.deferred else gs


def _build_rule(y: Array, g: Any, wanted: tuple[Any, ...]) -> Any:
    outputs: Any = as_made(y)
    if y._op.multiple:
        outputs = tuple([record(data, Part(at), y, None, y._active) for at, data in enumerate(y._data)])
    return _build(y, y._op.pull_arrays, y._op, g, y._inputs, outputs, *wanted)


def _resolve(y: Array, gs: tuple[Any, ...], build: bool) -> tuple[Any, ...]:
    """Call the deferred entries of a rule's result, those that a gradient is wanted of."""
    return tuple(
        [
            (_build(y, g) if build else g()) if x._active and callable(g) else None
            for x, g in zip(y._inputs, gs, strict=True)
        ]
    )


def _build(y: Array, rule: Any, *args: Any) -> Any:
    """Call a rule so that what it builds lies in its node's scope and names its node's line."""
    with surround(fresh(y._scope, inner=True, site=y._site)):
        return rule(*args)


def _contribute(pending: dict[Any, Any], key: Any, g: Any) -> None:
    """Note an upstream gradient of a root, or, by bundle and number, of one output of several."""
    old = pending.get(key)
    if type(old) is list:
        old.append(g)  # pyright: ignore[reportUnknownMemberType]
    else:
        pending[key] = g if old is None else [old, g]


def _gathered(pending: dict[Any, Any], bundle: Array, at: int, build: bool) -> Any:
    """The upstream gradient of one output of several; None where nothing uses it."""
    g = pending.pop((bundle._order, at), None)
    return _add(g, bundle, build) if type(g) is list else g  # pyright: ignore[reportUnknownArgumentType]


def _add(gs: list[Any], y: Array, build: bool) -> Any:
    branch = ops.Branch(len(gs))
    return _build(y, branch.backward, tuple(gs)) if build else branch.backward(tuple(gs))


def _grown(old: Any, g: Any, build: bool) -> Array | Shared:
    """A stored gradient with another added to it; at first there is none."""
    if type(old) is Shared:
        old.grad = _grown(old.grad, g, build)
        return old
    if isinstance(old, Array):
        old = current(old)
        g = old + g if build else old._data + g
    return g if isinstance(g, Array) else constant(g)
