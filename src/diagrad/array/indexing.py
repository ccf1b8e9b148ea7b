"""``x[index]`` and what is put there: basic indexing, integer arrays, boolean masks of known values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from .. import ops
from ..errors import ShapeError, TraceError
from ..ir import Op, Shape, user_site
from ..ops.index import ARRAY, fill, indexed_shape
from .align import cast as cast_to
from .align import repeat_to, to_array
from .array import Array, apply


def getitem(x: Array, index: Any) -> Array:
    """``x[index]`` as NumPy means it.

    Raises:
        ShapeError: the index leaves the array.
        TraceError: a traced boolean mask, whose number of true elements is not known.
    """
    parts, arrays = _parsed(x, index)
    if arrays:
        return apply(ops.Index(parts), x, *arrays)
    return apply(ops.Slice(parts), x)


def put(x: Array, index: Any, value: Any, op: Callable[[tuple[Any, ...]], Op]) -> Array:
    """x with ``value`` put at ``index``, in its dtype and broadcast to the place.

    Args:
        x: what keeps its other elements.
        index: as in ``x[index]``; a boolean mask may be traced where :class:`~diagrad.ops.Put` sets one value
            for each element of its axes.
        value: an Array, an array or a number.
        op: Put, PutAdd, PutMax or PutMin.

    Raises:
        ShapeError: the index leaves the array, or the value does not broadcast to the place.
        TraceError: a traced mask with a value for each true element.
    """
    v = cast_to(to_array(value), x.dtype)
    if isinstance(index, Array) and index.dtype.kind == "b" and index.traced:
        return _put_where(x, to_array(index), v, op)
    parts, arrays = _parsed(x, index)
    made = op(parts)
    place = indexed_shape(made.name, parts, x.shape, tuple(a.shape for a in arrays))
    return apply(made, x, _spread(v, place, x), *arrays)


def put_product(x: Array, index: Any, value: Any) -> Array:
    """x multiplied by ``value`` at ``index``, once for each time a place is named.

    The factors of a place are multiplied in one after the other, so that its derivatives hold at 0 too.

    Raises:
        ShapeError: the index leaves the array, or the value does not broadcast to the place.
        TraceError: a traced integer array: nothing says how often it names a place.
    """
    parts, arrays = _parsed(x, index)
    old = getitem(x, index)
    v = _spread(cast_to(to_array(value), x.dtype), old.shape, x)
    if not arrays:
        return put(x, index, old * v, ops.Put)
    numbers = np.arange(x.size).reshape(x.shape)[fill(parts, tuple(a.data for a in arrays))].ravel()
    order = np.argsort(numbers, kind="stable")
    turn = np.empty_like(numbers)
    turn[order] = np.arange(numbers.size) - np.searchsorted(numbers[order], numbers[order])
    flat, factors = (apply(ops.Reshape((y.size,)), y, inner=True) for y in (x, v))
    for k in range(np.max(turn, initial=-1) + 1):
        chosen = np.flatnonzero(turn == k)
        places = numbers[chosen]
        flat = put(flat, places, flat[places] * factors[chosen], ops.Put)
    return apply(ops.Reshape(x.shape), flat)


def _put_where(x: Array, mask: Array, v: Array, op: Callable[[tuple[Any, ...]], Op]) -> Array:
    """The same at a traced mask: a choice for every element of x."""
    rest = x.shape[mask.ndim :]
    if not mask.ndim or x.shape[: mask.ndim] != mask.shape or (v.ndim > len(rest) and v.shape[0] != 1):
        _places(x, mask)  # says what is wrong
    wide = _spread(_spread(v, (1, *rest), x), x.shape, x)
    everywhere = (Ellipsis,)
    new = wide if op is ops.Put else apply(op(everywhere), x, wide, inner=True)
    tall = apply(ops.Reshape((*mask.shape, *(1 for _ in rest))), mask, inner=True) if rest else mask
    return apply(ops.Where(), repeat_to(tall, x.shape), new, x)


def _spread(v: Array, place: Shape, x: Array) -> Array:
    """v broadcast to the place it is put to; axes of size 1 too many in front go, as in NumPy."""
    extra = v.ndim - len(place)
    lead = v.shape[: max(extra, 0)]
    fits = all(n == 1 for n in lead) and all(
        n in (1, m) for n, m in zip(v.shape[::-1], place[::-1], strict=False)
    )
    if not fits:
        raise ShapeError(
            f"a value of shape {v.shape} does not fit into the place of shape {place}",
            where=str(user_site(2)),
            expected=f"a shape that broadcasts to {place}",
            got=f"{v.shape}, for an index into {x.name or 'x'}{x.shape}",
            fix="reshape the value, or choose as many places as it has elements",
        )
    if extra > 0:
        v = apply(ops.Squeeze(tuple(range(extra))), v, inner=True)
    return repeat_to(v, place)


def _parsed(x: Array, index: Any) -> tuple[tuple[Any, ...], list[Array]]:
    """An index as ops take it, and its integer arrays."""
    parts: list[Any] = []
    arrays: list[Array] = []
    for entry in cast("tuple[Any, ...]", index if isinstance(index, tuple) else (index,)):
        if entry is None or entry is Ellipsis:
            parts.append(entry)
        elif type(entry) is int or isinstance(entry, np.integer):
            parts.append(int(cast(int, entry)))
        elif type(entry) is slice:
            parts.append(_plain_slice(entry))
        else:
            places = _places(x, to_array(entry))
            parts += [ARRAY] * len(places)
            arrays += places
    return tuple(parts), arrays


def _plain_slice(part: Any) -> slice:
    """A slice of Python integers, which a printed graph can hold."""
    return slice(*(None if end is None else int(end) for end in (part.start, part.stop, part.step)))


def _places(x: Array, entry: Array) -> list[Array]:
    """Integer arrays for one entry: itself, or where a mask is true."""
    if entry.dtype.kind != "b":
        return [entry]
    if entry.traced:
        raise TraceError(
            "a traced boolean mask has no known number of true elements",
            where=str(user_site(2)),
            expected="an index whose shape is known before the numbers are",
            got=f"a mask of shape {entry.shape}",
            fix="use dg.where(mask, x, 0), or call the function eagerly",
        )
    if not entry.ndim or not _occurs(entry.shape, x.shape):
        raise ShapeError(
            f"a mask of shape {entry.shape} cannot index {x.name or 'x'}{x.shape}"
            if entry.ndim
            else "a mask without axes cannot index",
            where=str(user_site(2)),
            expected="a mask of the shape of the array, or of the axes that it stands for",
            got=f"a mask of shape {entry.shape}",
            fix="compute the mask from the array itself; for a scalar, use dg.where(mask, x, 0)",
        )
    return [to_array(place) for place in np.nonzero(entry.data)]


def _occurs(part: Shape, shape: Shape) -> bool:
    """Whether some neighbouring axes have these sizes."""
    return any(shape[at : at + len(part)] == part for at in range(len(shape) - len(part) + 1))
