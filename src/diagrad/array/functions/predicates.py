"""What kind of number an element is."""

from __future__ import annotations

from ... import ops
from ..align import elementwise
from ..array import Array, ArrayLike

__all__ = [
    "isfinite",
    "isinf",
    "isnan",
    "signbit",
]


def isnan(x: ArrayLike, /) -> Array:
    """y = whether x is NaN. No derivative.

    >>> import diagrad as dg
    >>> dg.isnan([0.0, float('nan')])
    array([False,  True])
    """
    return elementwise(ops.IsNaN(), x)


def isinf(x: ArrayLike, /) -> Array:
    """y = whether x is ∞ or −∞. No derivative.

    >>> import diagrad as dg
    >>> dg.isinf([0.0, -float('inf')])
    array([False,  True])
    """
    return elementwise(ops.IsInf(), x)


def isfinite(x: ArrayLike, /) -> Array:
    """y = whether x is neither infinite nor NaN. No derivative.

    >>> import diagrad as dg
    >>> dg.isfinite([0.0, float('inf')])
    array([ True, False])
    """
    return elementwise(ops.IsFinite(), x)


def signbit(x: ArrayLike, /) -> Array:
    """y = whether x has a minus sign, as −0 has. No derivative.

    >>> import diagrad as dg
    >>> dg.signbit([1.0, -0.0])
    array([False,  True])
    """
    return elementwise(ops.SignBit(), x)
