"""Structures of arrays, as functions take and give them: lists, tuples, dicts, and what optree knows.

Lists, tuples, named tuples and dicts are taken apart here, a dict in the order of its keys' insertion. Any
other container is asked of `optree <https://optree.readthedocs.io>`_, which is imported only then: ordered
dicts, deques, and every class registered with it, globally or in the namespace ``"diagrad"``. ``None`` is a
structure without leaves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple, TypeGuard, cast

import numpy as np

from ..ir import Spec


class Level(NamedTuple):
    """One level of a structure.

    ``labels``: what a path says of each child, ``[0]`` or the key of a dict. ``rebuild`` makes the same
    container of other children.
    """

    labels: list[str]
    children: Sequence[Any]
    rebuild: Callable[[list[Any]], Any]


def level(tree: Any, split: bool = False) -> Level | None:
    """The outermost level of a structure; None for a leaf.

    A nested list or tuple of plain numbers is one array, and so one leaf; with ``split`` every tuple is a
    structure, as the carry of a loop is.
    """
    kind = cast("type[Any]", type(tree))  # pyright: ignore[reportUnknownVariableType]  (of Any)
    if kind is dict:
        named = cast("dict[Any, Any]", tree)

        def keyed(xs: list[Any]) -> Any:
            return dict(zip(named, xs, strict=True))

        return Level([str(key) for key in named], list(named.values()), keyed)
    if _is_sequence(tree) and (kind is list or kind is tuple):
        whole = is_numbers(tree) and not (split and kind is tuple)
        return None if whole else Level(_numbered(len(tree)), tree, kind)
    if isinstance(tree, tuple) and hasattr(kind, "_fields") and kind is not Spec:
        fields: tuple[str, ...] = kind._fields
        return Level([f".{name}" for name in fields], cast("tuple[Any, ...]", tree), kind._make)
    if tree is None:
        return Level([], (), _none)
    return None if _is_leaf(kind) else _registered(tree)


def map_paths(function: Callable[[str, Any], Any], tree: Any, path: str, split: bool = False) -> Any:
    """The same structure with ``function(path, leaf)`` for each leaf. A dict's keys name its leaves.

    >>> map_paths(lambda path, x: path, {"W": [1.0, 2.0], "b": ("p", "q")}, "params")
    {'W': 'W', 'b': ('b[0]', 'b[1]')}
    """
    found = level(tree, split)
    if found is None:
        return function(path, tree)
    pairs = zip(_paths(path, found), found.children, strict=True)
    return found.rebuild([map_paths(function, x, at, split) for at, x in pairs])


def _paths(path: str, found: Level) -> list[str]:
    """What each child is called. A dict's keys name theirs."""
    return [path + label if label[:1] in ("[", ".") else label for label in found.labels]


def leaves(tree: Any) -> Iterator[Any]:
    """The leaves in order.

    >>> list(leaves({"W": 1, "b": ("p", [2, 3]), "c": None}))
    [1, 'p', [2, 3]]
    """
    found = level(tree)
    if found is None:
        yield tree
    else:
        for x in found.children:
            yield from leaves(x)


def shaped_as(tree: Any, values: Sequence[Any]) -> Any:
    """The same structure with other leaves, in order.

    >>> shaped_as({"W": 1, "b": ("p", "q")}, [10, 20, 30])
    {'W': 10, 'b': (20, 30)}
    """
    rest = iter(values)
    return map_paths(lambda _path, _x: next(rest), tree, "")


def flatten(tree: Any, path: str) -> tuple[list[Any], list[str]]:
    """The leaves and what they are called. Every tuple is a structure.

    >>> flatten({"W": 1.0, "state": (0.0, None)}, "init")
    ([1.0, 0.0], ['W', 'state[0]'])
    """
    found: list[Any] = []
    paths: list[str] = []

    def note(path: str, x: Any) -> None:
        found.append(x)
        paths.append(path)

    map_paths(note, tree, path, split=True)
    return found, paths


def unflatten(like: Any, things: Iterator[Any]) -> Any:
    """The structure of ``like``, of which every tuple is one, with one of ``things`` for each leaf.

    >>> unflatten((0, {"a": 0, "b": None}), iter("xy"))
    ('x', {'a': 'y', 'b': None})
    """
    return map_paths(lambda _path, _x: next(things), like, "", split=True)


