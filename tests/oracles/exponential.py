"""Powers and logarithms of other bases, roots, and sums of exponentials."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _log_sum(x: Any, y: Any, base: float) -> Any:
    top, gap = np.maximum(x, y), np.abs(x - y)
    small = np.where(x == y, 1, np.power(base, -gap))
    return (top + np.log1p(small) / np.log(base)).astype(x.dtype)


NUMPY: dict[str, Oracle] = {
    "Cbrt": lambda op, x: (np.sign(x) * np.abs(x) ** (1 / 3)).astype(x.dtype),
    "Exp2": lambda op, x: np.power(x.dtype.type(2), x),
    "Log10": lambda op, x: np.log10(x),
    "Log2": lambda op, x: np.log2(x),
    "LogAddExp": lambda op, x, y: _log_sum(x, y, np.e),
    "LogAddExp2": lambda op, x, y: _log_sum(x, y, 2.0),
    "Reciprocal": lambda op, x: np.divide(x.dtype.type(1), x),
    "Rsqrt": lambda op, x: np.divide(x.dtype.type(1), np.sqrt(x)),
}

_NAMES = {name: name.lower() for name in NUMPY if name not in ("Cbrt", "Rsqrt")}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    return {
        **{op: (lambda op, *xs, f=getattr(torch, name): f(*xs)) for op, name in _NAMES.items()},
        "Cbrt": lambda op, x: x.sign() * x.abs() ** (1 / 3),
        "Rsqrt": lambda op, x: torch.rsqrt(x),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax
    import jax.numpy as jnp

    return {
        **{op: (lambda op, *xs, f=getattr(jnp, name): f(*xs)) for op, name in _NAMES.items()},
        "Cbrt": lambda op, x: jnp.cbrt(x),
        "Rsqrt": lambda op, x: jax.lax.rsqrt(x),
    }
