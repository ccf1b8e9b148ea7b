"""Sorting, searching, taking by index, products and truth values in NumPy, PyTorch and JAX."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _argsort(op: Any, x: Any) -> Any:
    """By Python's own sort, which is stable, with NaN as the largest."""

    def order(line: Any) -> list[int]:
        keys = [(bool(np.isnan(v)), 0 if np.isnan(v) else v) for v in line.tolist()]
        if x.dtype.kind == "c":
            keys = [(nan, np.real(v), np.imag(v)) for nan, v in keys]
        return sorted(range(len(keys)), key=keys.__getitem__, reverse=op.descending)

    lines = np.moveaxis(x, op.axis, -1)
    y = np.zeros(lines.shape, np.intp)
    for at in np.ndindex(lines.shape[:-1]):
        y[at] = order(lines[at])
    return np.moveaxis(y, -1, op.axis)


def _search(op: Any, a: Any, v: Any) -> Any:
    if a.ndim > 1:
        return np.array([_search(op, *row) for row in zip(a, v, strict=True)])
    before = a < v[..., None] if op.side == "left" else a <= v[..., None]
    return before.sum(-1)


def _grid(op: Any, index: Any) -> tuple[Any, ...]:
    places = list(np.indices(index.shape))
    places[op.axis] = index
    return tuple(places)


def _put(op: Any, x: Any, index: Any) -> Any:
    y = np.zeros((*x.shape[: op.axis], op.size, *x.shape[op.axis + 1 :]), x.dtype)
    for at in np.ndindex(*x.shape):
        y[(*at[: op.axis], index[at], *at[op.axis + 1 :])] += x[at]
    return y


def _last(op: Any, x: Any) -> Any:
    """The axes to be reduced as one last axis."""
    kept = [axis for axis in range(x.ndim) if axis not in op.axes]
    shape = [x.shape[axis] for axis in kept]
    count = int(np.prod([x.shape[axis] for axis in op.axes], dtype=int))
    return np.transpose(x, (*kept, *op.axes)).reshape(*shape, count)


def _prod(op: Any, x: Any) -> Any:
    lines = np.moveaxis(_last(op, x), -1, 0)
    y = np.ones(lines.shape[1:], x.dtype)
    for line in lines:
        y = y * line
    return y


NUMPY: dict[str, Oracle] = {
    "AllTrue": lambda op, x: (~_last(op, x)).sum(-1) == 0,
    "AnyTrue": lambda op, x: _last(op, x).sum(-1) > 0,
    "ArgSort": _argsort,
    "Prod": _prod,
    "PutAlong": _put,
    "SearchSorted": _search,
    "TakeAlong": lambda op, x, index: x[_grid(op, index)],
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    def put(op: Any, x: Any, index: Any) -> Any:
        shape = (*x.shape[: op.axis], op.size, *x.shape[op.axis + 1 :])
        return torch.zeros(shape, dtype=x.dtype).scatter_add(op.axis, index, x)

    def prod(op: Any, x: Any) -> Any:
        for axis in sorted(op.axes, reverse=True):
            x = x.prod(axis)
        return x

    return {
        "AllTrue": lambda op, x: x.all(op.axes) if op.axes else x,
        "AnyTrue": lambda op, x: x.any(op.axes) if op.axes else x,
        "ArgSort": lambda op, x: torch.argsort(x, op.axis, op.descending, stable=True),
        "Prod": prod,
        "PutAlong": put,
        "SearchSorted": lambda op, a, v: torch.searchsorted(a, v, side=op.side),
        "TakeAlong": lambda op, x, index: torch.gather(x, op.axis, index),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax.numpy as jnp

    def put(op: Any, x: Any, index: Any) -> Any:
        shape = (*x.shape[: op.axis], op.size, *x.shape[op.axis + 1 :])
        return jnp.zeros(shape, x.dtype).at[_grid(op, index)].add(x)

    return {
        "AllTrue": lambda op, x: jnp.all(x, op.axes),
        "AnyTrue": lambda op, x: jnp.any(x, op.axes),
        "ArgSort": lambda op, x: jnp.argsort(x, op.axis, stable=True, descending=op.descending),
        "Prod": lambda op, x: jnp.prod(x, op.axes),
        "PutAlong": put,
        "SearchSorted": lambda op, a, v: jnp.searchsorted(a, v, side=op.side),
        "TakeAlong": lambda op, x, index: jnp.take_along_axis(x, index, op.axis),
    }
