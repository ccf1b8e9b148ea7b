"""NumPy's own functions on Arrays: ``np.exp(x)`` and ``np.sum(x, axis=0)`` record the nodes that
``dg.exp(x)`` and ``dg.sum(x, axis=0)`` record.

A NumPy function stands for the function of the same name in the namespace; tables list only those that are
called otherwise or mean something else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..ir import user_site
from . import at
from . import functions as f
from .align import cast, promote, to_array
from .array import Array
from .assigned import assign, taken, write


def _wide(x: Any) -> Array:
    """x in 64-bit floating point, or complex of that width."""
    return cast(to_array(x), promote([to_array(x).dtype, np.float64]))


def _float_power(x: Any, y: Any) -> Array:
    return f.power(_wide(x), _wide(y))


def _fabs(x: Any) -> Array:
    x = to_array(x)
    if x.dtype.kind == "c":
        raise _no_node("np.fabs", " of complex numbers")
    return f.abs(cast(x, promote([x.dtype, np.float16])))


UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    np.absolute: f.abs,
    np.fabs: _fabs,
    np.float_power: _float_power,
    np.positive: f.copy,
}
"""The ufuncs whose function has another name here."""


def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Array:
    return f.clip(a, a_min if min is None else min, a_max if max is None else max)


def _mean(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    return f.mean(a if dtype is None else f.astype(a, dtype), axis=axis, keepdims=keepdims)


def _shape(a: Array) -> Any:
    return a.shape


def _ndim(a: Array) -> int:
    return a.ndim


def _ravel(a: Any) -> Array:
    return f.reshape(a, (-1,))


def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Array:
    """NumPy's trace; ``dg.trace`` records a function."""
    return f.sum(f.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


def _matrix_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Array:
    return _trace(x, offset, -2, -1, dtype)


def _matrix_diagonal(x: Any, /, *, offset: int = 0) -> Array:
    return f.diagonal(x, offset, -2, -1)


FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.clip: _clip,
    np.mean: _mean,
    np.amax: f.max,
    np.amin: f.min,
    np.ravel: _ravel,
    np.transpose: f.permute_dims,
    np.trace: _trace,
    np.linalg.trace: _matrix_trace,
    np.linalg.diagonal: _matrix_diagonal,
    np.shape: _shape,
    np.ndim: _ndim,
}
"""The functions whose name or meaning is another here."""

_REDUCTIONS: dict[np.ufunc, str] = {
    np.add: "sum", np.logical_and: "all", np.logical_or: "any", np.maximum: "max", np.minimum: "min",
    np.multiply: "prod",
}  # fmt: skip
"""What ``np.add.reduce`` and the like are called here."""

_RUNNING: dict[np.ufunc, str] = {
    np.add: "cumsum", np.logaddexp: "cumlogsumexp", np.maximum: "cummax", np.minimum: "cummin",
    np.multiply: "cumprod",
}  # fmt: skip
"""The same of ``np.add.accumulate``."""


def as_numpy(function: Any) -> Callable[..., Any]:
    """What a NumPy function does when it is given an Array, also where it is given none."""
    if isinstance(function, np.ufunc):
        return lambda *inputs, **kwargs: call_ufunc(function, "__call__", inputs, kwargs)
    return lambda *args, **kwargs: call_function(function, args, kwargs)


def call_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What ``__array_ufunc__`` gives.

    ``out=`` an Array assigns the result to it.

    Raises:
        TypeError: diagrad has no node for it, or ``out=`` is a NumPy array, which records nothing.
    """
    out = kwargs.get("out", ())
    if out and all(isinstance(y, Array) for y in out):
        rest = {key: x for key, x in kwargs.items() if key != "out"}
        return write(out[0], call_ufunc(ufunc, method, inputs, rest))
    if method == "at" and ufunc in at.UFUNCS:
        x, index, v = inputs
        old = taken(x)
        return assign(x, old, at.UFUNCS[ufunc](at.Place(old, index), v))
    name = {"reduce": _REDUCTIONS, "accumulate": _RUNNING}.get(method, {}).get(ufunc)
    if name is not None:
        target = getattr(f, name)
        unknown = [key for key in kwargs if key not in _parameters(target)]
        if unknown:
            raise _no_node(f"np.{ufunc.__name__}.{method}", f" with {', '.join(unknown)}=")
        return target(*inputs, **{"axis": 0} | kwargs)
    target = UFUNCS.get(ufunc) or _namesake(ufunc.__name__)
    if method != "__call__" or kwargs or target is None:
        what = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else "")
        raise _no_node(what, f" with {', '.join(kwargs)}=" if kwargs else "")
    return target(*inputs)


def call_function(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What ``__array_function__`` gives.

    Raises:
        TypeError: diagrad has no node for it, or ``out=`` is a NumPy array, which records nothing.
    """
    name = _full_name(function)
    target = FUNCTIONS.get(function) or _namesake(function.__name__, function.__module__)
    if target is None:
        raise _no_node(name, "")
    positional, named = _arguments(function, target, args, kwargs)
    out = named.get("out")
    if isinstance(out, Array) and "out" not in _parameters(target):
        del named["out"]
        return write(out, call_function(function, positional, named))
    unknown = [key for key in named if key not in _parameters(target)]
    if unknown and "kwargs" not in _parameters(target):
        raise _no_node(name, f" with {', '.join(unknown)}=")
    return target(*positional, **named)


def _full_name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)


def _namesake(name: str, module: str = "numpy") -> Callable[..., Any] | None:
    """The function of this name in the namespace, or in that of ``numpy.linalg``."""
    space: Any = f
    if module == "numpy.linalg":
        from . import linalg as space
    found: Any = getattr(space, name, None)
    return found if callable(found) else None


@lru_cache(maxsize=512)
def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """A function's parameters by name; none where it does not say."""
    try:
        return inspect.signature(function).parameters
    except ValueError:
        return {}


def _arguments(
    function: Callable[..., Any], target: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a NumPy function as ``target`` takes them: by position as many as it has without a
    name, the others by NumPy's names. What was left at NumPy's default is left out.
    """
    names = _parameters(function)
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in names.values()):
        return list(args), dict(kwargs)
    given = dict(zip(names, args, strict=False)) | dict(kwargs) if names else dict(kwargs)
    positional = list(args) if not names else []
    if names:
        count = sum(p.kind is inspect.Parameter.POSITIONAL_ONLY for p in _parameters(target).values())
        first = list(given)[: max(count, 1)]
        positional = [given.pop(name) for name in first]
    for name, value in list(given.items()):
        default = names[name].default if name in names else None
        if value is np._NoValue or value is default:  # type: ignore[attr-defined]
            del given[name]
    return positional, given


def _no_node(what: str, how: str) -> TypeError:
    return TypeError(
        f"diagrad has no node for {what}{how}\n"
        f"  where:    {user_site(2)}\n"
        "  expected: a NumPy function that dg has by the same name\n"
        f"  fix:      write it with these, or use x.data for its numbers without a gradient"
    )
