"""Array: what the user holds. A value of the graph and, when eager, its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from .. import ops
from ..errors import DTypeError, TraceError
from ..ir import Constant, DType, Graph, Input, Op, Role, Scope, Shape, Spec
from .record import WANTED, Record, Wanted

if TYPE_CHECKING:
    from .functions import ArrayLike

_float64 = np.float64
_INPUT = Input()


class Array:
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

    __slots__ = ("__weakref__", "_data", "_index", "_record")

    def __init__(self, data: Any, record: Record, index: int = 0) -> None:
        self._data = data
        self._record = record
        self._index = index

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
                where=str(self._record.site),
                expected="operations on arrays",
                got="a number asked of a traced array (float(x), x.data, if x > 0, np.asarray(x))",
                fix="use dg.where instead of if, or call the function eagerly instead of tracing it",
            )
        view = np.asarray(self._data).view()
        view.flags.writeable = False
        return view

    @property
    def name(self) -> str | None:
        """The user's name for it: ``name=``, or the variable that it was assigned to."""
        return self._record.variable(self._index)

    @property
    def role(self) -> Role:
        """``"input"`` or ``"parameter"`` for a leaf, otherwise empty."""
        return getattr(self._record, "role", "")

    @property
    def is_leaf(self) -> bool:
        """Whether it was given and not computed."""
        return type(self._record.op) is Input

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
        """∂L/∂self after ``L.backward()``: same shape and dtype. None until then, never 0."""
        grad = self._record.grad
        if isinstance(grad, list):
            grad = grad[self._index]
        return None if isinstance(grad, Wanted) else grad

    @grad.setter
    def grad(self, value: Array | None) -> None:
        self._record.grad = WANTED if value is None else value

    def retain_grad(self) -> Array:
        """Ask the next ``backward()`` to keep this intermediate's gradient too; returns the array."""
        if self._record.grad is None:
            results = self._record.results
            self._record.grad = WANTED if results is None else [WANTED] * len(results)
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

    @staticmethod
    def __diagrad_apply__(op: Op, inputs: tuple[Any, ...]) -> Any:
        from .functions import align

        return apply(op, *align(op, inputs))

    # -------------------------------------------------------------- operators

    def __add__(self, other: Any) -> Array:
        return binary(_ADD, self, other)

    def __radd__(self, other: Any) -> Array:
        return binary(_ADD, other, self)

    def __sub__(self, other: Any) -> Array:
        return binary(_SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Array:
        return binary(_SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Array:
        return binary(_MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Array:
        return binary(_MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> Array:
        return binary(_DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Array:
        return binary(_DIVIDE, other, self)

    def __pow__(self, other: Any) -> Array:
        return _functions().power(self, other)

    def __rpow__(self, other: Any) -> Array:
        return _functions().power(other, self)

    def __matmul__(self, other: Any) -> Array:
        return _functions().matmul(self, other)

    def __rmatmul__(self, other: Any) -> Array:
        return _functions().matmul(other, self)

    def __neg__(self) -> Array:
        return unary(_NEGATIVE, self)

    def __pos__(self) -> Array:
        return self

    def __abs__(self) -> Array:
        return unary(_ABS, self)

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        return binary(_EQUAL, self, other)

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return binary(_NOT_EQUAL, self, other)

    def __lt__(self, other: Any) -> Array:
        return binary(_LESS, self, other)

    def __le__(self, other: Any) -> Array:
        return binary(_LESS_EQUAL, self, other)

    def __gt__(self, other: Any) -> Array:
        return binary(_GREATER, self, other)

    def __ge__(self, other: Any) -> Array:
        return binary(_GREATER_EQUAL, self, other)

    def __and__(self, other: Any) -> Array:
        return binary(_AND, self, other)

    def __rand__(self, other: Any) -> Array:
        return binary(_AND, other, self)

    def __or__(self, other: Any) -> Array:
        return binary(_OR, self, other)

    def __ror__(self, other: Any) -> Array:
        return binary(_OR, other, self)

    def __invert__(self) -> Array:
        return unary(_NOT, self)

    def __getitem__(self, index: Any) -> Array:
        from .indexing import getitem

        return getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "an Array's elements cannot be assigned to: the graph would no longer say how it was computed\n"
            "  expected: dg.where(mask, new, old), dg.concatenate, or a new dg.array\n"
            "  got:      x[index] = value"
        )

    __hash__ = object.__hash__

    # -------------------------------------------------------------- methods, as NumPy's

    def sum(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
        """Sum of the elements over ``axis``: :func:`diagrad.sum`."""
        return _functions().sum(self, axis=axis, dtype=dtype, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Array:
        """Mean over ``axis``: :func:`diagrad.mean`."""
        return _functions().mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Array:
        """Largest element over ``axis``: :func:`diagrad.max`."""
        return _functions().max(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> Array:
        """Smallest element over ``axis``: :func:`diagrad.min`."""
        return _functions().min(self, axis=axis, keepdims=keepdims)

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Array:
        """Index of the largest element: :func:`diagrad.argmax`."""
        return _functions().argmax(self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Array:
        """Index of the smallest element: :func:`diagrad.argmin`."""
        return _functions().argmin(self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Array:
        """The same elements in another shape: :func:`diagrad.reshape`."""
        return _functions().reshape(self, shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> Array:
        """The same elements in one axis."""
        return _functions().reshape(self, (-1,))

    flatten = ravel

    def transpose(self, *axes: Any) -> Array:
        """The axes in another order, reversed by default: :func:`diagrad.permute_dims`."""
        order: Any = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return _functions().permute_dims(self, order or None)

    def squeeze(self, axis: Axis = None) -> Array:
        """Without its axes of size 1: :func:`diagrad.squeeze`."""
        return _functions().squeeze(self, axis=axis)

    def astype(self, dtype: Any, copy: bool = True) -> Array:
        """In another dtype: :func:`diagrad.astype`."""
        return _functions().astype(self, dtype)

    @property
    def T(self) -> Array:
        """The axes in reverse order."""
        return self.transpose()

    @property
    def mT(self) -> Array:
        """The last two axes exchanged: :func:`diagrad.matrix_transpose`."""
        return _functions().matrix_transpose(self)

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


Axis = SupportsIndex | Sequence[int] | None


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
    specs = op.infer([Spec(d.shape, d.dtype) for d in data])
    traced = any([type(d) is Spec for d in data])
    results = specs if traced else op.forward(*data)
    active = op.differentiable and specs[0].dtype.kind in "fc" and any([x._record.active for x in inputs])
    record = Record(op, inputs, active, inner)
    if not op.multiple:
        return Array(results[0] if traced else results, record)
    record.results = tuple(results)
    return tuple(Array(result, record, at) for at, result in enumerate(results))


def unary(op: Op, x: Array) -> Array:
    """Apply an elementwise op of one input."""
    return apply(op, x)


def binary(op: Op, x: Any, y: Any) -> Array:
    """Apply an elementwise op of two inputs, broadcasting and promoting as NumPy does."""
    if type(x) is Array and type(y) is Array:
        a, b = x._data, y._data
        if type(a) is _float64 and type(b) is _float64 and not op.kinds == "b":
            record = Record(
                op, (x, y), (x._record.active or y._record.active) and op.differentiable, False
            )
            return Array(op.forward(a, b), record)
    from .functions import align

    aligned = align(op, (x, y))
    return NotImplemented if aligned is NotImplemented else apply(op, *aligned)


def leaf(data: Any, role: Role, name: str | None = None) -> Array:
    """A new Array that is given, not computed, and that gradients flow to."""
    kind = data.dtype.kind
    record = Record(_INPUT, (), kind in "fc", False)
    record.role = role
    if name is not None:
        record.name = name
    record.grad = WANTED
    return Array(data, record)


def constant(data: Any) -> Array:
    """A new Array that no gradient flows to."""
    return Array(data, Record(_CONSTANT, (), False, True))


_CONSTANT = Constant(np.zeros(()))
"""Marks a record as a constant's; the graph gives each constant an op with its own data."""

_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE = ops.Add(), ops.Subtract(), ops.Multiply(), ops.Divide()
_NEGATIVE, _ABS, _NOT, _AND, _OR = ops.Negative(), ops.Abs(), ops.Not(), ops.And(), ops.Or()
_EQUAL, _NOT_EQUAL, _LESS, _LESS_EQUAL = ops.Equal(), ops.NotEqual(), ops.Less(), ops.LessEqual()
_GREATER, _GREATER_EQUAL = ops.Greater(), ops.GreaterEqual()

__all__ = ["Array", "Axis", "DTypeError", "Scope", "apply", "binary", "constant", "leaf", "unary"]
