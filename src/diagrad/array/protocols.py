"""NumPy's own functions on Arrays: ``np.exp(x)`` and ``np.sum(x, axis=0)`` record the nodes that
``dg.exp(x)`` and ``dg.sum(x, axis=0)`` record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import ops
from ..ir import user_site
from . import functions as f
from .align import cast, promote, to_array
from .array import Array


def _wide(x: Any) -> Array:
    """x in 64-bit floating point, or complex of that width."""
    return cast(to_array(x), promote([to_array(x).dtype, np.float64]))


def _float_power(x: Any, y: Any) -> Array:
    return f.power(_wide(x), _wide(y))


UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: f.add,
    np.subtract: f.subtract,
    np.multiply: f.multiply,
    np.divide: f.divide,
    np.negative: f.negative,
    np.power: f.power,
    np.float_power: _float_power,
    np.exp: f.exp,
    np.expm1: f.expm1,
    np.log: f.log,
    np.log1p: f.log1p,
    np.sqrt: f.sqrt,
    np.square: f.square,
    np.absolute: f.abs,
    np.sign: f.sign,
    np.sin: f.sin,
    np.cos: f.cos,
    np.tanh: f.tanh,
    np.maximum: f.maximum,
    np.minimum: f.minimum,
    np.equal: f.equal,
    np.not_equal: f.not_equal,
    np.less: f.less,
    np.less_equal: f.less_equal,
    np.greater: f.greater,
    np.greater_equal: f.greater_equal,
    np.logical_and: f.logical_and,
    np.bitwise_and: partial(f.elementwise, ops.And()),
    np.logical_or: f.logical_or,
    np.bitwise_or: partial(f.elementwise, ops.Or()),
    np.logical_not: f.logical_not,
    np.invert: partial(f.elementwise, ops.Not()),
    np.matmul: f.matmul,
    np.positive: f.asarray,
}


def _sum(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    return f.sum(a, axis=axis, dtype=dtype, keepdims=keepdims)


def _mean(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    return f.mean(a if dtype is None else f.astype(a, dtype), axis=axis, keepdims=keepdims)


def _max(a: Any, axis: Any = None, keepdims: bool = False) -> Array:
    return f.max(a, axis=axis, keepdims=keepdims)


def _min(a: Any, axis: Any = None, keepdims: bool = False) -> Array:
    return f.min(a, axis=axis, keepdims=keepdims)


def _argmax(a: Any, axis: int | None = None, *, keepdims: bool = False) -> Array:
    return f.argmax(a, axis=axis, keepdims=keepdims)


def _argmin(a: Any, axis: int | None = None, *, keepdims: bool = False) -> Array:
    return f.argmin(a, axis=axis, keepdims=keepdims)


def _dot(a: Any, b: Any) -> Array:
    a, b = f.asarray(a), f.asarray(b)
    if not a.ndim or not b.ndim:
        return f.multiply(a, b)
    if b.ndim > 2:
        raise TypeError("np.dot of an array with more than two axes has no node; use matmul")
    return f.matmul(a, b)


def _shape(a: Array) -> Any:
    return a.shape


def _ndim(a: Array) -> int:
    return a.ndim


def _ravel(a: Any) -> Array:
    return f.reshape(a, (-1,))


def _swapaxes(a: Any, axis1: int, axis2: int) -> Array:
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return f.permute_dims(a, order)


FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.sum: _sum,
    np.mean: _mean,
    np.max: _max,
    np.amax: _max,
    np.min: _min,
    np.amin: _min,
    np.argmax: _argmax,
    np.argmin: _argmin,
    np.where: f.where,
    np.reshape: f.reshape,
    np.ravel: _ravel,
    np.transpose: f.permute_dims,
    np.matrix_transpose: f.matrix_transpose,
    np.swapaxes: _swapaxes,
    np.expand_dims: f.expand_dims,
    np.squeeze: f.squeeze,
    np.concatenate: f.concatenate,
    np.stack: f.stack,
    np.broadcast_to: f.broadcast_to,
    np.dot: _dot,
    np.zeros_like: f.zeros_like,
    np.ones_like: f.ones_like,
    np.shape: _shape,
    np.ndim: _ndim,
}


def call_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What ``__array_ufunc__`` gives.

    Raises:
        TypeError: diagrad has no node for it.
    """
    if method == "reduce" and ufunc in _REDUCTIONS:
        options = {key: kwargs[key] for key in ("axis", "keepdims") if key in kwargs}
        options.setdefault("axis", 0)
        return _REDUCTIONS[ufunc](*inputs, **options)
    if method != "__call__" or kwargs or ufunc not in UFUNCS:
        what = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else "")
        raise _no_node(what, f" with {', '.join(kwargs)}=" if kwargs else "")
    return UFUNCS[ufunc](*inputs)


_REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {np.add: f.sum, np.maximum: f.max, np.minimum: f.min}


def call_function(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What ``__array_function__`` gives.

    Raises:
        TypeError: diagrad has no node for it, or it was asked to write into ``out=``.
    """
    given = {key: value for key, value in kwargs.items() if value is not np._NoValue}  # type: ignore[attr-defined]
    if given.get("out", ()) is None:
        del given["out"]
    if function in FUNCTIONS and "out" not in given:
        return FUNCTIONS[function](*args, **given)
    raise _no_node(f"np.{function.__name__}", " with out=" if "out" in given else "")


def _no_node(what: str, how: str) -> TypeError:
    return TypeError(
        f"diagrad has no node for {what}{how}\n"
        f"  where:    {user_site(2)}\n"
        f"  expected: one of np.{', np.'.join(sorted(u.__name__ for u in UFUNCS))}, …\n"
        f"  fix:      write it with these, or use x.data for its numbers without a gradient"
    )
