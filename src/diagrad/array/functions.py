"""The functions of the array namespace, with NumPy's names and semantics.

Each takes Arrays, NumPy arrays, nested lists and numbers, computes at once and records; inside
:func:`diagrad.trace` it records alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from .. import ops
from ..errors import DTypeError, InputError, ShapeError
from ..ir import Op, Shape, from_short, short_name, user_site
from .align import align, as_data, cast, promote, repeat_to, to_array
from .array import Array, Axis, apply, apply_numbers, constant, is_number, leaf

ArrayLike = Any
"""An Array, a NumPy array, a nested list of numbers or a number."""


# ------------------------------------------------------------------ making arrays


def array(data: ArrayLike, dtype: Any = None, *, name: str | None = None) -> Array:
    """An input of the graph: a leaf that gradients flow to.

    Args:
        data: numbers of any shape; they are copied.
        dtype: a NumPy dtype; by default NumPy's choice, so float32 stays float32.
        name: its name in pictures; by default the variable it is assigned to.

    Raises:
        DTypeError: the data are not numbers.

    >>> import diagrad as dg
    >>> x = dg.array([[1, 2], [3, 4]], dtype="float32")
    >>> x.name, x.shape, x.dtype, x.grad
    ('x', (2, 2), dtype('float32'), None)
    """
    return leaf(_data(data, dtype), "input", name)


def parameter(data: ArrayLike, dtype: Any = None, *, name: str | None = None) -> Array:
    """As :func:`array`, for what is learned: pictures draw it in its own style.

    >>> import diagrad as dg
    >>> W = dg.parameter([[1.0, 2.0]])
    >>> W.role
    'parameter'
    """
    return leaf(_data(data, dtype), "parameter", name)


def asarray(data: ArrayLike, dtype: Any = None) -> Array:
    """An Array unchanged; anything else as a constant, which no gradient flows to. Numbers are not copied.

    >>> import diagrad as dg
    >>> dg.asarray([1.0, 2.0])
    array([1., 2.])
    """
    x = to_array(data)
    return x if dtype is None else cast(x, np.dtype(dtype))


def zeros_like(x: ArrayLike) -> Array:
    """A constant of zeros of the shape and dtype of x.

    >>> import diagrad as dg
    >>> dg.zeros_like([1.0, 2.0])
    array([0., 0.])
    """
    spec = to_array(x).spec
    return constant(np.broadcast_to(spec.dtype.type(0), spec.shape)[()])


def ones_like(x: ArrayLike) -> Array:
    """A constant of ones of the shape and dtype of x.

    >>> import diagrad as dg
    >>> dg.ones_like([3.0, 2.0])
    array([1., 1.])
    """
    spec = to_array(x).spec
    return constant(np.broadcast_to(spec.dtype.type(1), spec.shape)[()])


def _data(data: ArrayLike, dtype: Any) -> Any:
    if isinstance(data, Array):
        data = data.data
    return as_data(data, dtype, copy=True)


# ------------------------------------------------------------------ elementwise


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


def add(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x + y. Backward: the upstream gradient unchanged to both.

    >>> import diagrad as dg
    >>> dg.add([1.0, 2.0], 3)
    array([4., 5.])
    """
    return elementwise(ops.Add(), x, y)


