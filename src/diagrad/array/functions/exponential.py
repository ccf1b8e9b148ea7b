"""Powers and logarithms of other bases, roots, and sums of exponentials."""

from __future__ import annotations

from ... import ops
from ..align import elementwise
from ..array import Array, ArrayLike

__all__ = [
    "cbrt",
    "exp2",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "reciprocal",
    "rsqrt",
]


def exp2(x: ArrayLike, /) -> Array:
    """y = 2ˣ. Backward: g · y · ln 2.

    >>> import diagrad as dg
    >>> dg.exp2([0.0, 3.0])
    array([1., 8.])
    """
    return elementwise(ops.Exp2(), x)


def log2(x: ArrayLike, /) -> Array:
    """y = log₂ x. Backward: g / (x ln 2), infinite at 0.

    >>> import diagrad as dg
    >>> dg.log2([1.0, 8.0])
    array([0., 3.])
    """
    return elementwise(ops.Log2(), x)


def log10(x: ArrayLike, /) -> Array:
    """y = log₁₀ x. Backward: g / (x ln 10), infinite at 0.

    >>> import diagrad as dg
    >>> dg.log10([1.0, 1000.0])
    array([0., 3.])
    """
    return elementwise(ops.Log10(), x)


def cbrt(x: ArrayLike, /) -> Array:
    """y = ∛x, also of negative numbers. Backward: g / (3y²), infinite at 0.

    >>> import diagrad as dg
    >>> dg.cbrt([8.0, -27.0])
    array([ 2., -3.])
    """
    return elementwise(ops.Cbrt(), x)


def reciprocal(x: ArrayLike, /) -> Array:
    """y = 1 / x, of integers too in floating point. Backward: −g · y².

    >>> import diagrad as dg
    >>> dg.reciprocal([2.0, 4.0])
    array([0.5 , 0.25])
    """
    return elementwise(ops.Reciprocal(), x)


def rsqrt(x: ArrayLike, /) -> Array:
    """y = 1 / √x. Backward: −½ g · y³, infinite at 0.

    >>> import diagrad as dg
    >>> dg.rsqrt([4.0, 16.0])
    array([0.5 , 0.25])
    """
    return elementwise(ops.Rsqrt(), x)


def logaddexp(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = ln(eˣ + eʸ), without overflow. Backward: g · σ(x − y) and g · σ(y − x).

    >>> import diagrad as dg
    >>> dg.logaddexp([0.0, 1000.0], [0.0, 1000.0])
    array([6.93147181e-01, 1.00069315e+03])
    """
    return elementwise(ops.LogAddExp(), x, y)


def logaddexp2(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = log₂(2ˣ + 2ʸ), without overflow. Backward: g · 2ˣ⁻ᶻ and g · 2ʸ⁻ᶻ.

    >>> import diagrad as dg
    >>> dg.logaddexp2([0.0, 2000.0], [0.0, 2000.0])
    array([1.000e+00, 2.001e+03])
    """
    return elementwise(ops.LogAddExp2(), x, y)