def leaves_like(like: Any, tree: Any, path: str) -> list[Any]:
    """The leaves of ``tree`` in the order of those of ``like``, which has the same structure.

    Raises:
        ValueError: it has another. Its arguments are the place, what ``like`` has there, what ``tree`` has.

    >>> leaves_like({"a": 0, "b": (0, 0)}, {"b": (2, 3), "a": 1}, "carry")
    [1, 2, 3]
    """
    want, got = level(like, split=True), level(tree, split=True)
    if _kind(like, want) != _kind(tree, got):
        raise ValueError(path, _kind(like, want), _kind(tree, got))
    if want is None or got is None:
        return [tree]
    child = dict(zip(got.labels, got.children, strict=True))
    triples = zip(_paths(path, want), want.labels, want.children, strict=True)
    return [leaf for at, label, x in triples for leaf in leaves_like(x, child[label], at)]


def _kind(tree: Any, found: Level | None) -> str:
    """What stands at one place of a structure."""
    if found is None:
        return "an array"
    if isinstance(tree, dict):
        return f"a dict of {', '.join(sorted(map(repr, cast('dict[Any, Any]', tree)))) or 'nothing'}"
    return "None" if tree is None else f"a {type(tree).__name__} of {len(found.children)}"  # pyright: ignore[reportUnknownArgumentType]


def map_argument(function: Callable[[str, Any], Any], parameter: inspect.Parameter, arg: Any) -> Any:
    """What a parameter was given, with ``function(path, leaf)`` for each leaf. Each of ``*args`` is an
    argument of its own: two numbers there are two leaves.
    """
    if parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
        return map_paths(function, arg, parameter.name)
    return tuple(map_paths(function, x, f"{parameter.name}[{at}]") for at, x in enumerate(arg))


def structure(tree: Any) -> Any:
    """What two structures share that differ in their leaves alone: hashable, unless a container holds
    something besides its children that is not.

    >>> structure({"a": 1, "b": (2, "x")}) == structure({"a": 3, "b": (4, "y")})
    True
    >>> structure({"a": 1}) == structure({"b": 1})
    False
    """
    found = level(tree)
    if found is None:
        return None
    kind = cast("type[Any]", type(tree))
    known = isinstance(tree, list | tuple) or tree is None
    keys = tuple(cast("Any", tree)) if kind is dict else None if known else _metadata(tree)
    return kind, keys, tuple(map(structure, found.children))


def is_numbers(tree: list[Any] | tuple[Any, ...]) -> bool:
    """A nested list of Python's numbers is one array, not many; NumPy's numbers are arrays themselves."""
    return bool(tree) and all(
        (isinstance(x, int | float | complex) and not isinstance(x, np.generic))
        or (_is_sequence(x) and is_numbers(x))
        for x in tree
    )


def _is_sequence(tree: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """A list or tuple, but not a Spec, which is a tuple too."""
    return isinstance(tree, list | tuple) and not isinstance(tree, Spec)


def _none(_xs: list[Any]) -> None:
    return None


def _numbered(n: int) -> list[str]:
    return [f"[{at}]" for at in range(n)]


@cache
def _is_leaf(kind: type[Any]) -> bool:
    """What is certainly no container, so that nobody need be asked: arrays, numbers, text, specs."""
    known = np.ndarray | np.generic | int | float | complex | str | bytes | Spec
    return issubclass(kind, known) or hasattr(kind, "__diagrad_apply__")


def _registered(tree: Any) -> Level | None:
    """One level of a container that optree knows."""
    import optree

    if optree.tree_is_leaf(tree, namespace="diagrad"):
        return None
    parts: Any = optree.tree_flatten_one_level(tree, namespace="diagrad")
    children, metadata, entries, rebuild = parts
    labels = [str(key) for key in entries] if isinstance(tree, dict) else _entry_labels(entries)
    return Level(labels, list(children), partial(rebuild, metadata))


def _metadata(tree: Any) -> Any:
    """What a container that optree knows holds besides its children."""
    import optree

    return optree.tree_structure(tree, is_leaf=lambda x: x is not tree, namespace="diagrad")


def _entry_labels(entries: Sequence[Any]) -> list[str]:
    return [f"[{at}]" if isinstance(at, int) else f".{at}" for at in entries]
