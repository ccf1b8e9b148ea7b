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

    def prod(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
        """Product of the elements over ``axis``: :func:`diagrad.prod`."""
        return _functions().prod(self, axis=axis, dtype=dtype, keepdims=keepdims)

    def var(self, axis: Axis = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False) -> Array:
        """Mean square deviation from the mean: :func:`diagrad.var`."""
        return _functions().var(self, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)

    def std(self, axis: Axis = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False) -> Array:
        """Standard deviation: :func:`diagrad.std`."""
        return _functions().std(self, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)

    def any(self, axis: Axis = None, keepdims: bool = False) -> Array:
        """Whether some element is not 0: :func:`diagrad.any`."""
        return _functions().any(self, axis=axis, keepdims=keepdims)

    def all(self, axis: Axis = None, keepdims: bool = False) -> Array:
        """Whether every element is not 0: :func:`diagrad.all`."""
        return _functions().all(self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis: int | None = None, dtype: Any = None) -> Array:
        """Running sums: :func:`diagrad.cumsum`."""
        return _functions().cumsum(self, axis=axis, dtype=dtype)

    def cumprod(self, axis: int | None = None, dtype: Any = None) -> Array:
        """Running products: :func:`diagrad.cumprod`."""
        return _functions().cumprod(self, axis=axis, dtype=dtype)

    def argsort(self, axis: int | None = -1) -> Array:
        """The indices that sort it: :func:`diagrad.argsort`."""
        return _functions().argsort(self, axis=axis)

    def take(self, indices: Any, axis: int | None = None) -> Array:
        """The elements at these places along ``axis``: :func:`diagrad.take`."""
        return _functions().take(self, indices, axis=axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Array:
        """Each element several times: :func:`diagrad.repeat`."""
        return _functions().repeat(self, repeats, axis=axis)

    def swapaxes(self, axis1: int, axis2: int) -> Array:
        """Two axes exchanged: :func:`diagrad.swapaxes`."""
        return _functions().swapaxes(self, axis1, axis2)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
        """A diagonal of two axes: :func:`diagrad.diagonal`."""
        return _functions().diagonal(self, offset, axis1, axis2)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Array:
        """The sum of a diagonal, as :func:`numpy.trace`; :func:`diagrad.trace` is another thing."""
        return _functions().sum(self.diagonal(offset, axis1, axis2), axis=-1, dtype=dtype)

    def dot(self, other: Any) -> Array:
        """The product over the last axis and the other's last but one: :func:`diagrad.dot`."""
        return _functions().dot(self, other)

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

    def round(self, decimals: int = 0) -> Array:
        """To so many places: :func:`diagrad.round`."""
        return _functions().round(self, decimals)

    def clip(self, min: Any = None, max: Any = None) -> Array:
        """Kept between bounds: :func:`diagrad.clip`."""
        return _functions().clip(self, min, max)

    def conj(self) -> Array:
        """The complex conjugate: :func:`diagrad.conj`."""
        return _functions().conj(self)

    conjugate = conj

    @property
    def real(self) -> Array:
        """The real part: :func:`diagrad.real`."""
        return _functions().real(self)

    @property
    def imag(self) -> Array:
        """The imaginary part: :func:`diagrad.imag`."""
        return _functions().imag(self)

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
