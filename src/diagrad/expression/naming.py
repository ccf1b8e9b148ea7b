"""Names of computed Arrays where no variable of the user's gives them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from ..array.array import Array
from ..array.context import fresh, surround

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@contextmanager
def unnamed() -> Generator[None]:
    """Record inside without looking for the variables of whoever called the command."""
    with surround(fresh(inner=True)):
        yield


def named(name: str, x: Array) -> Array:
    """Name a computed Array, unless it has a name: an input keeps its own.

    >>> import diagrad as dg
    >>> named("total", dg.array(2.0, name="x") + 1).name
    'total'
    """
    return x if x.is_leaf or x.name is not None else renamed(name, x)


def renamed(name: str, x: Array) -> Array:
    """Name an Array, whatever it was called before."""
    x.name = name
    return x
