"""Where a token stands: positions added to it, or turned into it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..array import functions as f
from ..array.align import to_array
from ..array.array import Array, ArrayLike, constant
from ..array.context import composite
from ..errors import ShapeError
from ..ir import user_site
from .params import misfit

__all__ = ["rotary", "sinusoidal"]


def sinusoidal(length: int, size: int, base: float = 10000.0, dtype: Any = np.float64) -> Array:
    """P[t, 2i] = sin(t / base^(2i/size)),  P[t, 2i+1] = cos(t / base^(2i/size)).

    Args:
        length: how many positions.
        size: features of each, even.
        base: the longest wave length, over 2π.
        dtype: of the result.

    Returns:
        A constant of shape (length, size), to be added to embeddings.

    Raises:
        ShapeError: ``size`` is odd.

    Method: Vaswani et al. 2017.

    >>> from diagrad import nn
    >>> nn.sinusoidal(2, 2)
    array([[0.        , 1.        ],
           [0.84147098, 0.54030231]])
    """
    if size % 2:
        raise ShapeError(
            f"sinusoidal: {size} features are no pairs",
            where=str(user_site(0)),
            expected="an even size",
            got=str(size),
            fix="add one feature",
        )
    angles = np.arange(length)[:, None] * _frequencies(size, base)
    return constant(np.stack([np.sin(angles), np.cos(angles)], -1).reshape(length, size).astype(dtype))


@composite
def rotary(
    x: ArrayLike, positions: ArrayLike | None = None, *, base: float = 10000.0, interleaved: bool = False
) -> Array:
    """(y₁, y₂) = the pair (x₁, x₂) turned by the angle t / base^(2i/d): the product of two depends on t − t′.

    Applied to queries and keys before their product. Backward: g turned back.

    Args:
        x: shape (..., T, d), d even.
        positions: t of each row, shape (T,) or one that broadcasts with (..., T); by default 0 to T − 1.
        base: the longest wave length, over 2π.
        interleaved: pair i is the features 2i and 2i + 1, as in the paper; otherwise i and i + d/2, as in
            LLaMA and GPT-NeoX.

    Raises:
        ShapeError: d is odd.

    Method: Su et al. 2021.

    >>> from diagrad import nn
    >>> nn.rotary([[1.0, 0.0], [1.0, 0.0]])
    array([[1.        , 0.        ],
           [0.54030231, 0.84147098]])
    """
    x = to_array(x)
    if x.ndim < 2 or x.shape[-1] % 2:
        raise misfit("rotary: the features are no pairs", "x[... T d], d even", "add one feature", x=x)
    half = x.shape[-1] // 2
    t = constant(np.arange(x.shape[-2])) if positions is None else to_array(positions)
    angles = f.expand_dims(t, -1) * _frequencies(2 * half, base)
    cos, sin = f.astype(f.cos(angles), x.dtype), f.astype(f.sin(angles), x.dtype)
    a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    turned = (a * cos - b * sin, b * cos + a * sin)
    return f.reshape(f.stack(turned, axis=-1), x.shape) if interleaved else f.concatenate(turned, axis=-1)


def _frequencies(size: int, base: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return base ** (-np.arange(0, size, 2) / size)
