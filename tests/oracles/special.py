"""Special functions: Python's own where it has them, otherwise SciPy's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from . import Oracle


def _each(function: Callable[[float], float]) -> Oracle:
    """A function of Python numbers, one by one."""
    return lambda op, x: np.array([function(float(e)) for e in x.ravel()], x.dtype).reshape(x.shape)


def _log_gamma(x: float) -> float:
    pole = math.isfinite(x) and x <= 0 and x == math.floor(x)
    return math.inf if pole else math.lgamma(x)


def _scipy(name: str) -> Callable[..., Any]:
    return getattr(pytest.importorskip("scipy.special"), name)


def _polygamma(op: Any, x: Any) -> Any:
    return np.where(x == -np.inf, np.nan, _scipy("polygamma")(op.n, x)).astype(x.dtype)


NUMPY: dict[str, Oracle] = {
    "Digamma": lambda op, x: _scipy("digamma")(x),
    "Entr": lambda op, x: _scipy("entr")(x),
    "Erf": _each(math.erf),
    "Erfc": _each(math.erfc),
    "Erfinv": lambda op, x: _scipy("erfinv")(x),
    "LogGamma": _each(_log_gamma),
    "Logit": lambda op, x: np.log(x) - np.log1p(-x),
    "PolyGamma": _polygamma,
    "XLog1py": lambda op, x, y: _scipy("xlog1py")(x, y),
    "XLogY": lambda op, x, y: _scipy("xlogy")(x, y),
}

_NAMES = {name: name.lower() for name in NUMPY if name != "PolyGamma"}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    class PolyGamma(torch.autograd.Function):
        """From PyTorch's zeta: its own polygamma(1, x), which digamma's gradient uses, has 10 digits."""

        @staticmethod
        def forward(context: Any, x: Any, n: int) -> Any:
            context.save_for_backward(x)
            context.n = n
            return (-1) ** (n + 1) * math.factorial(n) * torch.special.zeta(n + 1, x) if n else x.digamma()

        @staticmethod
        def backward(context: Any, g: Any) -> Any:
            return g * PolyGamma.apply(context.saved_tensors[0], context.n + 1), None

    class LogGamma(torch.autograd.Function):
        """With the gradient of the digamma above."""

        @staticmethod
        def forward(context: Any, x: Any) -> Any:
            context.save_for_backward(x)
            return x.lgamma()

        @staticmethod
        def backward(context: Any, g: Any) -> Any:
            return g * PolyGamma.apply(context.saved_tensors[0], 0)

    plain = [name for name in _NAMES if name not in ("Digamma", "LogGamma")]
    return {
        **{op: (lambda op, *xs, f=getattr(torch.special, _NAMES[op]): f(*xs)) for op in plain},
        "Digamma": lambda op, x: PolyGamma.apply(x, 0),
        "LogGamma": lambda op, x: LogGamma.apply(x),
        "PolyGamma": lambda op, x: PolyGamma.apply(x, op.n),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    from jax.scipy import special

    names = {**_NAMES, "LogGamma": "gammaln"}
    return {
        **{op: (lambda op, *xs, f=getattr(special, name): f(*xs)) for op, name in names.items()},
        "PolyGamma": lambda op, x: special.polygamma(op.n, x),
    }
