"""Complex numbers and their parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _joined(x: Any, y: Any) -> Any:
    """Pairs of numbers in memory, read as complex ones."""
    return np.stack([x, y], -1).view(np.result_type(x.dtype, np.complex64))[..., 0]


NUMPY: dict[str, Oracle] = {
    "Angle": lambda op, z: np.log(z).imag,
    "Complex": lambda op, x, y: _joined(x, y),
    "Conj": lambda op, z: _joined(z.real, -z.imag),
    "Imag": lambda op, z: np.imag(z),
    "Real": lambda op, z: np.real(z),
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    return {
        "Angle": lambda op, z: torch.angle(z),
        "Complex": lambda op, x, y: torch.complex(x, y),
        "Conj": lambda op, z: torch.conj(z).resolve_conj(),
        "Imag": lambda op, z: torch.imag(z),
        "Real": lambda op, z: torch.real(z),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax
    import jax.numpy as jnp

    return {
        "Angle": lambda op, z: jnp.angle(z),
        "Complex": lambda op, x, y: jax.lax.complex(x, y),
        "Conj": lambda op, z: jnp.conj(z),
        "Imag": lambda op, z: jnp.imag(z),
        "Real": lambda op, z: jnp.real(z),
    }
