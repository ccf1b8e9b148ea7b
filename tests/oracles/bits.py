"""Booleans, bits and predicates: what has no derivative."""

from __future__ import annotations

import numpy as np

from . import Oracle

NUMPY: dict[str, Oracle] = {
    "BitAnd": lambda op, x, y: np.bitwise_and(x, y),
    "BitNot": lambda op, x: np.bitwise_xor(x, np.array(-1).astype(x.dtype)),
    "BitOr": lambda op, x, y: np.bitwise_or(x, y),
    "BitXor": lambda op, x, y: np.bitwise_or(x, y) - np.bitwise_and(x, y),
    "IsFinite": lambda op, x: np.asarray(np.abs(x.astype(complex)) < np.inf),
    "IsInf": lambda op, x: np.asarray(np.abs(x.astype(complex)) == np.inf),
    "IsNaN": lambda op, x: np.not_equal(x, x),
    "ShiftLeft": lambda op, x, y: (x * 2 ** y.astype(int)).astype(x.dtype),
    "ShiftRight": lambda op, x, y: (x // 2 ** y.astype(int)).astype(x.dtype),
    "SignBit": lambda op, x: np.asarray(np.copysign(1.0, x) < 0),
    "Xor": lambda op, x, y: np.not_equal(x, y),
}

_NAMES = {
    "BitAnd": "bitwise_and",
    "BitNot": "bitwise_not",
    "BitOr": "bitwise_or",
    "BitXor": "bitwise_xor",
    "IsFinite": "isfinite",
    "IsInf": "isinf",
    "IsNaN": "isnan",
    "ShiftLeft": "bitwise_left_shift",
    "ShiftRight": "bitwise_right_shift",
    "SignBit": "signbit",
    "Xor": "logical_xor",
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    return {op: (lambda op, *xs, f=getattr(torch, name): f(*xs)) for op, name in _NAMES.items()}


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax.numpy as jnp

    return {op: (lambda op, *xs, f=getattr(jnp, name): f(*xs)) for op, name in _NAMES.items()}
