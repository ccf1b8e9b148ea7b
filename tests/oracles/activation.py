"""The activations of networks, by their textbook forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import Oracle


def _gelu(op: Any, x: Any) -> Any:
    if op.approximate == "tanh":
        share = 1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    else:
        share = np.array([1 + math.erf(e / math.sqrt(2)) for e in x.ravel().tolist()]).reshape(x.shape)
    return _limit(x, 0.5 * x * share)


def _limit(x: Any, y: Any) -> Any:
    """0 at −∞."""
    return np.where(x == -np.inf, 0, y).astype(x.dtype)


def _elu(x: Any, alpha: float, width: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(x / width)).astype(x.dtype)


NUMPY: dict[str, Oracle] = {
    "Celu": lambda op, x: _elu(x, op.alpha, op.alpha),
    "Elu": lambda op, x: _elu(x, op.alpha),
    "Gelu": _gelu,
    "LeakyRelu": lambda op, x: np.maximum(x, 0) + x.dtype.type(op.slope) * np.minimum(x, 0),
    "LogSigmoid": lambda op, x: (np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))).astype(x.dtype),
    "Mish": lambda op, x: _limit(x, x * np.tanh(np.log1p(np.exp(x)))),
    "Selu": lambda op, x: (1.0507009873554804934 * _elu(x, 1.6732632423543772848)).astype(x.dtype),
    "Silu": lambda op, x: _limit(x, x / (1 + np.exp(-x))),
    "Softplus": lambda op, x: (
        (np.maximum(op.beta * x, 0) + np.log1p(np.exp(-np.abs(op.beta * x)))) / op.beta
    ).astype(x.dtype),
    "Softsign": lambda op, x: x / (1 + np.sqrt(x * x)),
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch
    from torch.nn import functional

    return {
        "Celu": lambda op, x: functional.celu(x, op.alpha),
        "Elu": lambda op, x: functional.elu(x, op.alpha),
        "Gelu": lambda op, x: functional.gelu(x, approximate=op.approximate),
        "LeakyRelu": lambda op, x: functional.leaky_relu(x, op.slope),
        "LogSigmoid": lambda op, x: functional.logsigmoid(x),
        "Mish": lambda op, x: functional.mish(x),
        "Selu": lambda op, x: torch.selu(x),
        "Silu": lambda op, x: functional.silu(x),
        "Softplus": lambda op, x: functional.softplus(x, op.beta, 1000),
        "Softsign": lambda op, x: functional.softsign(x),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    from jax import nn

    return {
        "Celu": lambda op, x: nn.celu(x, op.alpha),
        "Elu": lambda op, x: nn.elu(x, op.alpha),
        "Gelu": lambda op, x: nn.gelu(x, approximate=op.approximate == "tanh"),
        "LeakyRelu": lambda op, x: nn.leaky_relu(x, op.slope),
        "LogSigmoid": lambda op, x: nn.log_sigmoid(x),
        "Mish": lambda op, x: nn.mish(x),
        "Selu": lambda op, x: nn.selu(x),
        "Silu": lambda op, x: nn.silu(x),
        "Softplus": lambda op, x: nn.softplus(op.beta * x) / op.beta,
        "Softsign": lambda op, x: nn.soft_sign(x),
    }
