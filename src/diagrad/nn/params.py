"""Parameter trees: what they are, and as parameters of a drawn graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..array import functions as f
from ..array import tree
from ..array.align import to_array
from ..array.array import Array
from ..errors import DTypeError, InputError, ShapeError
from ..ir import user_site

Params = Mapping[str, Any]
"""The parameters of a layer: arrays, or the parameters of its parts, by name."""


def parameters(params: Any) -> Any:
    """The same tree with each array as a :func:`diagrad.parameter`, named after its key.

    For ``loss.backward()`` and for pictures, which draw parameters in a style of their own.

    Args:
        params: dicts, lists and tuples of arrays, nested.

    >>> from diagrad import nn
    >>> nn.parameters(nn.init.linear(0, 2, 3))["W"].name
    'W'
    """
    return tree.map_paths(lambda path, x: f.parameter(x, name=path), params, "x")


def part(params: Params, key: str, layer: str) -> Array:
    """One array of a layer's parameters.

    Raises:
        InputError: there is none of this name.
    """
    return to_array(subtree(params, key, layer))


def subtree(params: Params, key: str, layer: str) -> Any:
    """One array of a layer's parameters, or the parameters of one of its parts.

    Raises:
        InputError: there is none of this name.
    """
    if key not in params:
        raise InputError(
            f"{layer}: the parameters have no {key!r}",
            where=str(user_site(1)),
            expected=f"a dict such as nn.init.{layer} makes",
            got=", ".join(map(str, params)) or "an empty dict",
            fix="make the parameters with the initialiser of the same name",
        )
    return params[key]


def misfit(what: str, expected: str, fix: str, **given: Array) -> ShapeError:
    """The error of shapes that do not fit: names each array and its shape."""
    return ShapeError(what, where=str(user_site(1)), expected=expected, got=listed(given), fix=fix)


def wrong_dtype(what: str, expected: str, fix: str, **given: Array) -> DTypeError:
    """The error of a dtype that does not fit: names each array and what it is."""
    got = ", ".join(f"{x.name or key}: {x.spec}" for key, x in given.items())
    return DTypeError(what, where=str(user_site(1)), expected=expected, got=got, fix=fix)


def listed(given: Mapping[str, Array]) -> str:
    """Names and shapes, as messages give them."""
    return ", ".join(f"{x.name or key}{x.shape}" for key, x in given.items())
