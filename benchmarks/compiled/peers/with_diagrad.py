"""diagrad: ``dg.compile`` over the whole task, the parameters donated."""

from __future__ import annotations

from typing import Any

import diagrad as dg

from ..losses import Functions
from ..workloads import Workload


class DiagradFunctions(Functions):
    """diagrad's functions."""

    exp, log, log1p, tanh, sqrt, relu, sigmoid, sum, reshape, permute, stack = map(
        staticmethod,
        (
            dg.exp, dg.log, dg.log1p, dg.tanh, dg.sqrt, dg.relu, dg.sigmoid,
            dg.sum, dg.reshape, dg.permute_dims, dg.stack,
        ),
    )  # fmt: skip

    def total(self, x: Any) -> Any:
        return dg.sum(x, axis=-1, keepdims=True)

    def top(self, x: Any) -> Any:
        return dg.stop_gradient(dg.max(x, axis=-1, keepdims=True))

    def take(self, table: Any, index: Any) -> Any:
        return table[index]

    def conv(self, x: Any, w: Any) -> Any:
        return dg.conv(x, w)

    def pool(self, x: Any) -> Any:
        return dg.max_pool(x, 2)

    def scan(self, body: Any, carry: Any, X: Any) -> Any:
        return dg.scan(lambda carry, x: (body(carry, x), None), carry, X)[0]


def build(work: Workload, threads: int, form: str) -> Any:
    f = DiagradFunctions()

    def loss(p: Any, d: Any) -> Any:
        return work.loss(f, p, d)

    def step(p: Any, d: Any, rate: Any) -> Any:
        value, grads = dg.value_and_grad(loss)(p, d)
        return value, {name: p[name] - rate * grads[name] for name in p}

    def gradient(p: Any, d: Any, rate: Any) -> Any:
        return dg.value_and_grad(loss)(p, d)

    def hvp(p: Any, d: Any, rate: Any) -> Any:
        return {"x": dg.hvp(lambda x: loss({"x": x}, d), (p["x"],), (d["v"],))}

    def hessian(p: Any, d: Any, rate: Any) -> Any:
        return {"x": dg.hessian(lambda x: loss({"x": x}, d))(p["x"])}

    tasks = {"step": step, "gradient": gradient, "hvp": hvp, "hessian": hessian}
    donated = {"donate": "p"} if work.task == "step" else {}
    compiled: Any = dg.compile(tasks[work.task], threads=threads, **donated)
    state = {name: x.copy() for name, x in work.params.items()}
    if work.task in ("step", "gradient"):
        return lambda rate: compiled(state, work.data, rate)
    return lambda rate: (None, compiled(state, work.data, rate))
