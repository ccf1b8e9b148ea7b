"""Array: what the user holds. A value of the graph and, when eager, its numbers.

An Array is its own record on the tape: it says which op gave it from which Arrays. It points at what it was
computed from and at nothing computed from it, so there are no reference cycles, and a value goes when its
last user goes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from types import CodeType
from typing import Any

import numpy as np

from .. import ops
from ..errors import DiagradError, TraceError
from ..ir import Constant, DType, Graph, Input, Op, Role, Scope, Shape, Site, Spec, user_site
from ..ir.source import PACKAGE
from .context import CONTEXT
from .methods import Methods

_float64 = np.float64
_new = object.__new__
_getframe = sys._getframe  # pyright: ignore[reportPrivateUsage]
_INPUT = Input()

clock = count().__next__
"""Numbers Arrays in the order in which they were made: a topological order for free."""


_USER_FILES: set[str] = set()
"""The files outside this package that operations were called from: looking one up is what makes recording the
user's line cheap."""


def _is_users(file: str) -> bool:
    if file.startswith(PACKAGE):
        return False
    _USER_FILES.add(file)
    return True


class Wanted:
    """Marks an Array whose gradient is wanted and not there yet."""


WANTED = Wanted()


class Shared:
    """Holds the gradient of a leaf for all the Arrays that stand for it: see :mod:`.assigned`."""

    __slots__ = ("grad",)

    def __init__(self, grad: Any) -> None:
        self.grad = grad


class Part:
    """Stands for an op where an Array is one output of several: number ``at`` of its one input, which
    holds the tuple of all.
    """

    __slots__ = ("at",)
    simple = False
    multiple = False
    name = "Part"

    def __init__(self, at: int) -> None:
        self.at = at


Operator = Callable[["Array", Any], "Array"]


def is_number(x: Any) -> bool:
    """Whether it is an Array of one 64-bit floating-point number."""
    return type(x) is Array and type(x._data) is _float64


def record(
    data: Any,
    op: Any,
    first: Array | None,
    rest: Array | tuple[Array, ...] | None,
    active: bool,
    inner: bool = False,
) -> Array:
    """A new Array, one output of an op.

    Args:
        data: the numbers: a NumPy array or scalar; a Spec when traced; a tuple of them for all outputs.
        op: the op, or a Part.
        first: what it was applied to first, as :func:`ends` gives it.
        rest: what it was applied to besides.
        active: whether a gradient can flow through it to a leaf.
        inner: whether it is a step on the way, and not what the user's statement assigns.
    """
    x = _new(Array)
    x._data = data
    x._op = op
    x._first = first
    x._rest = rest
    x._active = active
    x._order = clock()
    x._grad = None
    x._scope = None
    context = CONTEXT.get()
    if context is not None:
        x._scope = context.scope
        inner = inner or context.inner
        if context.watch is not None:
            context.watch.made(x)
        if not context.recording:
            x._first, x._rest, x._active = None, None, False
        if context.site is not None:
            x._code, x._offset = context.site.code, -1 - context.site.offset
            return x
    frame = _getframe(2)
    code = frame.f_code
    while code.co_filename not in _USER_FILES and not _is_users(code.co_filename):
        if frame.f_back is None:
            break
        frame = frame.f_back
        code = frame.f_code
    x._code = code
    x._offset = -1 - frame.f_lasti if inner else frame.f_lasti
    return x


def apply_numbers(op: Op, *inputs: Array) -> Array:
    """Apply an elementwise floating-point op to 64-bit numbers, whose shapes and dtypes cannot disagree.

    This short cut is what makes scalar graphs of tens of thousands of nodes cheap.
    """
    active = op.differentiable and _any_active(inputs)
    return record(op.forward(*[x._data for x in inputs]), op, *ends(inputs), active)


def _operators(op: Op) -> tuple[Operator, Operator]:
    """The two methods of an operator, ``x ∘ y`` and, reflected, ``y ∘ x``."""
    forward, differentiable, short = op.forward, op.differentiable, "f" in op.kinds

    def operator(self: Array, other: Any) -> Array:
        if short and type(other) is Array:
            a, b = self._data, other._data
            if type(a) is _float64 and type(b) is _float64:  # apply_numbers, written out
                active = differentiable and (self._active or other._active)
                return record(forward(a, b), op, self, other, active)
        return _apply_aligned(op, self, other)

    def reflected(self: Array, other: Any) -> Array:
        return _apply_aligned(op, other, self)

    return operator, reflected


