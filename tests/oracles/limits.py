"""Keeping elements between bounds, and away from NaN and infinity."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _replaced(op: Any, x: Any) -> Any:
    limits = np.finfo(x.dtype)
    top = limits.max if op.posinf is None else op.posinf
    bottom = limits.min if op.neginf is None else op.neginf
    pairs = [(np.isnan(x), op.nan), (x == np.inf, top), (x == -np.inf, bottom)]
    return np.select([where for where, _ in pairs], [number for _, number in pairs], x).astype(x.dtype)


NUMPY: dict[str, Oracle] = {
    "Clip": lambda op, x, low, high: np.clip(x, low, high),
    "ClipScalar": lambda op, x: np.clip(x, op.low, op.high),
    "NanToNum": _replaced,
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    def clip(op: Any, x: Any) -> Any:
        function = torch.nn.functional.hardtanh if op.inner else torch.clamp
        return function(x, op.low, op.high)

    return {
        "Clip": lambda op, x, low, high: torch.clamp(x, low, high),
        "ClipScalar": clip,
        "NanToNum": lambda op, x: torch.nan_to_num(x, op.nan, op.posinf, op.neginf),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax.numpy as jnp

    return {
        "Clip": lambda op, x, low, high: jnp.clip(x, low, high),
        "ClipScalar": lambda op, x: jnp.clip(x, op.low, op.high),
        "NanToNum": lambda op, x: jnp.nan_to_num(x, nan=op.nan, posinf=op.posinf, neginf=op.neginf),
    }
