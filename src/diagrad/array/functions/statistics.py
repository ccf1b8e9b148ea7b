"""Functions that remove axes: averages, spread and order statistics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ...errors import DTypeError, InputError, ShapeError
from ...ir import Shape, user_site
from ..align import cast, promote, to_array
from ..array import Array, ArrayLike
from ..context import composite
from ..methods import Axis
from .elementwise import not_equal, sqrt, square, where
from .reductions import mean, sum
from .shape import expand_dims, permute_dims, reshape
from .sorting import sort
from .structure import broadcast_to

__all__ = ["average", "median", "percentile", "quantile", "std", "var"]


@composite
def var(
    x: ArrayLike,
    /,
    *,
    axis: Axis = None,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    correction: float | None = None,
) -> Array:
    """y = Σ (x − mean)² / (n − ddof) over ``axis``: first the mean, then the deviations from it.

    Args:
        x: real numbers.
        axis: an axis or several; by default all.
        dtype: the dtype to compute in.
        ddof: what is taken from n; 1 for the unbiased estimate.
        keepdims: keep the axes with size 1.
        correction: the array API's name for ``ddof``.

    Raises:
        DTypeError: x is complex.
        InputError: both ``ddof`` and ``correction`` are given.

    Method: the two-pass algorithm (Chan, Golub & LeVeque 1983).

    >>> import diagrad as dg
    >>> dg.var([1.0, 2.0, 3.0, 6.0]), dg.var([1.0, 2.0, 3.0, 6.0], ddof=1)
    (array(3.5), array(4.66666667))
    """
    if correction is not None and ddof:
        raise InputError(
            "var: both ddof and correction are given",
            where=str(user_site(1)),
            expected="one of them",
            got=f"ddof={ddof}, correction={correction}",
            fix="leave one out: they mean the same",
        )
    x = _real("var", _float(x, dtype))
    less = ddof if correction is None else correction
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    n = math.prod(x.shape[at] for at in axes)
    deviation = x - mean(x, axis=axis, keepdims=True)
    return sum(square(deviation), axis=axis, keepdims=keepdims) / float(n - less if n > less else 0)


@composite
def std(
    x: ArrayLike,
    /,
    *,
    axis: Axis = None,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    correction: float | None = None,
) -> Array:
    """y = √var: see :func:`diagrad.var`. Where all elements are equal its gradient is NaN, as in PyTorch.

    >>> import diagrad as dg
    >>> dg.std([1.0, 3.0])
    array(1.)
    """
    return sqrt(var(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, correction=correction))


@composite
def average(
    x: ArrayLike, /, *, axis: Axis = None, weights: ArrayLike | None = None, keepdims: bool = False
) -> Array:
    """y = Σ w · x / Σ w over ``axis``. Gradients flow to both.

    Args:
        x: any array.
        axis: an axis or several; by default all.
        weights: of x's shape, or of the sizes of ``axis``; without them the mean.
        keepdims: keep the axes with size 1.

    Raises:
        ShapeError: the weights do not fit.

    >>> import diagrad as dg
    >>> dg.average([1.0, 4.0], weights=[2.0, 1.0])
    array(2.)
    """
    x = to_array(x)
    if weights is None:
        return mean(x, axis=axis, keepdims=keepdims)
    w = to_array(weights)
    whole = x.dtype.kind in "biu"
    dtype = promote([x.dtype, w.dtype, np.dtype("f8")] if whole else [x.dtype, w.dtype])
    x, w = cast(x, dtype), cast(w, dtype)
    if w.shape != x.shape:
        axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
        if axis is None or w.shape != tuple(x.shape[at] for at in axes):
            raise ShapeError(
                "average: the weights do not fit",
                where=str(user_site(1)),
                expected=f"weights of shape {x.shape}, or of the sizes of axis={axis}",
                got=f"{w.name or 'weights'}{w.shape}",
                fix="name the axes that the weights are for",
            )
        w = permute_dims(w, np.argsort(axes).tolist()) if w.ndim > 1 else w
        gone = [at for at in range(x.ndim) if at not in axes]
        w = broadcast_to(expand_dims(w, gone) if gone else w, x.shape)
    return sum(x * w, axis=axis, keepdims=keepdims) / sum(w, axis=axis, keepdims=keepdims)


_METHODS = {"linear": None, "lower": np.floor, "higher": np.ceil, "nearest": np.round, "midpoint": None}


@composite
def quantile(
    x: ArrayLike, q: ArrayLike, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """The value below which a share q of the elements over ``axis`` lies, between neighbours linearly.

    Backward: g to the one or two elements that it is made of. NaN if any element is.

    Args:
        x: real numbers.
        q: shares from 0 to 1, known numbers; their axes come first in the result.
        axis: an axis or several; by default all.
        method: between two neighbours: linear, lower, higher, nearest or midpoint.
        keepdims: keep the axes with size 1.

    Raises:
        InputError: a share outside 0 to 1, or another method.

    >>> import diagrad as dg
    >>> dg.quantile([4.0, 1.0, 3.0, 2.0], [0.0, 0.5])
    array([1. , 2.5])
    """
    x = _real("quantile", _float(x, None))
    shares = np.asarray(to_array(q).data, dtype=np.float64)
    if method not in _METHODS or not np.logical_and(shares >= 0, shares <= 1).all():
        raise InputError(
            "quantile: a share outside 0 to 1" if method in _METHODS else f"quantile: no method {method!r}",
            where=str(user_site(1)),
            expected=f"shares from 0 to 1, and a method of: {', '.join(_METHODS)}",
            got=f"q={q!r}, method={method!r}",
            fix="for percentages use dg.percentile",
        )
    line, kept = _as_line(x, axis)
    ordered = sort(line)
    places = shares * (line.shape[-1] - 1)
    pick = _METHODS[method]
    places = places if pick is None else pick(places)
    low, high = np.floor(places).astype(np.intp), np.ceil(places).astype(np.intp)
    step = np.asarray(places - low if method == "linear" else (low != high) * 0.5, x.dtype)
    y = ordered[..., _index(low)]
    if step.any():
        y = y + (ordered[..., _index(high)] - y) * (step.ravel() if step.ndim else step[()])
    last = expand_dims(ordered[..., -1], -1) if shares.ndim else ordered[..., -1]
    y = where(not_equal(last, last), last, y)
    if shares.ndim:
        y = permute_dims(reshape(y, (*y.shape[:-1], shares.size)), [y.ndim - 1, *range(y.ndim - 1)])
        y = reshape(y, (*shares.shape, *y.shape[1:]))
    return reshape(y, (*shares.shape, *kept)) if keepdims else y


def percentile(
    x: ArrayLike, q: ArrayLike, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """:func:`quantile` with q from 0 to 100.

    >>> import diagrad as dg
    >>> dg.percentile([4.0, 1.0, 3.0], 50)
    array(3.)
    """
    return quantile(x, to_array(q).data / 100, axis=axis, method=method, keepdims=keepdims)


def median(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The element in the middle of the sorted ones, or the mean of the two there, which share the gradient.

    >>> import diagrad as dg
    >>> dg.median([[5.0, 1.0, 2.0], [4.0, 0.0, 9.0]], axis=1)
    array([2., 4.])
    """
    return quantile(x, 0.5, axis=axis, keepdims=keepdims)


