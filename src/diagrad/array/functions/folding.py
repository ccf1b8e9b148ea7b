"""Windows as axes or as columns, and columns put back as windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import to_array
from ..array import Array, ArrayLike, apply, constant
from ..methods import Axis
from ..spatial import Each, Pads, each, windows
from .shape import permute_dims, reshape

__all__ = ["fold", "sliding_window_view", "unfold"]


def unfold(x: ArrayLike, size: Each, dilation: Each = 1, padding: Pads = 0, stride: Each = 1) -> Array:
    """Windows as columns, im2col: x(N, C, *S) becomes (N, C · cells, windows), as in PyTorch.

    Backward: :func:`fold`.

    >>> import diagrad as dg
    >>> dg.unfold([[[1.0, 2.0, 3.0]]], 2)
    array([[[1., 2.],
            [2., 3.]]])
    """
    x = to_array(x)
    op = ops.Windows(*windows("unfold", x, size, stride, padding, dilation, False)[:4])
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
    blank = constant(np.broadcast_to(0.0, shape))
    op = ops.Windows(*windows("fold", blank, size, stride, padding, dilation, False)[:4])
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
    return apply(op.exact(blank).to(ops.Overlap), y)


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
