"""Functions as graphs that an op holds: the bodies of loops, the branches of a choice."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError, StructureError
from ..ir import Graph, Site, Spec, user_site
from . import tree
from .align import to_array
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
        """The Arrays that outputs need and that are not the function's own: what a closure holds, and what was
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


def conform(like: Any, given: Any, what: str, where: str) -> list[Any]:
    """The leaves of ``given``, which must have the structure of ``like``.

    Raises:
        StructureError: it has another.
    """
    try:
        return tree.leaves_like(like, given)
    except ValueError as error:
        raise StructureError(
            f"{what}: {error}",
            where=where,
            expected="the same structure of lists, tuples and dicts, with arrays in the same places",
            got="another",
            fix="return the structure that was taken",
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
