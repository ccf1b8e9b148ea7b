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


def flatten(tree: Any, path: str) -> tuple[list[Any], list[str]]:
    """The leaves and what they are called. Here every tuple is a structure, and None is an empty one.

    >>> flatten({"W": 1.0, "state": (0.0, None)}, "init")
    ([1.0, 0.0], ['W', 'state[0]'])
    """
    found: list[Any] = []
    paths: list[str] = []

    def note(path: str, x: Any) -> None:
        found.append(x)
        paths.append(path)

    _walk(tree, path, note)
    return found, paths


def unflatten(like: Any, things: Iterator[Any]) -> Any:
    """The structure of ``like``, with one of ``things`` for each leaf.

    >>> unflatten((0, {"a": 0, "b": None}), iter("xy"))
    ('x', {'a': 'y', 'b': None})
    """
    return _walk(like, "", lambda _path, _x: next(things))


def _walk(tree: Any, path: str, function: Callable[[str, Any], Any]) -> Any:
    if tree is None:
        return None
    if isinstance(tree, dict):
        named = cast("dict[Any, Any]", tree)
        return {key: _walk(x, str(key), function) for key, x in named.items()}
    if isinstance(tree, tuple) and not isinstance(tree, Spec):
        parts = cast("tuple[Any, ...]", tree)
        made = [_walk(x, f"{path}[{at}]", function) for at, x in enumerate(parts)]
        return type(parts)(*made) if hasattr(parts, "_fields") else tuple(made)  # pyright: ignore[reportCallIssue]
    if isinstance(tree, list) and not is_numbers(cast("list[Any]", tree)):
        return [_walk(x, f"{path}[{at}]", function) for at, x in enumerate(cast("list[Any]", tree))]
    return function(path, tree)


def leaves_like(like: Any, tree: Any, path: str) -> list[Any]:
    """The leaves of ``tree`` in the order of those of ``like``, which has the same structure.

    Raises:
        ValueError: it has another. Its arguments are the place, what ``like`` has there, what ``tree`` has.

    >>> leaves_like({"a": 0, "b": (0, 0)}, {"b": (2, 3), "a": 1}, "carry")
    [1, 2, 3]
    """
    if _kind(like) != _kind(tree):
        raise ValueError(path, _kind(like), _kind(tree))
    if like is None:
        return []
    if isinstance(like, dict):
        named = cast("dict[Any, Any]", like)
        return [leaf for key, x in named.items() for leaf in leaves_like(x, tree[key], str(key))]
    if not _is_structure(like):
        return [tree]
    pairs = enumerate(zip(like, tree, strict=True))
    return [leaf for at, (x, y) in pairs for leaf in leaves_like(x, y, f"{path}[{at}]")]


def _is_structure(tree: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    if isinstance(tree, list):
        return not is_numbers(cast("list[Any]", tree))
    return isinstance(tree, tuple) and not isinstance(tree, Spec)


def _kind(tree: Any) -> str:
    """What stands at one place of a structure."""
    if isinstance(tree, dict):
        return f"a dict of {', '.join(sorted(map(repr, cast('dict[Any, Any]', tree)))) or 'nothing'}"
    if _is_structure(tree):
        return f"a {type(tree).__name__} of {len(tree)}"
    return "None" if tree is None else "an array"