def _by_name(name: str) -> tuple[Operator, Operator]:
    """The two methods of an operator whose function is loaded when it is first used."""

    def operator(self: Array, other: Any) -> Array:
        if not _is_operand(other):
            return NotImplemented
        return _plain(getattr(_functions(), name)(self, other), self, other)

    def reflected(self: Array, other: Any) -> Array:
        if not _is_operand(other):
            return NotImplemented
        return _plain(getattr(_functions(), name)(other, self), self, other)

    return operator, reflected


def _is_operand(x: Any) -> bool:
    return isinstance(x, Array | np.ndarray | np.generic | int | float | complex | list | tuple)


def _in_place(op: Op) -> Operator:
    """The method of an augmented assignment, ``x ∘= y``: numbers make a new number, as in NumPy."""
    forward, differentiable, short = op.forward, op.differentiable, "f" in op.kinds
    plain = _operators(op)[0]

    def in_place(self: Array, other: Any) -> Array:
        if short and type(other) is Array:
            a, b = self._data, other._data
            if type(a) is _float64 and type(b) is _float64:  # as in the operator
                active = differentiable and (self._active or other._active)
                return record(forward(a, b), op, self, other, active)
        return _augmented(self, plain, other)

    return in_place


def _augmented(x: Array, operator: Operator, other: Any) -> Any:
    """``x ∘= other``: in x where it has axes."""
    from .assigned import augmented

    return augmented(x, operator, other) if x.shape else operator(x, other)


def _apply_aligned(op: Op, x: Any, y: Any) -> Any:
    from .align import align

    aligned = align(op, (x, y))
    return NotImplemented if aligned is NotImplemented else _plain(apply(op, *aligned), x, y)


def is_plain(x: Any) -> bool:
    """Whether it is a Python number, or a traced Array that stands for one: its dtype then counts for as
    little beside that of arrays.
    """
    if isinstance(x, Array):
        return getattr(x, "_number", False)
    return isinstance(x, int | float | complex) and not isinstance(x, np.generic)


def _plain(y: Array, *operands: Any) -> Array:
    """y, which an operator made of these: of plain numbers Python makes plain numbers."""
    if type(y._data) is Spec and y._data.dtype.kind in "ifc" and all(map(is_plain, operands)):
        y._number = True
    return y


