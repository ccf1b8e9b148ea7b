"""Lists, tuples and dicts of arrays, as functions take and give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def map_paths(function: Callable[[str, Any], Any], tree: Any, path: str) -> Any:
    """The same structure with ``function(path, leaf)`` for each leaf. A dict's keys name its leaves.

    >>> map_paths(lambda path, x: path, {"W": 1, "b": [2, 3]}, "params")
    {'W': 'W', 'b': ['b[0]', 'b[1]']}
    """
    if isinstance(tree, dict):
        return {key: map_paths(function, x, str(key)) for key, x in tree.items()}  # pyright: ignore
    if isinstance(tree, list | tuple) and not hasattr(tree, "dtype") and not _is_numbers(tree):
        made = [map_paths(function, x, f"{path}[{at}]") for at, x in enumerate(tree)]  # pyright: ignore
        return made if isinstance(tree, list) else tuple(made)
    return function(path, tree)


def leaves(tree: Any) -> Iterator[Any]:
    """The leaves in order.

    >>> list(leaves({"W": 1, "b": (2, 3)}))
    [1, 2, 3]
    """
    if isinstance(tree, dict):
        for x in tree.values():  # pyright: ignore[reportUnknownVariableType]
            yield from leaves(x)
    elif isinstance(tree, list | tuple) and not hasattr(tree, "dtype"):
        for x in tree:  # pyright: ignore[reportUnknownVariableType]
            yield from leaves(x)
    else:
        yield tree


def _is_numbers(tree: Any) -> bool:
    """A nested list of plain numbers is one array, not many."""
    return bool(tree) and all(isinstance(x, int | float | complex) or (_is_list(x) and _is_numbers(x)) for x in tree)


def _is_list(x: Any) -> bool:
    return isinstance(x, list | tuple)
