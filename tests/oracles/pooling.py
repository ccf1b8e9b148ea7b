"""Pooling, window by window in NumPy; in other libraries by gathering cells with an index."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from . import Oracle


def _cells(op: Any, cells: Any, count: Any) -> Any:
    """The flat number of each cell [*T K] among ``cells``, and whether it is not padding."""
    places = np.zeros((*count, int(np.prod(op.size)), len(cells)), int)
    for t in product(*map(range, count)):
        for number, k in enumerate(product(*map(range, op.size))):
            at = zip(t, k, op.strides, op.dilation, op.padding, strict=True)
            places[(*t, number)] = [a * s + b * d - p for a, b, s, d, (p, _) in at]
    inside = ((places >= 0) & (places < cells)).all(-1)
    weights = [int(np.prod(cells[axis + 1 :])) for axis in range(len(cells))]
    return np.where(inside, places @ np.array(weights, int), 0), inside


def _setting(op: Any, kind: str, shape: tuple[int, ...]) -> tuple[tuple[int, ...], Any, Any]:
    """The leading axes, the numbers of the cells, which are inside."""
    rank = len(op.size)
    x = op.shape(shape, shape)[0] if kind == "Drop" else op.shape(shape)[0] if kind != "x" else shape
    count = op.pooled(x)[len(x) - rank :]
    return x, *_cells(op, x[len(x) - rank :], count)


def _gather(op: Any, x: Any, fill: Any) -> Any:
    """[... *T K]"""
    _, number, inside = _setting(op, "x", x.shape)
    flat = x.reshape(*x.shape[: x.ndim - len(op.size)], -1)
    return np.where(inside, flat[..., number], np.asarray(fill, x.dtype))


def _scatter(op: Any, y: Any, kind: str, shape: tuple[int, ...]) -> Any:
    """y[... *T K] added up."""
    x, number, inside = _setting(op, kind, shape)
    lead = x[: len(x) - len(op.size)]
    flat = np.zeros((int(np.prod(lead)), int(np.prod(x[len(lead) :]))), y.dtype)
    rows = y.reshape(flat.shape[0], -1)
    for at, (j, ok) in enumerate(zip(number.ravel(), inside.ravel(), strict=True)):
        if ok:
            flat[:, j] += rows[:, at]
    return flat.reshape(x)


def _least(x: Any) -> Any:
    return -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min


def _spread(op: Any, y: Any) -> Any:
    return _scatter(op, np.stack([y] * int(np.prod(op.size)), -1), "SpreadPool", y.shape)


def _drop(op: Any, y: Any, i: Any) -> Any:
    chosen = np.arange(np.prod(op.size)) == i[..., None]
    return _scatter(op, np.where(chosen, y[..., None], np.zeros((), y.dtype)), "Drop", y.shape)


NUMPY: dict[str, Oracle] = {
    "ArgMaxPool": lambda op, x: _gather(op, x, _least(x)).argmax(-1),
    "Drop": _drop,
    "MaxPool": lambda op, x: _gather(op, x, _least(x)).max(-1),
    "Overlap": lambda op, y: _scatter(op, y.reshape(*y.shape[: y.ndim - len(op.size)], -1), "Overlap", y.shape),
    "Pick": lambda op, x, i: np.take_along_axis(_gather(op, x, 0), i[..., None], -1)[..., 0],
    "SpreadPool": _spread,
    "SumPool": lambda op, x: _gather(op, x, 0).sum(-1, dtype=x.dtype),
    "Windows": lambda op, x: _gather(op, x, 0).reshape(op.shape(x.shape)[0]),
}


def _table(library: Any, gather: Any, maximum: Any, where: Any, scatter: Any) -> dict[str, Oracle]:
    def cells(op: Any, x: Any, fill: float) -> Any:
        _, number, inside = _setting(op, "x", tuple(x.shape))
        flat = x.reshape(*x.shape[: x.ndim - len(op.size)], -1)
        return where(inside, flat[..., number], fill)

    def overlap(op: Any, y: Any, kind: str, shape: Any) -> Any:
        x, number, inside = _setting(op, kind, tuple(shape))
        lead = x[: len(x) - len(op.size)]
        ok = inside.ravel()
        rows = y.reshape(int(np.prod(lead)), -1)[:, ok]
        return scatter(rows, number.ravel()[ok], int(np.prod(x[len(lead) :]))).reshape(x)

    def spread(op: Any, y: Any) -> Any:
        return overlap(op, library.stack([y] * int(np.prod(op.size)), -1), "SpreadPool", y.shape)

    def drop(op: Any, y: Any, i: Any) -> Any:
        chosen = np.arange(np.prod(op.size)) == np.asarray(i)[..., None]
        return overlap(op, where(chosen, y[..., None], 0.0), "Drop", y.shape)

    return {
        "Drop": drop,
        "MaxPool": lambda op, x: maximum(cells(op, x, -np.inf)),
        "Overlap": lambda op, y: overlap(op, y, "Overlap", y.shape),
        "Pick": lambda op, x, i: gather(cells(op, x, 0.0), i[..., None])[..., 0],
        "SpreadPool": spread,
        "SumPool": lambda op, x: cells(op, x, 0.0).sum(-1),
        "Windows": lambda op, x: cells(op, x, 0.0).reshape(op.shape(tuple(x.shape))[0]),
    }


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    return _table(
        torch,
        lambda x, i: torch.gather(x, -1, i),
        lambda x: x.max(-1).values,
        lambda c, x, y: torch.where(torch.tensor(c), x, y),
        lambda rows, at, n: torch.zeros(rows.shape[0], n, dtype=rows.dtype).index_add(1, torch.tensor(at), rows),
    )


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax.numpy as jnp

    return _table(
        jnp,
        lambda x, i: jnp.take_along_axis(x, i, -1),
        lambda x: x.max(-1),
        jnp.where,
        lambda rows, at, n: jnp.zeros((rows.shape[0], n), rows.dtype).at[:, at].add(rows),
    )
