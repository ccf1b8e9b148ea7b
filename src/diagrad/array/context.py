"""What surrounds an operation while it is recorded: its scope, and whether it is recorded at all."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

from ..ir import Scope, Site

P = ParamSpec("P")
R = TypeVar("R")


class Watcher(Protocol):
    """Something that looks at what is computed, as :func:`diagrad.debug` does."""

    def made(self, x: Any, /) -> None:
        """An Array was made."""

    def swept(self, roots: Any, gradients: Any, results: Any, /) -> None:
        """A backward pass from ``roots`` gave these gradients."""


class Context(NamedTuple):
    """The surroundings of an operation.

    ``scope``: the innermost scope. ``inner``: whether results are steps on the way, not what the user's
    statement assigns. ``recording``: whether history is kept. ``site``: the user's instruction that these
    steps are made for, where it is not the one that runs. ``watch``: what looks at every result.
    """

    scope: Scope | None = None
    inner: bool = False
    recording: bool = True
    site: Site | None = None
    watch: Watcher | None = None


CONTEXT: ContextVar[Context | None] = ContextVar("diagrad", default=None)


@contextmanager
def surround(context: Context) -> Generator[None, None, None]:
    """Record inside with this context."""
    token = CONTEXT.set(context)
    try:
        yield
    finally:
        CONTEXT.reset(token)


def fresh(scope: Scope | None = None, *, inner: bool = False, site: Site | None = None) -> Context:
    """Surroundings of their own, in which only the watching goes on."""
    context = CONTEXT.get()
    return Context(scope, inner, True, site, None if context is None else context.watch)


def in_rule() -> bool:
    """Whether what runs is a rule, which builds graph for a node of the user's."""
    context = CONTEXT.get()
    return context is not None and context.site is not None


@contextmanager
def scope(name: str) -> Generator[Scope, None, None]:
    """Put what is recorded inside into a box called ``name``, which a picture draws and folds.

    Args:
        name: any text; two scopes of one name side by side are told apart in the graph.

    >>> import diagrad as dg
    >>> with dg.scope("layer1"):
    ...     y = dg.exp(dg.array([0.0, 1.0]))
    >>> dg.graph(y).nodes[0].scope.name
    'layer1'
    """
    old = CONTEXT.get() or Context()
    new = Scope(name, old.scope)
    with surround(old._replace(scope=new)):
        yield new


@contextmanager
def recording(on: bool) -> Generator[None, None, None]:
    """Record inside, or not, whatever is the case outside."""
    with surround((CONTEXT.get() or Context())._replace(recording=on)):
        yield


@contextmanager
def no_grad() -> Generator[None, None, None]:
    """Compute inside without recording: results are constants. Use it for updates and for inference.

    >>> import diagrad as dg
    >>> w = dg.array(2.0, name="w")
    >>> with dg.no_grad():
    ...     v = w * 3
    >>> v
    array(6.)
    """
    with surround((CONTEXT.get() or Context())._replace(recording=False)):
        yield


def composite(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function a scope of its own: its steps are drawn in a box that bears its name.

    The result is named after the variable that takes it, its inner steps are not.
    """
    name = function.__name__

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        old = CONTEXT.get() or Context()
        with surround(old._replace(scope=Scope(name, old.scope), inner=True)):
            result = function(*args, **kwargs)
        if not old.inner:
            expose = getattr(result, "__diagrad_expose__", None)
            if expose is not None:
                expose()
        return result

    return wrapped
