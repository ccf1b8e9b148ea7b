"""The quick way into a compiled function: Python text written for one structure of arguments.

It takes apart and puts together, and looks at nothing that the native code looks at itself: dtypes, shapes,
the order of elements. What it does not know it leaves to the slow way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ..array import tree
from .version import Version

__all__ = ["MISS", "quick_way", "unknown"]

MISS: Any = object()
"""What the quick way gives where it does not know the arguments."""


def unknown(*args: Any) -> Any:
    """The quick way that knows no arguments."""
    return MISS


def quick_way(version: Version, args: tuple[Any, ...]) -> Callable[..., Any]:
    """A function for arguments like these, written for their structure: it looks at nothing that the native
    code looks at itself.
    """
    exe = version.executable
    if exe is None or exe.program.calls:
        return unknown
    names: dict[str, Any] = {"MISS": MISS, "empty": np.empty, "run": exe.run}
    names |= {"free": exe.free, "room": exe.workspace}
    level: Callable[[Any], Any] = tree.level
    lines = ["def quick(*args):", f"    if len(args) != {len(args)}: return MISS"]
    leaves: list[str] = []

    def take(text: str, x: Any) -> bool:
        found = level(x)
        if found is None:
            if type(x) is float:
                spec = exe.program.inputs[len(leaves)]
                names[f"number{len(leaves)}"] = spec.dtype.type
                lines.append(f"    if type({text}) is not float: return MISS")
                lines.append(f"    {text} = number{len(leaves)}({text})")
            leaves.append(text)
            return True
        kind = cast("type[Any]", type(x))
        if kind not in (dict, list, tuple):
            return False
        names[kind.__name__] = kind
        count = len(found.children)
        lines.append(f"    if type({text}) is not {kind.__name__} or len({text}) != {count}: return MISS")
        children = [f"{text}_{at}" for at in range(count)]
        if kind is dict:
            for key, child in zip(cast("dict[Any, Any]", x), children, strict=True):
                names[f"key{len(names)}"] = key
                lines.append(f"    {child} = {text}.get(key{len(names) - 1})")
        elif children:
            lines.append(f"    {', '.join(children)}, = {text}")
        return all(take(child, y) for child, y in zip(children, found.children, strict=True))

    if args:
        lines.append(f"    {''.join(f'a{at}, ' for at in range(len(args)))}= args")
    if not all(take(f"a{at}", x) for at, x in enumerate(args)):
        return unknown
    own: list[str] = []
    results: list[str] = []
    for at, (spec, source) in enumerate(zip(exe.program.outputs, version.donated, strict=True)):
        if source is not None:
            results.append(leaves[source])
            continue
        names[f"shape{at}"], names[f"dtype{at}"] = spec.shape, spec.dtype
        lines.append(f"    y{at} = empty(shape{at}, dtype{at})")
        own.append(f"y{at}")
        results.append(f"y{at}" if spec.shape else f"y{at}[()]")
    lines += ["    try: w = free.pop()", "    except IndexError: w = room()"]
    lines.append(f"    status = run({', '.join((*leaves, *own, 'w'))})")
    lines += ["    free.append(w)", "    if status: return MISS"]
    made = _written(version.result, results)
    if made is None:
        return unknown
    lines.append(f"    return {made}")
    exec("\n".join(lines), names)  # noqa: S102  (written here, as dataclasses write theirs)
    return cast("Callable[..., Any]", names["quick"])


def _written(result: Any, texts: list[str]) -> str | None:
    """A structure of results as Python text; None where it has containers that no text makes."""
    found = tree.level(result)
    if found is None:
        return texts[int(result)]
    kind = cast("type[Any]", type(result))
    parts = [_written(x, texts) for x in found.children]
    if None in parts or kind not in (dict, list, tuple):
        return None
    whole = cast("list[str]", parts)
    if kind is dict:
        keys = list(cast("dict[Any, Any]", result))
        if not all(type(key) in (str, int) for key in keys):
            return None
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(keys, whole, strict=True)) + "}"
    inside = "".join(f"{part}, " for part in whole)
    return f"[{inside}]" if kind is list else f"({inside})"
