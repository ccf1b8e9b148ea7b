"""PyTensor: a function of shared variables, which it updates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.gradient import disconnected_grad

from ..losses import Functions
from ..workloads import Workload


class PytensorFunctions(Functions):
    """PyTensor's functions."""

    exp, log, log1p, tanh, sqrt, sigmoid, sum, reshape, stack = map(
        staticmethod,
        (pt.exp, pt.log, pt.log1p, pt.tanh, pt.sqrt, pt.sigmoid, pt.sum, pt.reshape, pt.stack),
    )

    def length(self, x: Any, axis: int) -> Any:
        return x.type.shape[axis]

    def relu(self, x: Any) -> Any:
        return pt.maximum(x, 0)

    def permute(self, x: Any, axes: Any) -> Any:
        return x.transpose(*axes)

    def total(self, x: Any) -> Any:
        return pt.sum(x, axis=-1, keepdims=True)

    def top(self, x: Any) -> Any:
        return disconnected_grad(pt.max(x, axis=-1, keepdims=True))

    def cells(self, x: Any) -> Any:
        return pt.max(x, axis=(3, 5))

    def take(self, table: Any, index: Any) -> Any:
        return table[index]


def build(work: Workload, threads: int, form: str) -> Any:
    if work.name in ("lenet", "lstm-scan", "scan-1000"):
        raise NotImplementedError  # windows of images and loops need forms of their own
    data = {name: pt.constant(x) for name, x in work.data.items()}
    state: Any = {
        name: pytensor.shared(x.copy(), name=name, shape=x.shape) for name, x in work.params.items()
    }
    loss = work.loss(PytensorFunctions(), state, data)
    grads = pt.grad(loss, list(state.values()))
    rate = pt.fscalar("rate")
    if work.task == "step":
        updates = [(x, x - rate * grad) for x, grad in zip(state.values(), grads, strict=True)]
        step = pytensor.function([rate], loss, updates=updates)
        return lambda size: (step(size), {name: x.get_value(borrow=True) for name, x in state.items()})
    if work.task == "gradient":
        both = pytensor.function([], [loss, *grads])

        def gradient(size: Any) -> Any:
            value, *found = both()
            return value, dict(zip(state, found, strict=True))

        return gradient
    if work.task == "hvp":
        result = pt.grad(pt.sum(grads[0] * data["v"]), state["x"])
    else:
        result = pytensor.gradient.hessian(loss, state["x"])
    second = pytensor.function([], result)
    return lambda size: (None, {"x": np.asarray(second())})
