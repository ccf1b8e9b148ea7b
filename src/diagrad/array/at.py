"""``x.at[index].set(v)``: assignment as a function, which gives a new array; spelled as in JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from .align import to_array
from .array import Array, ArrayLike
from .indexing import getitem, put, put_product


class At:
    """``x.at``, which takes an index."""

    __slots__ = ("_array",)

    def __init__(self, array: Array) -> None:
        self._array = array

    def __getitem__(self, index: Any) -> Place:
        return Place(self._array, index)


class Place:
    """``x.at[index]``: some elements of an array. Each method gives a new array and leaves this one alone."""

    __slots__ = ("_array", "_index")

    def __init__(self, array: Array, index: Any) -> None:
        self._array, self._index = to_array(array), index

    def get(self) -> Array:
        """``x[index]``."""
        return getitem(self._array, self._index)

    def set(self, v: ArrayLike, /) -> Array:
        """As :func:`diagrad.scatter_set`."""
        return put(self._array, self._index, v, ops.Put)

    def add(self, v: ArrayLike, /) -> Array:
        """As :func:`diagrad.scatter_add`."""
        return put(self._array, self._index, v, ops.PutAdd)

    def subtract(self, v: ArrayLike, /) -> Array:
        """As ``add`` of −v."""
        return self.add(-to_array(v))

    def multiply(self, v: ArrayLike, /) -> Array:
        """x with its elements multiplied by v, once for each time a place is named."""
        return put_product(self._array, self._index, v)

    def max(self, v: ArrayLike, /) -> Array:
        """As :func:`diagrad.scatter_max`."""
        return put(self._array, self._index, v, ops.PutMax)

    def min(self, v: ArrayLike, /) -> Array:
        """As :func:`diagrad.scatter_min`."""
        return put(self._array, self._index, v, ops.PutMin)


UFUNCS: dict[np.ufunc, Callable[[Place, Any], Array]] = {
    np.add: Place.add,
    np.subtract: Place.subtract,
    np.multiply: Place.multiply,
    np.maximum: Place.max,
    np.minimum: Place.min,
}
"""What ``np.add.at`` and its likes write."""
