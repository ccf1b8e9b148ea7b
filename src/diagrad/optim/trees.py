"""Parameters and what goes with them: gradients, averages, all in trees of one structure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ..array import functions as f
from ..array import tree
from ..array.align import as_data
from ..array.array import Array, leaf
from ..errors import DTypeError, InputError, ShapeError
from ..ir import Spec, user_site


def flat(params: Any) -> tuple[list[str], list[Any]]:
    """The leaves in order, and what each is called."""
    paths: list[str] = []
    found: list[Any] = []

    def visit(path: str, x: Any) -> Any:
        paths.append(path)
        found.append(x)
        return x

    tree.map_paths(visit, params, "params")
    return paths, found


def mapped(function: Callable[..., Any], params: Any, *others: Any) -> Any:
    """The structure of ``params`` with ``function`` of the leaves at the same place of all trees."""
    columns = [list(tree.leaves(one)) for one in (params, *others)]
    return tree.shaped_as(params, [function(*row) for row in zip(*columns, strict=True)])


def check(params: Any, grads: Any) -> None:
    """Raise unless each parameter is floating-point and has a gradient of its shape.

    Raises:
        InputError: the trees differ, or a gradient is None.
        DTypeError: a parameter is not floating-point.
        ShapeError: a gradient has another shape than its parameter.
    """
    (names, values), (paths, given) = flat(params), flat(grads)
    missing = list((Counter(names) - Counter(paths)).elements())
    if missing and not Counter(paths) - Counter(names):
        raise InputError(
            f"there is no gradient of {_few(missing)}",
            where=str(user_site(1)),
            expected="one for each parameter",
            got=_few(paths),
            fix="run loss.backward() first, and leave parameters out that the loss does not depend on",
        )
    if paths != names:
        raise InputError(
            "the gradients are not in the structure of the parameters",
            where=str(user_site(1)),
            expected=_few(names),
            got=_few(paths),
            fix="take them with dg.grad or dg.value_and_grad of the same parameters",
        )
    for name, p, g in zip(names, values, given, strict=True):
        want, got = _spec(p), _spec(g)
        if want.dtype.kind != "f":
            raise DTypeError(
                f"{name} has dtype {want.dtype}: a small step cannot be taken from it",
                where=str(user_site(1)),
                expected="a floating-point dtype",
                got=str(want),
                fix="convert it with .astype(float)",
            )
        if want.shape != got.shape:
            raise ShapeError(
                f"the gradient of {name} has another shape",
                where=str(user_site(1)),
                expected=str(want.shape),
                got=str(got.shape),
                fix="take the gradient of these parameters, not of older ones",
            )


def is_recorded(params: Any, grads: Any) -> bool:
    """Whether a step has to be recorded: it is traced, or a gradient has a history."""

    def has_history(x: Any, leaf_counts: bool) -> bool:
        return isinstance(x, Array) and (x.traced or (x._active and (leaf_counts or not x.is_leaf)))

    return any(has_history(p, False) for p in flat(params)[1]) or any(
        has_history(g, True) for g in tree.leaves(grads)
    )


def numbers(x: Any) -> Any:
    """The numbers of anything: what a step computes with where nothing is recorded."""
    return x.data[()] if isinstance(x, Array) else as_data(x)


def second(_p: Any, x: Any) -> Any:
    """The numbers of what goes with a parameter."""
    return numbers(x)


def like(path: str, old: Any, new: Any) -> Any:
    """New numbers as what the old ones were: a parameter of the same name, a constant, or numbers."""
    if not isinstance(old, Array):
        return new
    return leaf(new, old.role or "parameter", old.name or path) if old.is_leaf else f.asarray(new)


def gradients(params: Any) -> Any:
    """The gradients that ``loss.backward()`` left in the parameters, in the same structure.

    Args:
        params: dicts, lists and tuples of Arrays, nested.

    Raises:
        InputError: one has none.

    >>> import diagrad as dg
    >>> params = {"w": dg.parameter([1.0, 2.0])}
    >>> dg.sum(params["w"] * params["w"]).backward()
    >>> dg.optim.gradients(params)
    {'w': array([2., 4.])}
    """
    grads = mapped(_grad, params)
    check(params, grads)
    return mapped(second, params, grads)


def global_norm(grads: Any) -> Any:
    """‖g‖ = √Σ g² over all elements of all gradients.

    >>> from diagrad import optim
    >>> float(optim.global_norm({"W": [3.0], "b": [4.0]}))
    5.0
    """
    total: Any = 0.0
    for g in tree.leaves(grads):
        total = total + np.sum(np.square(g))
    return np.sqrt(total)


def _grad(p: Any) -> Array | None:
    return p.grad if isinstance(p, Array) else None


def _spec(x: Any) -> Spec:
    if isinstance(x, Array):
        return x.spec
    data = as_data(x)
    return Spec(data.shape, data.dtype)


def _few(names: list[str]) -> str:
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "") if names else "nothing"
