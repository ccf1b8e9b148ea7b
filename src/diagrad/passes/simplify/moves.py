"""Ops that only move, repeat or join elements: what undoes another one goes, two in a row become one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple, cast

from ... import ops
from ...ir import Op, Shape, Value
from .rewriting import Table, Work

__all__ = ["MOVES", "Span", "alike", "of_one", "span"]

RESHAPES = (ops.Reshape, ops.ExpandDims, ops.Squeeze)


class Span(NamedTuple):
    """The run of indices that an index takes of one axis; of all others it takes everything.

    ``dropped`` says that the axis is no longer there, for an integer named it.
    """

    axis: int
    start: int
    stop: int
    dropped: bool


def span(index: tuple[Any, ...], shape: Shape) -> Span | None:
    """The run that an index takes, if it is no more than one.

    >>> span((Ellipsis, slice(2, 4)), (3, 5)), span((-1,), (3, 5)), span((0, 0), (3, 5))
    (Span(axis=1, start=2, stop=4, dropped=False), Span(axis=0, start=2, stop=3, dropped=True), None)
    """
    ranges = _ranges(index, shape)
    if ranges is None:
        return None
    part = [
        Span(at, r.start, r.stop, dropped)
        for at, (r, dropped) in enumerate(ranges)
        if dropped or r != range(shape[at])
    ]
    return part[0] if len(part) == 1 and ranges[part[0].axis][0].step == 1 else None


def _ranges(index: tuple[Any, ...], shape: Shape) -> list[tuple[range, bool]] | None:
    """What an index takes of each axis, and whether it drops the axis; None where it makes new axes."""
    if None in index:
        return None
    at = index.index(Ellipsis) if Ellipsis in index else len(index)
    rest = (slice(None),) * (len(shape) - sum(part is not Ellipsis for part in index))
    entries = (*index[:at], *rest, *index[at + 1 :])
    return [_range(part, size) for part, size in zip(entries, shape, strict=True)]


def _range(part: Any, size: int) -> tuple[range, bool]:
    axis = range(size)
    if isinstance(part, slice):
        return axis[cast("slice[Any, Any, Any]", part)], False
    at = axis[cast("int", part)]
    return range(at, at + 1), True


def _branch(work: Work, op: ops.Branch, x: Value) -> Sequence[Value]:
    """Every branch of x → x."""
    return (x,) * op.n


def _transpose(work: Work, op: ops.Transpose, x: Value) -> Value | None:
    """(xᵀ)ᵀ → x, or one order of the axes for two."""
    if op.axes == tuple(range(len(op.axes))):
        return x
    node = work.maker(x, ops.Transpose)
    if node is None:
        return None
    first: Any = node.op
    return work(ops.Transpose(tuple(first.axes[axis] for axis in op.axes)), node.inputs[0])


def _reshape(work: Work, op: Op, x: Value) -> Value | None:
    """Into the shape that it has → x;  two reshapes → one."""
    (shape,) = op.shape(x.shape)
    if shape == x.shape:
        return x
    node = work.maker(x, *RESHAPES)
    if node is None:
        return None
    y = node.inputs[0]
    return y if y.shape == shape else work(ops.Reshape(shape), y)


def _repeat(work: Work, op: ops.Repeat, x: Value) -> Value | None:
    """Once → a new axis;  two repeats → one."""
    if not op.axes:
        return x
    if all(times == 1 for times in op.times):
        return work(ops.ExpandDims(op.axes), x)
    node = work.maker(x, ops.Repeat)
    if node is None:
        return None
    first: Any = node.op
    times = dict(zip(op.axes, op.times, strict=True))
    old = [axis for axis in range(len(x.shape) + len(op.axes)) if axis not in times]
    times |= {old[axis]: n for axis, n in zip(first.axes, first.times, strict=True)}
    axes = tuple(sorted(times))
    return work(ops.Repeat(axes, tuple(times[axis] for axis in axes)), node.inputs[0])


def of_one(work: Work, op: Any, x: Value) -> Value | None:
    """A reduction of single elements → those elements. NumPy has it that the sum of −0 is 0."""
    axes: tuple[int, ...] = op.axes
    if not axes:
        return x
    return work(ops.Squeeze(axes), x) if all(x.shape[axis] == 1 for axis in axes) else None


def _extreme(work: Work, op: Any, x: Value) -> Value | None:
    """max(repeat(x)) → x, over the axes along which it is repeated."""
    node = work.maker(x, ops.Repeat)
    if node is None or 0 in x.shape:
        return None
    first: Any = node.op
    return node.inputs[0] if sorted(first.axes) == sorted(op.axes) else None


def _slice(work: Work, op: ops.Slice, x: Value) -> Value | None:
    """All → x;  what lies in one part of a join, or what was put there → that."""
    ranges = _ranges(op.index, x.shape)
    if ranges is not None and all(
        r == range(n) and not gone for (r, gone), n in zip(ranges, x.shape, strict=True)
    ):
        return x
    node = work.maker(x, ops.Concatenate, ops.Stack, ops.Place)
    if node is None:
        return None
    made: Any = node.op
    if isinstance(made, ops.Place):
        return node.inputs[0] if made.index == op.index else None
    run = span(op.index, x.shape)
    if run is None or run.axis != made.axis or run.dropped != isinstance(made, ops.Stack):
        return None
    if run.dropped:
        return node.inputs[run.start]
    ends = accumulate(part.shape[run.axis] for part in node.inputs)
    for part, end in zip(node.inputs, ends, strict=True):
        start = end - part.shape[run.axis]
        if start <= run.start and run.stop <= end:
            lead = (slice(None),) * run.axis
            return work(ops.Slice((*lead, slice(run.start - start, run.stop - start))), part)
    return None


def _split(work: Work, op: ops.Split, x: Value) -> Sequence[Value] | None:
    """The parts of a concatenation → what was concatenated."""
    if len(op.sizes) == 1:
        return (x,)
    node = work.maker(x, ops.Concatenate)
    if node is None or node.op != ops.Concatenate(op.axis):
        return None
    return node.inputs if op.sizes == tuple(y.shape[op.axis] for y in node.inputs) else None


def _unstack(work: Work, op: ops.Unstack, x: Value) -> Sequence[Value] | None:
    """The slices of a stack → what was stacked."""
    node = work.maker(x, ops.Stack)
    return node.inputs if node is not None and node.op == ops.Stack(op.axis) else None


def _concatenate(work: Work, op: ops.Concatenate, *xs: Value) -> Value | None:
    """One part → itself;  parts in a row of one value → that value;  of transposes → its transpose."""
    if len(xs) == 1:
        return xs[0]
    whole = _parts_of_one(work, xs, ops.Split(op.axis, tuple(x.shape[op.axis] for x in xs)))
    if whole is not None:
        return whole
    run = _run(work, xs)
    if run is not None:
        whole, part = run
        if part.axis == op.axis and not part.dropped:
            return _cut(work, whole, part)
        if part.axis == op.axis == 0:
            return work(ops.Reshape(op.shape(*(x.shape for x in xs))[0]), _cut(work, whole, part))
    under = alike(work, ops.Transpose, xs)
    if under is None or not any(map(work.single, xs)):
        return None
    transpose, inner = under
    axes: tuple[int, ...] = transpose.axes
    return work(transpose, work(ops.Concatenate(axes[op.axis]), *inner))


def _stack(work: Work, op: ops.Stack, *xs: Value) -> Value | None:
    """One → with a new axis;  slices in a row of one value → that value."""
    if len(xs) == 1:
        return work(ops.ExpandDims((op.axis,)), xs[0])
    whole = _parts_of_one(work, xs, ops.Unstack(op.axis, len(xs)))
    if whole is not None:
        return whole
    run = _run(work, xs)
    return _cut(work, *run) if run is not None and run[1].dropped and run[1].axis == op.axis else None


def alike(work: Work, kind: type[Op], xs: Sequence[Value]) -> tuple[Any, list[Value]] | None:
    """The op that makes all of these, if it is one and of this kind, and what it is applied to."""
    nodes = [node for x in xs if (node := work.maker(x, kind)) is not None]
    if len(nodes) < len(xs) or any(node.op != nodes[0].op for node in nodes):
        return None
    return nodes[0].op, [node.inputs[0] for node in nodes]


def _parts_of_one(work: Work, xs: Sequence[Value], op: Op) -> Value | None:
    """What an op was applied to that gives all of these, in this order."""
    node = work.maker(xs[0], type(op))
    return node.inputs[0] if node is not None and node.op == op and node.outputs == tuple(xs) else None


def _run(work: Work, xs: Sequence[Value]) -> tuple[Value, Span] | None:
    """The value that these are slices of, one behind the other along one axis, and where they lie in it."""
    found: tuple[Value, Span] | None = None
    for x in xs:
        node = work.maker(x, ops.Slice)
        here = node and span(node.op.index, node.inputs[0].shape)  # type: ignore[attr-defined]
        if node is None or here is None:
            return None
        if found is None:
            found = node.inputs[0], here
            continue
        whole, so_far = found
        if whole is not node.inputs[0] or here != so_far._replace(start=so_far.stop, stop=here.stop):
            return None
        found = whole, so_far._replace(stop=here.stop)
    return found


def _cut(work: Work, x: Value, run: Span) -> Value:
    """A run of indices of x, the axis kept."""
    if (run.start, run.stop) == (0, x.shape[run.axis]):
        return x
    return work(ops.Slice((*(slice(None),) * run.axis, slice(run.start, run.stop))), x)


MOVES: Table = {
    ops.Branch: (_branch,),
    ops.Transpose: (_transpose,),
    ops.Reshape: (_reshape,),
    ops.ExpandDims: (_reshape,),
    ops.Squeeze: (_reshape,),
    ops.Repeat: (_repeat,),
    "Prod": (of_one,),
    "AllTrue": (of_one, _extreme),
    "AnyTrue": (of_one, _extreme),
    ops.Max: (of_one, _extreme),
    ops.Min: (of_one, _extreme),
    ops.Slice: (_slice,),
    ops.Split: (_split,),
    ops.Unstack: (_unstack,),
    ops.Concatenate: (_concatenate,),
    ops.Stack: (_stack,),
}
