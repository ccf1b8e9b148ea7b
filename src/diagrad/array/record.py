"""The tape: what an operation on Arrays leaves behind.

A :class:`Record` says which op was applied to which Arrays; an Array points at the record that made it,
and a record at the Arrays it used. Nothing points forward, so there are no reference cycles: a value goes
when its last user goes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from ..ir import Op, Role, Scope, Site
from ..ir.source import PACKAGE

if TYPE_CHECKING:
    from .array import Array

P = ParamSpec("P")
R = TypeVar("R")

clock = count().__next__
"""Numbers records in the order in which they were made: a topological order for free."""


class Wanted:
    """The one mark of a record whose gradient is wanted and not there yet."""


WANTED = Wanted()


class Record:
    """One application of an op.

    Attributes:
        op: the op.
        inputs: the Arrays it was applied to.
        active: whether a gradient can flow through it to a leaf.
        order: its number in the order of making.
        scope: the scope it was made in.
        code, offset: the user's instruction; the offset is ``-1 - offset`` where the result is an inner
            step and not what the instruction assigns.
        grad: the gradient (an Array), ``WANTED``, or None where nobody asked for it.
        name, role: what the user called it, and whether it is an input or a parameter.
        results: all outputs' data where the op has several outputs.
    """

    __slots__ = (
        "active", "code", "grad", "inputs", "name", "offset", "op", "order", "results", "role", "scope",
        "swept",
    )  # fmt: skip

    def __init__(self, op: Op, inputs: tuple[Array, ...], active: bool, inner: bool) -> None:
        self.op = op
        self.inputs = inputs
        self.active = active
        self.order = clock()
        self.grad: Any = None
        self.results: tuple[Any, ...] | None = None
        self.scope: Scope | None = None
        context = CONTEXT.get()
        if context is not None:
            self.scope = context.scope
            inner = inner or context.inner
            if not context.recording:
                self.inputs, self.active = (), False
            if context.site is not None:
                self.code, self.offset = context.site.code, -1 - context.site.offset
                return
        frame = _getframe(2)
        while frame.f_code.co_filename.startswith(PACKAGE) and frame.f_back is not None:
            frame = frame.f_back
        self.code = frame.f_code
        self.offset = -1 - frame.f_lasti if inner else frame.f_lasti

    @property
    def site(self) -> Site | None:
        """The user's instruction."""
        return Site(self.code, self.offset if self.offset >= 0 else -1 - self.offset)

    def variable(self, index: int = 0) -> str | None:
        """The name of output ``index``: given, or that of the variable it was assigned to."""
        name = getattr(self, "name", None)
        if name is not None or self.offset < 0:
            return name
        names = Site(self.code, self.offset).variables
        return names[index] if index < len(names) else None


_getframe = sys._getframe  # pyright: ignore[reportPrivateUsage]


class Context(NamedTuple):
    """What surrounds a recording.

    ``scope``: the innermost scope. ``inner``: whether results are steps on the way, not what the user's
    statement assigns. ``recording``: whether history is kept. ``site``: the user's instruction that these
    steps are made for, where it is not the one that runs.
    """

    scope: Scope | None = None
    inner: bool = False
    recording: bool = True
    site: Site | None = None


CONTEXT: ContextVar[Context | None] = ContextVar("diagrad", default=None)


@contextmanager
def surround(context: Context) -> Iterator[None]:
    """Record inside with this context."""
    token = CONTEXT.set(context)
    try:
        yield
    finally:
        CONTEXT.reset(token)


@contextmanager
def scope(name: str) -> Iterator[Scope]:
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
def no_grad() -> Iterator[None]:
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
        record = getattr(result, "_record", None)
        if isinstance(record, Record) and record.offset < 0 and not old.inner:
            record.offset = -1 - record.offset
        return result

    return wrapped
