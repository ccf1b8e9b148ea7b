"""Making arrays: leaves, which gradients flow to, and constants, which they do not."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..align import as_data, cast, own, to_array
from ..array import Array, ArrayLike, constant, leaf

__all__ = ["array", "asarray", "copy", "ones_like", "parameter", "zeros_like"]


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
    if isinstance(data, Array) and (dtype is None or data.dtype == dtype):
        return data
    x = to_array(data)
    return x if dtype is None else cast(x, np.dtype(dtype))


def copy(x: ArrayLike, /) -> Array:
    """x as an Array of one's own: what is assigned to it leaves x as it is. Backward: g.

    >>> import diagrad as dg
    >>> x = dg.array([1.0, 2.0])
    >>> y = dg.copy(x)
    >>> y[0] = 5.0
    >>> x, y
    (array([1., 2.]), array([5., 2.]))
    """
    return own(to_array(x))


def zeros_like(x: ArrayLike, /, dtype: Any = None) -> Array:
    """A constant of zeros of the shape of x, in its dtype by default.

    >>> import diagrad as dg
    >>> dg.zeros_like([1.0, 2.0])
    array([0., 0.])
    """
    spec = to_array(x).spec
    to = spec.dtype if dtype is None else np.dtype(dtype)
    return constant(np.broadcast_to(to.type(0), spec.shape)[()])


def ones_like(x: ArrayLike, /, dtype: Any = None) -> Array:
    """A constant of ones of the shape of x, in its dtype by default.

    >>> import diagrad as dg
    >>> dg.ones_like([3.0, 2.0])
    array([1., 1.])
    """
    spec = to_array(x).spec
    to = spec.dtype if dtype is None else np.dtype(dtype)
    return constant(np.broadcast_to(to.type(1), spec.shape)[()])


def _data(data: ArrayLike, dtype: Any) -> Any:
    if isinstance(data, Array):
        data = data.data
    return as_data(data, dtype, copy=True)
