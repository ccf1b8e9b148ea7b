"""What users call: ``backward``, ``grad``, ``value_and_grad``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import numpy as np

from ..array import tree
from ..array.align import as_data, to_array
from ..array.array import Array, constant, current
from ..errors import (
    DifferentiationError,
    NotDifferentiableError,
    NotScalarError,
    RepeatedBackwardError,
    ShapeError,
)
from ..ir import Input, Spec, user_site
from .arguments import Argnums, Arguments, name_of, recorded, unwrapped
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
    y = current(y)
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


def grad(function: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of ``function``, which gives a scalar.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        argnums: which argument or arguments to differentiate.
        has_aux: ``function`` gives a pair of the scalar and something else, which is handed on.

    Returns:
        A function of the same arguments. NumPy arrays and numbers in, NumPy arrays out, nothing recorded;
        Arrays in, as arguments or through a closure, Arrays out, which are differentiable and drawable
        themselves. With ``has_aux`` it gives the pair of the gradient and the something else.

    Raises:
        NotScalarError: ``function`` does not give a scalar.
        NotDifferentiableError: an argument is not floating-point, or no gradient can flow.

    >>> import diagrad as dg
    >>> f = lambda x: x * x * x
    >>> float(dg.grad(f)(2.0)), float(dg.grad(dg.grad(f))(2.0)), float(dg.grad(dg.grad(dg.grad(f)))(2.0))
    (12.0, 12.0, 6.0)
    """
    both = value_and_grad(function, argnums, has_aux=has_aux)

    @wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, g = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return gradient


def value_and_grad(
    function: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Callable[..., Any]:
    """As :func:`grad`, giving the pair of the value and the gradient.

    With ``has_aux`` it gives the pair of ``function``'s whole result and the gradient. Of NumPy arrays
    nothing stays recorded: each value goes as soon as the backward pass has used it. (After ``backward()``
    all values are still there, for a picture.)

    >>> import diagrad as dg
    >>> y, g = dg.value_and_grad(lambda x: x * x)(3.0)
    >>> float(y), float(g)
    (9.0, 6.0)
    """

    @wraps(function)
    @recorded
    def both(*args: Any, **kwargs: Any) -> Any:
        call = Arguments(function, args, argnums)
        result = function(*call.given, **kwargs)
        value, aux = split_aux(function, result) if has_aux else (result, None)
        y = to_array(value)
        build = call.records_with([y])
        _check_active(y)
        g = _upstream(y, None)
        kept = sweep(
            [y], [g if build else g._data], build=build, keep=call.inputs, floor=call.floor, consume=not build
        )
        grads = call.shaped([_result(kept, x, build) for x in call.inputs])
        value = y if build else unwrapped(y)
        if not has_aux:
            return value, grads
        return (value, aux if build else bare(aux)), grads

    return both


def split_aux(function: Callable[..., Any], result: Any) -> tuple[Any, Any]:
    """A function's result and what goes with it, undifferentiated.

    Raises:
        DifferentiationError: it is no pair.
    """
    if isinstance(result, tuple):
        parts = cast("tuple[Any, ...]", result)
        if len(parts) == 2:
            return parts[0], parts[1]
    raise DifferentiationError(
        f"{name_of(function)} does not give a pair, as has_aux=True says",
        where=str(user_site(1)),
        expected="(what is differentiated, anything else)",
        got=type(cast(object, result)).__name__,
        fix="return the pair, or leave has_aux out",
    )


def bare(aux: Any) -> Any:
    """Numbers in place of Arrays."""
    return tree.map_paths(lambda _path, x: unwrapped(x) if isinstance(x, Array) else x, aux, "")


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
    g = current(gradient) if isinstance(gradient, Array) else constant(as_data(gradient, copy=True))
    if g.shape != y.shape:
        raise ShapeError(
            f"the upstream gradient of {_call(y)} has another shape",
            where=str(user_site(2)),
            expected=f"{y.shape}",
            got=f"{g.shape}",
            fix="pass one number for each element of the value",
        )
    return g if g.dtype == y.dtype else g.astype(y.dtype)


def _check_active(y: Array) -> None:
    """Raise unless a gradient can flow from y to a leaf; say which op stops it."""
    if not y._active:
        raise not_differentiable(y, blocking_op(y))


def not_differentiable(y: Array, stop: tuple[str, str] | None) -> NotDifferentiableError:
    """The error of a value that no gradient flows from, because of the op ``stop`` if there is one."""
    return NotDifferentiableError(
        f"no gradient can flow from {_call(y)}"
        + (f": {stop[0]} has no derivative" if stop else ": it was computed from no input"),
        where=stop[1] if stop else str(user_site(2)),
        expected="a value computed from dg.array(...) of a floating-point dtype, through differentiable ops",
        got=f"{y.spec}" + (f" through {stop[0]}" if stop else ", a constant"),
        fix="wrap the inputs in dg.array before computing" if not stop else "leave that op out of the loss",
    )


def blocking_op(y: Array, wanted: bool = False) -> tuple[str, str] | None:
    """The first op without a derivative between y and an active input, with its line.

    With ``wanted``, ops that stop gradients on purpose do not count.
    """
    stack, seen = [y], set[Array]()
    while stack:
        x = stack.pop()
        if x in seen or (wanted and x._op.name == "StopGradient"):
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
