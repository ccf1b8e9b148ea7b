"""Images of another size: adaptive pools, which make windows fit, and interpolation."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ... import ops
from ...ops.index import ARRAY
from ..align import floating, to_array
from ..array import Array, ArrayLike, apply, constant
from ..context import composite
from ..spatial import Each, each
from .pooling import max_pool
from .shape import permute_dims
from .structure import matmul

__all__ = ["adaptive_avg_pool", "adaptive_max_pool", "resize"]


@composite
def adaptive_avg_pool(x: ArrayLike, size: Each) -> Array:
    """y of ``size`` spatial cells, cell i the mean of x from ⌊i · S / T⌋ to ⌈(i + 1) · S / T⌉.

    Args:
        x: shape (N, C, *S).
        size: T, a number or one for each spatial axis.

    >>> import diagrad as dg
    >>> dg.adaptive_avg_pool([[[1.0, 2.0, 6.0]]], 2)
    array([[[1.5, 4. ]]])
    """
    x = floating(x)
    for axis, (n, t) in _resized(x, size):
        weights = np.zeros((n, t), x.dtype)
        for at, (start, stop) in enumerate(_parts(n, t)):
            weights[start:stop, at] = 1 / (stop - start)
        x = _along(x, axis, weights)
    return x


@composite
def adaptive_max_pool(x: ArrayLike, size: Each) -> Array:
    """y of ``size`` spatial cells, cell i the largest of x from ⌊i · S / T⌋ to ⌈(i + 1) · S / T⌉.

    Backward: g to the largest cell, to the first of equals.

    >>> import diagrad as dg
    >>> dg.adaptive_max_pool([[[1.0, 2.0, 6.0]]], 2)
    array([[[2., 6.]]])
    """
    x = to_array(x)
    axes = list(_resized(x, size))
    if all(n % t == 0 for _, (n, t) in axes):
        return max_pool(x, tuple(n // t for _, (n, t) in axes))
    for axis, (n, t) in reversed(axes):  # the last first: of equals the first in C order wins
        parts = _parts(n, t)
        width = max(stop - start for start, stop in parts)
        cells = [[min(at, stop - 1) for at in range(start, start + width)] for start, stop in parts]
        index = (slice(None),) * axis + (ARRAY,)
        wide = apply(ops.Index(index), x, constant(np.array(cells).reshape(-1)), inner=True)
        rank = x.ndim - axis
        size_here = (width, *(1,) * (rank - 1))
        x = apply(ops.MaxPool(size_here, size_here, ((0, 0),) * rank, (1,) * rank), wide, inner=True)
    return x


@composite
def resize(
    x: ArrayLike, size: Each, method: Literal["nearest", "linear"] = "nearest", align_corners: bool = False
) -> Array:
    """x(N, C, *S) with ``size`` spatial cells: the nearest cell, or linear between two along each axis.

    Places are those of PyTorch's ``interpolate``: cell centres fall on cell centres, as if cells were areas;
    with ``align_corners`` the outermost centres fall on each other. Backward: each cell gets its share of g.

    Args:
        x: shape (N, C, *S).
        size: a number, or one for each spatial axis.
        method: ``"nearest"`` or ``"linear"`` (bilinear for two axes).
        align_corners: for ``"linear"``.

    >>> import diagrad as dg
    >>> dg.resize([[[1.0, 2.0]]], 4)
    array([[[1., 1., 2., 2.]]])
    >>> dg.resize([[[1.0, 2.0]]], 4, "linear")
    array([[[1.  , 1.25, 1.75, 2.  ]]])
    """
    if method not in ("nearest", "linear"):
        raise ValueError(f"resize: method must be 'nearest' or 'linear', got {method!r}")
    x = to_array(x) if method == "nearest" else floating(x)
    for axis, (n, t) in _resized(x, size):
        if n == t:
            continue
        if method == "nearest":
            places = constant(np.arange(t) * n // t)
            x = apply(ops.Index((slice(None),) * axis + (ARRAY,)), x, places, inner=True)
            continue
        if align_corners:
            at = np.arange(t) * ((n - 1) / max(t - 1, 1))
        else:
            at = np.clip((np.arange(t) + 0.5) * (n / t) - 0.5, 0, n - 1)
        low = np.minimum(at.astype(int), n - 1)
        weights = np.zeros((n, t), x.dtype)
        weights[low, range(t)] += 1 - (at - low)
        weights[np.minimum(low + 1, n - 1), range(t)] += at - low
        x = _along(x, axis, weights)
    return x


def _resized(x: Array, size: Each) -> list[tuple[int, tuple[int, int]]]:
    """Each spatial axis of x with its old and new size."""
    sizes = each(size, max(x.ndim - 2, 1), "size")
    return list(enumerate(zip(x.shape[2:], sizes, strict=True), 2))


def _parts(n: int, t: int) -> list[tuple[int, int]]:
    """n cells in t parts, as even as can be; they may share a cell."""
    return [(at * n // t, -(-(at + 1) * n // t)) for at in range(t)]


def _along(x: Array, axis: int, weights: Any) -> Array:
    """Each line of x along ``axis`` times a matrix."""
    order = [at for at in range(x.ndim) if at != axis]
    order.append(axis)
    y = matmul(permute_dims(x, order), weights)
    return permute_dims(y, np.argsort(order).tolist())
