"""Running reductions and recurrences in NumPy, PyTorch and JAX."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np

from . import Oracle


def _each(function: Callable[[Any], Any]) -> Oracle:
    """y[t] = function(x[0 … t]), each from the start again."""

    def oracle(op: Any, x: Any) -> Any:
        lines = np.moveaxis(x, op.axis, 0)
        if op.reverse:
            lines = lines[::-1]
        y = np.array([function(lines[: at + 1]) for at in range(len(lines))], x.dtype).reshape(lines.shape)
        return np.moveaxis(y[::-1] if op.reverse else y, 0, op.axis)

    return oracle


def _logsumexp(x: Any) -> Any:
    top = x.max(0)
    shift = np.where(np.isfinite(top), top, 0)
    return np.log(np.exp(x - shift).sum(0)) + shift


def _recurrence(op: Any, a: Any, b: Any) -> Any:
    step = -1 if op.reverse else 1
    a, b = np.moveaxis(a, op.axis, 0)[::step], np.moveaxis(b, op.axis, 0)[::step]
    states = list(accumulate(zip(a[1:], b[1:], strict=True), lambda y, ab: ab[0] * y + ab[1], initial=b[:1]))
    y = np.concatenate([np.reshape(state, b[:1].shape) for state in states])
    return np.moveaxis(y[::step], 0, op.axis)


NUMPY: dict[str, Oracle] = {
    "CumLogSumExp": _each(_logsumexp),
    "CumMax": _each(lambda x: x.max(0)),
    "CumMin": _each(lambda x: x.min(0)),
    "CumProd": _each(lambda x: np.prod(x, 0, dtype=x.dtype)),
    "CumSum": _each(lambda x: np.sum(x, 0, dtype=x.dtype)),
    "Recurrence": _recurrence,
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    def directed(function: Callable[[Any, int], Any]) -> Oracle:
        def oracle(op: Any, x: Any) -> Any:
            if not op.reverse:
                return function(x, op.axis)
            return function(x.flip(op.axis), op.axis).flip(op.axis)

        return oracle

    def recurrence(op: Any, a: Any, b: Any) -> Any:
        factors, terms = list(a.unbind(op.axis)), list(b.unbind(op.axis))
        if not terms:
            return a * b
        if op.reverse:
            factors, terms = factors[::-1], terms[::-1]
        state, states = torch.zeros_like(terms[0]), []
        for factor, term in zip(factors, terms, strict=True):
            state = factor * state + term
            states.append(state)
        return torch.stack(states[::-1] if op.reverse else states, op.axis)

    return {
        "CumLogSumExp": directed(torch.logcumsumexp),
        "CumMax": directed(lambda x, axis: torch.cummax(x, axis).values),
        "CumMin": directed(lambda x, axis: torch.cummin(x, axis).values),
        "CumProd": directed(torch.cumprod),
        "CumSum": directed(torch.cumsum),
        "Recurrence": recurrence,
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax

    def recurrence(op: Any, a: Any, b: Any) -> Any:
        def combine(x: Any, y: Any) -> Any:
            return y[0] * x[0], y[0] * x[1] + y[1]

        return jax.lax.associative_scan(combine, (a, b), reverse=op.reverse, axis=op.axis)[1]

    return {
        "CumLogSumExp": lambda op, x: jax.lax.cumlogsumexp(x, op.axis, op.reverse),
        "CumMax": lambda op, x: jax.lax.cummax(x, op.axis, op.reverse),
        "CumMin": lambda op, x: jax.lax.cummin(x, op.axis, op.reverse),
        "CumProd": lambda op, x: jax.lax.cumprod(x, op.axis, op.reverse),
        "CumSum": lambda op, x: jax.lax.cumsum(x, op.axis, op.reverse),
        "Recurrence": recurrence,
    }
