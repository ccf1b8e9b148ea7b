"""Sums, whose terms may be added in another order: what gradients of slices, copies and shared weights are.

The same numbers up to rounding, which is no worse than before; a zero may come out with the other sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import ops
from ...ir import Op, Value
from .constants import full
from .moves import Span, alike, of_one, span
from .rewriting import Table, Work

__all__ = ["SUMS", "add"]


def add(work: Work, terms: Sequence[Value]) -> Value:
    """The sum of some terms, at least one."""
    if len(terms) == 1:
        return terms[0]
    return work(ops.Add() if len(terms) == 2 else ops.AddN(), *terms)


def _without_zeros(work: Work, op: Op, *terms: Value) -> Value | None:
    """x + 0 → x;  a sum of one or two that is written as one of many → what it is."""
    rest = [x for x in terms if work.number(x) is None or work.number(x) != 0]
    if len(rest) < len(terms):
        return add(work, rest or terms[:1])
    return add(work, terms) if isinstance(op, ops.AddN) and len(terms) < 3 else None


def _joined(work: Work, op: Op, *terms: Value) -> Value | None:
    """Σ of parts put at places that tile an axis → the parts, joined: the gradient of slices."""
    lines: dict[tuple[int, bool], dict[int, tuple[Value, int]]] = {}
    for x in terms:
        run = _placed(work, x)
        if run is not None and run.stop > run.start:
            lines.setdefault((run.axis, run.dropped), {}).setdefault(run.start, (x, run.stop))
    for (axis, dropped), line in lines.items():
        parts: list[Value] = []
        at, size = 0, terms[0].shape[axis]
        while at in line:
            x, at = line[at]
            parts.append(x)
        if at == size and len(parts) > 1:
            inner = [work.maker(x, "Place", "Pad").inputs[0] for x in parts]  # type: ignore[union-attr]
            whole = work(ops.Stack(axis) if dropped else ops.Concatenate(axis), *inner)
            return add(work, [whole, *(x for x in terms if x not in set(parts))])
    return None


def _placed(work: Work, x: Value) -> Span | None:
    """Where in x something lies, if all else is zero."""
    node = work.maker(x, "Place", "Pad")
    if node is None or not work.single(x):
        return None
    op: Any = node.op
    if isinstance(op, ops.Place):
        return span(op.index, op.to)
    if op.value != 0 or any(a < 0 or b < 0 for a, b in op.widths):
        return None
    return span(tuple(slice(a, n - b) for (a, b), n in zip(op.widths, x.shape, strict=True)), x.shape)


def _of_copies(work: Work, op: ops.Sum, x: Value) -> Value | None:
    """Σ of n copies of x → n · x."""
    node = work.maker(x, ops.Repeat)
    if node is None or not work.single(x):
        return None
    repeat: Any = node.op
    y = node.inputs[0]
    n = y.dtype.type(repeat.count)
    if sorted(repeat.axes) != sorted(op.axes) or n != repeat.count or y.dtype.kind == "c":
        return None
    return work(ops.Multiply(), work.constant(full(n, y.spec)), y)


def _of_sums(work: Work, op: Op, *terms: Value) -> Value | None:
    """Σ of sums over parts → the sum over all, where the parts are joined anyway: the gradient of a bias that
    all steps of a loop add, beside that of their weights.
    """
    under = alike(work, ops.Sum, terms)
    if under is None or not all(map(work.single, terms)):
        return None
    total, parts = under
    axes: tuple[int, ...] = total.axes
    for axis in axes:
        order = work.joins.get((axis, frozenset(parts)))
        if order is not None and len(order) == len(parts):
            return work(total, work(ops.Concatenate(axis), *order))
    return None


SUMS: Table = {
    ops.Add: (_without_zeros, _joined, _of_sums),
    ops.AddN: (_without_zeros, _joined, _of_sums),
    ops.Sum: (of_one, _of_copies),
    ops.Mean: (of_one,),
}
