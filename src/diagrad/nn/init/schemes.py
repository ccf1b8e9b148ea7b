"""Schemes: random weights whose size keeps values, or gradients, of one size from layer to layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import ShapeError
from ...ir import user_site

__all__ = [
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Rng = np.random.Generator | int
"""A generator, or an integer that seeds one."""

Numbers = np.ndarray[Any, Any]
Scheme = Callable[[Rng, Sequence[int], Any], Numbers]


def zeros(shape: int | Sequence[int], dtype: Any = np.float64) -> Numbers:
    """All 0: for biases.

    >>> from diagrad import nn
    >>> nn.init.zeros(2)
    array([0., 0.])
    """
    return np.zeros(shape, dtype)


def ones(shape: int | Sequence[int], dtype: Any = np.float64) -> Numbers:
    """All 1: for gains.

    >>> from diagrad import nn
    >>> nn.init.ones(2)
    array([1., 1.])
    """
    return np.ones(shape, dtype)


def normal(
    rng: Rng, shape: int | Sequence[int], std: float = 1.0, mean: float = 0.0, dtype: Any = np.float64
) -> Numbers:
    """Normally distributed, with standard deviation ``std``.

    >>> from diagrad import nn
    >>> nn.init.normal(0, (2, 3)).shape
    (2, 3)
    """
    return (mean + std * np.random.default_rng(rng).standard_normal(shape)).astype(dtype)


def uniform(
    rng: Rng, shape: int | Sequence[int], low: float = -1.0, high: float = 1.0, dtype: Any = np.float64
) -> Numbers:
    """Uniform from ``low`` to ``high``.

    >>> from diagrad import nn
    >>> bool((abs(nn.init.uniform(0, 100, -0.5, 0.5)) <= 0.5).all())
    True
    """
    return np.random.default_rng(rng).uniform(low, high, shape).astype(dtype)


def truncated_normal(
    rng: Rng,
    shape: int | Sequence[int],
    std: float = 1.0,
    mean: float = 0.0,
    limit: float = 2.0,
    dtype: Any = np.float64,
) -> Numbers:
    """Normal with standard deviation ``std``, what lies beyond ``limit`` of them drawn again.

    What is kept has a smaller standard deviation than ``std``: 0.88 of it for a limit of 2.

    >>> from diagrad import nn
    >>> bool((abs(nn.init.truncated_normal(0, 1000, std=0.1)) <= 0.2).all())
    True
    """
    generator = np.random.default_rng(rng)
    drawn = generator.standard_normal(shape)
    beyond = np.abs(drawn) > limit
    while beyond.any():
        drawn[beyond] = generator.standard_normal(int(beyond.sum()))
        beyond = np.abs(drawn) > limit
    return (mean + std * drawn).astype(dtype)


def glorot_uniform(rng: Rng, shape: Sequence[int], dtype: Any = np.float64, *, gain: float = 1.0) -> Numbers:
    """Uniform within ±gain · √(6 / (fan_in + fan_out)): for tanh and sigmoid. Also ``xavier_uniform``.

    Args:
        rng: a generator or a seed.
        shape: (fan_in, fan_out) for a matrix; (out, in, ...) for filters, whose fans count the places too.
        dtype: of the result.
        gain: a factor.

    Raises:
        ShapeError: fewer than two axes.

    Method: Glorot & Bengio 2010.

    >>> from diagrad import nn
    >>> bool((abs(nn.init.glorot_uniform(0, (3, 3))) <= 1).all())
    True
    """
    fan_in, fan_out = _fans(shape)
    return _uniform(rng, shape, gain * math.sqrt(2 / (fan_in + fan_out)), dtype)


def glorot_normal(rng: Rng, shape: Sequence[int], dtype: Any = np.float64, *, gain: float = 1.0) -> Numbers:
    """Normal, std = gain · √(2 / (fan_in + fan_out)). Also ``xavier_normal``.

    Method: Glorot & Bengio 2010.

    >>> from diagrad import nn
    >>> nn.init.glorot_normal(0, (2, 3)).shape
    (2, 3)
    """
    fan_in, fan_out = _fans(shape)
    return normal(rng, shape, gain * math.sqrt(2 / (fan_in + fan_out)), dtype=dtype)


def he_uniform(
    rng: Rng, shape: Sequence[int], dtype: Any = np.float64, *, gain: float = math.sqrt(2)
) -> Numbers:
    """Uniform within ±gain · √(3 / fan_in): for ReLU. Also ``kaiming_uniform``.

    Method: He, Zhang, Ren & Sun 2015.

    >>> from diagrad import nn
    >>> bool((abs(nn.init.he_uniform(0, (6, 2))) <= 1).all())
    True
    """
    return _uniform(rng, shape, gain / math.sqrt(_fans(shape)[0]), dtype)


def he_normal(
    rng: Rng, shape: Sequence[int], dtype: Any = np.float64, *, gain: float = math.sqrt(2)
) -> Numbers:
    """Normal, std = gain / √fan_in: for ReLU. Also ``kaiming_normal``.

    Method: He, Zhang, Ren & Sun 2015.

    >>> from diagrad import nn
    >>> nn.init.he_normal(0, (6, 2)).shape
    (6, 2)
    """
    return normal(rng, shape, gain / math.sqrt(_fans(shape)[0]), dtype=dtype)


def lecun_uniform(rng: Rng, shape: Sequence[int], dtype: Any = np.float64) -> Numbers:
    """Uniform within ±√(3 / fan_in): values keep their variance through a linear layer.

    Method: LeCun, Bottou, Orr & Müller 1998.

    >>> from diagrad import nn
    >>> bool((abs(nn.init.lecun_uniform(0, (3, 2))) <= 1).all())
    True
    """
    return _uniform(rng, shape, 1 / math.sqrt(_fans(shape)[0]), dtype)


def lecun_normal(rng: Rng, shape: Sequence[int], dtype: Any = np.float64) -> Numbers:
    """Normal, std = 1 / √fan_in: values keep their variance through a linear layer.

    Method: LeCun, Bottou, Orr & Müller 1998.

    >>> from diagrad import nn
    >>> nn.init.lecun_normal(0, (3, 2)).shape
    (3, 2)
    """
    return normal(rng, shape, 1 / math.sqrt(_fans(shape)[0]), dtype=dtype)


def orthogonal(rng: Rng, shape: Sequence[int], dtype: Any = np.float64, *, gain: float = 1.0) -> Numbers:
    """A random matrix whose rows or columns, whichever are fewer, are orthonormal, times ``gain``.

    Uniform over all of these. Axes after the first count as one.

    Raises:
        ShapeError: fewer than two axes.

    Method: Saxe, McClelland & Ganguli 2014; the signs as in Mezzadri 2007.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> Q = nn.init.orthogonal(0, (3, 3))
    >>> bool(np.allclose(Q @ Q.T, np.eye(3)))
    True
    """
    _fans(shape)
    rows, columns = shape[0], math.prod(shape[1:])
    drawn = np.random.default_rng(rng).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diagonal(r))
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


xavier_uniform, xavier_normal = glorot_uniform, glorot_normal
kaiming_uniform, kaiming_normal = he_uniform, he_normal


def _uniform(rng: Rng, shape: Sequence[int], std: float, dtype: Any) -> Numbers:
    """Uniform about 0 with a standard deviation."""
    limit = math.sqrt(3) * std
    return uniform(rng, shape, -limit, limit, dtype)


def _fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs one output has, and how many outputs one input."""
    if len(shape) < 2:
        raise ShapeError(
            f"weights of shape {tuple(shape)} have no inputs and outputs",
            where=str(user_site(1)),
            expected="(in, out), or (out, in, ...) for filters",
            got=f"{len(shape)} axes",
            fix="use nn.init.normal or nn.init.uniform for a vector",
        )
    if len(shape) == 2:
        return shape[0], shape[1]
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places
