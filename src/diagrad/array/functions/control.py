"""Choices and loops whose course depends on data, each as one node that holds its bodies as graphs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ... import ops
from ...errors import DTypeError, ShapeError, StructureError
from ...ir import Builder, Spec, evaluate, user_site
from .. import tree
from ..align import cast, promote, to_array
from ..array import Array, apply, record_all
from ..bodies import Body, check_specs, conform, merged, specs_of

__all__ = ["cond", "fori_loop", "map", "scan", "switch", "while_loop"]


def cond(pred: Any, then: Callable[..., Any], otherwise: Callable[..., Any], /, *operands: Any) -> Any:
    """``then(*operands)`` if ``pred``, else ``otherwise(*operands)``. Only the chosen branch runs.

    Both are traced, so that the graph holds both. Backward runs the chosen one's backward pass. Under
    :func:`diagrad.vmap` with a ``pred`` for each, both run, and ``where`` chooses.

    Args:
        pred: a boolean scalar.
        then, otherwise: functions of the operands that give arrays, or lists, tuples and dicts of them, of
            equal structure, shapes and dtypes. They may use Arrays from outside, and gradients reach these.
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
        raise _not_one_boolean("cond: pred", p)
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
    rows = [conform(first, body.result, f"{what} {body.name} differ", body.where()) for body in bodies]
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
    made = apply(op, p, *_arrays(operands), *outside, inner=not _is_flat(first))
    return tree.unflatten(first, iter(made))


def _common(column: Sequence[Any]) -> list[Any]:
    """What branches give in one place; a plain number takes the dtype of an array that another gives."""
    arrays = [x for x in column if not _is_weak(x)]
    if not arrays:
        return [cast(to_array(x), promote([to_array(x).dtype for x in column])) for x in column]
    dtype = promote([to_array(arrays[0]).dtype, *(x for x in column if _is_weak(x))])
    return [cast(to_array(x), dtype) if _is_weak(x) else x for x in column]


def _is_weak(x: Any) -> bool:
    """Whether it is a number of Python's, which has no dtype of its own."""
    return isinstance(x, int | float | complex) and not isinstance(x, np.generic | bool)


def _arrays(x: Any) -> list[Array]:
    return [to_array(leaf) for leaf in tree.flatten(x, "")[0]]


def _not_one_boolean(what: str, p: Array) -> ShapeError | DTypeError:
    error = ShapeError if p.shape else DTypeError
    return error(
        f"{what} is {p.spec}, not one boolean",
        where=str(user_site(1)),
        expected="bool[]",
        got=str(p.spec),
        fix="dg.where chooses element by element; dg.vmap maps over an axis; np.all and np.any give one"
        if p.shape
        else "compare, e.g. x > 0",
    )


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
    init, step, new, _ = _step("while_loop", body, init)
    test = Body(condition, [specs_of(init)], "condition")
    end = to_array(test.result)
    if end.shape or end.dtype.kind != "b":
        raise _not_one_boolean(f"while_loop: {test.name}", end)
    start = _arrays(init)
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
            return cond(condition(carry), body, lambda c: c, carry), None

        return scan(bounded, init, None, max_steps)[0]
    if traced or (max_steps is None and not any(x._active for x in given)):
        made = apply(op, *given, inner=not _is_flat(init))
    else:
        made = _counted(op, given, math.inf if max_steps is None else max_steps, inner=not _is_flat(init))
    return tree.unflatten(init, iter(made))


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


