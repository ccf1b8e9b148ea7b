"""``vmap``: a function of one thing, applied to a batch of them at once.

The function is recorded once, on arrays of a shape without the batch's axis. Then every op is applied in its
batched form, :meth:`diagrad.ir.Op.batched`, to what depends on the batch; what does not stays single. An op
that has no batched form is applied slice by slice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any, NamedTuple, cast

import numpy as np

from .. import ops
from ..array import tree
from ..array.align import as_data, own, to_array
from ..array.array import Array, apply, constant, leaf
from ..array.context import Context, surround
from ..array.trace import collect, interpret, leaves_of, replay
from ..errors import ShapeError
from ..ir import Graph, Op, Spec, user_site
from .arguments import recorded, unwrapped


class Lane(NamedTuple):
    """An Array, and whether its first axis is the batch's."""

    array: Array
    batched: bool


def batched(outputs: Sequence[Array], given: dict[Array, Lane], n: int) -> list[Array]:
    """What traced Arrays recorded, for ``n`` at once; each result has the batch's axis first."""
    return [_wide(y, n) for y in interpret(outputs, given, lambda x: Lane(x, False), _stepper(n))]


def _stepper(n: int) -> Callable[[Array, Op, Sequence[Lane]], Any]:
    """What applies an op to Arrays of which some have the batch's axis."""

    def step(_x: Array, op: Op, inputs: Sequence[Lane]) -> Any:
        if not any(x.batched for x in inputs):
            single = apply(op, *(x.array for x in inputs))
            return [Lane(y, False) for y in single] if op.multiple else Lane(single, False)
        many = op.batched(n)
        if many is None:
            graph = op.vectorised(n, [x.array.spec for x in inputs], [x.batched for x in inputs])
            return _one_by_one(op, inputs, n) if graph is None else _lanes(*graph, inputs)
        together = apply(many, *(_wide(x, n) for x in inputs))
        return [Lane(y, True) for y in together] if op.multiple else Lane(together, True)

    return step


def _wide(x: Lane, n: int) -> Array:
    return x.array if x.batched else apply(ops.Repeat((0,), (n,)), x.array, inner=True)


def _one_by_one(op: Op, inputs: Sequence[Lane], n: int) -> Any:
    if not n:
        single = [Spec(x.array.shape[x.batched :], x.array.dtype) for x in inputs]
        none = [Lane(constant(np.zeros((0, *y.shape), y.dtype)), True) for y in op.infer(single)]
        return none if op.multiple else none[0]
    rows = [apply(op, *(x.array[at] if x.batched else x.array for x in inputs)) for at in range(n)]
    if not op.multiple:
        return Lane(apply(ops.Stack(0), *rows), True)
    return [Lane(apply(ops.Stack(0), *column), True) for column in zip(*rows, strict=True)]


def _lanes(graph: Graph, flags: Sequence[bool], inputs: Sequence[Lane]) -> list[Lane]:
    """What a graph gives, and which of it depends on the batch."""
    arrays = replay(graph, [x.array for x in inputs])
    return [Lane(arrays[y], flag) for y, flag in zip(graph.outputs, flags, strict=True)]


@lru_cache(maxsize=512)
def batched_graph(
    graph: Graph, n: int, batched: tuple[bool, ...], wide: tuple[bool, ...] | None = None
) -> tuple[Graph, tuple[bool, ...]]:
    """A graph for ``n`` things at once: what an op that holds a graph needs to be batched itself.

    Args:
        graph: any graph.
        n: the size of the batch.
        batched: which inputs have the batch's axis, first.
        wide: which outputs must have it, whether they depend on the batch or not.

    Returns:
        The graph, and which of its outputs have the batch's axis.

    >>> import diagrad as dg
    >>> many, flags = batched_graph(dg.trace(lambda x: dg.exp(x))(1.0), 3, (True,))
    >>> many.inputs[0].spec, flags
    (f64[3], (True,))
    """
    with surround(Context(inner=True)):
        heads = leaves_of(graph)
        arrays = replay(graph, heads)
        lanes = [
            Lane(leaf(Spec((n,) * flag + x.shape, x.dtype), "input", x.name), flag)
            for x, flag in zip(graph.inputs, batched, strict=True)
        ]
        given = dict(zip(heads, lanes, strict=True))
        ys = interpret([arrays[y] for y in graph.outputs], given, lambda x: Lane(x, False), _stepper(n))
        force = wide or (False,) * len(ys)
        flags = tuple(y.batched or w for y, w in zip(ys, force, strict=True))
        made = [_wide(y, n) if flag else y.array for y, flag in zip(ys, flags, strict=True)]
        return collect(made, [x.array for x in lanes], graph.name).graph, flags


Axes = int | None | Sequence[Any] | dict[Any, Any]


