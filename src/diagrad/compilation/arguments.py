"""The arguments of a call, taken apart, and what of them decides the version that runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from ..array import tree
from ..array.align import as_data
from ..array.array import Array
from ..errors import DTypeError, StructureError
from ..ir import Spec, user_site
from ..ir.dtype import SHORT

__all__ = ["Argument", "Call", "Parameters"]

_NATIVE = {dtype: dtype for dtype in SHORT.values()}
"""For each dtype the object that NumPy's own arrays have: others can be equal to it."""


class Argument(NamedTuple):
    """An array or a number among the arguments of a call.

    Attributes:
        value: as it was given.
        path: what it is called.
        owner: the parameter that it belongs to.
        spec: its shape and dtype.
        number: the type of a Python number, whose dtype follows the arrays beside it; None of anything else.
    """

    value: Any
    path: str
    owner: str
    spec: Spec
    number: type | None

    @property
    def is_array(self) -> bool:
        """Whether it is an array of the caller's, which can be written into."""
        return isinstance(self.value, np.ndarray)


class Call(NamedTuple):
    """A call, taken apart: what each parameter was given, defaults included, and the arrays and numbers."""

    given: Mapping[str, Any]
    arguments: list[Argument]


class Parameters:
    """The parameters of a function, and how each is treated.

    Args:
        function: the function.
        name: what it is called.
        donate: parameters whose arrays may be overwritten.
        static: parameters that are no arrays.
    """

    def __init__(
        self, function: Callable[..., Any], name: str, donate: tuple[str, ...], static: tuple[str, ...]
    ) -> None:
        self.signature = inspect.signature(function)
        self.name, self.donate, self.static = name, donate, static
        for parameter in (*donate, *static):
            if parameter not in self.signature.parameters:
                raise self._wrong(
                    f"{name} has no parameter {parameter!r}",
                    expected=f"one of {', '.join(self.signature.parameters)}",
                    got=repr(parameter),
                )
            if parameter in donate and parameter in static:
                raise self._wrong(f"{name}: {parameter!r} is donated and static", fix="donate arrays alone")

    def take(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """Take the arguments of a call apart.

        Raises:
            TypeError: the function has other parameters.
            DTypeError: what is no array, no number and not static.
        """
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}: {error}") from None
        bound.apply_defaults()
        found: list[Argument] = []
        for name, arg in bound.arguments.items():
            if name not in self.static:

                def note(path: str, x: Any, name: str = name) -> None:
                    found.append(self._argument(x, path, name))

                tree.map_argument(note, self.signature.parameters[name], arg)
        return Call(bound.arguments, found)

    def key(self, call: Call) -> Any:
        """What the calls of one version have in common.

        Raises:
            StructureError: it is not hashable.
        """
        key = (
            tuple(
                tuple(map(tree.structure, x))
                if kind is inspect.Parameter.VAR_POSITIONAL
                else tree.structure(x)
                for name, x in call.given.items()
                if name not in self.static
                for kind in [self.signature.parameters[name].kind]
            ),
            tuple((x.spec, x.number, x.owner in self.donate and x.is_array) for x in call.arguments),
            tuple(exactly(call.given[name]) for name in self.static),
        )
        try:
            hash(key)
        except TypeError:
            raise self._wrong(
                f"{self.name}: a static argument is not hashable",
                got=", ".join(f"{name}={call.given[name]!r}"[:60] for name in self.static),
                fix="pass a number, text, a tuple or a frozen dataclass",
            ) from None
        return key

    def bind(self, call: Call, give: Callable[[str, Any], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments with ``give(path, x)`` for each array and number."""
        given = {
            name: x if name in self.static else tree.map_argument(give, self.signature.parameters[name], x)
            for name, x in call.given.items()
        }
        bound = inspect.BoundArguments(self.signature, cast("Any", given))
        return bound.args, bound.kwargs

    def _argument(self, x: Any, path: str, owner: str) -> Argument:
        number: type | None = None
        data: Any = x
        try:
            if isinstance(x, Array):
                spec = x.spec
            elif isinstance(x, np.ndarray | np.generic):
                spec = Spec(data.shape, _native(data))
            else:
                data = as_data(x)
                spec = Spec(data.shape, _native(data))
                if not isinstance(x, bool):
                    number = next((kind for kind in (int, float, complex) if isinstance(x, kind)), None)
        except DTypeError as error:
            raise self._no_number(x, path, owner) from error
        if number is int and spec.dtype != np.int64:
            raise self._no_number(x, path, owner)
        return Argument(x, path, owner, spec, number)

    def _no_number(self, x: Any, path: str, owner: str) -> DTypeError:
        if isinstance(x, int):
            what, fix = "is beyond 64 bits", f"pass it as a float, or name it: static={owner!r}"
            expected = "an integer from −2⁶³ to 2⁶³ − 1"
        elif isinstance(x, np.ndarray | np.generic):
            what, fix = f"has dtype {cast('Any', x).dtype}", "convert it first, e.g. x.astype(float)"
            expected = " ".join(SHORT)
        else:
            what, fix = "is no array and no number", f'static="{owner}", if it says how to compute'
            expected = "numbers, arrays, or lists, tuples and dicts of them"
        return DTypeError(
            f"{self.name}: {path} {what}",
            where=str(user_site(0)),
            expected=expected,
            got=f"{cast('Any', x).__class__.__name__}: {x!r}"[:100],
            fix=fix,
        )

    def _wrong(self, what: str, **rows: str) -> StructureError:
        return StructureError(what, where=str(user_site(0)), **rows)


def exactly(x: Any) -> Any:
    """What stands for a static argument in a key: ``1``, ``1.0`` and ``True`` are equal, and so are 0.0 and
    −0.0, but a function can tell them apart.
    """
    kind = cast("type[Any]", type(x))
    if isinstance(x, float | complex):
        return kind, repr(x)
    if isinstance(x, tuple):
        return kind, tuple(map(exactly, cast("tuple[Any, ...]", x)))
    if isinstance(x, frozenset):
        return kind, frozenset(map(exactly, cast("frozenset[Any]", x)))
    if is_dataclass(x):
        return kind, x, tuple(exactly(getattr(x, field.name)) for field in fields(x) if field.compare)
    return kind, x


def _native(x: Any) -> Any:
    """The dtype of data in this machine's order of bytes.

    Raises:
        DTypeError: a graph cannot have it.
    """
    dtype = _NATIVE.get(x.dtype) or _NATIVE.get(x.dtype.newbyteorder("="))
    if dtype is None:
        raise DTypeError(f"dtype {x.dtype} is not one that a graph can have")
    return dtype
