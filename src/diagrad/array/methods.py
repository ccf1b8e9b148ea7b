"""NumPy's methods of an array, each the function of that name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .array import Array
    from .at import At

Axis = int | Sequence[int] | None
"""One axis, several, or all."""


class Methods:
    """The part of :class:`~diagrad.Array` that only calls functions."""

    __slots__ = ()

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

    def astype(self, dtype: Any) -> Array:
        """In another dtype: :func:`diagrad.astype`."""
        return _functions().astype(self, dtype)

    def copy(self) -> Array:
        """As an Array of one's own: :func:`diagrad.copy`."""
        return _functions().copy(self)

    def fill(self, value: Any) -> None:
        """Set every element: ``x[...] = value``."""
        self[...] = value  # pyright: ignore[reportIndexIssue]

    def sort(self, axis: int = -1) -> None:
        """Sort in place along an axis: the array is from now on what ``np.sort`` of it is."""
        from .assigned import write

        write(self, _functions().sort(self, axis=axis))  # pyright: ignore[reportArgumentType]

    @property
    def at(self) -> At:
        """Assignment that gives a new array and leaves this one as it is: ``x.at[index].set(v)``, ``.add``,
        ``.multiply``, ``.max``, ``.min``.
        """
        from .at import At

        return At(self)  # pyright: ignore[reportArgumentType]

    @property
    def T(self) -> Array:
        """The axes in reverse order."""
        return self.transpose()

    @property
    def mT(self) -> Array:
        """The last two axes exchanged: :func:`diagrad.matrix_transpose`."""
        return _functions().matrix_transpose(self)


def _functions() -> Any:
    from . import functions

    return functions
