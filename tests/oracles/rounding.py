"""Rounding, and division with a remainder."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _sized(x: Any, y: Any) -> Any:
    return np.where(np.signbit(y), -np.abs(x), np.abs(x)).astype(x.dtype)


NUMPY: dict[str, Oracle] = {
    "Ceil": lambda op, x: np.negative(np.floor(np.negative(x))) if x.dtype.kind == "f" else x,
    "CopySign": lambda op, x, y: _sized(x, y),
    "Floor": lambda op, x: np.floor(x) if x.dtype.kind == "f" else x,
    "FloorDivide": lambda op, x, y: np.floor_divide(x, y),
    "Fmod": lambda op, x, y: np.fmod(x, y),
    "Remainder": lambda op, x, y: np.remainder(x, y),
    "Round": lambda op, x: np.round(x, op.decimals),
    "Trunc": lambda op, x: np.fix(x).astype(x.dtype) if x.dtype.kind == "f" else x,
}

_NAMES = {name: name.lower() for name in NUMPY if name not in ("FloorDivide", "Round")}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    return {
        **{op: (lambda op, *xs, f=getattr(torch, name): f(*xs)) for op, name in _NAMES.items()},
        "FloorDivide": lambda op, x, y: torch.div(x, y, rounding_mode="floor"),
        "Round": lambda op, x: torch.round(x, decimals=op.decimals),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax.numpy as jnp

    return {
        **{op: (lambda op, *xs, f=getattr(jnp, name): f(*xs)) for op, name in _NAMES.items()},
        "FloorDivide": lambda op, x, y: jnp.floor_divide(x, y),
        "Round": lambda op, x: jnp.round(x, op.decimals),
    }