def subtract(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x − y. Backward: g to x, −g to y.

    >>> import diagrad as dg
    >>> dg.subtract([5.0, 2.0], 1)
    array([4., 1.])
    """
    return elementwise(ops.Subtract(), x, y)


def multiply(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x · y. Backward: the upstream gradient times the other input.

    >>> import diagrad as dg
    >>> dg.multiply([5.0, 2.0], 3)
    array([15.,  6.])
    """
    return elementwise(ops.Multiply(), x, y)


def divide(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x / y. Backward: g / y to x, −g · z / y to y.

    >>> import diagrad as dg
    >>> dg.divide([5.0, 2.0], 2)
    array([2.5, 1. ])
    """
    return elementwise(ops.Divide(), x, y)


def negative(x: ArrayLike, /) -> Array:
    """y = −x. Backward: −g.

    >>> import diagrad as dg
    >>> dg.negative([1.0, -2.0])
    array([-1.,  2.])
    """
    return elementwise(ops.Negative(), x)


def power(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = xʸ. A Python number as exponent is part of the node, and 2 gives :func:`square`.

    Backward: g · y · xʸ⁻¹ to x (0 where y = 0), g · z · ln x to y (0 where x = 0 ≤ y), as in PyTorch.

    >>> import diagrad as dg
    >>> dg.power([1.0, 2.0], 3)
    array([1., 8.])
    """
    if type(y) is int or type(y) is float:
        x = to_array(x)
        x = cast(x, promote([x.dtype, y]))
        return square(x) if y == 2 else apply(ops.PowerScalar(y), x)
    return elementwise(ops.Power(), x, y)


def exp(x: ArrayLike, /) -> Array:
    """y = eˣ. Backward: g · y.

    >>> import diagrad as dg
    >>> dg.exp([0.0, 1.0])
    array([1.        , 2.71828183])
    """
    return elementwise(ops.Exp(), x)


def expm1(x: ArrayLike, /) -> Array:
    """y = eˣ − 1, accurate near 0. Backward: g · (y + 1).

    >>> import diagrad as dg
    >>> dg.expm1(1e-10)
    array(1.e-10)
    """
    return elementwise(ops.Expm1(), x)


def log(x: ArrayLike, /) -> Array:
    """y = ln x. Backward: g / x, infinite at 0.

    >>> import diagrad as dg
    >>> dg.log([1.0, 10.0])
    array([0.        , 2.30258509])
    """
    return elementwise(ops.Log(), x)


def log1p(x: ArrayLike, /) -> Array:
    """y = ln(1 + x), accurate near 0. Backward: g / (1 + x).

    >>> import diagrad as dg
    >>> dg.log1p(1e-10)
    array(1.e-10)
    """
    return elementwise(ops.Log1p(), x)


def sqrt(x: ArrayLike, /) -> Array:
    """y = √x. Backward: g / (2y), infinite at 0.

    >>> import diagrad as dg
    >>> dg.sqrt([4.0, 9.0])
    array([2., 3.])
    """
    return elementwise(ops.Sqrt(), x)


def square(x: ArrayLike, /) -> Array:
    """y = x². Backward: g · 2x.

    >>> import diagrad as dg
    >>> dg.square([2.0, 3.0])
    array([4., 9.])
    """
    return elementwise(ops.Square(), x)


def abs(x: ArrayLike, /) -> Array:
    """y = |x|. Backward: g · sign x, 0 at 0.

    >>> import diagrad as dg
    >>> dg.abs([-2.0, 3.0])
    array([2., 3.])
    """
    return elementwise(ops.Abs(), x)


def sign(x: ArrayLike, /) -> Array:
    """y = −1, 0 or 1. Its gradient is 0.

    >>> import diagrad as dg
    >>> dg.sign([-2.0, 0.0, 3.0])
    array([-1.,  0.,  1.])
    """
    return elementwise(ops.Sign(), x)


def sin(x: ArrayLike, /) -> Array:
    """y = sin x, x in radians. Backward: g · cos x.

    >>> import diagrad as dg
    >>> dg.sin([0.0, 1.0])
    array([0.        , 0.84147098])
    """
    return elementwise(ops.Sin(), x)


def cos(x: ArrayLike, /) -> Array:
    """y = cos x, x in radians. Backward: −g · sin x.

    >>> import diagrad as dg
    >>> dg.cos([0.0, 1.0])
    array([1.        , 0.54030231])
    """
    return elementwise(ops.Cos(), x)


def tanh(x: ArrayLike, /) -> Array:
    """y = tanh x. Backward: g · (1 − y²).

    >>> import diagrad as dg
    >>> dg.tanh([0.0, 1.0])
    array([0.        , 0.76159416])
    """
    return elementwise(ops.Tanh(), x)


def sigmoid(x: ArrayLike, /) -> Array:
    """y = 1 / (1 + e⁻ˣ), overflowing at neither end. Backward: g · y · (1 − y).

    >>> import diagrad as dg
    >>> dg.sigmoid([0.0, 1000.0])
    array([0.5, 1. ])
    """
    return elementwise(ops.Sigmoid(), x)


def relu(x: ArrayLike, /) -> Array:
    """y = max(x, 0). Backward: g where x > 0, otherwise 0, also at 0.

    >>> import diagrad as dg
    >>> dg.relu([-1.0, 2.0])
    array([0., 2.])
    """
    return elementwise(ops.Relu(), x)


def maximum(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = max(x, y). Backward: g to the larger; a tie halves it.

    >>> import diagrad as dg
    >>> dg.maximum([1.0, 5.0], 3)
    array([3., 5.])
    """
    return elementwise(ops.Maximum(), x, y)


def minimum(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = min(x, y). Backward: g to the smaller; a tie halves it.

    >>> import diagrad as dg
    >>> dg.minimum([1.0, 5.0], 3)
    array([1., 3.])
    """
    return elementwise(ops.Minimum(), x, y)


def where(condition: ArrayLike, x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x where the condition holds, y elsewhere. Backward: g to the chosen one, 0 to the other.

    >>> import diagrad as dg
    >>> dg.where(dg.array([1.0, -1.0]) > 0, 5.0, 7.0)
    array([5., 7.])
    """
    return elementwise(ops.Where(), condition, x, y)


def equal(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = (x == y). No derivative.

    >>> import diagrad as dg
    >>> dg.equal([1.0, 2.0], 2)
    array([False,  True])
    """
    return elementwise(ops.Equal(), x, y)


def not_equal(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = (x != y). No derivative.

    >>> import diagrad as dg
    >>> dg.not_equal([1.0, 2.0], 2)
    array([ True, False])
    """
    return elementwise(ops.NotEqual(), x, y)


def less(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = (x < y). No derivative.

    >>> import diagrad as dg
    >>> dg.less([1.0, 2.0], 2)
    array([ True, False])
    """
    return elementwise(ops.Less(), x, y)


def less_equal(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = (x <= y). No derivative.

    >>> import diagrad as dg
    >>> dg.less_equal([1.0, 2.0], 2)
    array([ True,  True])
    """
    return elementwise(ops.LessEqual(), x, y)


def greater(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = (x > y). No derivative.

    >>> import diagrad as dg
    >>> dg.greater([1.0, 3.0], 2)
    array([False,  True])
    """
    return elementwise(ops.Greater(), x, y)


def greater_equal(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = (x >= y). No derivative.

    >>> import diagrad as dg
    >>> dg.greater_equal([1.0, 2.0], 2)
    array([False,  True])
    """
    return elementwise(ops.GreaterEqual(), x, y)


def logical_and(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x and y, on booleans. No derivative.

    >>> import diagrad as dg
    >>> dg.logical_and([True, True], [True, False])
    array([ True, False])
    """
    return elementwise(ops.And(), x, y)


def logical_or(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x or y, on booleans. No derivative.

    >>> import diagrad as dg
    >>> dg.logical_or([True, False], [False, False])
    array([ True, False])
    """
    return elementwise(ops.Or(), x, y)


def logical_not(x: ArrayLike, /) -> Array:
    """y = not x, on booleans. No derivative.

    >>> import diagrad as dg
    >>> dg.logical_not([True, False])
    array([False,  True])
    """
    return elementwise(ops.Not(), x)


def astype(x: ArrayLike, dtype: Any, /) -> Array:
    """x in another dtype. Backward: g in the dtype of x; none where x is integer or boolean.

    >>> import diagrad as dg
    >>> dg.astype([1, 2], "float32").dtype
    dtype('float32')
    """
    x = to_array(x)
    to = np.dtype(dtype)
    from_short(short_name(to))
    return x if x.dtype == to else apply(ops.AsType(short_name(to)), x)


# ------------------------------------------------------------------ elementary structure


def branch(x: ArrayLike, /, n: int = 2) -> tuple[Array, ...]:
    """One value separated into n. Backward: the n upstream gradients add.

    A value that is used twice branches by itself, when a graph is drawn or differentiated; this makes the
    node explicit.

    Args:
        x: any array.
        n: how many outputs, at least 1.

    Raises:
        ValueError: n is not positive.

    >>> import diagrad as dg
    >>> x = dg.array(3.0)
    >>> a, b = dg.branch(x)
    >>> (a * b).backward()
    >>> x.grad
    array(6.)
    """
    if n < 1:
        raise ValueError(f"branch: n must be at least 1, got {n}")
    return apply(ops.Branch(n), to_array(x))


def repeat_new(x: ArrayLike, /, n: int, axis: int = 0) -> Array:
    """n copies of x along a new axis. Backward: the n gradients add.

    Args:
        x: any array.
        n: the number of copies.
        axis: where the new axis stands in the result.

    >>> import diagrad as dg
    >>> dg.repeat_new([1.0, 2.0], 3)
    array([[1., 2.],
           [1., 2.],
           [1., 2.]])
    """
    x = to_array(x)
    return apply(ops.Repeat((normalize_axis_index(axis, x.ndim + 1),), (n,)), x)


def add_n(*xs: ArrayLike) -> Array:
    """y = x₁ + x₂ + … + xₙ, all of one shape: the Sum node. Backward: the one gradient to every input.

    >>> import diagrad as dg
    >>> dg.add_n(1.0, 2.0, 3.0)
    array(6.)
    """
    arrays = [to_array(x) for x in xs]
    dtype = promote([x.dtype for x in arrays])
    return apply(ops.AddN(), *(cast(x, dtype) for x in arrays))


def broadcast_to(x: ArrayLike, shape: int | Sequence[int], /) -> Array:
    """x copied along new axes, or axes of size 1, to ``shape``: a Repeat node.

    Raises:
        ShapeError: x does not broadcast to that shape.

    >>> import diagrad as dg
    >>> dg.broadcast_to([1.0, 2.0], (2, 2))
    array([[1., 2.],
               [1., 2.]])
    """
    x = to_array(x)
    to = _shape(shape)
    if len(to) < x.ndim or any(a not in (1, b) for a, b in zip(x.shape[::-1], to[::-1], strict=False)):
        raise ShapeError(
            f"broadcast_to: {x.name or 'x'}{x.shape} does not broadcast to {to}",
            where=str(user_site(0)),
            expected="each axis, from the last, equal or 1",
            got=f"x{x.shape}, shape {to}",
            fix="reshape x first, or add an axis with x[:, None]",
        )
    return repeat_to(x, to, inner=False)


def matmul(x: ArrayLike, w: ArrayLike, /) -> Array:
    """Matrix product  y[m,n] = Σ_k x[m,k] · w[k,n], over leading axes that broadcast.

    A one-axis input counts as a row on the left, as a column on the right, and that axis vanishes again;
    of two such inputs the result is their dot product. Backward: g · wᵀ and xᵀ · g.

    Raises:
        ShapeError: the inner axes differ, or an input is a scalar.

    >>> import diagrad as dg
    >>> dg.matmul([[1.0, 2.0]], [[3.0], [4.0]])
    array([[11.]])
    """
    x, w = to_array(x), to_array(w)
    row, column = x.ndim == 1, w.ndim == 1
    inner = w.shape[0] if column else w.shape[-2] if w.ndim else 0
    if not x.ndim or not w.ndim or x.shape[-1] != inner:
        raise _matmul_error(x, w)
    dtype = promote([x.dtype, w.dtype])
    x, w = cast(x, dtype), cast(w, dtype)
    if row and column:
        return apply(ops.Sum((0,)), apply(ops.Multiply(), x, w, inner=True))
    x = apply(ops.ExpandDims((0,)), x, inner=True) if row else x
    w = apply(ops.ExpandDims((1,)), w, inner=True) if column else w
    if x.shape[:-2] != w.shape[:-2]:
        try:
            lead = np.broadcast_shapes(x.shape[:-2], w.shape[:-2])
        except ValueError:
            raise _matmul_error(x, w) from None
        x, w = repeat_to(x, lead + x.shape[-2:]), repeat_to(w, lead + w.shape[-2:])
    if not row and not column:
        return apply(ops.MatMul(), x, w)
    y = apply(ops.MatMul(), x, w, inner=True)
    return apply(ops.Squeeze((y.ndim - 2 if row else y.ndim - 1,)), y)


def _matmul_error(x: Array, w: Array) -> ShapeError:
    a, b = x.name or "x", w.name or "w"
    if not x.ndim or not w.ndim:
        what = f"MatMul: {a if not x.ndim else b} is a scalar"
    elif x.shape[-1] != (w.shape[-2] if w.ndim > 1 else w.shape[0]):
        what = (
            f"MatMul: axis 'k' is {x.shape[-1]} in {a} but {w.shape[-2] if w.ndim > 1 else w.shape[0]} in {b}"
        )
    else:
        what = f"MatMul: leading axes {x.shape[:-2]} of {a} and {w.shape[:-2]} of {b} do not broadcast"
    return ShapeError(
        what,
        where=str(user_site(1)),
        expected=ops.MatMul.signature,
        got=f"{a}{x.shape}, {b}{w.shape}",
        fix="transpose one of them (x.mT), or multiply elementwise with *",
    )


# ------------------------------------------------------------------ reductions


def sum(x: ArrayLike, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """y = Σ x over ``axis``, over all axes by default. Backward: the one gradient to every element.

    Args:
        x: any array; booleans and small integers are summed as 64-bit integers, as NumPy does.
        axis: an axis or several, negative ones counting from the end.
        dtype: the dtype to sum in.
        keepdims: keep the summed axes with size 1.

    Raises:
        AxisError: there is no such axis.

    >>> import diagrad as dg
    >>> dg.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    array([4., 6.])
    """
    x = to_array(x)
    to = np.dtype(dtype) if dtype is not None else np.add.reduce(np.zeros(0, x.dtype)).dtype
    return _reduce(ops.Sum, cast(x, to), axis, keepdims)


def mean(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """y = Σ x / n over ``axis``. Backward: g / n to every element.

    >>> import diagrad as dg
    >>> dg.mean([[1.0, 2.0], [3.0, 6.0]], axis=0)
    array([2., 4.])
    """
    x = to_array(x)
    return _reduce(ops.Mean, x if x.dtype.kind in "fc" else cast(x, np.dtype("f8")), axis, keepdims)


def max(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest element over ``axis``. Backward: g to it; ties share it equally.

    >>> import diagrad as dg
    >>> dg.max([[1.0, 7.0], [3.0, 4.0]], axis=1)
    array([7., 4.])
    """
    return _reduce(ops.Max, _not_empty("max", to_array(x), axis), axis, keepdims)


def min(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest element over ``axis``. Backward: g to it; ties share it equally.

    >>> import diagrad as dg
    >>> dg.min([[1.0, 7.0], [3.0, 4.0]], axis=1)
    array([1., 3.])
    """
    return _reduce(ops.Min, _not_empty("min", to_array(x), axis), axis, keepdims)


def argmax(x: ArrayLike, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first largest element along ``axis``, of the flat array by default. No derivative.

    >>> import diagrad as dg
    >>> dg.argmax([[1.0, 7.0], [3.0, 2.0]], axis=1)
    array([1, 0])
    """
    return _arg(ops.ArgMax, to_array(x), axis, keepdims)


def argmin(x: ArrayLike, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first smallest element along ``axis``, of the flat array by default. No derivative.

    >>> import diagrad as dg
    >>> dg.argmin([[1.0, 7.0], [3.0, 2.0]], axis=1)
    array([0, 1])
    """
    return _arg(ops.ArgMin, to_array(x), axis, keepdims)


def _reduce(op: type[Any], x: Array, axis: Axis, keepdims: bool) -> Array:
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    axes = tuple(sorted(axes))
    y = apply(op(axes), x, inner=keepdims)
    return apply(ops.ExpandDims(axes), y) if keepdims else y


def _arg(op: type[Any], x: Array, axis: int | None, keepdims: bool) -> Array:
    _not_empty(op.__name__.lower(), x, axis)
    if axis is None:
        flat = x if x.ndim == 1 else apply(ops.Reshape((x.size,)), x, inner=True)
        y = apply(op(0), flat)
        return apply(ops.Reshape((1,) * x.ndim), y) if keepdims else y
    at = normalize_axis_index(axis, x.ndim)
    y = apply(op(at), x)
    return apply(ops.ExpandDims((at,)), y) if keepdims else y


def _not_empty(name: str, x: Array, axis: Axis) -> Array:
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if any(x.shape[at] == 0 for at in axes):
        raise ShapeError(
            f"{name}: there is no element to choose from",
            where=str(user_site(1)),
            expected="at least one element along the axis",
            got=f"{x.name or 'x'}{x.shape}",
            fix="check the array's size first",
        )
    return x


# ------------------------------------------------------------------ shape


def reshape(x: ArrayLike, /, shape: int | Sequence[int]) -> Array:
    """The same elements, in C order, in another shape; one axis may be −1. Backward: g reshaped back.

    Raises:
        ShapeError: the elements do not fill the shape.

    >>> import diagrad as dg
    >>> dg.reshape([1.0, 2.0, 3.0, 4.0], (2, -1)).shape
    (2, 2)
    """
    x = to_array(x)
    to = _shape(shape)
    if -1 in to:
        rest = int(np.prod([n for n in to if n != -1], dtype=np.int64))
        if to.count(-1) > 1 or rest == 0 or x.size % rest:
            ops.Reshape(to).shape(x.shape)
        to = tuple(x.size // rest if n == -1 else n for n in to)
    return x if to == x.shape else apply(ops.Reshape(to), x)


def permute_dims(x: ArrayLike, /, axes: Sequence[int] | None = None) -> Array:
    """The axes in another order, reversed by default. Backward: g in the old order.

    >>> import diagrad as dg
    >>> dg.permute_dims([[1.0, 2.0, 3.0]]).shape
    (3, 1)
    """
    x = to_array(x)
    order = (
        tuple(range(x.ndim))[::-1] if axes is None else tuple(normalize_axis_index(a, x.ndim) for a in axes)
    )
    return x if x.ndim < 2 and axes is None else apply(ops.Transpose(order), x)


def matrix_transpose(x: ArrayLike, /) -> Array:
    """The last two axes exchanged.

    Raises:
        ShapeError: there are fewer than two axes.

    >>> import diagrad as dg
    >>> dg.matrix_transpose([[1.0, 2.0, 3.0]]).shape
    (3, 1)
    """
    x = to_array(x)
    if x.ndim < 2:
        raise ShapeError(
            "matrix_transpose: fewer than two axes",
            where=str(user_site(1)),
            expected="x[... m n]",
            got=f"{x.name or 'x'}{x.shape}",
            fix="add an axis with x[:, None]",
        )
    axes = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
    return apply(ops.Transpose(axes), x)


def expand_dims(x: ArrayLike, /, axis: int | Sequence[int] = 0) -> Array:
    """New axes of size 1 at ``axis`` of the result. Backward: g without them.

    >>> import diagrad as dg
    >>> dg.expand_dims([1.0, 2.0], 1).shape
    (2, 1)
    """
    x = to_array(x)
    count = 1 if isinstance(axis, SupportsIndex) else len(axis)
    return apply(ops.ExpandDims(tuple(sorted(normalize_axis_tuple(axis, x.ndim + count)))), x)


def squeeze(x: ArrayLike, /, axis: Axis = None) -> Array:
    """Without the axes ``axis`` of size 1, all of them by default. Backward: g with them.

    Raises:
        ShapeError: an axis has another size.

    >>> import diagrad as dg
    >>> dg.squeeze([[1.0, 2.0]]).shape
    (2,)
    """
    x = to_array(x)
    axes = (
        tuple(at for at, size in enumerate(x.shape) if size == 1)
        if axis is None
        else tuple(sorted(normalize_axis_tuple(axis, x.ndim)))
    )
    return apply(ops.Squeeze(axes), x) if axes else x


def concatenate(arrays: Sequence[ArrayLike], /, axis: int | None = 0) -> Array:
    """The arrays one after the other along ``axis``; flat with None. Backward: each its own part of g.

    Raises:
        ShapeError: the shapes differ in another axis.

    >>> import diagrad as dg
    >>> dg.concatenate([[1.0], [2.0, 3.0]])
    array([1., 2., 3.])
    """
    xs = _together(arrays)
    if axis is None:
        xs, axis = [reshape(x, (-1,)) for x in xs], 0
    return apply(ops.Concatenate(normalize_axis_index(axis, xs[0].ndim)), *xs)


def stack(arrays: Sequence[ArrayLike], /, axis: int = 0) -> Array:
    """The arrays, all of one shape, along a new axis. Backward: each its own part of g.

    Raises:
        ShapeError: the shapes differ.

    >>> import diagrad as dg
    >>> dg.stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    array([[1., 3.],
               [2., 4.]])
    """
    xs = _together(arrays)
    return apply(ops.Stack(normalize_axis_index(axis, xs[0].ndim + 1)), *xs)


def _together(arrays: Sequence[ArrayLike]) -> list[Array]:
    xs = [to_array(x) for x in arrays]
    if not xs:
        raise InputError("there is nothing to join", expected="at least one array", got="an empty sequence")
    dtype = promote([x.dtype for x in xs])
    return [cast(x, dtype) for x in xs]


def _shape(shape: int | Sequence[int]) -> Shape:
    return (int(shape),) if isinstance(shape, SupportsIndex) else tuple(int(n) for n in shape)
