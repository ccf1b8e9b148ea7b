"""tinygrad: the whole task by ``TinyJit``."""

from __future__ import annotations

from typing import Any

import numpy as np
from tinygrad import Tensor, TinyJit

from ..losses import Functions
from ..workloads import Workload


class TinygradFunctions(Functions):
    """tinygrad's functions."""

    exp, log, tanh, sqrt, relu, sigmoid, sum, reshape, permute = map(
        staticmethod,
        (
            Tensor.exp, Tensor.log, Tensor.tanh, Tensor.sqrt, Tensor.relu, Tensor.sigmoid,
            Tensor.sum, Tensor.reshape, Tensor.permute,
        ),
    )  # fmt: skip

    def log1p(self, x: Any) -> Any:
        return (x + 1.0).log()

    def total(self, x: Any) -> Any:
        return x.sum(-1, keepdim=True)

    def top(self, x: Any) -> Any:
        return x.max(-1, keepdim=True).detach()

    def take(self, table: Any, index: Any) -> Any:
        return table[index]

    def conv(self, x: Any, w: Any) -> Any:
        return x.conv2d(w)

    def pool(self, x: Any) -> Any:
        return x.max_pool2d(2)


def build(work: Workload, threads: int, form: str) -> Any:
    if work.task in ("hvp", "hessian") or work.name == "scan-1000":
        raise NotImplementedError
    f = TinygradFunctions()
    data = {name: Tensor(x.astype(np.int32) if x.dtype.kind == "i" else x) for name, x in work.data.items()}
    state = {name: Tensor(x) for name, x in work.params.items()}

    @TinyJit
    def task(rate: Any) -> Any:
        value = work.loss(f, state, data)
        grads = dict(zip(state, value.gradient(*state.values()), strict=True))
        if work.task == "gradient":
            Tensor.realize(value, *grads.values())
            return value, grads
        for name, x in state.items():
            x.assign(x - rate * grads[name])
        Tensor.realize(value, *state.values())
        return value, state

    rates: dict[float, Any] = {}

    def run(rate: Any) -> Any:
        tensor = rates.setdefault(float(rate), Tensor([float(rate)]).realize())
        value, results = task(tensor)
        return value.numpy().item(), Numbers(results)

    return run


class Numbers(dict[str, Any]):
    """Tensors by name, converted to NumPy only when they are read."""

    def items(self) -> Any:
        return [(name, x.numpy()) for name, x in super().items()]
