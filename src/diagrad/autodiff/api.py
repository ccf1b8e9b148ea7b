"""What users call: ``backward``, ``grad``, ``value_and_grad``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import ops
from ..array import tree
from ..array.align import as_data, to_array
from ..array.array import Array, apply, clock, constant, leaf
from ..errors import (
    DifferentiationError,
    NotDifferentiableError,
    NotScalarError,
    RepeatedBackwardError,
    ShapeError,
)
from ..ir import Input, Spec, user_site
from .reverse import sweep


def backward(
    y: Array, gradient: Any = None, *, retain_graph: bool = False, create_graph: bool = False
) -> None:
    """Fill ``.grad`` of every leaf that ``y`` was computed from.

    A leaf's gradients from several calls add up, as in PyTorch; set ``x.grad = None`` to begin anew.

    Args:
        y: the value to differentiate; a scalar, unless ``gradient`` is given.
        gradient: the upstream gradient ∂L/∂y, of the shape of ``y``; 1 by default.
        retain_graph: allow ``backward`` from the same ``y`` again.
        create_graph: let the gradients themselves be differentiable.

    Raises:
        NotScalarError: ``y`` is not a scalar and no ``gradient`` is given.
        RepeatedBackwardError: ``backward`` has run from this ``y`` before.
        NotDifferentiableError: no gradient can flow from ``y`` to any leaf; the text names the op.
        ShapeError: ``gradient`` has another shape.

    >>> import diagrad as dg
    >>> x = dg.array([1.0, 2.0])
    >>> (x * x).backward([1.0, 1.0])
    >>> x.grad
    array([2., 4.])
    """
    g = _upstream(y, gradient)
    _check_active(y)
    if getattr(y, "_swept", None) is not None and not retain_graph:
        raise RepeatedBackwardError(
            f"backward() has run from {_call(y)} before; a second run would add the same gradients again",
            where=str(user_site(1)),
            expected="one backward() for each computation",
            got="the second",
            fix="compute it again, or pass retain_graph=True to add them again on purpose",
        )
    sweep([y], [g if create_graph else g._data], build=create_graph)
    y._swept = (g.data,)


def grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives the gradient of ``function``, which gives a scalar.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        argnums: which argument or arguments to differentiate.

    Returns:
        A function of the same arguments. NumPy arrays and numbers in, NumPy arrays out, nothing recorded;
        Arrays in, as arguments or through a closure, Arrays out, which are differentiable and drawable
        themselves.

    Raises:
        NotScalarError: ``function`` does not give a scalar.
        NotDifferentiableError: an argument is not floating-point, or no gradient can flow.

    >>> import diagrad as dg
    >>> f = lambda x: x * x * x
    >>> float(dg.grad(f)(2.0)), float(dg.grad(dg.grad(f))(2.0)), float(dg.grad(dg.grad(dg.grad(f)))(2.0))
    (12.0, 12.0, 6.0)
    """
    both = value_and_grad(function, argnums)

    @wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """As :func:`grad`, giving the pair of the value and the gradient.

    Of NumPy arrays nothing stays recorded: each value goes as soon as the backward pass has used it. (After
    ``backward()`` all values are still there, for a picture.)

    >>> import diagrad as dg
    >>> y, g = dg.value_and_grad(lambda x: x * x)(3.0)
    >>> float(y), float(g)
    (9.0, 6.0)
    """
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    @wraps(function)
    def both(*args: Any, **kwargs: Any) -> Any:
        floor = clock()
        given = list(args)
        inputs: list[Array] = []
        build = False

        def prepare(path: str, x: Any) -> Array:
            nonlocal build
            if isinstance(x, Array):
                build = True
                inputs.append(apply(ops.Branch(1), x)[0] if x._active else leaf(x._data, "input"))
            else:
                inputs.append(leaf(as_data(x, copy=True), "input"))
            _check_differentiable(inputs[-1], path)
            return inputs[-1]

        for at in numbers:
            if not -len(args) <= at < len(args):
                raise DifferentiationError(
                    f"argnums names argument {at}, but {function.__name__} got {len(args)}",
                    where=str(user_site(0)),
                    fix="number positional arguments from 0",
                )
            given[at] = tree.map_paths(prepare, args[at], f"argument {at}")
        y = to_array(function(*given, **kwargs))
        build = build or y.traced or _uses_arrays_before(y, floor)
        _check_active(y)
        g = _upstream(y, None)
        upstream = g if build else g._data
        kept = sweep([y], [upstream], build=build, keep=inputs, floor=floor, consume=not build)
        results = iter([_result(kept, x, build) for x in inputs])
        grads = tuple(tree.map_paths(lambda _path, _x: next(results), args[at], "") for at in numbers)
        value = y if build else y.data[()]
        return value, grads[0] if isinstance(argnums, int) else grads

    return both


