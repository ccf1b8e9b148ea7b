"""Setting and changing elements, one after the other in loops; the same in PyTorch and JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import Oracle
from .core import numbers_at


def _one_by_one(change: Callable[[Any, Any], Any]) -> Oracle:
    """Every v in turn, at the number of its place."""

    def run(op: Any, x: Any, v: Any, *indices: Any) -> Any:
        number = numbers_at(op.index, x.shape, indices)
        y = x.ravel().tolist()
        for at, element in zip(number.ravel(), np.asarray(v).ravel(), strict=True):
            y[at] = change(x.dtype.type(y[at]), element)
        return np.array(y, x.dtype).reshape(x.shape)

    return run


def _last(op: Any, *indices: Any) -> Any:
    number = numbers_at(op.index, op.of, indices)
    places = number.ravel().tolist()
    return np.array([at not in places[k + 1 :] for k, at in enumerate(places)], bool).reshape(number.shape)


NUMPY: dict[str, Oracle] = {
    "Last": _last,
    "Put": _one_by_one(lambda _old, v: v),
    "PutAdd": _one_by_one(lambda old, v: old + v),
    "PutMax": _one_by_one(np.maximum),
    "PutMin": _one_by_one(np.minimum),
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch, in place on clones; of repeated places it leaves open which one stays."""
    import torch

    def flat(op: Any, x: Any, indices: Any) -> Any:
        return torch.tensor(numbers_at(op.index, tuple(x.shape), indices))

    def put(op: Any, x: Any, v: Any, *indices: Any) -> Any:
        places = np.asarray(flat(op, x, indices)).ravel().tolist()
        y = x.reshape(-1) + 0 * v.sum()  # so that an empty v is part of it
        for at, element in zip(places, v.reshape(-1), strict=True):
            y = torch.cat([y[:at], element.reshape(1), y[at + 1 :]])
        return y.reshape(x.shape)

    def reduce(how: str) -> Oracle:
        def run(op: Any, x: Any, v: Any, *indices: Any) -> Any:
            places = flat(op, x, indices).reshape(-1)
            return x.reshape(-1).scatter_reduce(0, places, v.reshape(-1), how).reshape(x.shape)

        return run

    return {"Put": put, "PutAdd": reduce("sum"), "PutMax": reduce("amax"), "PutMin": reduce("amin")}


def jax_table() -> dict[str, Oracle]:
    """The same in JAX, whose scatters of an extreme have no gradient: largest over all that reach a place."""
    import jax.numpy as jnp

    def put(op: Any, x: Any, v: Any, *indices: Any) -> Any:
        number = numbers_at(op.index, x.shape, indices)
        y, v = x.reshape(-1), v.reshape(-1)
        for k, at in enumerate(number.ravel()):
            y = y.at[at].set(v[k])
        return y.reshape(x.shape)

    def add(op: Any, x: Any, v: Any, *indices: Any) -> Any:
        number = numbers_at(op.index, x.shape, indices).ravel()
        return x.reshape(-1).at[number].add(v.reshape(-1)).reshape(x.shape)

    def extreme(best: str) -> Oracle:
        def run(op: Any, x: Any, v: Any, *indices: Any) -> Any:
            number = numbers_at(op.index, x.shape, indices)
            rivals: list[list[Any]] = [[e] for e in x.reshape(-1)]
            for at, element in zip(number.ravel(), v.reshape(-1), strict=True):
                rivals[at].append(element)
            return jnp.array([getattr(jnp, best)(jnp.array(r)) for r in rivals], x.dtype).reshape(x.shape)

        return run

    return {
        "Put": put,
        "PutAdd": add,
        "PutMax": extreme("max"),
        "PutMin": extreme("min"),
    }
