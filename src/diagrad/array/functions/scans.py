"""Loops of known length: one node that holds its body as a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ... import ops
from ...errors import ShapeError
from ...ir import Builder, Spec, user_site
from .. import tree
from ..align import to_array
from ..array import Array, apply
from ..bodies import arrays_of, is_flat, traced_step

__all__ = ["map", "scan"]


def scan(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    *,
    checkpoint: bool | int = False,
) -> tuple[Any, Any]:
    """c, yₜ = f(c, xₜ) for each t: the last carry, and all yₜ stacked. One ``Scan`` node, however long.

    The forward pass keeps the carry before each step and nothing of the steps themselves; the backward pass,
    a scan in the other direction, computes each step again. With ``checkpoint`` it keeps a carry per chunk of
    steps only, and computes each chunk again: O(√T) carries where chunks have about √T steps (A. Griewank,
    *Achieving logarithmic growth of temporal and spatial complexity in reverse automatic differentiation*,
    1992, at depth two).

    Args:
        f: a function of the carry and one slice that gives the next carry, of the same structure, shapes and
            dtypes, and an output, or None. It may use Arrays from outside, and gradients reach these.
        init: the first carry: an array, or lists, tuples and dicts of them, or None.
        xs: arrays, or lists, tuples and dicts of them, cut along their first axis; or None.
        length: the number of steps; needed without ``xs``.
        reverse: from the last slice to the first.
        checkpoint: the number of steps in a chunk; True for about √T.

    Returns:
        The last carry, and the outputs, each with a new first axis.

    Raises:
        DTypeError, ShapeError: the carry changes dtype or shape between steps, or lengths differ.
        StructureError: the carry changes structure, or ``f`` gives no pair.

    >>> import diagrad as dg
    >>> total, sums = dg.scan(lambda c, x: (c + x, c + x), 0.0, [1.0, 2.0, 3.0])
    >>> total, sums
    (array(6.), array([1., 3., 6.]))
    """
    sequences, paths = tree.flatten(xs, "xs")
    arrays = [to_array(x) for x in sequences]
    steps = _length(arrays, paths, length)
    heads = tree.unflatten(xs, iter([Spec(x.shape[1:], x.dtype) for x in arrays]))
    init, body, new, y = traced_step("scan", f, init, heads, pair=True)
    rows = arrays_of(y)
    outside = body.captured([*new, *rows])
    start = arrays_of(init)
    op = ops.Scan(body.graph([*new, *rows], outside), len(start), len(arrays), steps, reverse)
    if not op.outputs:
        return init, y
    inner = not (is_flat(init, 1) and (y is None or is_flat(y, 1)))
    size = math.isqrt(max(steps - 1, 0)) + 1 if checkpoint is True else int(checkpoint)
    if size < 0:
        raise ValueError(f"scan: checkpoint={checkpoint} is no number of steps")
    if size and steps:
        made = _checkpointed(op, [*start, *arrays, *outside], size)
    else:
        made = _apply(op, [*start, *arrays, *outside], inner)
    return tree.unflatten(init, iter(made[: op.carries])), tree.unflatten(y, iter(made[op.carries :]))


def _apply(op: ops.Scan, given: Sequence[Array], inner: bool) -> Sequence[Array]:
    """The op's outputs; where a gradient may be asked, it saves what that will need."""
    saves = any(x._active or x.traced for x in given)
    return apply(op.saving() if saves else op, *given, inner=inner)[: op.outputs]


def _checkpointed(op: ops.Scan, given: Sequence[Array], size: int) -> list[Array]:
    """A scan over chunks, of each of which the body is a scan; and one more over the steps that are left."""
    chunks, rest = divmod(op.length, size)
    cut = op.length - rest
    build = Builder()
    carries, sequences, shared = op.split(op.body.inputs)
    heads = [
        *(build.input(x) for x in carries),
        *(build.input(x, size) for x in sequences),
        *(build.input(x) for x in shared),
    ]
    chunk = build.graph(build.apply(replace(op, length=size), *heads), f"{op.body.name}_chunk")
    outer = replace(op, body=chunk, length=chunks)
    carry, rows, common = op.split(given)

    def whole(carry: Sequence[Array]) -> Sequence[Array]:
        parts = [_reshaped(_part(x, slice(0, cut)), (chunks, size, *x.shape[1:])) for x in rows]
        made = _apply(outer, [*carry, *parts, *common], True)
        ends = [_reshaped(y, (cut, *y.shape[2:])) for y in made[op.carries :]]
        return [*made[: op.carries], *ends]

    def left(carry: Sequence[Array]) -> Sequence[Array]:
        parts = [_part(x, slice(cut, op.length)) for x in rows]
        return _apply(replace(op, length=rest), [*carry, *parts, *common], True)

    if not rest:
        return list(whole(carry))
    first, then = (left, whole) if op.reverse else (whole, left)
    early = first(carry)
    late = then(early[: op.carries])
    pairs = zip(early[op.carries :], late[op.carries :], strict=True)
    joined = [apply(ops.Concatenate(0), *(pair[::-1] if op.reverse else pair), inner=True) for pair in pairs]
    return [*late[: op.carries], *joined]


def _part(x: Array, rows: slice) -> Array:
    return x if rows == slice(0, x.shape[0]) else apply(ops.Slice((rows,)), x, inner=True)


def _reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    return apply(ops.Reshape(shape), x, inner=True)


def _length(arrays: Sequence[Array], paths: Sequence[str], length: int | None) -> int:
    """The number of steps, on which all must agree."""
    for x, path in zip(arrays, paths, strict=True):
        if not x.ndim:
            raise ShapeError(
                f"scan: {path} is a scalar, which has no slices",
                where=str(user_site(1)),
                expected="an array with a first axis to go along",
                got=f"{path}: {x.spec}",
                fix="close over what all steps share instead of passing it",
            )
    sizes = {x.shape[0]: path for x, path in zip(arrays, paths, strict=True)}
    if length is not None:
        sizes.setdefault(int(length), "length")
    if len(sizes) != 1:
        raise ShapeError(
            "scan: the lengths differ" if sizes else "scan: without xs it needs a length",
            where=str(user_site(1)),
            expected="one length for all",
            got=", ".join(f"{size} in {name}" for size, name in sizes.items()) or "xs=None, length=None",
            fix="cut them to one length" if sizes else "pass length=…",
        )
    return next(iter(sizes))


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """f of each slice along the first axis, stacked: a :func:`scan` without a carry.

    One slice after the other; :func:`diagrad.vmap` does all at once.

    Args:
        f: a function of one slice.
        xs: arrays, or lists, tuples and dicts of them.

    Raises:
        ShapeError: the first axes differ in size.

    >>> import diagrad as dg
    >>> dg.map(lambda x: x * x, [1.0, 2.0, 3.0])
    array([1., 4., 9.])
    """

    def step(_: None, x: Any) -> Any:
        return None, f(x)

    step.__name__ = getattr(f, "__name__", "step")
    return scan(step, None, xs)[1]