def scan(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    *,
    checkpoint: bool | int = False,
) -> tuple[Any, Any]:
    """c, yₜ = f(c, xₜ) for each t: the last carry, and all yₜ stacked. One ``Scan`` node, whatever the length.

    The forward pass keeps the carry before each step and nothing of the steps themselves; the backward pass,
    a scan in the other direction, computes each step again. With ``checkpoint`` it keeps a carry per chunk of
    steps only, and computes each chunk again: O(√T) carries where chunks have about √T steps (A. Griewank,
    *Achieving logarithmic growth of temporal and spatial complexity in reverse automatic differentiation*,
    1992, at depth two).

    Args:
        f: a function of the carry and one slice that gives the next carry, of the same structure, shapes and
            dtypes, and an output, or None. It may use Arrays from outside, and gradients reach these.
        init: the first carry: an array, or lists, tuples and dicts of them, or None.
        xs: arrays, or lists, tuples and dicts of them, cut along their first axis; or None.
        length: the number of steps; needed without ``xs``.
        reverse: from the last slice to the first.
        checkpoint: the number of steps in a chunk; True for about √T.

    Returns:
        The last carry, and the outputs, each with a new first axis.

    Raises:
        DTypeError, ShapeError: the carry changes dtype or shape between steps, or lengths differ.
        StructureError: the carry changes structure, or ``f`` gives no pair.

    >>> import diagrad as dg
    >>> total, sums = dg.scan(lambda c, x: (c + x, c + x), 0.0, [1.0, 2.0, 3.0])
    >>> total, sums
    (array(6.), array([1., 3., 6.]))
    """
    sequences, paths = tree.flatten(xs, "xs")
    arrays = [to_array(x) for x in sequences]
    steps = _length(arrays, paths, length)
    heads = tree.unflatten(xs, iter([Spec(x.shape[1:], x.dtype) for x in arrays]))
    init, body, new, y = _step("scan", f, init, heads, pair=True)
    rows = _arrays(y)
    outside = body.captured([*new, *rows])
    start = _arrays(init)
    op = ops.Scan(body.graph([*new, *rows], outside), len(start), len(arrays), steps, reverse)
    if not op.outputs:
        return init, y
    inner = not (_is_flat(init, 1) and (y is None or _is_flat(y, 1)))
    size = math.isqrt(max(steps - 1, 0)) + 1 if checkpoint is True else int(checkpoint)
    if size < 0:
        raise ValueError(f"scan: checkpoint={checkpoint} is no number of steps")
    if size and steps:
        made = _checkpointed(op, [*start, *arrays, *outside], size)
    else:
        made = _apply(op, [*start, *arrays, *outside], inner)
    return tree.unflatten(init, iter(made[: op.carries])), tree.unflatten(y, iter(made[op.carries :]))


def _apply(op: ops.Scan, given: Sequence[Array], inner: bool) -> Sequence[Array]:
    """The op's outputs; where a gradient may be asked, it saves what that will need."""
    saves = any(x._active or x.traced for x in given)
    return apply(op.saving() if saves else op, *given, inner=inner)[: op.outputs]


def _checkpointed(op: ops.Scan, given: Sequence[Array], size: int) -> list[Array]:
    """A scan over chunks, of each of which the body is a scan; and one more over the steps that are left."""
    chunks, rest = divmod(op.length, size)
    cut = op.length - rest
    build = Builder()
    carries, sequences, shared = op.split(op.body.inputs)
    heads = [
        *(build.input(x) for x in carries),
        *(build.input(x, size) for x in sequences),
        *(build.input(x) for x in shared),
    ]
    chunk = build.graph(build.apply(replace(op, length=size), *heads), f"{op.body.name}_chunk")
    outer = replace(op, body=chunk, length=chunks)
    carry, rows, common = op.split(given)

    def whole(carry: Sequence[Array]) -> Sequence[Array]:
        parts = [_reshaped(_part(x, slice(0, cut)), (chunks, size, *x.shape[1:])) for x in rows]
        made = _apply(outer, [*carry, *parts, *common], True)
        ends = [_reshaped(y, (cut, *y.shape[2:])) for y in made[op.carries :]]
        return [*made[: op.carries], *ends]

    def left(carry: Sequence[Array]) -> Sequence[Array]:
        parts = [_part(x, slice(cut, op.length)) for x in rows]
        return _apply(replace(op, length=rest), [*carry, *parts, *common], True)

    if not rest:
        return list(whole(carry))
    first, then = (left, whole) if op.reverse else (whole, left)
    early = first(carry)
    late = then(early[: op.carries])
    pairs = zip(early[op.carries :], late[op.carries :], strict=True)
    joined = [apply(ops.Concatenate(0), *(pair[::-1] if op.reverse else pair), inner=True) for pair in pairs]
    return [*late[: op.carries], *joined]


def _part(x: Array, rows: slice) -> Array:
    return x if rows == slice(0, x.shape[0]) else apply(ops.Slice((rows,)), x, inner=True)


def _reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    return apply(ops.Reshape(shape), x, inner=True)


