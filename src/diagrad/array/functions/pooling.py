"""Pooling, windows and their sums, and resizing of images of any number of spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ... import ops
from ...errors import ShapeError
from ...ir import DType, user_site
from ...ops.index import ARRAY
from ...ops.windows import Padding, Sizes, room
from ..align import cast, to_array
from ..array import Array, ArrayLike, apply, constant
from ..context import composite
from ..methods import Axis
from ..spatial import Each, Pads, each, last_window, pads
from .shape import permute_dims, reshape
from .structure import matmul

__all__ = [
    "adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "fold", "global_avg_pool", "global_max_pool",
    "lp_pool", "max_pool", "resize", "sliding_window_view", "unfold",
]  # fmt: skip


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
        padding: a number, one for each axis, a pair for each, ``"same"`` or ``"valid"``; at most half a window.
        dilation: how far apart a window's cells are.
        ceil_mode: whether a last window may run over the end.

    Raises:
        ShapeError: the window does not fit.

    >>> import diagrad as dg
    >>> dg.max_pool([[[1.0, 5.0, 2.0, 3.0]]], 2)
    array([[[5., 3.]]])
    """
    x = to_array(x)
    return apply(ops.MaxPool(*_windows("max_pool", x, size, stride, padding, dilation, ceil_mode)[:4]), x)


