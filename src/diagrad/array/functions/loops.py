"""Loops that end when a condition says so, and loops over numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ops
from ...errors import StructureError
from ...ir import evaluate, user_site
from .. import tree
from ..align import cast, promote, to_array
from ..array import Array, apply, record_all
from ..bodies import Body, arrays_of, is_flat, merged, not_one_boolean, specs_of, traced_step
from .control import cond
from .scans import scan

__all__ = ["fori_loop", "while_loop"]


def while_loop(
    condition: Callable[[Any], Any], body: Callable[[Any], Any], init: Any, *, max_steps: int | None = None
) -> Any:
    """While ``condition(c)``: ``c = body(c)``, from ``c = init``; the last c.

    Called on numbers, the loop runs at once and, now that it is known how many steps it took, is recorded as
    a :func:`scan` of so many: it can be differentiated in both modes. Traced, it is one ``While`` node.
    Forward mode carries the tangents along in the same loop. Reverse mode has to know how many carries to
    make room for: give ``max_steps``, and the loop is recorded as a scan of so many steps, those after the
    end doing nothing.

    Args:
        condition: a function of the carry that gives a boolean scalar.
        body: a function of the carry that gives the next one, of the same structure, shapes and dtypes.
            Both may use Arrays from outside, and gradients reach these.
        init: the first carry: an array, or lists, tuples and dicts of them.
        max_steps: end after so many steps, whatever the condition says.

    Raises:
        DTypeError, ShapeError: the carry changes dtype or shape, or the condition is not a boolean scalar.
        StructureError: the carry changes structure.
        NotDifferentiableError: reverse mode of a traced loop without ``max_steps``, when it is run.

    >>> import diagrad as dg
    >>> def newton(x, a):
    ...     return dg.while_loop(lambda x: abs(x * x - a) > 1e-12, lambda x: (x + a / x) / 2, x)
    >>> y = newton(dg.array(1.0), a := dg.array(2.0))
    >>> y.backward()
    >>> print(f"{y:.6f} {a.grad:.6f}")
    1.414214 0.353553
    """
    init, step, new, _ = traced_step("while_loop", body, init)
    test = Body(condition, [specs_of(init)], "condition")
    end = to_array(test.result)
    if end.shape or end.dtype.kind != "b":
        raise not_one_boolean(f"while_loop: {test.name}", end)
    start = arrays_of(init)
    if not start:
        raise StructureError(
            "while_loop: the carry holds no array, so the condition never changes",
            where=str(user_site(0)),
            expected="an array, or a structure of them",
            got=repr(init),
            fix="carry what the condition looks at",
        )
    outside = merged(step.captured(new), test.captured([end]))
    given = (*start, *outside)
    op = ops.While(test.graph([end], outside), step.graph(new, outside), len(start))
    traced = any(x.traced for x in given)
    if traced and max_steps is not None:

        def bounded(carry: Any, _: None) -> Any:
            return cond(condition(carry), body, _same, carry), None

        return scan(bounded, init, None, max_steps)[0]
    if traced or (max_steps is None and not any(x._active for x in given)):
        made = apply(op, *given, inner=not is_flat(init))
    else:
        made = _counted(op, given, math.inf if max_steps is None else max_steps, inner=not is_flat(init))
    return tree.unflatten(init, iter(made))


def _same(carry: Any) -> Any:
    return carry


def _counted(op: ops.While, given: tuple[Array, ...], most: float, inner: bool) -> Sequence[Array]:
    """The loop run on numbers, and recorded as a scan of as many steps as it took."""
    carry, shared = [x._data for x in given[: op.carries]], [x._data for x in given[op.carries :]]
    history: list[Sequence[Any]] = []
    while len(history) < most and evaluate(op.condition, (*carry, *shared))[0]:
        history.append(carry)
        carry = evaluate(op.body, (*carry, *shared))
    loop = ops.Scan(op.body, op.carries, 0, len(history)).saving()
    rows: list[Any] = []
    for y in loop.body.outputs[op.carries :]:
        at = loop.body.inputs.index(y)
        rows.append(np.array([c[at] for c in history], y.dtype).reshape(len(history), *y.shape))
    active = any(x._active for x in given)
    return record_all((*carry, *rows), loop, given, active, inner)[: op.carries]


def fori_loop(lower: Any, upper: Any, body: Callable[[Any, Any], Any], init: Any) -> Any:
    """``c = body(i, c)`` for i from ``lower`` to ``upper`` − 1; the last c. A :func:`scan` over the numbers.

    Args:
        lower: an integer, the first i.
        upper: an integer, one past the last. A traced one makes it a :func:`while_loop`.
        body: a function of i and the carry that gives the next carry.
        init: the first carry: an array, or lists, tuples and dicts of them.

    Raises:
        DTypeError, ShapeError, StructureError: as for :func:`scan`.

    >>> import diagrad as dg
    >>> dg.fori_loop(0, 5, lambda i, c: c * 2.0, 1.0)
    array(32.)
    """
    if any(isinstance(x, Array) and x.traced for x in (lower, upper)):
        start, end = to_array(lower), to_array(upper)
        dtype = promote([start.dtype, end.dtype])
        count = (cast(start, dtype), init)
        return while_loop(lambda c: c[0] < end, lambda c: (c[0] + 1, body(c[0], c[1])), count)[1]

    def step(carry: Any, i: Any) -> Any:
        return body(i, carry), None

    step.__name__ = getattr(body, "__name__", "step")
    return scan(step, init, np.arange(int(lower), max(int(lower), int(upper))))[0]
