"""Elementwise functions: one element of the result from the elements at the same place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...ir import from_short, short_name
from ..align import cast, elementwise, own, promote, to_array
from ..array import Array, ArrayLike, apply

__all__ = [
    "abs",
    "add",
    "astype",
    "cos",
    "divide",
    "equal",
    "exp",
    "expm1",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "log",
    "log1p",
    "logical_and",
    "logical_not",
    "logical_or",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "power",
    "relu",
    "sigmoid",
    "sign",
    "sin",
    "sqrt",
    "square",
    "subtract",
    "tanh",
    "where",
]


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
    return elementwise(ops.And(), _truth(x), _truth(y))


def logical_or(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x or y, on booleans. No derivative.

    >>> import diagrad as dg
    >>> dg.logical_or([True, False], [False, False])
    array([ True, False])
    """
    return elementwise(ops.Or(), _truth(x), _truth(y))


def logical_not(x: ArrayLike, /) -> Array:
    """y = not x, on booleans. No derivative.

    >>> import diagrad as dg
    >>> dg.logical_not([True, False])
    array([False,  True])
    """
    return elementwise(ops.Not(), _truth(x))


def _truth(x: ArrayLike) -> Array:
    """Whether each element is not 0."""
    return cast(to_array(x), np.dtype(np.bool_))


def astype(x: ArrayLike, dtype: Any, /) -> Array:
    """x in another dtype. Backward: g in the dtype of x; none where x is integer or boolean.

    >>> import diagrad as dg
    >>> dg.astype([1, 2], "float32").dtype
    dtype('float32')
    """
    x = to_array(x)
    to = np.dtype(dtype)
    from_short(short_name(to))
    return own(x) if x.dtype == to else apply(ops.AsType(short_name(to)), x)