def vmap(function: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0) -> Callable[..., Any]:
    """A function of one thing, for a batch of them at once.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        in_axes: which axis of each argument is the batch's, or None for one that all share: one for all
            arguments, or a tuple with one for each, which may be a structure as the argument is.
        out_axes: where the batch's axis goes in the result, in the same way.

    Returns:
        A function of the same arguments with that axis. It gives what a loop over the batch would give,
        stacked, but runs each op once. It can be nested, differentiated and traced.

    Raises:
        ShapeError: the batch's axes differ in size, or an argument has no such axis.
        TraceError: ``function`` asks for the numbers of its argument, as ``if x > 0`` does.

    >>> import diagrad as dg, numpy as np
    >>> dg.vmap(lambda x, w: x @ w, in_axes=(0, None))(np.ones((3, 2)), np.array([1.0, 2.0]))
    array([3., 3., 3.])
    """

    @wraps(function)
    @recorded
    def mapped(*args: Any) -> Any:
        axes = _matching(in_axes, args, "in_axes") if not isinstance(in_axes, int) else [in_axes] * len(args)
        n = _size(args, axes)
        given: dict[Array, Lane] = {}
        records = False

        def single(x: Any, axis: int | None) -> Any:
            nonlocal records
            records = records or isinstance(x, Array)
            a = to_array(x)
            if axis is None:
                return own(a)
            front = _moved(a, axis, 0)
            one = leaf(Spec(front.shape[1:], front.dtype), "input")
            given[one] = Lane(front, True)
            return one

        result = function(*(_map_axes(single, x, axis) for x, axis in zip(args, axes, strict=True)))
        ys = [to_array(y) for y in tree.leaves(result)]
        made = batched(ys, given, n)
        ends = iter(_spread(out_axes, result))
        placed = [_moved(y, 0, axis) for y, axis in zip(made, ends, strict=True)]
        keep = records or any(y._active or y.traced for y in placed)
        return tree.shaped_as(result, placed if keep else [unwrapped(y) for y in placed])

    return mapped


def _moved(x: Array, start: int, end: int) -> Array:
    """x with one axis at another place."""
    start, end = range(x.ndim)[start], range(x.ndim)[end]
    if start == end:
        return x
    order = [axis for axis in range(x.ndim) if axis != start]
    order.insert(end, start)
    return apply(ops.Transpose(tuple(order)), x, inner=True)


def _matching(axes: Any, args: Sequence[Any], what: str) -> list[Any]:
    """One entry for each argument."""
    if axes is None or len(axes) != len(args):
        raise ShapeError(
            f"{what} does not fit the arguments",
            where=str(user_site(1)),
            expected=f"an axis, or a tuple of {len(args)}",
            got=repr(axes),
            fix="give an axis or None for each argument",
        )
    return list(axes)


def _map_axes(function: Callable[[Any, int | None], Any], x: Any, axes: Any) -> Any:
    """``function(leaf, axis)`` for each leaf; an axis serves everything below it."""
    if axes is None or isinstance(axes, int):
        return tree.map_paths(lambda _path, leaf: function(leaf, axes), x, "")
    level = tree.level(x)
    inner = tree.level(axes)
    below = inner.children if inner else axes
    if level is None or len(below) != len(level.children):
        raise ShapeError(
            "in_axes or out_axes has another structure than what it belongs to",
            where=str(user_site(2)),
            expected="an axis, or a structure of them like the argument's or the result's",
            got=f"{axes!r}",
            fix="give one axis for the whole of it",
        )
    if isinstance(x, dict):
        below = [axes[key] for key in cast("dict[Any, Any]", x)]
    return level.rebuild(
        [_map_axes(function, part, axis) for part, axis in zip(level.children, below, strict=True)]
    )


def _spread(axes: Any, result: Any) -> list[int]:
    """The axis of each leaf of a result."""
    found: list[int] = []
    _map_axes(lambda _x, axis: found.append(axis or 0), result, axes)
    return found


def _size(args: Sequence[Any], axes: Sequence[Any]) -> int:
    """How many there are in the batch."""
    sizes: dict[int, str] = {}
    for at, (x, axis) in enumerate(zip(args, axes, strict=True)):

        def note(leaf: Any, axis: int | None, at: int = at) -> None:
            if axis is None:
                return
            shape = leaf.shape if isinstance(leaf, Array) else as_data(leaf).shape
            if not -len(shape) <= axis < len(shape):
                raise ShapeError(
                    f"argument {at} has no axis {axis} to map over",
                    where=str(user_site(2)),
                    expected=f"an array with an axis {axis}",
                    got=f"shape {shape}",
                    fix="name another axis in in_axes, or None for what all share",
                )
            sizes.setdefault(shape[axis], f"argument {at}")

        _map_axes(note, x, axis)
    if len(sizes) != 1:
        named = ", ".join(f"{size} in {where}" for size, where in sizes.items())
        raise ShapeError(
            "the axes to map over differ in size" if sizes else "no argument has an axis to map over",
            where=str(user_site(1)),
            expected="one size for all",
            got=named or "None for every argument",
            fix="give None in in_axes for what all share",
        )
    return next(iter(sizes))
