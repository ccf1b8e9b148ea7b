"""The five libraries: where each keeps its functions, how it makes arrays and gradients."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Function = Callable[..., Any]


@dataclass(frozen=True)
class Library:
    """How a library is used. ``places`` are searched for a name in their order."""

    name: str
    distribution: str
    places: tuple[str, ...]
    array: Callable[[np.ndarray], Any]
    """What can be differentiated."""
    constant: Callable[[np.ndarray], Any]
    gradient: Callable[[Function, int], Function]
    """Of a scalar function of n arrays: what gives its n gradients, differentiable itself where it can be."""
    running: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext


def _package(name: str) -> Any:
    return importlib.import_module(name)


def _diagrad(loss: Function, n: int) -> Function:
    return _package("diagrad").grad(loss, argnums=tuple(range(n)))


def _autograd(loss: Function, n: int) -> Function:
    gradient = _package("autograd").grad(lambda xs: loss(*xs))
    return lambda *xs: gradient(xs)


def _mygrad(loss: Function, n: int) -> Function:
    def gradients(*arrays: Any) -> list[Any]:
        tensors = [_package("mygrad").tensor(x) for x in arrays]
        loss(*tensors).backward()
        return [t.grad for t in tensors]

    return gradients


def _pytorch(loss: Function, n: int) -> Function:
    torch = _package("torch")

    def gradients(*tensors: Any) -> Any:
        tensors = tuple(t if t.requires_grad else t.requires_grad_() for t in tensors)
        return torch.autograd.grad(loss(*tensors), tensors, create_graph=True)

    return gradients


def _jax(loss: Function, n: int) -> Function:
    return _package("jax").grad(loss, tuple(range(n)))


LIBRARIES = (
    Library(
        "diagrad",
        "diagrad",
        ("diagrad.array.linalg", "diagrad", "diagrad.nn"),
        array=lambda x: _package("diagrad").array(x),
        constant=np.asarray,
        gradient=_diagrad,
    ),
    Library(
        "autograd",
        "autograd",
        (
            "autograd.numpy",
            "autograd.scipy.special",
            "autograd.numpy.linalg",
            "autograd.scipy.linalg",
            "autograd.scipy.signal",
        ),
        array=np.asarray,
        constant=np.asarray,
        gradient=_autograd,
    ),
    Library(
        "MyGrad",
        "mygrad",
        (
            "mygrad",
            "mygrad.linalg",
            "mygrad.nnet.activations",
            "mygrad.nnet.layers",
            "mygrad.nnet.losses",
        ),
        array=lambda x: _package("mygrad").tensor(x),
        constant=np.asarray,
        gradient=_mygrad,
    ),
    Library(
        "PyTorch",
        "torch",
        ("torch.linalg", "torch.nn.functional", "torch", "torch.special"),
        array=lambda x: _package("torch").tensor(x),
        constant=lambda x: _package("torch").tensor(x),
        gradient=_pytorch,
    ),
    Library(
        "JAX",
        "jax",
        (
            "jax.numpy",
            "jax.nn",
            "jax.scipy.special",
            "jax.numpy.linalg",
            "jax.scipy.linalg",
            "jax.lax",
            "jax.image",
        ),
        array=lambda x: _package("jax.numpy").asarray(x),
        constant=lambda x: _package("jax.numpy").asarray(x),
        gradient=_jax,
        running=lambda: _package("jax").enable_x64(True),
    ),
)

PACKAGES = {
    "dg": "diagrad", "np": "numpy", "torch": "torch", "jax": "jax", "lax": "jax.lax", "mg": "mygrad",
    "jnp": "jax.numpy", "ag": "autograd", "sdpa": "torch.nn.attention",
    "extend": "autograd.extend", "filters": "autograd.scipy.signal",
}  # fmt: skip
"""What code may name besides a library's functions."""


def find(library: Library, name: str) -> Any:
    """What a name means in a library's code: a package, or what is found where the library keeps it."""
    if name in PACKAGES:
        return _package(PACKAGES[name])
    for place in library.places:
        if callable(found := getattr(_package(place), name, None)):
            return found
    raise LookupError(f"no {name}")
