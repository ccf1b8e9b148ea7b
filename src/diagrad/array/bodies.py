"""Functions as graphs that an op holds: the bodies of loops, the branches of a choice."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError, StructureError
from ..ir import Graph, Site, Spec, user_site
from . import tree
from .align import cast, promote, to_array
from .array import Array, Part, clock, leaf
from .context import Context, surround
from .trace import collect, is_traced


class Body:
    """A function, run once on traced arrays.

    Attributes:
        name: what it is called.
        parameters: what its parameters are called.
        leaves: the traced arrays that it was given.
        result: what it gave.
        site: the user's line that asked for it.
    """

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], role: str) -> None:
        self.site = user_site(1)
        self.name: str = name if (name := getattr(function, "__name__", role)).isidentifier() else role
        self.leaves: list[Array] = []
        self._floor = clock()
        self.parameters = names = _parameters(function, len(args))
        with surround(Context()):
            given = [self._traced(x, name) for x, name in zip(args, names, strict=True)]
            self.result: Any = function(*given)

    def _traced(self, x: Any, name: str) -> Any:
        """The same structure with a traced leaf for each spec."""
        specs, paths = tree.flatten(x, name)
        made = [leaf(spec, "input", path) for spec, path in zip(specs, paths, strict=True)]
        self.leaves += made
        return tree.unflatten(x, iter(made))

    def captured(self, outputs: Sequence[Array]) -> list[Array]:
        """The Arrays that outputs need and that are not the function's own: what it closes over, and what was
        computed from that alone. Single numbers without a gradient are constants, and not among them.
        """
        found: dict[Array, None] = {}
        seen = set[Array](self.leaves)
        stack = list(outputs)
        while stack:
            x = stack.pop()
            if x in seen:
                continue
            seen.add(x)
            source = x._inputs[0] if type(x._op) is Part else x
            if not is_traced(x):
                if x._active or not _is_one_number(x):
                    found[x] = None
            elif source._order < self._floor:
                found[x] = None
            else:
                stack += x._inputs
        return sorted(found, key=attrgetter("_order"))

    def graph(self, outputs: Sequence[Array], captured: Sequence[Array]) -> Graph:
        """The function as a graph: inputs are its own and then what it captured."""
        return collect(outputs, [*self.leaves, *captured], self.name).graph

    def where(self, x: Any = None) -> str:
        """The line that computed x, or the one that asked for the function."""
        site: Site | None = x._site if isinstance(x, Array) and x._inputs else self.site
        return str(site or self.site)


def _parameters(function: Callable[..., Any], count: int) -> list[str]:
    """The names of a function's parameters, so far as it tells them."""
    try:
        names = [p.name for p in inspect.signature(function).parameters.values() if p.kind < p.VAR_POSITIONAL]
    except (TypeError, ValueError):
        names = []
    return (names + [f"x{at}" for at in range(len(names), count)])[:count]


def _is_one_number(x: Array) -> bool:
    """Whether it is one number, perhaps repeated."""
    return x.size <= 1 or not any(np.asarray(x._data).strides)


def merged(*groups: Sequence[Array]) -> list[Array]:
    """Arrays of several groups, each once."""
    return list(dict.fromkeys(x for group in groups for x in group))


def specs_of(x: Any) -> Any:
    """The same structure with the spec of each leaf; Arrays and numbers alike."""
    return tree.unflatten(x, iter([to_array(leaf).spec for leaf in tree.flatten(x, "")[0]]))


def conform(like: Any, given: Any, place: str, what: str, where: str) -> list[Any]:
    """The leaves of ``given``, which must have the structure of ``like``.

    Raises:
        StructureError: it has another.
    """
    try:
        return tree.leaves_like(like, given, place)
    except ValueError as error:
        at, want, got = error.args
        raise StructureError(
            what,
            where=where,
            expected=f"{at}: {want}",
            got=f"{at}: {got}",
            fix="give the same structure of lists, tuples and dicts, with arrays in the same places",
        ) from None


def check_specs(
    what: str, paths: Sequence[str], want: Sequence[Spec], got: Sequence[Any], body: Body, fix: str
) -> None:
    """Raise unless arrays have the specs that they must have; the text names the first that has not.

    Raises:
        ShapeError, DTypeError: one has another shape or dtype.
    """
    for path, spec, x in zip(paths, want, got, strict=True):
        if x.spec != spec:
            error = ShapeError if x.shape != spec.shape else DTypeError
            raise error(
                f"{what} {path} is {spec}, and then {x.spec}",
                where=body.where(x),
                expected=f"{path}: {spec}",
                got=f"{path}: {x.spec}",
                fix=fix,
            )


def traced_step(
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
        given = conform(init, result, body.parameters[0], changes, body.where())
        new = [_as(y, spec) for y, spec in zip(given, want, strict=True)]
        grown = [
            promote([spec.dtype, y.dtype]).type(x) if is_weak(x) else x
            for x, spec, y in zip(leaves, want, new, strict=True)
        ]
        if all(to_array(x).dtype == spec.dtype for x, spec in zip(grown, want, strict=True)):
            fix = f"let {body.name} give each carry as it took it: x.astype(…), or another first carry"
            check_specs(f"{what}: the carry", paths, want, new, body, fix)
            return init, body, new, rest
        init = tree.unflatten(init, iter(grown))


def _as(y: Any, spec: Spec) -> Array:
    """An Array; a plain number of the carry's dtype, where that has room for it."""
    room = is_weak(y) and promote([spec.dtype, y]) == spec.dtype
    return cast(to_array(y), spec.dtype) if room else to_array(y)


def _pair(body: Body) -> tuple[Any, Any]:
    result = body.result
    if not isinstance(result, tuple) or len(result) != 2:  # pyright: ignore[reportUnknownArgumentType]
        raise StructureError(
            f"scan: {body.name} does not give a pair",
            where=body.where(),
            expected="(the next carry, an output or None)",
            got=type(result).__name__,  # pyright: ignore[reportUnknownArgumentType]
            fix="return carry, y; or carry, None",
        )
    return result  # pyright: ignore[reportUnknownVariableType]


def is_flat(x: Any, most: float = math.inf) -> bool:
    """Whether the variables of ``a, b = …`` can name the leaves in their order."""
    if isinstance(x, tuple):
        return most > 1 and not any(isinstance(part, tuple | list | dict | None) for part in x)  # pyright: ignore[reportUnknownVariableType]
    return not isinstance(x, dict | list) and x is not None


def is_weak(x: Any) -> bool:
    """Whether it is a number of Python's, which has no dtype of its own."""
    return isinstance(x, int | float | complex) and not isinstance(x, np.generic | bool)


def arrays_of(x: Any) -> list[Array]:
    """The leaves of a structure as Arrays."""
    return [to_array(leaf) for leaf in tree.flatten(x, "")[0]]


def not_one_boolean(what: str, p: Array) -> ShapeError | DTypeError:
    """The error of a predicate that is something else."""
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
