"""Products with the Jacobian, the Jacobian itself, and second and higher derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Literal, cast

import numpy as np

from .. import ops
from ..array import tree
from ..array.align import as_data
from ..array.array import Array, apply, constant, current, leaf
from ..array.context import recording
from ..errors import DifferentiationError, ShapeError
from ..ir import user_site
from .api import bare, blocking_op, grad, not_differentiable, split_aux
from .arguments import Argnums, Arguments, outputs_of, recorded, unwrapped
from .forward import check_linear, linear, tangents, zeros
from .reverse import sweep
from .vectorise import Lane, batched

Mode = Literal["auto", "forward", "reverse"]


@recorded
def vjp(
    function: Callable[..., Any], *primals: Any, argnums: Sequence[int] | None = None, has_aux: bool = False
) -> tuple[Any, ...]:
    """The value of a function and its pullback: the product of any vector with its Jacobian, uᵀ·J.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        primals: its arguments.
        argnums: which of them to differentiate; by default all.
        has_aux: ``function`` gives a pair of what is differentiated and something else.

    Returns:
        The value and a function. The function takes an upstream gradient u in the structure of the value and
        gives a tuple with the gradient of each differentiated argument; it can be called again and again.
        With ``has_aux`` the something else comes third.

    Raises:
        NotDifferentiableError: an argument is not floating-point, or an output cannot be differentiated.
        ShapeError: u has not the value's shape.

    >>> import diagrad as dg, numpy as np
    >>> y, pullback = dg.vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    call = Arguments(function, primals, range(len(primals)) if argnums is None else argnums)
    result = function(*call.given)
    value, aux = split_aux(function, result) if has_aux else (result, None)
    ys = outputs_of(value)
    records = call.records_with(ys)
    reached = [y for y in ys if _reaches(y)]

    @recorded
    def pullback(upstream: Any) -> Any:
        given = _directions(_matched(value, upstream, "upstream gradient"), ys)
        build = records or any(isinstance(u, Array) for u in tree.leaves(upstream))
        gs = [g for g, y in zip(given, ys, strict=True) if y._active]
        kept = sweep(
            reached, gs if build else [g._data for g in gs], build=build, keep=call.inputs, floor=call.floor
        )
        return call.shaped([kept.get(x, zeros(x) if build else zeros(x)._data) for x in call.inputs])

    primal = tree.shaped_as(value, _results(ys, records))
    return (primal, pullback, aux if records else bare(aux)) if has_aux else (primal, pullback)


@recorded
def jvp(
    function: Callable[..., Any], primals: Sequence[Any], tangents_: Sequence[Any], *, has_aux: bool = False
) -> tuple[Any, ...]:
    """The value of a function and its derivative along a direction, J·v: forward mode.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        primals: its arguments.
        tangents_: the direction v: for each argument an array of its shape, or None for an argument that
            stays as it is, such as one of integers.
        has_aux: ``function`` gives a pair of what is differentiated and something else.

    Returns:
        The value, and its derivative in the same structure; with ``has_aux`` the something else comes third.

    Raises:
        NotDifferentiableError: an argument is not floating-point, or an output cannot be differentiated.
        ShapeError: a direction has another shape than its argument.

    >>> import diagrad as dg, numpy as np
    >>> dg.jvp(lambda x: x * x, (np.array([1.0, 2.0]),), (np.array([1.0, 0.5]),))
    (array([1., 4.]), array([2., 2.]))
    """
    if len(primals) != len(tangents_):
        raise DifferentiationError(
            f"{len(primals)} arguments, but {len(tangents_)} directions",
            where=str(user_site(0)),
            expected="a direction for each argument",
            got=f"{len(tangents_)}",
            fix="pass tuples of one length; None for an argument that stays as it is",
        )
    moved = [at for at, v in enumerate(tangents_) if v is not None]
    call = Arguments(function, primals, moved)
    names = [f"direction[{at}]" if len(moved) > 1 else "direction" for at in moved]
    pairs = [_matched(primals[at], tangents_[at], name) for at, name in zip(moved, names, strict=True)]
    vs = _directions([pair for found in pairs for pair in found], call.inputs)
    result = function(*call.given)
    value, aux = split_aux(function, result) if has_aux else (result, None)
    ys = outputs_of(value)
    for y in ys:
        _reaches(y)
    records = call.records_with(ys) or any(isinstance(v, Array) for v in tree.leaves(list(tangents_)))
    pushed = tangents(ys, call.inputs, vs, records)
    pair = tree.shaped_as(value, _results(ys, records)), tree.shaped_as(value, _results(pushed, records))
    return (*pair, aux if records else bare(aux)) if has_aux else pair


def _results(arrays: Sequence[Array], records: bool) -> list[Any]:
    """Arrays as they are, or their numbers."""
    return list(arrays) if records else [unwrapped(x) for x in arrays]


