"""Functions that put elements elsewhere: pad, roll, flip, copy, exchange axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ... import ops
from ...errors import InputError, ShapeError
from ...ir import user_site
from ...ops.index import ARRAY
from ..align import as_shape, repeat_to, to_array
from ..array import Array, ArrayLike, apply, constant
from ..context import composite
from ..methods import Axis
from .shape import permute_dims, reshape

__all__ = [
    "flip", "fliplr", "flipud", "moveaxis", "pad", "repeat", "roll", "rot90",
    "swapaxes", "tile",
]  # fmt: skip

_MIRRORS = ("edge", "reflect", "symmetric", "wrap")


def pad(x: ArrayLike, /, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Array:
    """x with elements around it. Backward: g where x stands; of copies the sum.

    Args:
        x: any array.
        pad_width: how many before and after: a number, a pair for all axes, a pair for each axis, or a dict
            of axes.
        mode: constant, edge (the outermost), reflect (mirrored, the outermost once), symmetric (mirrored,
            the outermost twice) or wrap (from the other end).
        constant_values: what to put there, known numbers: one, a pair, or a pair for each axis.

    Raises:
        InputError: another mode.
        ShapeError: the widths do not fit, or an empty axis has nothing to copy.

    >>> import diagrad as dg
    >>> dg.pad([1.0, 2.0], (1, 2)), dg.pad([1.0, 2.0, 3.0], 2, mode="reflect")
    (array([0., 1., 2., 0., 0.]), array([3., 2., 1., 2., 3., 2., 1.]))
    """
    x = to_array(x)
    widths = _pairs("pad_width", _by_axis(pad_width, x.ndim), x)
    if mode in _MIRRORS:
        return apply(ops.PadMirror(widths, mode), x)
    if mode != "constant":
        raise InputError(
            f"pad: no mode {mode!r}",
            where=str(user_site(1)),
            expected=f"constant, {', '.join(_MIRRORS)}",
            got=f"mode={mode!r}",
            fix="compute the border and join it with dg.concatenate",
        )
    values = _pairs("constant_values", constant_values, x)
    if len({value for pair in values for value in pair}) < 2:
        return apply(ops.Pad(widths, values[0][0] if values else 0), x)
    for axis, (pair, ends) in enumerate(zip(widths, values, strict=True)):
        for side in (0, 1):
            only = [(0, 0)] * x.ndim
            only[axis] = (pair[0], 0) if side == 0 else (0, pair[1])
            x = apply(ops.Pad(tuple(only), ends[side]), x, inner=(axis, side) != (x.ndim - 1, 1))
    return x


def _by_axis(widths: Any, ndim: int) -> Any:
    """A dict of axes as a pair for each axis."""
    if not isinstance(widths, Mapping):
        return widths
    pairs: list[Any] = [(0, 0)] * ndim
    for axis, width in widths.items():  # pyright: ignore[reportUnknownVariableType]
        at = normalize_axis_index(axis, ndim)  # pyright: ignore[reportUnknownArgumentType]
        pairs[at] = (width, width) if isinstance(width, int) else width
    return pairs


def _pairs(name: str, given: Any, x: Array) -> tuple[tuple[Any, Any], ...]:
    """A pair of Python numbers for each axis."""
    try:
        full = np.broadcast_to(np.asarray(given), (x.ndim, 2))
    except ValueError:
        raise ShapeError(
            f"pad: {name} does not fit {x.ndim} axes",
            where=str(user_site(2)),
            expected="a number, a pair, or a pair for each axis",
            got=f"{name}={given!r}, {x.name or 'x'}{x.shape}",
            fix="give (before, after) for every axis",
        ) from None
    return tuple((before, after) for before, after in full.tolist())


def roll(x: ArrayLike, /, shift: int | Sequence[int], axis: Axis = None) -> Array:
    """The elements moved on by ``shift`` along ``axis``, the last ones to the front. Backward: g moved back.

    Args:
        x: any array.
        shift: by how many, one number for all axes or one for each.
        axis: along which axes; by default of the flat array, in x's shape again.

    Raises:
        ShapeError: there are not as many shifts as axes.

    >>> import diagrad as dg
    >>> dg.roll([1.0, 2.0, 3.0], 1)
    array([3., 1., 2.])
    """
    x = to_array(x)
    if axis is None:
        total = int(np.sum(shift))
        flat = apply(ops.Roll((total,), (0,)), reshape(x, (-1,)), inner=x.ndim != 1)
        return reshape(flat, x.shape)
    axes = normalize_axis_tuple(axis, x.ndim, allow_duplicate=True)
    try:
        pairs = np.broadcast(np.asarray(shift), np.asarray(axes))
    except ValueError:
        raise ShapeError(
            "roll: there are not as many shifts as axes",
            where=str(user_site(1)),
            expected="one shift, or one for each axis",
            got=f"shift={shift}, axis={axis}",
        ) from None
    total_of: dict[int, int] = {}
    for by, at in pairs:
        total_of[int(at)] = total_of.get(int(at), 0) + int(by)
    return apply(ops.Roll(tuple(total_of.values()), tuple(total_of)), x)


def flip(x: ArrayLike, /, axis: Axis = None) -> Array:
    """The elements in reverse order along ``axis``, along all by default. Backward: g flipped.

    >>> import diagrad as dg
    >>> dg.flip([1.0, 2.0, 3.0])
    array([3., 2., 1.])
    """
    x = to_array(x)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return apply(ops.Flip(tuple(sorted(axes))), x)


def flipud(x: ArrayLike, /) -> Array:
    """The rows in reverse order.

    >>> import diagrad as dg
    >>> dg.flipud([[1.0, 2.0], [3.0, 4.0]])
    array([[3., 4.],
           [1., 2.]])
    """
    return flip(x, axis=0)


def fliplr(x: ArrayLike, /) -> Array:
    """The columns in reverse order.

    >>> import diagrad as dg
    >>> dg.fliplr([[1.0, 2.0], [3.0, 4.0]])
    array([[2., 1.],
           [4., 3.]])
    """
    return flip(x, axis=1)


def rot90(x: ArrayLike, /, k: int = 1, axes: Sequence[int] = (0, 1)) -> Array:
    """x turned by k quarters, from the first axis towards the second.

    Raises:
        ValueError: ``axes`` are not two different ones.

    >>> import diagrad as dg
    >>> dg.rot90([[1.0, 2.0], [3.0, 4.0]])
    array([[2., 4.],
           [1., 3.]])
    """
    x = to_array(x)
    if len(axes) != 2:
        raise ValueError(f"rot90: two axes make a plane, not {axes}")
    first, second = normalize_axis_tuple(axes, x.ndim)
    match k % 4:
        case 0:
            return x
        case 1:
            return swapaxes(flip(x, second), first, second)
        case 2:
            return flip(x, (first, second))
        case _:
            return flip(swapaxes(x, first, second), second)


@composite
def tile(x: ArrayLike, reps: int | Sequence[int], /) -> Array:
    """x laid side by side ``reps`` times along each axis, from the last. Backward: the copies' g add.

    >>> import diagrad as dg
    >>> dg.tile([1.0, 2.0], 2), dg.tile([1.0, 2.0], (2, 1))
    (array([1., 2., 1., 2.]), array([[1., 2.],
           [1., 2.]]))
    """
    x = to_array(x)
    times = as_shape(reps)
    ndim = len(times) if len(times) > x.ndim else x.ndim
    times = (1,) * (ndim - len(times)) + times
    shape = (1,) * (ndim - x.ndim) + x.shape
    wide = [(n, size) if n != 1 else (size,) for n, size in zip(times, shape, strict=True)]
    thin = [(1, size) if n != 1 else (size,) for n, size in zip(times, shape, strict=True)]
    y = repeat_to(reshape(x, _joined(thin)), _joined(wide))
    return reshape(y, tuple(n * size for n, size in zip(times, shape, strict=True)))


def _joined(parts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(size for part in parts for size in part)


def repeat(x: ArrayLike, repeats: int | Sequence[int], /, *, axis: int | None = None) -> Array:
    """Each element ``repeats`` times along ``axis``. Backward: the copies' g add.

    Args:
        x: any array.
        repeats: how often, one number for all or one for each element along the axis; known numbers.
        axis: along which axis; by default of the flat array.

    Raises:
        ShapeError: there are not as many numbers as elements.

    >>> import diagrad as dg
    >>> dg.repeat([1.0, 2.0], 2), dg.repeat([1.0, 2.0], [3, 1])
    (array([1., 1., 2., 2.]), array([1., 1., 1., 2.]))
    """
    x = to_array(x)
    if axis is None:
        x, at = (x if x.ndim == 1 else reshape(x, (-1,))), 0
    else:
        at = normalize_axis_index(axis, x.ndim)
    counts = np.asarray(to_array(repeats).data)
    n = x.shape[at]
    if counts.size == 1:
        times = int(counts.item())
        wide = apply(ops.Repeat((at + 1,), (times,)), x, inner=True)
        return reshape(wide, (*x.shape[:at], n * times, *x.shape[at + 1 :]))
    if counts.shape != (n,):
        raise ShapeError(
            f"repeat: {counts.size} numbers for {n} elements",
            where=str(user_site(1)),
            expected=f"one number, or {n} along axis {at}",
            got=f"repeats{counts.shape}, {x.name or 'x'}{x.shape}",
        )
    places = [at for at, count in enumerate(counts.tolist()) for _ in range(count)]
    return apply(ops.Index(((slice(None),) * at) + (ARRAY,)), x, constant(np.array(places, np.intp)))


def moveaxis(x: ArrayLike, source: int | Sequence[int], destination: int | Sequence[int], /) -> Array:
    """Axes ``source`` moved to ``destination``, the others in their order. Backward: g in the old order.

    Raises:
        AxisError: there is no such axis.
        ValueError: as many sources as destinations are needed.

    >>> import diagrad as dg, numpy as np
    >>> dg.moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = to_array(x)
    start, end = normalize_axis_tuple(source, x.ndim), normalize_axis_tuple(destination, x.ndim)
    if len(start) != len(end):
        raise ValueError(f"moveaxis: {len(start)} axes to {len(end)} places")
    order = [axis for axis in range(x.ndim) if axis not in start]
    for to, axis in sorted(zip(end, start, strict=True)):
        order.insert(to, axis)
    return permute_dims(x, order)


def swapaxes(x: ArrayLike, axis1: int, axis2: int, /) -> Array:
    """Two axes exchanged. Backward: exchanged again.

    >>> import diagrad as dg, numpy as np
    >>> dg.swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    x = to_array(x)
    order = list(range(x.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return permute_dims(x, order)
