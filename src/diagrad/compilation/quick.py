"""The quick way into a compiled function: Python text written for one version.

It has the parameters of the function itself, so Python binds the arguments. It takes them apart and puts the
results together, and looks at nothing that the native code looks at: dtypes, shapes, the order of elements,
whether arrays overlap. What it does not know it leaves to the slow way.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ..array import tree
from .arguments import Call, Parameters
from .version import Version

__all__ = ["MISS", "quick_way", "unknown"]

MISS: Any = object()
"""What the quick way gives where it does not know the arguments."""

_CONVERTED = {int: np.int64, complex: np.complex128}
"""The Python numbers that native code cannot read where they lie, and what it can."""

_CONTAINERS = (dict, list, tuple)


def unknown(*args: Any, **kwargs: Any) -> Any:
    """The quick way that knows no arguments."""
    return MISS


def quick_way(parameters: Parameters, version: Version, call: Call) -> Callable[..., Any]:
    """A function for calls like this one; :func:`unknown` where there is none."""
    exe = version.program()
    if exe is None or exe.program.calls:  # a NumPy call can fail halfway: it must not run a second time
        return unknown
    return _Writing(parameters, version, exe, call).function()


class _Unknown(Exception):  # noqa: N818  (no error: there is no quick way)
    """There is no text for a container or an argument."""


class _Writing:
    def __init__(self, parameters: Parameters, version: Version, exe: Any, call: Call) -> None:
        self.parameters, self.version, self.exe, self.call = parameters, version, exe, call
        self.own = "_" * (
            1 + max((len(p) - len(p.lstrip("_")) for p in parameters.signature.parameters), default=0)
        )
        """What names begin with that are none of the function's."""
        self.known: dict[str, Any] = {}
        self.miss, self.type, self.len = map(self._name, (MISS, type, len))
        self.lines: list[str] = []
        self.leaves: list[str] = []

    def function(self) -> Callable[..., Any]:
        try:
            for name, x in self.call.given.items():
                if name in self.parameters.static:
                    self._fixed(name, x)
                else:
                    self._take(name, x, self.parameters.signature.parameters[name].kind)
            self._call()
        except _Unknown:
            return unknown
        text = "\n    ".join([f"def {self.own}quick({self._parameters()}):", *self.lines])
        exec(text, self.known)  # noqa: S102  (written here, as dataclasses write theirs)
        quick = self.known[f"{self.own}quick"]
        quick.__name__ = quick.__qualname__ = self.parameters.name
        return cast("Callable[..., Any]", quick)

    def _name(self, x: Any) -> str:
        """A name for something that the text speaks of."""
        name = f"{self.own}x{len(self.known)}"
        self.known[name] = x
        return name

    def _parameters(self) -> str:
        """The parameters of the function, with its defaults."""
        marked = [
            p.replace(
                annotation=inspect.Parameter.empty,
                default=p.default if p.default is p.empty else _Text(self._name(p.default)),
            )
            for p in self.parameters.signature.parameters.values()
        ]
        return str(inspect.Signature(marked))[1:-1]

    def _miss_if(self, condition: str) -> None:
        self.lines.append(f"if {condition}: return {self.miss}")

    def _fixed(self, text: str, x: Any) -> None:
        """A static argument: the same object, or one that is equal in value and type."""
        same = f"{text} is not {self._name(x)}"
        if type(x) in (int, str, bool, bytes):
            same += f" and ({self.type}({text}) is not {self._name(type(x))} or {text} != {x!r})"
        self._miss_if(same)

    def _take(self, text: str, x: Any, kind: Any = None) -> None:
        """Take an argument apart."""
        found = tree.level(x)
        if kind is inspect.Parameter.VAR_POSITIONAL:
            found = tree.level(x, split=True)
        if found is None:
            self._leaf(text)
        elif x is None:
            self._miss_if(f"{text} is not None")
        elif type(x) in _CONTAINERS:
            self._inside(text, x, found.children)
        else:
            raise _Unknown

    def _leaf(self, text: str) -> None:
        number = self.version.numbers[len(self.leaves)]
        if number in _CONVERTED:
            self._miss_if(f"{self.type}({text}) is not {self._name(number)}")
            self.lines += [f"try: {text} = {self._name(_CONVERTED[number])}({text})"]
            self.lines += [f"except {self._name(OverflowError)}: return {self.miss}"]
        self.leaves.append(text)

    def _inside(self, text: str, x: Any, children: Any) -> None:
        kind = cast("type[Any]", type(x))
        self._miss_if(
            f"{self.type}({text}) is not {self._name(kind)} or {self.len}({text}) != {len(children)}"
        )
        parts = [f"{self.own}a{len(self.lines)}_{at}" for at in range(len(children))]
        if kind is dict:
            self.lines += [
                f"{part} = {text}.get({self._name(key)})" for key, part in zip(x, parts, strict=True)
            ]
        elif children:
            self.lines.append(f"{', '.join(parts)}, = {text}")
        for part, child in zip(parts, children, strict=True):
            self._take(part, child)

    def _call(self) -> None:
        own: list[str] = []
        results: list[str] = []
        for at, (y, source) in enumerate(zip(self.version.graph.outputs, self.version.donated, strict=True)):
            if source is not None:
                results.append(self.leaves[source])
                continue
            name = f"{self.own}y{at}"
            self.lines.append(
                f"{name} = {self._name(np.empty)}({self._name(y.shape)}, {self._name(y.dtype)})"
            )
            own.append(name)
            results.append(name if y.shape else f"{name}[()]")
        result = self._written(self.version.result, results)
        free, room, run = map(self._name, (self.exe.free, self.exe.workspace, self.exe.run))
        w = f"{self.own}w"
        self.lines += [f"try: {w} = {free}.pop()", f"except {self._name(IndexError)}: {w} = {room}()"]
        self.lines.append(f"{self.own}status = {run}({', '.join((*self.leaves, *own, w))})")
        self.lines.append(f"{free}.append({w})")
        self._miss_if(f"{self.own}status")
        self.lines.append(f"return {result}")

    def _written(self, result: Any, texts: list[str]) -> str:
        """A structure of results as Python text."""
        found = tree.level(result)
        if found is None:
            return texts[int(result)]
        if result is None:
            return "None"
        kind = cast("type[Any]", type(result))
        if kind not in _CONTAINERS:
            raise _Unknown
        parts = [self._written(x, texts) for x in found.children]
        if kind is dict:
            keys = map(self._name, cast("dict[Any, Any]", result))
            return "{" + ", ".join(f"{key}: {part}" for key, part in zip(keys, parts, strict=True)) + "}"
        inside = "".join(f"{part}, " for part in parts)
        return f"[{inside}]" if kind is list else f"({inside})"


class _Text(str):
    """What stands in a signature as it is."""

    __slots__ = ()
    __repr__ = str.__str__