@composite
def avg_pool(
    x: ArrayLike, size: Each, stride: Each | None = None, padding: Pads = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:  # fmt: skip
    """y = the mean of every window of the spatial axes. Backward: g / n to each of its n cells.

    Args:
        x, size, stride, padding, ceil_mode: as :func:`max_pool` has them.
        count_include_pad: whether zeros from padding count as cells. Cells beyond it never do.

    Raises:
        ShapeError: the window does not fit.

    >>> import diagrad as dg
    >>> dg.avg_pool([[[1.0, 5.0, 2.0, 4.0]]], 2)
    array([[[3., 3.]]])
    """
    x = _floating(x)
    *windows, given = _windows("avg_pool", x, size, stride, padding, 1, ceil_mode)
    op = ops.SumPool(*windows)
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
    x = _floating(x)
    op = ops.SumPool(*_windows("lp_pool", x, size, stride, 0, 1, ceil_mode)[:4])
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
    x = _floating(x)
    return x.mean(axis=tuple(range(2, x.ndim)), keepdims=keepdims)


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
    x = _floating(x)
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


def unfold(x: ArrayLike, size: Each, dilation: Each = 1, padding: Pads = 0, stride: Each = 1) -> Array:
    """Windows as columns, im2col: x(N, C, *S) becomes (N, C · cells, windows), as in PyTorch.

    Backward: :func:`fold`.

    >>> import diagrad as dg
    >>> dg.unfold([[[1.0, 2.0, 3.0]]], 2)
    array([[[1., 2.],
            [2., 3.]]])
    """
    x = to_array(x)
    op = ops.Windows(*_windows("unfold", x, size, stride, padding, dilation, False)[:4])
    rank = len(op.size)
    y = apply(op, x, inner=True)
    y = permute_dims(y, (0, 1, *range(2 + rank, 2 + 2 * rank), *range(2, 2 + rank)))
    return reshape(y, (x.shape[0], x.shape[1] * int(np.prod(op.size)), -1))


def fold(
    x: ArrayLike,
    output_size: Sequence[int],
    size: Each,
    dilation: Each = 1,
    padding: Pads = 0,
    stride: Each = 1,
) -> Array:
    """Columns put back as windows, overlaps added: x(N, C · cells, windows) becomes (N, C, *output_size).

    Backward: :func:`unfold`.

    Raises:
        ShapeError: the columns are not the windows of such an output.

    >>> import diagrad as dg
    >>> dg.fold([[[1.0, 2.0], [2.0, 3.0]]], (3,), 2)
    array([[[1., 4., 3.]]])
    """
    x = to_array(x)
    cells = tuple(output_size)
    rank = len(cells)
    shape = (1, 1, *cells)
    windows = _windows("fold", constant(np.broadcast_to(0.0, shape)), size, stride, padding, dilation, False)
    op = ops.Windows(*windows[:4])
    count = op.pooled(shape)[2:]
    inside, number = int(np.prod(op.size)), int(np.prod(count))
    if x.ndim != 3 or x.shape[1] % inside or x.shape[2] != number:
        raise ShapeError(
            f"fold: {x.name or 'x'}{x.shape} are not the windows of {cells}",
            where=str(user_site(0)),
            expected=f"(N, C · {inside}, {number})",
            got=str(x.shape),
            fix="give the size, stride, padding and dilation that unfold was given",
        )
    y = reshape(x, (x.shape[0], x.shape[1] // inside, *op.size, *count))
    y = permute_dims(y, (0, 1, *range(2 + rank, 2 + 2 * rank), *range(2, 2 + rank)))
    return apply(op.exact(np.broadcast_to(0.0, shape)).to(ops.Overlap), y)


def sliding_window_view(x: ArrayLike, window_shape: Each, axis: Axis = None) -> Array:
    """Every window of x, its cells on new last axes: NumPy's function of that name. Backward: overlaps add.

    Args:
        x: any array.
        window_shape: the sizes of the window, one for each of ``axis``.
        axis: the axes that it slides over, all by default; none twice.

    Raises:
        ShapeError: a window does not fit.

    >>> import diagrad as dg
    >>> dg.sliding_window_view([1.0, 2.0, 3.0], 2)
    array([[1., 2.],
               [2., 3.]])
    """
    x = to_array(x)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    size = each(window_shape, len(axes), "window_shape")
    rest = [at for at in range(x.ndim) if at not in axes]
    order = (*rest, *axes)
    moved = x if order == tuple(range(x.ndim)) else permute_dims(x, order)
    ones = (1,) * len(axes)
    y = apply(ops.Windows(size, ones, ((0, 0),) * len(axes), ones), moved)
    back = (*np.argsort(order).tolist(), *range(x.ndim, x.ndim + len(axes)))
    return y if back == tuple(range(y.ndim)) else permute_dims(y, back)


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
    x = to_array(x) if method == "nearest" else _floating(x)
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


def _windows(
    who: str, x: Array, size: Each, stride: Each | None, padding: Pads, dilation: Each, ceil: bool
) -> tuple[Sizes, Sizes, Padding, Sizes, Padding]:
    """The attributes of a pooling op, then the padding that the user gave."""
    rank = x.ndim - 2 if isinstance(size, SupportsIndex) else len(size)
    if not 1 <= rank <= x.ndim:
        raise ShapeError(
            f"{who}: {x.name or 'x'} has {x.ndim} axes",
            where=str(user_site(1)),
            expected="x(N, C, *S) with at least one spatial axis",
            got=f"{x.name or 'x'}{x.shape}, size {size}",
            fix="give the window's size as a tuple to name the last axes",
        )
    sizes, spread = each(size, rank, "size"), each(dilation, rank, "dilation")
    strides = sizes if stride is None else each(stride, rank, "stride")
    cells = x.shape[x.ndim - rank :]
    given = pads(padding, cells, sizes, strides, spread)
    if any(max(ends) > (d * (k - 1) + 1) // 2 for ends, k, d in zip(given, sizes, spread, strict=True)):
        raise ShapeError(
            f"{who}: more padding than half a window",
            where=str(user_site(1)),
            expected="at most half of the window on each side, so that no window is empty",
            got=f"padding {given}, size {sizes}, dilation {spread}",
            fix="use less padding",
        )
    return sizes, strides, last_window(cells, sizes, strides, given, spread) if ceil else given, spread, given


def _counts(op: Any, cells: Sizes, given: Padding, dtype: DType) -> Any:
    """How many cells of each window count: those of x and of the padding that was given."""
    n = int(np.prod(op.size))
    if op.padding == given:
        return n
    inside = np.ones(room(cells, given))
    rest = tuple((a - c, b - d) for (a, b), (c, d) in zip(op.padding, given, strict=True))
    counts = type(op)(op.size, op.strides, rest, op.dilation).forward(inside)
    return n if (counts == n).all() else counts.astype(dtype)


def _floating(x: Any) -> Array:
    """x, integers as floating-point numbers."""
    x = to_array(x)
    return x if x.dtype.kind in "fc" else cast(x, np.dtype("f8"))


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
