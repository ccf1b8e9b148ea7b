"""The activations of networks, beside ``relu``, ``sigmoid`` and ``tanh``."""

from __future__ import annotations

from typing import Literal

from numpy.lib.array_utils import normalize_axis_index

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import elementwise, to_array
from ..array import Array, ArrayLike
from ..context import composite
from .elementwise import multiply, sigmoid, tanh, where
from .limits import relu6

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_sigmoid",
    "hard_swish",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "prelu",
    "selu",
    "silu",
    "softplus",
    "softsign",
    "swish",
    "tanhshrink",
]


def softplus(x: ArrayLike, /, beta: float = 1.0) -> Array:
    """y = ln(1 + e^(βx)) / β, a smooth ReLU that overflows at neither end. Backward: g · σ(βx).

    >>> import diagrad as dg
    >>> dg.softplus([0.0, 1000.0])
    array([6.93147181e-01, 1.00000000e+03])
    """
    return elementwise(ops.Softplus(beta), x)


def log_sigmoid(x: ArrayLike, /) -> Array:
    """y = ln σ(x), accurate where σ(x) underflows. Backward: g · σ(−x).

    >>> import diagrad as dg
    >>> dg.log_sigmoid([0.0, -1000.0])
    array([-6.93147181e-01, -1.00000000e+03])
    """
    return elementwise(ops.LogSigmoid(), x)


def silu(x: ArrayLike, /) -> Array:
    """y = x · σ(x), also called swish. Backward: g · (σ + y · (1 − σ)).

    >>> import diagrad as dg
    >>> dg.silu([0.0, 1.0])
    array([0.        , 0.73105858])
    """
    return elementwise(ops.Silu(), x)


def mish(x: ArrayLike, /) -> Array:
    """y = x · tanh(softplus(x)). Backward: g · (ω + x · σ(x) · (1 − ω²)), ω the tanh (Misra 2019).

    >>> import diagrad as dg
    >>> dg.mish([0.0, 1.0])
    array([0.        , 0.86509839])
    """
    return elementwise(ops.Mish(), x)


def selu(x: ArrayLike, /) -> Array:
    """y = λ · elu(x, α), with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017).

    >>> import diagrad as dg
    >>> dg.selu([-1.0, 1.0])
    array([-1.11133074,  1.05070099])
    """
    return elementwise(ops.Selu(), x)


def softsign(x: ArrayLike, /) -> Array:
    """y = x / (1 + |x|). Backward: g / (1 + |x|)².

    >>> import diagrad as dg
    >>> dg.softsign([-1.0, 3.0])
    array([-0.5 ,  0.75])
    """
    return elementwise(ops.Softsign(), x)


def gelu(x: ArrayLike, /, approximate: Literal["none", "tanh"] = "none") -> Array:
    """y = x · Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016).

    Args:
        x: any real array.
        approximate: ``"tanh"`` for y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).

    Returns:
        y; backward: g · (Φ(x) + x · φ(x)), φ the density.

    Raises:
        ValueError: there is no such approximation.

    >>> import diagrad as dg
    >>> dg.gelu([-1.0, 1.0]), dg.gelu(1.0, approximate="tanh")
    (array([-0.15865525,  0.84134475]), array(0.84119199))
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return elementwise(ops.Gelu(approximate), x)


def elu(x: ArrayLike, /, alpha: float = 1.0) -> Array:
    """y = x where x > 0, elsewhere α (eˣ − 1). Backward: g where x > 0, elsewhere g · α · eˣ, also at 0.

    >>> import diagrad as dg
    >>> dg.elu([-1.0, 1.0])
    array([-0.63212056,  1.        ])
    """
    return elementwise(ops.Elu(alpha), x)


def celu(x: ArrayLike, /, alpha: float = 1.0) -> Array:
    """y = x where x > 0, elsewhere α (e^(x/α) − 1). Backward: g where x > 0, elsewhere g · e^(x/α).

    >>> import diagrad as dg
    >>> dg.celu([-1.0, 1.0], alpha=0.5)
    array([-0.43233236,  1.        ])
    """
    return elementwise(ops.Celu(alpha), x)


def leaky_relu(x: ArrayLike, /, slope: float = 0.01) -> Array:
    """y = x where x > 0, elsewhere slope · x. Backward: g where x > 0, elsewhere slope · g, also at 0.

    >>> import diagrad as dg
    >>> dg.leaky_relu([-1.0, 1.0])
    array([-0.01,  1.  ])
    """
    return elementwise(ops.LeakyRelu(slope), x)


@composite
def prelu(x: ArrayLike, a: ArrayLike, /) -> Array:
    """y = x where x > 0, elsewhere a · x, with slopes ``a`` that are learned and broadcast against x.

    Backward: g where x > 0, elsewhere g · a, also at 0; g · x to ``a`` where x ≤ 0.

    >>> import diagrad as dg
    >>> dg.prelu([[-1.0, 1.0], [-2.0, -2.0]], [0.25, 0.5])
    array([[-0.25,  1.  ],
           [-0.5 , -1.  ]])
    """
    x = to_array(x)
    return where(x > 0, x, multiply(a, x))


@composite
def hard_sigmoid(x: ArrayLike, /) -> Array:
    """y = relu6(x + 3) / 6, σ in straight lines. Backward: g / 6 where −3 < x < 3, 0 elsewhere.

    >>> import diagrad as dg
    >>> dg.hard_sigmoid([-4.0, 0.0, 4.0])
    array([0. , 0.5, 1. ])
    """
    return relu6(to_array(x) + 3) / 6


@composite
def hard_swish(x: ArrayLike, /) -> Array:
    """y = x · hard_sigmoid(x). Backward: g · (hard_sigmoid(x) + x / 6 where −3 < x < 3).

    >>> import diagrad as dg
    >>> dg.hard_swish([-4.0, 1.0, 4.0])
    array([-0.        ,  0.66666667,  4.        ])
    """
    x = to_array(x)
    return x * hard_sigmoid(x)


@composite
def tanhshrink(x: ArrayLike, /) -> Array:
    """y = x − tanh x. Backward: g · tanh² x.

    >>> import diagrad as dg
    >>> dg.tanhshrink([0.0, 1.0])
    array([0.        , 0.23840584])
    """
    x = to_array(x)
    return x - tanh(x)


@composite
def glu(x: ArrayLike, /, axis: int = -1) -> Array:
    """y = a · σ(b), where a and b are the halves of x along ``axis`` (Dauphin et al. 2017).

    Args:
        x: shape (…, 2n, …).
        axis: the axis of size 2n.

    Returns:
        y of shape (…, n, …).

    Raises:
        ShapeError: the axis has an odd size.

    >>> import diagrad as dg
    >>> dg.glu([1.0, 2.0, 0.0, 0.0])
    array([0.5, 1. ])
    """
    x = to_array(x)
    axis = normalize_axis_index(axis, x.ndim)
    half, odd = divmod(x.shape[axis], 2)
    if odd:
        raise ShapeError(
            f"glu: axis {axis} cannot be halved",
            where=str(user_site(1)),
            expected="an even size",
            got=f"x{x.shape}",
            fix="give it both the values and the gates, one after the other",
        )
    lead = (slice(None),) * axis
    return x[(*lead, slice(None, half))] * sigmoid(x[(*lead, slice(half, None))])


swish = silu
