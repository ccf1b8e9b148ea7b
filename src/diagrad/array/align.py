"""The lenient front of strict ops: turn NumPy's promotion and broadcasting into nodes.

An op wants inputs of one shape and one dtype. Here Python numbers become constants of the other's
dtype, smaller dtypes get an ``AsType`` node and smaller shapes a ``Repeat`` node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np

from .. import ops
from ..errors import DTypeError, ShapeError
from ..ir import Constant, DType, Op, Shape, short_name, user_site
from ..ir.dtype import SHORT
from .array import Array, ArrayLike, apply, apply_numbers, constant, current, is_number, is_plain

_ABSENT = object()
"""Stands for the second input of an op that has one."""

_FLOAT_OF_INT = {1: np.dtype("f2"), 2: np.dtype("f4"), 4: np.dtype("f8"), 8: np.dtype("f8")}


def align(op: Op, inputs: Sequence[Any]) -> Any:
    """Arrays that ``op`` can take, from what the user gave; ``NotImplemented`` for a foreign object."""
    if not op.elementwise:
        return tuple(to_array(x) for x in inputs)
    ready = _ready(op, *inputs) if len(inputs) < 3 else None
    if ready is not None:
        return ready
    for x in inputs:
        if not isinstance(x, Array | np.ndarray | np.generic | int | float | complex | list | tuple):
            return NotImplemented
    known = [x if isinstance(x, int | float | complex) else _array(x) for x in inputs]
    shape = _broadcast_shape(op, known)
    choose = isinstance(op, ops.Where)
    dtype = _common_dtype(op, known[1:] if choose else known)
    aligned = [_fit(x, shape, dtype) for x in (known[1:] if choose else known)]
    return (_fit(known[0], shape, np.dtype(np.bool_)), *aligned) if choose else tuple(aligned)


def elementwise(op: Op, *inputs: ArrayLike) -> Array:
    """Apply an elementwise op, promoting and broadcasting its inputs.

    Raises:
        TypeError: an input is not an array or a number.
        ShapeError, DTypeError: the inputs do not fit.
    """
    if len(inputs) == 1 and is_number(inputs[0]) and "f" in op.kinds:
        return apply_numbers(op, inputs[0])
    aligned = align(op, inputs)
    if aligned is NotImplemented:
        raise DTypeError(
            f"{op.name} takes arrays and numbers",
            where=str(user_site(1)),
            expected="an Array, a NumPy array, nested lists or a number",
            got=", ".join(type(x).__name__ for x in inputs),
            fix="convert the input to an array",
        )
    return apply(op, *aligned)


def _ready(op: Op, x: Any, y: Any = _ABSENT) -> tuple[Array, ...] | None:
    """The inputs, where nothing needs converting: Arrays alike, or a floating-point one and a number."""
    if type(x) is Array:
        a = x._data
        if y is _ABSENT:
            return (x,) if a.dtype.kind in op.kinds else None
        if type(y) is Array:
            b = y._data
            alike = a.shape == b.shape and a.dtype == b.dtype and a.dtype.kind in op.kinds
            return (x, y) if alike else None
        if (type(y) is float or type(y) is int) and a.dtype.kind == "f" and "f" in op.kinds:
            return x, constant(filled(y, a.shape, a.dtype))
    elif type(y) is Array and (type(x) is float or type(x) is int):
        b = y._data
        if b.dtype.kind == "f" and "f" in op.kinds:
            return constant(filled(x, b.shape, b.dtype)), y
    return None


def filled(x: Any, shape: Shape, dtype: DType) -> Any:
    """One number as an array of any shape, of which only one element is kept."""
    one = dtype.type(x)
    return np.ndarray(shape, dtype, np.asarray(one), strides=(0,) * len(shape)) if shape else one


def uniform(data: np.ndarray[Any, Any] | None) -> Any:
    """The number that an array is everywhere, as :func:`filled` makes them; None if it is not one such."""
    if data is None or any(step and size > 1 for step, size in zip(data.strides, data.shape, strict=True)):
        return None
    return data.flat[0] if data.size else None


def to_array(x: Any) -> Array:
    """The record of an Array; anything else as a constant.

    Raises:
        DTypeError: NumPy cannot make an array of numbers of it.
    """
    if type(x) is Array:
        return x
    return current(x) if isinstance(x, Array) else constant(as_data(x))


def own(x: Array) -> Array:
    """x as an Array of one's own: what is assigned to it does not change x. Not a step of the graph."""
    return constant(x._data) if is_constant(x) else apply(ops.Branch(1), x)[0]  # pyright: ignore[reportPrivateUsage]


def as_data(x: Any, dtype: Any = None, copy: bool = False) -> Any:
    """NumPy data of a number, nested list or array; zero-dimensional data as a NumPy scalar.

    Raises:
        DTypeError: it is not made of numbers or booleans.
    """
    try:
        data = np.array(x, dtype=dtype) if copy else np.asarray(x, dtype=dtype)
    except (ValueError, TypeError) as error:
        raise DTypeError(
            f"cannot make an array of this: {error}",
            where=str(user_site(1)),
            expected="numbers, or nested lists of equal lengths",
            got=repr(x)[:80],
            fix="give every row the same length",
        ) from None
    if data.dtype.kind not in "biufc":
        raise DTypeError(
            f"an array of dtype {data.dtype} holds no numbers",
            where=str(user_site(1)),
            expected="boolean, integer, floating-point or complex numbers",
            got=repr(x)[:80],
            fix="convert it first, e.g. np.asarray(x, dtype=float)",
        )
    native = data.dtype.newbyteorder("=")
    if native not in SHORT.values():
        raise DTypeError(
            f"dtype {native} is not one that a graph can have",
            where=str(user_site(1)),
            expected=" ".join(SHORT),
            got=str(native),
            fix="convert it first, e.g. x.astype(float)",
        )
    return (data if data.dtype.isnative else data.astype(native))[()]


