"""Padding, rolling, flipping, triangles and diagonals in NumPy, PyTorch and JAX."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _pad(op: Any, x: Any) -> Any:
    y = np.full([a + n + b for (a, b), n in zip(op.widths, x.shape, strict=True)], op.value).astype(x.dtype)
    y[tuple(slice(a, a + n) for (a, _), n in zip(op.widths, x.shape, strict=True))] = x
    return y


def _numbers(op: Any, shape: tuple[int, ...]) -> Any:
    """The number of the element of x that stands at each place of the padded array."""
    return np.pad(np.arange(int(np.prod(shape))).reshape(shape), op.widths, mode=op.mode)


def _fold(op: Any, x: Any) -> Any:
    y = np.zeros(int(np.prod(op.to)), x.dtype)
    for at, element in zip(_numbers(op, op.to).ravel(), x.ravel(), strict=True):
        y[at] += element
    return y.reshape(op.to)


def _roll(op: Any, x: Any) -> Any:
    for shift, axis in zip(op.shifts, op.axes, strict=True):
        n = x.shape[axis]
        x = np.take(x, [(at - shift) % n for at in range(n)], axis) if n else x
    return x


def _flip(op: Any, x: Any) -> Any:
    return x[tuple(slice(None, None, -1) if axis in op.axes else slice(None) for axis in range(x.ndim))]


def _below(op: Any, x: Any) -> Any:
    rows, columns = np.indices(x.shape[-2:])
    return columns - rows - op.k


def _diagonal_index(op: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Moves the two axes to the end: the positions of the diagonal there."""
    rows, columns = shape[op.axis1], shape[op.axis2]
    pairs = [(i, i + op.offset) for i in range(rows) if 0 <= i + op.offset < columns]
    return ..., np.array([i for i, _ in pairs], int), np.array([j for _, j in pairs], int)


def _diagonal(op: Any, x: Any) -> Any:
    return np.moveaxis(x, (op.axis1, op.axis2), (-2, -1))[_diagonal_index(op, x.shape)]


def _place_diagonal(op: Any, x: Any) -> Any:
    y = np.zeros(op.to, x.dtype)
    np.moveaxis(y, (op.axis1, op.axis2), (-2, -1))[_diagonal_index(op, op.to)] = x
    return y


NUMPY: dict[str, Oracle] = {
    "Diagonal": _diagonal,
    "Flip": _flip,
    "FoldBack": _fold,
    "LowerTriangle": lambda op, x: np.where(_below(op, x) <= 0, x, x.dtype.type(0)),
    "Pad": _pad,
    "PadMirror": lambda op, x: np.pad(x, op.widths, mode=op.mode),
    "PlaceDiagonal": _place_diagonal,
    "Roll": _roll,
    "UpperTriangle": lambda op, x: np.where(_below(op, x) >= 0, x, x.dtype.type(0)),
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    def pad(op: Any, x: Any) -> Any:
        flat = [width for pair in reversed(op.widths) for width in pair]
        return torch.nn.functional.pad(x, flat, value=op.value)

    def mirror(op: Any, x: Any) -> Any:
        return x.reshape(-1)[torch.tensor(_numbers(op, tuple(x.shape)))]

    def fold(op: Any, x: Any) -> Any:
        numbers = torch.tensor(_numbers(op, op.to)).reshape(-1)
        zeros = torch.zeros(int(np.prod(op.to)), dtype=x.dtype)
        return zeros.index_add(0, numbers, x.reshape(-1)).reshape(op.to)

    def place(op: Any, x: Any) -> Any:
        y = torch.zeros(op.to, dtype=x.dtype)
        return torch.diagonal_scatter(y, x, op.offset, op.axis1, op.axis2)

    return {
        "Diagonal": lambda op, x: torch.diagonal(x, op.offset, op.axis1, op.axis2),
        "Flip": lambda op, x: torch.flip(x, op.axes),
        "FoldBack": fold,
        "LowerTriangle": lambda op, x: torch.tril(x, op.k),
        "Pad": pad,
        "PadMirror": mirror,
        "PlaceDiagonal": place,
        "Roll": lambda op, x: torch.roll(x, op.shifts, op.axes),
        "UpperTriangle": lambda op, x: torch.triu(x, op.k),
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax.numpy as jnp

    def fold(op: Any, x: Any) -> Any:
        flat = jnp.zeros(int(np.prod(op.to)), x.dtype).at[_numbers(op, op.to).ravel()].add(x.ravel())
        return flat.reshape(op.to)

    def place(op: Any, x: Any) -> Any:
        numbers = np.arange(int(np.prod(op.to))).reshape(op.to)
        places = np.diagonal(numbers, op.offset, op.axis1, op.axis2)
        return jnp.zeros(numbers.size, x.dtype).at[places].set(x).reshape(op.to)

    return {
        "Diagonal": lambda op, x: jnp.diagonal(x, op.offset, op.axis1, op.axis2),
        "Flip": lambda op, x: jnp.flip(x, op.axes),
        "FoldBack": fold,
        "LowerTriangle": lambda op, x: jnp.tril(x, op.k),
        "Pad": lambda op, x: jnp.pad(x, op.widths, constant_values=op.value),
        "PadMirror": lambda op, x: jnp.pad(x, op.widths, mode=op.mode),
        "PlaceDiagonal": place,
        "Roll": lambda op, x: jnp.roll(x, op.shifts, op.axes),
        "UpperTriangle": lambda op, x: jnp.triu(x, op.k),
    }
