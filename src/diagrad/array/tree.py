"""Lists, tuples and dicts of arrays, as functions take and give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeGuard, cast

from ..ir import Spec


def map_paths(function: Callable[[str, Any], Any], tree: Any, path: str) -> Any:
    """The same structure with ``function(path, leaf)`` for each leaf. A dict's keys name its leaves.

    A nested list of plain numbers is one array, and so one leaf.

    >>> map_paths(lambda path, x: path, {"W": [1.0, 2.0], "b": ("p", "q")}, "params")
    {'W': 'W', 'b': ('b[0]', 'b[1]')}
    """
    if isinstance(tree, dict):
        named = cast("dict[Any, Any]", tree)
        return {key: map_paths(function, x, str(key)) for key, x in named.items()}
    if _is_sequence(tree) and not is_numbers(tree):
        made = [map_paths(function, x, f"{path}[{at}]") for at, x in enumerate(tree)]
        return made if isinstance(tree, list) else tuple(made)
    return function(path, tree)


def leaves(tree: Any) -> Iterator[Any]:
    """The leaves in order.

    >>> list(leaves({"W": 1, "b": (2, 3)}))
    [1, 2, 3]
    """
    if isinstance(tree, dict):
        for x in cast("dict[Any, Any]", tree).values():
            yield from leaves(x)
    elif _is_sequence(tree):
        for x in tree:
            yield from leaves(x)
    else:
        yield tree


def _is_sequence(tree: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """A list or tuple, but not a Spec, which is a tuple too."""
    return isinstance(tree, list | tuple) and not isinstance(tree, Spec)


def is_numbers(tree: list[Any] | tuple[Any, ...]) -> bool:
    """A nested list of plain numbers is one array, not many."""
    return bool(tree) and all(
        isinstance(x, int | float | complex) or (_is_sequence(x) and is_numbers(x)) for x in tree
    )
