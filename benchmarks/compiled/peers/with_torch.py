"""PyTorch: eagerly; with its fused functions (``fused``); the whole task by inductor (``compile``)."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from ..losses import Functions
from ..workloads import Workload

FUSED = {"mlp", "mlp-large", "block", "gpt", "lenet", "many-kernels", "width-45", "width-46"}
"""Rows that have a fused form, besides those of the LSTM."""


class TorchFunctions(Functions):
    """PyTorch's functions."""

    exp, log, log1p, tanh, sqrt, relu, sigmoid, sum, reshape, permute, stack = map(
        staticmethod,
        (
            torch.exp, torch.log, torch.log1p, torch.tanh, torch.sqrt, torch.relu, torch.sigmoid,
            torch.sum, torch.reshape, torch.permute, torch.stack,
        ),
    )  # fmt: skip

    def total(self, x: Any) -> Any:
        return x.sum(-1, keepdim=True)

    def top(self, x: Any) -> Any:
        return x.detach().amax(-1, keepdim=True)

    def take(self, table: Any, index: Any) -> Any:
        return table[index]

    def conv(self, x: Any, w: Any) -> Any:
        return functional.conv2d(x, w)

    def pool(self, x: Any) -> Any:
        return functional.max_pool2d(x, 2)


class FusedFunctions(TorchFunctions):
    """What PyTorch has as one function."""

    def softmax(self, x: Any) -> Any:
        return torch.softmax(x, -1)

    def cross_entropy(self, z: Any, Y: Any) -> Any:
        return functional.cross_entropy(z, Y)

    def layer_norm(self, x: Any, g: Any, b: Any) -> Any:
        affine = (g, b) if isinstance(g, torch.Tensor) else (None, None)
        return functional.layer_norm(x, x.shape[-1:], *affine, 1e-5)

    def gelu(self, x: Any) -> Any:
        return functional.gelu(x, approximate="tanh")

    def attention(self, q: Any, k: Any, v: Any, mask: Any) -> Any:
        return functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    def take(self, table: Any, index: Any) -> Any:
        return functional.embedding(index, table)

    def lstm(self, d: Any, p: Any, *, scan: bool) -> Any:
        h, weights = d["h"][None], [p["W"].t(), p["U"].t(), p["b"], torch.zeros_like(p["b"])]
        return torch.lstm(d["X"], (h, h), weights, True, 1, 0.0, True, False, False)[1][0]


def build(work: Workload, threads: int, form: str) -> Any:
    torch.set_num_threads(threads)
    if form == "fused" and work.name not in FUSED and not work.name.startswith("lstm"):
        raise NotImplementedError
    if form == "compile" and work.name == "scan-1000":
        raise NotImplementedError  # a thousand steps, unrolled
    f = FusedFunctions() if form == "fused" else TorchFunctions()
    data = {name: torch.tensor(x) for name, x in work.data.items()}
    state = {name: torch.tensor(x) for name, x in work.params.items()}

    def loss(p: Any) -> Any:
        return work.loss(f, p, data)

    def of_x(x: Any) -> Any:
        return loss({"x": x})

    if form != "compile":
        for x in state.values():
            x.requires_grad_()

    def gradient(rate: Any) -> Any:
        if form == "compile":
            grads, value = torch.func.grad_and_value(loss)(state)
            return value, grads
        value = loss(state)
        return value.detach(), dict(
            zip(state, torch.autograd.grad(value, tuple(state.values())), strict=True)
        )

    def step(rate: Any) -> Any:
        value, grads = gradient(rate)
        with torch.no_grad():
            torch._foreach_sub_(list(state.values()), [rate * grads[name] for name in state])
        return value, state

    def hvp(rate: Any) -> Any:
        if form == "compile":
            product = torch.func.jvp(torch.func.grad(of_x), (state["x"],), (data["v"],))[1]
        else:
            (grad,) = torch.autograd.grad(of_x(state["x"]), state["x"], create_graph=True)
            (product,) = torch.autograd.grad(grad, state["x"], data["v"])
        return None, {"x": product}

    def hessian(rate: Any) -> Any:
        return None, {"x": torch.func.hessian(of_x)(state["x"])}

    task: Any = {"step": step, "gradient": gradient, "hvp": hvp, "hessian": hessian}[work.task]
    task = torch.compile(task) if form == "compile" else task
    rates: dict[float, Any] = {}

    def run(rate: Any) -> Any:
        tensor = rates.setdefault(float(rate), torch.tensor(float(rate)))
        value, results = task(tensor)
        return value, {name: x.detach() for name, x in results.items()}

    return run