def _uses_arrays_before(y: Array, floor: int) -> bool:
    """Whether y depends on a differentiable Array made before number ``floor``: one that a closure holds.

    The gradient then depends on it too, so it must be an Array; else an outer derivative would be wrong.
    """
    stack, seen = [y], set[int]()
    while stack:
        x = stack.pop()
        if x._active and x._order not in seen:
            if x._order <= floor:
                return True
            seen.add(x._order)
            stack += x._inputs
    return False


def _result(kept: dict[Array, Any], x: Array, build: bool) -> Any:
    """The gradient of one argument; zeros where the result does not depend on it."""
    g = kept.get(x)
    if g is None:
        zero = np.zeros(x.shape, x.dtype)[()]
        return constant(zero) if build else zero
    return g


def _upstream(y: Array, gradient: Any) -> Array:
    if gradient is None:
        if y.shape != ():
            raise NotScalarError(
                f"backward() from {_call(y)}, which is not a scalar",
                where=str(user_site(2)),
                expected="a scalar such as a loss, or an upstream gradient of the same shape",
                got=f"shape {y.shape}",
                fix="take y.sum(), or pass backward(gradient) with ∂L/∂y",
            )
        return constant(y.dtype.type(1))
    g = gradient if isinstance(gradient, Array) else constant(as_data(gradient, copy=True))
    if g.shape != y.shape:
        raise ShapeError(
            f"the upstream gradient of {_call(y)} has another shape",
            where=str(user_site(2)),
            expected=f"{y.shape}",
            got=f"{g.shape}",
            fix="pass one number for each element of the value",
        )
    return g if g.dtype == y.dtype else g.astype(y.dtype)


def _check_differentiable(x: Array, path: str) -> None:
    if x.dtype.kind not in "fc":
        raise NotDifferentiableError(
            f"{path} has dtype {x.dtype}, which has no derivative",
            where=str(user_site(2)),
            expected="a floating-point dtype",
            got=str(x.dtype),
            fix="pass 2.0 instead of 2, or convert with .astype(float)",
        )


def _check_active(y: Array) -> None:
    """Raise unless a gradient can flow from y to a leaf; say which op stops it."""
    if y._active:
        return
    stop = _blocking_op(y)
    raise NotDifferentiableError(
        f"no gradient can flow from {_call(y)}"
        + (f": {stop[0]} has no derivative" if stop else ": it was computed from no input"),
        where=stop[1] if stop else str(user_site(2)),
        expected="a value computed from dg.array(...) of a floating-point dtype, through differentiable ops",
        got=f"{y.spec}" + (f" through {stop[0]}" if stop else ", a constant"),
        fix="wrap the inputs in dg.array before computing" if not stop else "leave that op out of the loss",
    )


def _blocking_op(y: Array) -> tuple[str, str] | None:
    """The first op without a derivative between y and an active input, with its line."""
    stack, seen = [y], set[Array]()
    while stack:
        x = stack.pop()
        if x in seen:
            continue
        seen.add(x)
        if any(source._active for source in x._inputs):
            return x._op.name, str(x._site)
        if type(x._op) is Input:
            return f"an input of dtype {x.dtype}", str(x._site)
        stack += x._inputs
    return None


def _call(y: Array) -> str:
    return f"{y.name!r}" if y.name else f"a value of shape {y.shape}"


__all__ = ["Spec", "backward", "grad", "value_and_grad"]
