"""Convolutions, window by window: loops over places and kernel cells in NumPy, other libraries' own."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from . import Oracle


def _run(op: Any, x: Any, w: Any, y: Any, out: Any) -> Any:
    """Add up what ``out``, one of padded x, w and y, is made of."""
    inner, outer = w.shape[1], w.shape[0] // op.groups
    spots = product(*map(range, y.shape[2:])), product(*map(range, w.shape[2:]))
    for t, k, n, f in product(*spots, range(x.shape[0]), range(w.shape[0])):
        j = tuple(a * s + b * d for a, b, s, d in zip(t, k, op.strides, op.dilation, strict=True))
        group = slice(f // outer * inner, (f // outer + 1) * inner)
        if out is y:
            y[(n, f, *t)] += (x[(n, group, *j)] * w[(f, slice(None), *k)]).sum(dtype=y.dtype)
        elif out is x:
            x[(n, group, *j)] += y[(n, f, *t)] * w[(f, slice(None), *k)]
        else:
            w[(f, slice(None), *k)] += y[(n, f, *t)] * x[(n, group, *j)]
    return out


def _zeros(op: Any, *xs: Any) -> Any:
    return np.zeros(op.shape(*(x.shape for x in xs))[0], xs[0].dtype)


def _padded(op: Any, x: Any) -> Any:
    """x within zeros; negative padding cuts off."""
    grown = np.pad(x, [(0, 0), (0, 0), *((max(a, 0), max(b, 0)) for a, b in op.padding)])
    cut = (slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(op.padding, grown.shape[2:], strict=True))
    return grown[(..., *cut)]


def _convolve(op: Any, x: Any, w: Any) -> Any:
    y = _zeros(op, x, w)
    return _run(op, _padded(op, x), w, y, y)


def _transposed(op: Any, y: Any, w: Any) -> Any:
    x = _zeros(op, y, w)
    whole = _padded(op, x)
    number = _padded(op, np.arange(x.size).reshape(x.shape) + 1)
    _run(op, whole, w, y, whole)
    x.reshape(-1)[number[number > 0] - 1] = whole[number > 0]
    return x


def _kernel(op: Any, x: Any, y: Any) -> Any:
    w = _zeros(op, x, y)
    return _run(op, _padded(op, x), w, y, w)


NUMPY: dict[str, Oracle] = {
    "Convolve": _convolve,
    "ConvolveKernel": _kernel,
    "ConvolveTransposed": _transposed,
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch: padding apart, gradients by its own differentiation."""
    import torch

    def convolve(op: Any, x: Any, w: Any) -> Any:
        flat = [n for ends in reversed(op.padding) for n in ends]
        function = getattr(torch.nn.functional, f"conv{len(op.strides)}d")
        padded = torch.nn.functional.pad(x, flat)
        return function(padded, w, None, op.strides, 0, op.dilation, op.groups)

    def pulled(op: Any, x: Any, w: Any, y: Any, wanted: Any) -> Any:
        return torch.autograd.grad(convolve(op, x, w), wanted, y, create_graph=True)[0]

    def transposed(op: Any, y: Any, w: Any) -> Any:
        shape = op.shape(tuple(y.shape), tuple(w.shape))[0]
        x = torch.zeros(shape, dtype=y.dtype, requires_grad=True)
        return pulled(op, x, w, y, x)

    def kernel(op: Any, x: Any, y: Any) -> Any:
        shape = op.shape(tuple(x.shape), tuple(y.shape))[0]
        w = torch.zeros(shape, dtype=y.dtype, requires_grad=True)
        return pulled(op, x, w, y, w)

    return {"Convolve": convolve, "ConvolveKernel": kernel, "ConvolveTransposed": transposed}


def jax_table() -> dict[str, Oracle]:
    """The same in JAX, whose transposition gives the two gradients."""
    import jax
    import jax.numpy as jnp

    def convolve(op: Any, x: Any, w: Any) -> Any:
        rank = "DHW"[-len(op.strides) :]
        return jax.lax.conv_general_dilated(
            x,
            w,
            op.strides,
            op.padding,
            None,
            op.dilation,
            ("NC" + rank, "OI" + rank, "NC" + rank),
            op.groups,
        )

    def transposed(op: Any, y: Any, w: Any) -> Any:
        x = jnp.zeros(op.shape(y.shape, w.shape)[0], y.dtype)
        return jax.vjp(lambda x: convolve(op, x, w), x)[1](y)[0]

    def kernel(op: Any, x: Any, y: Any) -> Any:
        w = jnp.zeros(op.shape(x.shape, y.shape)[0], y.dtype)
        return jax.vjp(lambda w: convolve(op, x, w), w)[1](y)[0]

    return {"Convolve": convolve, "ConvolveKernel": kernel, "ConvolveTransposed": transposed}