def _reaches(y: Array) -> bool:
    """Whether a gradient flows from y; an error where an op without a derivative stops it."""
    if not y._active and (stop := blocking_op(y, wanted=True)) is not None:
        raise not_differentiable(y, stop)
    return y._active


def _directions(given: Sequence[tuple[str, Any]], arrays: Sequence[Array]) -> list[Array]:
    """Vectors that go with ``arrays``, each with its path, as Arrays of the same shapes and dtypes."""
    made: list[Array] = []
    for (path, v), x in zip(given, arrays, strict=True):
        a = current(v) if isinstance(v, Array) else constant(as_data(v, copy=True))
        if a.shape != x.shape:
            raise ShapeError(
                f"the {path} has another shape",
                where=str(user_site(1)),
                expected=f"{x.shape}",
                got=f"{a.shape}",
                fix="give one number for each element",
            )
        made.append(a if a.dtype == x.dtype else a.astype(x.dtype))
    return made


def _matched(like: Any, given: Any, path: str) -> list[tuple[str, Any]]:
    """What stands in ``given`` where ``like`` has its leaves, each with its path."""
    level = tree.level(like)
    if level is None:
        return [(path, given)]
    own = tree.level(given)
    parts = own.children if own else cast("Sequence[Any]", given if isinstance(given, list | tuple) else ())
    keyed = own is not None and own.labels == level.labels
    if len(parts) != len(level.labels) or (isinstance(like, dict) and not keyed):
        raise ShapeError(
            f"the {path} has {len(parts)} parts, not {len(level.labels)}",
            where=str(user_site(1)),
            expected="the structure of what it belongs to",
            got=type(cast(object, given)).__name__,
            fix="give one array for each, zeros where nothing changes",
        )
    labels = [label if label[:1] in ("[", ".") else f"[{label!r}]" for label in level.labels]
    found = [_matched(x, v, path + at) for x, v, at in zip(level.children, parts, labels, strict=True)]
    return [pair for pairs in found for pair in pairs]