class Array(Methods):
    """An n-dimensional array that remembers how it was computed.

    Made by :func:`diagrad.array` and by every operation on Arrays. It takes NumPy's operators, methods
    and functions (``np.exp(x)``, ``x @ w``); each computes at once and records a node.

    >>> import diagrad as dg
    >>> x, y = dg.array(2.0), dg.array(3.0)
    >>> z = x * y
    >>> z.backward()
    >>> z, x.grad, y.grad
    (array(6.), array(3.), array(2.))
    """

    __slots__ = (
        "__weakref__", "_active", "_code", "_data", "_first", "_grad", "_history", "_name", "_number",
        "_offset", "_op", "_order", "_rest", "_role", "_scope", "_swept",
    )  # fmt: skip

    _data: Any
    _op: Any
    _first: Array | None
    _rest: Array | tuple[Array, ...] | None
    """What it was computed from: the first input, and the second or, of three and more, all the others. Two
    slots and not one tuple: a tuple would be a second object for the garbage collector to walk, at a third of
    what a scalar node costs."""
    _active: bool
    _order: int
    _grad: Any
    _scope: Scope | None
    _code: CodeType | None
    _offset: int
    """The user's instruction is at ``_offset`` of ``_code``, or at ``-1 - _offset`` for an inner step."""
    _name: str
    _number: bool
    """There, and True, where a traced Array stands for a Python number: see :func:`is_plain`."""
    _role: Role
    _swept: tuple[Any, ...]
    """The upstream gradient that ``backward()`` began with here."""
    _history: Any
    """Not there at first; None once an op has taken it; :class:`~diagrad.array.assigned.History` once its
    elements have been assigned to."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError("an Array is made by dg.array(data), or computed from others")

    # -------------------------------------------------------------- what it is

    @property
    def shape(self) -> Shape:
        """The size of each axis."""
        return self._data.shape

    @property
    def dtype(self) -> DType:
        """The NumPy dtype."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._data.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self._data.shape, dtype=np.int64))

    @property
    def spec(self) -> Spec:
        """Shape and dtype together."""
        return Spec(self._data.shape, self._data.dtype)

    @property
    def traced(self) -> bool:
        """True inside :func:`diagrad.trace`: it has a shape and a dtype but no numbers."""
        return type(self._data) is Spec

    @property
    def data(self) -> np.ndarray[Any, Any]:
        """The numbers, as a read-only NumPy array that is not copied.

        Raises:
            TraceError: the array is traced.
        """
        if type(self._data) is Spec:
            raise TraceError(
                f"a traced array has no numbers: {self.name or 'it'} is only {self._data}",
                where=str(self._site),
                expected="operations on arrays",
                got="a number asked of a traced array (float(x), x.data, if x > 0, np.asarray(x))",
                fix="use dg.where or dg.cond instead of if, dg.while_loop instead of while; or call the "
                "function eagerly instead of tracing it",
            )
        view = np.asarray(self._data).view()
        view.flags.writeable = False
        return view

    @property
    def name(self) -> str | None:
        """The user's name for it: ``name=``, what was set here, or the variable that it was assigned to."""
        name = getattr(self, "_name", None)
        if name is not None or self._offset < 0 or self._code is None:
            return name
        names = Site(self._code, self._offset).variables
        at = self._op.at if type(self._op) is Part else 0
        return names[at] if at < len(names) else None

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def role(self) -> Role:
        """``"input"`` or ``"parameter"`` for a leaf, otherwise empty."""
        return getattr(self, "_role", "")

    @property
    def is_leaf(self) -> bool:
        """Whether it was given and not computed."""
        return type(self._op) is Input

    def numpy(self) -> np.ndarray[Any, Any]:
        """A copy of the numbers as a NumPy array of one's own."""
        return np.array(self.data)

    def item(self) -> Any:
        """The one number as a Python scalar.

        Raises:
            ValueError: there are several elements.
        """
        return self.data.item()

    def tolist(self) -> Any:
        """The numbers as nested lists."""
        return self.data.tolist()

    def detach(self) -> Array:
        """The same numbers as a constant: no gradient flows through it."""
        return constant(self._data)

    # -------------------------------------------------------------- derivatives, graph

    @property
    def grad(self) -> Array | None:
        """∂L/∂self after ``L.backward()``: same shape and dtype. None until then, never 0.

        Of a leaf whose elements were assigned to it is the gradient with respect to the leaf as it was made.
        """
        g = self._grad.grad if type(self._grad) is Shared else self._grad
        return None if g is WANTED else g

    @grad.setter
    def grad(self, value: Array | None) -> None:
        g = WANTED if value is None else value
        if type(self._grad) is Shared:
            self._grad.grad = g
        else:
            self._grad = g

    def retain_grad(self) -> Array:
        """Ask the next ``backward()`` to keep this intermediate's gradient too; returns the array."""
        if self._grad is None:
            self._grad = WANTED
        return self

    def backward(
        self, gradient: ArrayLike | None = None, *, retain_graph: bool = False, create_graph: bool = False
    ) -> None:
        """Fill ``.grad`` of every leaf that this array was computed from.

        See :func:`diagrad.autodiff.backward`, which this calls.
        """
        from ..autodiff import backward

        backward(self, gradient, retain_graph=retain_graph, create_graph=create_graph)

    def graph(self) -> Graph:
        """The graph that computed this array: see :func:`diagrad.graph`."""
        from .trace import graph

        return graph(self)

    # -------------------------------------------------------------- recording

    @property
    def _inputs(self) -> tuple[Array, ...]:
        """What it was applied to, as it was then."""
        first, rest = self._first, self._rest
        if first is None:
            return ()
        if rest is None:
            return (as_made(first),)
        return as_made(first), *map(as_made, rest if isinstance(rest, tuple) else (rest,))

    @property
    def _site(self) -> Site | None:
        """The user's instruction; a constant has none."""
        if self._code is None:
            return None
        return Site(self._code, self._offset if self._offset >= 0 else -1 - self._offset)

    def __diagrad_expose__(self) -> None:
        """Let the variable that the user's statement assigns name this inner step."""
        if self._offset < 0:
            self._offset = -1 - self._offset

    @staticmethod
    def __diagrad_apply__(op: Op, inputs: tuple[Any, ...]) -> Any:
        from .align import align

        return apply(op, *align(op, inputs))

    # -------------------------------------------------------------- operators

    __add__, __radd__ = _operators(ops.Add())
    __sub__, __rsub__ = _operators(ops.Subtract())
    __mul__, __rmul__ = _operators(ops.Multiply())
    __truediv__, __rtruediv__ = _operators(ops.Divide())
    __and__, __rand__ = _by_name("bitwise_and")
    __or__, __ror__ = _by_name("bitwise_or")
    __xor__, __rxor__ = _by_name("bitwise_xor")
    __lshift__, __rlshift__ = _by_name("bitwise_left_shift")
    __rshift__, __rrshift__ = _by_name("bitwise_right_shift")
    __floordiv__, __rfloordiv__ = _by_name("floor_divide")
    __mod__, __rmod__ = _by_name("remainder")
    __lt__, _ = _operators(ops.Less())
    __le__, _ = _operators(ops.LessEqual())
    __gt__, _ = _operators(ops.Greater())
    __ge__, _ = _operators(ops.GreaterEqual())
    __eq__, _ = _operators(ops.Equal())  # type: ignore[assignment]
    __ne__, _ = _operators(ops.NotEqual())  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __pow__(self, other: Any) -> Array:
        return _plain(_functions().power(self, other), self, other)

    def __rpow__(self, other: Any) -> Array:
        return _plain(_functions().power(other, self), self, other)

    def __matmul__(self, other: Any) -> Array:
        return _functions().matmul(self, other)

    def __rmatmul__(self, other: Any) -> Array:
        return _functions().matmul(other, self)

    def __neg__(self) -> Array:
        return _plain(unary(_NEGATIVE, self), self)

    def __pos__(self) -> Array:
        return _functions().copy(self)

    def __abs__(self) -> Array:
        return _plain(unary(_ABS, self), self)

    def __invert__(self) -> Array:
        return _functions().bitwise_invert(self)

    def __divmod__(self, other: Any) -> tuple[Array, Array]:
        return (self // other, self % other) if _is_operand(other) else NotImplemented

    def __rdivmod__(self, other: Any) -> tuple[Array, Array]:
        return (other // self, other % self) if _is_operand(other) else NotImplemented

    def __getitem__(self, index: Any) -> Array:
        from .indexing import getitem

        return getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        from .assigned import setitem

        setitem(self, index, value)

    __iadd__, __isub__ = _in_place(ops.Add()), _in_place(ops.Subtract())
    __imul__, __itruediv__ = _in_place(ops.Multiply()), _in_place(ops.Divide())
    __iand__, __ior__ = _in_place(ops.And()), _in_place(ops.Or())

    def __ipow__(self, other: Any) -> Array:
        return _augmented(self, _functions().power, other)

    def __imatmul__(self, other: Any) -> Array:
        return _augmented(self, _functions().matmul, other)

    # -------------------------------------------------------------- Python and NumPy protocols

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-dimensional Array")
        return self.shape[0]

    def __iter__(self) -> Iterator[Array]:
        return (self[at] for at in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> float:
        return float(self.data)

    def __int__(self) -> int:
        return int(self.data)

    def __complex__(self) -> complex:
        return complex(self.data)

    def __index__(self) -> int:
        return self.data.__index__()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.data, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from .protocols import call_ufunc

        return call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(
        self, function: Callable[..., Any], types: Sequence[type], args: Sequence[Any], kwargs: Any
    ) -> Any:
        from .protocols import call_function

        return call_function(function, args, kwargs)

    def __repr__(self) -> str:
        if self.traced:
            return f"array({self.name or '?'}: {self._data})"
        return repr(np.asarray(self._data))

    def __str__(self) -> str:
        return repr(self) if self.traced else str(self._data)

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec and not self.traced else str(self)


ArrayLike = Any
"""An Array, a NumPy array, a nested list of numbers or a number."""


def _functions() -> Any:
    from . import functions

    return functions


def apply(op: Op, *inputs: Array, inner: bool = False) -> Any:
    """Apply an op to Arrays of the right shapes and dtypes: compute if all have numbers, and record.

    Args:
        op: the op.
        inputs: one Array for each port.
        inner: whether the result is a step on the way and not what the user's statement assigns.

    Returns:
        One Array, or a tuple of them where the op has several outputs.

    Raises:
        ShapeError, DTypeError: the inputs do not fit; the text names the user's line.
    """
    data = [x._data for x in inputs]
    for x in inputs:
        if type(x) is not Array:
            return apply(op, *map(current, inputs), inner=inner)
        x._history = None
    try:
        specs = _infer(type(op), op, tuple([(d.shape, d.dtype) for d in data]))
        traced = any(type(d) is Spec for d in data)
        results = specs if traced else op.forward(*data)
    except DiagradError as error:
        error.where = error.where or str(user_site(1))
        raise
    active = op.differentiable and _any_active(inputs)
    if not op.multiple:
        active = active and specs[0].dtype.kind in "fc"
        return record(specs[0] if traced else results, op, *ends(inputs), active, inner)
    return record_all(results, op, inputs, active, inner)


def record_all(
    results: Sequence[Any], op: Op, inputs: tuple[Array, ...], active: bool, inner: bool = False
) -> tuple[Array, ...]:
    """The Arrays of an op with several outputs. Gradients flow through those of a floating-point dtype."""
    flows = [active and y.dtype.kind in "fc" for y in results]
    bundle = record(tuple(results), op, *ends(inputs), any(flows), True)
    return tuple(
        [
            record(y, Part(at), bundle, None, flow, inner)
            for at, (y, flow) in enumerate(zip(results, flows, strict=True))
        ]
    )


def as_made(x: Array) -> Array:
    """The record of what x was before its elements were assigned to: what older records mean by it."""
    return x if type(x) is Array else x._history.made


def current(x: Array) -> Array:
    """The record of what x is now. It is x itself, unless its elements were assigned to."""
    while type(x) is not Array:
        x = x._history.now
    return x


def ends(inputs: tuple[Array, ...]) -> tuple[Array | None, Array | tuple[Array, ...] | None]:
    """Inputs as an Array keeps them: the first, and the second or all the others."""
    match len(inputs):
        case 0:
            return None, None
        case 1:
            return inputs[0], None
        case 2:
            return inputs[0], inputs[1]
        case _:
            return inputs[0], inputs[1:]


def _any_active(inputs: tuple[Array, ...]) -> bool:
    for x in inputs:  # noqa: SIM110 - a generator would double the cost of a scalar node
        if x._active:
            return True
    return False


@lru_cache(maxsize=16384)
def _infer(_class: type[Op], op: Op, inputs: tuple[tuple[Shape, DType], ...]) -> tuple[Spec, ...]:
    """``op.infer``, remembered: programs apply the same ops to the same shapes over and over.

    Ops without attributes all have one hash, so their class is part of the key.
    """
    return op.infer([Spec(*x) for x in inputs])


def unary(op: Op, x: Array) -> Array:
    """Apply an elementwise op of one input."""
    return apply_numbers(op, x) if is_number(x) and "f" in op.kinds else apply(op, x)


def leaf(data: Any, role: Role, name: str | None = None) -> Array:
    """A new Array that is given, not computed, and that gradients flow to."""
    x = record(data, _INPUT, None, None, data.dtype.kind in "fc")
    x._role = role
    if name is not None:
        x._name = name
    x._grad = WANTED
    return x


def constant(data: Any) -> Array:
    """A new Array that no gradient flows to. It has no history and no line."""
    x = _new(Array)
    x._data, x._op, x._active, x._order = data, _CONSTANT, False, clock()
    x._first = x._rest = x._grad = x._scope = x._code = None
    x._offset = -1
    return x


_CONSTANT = Constant(np.zeros(()))
"""Marks an Array as a constant; the graph gives each constant an op with its own data."""

_NEGATIVE, _ABS = ops.Negative(), ops.Abs()