def _index(places: np.ndarray[Any, Any]) -> Any:
    return places.ravel() if places.ndim else int(places)


def _float(x: ArrayLike, dtype: Any) -> Array:
    x = to_array(x)
    if dtype is not None:
        return cast(x, np.dtype(dtype))
    return x if x.dtype.kind in "fc" else cast(x, np.dtype("f8"))


def _real(name: str, x: Array) -> Array:
    if x.dtype.kind == "c":
        raise DTypeError(
            f"{name}: of complex numbers it is not defined here",
            where=str(user_site(2)),
            expected="real numbers",
            got=f"{x.name or 'x'}: {x.spec}",
            fix="take real and imaginary parts on their own",
        )
    return x


def _as_line(x: Array, axis: Axis) -> tuple[Array, Shape]:
    """x with ``axis`` as one last axis, and the shape with size 1 in its place."""
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    kept = [at for at in range(x.ndim) if at not in axes]
    count = math.prod(x.shape[at] for at in axes)
    if count == 0:
        raise ShapeError(
            "quantile: there is no element to choose from",
            where=str(user_site(2)),
            expected="at least one element along the axis",
            got=f"{x.name or 'x'}{x.shape}",
            fix="check the array's size first",
        )
    order = [*kept, *axes]
    moved = x if order == list(range(x.ndim)) else permute_dims(x, order)
    line = reshape(moved, (*(x.shape[at] for at in kept), count))
    return line, tuple(1 if at in axes else size for at, size in enumerate(x.shape))