def jacobian(
    function: Callable[..., Any], argnums: Argnums = 0, *, mode: Mode = "auto", has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives the Jacobian of ``function``: ∂y/∂x, of shape ``y.shape + x.shape``.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        argnums: which argument or arguments to differentiate.
        mode: ``"forward"`` computes a column for each element of x, ``"reverse"`` a row for each element of
            y, all at once; ``"auto"`` takes what is fewer.
        has_aux: ``function`` gives a pair of what is differentiated and something else, which is handed on.

    Returns:
        A function of the same arguments. Where results or arguments are structures, the result has the
        structure of the results with that of the arguments in it.

    Raises:
        NotDifferentiableError: an argument is not floating-point, or an output cannot be differentiated.
        DifferentiationError: there is no such mode.

    >>> import diagrad as dg, numpy as np
    >>> dg.jacobian(lambda x: x[:2] * x[1:])(np.array([1.0, 2.0, 3.0]))
    array([[2., 1., 0.],
           [0., 3., 2.]])
    """
    if mode not in ("auto", "forward", "reverse"):
        raise DifferentiationError(
            f"there is no mode {mode!r}",
            where=str(user_site(0)),
            expected="'auto', 'forward' or 'reverse'",
            got=repr(mode),
            fix="leave it out",
        )

    @wraps(function)
    @recorded
    def of(*args: Any, **kwargs: Any) -> Any:
        call = Arguments(function, args, argnums)
        result = function(*call.given, **kwargs)
        value, aux = split_aux(function, result) if has_aux else (result, None)
        ys = outputs_of(value)
        for y in ys:
            _reaches(y)
        columns, rows = (sum(math.prod(x.shape) for x in xs) for xs in (call.inputs, ys))
        fill = _by_columns if mode == "forward" or (mode == "auto" and columns < rows) else _by_rows
        records = call.records_with(ys)
        table = fill(ys, call.inputs, records)
        made = tree.shaped_as(value, [call.shaped(_results(row, records)) for row in table])
        return (made, aux if records else bare(aux)) if has_aux else made

    return of


def _basis(x: Array) -> Array:
    """Every unit vector of the space of x, along a new first axis."""
    n = math.prod(x.shape)
    return constant(np.eye(n, dtype=x.dtype).reshape(n, *x.shape))


def _by_rows(ys: Sequence[Array], xs: Sequence[Array], records: bool) -> list[list[Array]]:
    """The Jacobian of each y by each x: the pullback of every unit vector of y, all at once."""
    table: list[list[Array]] = []
    for y in ys:
        g = leaf(y.spec, "input")
        pulled = sweep([y], [g], build=True, keep=xs) if y._active and y.size else {}
        reached = [x for x in xs if x in pulled]
        with recording(records):
            rows = batched([pulled[x] for x in reached], {g: Lane(_basis(y), True)}, y.size)
            found = {x: _reshaped(row, (*y.shape, *x.shape)) for x, row in zip(reached, rows, strict=True)}
        table.append([found[x] if x in found else _nothing(y, x) for x in xs])
    return table


def _by_columns(ys: Sequence[Array], xs: Sequence[Array], records: bool) -> list[list[Array]]:
    """The same, by the derivative along every unit vector of x, all at once."""
    columns: list[list[Array]] = []
    for x in xs:
        v = leaf(x.spec, "input")
        pushed = linear(ys, [x], [v]) if x.size else []
        with recording(records):
            made = batched(pushed, {v: Lane(_basis(x), True)}, x.size)
            check_linear(made, ys)
            columns.append([_last(j, y, x) for j, y in zip(made, ys, strict=False)])
    return [
        [column[at] if column else _nothing(y, x) for column, x in zip(columns, xs, strict=True)]
        for at, y in enumerate(ys)
    ]


def _last(j: Array, y: Array, x: Array) -> Array:
    """The batch's axis moved to the end, and made the axes of x."""
    order = (*range(1, j.ndim), 0)
    turned = apply(ops.Transpose(order), j, inner=True) if y.ndim else j
    return _reshaped(turned, (*y.shape, *x.shape))


def _reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    return x if x.shape == shape else apply(ops.Reshape(shape), x, inner=True)


def _nothing(y: Array, x: Array) -> Array:
    return constant(np.zeros((*y.shape, *x.shape), x.dtype)[()])


def hessian(function: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that gives the Hessian of ``function``, which gives a scalar: ∂²f/∂x².

    Method: forward over reverse.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        argnums: which argument or arguments to differentiate, twice.

    Returns:
        A function of the same arguments that gives an array of shape ``x.shape + x.shape``; for structures,
        the structure with the structure in it.

    Raises:
        NotScalarError: ``function`` does not give a scalar.
        NotDifferentiableError: an argument is not floating-point.

    >>> import diagrad as dg, numpy as np
    >>> dg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return jacobian(grad(function, argnums), argnums, mode="forward")


def hvp(function: Callable[..., Any], primals: Sequence[Any], tangents_: Sequence[Any]) -> Any:
    """The product of the Hessian of ``function``, which gives a scalar, with a direction: H·v.

    It costs a few evaluations of ``function`` and never makes the Hessian (B. A. Pearlmutter, *Fast exact
    multiplication by the Hessian*, 1994).

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        primals: its arguments.
        tangents_: the direction v: for each argument an array of its shape, or None for an argument that
            stays as it is.

    Returns:
        H·v in the structure of the arguments that move: a tuple of them where there are several.

    Raises:
        NotScalarError: ``function`` does not give a scalar.
        ShapeError: a direction has another shape than its argument.

    >>> import diagrad as dg, numpy as np
    >>> dg.hvp(lambda x: x[0] ** 2 * x[1], (np.array([3.0, 5.0]),), (np.array([1.0, 0.0]),))
    array([10.,  6.])
    """
    moved = [at for at, v in enumerate(tangents_) if v is not None]
    return jvp(grad(function, moved[0] if len(moved) == 1 else moved), primals, tangents_)[1]


def directional(
    function: Callable[..., Any], primals: Sequence[Any], tangents_: Sequence[Any], order: int = 1
) -> tuple[Any, ...]:
    """The value of a function and its derivatives along a direction: dᵏ/dtᵏ f(x + t·v) at t = 0.

    Args:
        function: of arrays, or of lists, tuples and dicts of them.
        primals: its arguments x.
        tangents_: the direction v: for each argument an array of its shape.
        order: the highest derivative.

    Returns:
        ``order + 1`` results: the value, the first derivative, the second, …

    Raises:
        DifferentiationError: ``order`` is negative.
        ShapeError: a direction has another shape than its argument.

    >>> import diagrad as dg
    >>> [float(d) for d in dg.directional(lambda x: x**3, (2.0,), (1.0,), order=3)]
    [8.0, 12.0, 12.0, 6.0]
    """
    if order < 0:
        raise DifferentiationError(
            f"there is no derivative of order {order}",
            where=str(user_site(0)),
            expected="an order of 0 or more",
            got=str(order),
            fix="order=0 gives the value alone",
        )

    def deeper(f: Callable[..., Any]) -> Callable[..., Any]:
        def more(*xs: Any) -> list[Any]:
            values, slopes = jvp(f, xs, tangents_)
            return [*values, slopes[-1]]

        return more

    f: Callable[..., Any] = lambda *xs: [function(*xs)]  # noqa: E731
    for _ in range(order):
        f = deeper(f)
    made = f(*primals)
    keep = order or any(isinstance(x, Array) for x in tree.leaves(list(primals)))
    return tuple(made if keep else [bare(y) for y in made])
