"""Keeping elements between bounds, and away from NaN and infinity."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ... import ops
from ...ir import DType
from ..align import cast, elementwise, promote, to_array, weight
from ..array import Array, ArrayLike, apply

__all__ = [
    "clip",
    "hardtanh",
    "nan_to_num",
    "relu6",
]


def clip(x: ArrayLike, /, min: ArrayLike = None, max: ArrayLike = None) -> Array:
    """y = x kept between ``min`` and ``max``. Backward: g where min ≤ x ≤ max, 0 elsewhere.

    Args:
        x: any real array.
        min: the lower bound, None for none: a number, which is part of the node, or an array that broadcasts.
            An array takes the gradient where x lies below it.
        max: the upper bound, in the same way. Where min > max, y is max.

    >>> import diagrad as dg
    >>> dg.clip([-1.0, 0.5, 2.0], 0, 1)
    array([0. , 0.5, 1. ])
    """
    x = to_array(x)
    if _is_bound(min) and _is_bound(max):
        low, high = _inside(min, x.dtype, -np.inf), _inside(max, x.dtype, np.inf)
        x = cast(x, promote([x.dtype, *(b for b in (low, high) if b is not None)]))
        return x if low is None and high is None else apply(ops.ClipScalar(low, high), x)
    dtype = promote([b if _is_bound(b) else weight(to_array(b)) for b in (x, min, max) if b is not None])
    lowest, highest = _range(dtype)
    return elementwise(ops.Clip(), x, lowest if min is None else min, highest if max is None else max)


def _is_bound(x: Any) -> bool:
    """Whether it can be part of the op: a Python number, or none."""
    return x is None or type(x) is int or type(x) is float or isinstance(x, np.dtype)


def _inside(bound: Any, dtype: DType, limit: float) -> Any:
    """A bound that the dtype can hold; None where it bounds nothing."""
    if bound is None or bound == limit:
        return None
    if dtype.kind in "iu" and type(bound) is int:
        lowest, highest = _range(dtype)
        return builtins.min(builtins.max(bound, int(lowest)), int(highest))
    return bound


def _range(dtype: DType) -> tuple[Any, Any]:
    """The smallest and the largest number of a dtype."""
    if dtype.kind in "iu":
        return dtype.type(np.iinfo(dtype).min), dtype.type(np.iinfo(dtype).max)
    return dtype.type(-np.inf), dtype.type(np.inf)


def relu6(x: ArrayLike, /) -> Array:
    """y = min(max(x, 0), 6). Backward: g where 0 < x < 6, 0 elsewhere, also at both kinks, as in PyTorch.

    >>> import diagrad as dg
    >>> dg.relu6([-1.0, 3.0, 9.0])
    array([0., 3., 6.])
    """
    return elementwise(ops.ClipScalar(0, 6, inner=True), x)


def hardtanh(x: ArrayLike, /, min: float = -1.0, max: float = 1.0) -> Array:
    """y = x kept between two numbers. Backward: g where min < x < max, 0 elsewhere, also at both kinks.

    >>> import diagrad as dg
    >>> dg.hardtanh([-3.0, 0.5, 3.0])
    array([-1. ,  0.5,  1. ])
    """
    x = to_array(x)
    return apply(ops.ClipScalar(min, max, inner=True), cast(x, promote([x.dtype, min, max])))


def nan_to_num(
    x: ArrayLike, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Array:
    """y = x with numbers in place of NaN, ∞ and −∞. Backward: g, and 0 where it was replaced.

    Args:
        x: any array; integers have nothing to replace.
        nan: what NaN becomes.
        posinf: what ∞ becomes; by default the largest number of the dtype.
        neginf: what −∞ becomes; by default the smallest.

    >>> import diagrad as dg
    >>> dg.nan_to_num([1.0, float("nan"), float("inf")], posinf=9.0)
    array([1., 0., 9.])
    """
    x = to_array(x)
    return x if x.dtype.kind in "biu" else apply(ops.NanToNum(nan, posinf, neginf), x)
