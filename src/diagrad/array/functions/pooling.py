"""Pooling: what is taken from every window of the spatial axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...ir import DType
from ...ops.windows import Padding, Sizes, room
from ..align import floating, to_array
from ..array import Array, ArrayLike, apply
from ..context import composite
from ..spatial import Each, Pads, windows
from .shape import reshape

__all__ = ["avg_pool", "global_avg_pool", "global_max_pool", "lp_pool", "max_pool"]


def max_pool(
    x: ArrayLike, size: Each, stride: Each | None = None, padding: Pads = 0, dilation: Each = 1,
    ceil_mode: bool = False,
) -> Array:  # fmt: skip
    """y = the largest cell of every window of the spatial axes; padding never wins.

    Backward: g to the largest cell, to the first of equals, as in PyTorch and JAX.

    Args:
        x: shape (N, C, *S). With a tuple as ``size``, the axes before the last ``len(size)`` may be any.
        size: of the window: a number, or one for each spatial axis.
        stride: how far it moves; by default its size, so that windows do not overlap.
        padding: a number, one for each axis, a pair for each, ``"same"`` or ``"valid"``; at most half a
            window.
        dilation: how far apart a window's cells are.
        ceil_mode: whether a last window may run over the end.

    Raises:
        ShapeError: the window does not fit.

    >>> import diagrad as dg
    >>> dg.max_pool([[[1.0, 5.0, 2.0, 3.0]]], 2)
    array([[[5., 3.]]])
    """
    x = to_array(x)
    return apply(ops.MaxPool(*windows("max_pool", x, size, stride, padding, dilation, ceil_mode)[:4]), x)


@composite
def avg_pool(
    x: ArrayLike, size: Each, stride: Each | None = None, padding: Pads = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:  # fmt: skip
    """y = the mean of every window of the spatial axes. Backward: g / n to each of its n cells.

    Args:
        x: shape (N, C, *S).
        size: of the window.
        stride: how far it moves; by default its size.
        padding: zeros around x, as for :func:`max_pool`.
        ceil_mode: whether a last window may run over the end.
        count_include_pad: whether zeros from padding count as cells. Cells beyond it never do.

    Raises:
        ShapeError: the window does not fit.

    >>> import diagrad as dg
    >>> dg.avg_pool([[[1.0, 5.0, 2.0, 4.0]]], 2)
    array([[[3., 3.]]])
    """
    x = floating(x)
    sizes, strides, ends, spread, given = windows("avg_pool", x, size, stride, padding, 1, ceil_mode)
    op = ops.SumPool(sizes, strides, ends, spread)
    cells = x.shape[x.ndim - len(op.size) :]
    return apply(op, x) / _counts(op, cells, given if count_include_pad else ((0, 0),) * len(cells), x.dtype)


@composite
def lp_pool(x: ArrayLike, p: float, size: Each, stride: Each | None = None, ceil_mode: bool = False) -> Array:
    """y = (Σ xᵖ)^(1/p) over every window of the spatial axes; p = 1 sums.

    As in PyTorch, xᵖ is not |x|ᵖ. The gradient is infinite where the sum is 0.

    >>> import diagrad as dg
    >>> dg.lp_pool([[[3.0, 4.0]]], 2, 2)
    array([[[5.]]])
    """
    x = floating(x)
    op = ops.SumPool(*windows("lp_pool", x, size, stride, 0, 1, ceil_mode)[:4])
    return apply(op, x**p) ** (1 / p)


def global_max_pool(x: ArrayLike, keepdims: bool = False) -> Array:
    """y = the largest cell over all spatial axes of x(N, C, *S): shape (N, C). Backward: as :func:`max_pool`.

    >>> import diagrad as dg
    >>> dg.global_max_pool([[[1.0, 5.0, 2.0]]])
    array([[5.]])
    """
    x = to_array(x)
    y = max_pool(x, x.shape[2:])
    return y if keepdims else reshape(y, x.shape[:2])


def global_avg_pool(x: ArrayLike, keepdims: bool = False) -> Array:
    """y = the mean over all spatial axes of x(N, C, *S): shape (N, C). Backward: g / n to every cell.

    >>> import diagrad as dg
    >>> dg.global_avg_pool([[[1.0, 5.0, 3.0]]])
    array([[3.]])
    """
    x = floating(x)
    return x.mean(axis=tuple(range(2, x.ndim)), keepdims=keepdims)


def _counts(op: ops.SumPool, cells: Sizes, given: Padding, dtype: DType) -> Any:
    """How many cells of each window count: those of x and of the padding that was given."""
    n = int(np.prod(op.size))
    if op.padding == given:
        return n
    inside = np.ones(room(cells, given))
    rest = tuple((a - c, b - d) for (a, b), (c, d) in zip(op.padding, given, strict=True))
    counts: Any = ops.SumPool(op.size, op.strides, rest, op.dilation).forward(inside)
    return n if (counts == n).all() else counts.astype(dtype)