def _length(arrays: Sequence[Array], paths: Sequence[str], length: int | None) -> int:
    """The number of steps, on which all must agree."""
    for x, path in zip(arrays, paths, strict=True):
        if not x.ndim:
            raise ShapeError(
                f"scan: {path} is a scalar, which has no slices",
                where=str(user_site(1)),
                expected="an array with a first axis to go along",
                got=f"{path}: {x.spec}",
                fix="close over what all steps share instead of passing it",
            )
    sizes = {x.shape[0]: path for x, path in zip(arrays, paths, strict=True)}
    if length is not None:
        sizes.setdefault(int(length), "length")
    if len(sizes) != 1:
        raise ShapeError(
            "scan: the lengths differ" if sizes else "scan: without xs it needs a length",
            where=str(user_site(1)),
            expected="one length for all",
            got=", ".join(f"{size} in {name}" for size, name in sizes.items()) or "xs=None, length=None",
            fix="cut them to one length" if sizes else "pass length=…",
        )
    return next(iter(sizes))


def _step(
    what: str, function: Callable[..., Any], init: Any, *others: Any, pair: bool = False
) -> tuple[Any, Body, list[Array], Any]:
    """A step traced: the first carry, the body, the carry that it gives, and what it gives besides.

    A plain number in the first carry takes the dtype that a step gives it.
    """
    while True:
        body = Body(function, [specs_of(init), *others], "step")
        result, rest = _pair(body) if pair else (body.result, None)
        changes = f"{what}: the carry of {body.name} changes its structure"
        leaves, paths = tree.flatten(init, body.parameters[0])
        want = [to_array(x).spec for x in leaves]
        given = conform(init, result, changes, body.where())
        new = [_as(y, spec) for y, spec in zip(given, want, strict=True)]
        grown = [
            promote([spec.dtype, y.dtype]).type(x) if _is_weak(x) else x
            for x, spec, y in zip(leaves, want, new, strict=True)
        ]
        if all(to_array(x).dtype == spec.dtype for x, spec in zip(grown, want, strict=True)):
            fix = f"let {body.name} give each carry as it took it: x.astype(…), or another first carry"
            check_specs(f"{what}: the carry", paths, want, new, body, fix)
            return init, body, new, rest
        init = tree.unflatten(init, iter(grown))


def _as(y: Any, spec: Spec) -> Array:
    """An Array; a plain number of the carry's dtype, where that has room for it."""
    room = _is_weak(y) and promote([spec.dtype, y]) == spec.dtype
    return cast(to_array(y), spec.dtype) if room else to_array(y)


def _pair(body: Body) -> tuple[Any, Any]:
    result = body.result
    if not isinstance(result, tuple) or len(result) != 2:  # pyright: ignore[reportUnknownArgumentType]
        raise StructureError(
            f"scan: {body.name} does not give a pair",
            where=body.where(),
            expected="(the next carry, an output or None)",
            got=type(result).__name__,
            fix="return carry, y; or carry, None",
        )
    return result  # pyright: ignore[reportUnknownVariableType]


def _is_flat(x: Any, most: float = math.inf) -> bool:
    """Whether the variables of ``a, b = …`` can name the leaves in their order."""
    if isinstance(x, tuple):
        return most > 1 and not any(isinstance(part, tuple | list | dict) or part is None for part in x)  # pyright: ignore[reportUnknownVariableType]
    return not isinstance(x, dict | list) and x is not None


def fori_loop(lower: Any, upper: Any, body: Callable[[Any, Any], Any], init: Any) -> Any:
    """``c = body(i, c)`` for i from ``lower`` to ``upper`` − 1; the last c. A :func:`scan` over the numbers.

    Args:
        lower, upper: integers. Traced ones make it a :func:`while_loop`.
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


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """f of each slice along the first axis, stacked: a :func:`scan` without a carry.

    One slice after the other; :func:`diagrad.vmap` does all at once.

    Args:
        f: a function of one slice.
        xs: arrays, or lists, tuples and dicts of them.

    Raises:
        ShapeError: the first axes differ in size.

    >>> import diagrad as dg
    >>> dg.map(lambda x: x * x, [1.0, 2.0, 3.0])
    array([1., 4., 9.])
    """

    def step(_: None, x: Any) -> Any:
        return None, f(x)

    step.__name__ = getattr(f, "__name__", "step")
    return scan(step, None, xs)[1]
