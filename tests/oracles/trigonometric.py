"""Angles, circles and hyperbolas."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _sinc(op: Any, x: Any) -> Any:
    """sin(πx) / (πx) and its first two derivatives, by the quotient rule; not at 0."""
    pi = x.dtype.type(np.pi)
    y = np.where(x == 0, 1, np.sin(pi * x) / (pi * x))
    slope = np.where(x == 0, 0, (np.cos(pi * x) - y) / x)
    curve = -pi * pi * y - 2 * slope / x
    return (y, slope, np.where(x == 0, -pi * pi / 3, curve))[op.order].astype(x.dtype)


NUMPY: dict[str, Oracle] = {
    "Acos": lambda op, x: np.acos(x),
    "Acosh": lambda op, x: np.acosh(x),
    "Asin": lambda op, x: np.asin(x),
    "Asinh": lambda op, x: np.asinh(x),
    "Atan": lambda op, x: np.atan(x),
    "Atan2": lambda op, y, x: np.atan2(y, x),
    "Atanh": lambda op, x: np.atanh(x),
    "Cosh": lambda op, x: np.cosh(x),
    "Hypot": lambda op, x, y: np.where(np.isinf(x) | np.isinf(y), np.inf, np.sqrt(x * x + y * y)).astype(
        x.dtype
    ),
    "Sinc": _sinc,
    "Sinh": lambda op, x: np.sinh(x),
    "Tan": lambda op, x: np.tan(x),
}

_NAMES = {name: name.lower() for name in NUMPY if name != "Sinc"}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    def sinc(op: Any, x: Any) -> Any:
        y = torch.sinc(x)
        slope = (torch.cos(torch.pi * x) - y) / x
        return (y, slope, -(torch.pi**2) * y - 2 * slope / x)[op.order]

    plain = {op: (lambda op, *xs, f=getattr(torch, name): f(*xs)) for op, name in _NAMES.items()}
    return {**plain, "Sinc": sinc}


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax
    import jax.numpy as jnp

    def sinc(op: Any, x: Any) -> Any:
        function = jnp.sinc
        for _ in range(op.order):
            function = _derivative(jax, function)
        return function(x)

    plain = {op: (lambda op, *xs, f=getattr(jnp, name): f(*xs)) for op, name in _NAMES.items()}
    return {**plain, "Sinc": sinc}


def _derivative(jax: Any, function: Any) -> Any:
    return lambda x: jax.jvp(function, (x,), (jax.numpy.ones_like(x),))[1]
