"""Special functions: the error function, the gamma function, entropies. float32 gives float32."""

from __future__ import annotations

from operator import index

from ... import ops
from ..align import elementwise
from ..array import Array, ArrayLike

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfinv",
    "gammaln",
    "lgamma",
    "logit",
    "polygamma",
    "xlog1py",
    "xlogy",
]


def erf(x: ArrayLike, /) -> Array:
    """y = 2/√π ∫₀ˣ e^(−t²) dt, the error function. Backward: g · 2/√π · e^(−x²).

    >>> import diagrad as dg
    >>> dg.erf([0.0, 1.0])
    array([0.        , 0.84270079])
    """
    return elementwise(ops.Erf(), x)


def erfc(x: ArrayLike, /) -> Array:
    """y = 1 − erf(x), accurate where that is tiny. Backward: −g · 2/√π · e^(−x²).

    >>> import diagrad as dg
    >>> dg.erfc([0.0, 20.0])
    array([1.00000000e+000, 5.39586561e-176])
    """
    return elementwise(ops.Erfc(), x)


def erfinv(x: ArrayLike, /) -> Array:
    """y with erf(y) = x: ±∞ at ±1, NaN outside. Backward: g · √π/2 · e^(y²).

    >>> import diagrad as dg
    >>> dg.erfinv([0.0, 0.5])
    array([0.        , 0.47693628])
    """
    return elementwise(ops.Erfinv(), x)


def gammaln(x: ArrayLike, /) -> Array:
    """y = ln |Γ(x)|: +∞ at 0, −1, −2 … Backward: g · ψ(x).

    >>> import diagrad as dg
    >>> dg.gammaln([0.5, 1.0, 5.0])
    array([0.57236494, 0.        , 3.17805383])
    """
    return elementwise(ops.LogGamma(), x)


def digamma(x: ArrayLike, /) -> Array:
    """y = ψ(x), the derivative of ln Γ: poles at 0, −1, −2 … Backward: g · ψ′(x).

    >>> import diagrad as dg
    >>> dg.digamma([1.0, 2.0])
    array([-0.57721566,  0.42278434])
    """
    return elementwise(ops.Digamma(), x)


def logit(x: ArrayLike, /) -> Array:
    """y = ln(x / (1 − x)), the inverse of :func:`sigmoid`. Backward: g / (x (1 − x)), infinite at 0 and 1.

    >>> import diagrad as dg
    >>> dg.logit([0.5, 0.75])
    array([0.        , 1.09861229])
    """
    return elementwise(ops.Logit(), x)


def entr(x: ArrayLike, /) -> Array:
    """y = −x ln x: 0 at 0, −∞ below. Backward: −g · (ln x + 1), infinite at 0.

    >>> import diagrad as dg
    >>> dg.entr([0.0, 0.5, 1.0])
    array([ 0.        ,  0.34657359, -0.        ])
    """
    return elementwise(ops.Entr(), x)


def polygamma(n: int, x: ArrayLike, /) -> Array:
    """y = ψ⁽ⁿ⁾(x), the derivative of :func:`digamma` of order n. Backward: g · the next one.

    Args:
        n: the order, an integer ≥ 0; 0 is digamma itself.
        x: where; at 0, −1, −2 … there are poles.

    Raises:
        ValueError: n is negative.

    >>> import diagrad as dg
    >>> dg.polygamma(1, [1.0, 2.0])
    array([1.64493407, 0.64493407])
    """
    n = index(n)
    if n < 0:
        raise ValueError(f"polygamma: the order must be an integer ≥ 0, got {n}")
    return elementwise(ops.PolyGamma(n) if n else ops.Digamma(), x)


def xlogy(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x · ln y, and 0 where x = 0. Backward: g · ln y to x, g · x / y to y; where x = 0, 0 to y.

    >>> import diagrad as dg
    >>> dg.xlogy([0.0, 2.0], [0.0, 1.5])
    array([0.        , 0.81093022])
    """
    return elementwise(ops.XLogY(), x, y)


def xlog1py(x: ArrayLike, y: ArrayLike, /) -> Array:
    """z = x · ln(1 + y), and 0 where x = 0. Backward: g · ln(1 + y) to x, g · x / (1 + y) to y.

    >>> import diagrad as dg
    >>> dg.xlog1py([0.0, 2.0], [-1.0, 0.5])
    array([0.        , 0.81093022])
    """
    return elementwise(ops.XLog1py(), x, y)


lgamma = gammaln
