"""Choices that depend on data: one node that holds its branches as graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import ops
from ...errors import DTypeError, ShapeError
from ...ir import user_site
from .. import tree
from ..align import cast, promote, to_array
from ..array import Array, apply
from ..bodies import (
    Body,
    arrays_of,
    check_specs,
    conform,
    is_flat,
    is_weak,
    merged,
    not_one_boolean,
    specs_of,
)

__all__ = ["cond", "switch"]


def cond(pred: Any, then: Callable[..., Any], otherwise: Callable[..., Any], /, *operands: Any) -> Any:
    """``then(*operands)`` if ``pred``, else ``otherwise(*operands)``. Only the chosen branch runs.

    Both are traced, so that the graph holds both. Backward runs the chosen one's backward pass. Under
    :func:`diagrad.vmap` with a ``pred`` for each, both run, and ``where`` chooses.

    Args:
        pred: a boolean scalar.
        then: a function of the operands that gives arrays, or lists, tuples and dicts of them. It may use
            Arrays from outside, and gradients reach these.
        otherwise: another, whose result has the same structure, shapes and dtypes.
        operands: arrays, or lists, tuples and dicts of them.

    Raises:
        DTypeError: ``pred`` is not boolean, or the branches give different dtypes.
        ShapeError: ``pred`` is not a scalar, or the branches give different shapes.
        StructureError: the branches give different structures.

    >>> import diagrad as dg
    >>> x = dg.array(3.0)
    >>> y = dg.cond(x > 0, lambda x: x * x, lambda x: -x, x)
    >>> y.backward()
    >>> y, x.grad
    (array(9.), array(6.))
    """
    p = to_array(pred)
    if p.shape or p.dtype.kind != "b":
        raise not_one_boolean("cond: pred", p)
    return _choice(p, (then, otherwise), ("then", "otherwise"), operands)


def switch(index: Any, branches: Sequence[Callable[..., Any]], /, *operands: Any) -> Any:
    """``branches[index](*operands)``: :func:`cond` for several branches.

    An index below 0 counts as 0, one past the end as the last.

    Args:
        index: an integer scalar.
        branches: functions, as for :func:`cond`.
        operands: arrays, or lists, tuples and dicts of them.

    Raises:
        DTypeError, ShapeError, StructureError: as for :func:`cond`.
        ValueError: there is no branch.

    >>> import diagrad as dg
    >>> dg.switch(1, [dg.sin, dg.exp, dg.sqrt], 0.0)
    array(1.)
    """
    if not branches:
        raise ValueError("switch: there must be at least one branch")
    i = to_array(index)
    if i.shape or i.dtype.kind not in "iu":
        error = ShapeError if i.shape else DTypeError
        raise error(
            f"switch: index is {i.spec}",
            where=str(user_site(0)),
            expected="an integer scalar",
            got=str(i.spec),
            fix="convert it with x.astype(int)" if not i.shape else "dg.vmap maps over an axis",
        )
    return _choice(i, branches, [f"branch{at}" for at in range(len(branches))], operands)


def _choice(p: Array, functions: Sequence[Callable[..., Any]], roles: Sequence[str], operands: Any) -> Any:
    specs = [specs_of(x) for x in operands]
    bodies = [Body(function, specs, role) for function, role in zip(functions, roles, strict=True)]
    first = bodies[0].result
    what = f"the branches {bodies[0].name} and"
    rows = [
        conform(first, body.result, "result", f"{what} {body.name} differ", body.where()) for body in bodies
    ]
    paths = tree.flatten(first, "result")[1]
    if not paths:
        return first
    columns = [_common(column) for column in zip(*rows, strict=True)]
    results = [[to_array(y) for y in row] for row in zip(*columns, strict=True)]
    for body, ys in zip(bodies, results, strict=True):
        want = [y.spec for y in results[0]]
        fix = "let all branches give the same shapes and dtypes"
        check_specs(f"{what} {body.name} differ:", paths, want, ys, body, fix)
    outside = merged(*(body.captured(ys) for body, ys in zip(bodies, results, strict=True)))
    graphs = [body.graph(ys, outside) for body, ys in zip(bodies, results, strict=True)]
    op = ops.Cond(*graphs) if p.dtype.kind == "b" else ops.Switch(tuple(graphs))
    made = apply(op, p, *arrays_of(operands), *outside, inner=not is_flat(first))
    return tree.unflatten(first, iter(made))


def _common(column: Sequence[Any]) -> list[Any]:
    """What branches give in one place; a plain number takes the dtype of an array that another gives."""
    arrays = [x for x in column if not is_weak(x)]
    if not arrays:
        return [cast(to_array(x), promote([to_array(x).dtype for x in column])) for x in column]
    dtype = promote([to_array(arrays[0]).dtype, *(x for x in column if is_weak(x))])
    return [cast(to_array(x), dtype) if is_weak(x) else x for x in column]