def as_shape(shape: int | Sequence[int]) -> Shape:
    """A shape as a tuple."""
    return (int(shape),) if isinstance(shape, SupportsIndex) else tuple(int(n) for n in shape)


def weight(x: Any) -> Any:
    """What :func:`promote` looks at: a dtype, or a Python number, also for an Array that stands for one."""
    if not is_plain(x):
        return x.dtype
    return _SAMPLE[x.dtype.kind] if isinstance(x, Array) else x


_SAMPLE = {"i": 0, "f": 0.0, "c": 0j}


def promote(dtypes: Sequence[Any]) -> DType:
    """NumPy's common dtype of dtypes and Python numbers."""
    return np.result_type(*dtypes)


def cast(x: Array, dtype: DType) -> Array:
    """x in another dtype, through an AsType node unless it has it already."""
    if x.dtype == dtype:
        return x
    if is_constant(x):
        return constant(x._data.astype(dtype))  # pyright: ignore[reportPrivateUsage]
    return apply(ops.AsType(short_name(dtype)), x, inner=True)


def floating(x: Any) -> Array:
    """x, integers as floating-point numbers."""
    x = to_array(x)
    return x if x.dtype.kind in "fc" else cast(x, np.dtype("f8"))


def repeat_to(x: Array, shape: Shape, inner: bool = True) -> Array:
    """x broadcast to ``shape``: a Repeat node along the axes that it lacks or has of size 1."""
    if x.shape == shape:
        return x
    if is_constant(x):
        return constant(np.broadcast_to(x._data, shape))  # pyright: ignore[reportPrivateUsage]
    lead = len(shape) - x.ndim
    thin = tuple(at for at, size in enumerate(x.shape) if size == 1 and shape[lead + at] != 1)
    axes = (*range(lead), *(lead + at for at in thin))
    return apply(ops.Repeat(axes, tuple(shape[axis] for axis in axes)), _squeeze(x, thin), inner=inner)


def is_constant(x: Array) -> bool:
    """Whether it is a constant with numbers: no input, no parameter, nothing computed from one."""
    return type(x._op) is Constant and not x.traced  # pyright: ignore[reportPrivateUsage]


def _squeeze(x: Array, axes: tuple[int, ...]) -> Array:
    """x without ``axes``; where they were only just put in (keepdims), what it was before."""
    if not axes:
        return x
    if isinstance(x._op, ops.ExpandDims) and x._op.axes == axes and x._inputs:
        return x._inputs[0]
    return apply(ops.Squeeze(axes), x, inner=True)


def _array(x: Any) -> Any:
    return current(x) if isinstance(x, Array) else np.asarray(x)


def _fit(x: Any, shape: Shape, dtype: DType) -> Array:
    if isinstance(x, Array):
        return repeat_to(cast(x, dtype), shape)
    data = np.asarray(x).astype(dtype)[()]
    return constant(data if data.shape == shape else np.broadcast_to(data, shape))


def _common_dtype(op: Op, inputs: Sequence[Any]) -> DType:
    dtype = promote([weight(x) for x in inputs])
    if "f" in op.kinds and "i" not in op.kinds and dtype.kind in "biu":
        return np.dtype("f8") if isinstance(op, ops.Divide) else _FLOAT_OF_INT[dtype.itemsize]
    return dtype


def _broadcast_shape(op: Op, inputs: Sequence[Any]) -> Shape:
    shapes = [() if isinstance(x, int | float | complex) else tuple(x.shape) for x in inputs]
    first = shapes[0]
    for other in shapes:
        if other != first:
            break
    else:
        return first
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise _mismatch(op, inputs, shapes) from None


def _mismatch(op: Op, inputs: Sequence[Any], shapes: Sequence[Shape]) -> ShapeError:
    """The error of two shapes that do not broadcast: names the first axis, from the right, that disagrees."""
    ports = op.ports.input_names(len(inputs))
    names = [getattr(x, "name", None) or port for x, port in zip(inputs, ports, strict=True)]
    what = "the shapes do not broadcast"
    for back in range(1, max(map(len, shapes)) + 1):
        sizes = [
            (shape[-back], name) for shape, name in zip(shapes, names, strict=True) if len(shape) >= back
        ]
        wide = [(size, name) for size, name in sizes if size != 1]
        if len({size for size, _ in wide}) > 1:
            (a, x), (b, y) = wide[0], next(pair for pair in wide if pair[0] != wide[0][0])
            what = f"axis -{back} is {a} in {x} but {b} in {y}"
            break
    return ShapeError(
        f"{op.name}: {what}",
        where=str(user_site(3)),
        expected="shapes that are equal, counted from the last axis, or 1 where they differ",
        got=", ".join(f"{name}{shape}" for name, shape in zip(names, shapes, strict=True)),
        fix="reshape one of them, or add an axis with x[:, None]",
    )
