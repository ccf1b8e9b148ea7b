"""Reverse mode: one sweep over the records, from the outputs back to the inputs.

The sweep knows no op. It asks each op's rule for the gradients of its inputs, and where a value was used
several times it asks Branch's rule to add what came back: there is no other accumulation. Rules are
duck-typed, so the same sweep computes with NumPy arrays (``build=False``, records nothing) or builds graph
(``build=True``), which is how derivatives of any order, backward graphs and formulas come about.

Method: reverse accumulation (Linnainmaa 1970; Griewank & Walther, *Evaluating Derivatives*, 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from types import FunctionType
from typing import Any

from .. import ops
from ..array.array import Array, constant
from ..array.record import Context, Record, surround
from ..ir import Op

_by_order = attrgetter("order")


class Contributions(list[Any]):
    """The upstream gradients of one value that was used several times."""


def sweep(
    roots: Sequence[Array],
    gradients: Sequence[Any],
    *,
    build: bool,
    keep: Sequence[Array] = (),
    floor: int = -1,
) -> dict[tuple[Record, int], Any]:
    """Propagate upstream gradients from ``roots`` backwards.

    Args:
        roots: where the sweep begins.
        gradients: the upstream gradient of each root: NumPy data, or Arrays if ``build``.
        build: whether rules build graph.
        keep: Arrays whose gradients are to be returned. The sweep ends at them.
        floor: records made before this number are not swept.

    Returns:
        The gradient of each kept Array that one flows to, by its record and output.
        Records that want their gradient (leaves, ``retain_grad``) have it stored.
    """
    ends = {x._record for x in keep}
    found = _reachable(roots, ends, floor)
    pending: dict[Any, Any] = {}
    for root, g in zip(roots, gradients, strict=True):
        _contribute(pending, root, g)
    kept: dict[tuple[Record, int], Any] = {}
    for record in sorted(found, key=_by_order, reverse=True):
        if record.results is None:
            g = pending.pop(record, None)
            if g is None:
                continue
            if type(g) is Contributions:
                g = _add(g, record, build)
        else:
            g = _gather(pending, record, build)
            if g is None:
                continue
        if record.grad is not None and not ends:
            _store(record, g, build)
        if record in ends:
            parts = [g] if record.results is None else g
            kept.update({(record, at): part for at, part in enumerate(parts) if part is not None})
            continue
        inputs = record.inputs
        if not inputs:
            continue
        gs = _apply_rule(record, found[record], g, build)
        if type(gs) is not tuple:
            gs = (gs,)
        for x, gx in zip(inputs, gs, strict=True):
            source = x._record
            if gx is None or source not in found:
                continue
            if type(gx) is FunctionType:
                gx = gx() if not build else _build(record, gx)
            if source.results is None:
                old = pending.get(source)
                if old is None:
                    pending[source] = gx
                elif type(old) is Contributions:
                    old.append(gx)
                else:
                    pending[source] = Contributions((old, gx))
            else:
                _contribute(pending, x, gx)
    return kept


def _reachable(roots: Sequence[Array], ends: set[Record], floor: int) -> dict[Record, Array]:
    """The active records behind ``roots``, each with one of its Arrays."""
    found: dict[Record, Array] = {}
    stack = list(roots)
    while stack:
        x = stack.pop()
        record = x._record
        if record in found or not record.active or record.order < floor:
            continue
        found[record] = x
        if record not in ends:
            stack += record.inputs
    return found


def _apply_rule(record: Record, x: Array, g: Any, build: bool) -> Any:
    """The op's rule on the values that it asks for."""
    op = record.op
    needs = op.needs
    if not needs:
        return op.backward(g) if not build else _build(record, op.backward, g)
    inputs = record.inputs
    if build:
        outputs = (x,) if record.results is None else tuple(
            Array(y, record, at) for at, y in enumerate(record.results)
        )
        args = [_need(op, need, inputs, outputs) for need in needs]
        return _build(record, op.backward, g, *args)
    if op.plain and record.results is None:
        return op.backward(g, *[inputs[i]._data if i >= 0 else x._data for i in needs])  # type: ignore[operator]
    datas = tuple(y._data for y in inputs)
    results = (x._data,) if record.results is None else record.results
    return op.backward(g, *[_need(op, need, datas, results) for need in needs])


def _need(op: Op, need: int | str, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> Any:
    if isinstance(need, int):
        return inputs[need] if need >= 0 else outputs[-1 - need]
    ports = [port.name for port in op.ports.inputs]
    if need in ports:
        first = ports.index(need)
        return inputs[first : len(inputs) - (len(ports) - first - 1)]
    return outputs


def _build(record: Record, rule: Any, *args: Any) -> Any:
    """Call a rule so that what it builds lies in its node's scope and names its node's line."""
    with surround(Context(record.scope, True, True, record.site)):
        return rule(*args)


def _contribute(pending: dict[Any, Any], x: Array, g: Any) -> None:
    record = x._record
    key = record if record.results is None else (record, x._index)
    old = pending.get(key)
    if old is None:
        pending[key] = g
    elif type(old) is Contributions:
        old.append(g)
    else:
        pending[key] = Contributions((old, g))


def _gather(pending: dict[Any, Any], record: Record, build: bool) -> tuple[Any, ...] | None:
    """The upstream gradient of each output of a node with several; None for one that nothing used."""
    gs: list[Any] = []
    for at in range(len(record.results or ())):
        g = pending.pop((record, at), None)
        gs.append(_add(g, record, build) if type(g) is Contributions else g)
    return None if all(g is None for g in gs) else tuple(gs)


def _add(gs: Contributions, record: Record, build: bool) -> Any:
    branch = ops.Branch(len(gs))
    return _build(record, branch.backward, tuple(gs)) if build else branch.backward(tuple(gs))


def _store(record: Record, g: Any, build: bool) -> None:
    """Add a gradient to what the record has, which is nothing at first."""
    if record.results is None:
        record.grad = _grown(record.grad, g, build)
    else:
        record.grad = [
            old if part is None else _grown(old, part, build) for old, part in zip(record.grad, g, strict=True)
        ]


def _grown(old: Any, g: Any, build: bool) -> Array:
    if isinstance(old, Array):
        g = old + g if build else old._data + g
    return g if isinstance(g, Array) else constant(g)

