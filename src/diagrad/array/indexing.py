"""``x[index]``: basic indexing, integer arrays, boolean masks of known values."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from .. import ops
from ..errors import ShapeError, TraceError
from ..ir import Shape, user_site
from ..ops.index import ARRAY
from .align import to_array
from .array import Array, apply


def getitem(x: Array, index: Any) -> Array:
    """``x[index]`` as NumPy means it.

    Raises:
        ShapeError: the index leaves the array.
        TraceError: a traced boolean mask, whose number of true elements is not known.
    """
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
    if arrays:
        return apply(ops.Index(tuple(parts)), x, *arrays)
    return apply(ops.Slice(tuple(parts)), x)


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
