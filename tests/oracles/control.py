"""Choices and loops, with the samples' bodies written out again as plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Oracle


def _cond(op: Any, p: Any, x: Any, y: Any) -> Any:
    return (x * y if bool(p) else x - y,)


def _switch(op: Any, i: Any, x: Any, y: Any) -> Any:
    return ((x * y, x - y, x + y)[min(int(i), 2)],)


def _scan(xp: Any) -> Oracle:
    def scan(op: Any, c: Any, x: Any, w: Any) -> Any:
        rows: list[Any] = [None] * op.length
        for t in range(op.length)[:: -1 if op.reverse else 1]:
            rows[t] = w * c
            c = xp.sin(w * c) + x[t]
        return c, xp.stack(rows) if rows else x * w

    return scan


def _while(op: Any, i: Any, x: Any, w: Any) -> Any:
    for _ in range(3 - int(i)):
        i, x = i + 1, x * w
    return i, x


def _never(*_: Any) -> Any:
    raise AssertionError("it has no samples: it never runs")


def _table(xp: Any) -> dict[str, Oracle]:
    return {
        "Cond": _cond,
        "Switch": _switch,
        "Scan": _scan(xp),
        "While": _while,
        "WhilePull": _never,
    }


NUMPY: dict[str, Oracle] = _table(np)


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    return _table(torch)


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax.numpy as jnp

    return _table(jnp)
