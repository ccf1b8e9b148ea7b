"""HIPS autograd: gradients of NumPy code, run node by node."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
from autograd.tracer import getval

from ..losses import Functions
from ..workloads import Workload


class AutogradFunctions(Functions):
    """autograd's functions."""

    exp, log, log1p, tanh, sqrt, sum, reshape, permute, stack = map(
        staticmethod,
        (anp.exp, anp.log, anp.log1p, anp.tanh, anp.sqrt, anp.sum, anp.reshape, anp.transpose, anp.stack),
    )

    def relu(self, x: Any) -> Any:
        return anp.maximum(x, 0)

    def sigmoid(self, x: Any) -> Any:
        return 0.5 * anp.tanh(0.5 * x) + 0.5

    def total(self, x: Any) -> Any:
        return anp.sum(x, axis=-1, keepdims=True)

    def top(self, x: Any) -> Any:
        while hasattr(x, "_value"):
            x = getval(x)
        return x.max(-1, keepdims=True)

    def cells(self, x: Any) -> Any:
        return anp.max(x, axis=(3, 5))

    def take(self, table: Any, index: Any) -> Any:
        return table[index]


def build(work: Workload, threads: int, form: str) -> Any:
    f = AutogradFunctions()
    state = {name: x.copy() for name, x in work.params.items()}
    gradient = autograd.value_and_grad(lambda p: work.loss(f, p, work.data))

    def of_x(x: Any) -> Any:
        return work.loss(f, {"x": x}, work.data)

    product, matrix = autograd.hessian_vector_product(of_x), autograd.hessian(of_x)

    def step(rate: Any) -> Any:
        value, grads = gradient(state)
        for name in state:
            state[name] -= rate * grads[name]
        return value, state

    tasks: dict[str, Any] = {
        "step": step,
        "gradient": lambda rate: gradient(state),
        "hvp": lambda rate: (None, {"x": product(state["x"], work.data["v"])}),
        "hessian": lambda rate: (None, {"x": matrix(state["x"])}),
    }
    return tasks[work.task]
