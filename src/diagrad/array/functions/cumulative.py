"""Functions that run along an axis: sums, products and extremes so far, differences, recurrences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ... import ops
from ...errors import InputError, ShapeError
from ...ir import DType, user_site
from ..align import cast, promote, repeat_to, to_array
from ..array import Array, ArrayLike, apply
from ..context import composite
from .elementwise import not_equal, subtract
from .shape import concatenate, reshape

__all__ = [
    "cumlogsumexp", "cummax", "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff",
    "linear_recurrence",
]  # fmt: skip


def cumsum(x: ArrayLike, /, *, axis: int | None = None, dtype: Any = None, reverse: bool = False) -> Array:
    """y[t] = Σ x[s] over s ≤ t along ``axis``. Backward: the running sum of g from the other end.

    Args:
        x: any array; booleans and small integers are summed as 64-bit integers, as NumPy does.
        axis: along which axis; by default over all elements in C order.
        dtype: the dtype to sum in.
        reverse: run from the last element to the first.

    Raises:
        AxisError: there is no such axis.

    >>> import diagrad as dg
    >>> dg.cumsum([1.0, 2.0, 3.0]), dg.cumsum([1.0, 2.0, 3.0], reverse=True)
    (array([1., 3., 6.]), array([6., 5., 3.]))
    """
    return _run(ops.CumSum, _summable(x, dtype), axis, reverse)


def cumprod(x: ArrayLike, /, *, axis: int | None = None, dtype: Any = None, reverse: bool = False) -> Array:
    """y[t] = Π x[s] over s ≤ t along ``axis``. Its gradients divide by nothing: zeros are exact.

    Args as of :func:`cumsum`.

    >>> import diagrad as dg
    >>> dg.cumprod([1.0, 2.0, 3.0])
    array([1., 2., 6.])
    """
    return _run(ops.CumProd, _summable(x, dtype), axis, reverse)


def cumulative_sum(
    x: ArrayLike, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    """:func:`cumsum` as the array API has it; ``include_initial`` puts a 0 before the first element.

    Raises:
        InputError: no axis is given and there are several.

    >>> import diagrad as dg
    >>> dg.cumulative_sum([1.0, 2.0], include_initial=True)
    array([0., 1., 3.])
    """
    return _accumulate(ops.CumSum, _summable(x, dtype), axis, include_initial)


def cumulative_prod(
    x: ArrayLike, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    """:func:`cumprod` as the array API has it; ``include_initial`` puts a 1 before the first element.

    Raises:
        InputError: no axis is given and there are several.

    >>> import diagrad as dg
    >>> dg.cumulative_prod([2.0, 3.0], include_initial=True)
    array([1., 2., 6.])
    """
    return _accumulate(ops.CumProd, _summable(x, dtype), axis, include_initial)


def cummax(x: ArrayLike, /, *, axis: int = -1, reverse: bool = False) -> Array:
    """y[t] = the largest of x[s] over s ≤ t along ``axis``. Backward: g to it; of equal ones to the last.

    >>> import diagrad as dg
    >>> dg.cummax([1.0, 3.0, 2.0, 5.0])
    array([1., 3., 3., 5.])
    """
    return _run(ops.CumMax, to_array(x), axis, reverse)


def cummin(x: ArrayLike, /, *, axis: int = -1, reverse: bool = False) -> Array:
    """y[t] = the smallest of x[s] over s ≤ t along ``axis``. Backward: g to it; of equal ones to the last.

    >>> import diagrad as dg
    >>> dg.cummin([4.0, 3.0, 5.0, 1.0])
    array([4., 3., 3., 1.])
    """
    return _run(ops.CumMin, to_array(x), axis, reverse)


def cumlogsumexp(x: ArrayLike, /, *, axis: int = -1, reverse: bool = False) -> Array:
    """y[t] = ln Σ exp x[s] over s ≤ t along ``axis``, never overflowing; −∞ while every x is.

    >>> import diagrad as dg
    >>> dg.cumlogsumexp([1000.0, 1000.0])
    array([1000.        , 1000.69314718])
    """
    x = to_array(x)
    return _run(ops.CumLogSumExp, x if x.dtype.kind in "fc" else cast(x, np.dtype("f8")), axis, reverse)


def linear_recurrence(a: ArrayLike, b: ArrayLike, /, *, axis: int = -1, reverse: bool = False) -> Array:
    """y[t] = a[t] · y[t−1] + b[t] along ``axis``, from y[0] = b[0]: state-space models, moving averages.

    Backward: the same recurrence from the other end.

    Args:
        a: factors; the first one is not used.
        b: terms, of a shape that broadcasts with that of a.
        axis: along which axis of the broadcast shape.
        reverse: run from the last element to the first.

    >>> import diagrad as dg
    >>> dg.linear_recurrence(0.5, [1.0, 0.0, 0.0, 1.0])
    array([1.   , 0.5  , 0.25 , 1.125])
    """
    a, b = to_array(a), to_array(b)
    dtype = promote([a.dtype, b.dtype])
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise ShapeError(
            "linear_recurrence: factors and terms do not broadcast",
            where=str(user_site(1)),
            expected="shapes that are equal, counted from the last axis, or 1 where they differ",
            got=f"{a.name or 'a'}{a.shape}, {b.name or 'b'}{b.shape}",
            fix="reshape one of them",
        ) from None
    op = ops.Recurrence(normalize_axis_index(axis, len(shape)), reverse)
    return apply(op, repeat_to(cast(a, dtype), shape), repeat_to(cast(b, dtype), shape))


@composite
def diff(
    x: ArrayLike,
    /,
    *,
    n: int = 1,
    axis: int = -1,
    prepend: ArrayLike | None = None,
    append: ArrayLike | None = None,
) -> Array:
    """y[t] = x[t+1] − x[t] along ``axis``, n times over.

    Args:
        x: any array; of booleans whether neighbours differ.
        n: how many times.
        axis: along which axis.
        prepend: what comes before x first: a number, or an array of x's shape but for ``axis``.
        append: what comes after it.

    Raises:
        InputError: n is negative.

    >>> import diagrad as dg
    >>> dg.diff([1.0, 4.0, 9.0, 16.0]), dg.diff([1.0, 4.0, 9.0], n=2, prepend=0.0)
    (array([3., 5., 7.]), array([2., 2.]))
    """
    x = to_array(x)
    if n < 0:
        raise InputError("diff: n is negative", where=str(user_site(1)), expected="n ≥ 0", got=f"n={n}")
    at = normalize_axis_index(axis, x.ndim)
    if n == 0:
        return x
    ends = [_beside(end, x, at) for end in (prepend, append)]
    parts = [*ends[0], x, *ends[1]]
    y = concatenate(parts, axis=at) if len(parts) > 1 else x
    for _ in range(min(n, y.shape[at])):
        lead = (slice(None),) * at
        later, earlier = y[(*lead, slice(1, None))], y[(*lead, slice(None, -1))]
        y = (not_equal if y.dtype.kind == "b" else subtract)(later, earlier)
    return y


def _beside(end: ArrayLike | None, x: Array, axis: int) -> list[Array]:
    """What comes before or after x; a number becomes one element."""
    if end is None:
        return []
    y = to_array(end)
    return [y if y.ndim else repeat_to(y, x.shape[:axis] + (1,) + x.shape[axis + 1 :])]


def _summable(x: ArrayLike, dtype: Any) -> Array:
    x = to_array(x)
    to: DType = np.dtype(dtype) if dtype is not None else np.add.reduce(np.zeros(0, x.dtype)).dtype
    return cast(x, to)


def _run(op: type[Any], x: Array, axis: int | None, reverse: bool) -> Array:
    if axis is None:
        return apply(op(0, reverse), x if x.ndim == 1 else reshape(x, (-1,)))
    return apply(op(normalize_axis_index(axis, x.ndim), reverse), x)


def _accumulate(op: type[Any], x: Array, axis: int | None, include_initial: bool) -> Array:
    if axis is None and x.ndim != 1:
        raise InputError(
            f"{op.__name__}: along which axis?",
            where=str(user_site(2)),
            expected="axis=, where there is not exactly one",
            got=f"{x.name or 'x'}{x.shape}",
            fix="dg.cumsum and dg.cumprod run over all elements without one",
        )
    at = normalize_axis_index(axis or 0, x.ndim)
    y = apply(op(at), x, inner=include_initial)
    if not include_initial:
        return y
    widths = tuple((int(axis == at), 0) for axis in range(x.ndim))
    return apply(ops.Pad(widths, int(op is ops.CumProd)), y)
