"""Arrays whose elements were assigned to.

An Array is its own record, and records that used it point at it. So its record never changes: an
assignment computes a new record, and the Array from then on stands for that one. Decision 6 says why and how.

* ``made`` is the record that the Array was: older records mean it when they point at the Array.
* ``now`` is the record of what it is now: everything that the user does with the Array is done with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..errors import DTypeError, ShapeError
from ..ir import Input, user_site
from .align import cast, own, repeat_to, to_array
from .array import Array, Shared, as_made, current, ends
from .context import CONTEXT
from .indexing import put

_new = object.__new__
_RECORD = (
    "_active", "_code", "_data", "_first", "_grad", "_name", "_offset", "_op", "_order", "_rest", "_role",
    "_scope",
)  # fmt: skip


class History:
    """What an Array was and is.

    Attributes:
        made, now: its records.
        seen: the records that were looked through for pointers at the Array, by number; None where no op
            took it before its first assignment, so that there are none.
    """

    __slots__ = ("made", "now", "seen")

    def __init__(self, made: Array, now: Array, seen: set[int] | None) -> None:
        self.made, self.now, self.seen = made, now, seen


class Assigned(Array):
    """An Array whose elements were assigned to. Nobody makes one: an Array becomes one.

    Shape and dtype stay as they were; all else that the user sees is that of the record that it is now.
    """

    __slots__ = ()

    @property
    def data(self) -> np.ndarray[Any, Any]:
        return current(self).data

    @property
    def traced(self) -> bool:
        return current(self).traced

    @property
    def name(self) -> str | None:
        return current(self).name

    @name.setter
    def name(self, value: str) -> None:
        current(self)._name = value

    @property
    def role(self) -> Any:
        return current(self).role

    @property
    def is_leaf(self) -> bool:
        return current(self).is_leaf

    @property
    def grad(self) -> Array | None:
        return _keeper(self).grad

    @grad.setter
    def grad(self, value: Array | None) -> None:
        _keeper(self).grad = value

    def retain_grad(self) -> Array:
        _keeper(self).retain_grad()
        return self

    def detach(self) -> Array:
        return current(self).detach()

    def __diagrad_expose__(self) -> None:
        current(self).__diagrad_expose__()

    def __repr__(self) -> str:
        return repr(current(self))

    def __str__(self) -> str:
        return str(current(self))

    def __format__(self, spec: str) -> str:
        return format(current(self), spec)


def _keeper(x: Array) -> Array:
    """The record that keeps the gradient: a leaf's own, otherwise that of what it is now."""
    made = as_made(x)
    return made if type(made._grad) is Shared else current(x)


_BINARY = ("add", "sub", "mul", "truediv", "pow", "matmul", "and", "or", "floordiv", "mod", "xor")
_OTHERS = ("lt", "le", "gt", "ge", "eq", "ne", "neg", "pos", "abs", "invert", "getitem")


def _on_current(operator: Callable[..., Any]) -> Callable[..., Any]:
    """An operator that works on what the Array is now."""

    def on_current(self: Array, *others: Any) -> Any:
        return operator(current(self), *others)

    return on_current


def _in_place(operator: Callable[..., Any]) -> Callable[..., Any]:
    """The augmented assignment of an operator; numbers make a new number, as in NumPy."""

    def in_place(self: Array, other: Any) -> Any:
        return augmented(self, operator, other) if self.shape else operator(current(self), other)

    return in_place


for _name in (*_BINARY, *(f"r{name}" for name in _BINARY), *_OTHERS):
    if hasattr(Array, f"__{_name}__"):
        setattr(Assigned, f"__{_name}__", _on_current(getattr(Array, f"__{_name}__")))
for _name in _BINARY:
    if hasattr(Array, f"__{_name}__"):
        setattr(Assigned, f"__i{_name}__", _in_place(getattr(Array, f"__{_name}__")))
Assigned.__hash__ = object.__hash__  # type: ignore[method-assign]


def setitem(x: Array, index: Any, value: Any) -> None:
    """``x[index] = value``.

    Raises:
        ShapeError: the index leaves the array, or the value does not broadcast to the place.
    """
    old = taken(x)
    assign(x, old, put(old, index, value, ops.Put))


def augmented(x: Array, operator: Callable[[Array, Any], Any], other: Any) -> Any:
    """``x ∘= other``: x, which is ``x ∘ other`` from now on.

    Raises:
        ShapeError: the result is larger than x.
        DTypeError: the result has a dtype of another kind.
    """
    old = taken(x)
    y = operator(old, other)
    if y is NotImplemented:
        return y
    assign(x, old, fitting(x, y, "the result"))
    return x


def write(x: Array, value: Any, casting: Any = "same_kind") -> Array:
    """``x[...] = value`` under a rule for dtypes, as ``out=`` means it; gives x."""
    assign(x, taken(x), own(fitting(x, to_array(value), "the result", casting)))
    return x


def taken(x: Array) -> Array:
    """The record that the next value of x can be computed from: one that does not hold x.

    Raises:
        DTypeError: x is no Array.
    """
    if not isinstance(x, Array):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DTypeError(
            f"what is computed from Arrays cannot be written into a {type(x).__name__}",
            where=str(user_site(1)),
            expected="an Array to write into",
            got=type(x).__name__,
            fix="make it an Array first, with dg.asarray(...), or compute a new one",
        )
    return twin(x) if type(x) is Array else current(x)


def fitting(x: Array, y: Array, what: str, casting: Any = "same_kind") -> Array:
    """y in the shape and dtype of x, which it is to be written to.

    Raises:
        ShapeError: y does not broadcast to the shape of x.
        DTypeError: NumPy's ``casting`` does not allow it.
    """
    if not _broadcasts(y, x):
        raise ShapeError(
            f"{what} does not fit into {x.name or 'the array'}{x.shape}",
            where=str(user_site(1)),
            expected=f"a shape that broadcasts to {x.shape}",
            got=f"{y.shape}",
            fix="compute a new array: x = x + y instead of x += y",
        )
    if not np.can_cast(y.dtype, x.dtype, casting):
        raise DTypeError(
            f"{what} has dtype {y.dtype}, which {x.name or 'the array'} of dtype {x.dtype} cannot take",
            where=str(user_site(1)),
            expected=f"a dtype that casts to {x.dtype} (casting={casting!r})",
            got=str(y.dtype),
            fix=f"make the array one of {y.dtype}, or convert with .astype({str(x.dtype)!r})",
        )
    return repeat_to(cast(y, x.dtype), x.shape)


def _broadcasts(y: Array, x: Array) -> bool:
    try:
        return np.broadcast_shapes(y.shape, x.shape) == x.shape
    except ValueError:
        return False


def assign(x: Array, old: Array, y: Array) -> None:
    """Make x stand for y, an Array that nobody else has, of its shape and dtype. Its name goes with it.

    A leaf that is assigned to while nothing is recorded becomes a leaf of the new numbers.

    Args:
        x: the user's Array.
        old: what :func:`taken` gave of it.
        y: the new record.
    """
    name = x.name
    if name is not None:
        y._name = name
    if type(x) is Array:
        used = getattr(x, "_history", False) is None or not x.shape
        if type(x._op) is Input:
            x._grad = old._grad = Shared(x._grad)
        x._history = History(old, y, set() if used else None)
        x.__class__ = Assigned
    history: History = x._history
    history.now = y
    _pass_gradient(history, old, y)
    if history.seen is not None:
        _release(x, y, history.seen)


def _pass_gradient(history: History, old: Array, y: Array) -> None:
    """Hand on to y that a gradient is wanted, where it is one of what the Array is now."""
    context = CONTEXT.get()
    shared = history.made._grad
    if type(shared) is not Shared:
        y._grad, old._grad = old._grad, None
    elif context is not None and not context.recording and type(old._op) is Input:
        y._op, y._active, y._grad, y._role = old._op, old._active, shared, old.role


def twin(x: Array) -> Array:
    """Another Array for the same record: it has the number of x, by which a backward pass knows it."""
    twin = _new(Array)
    for slot in _RECORD:
        if hasattr(x, slot):
            setattr(twin, slot, getattr(x, slot))
    return twin


def _release(x: Array, y: Array, seen: set[int]) -> None:
    """Let what y was computed from point at records instead of at x, which holds y: else that is a cycle.

    Only records younger than x can point at it, and none made after its first assignment do. Each record is
    looked at once, however often x is assigned to.
    """
    stack = [y]
    while stack:
        record = stack.pop()
        inputs = record._inputs
        if inputs and record._order > x._order and record._order not in seen:
            seen.add(record._order)
            record._first, record._rest = ends(inputs)
            stack += inputs
