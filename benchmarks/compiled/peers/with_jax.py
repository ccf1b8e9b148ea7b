"""JAX: ``jax.jit`` over the whole task, the parameters donated."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ..losses import Functions
from ..workloads import Workload


class JaxFunctions(Functions):
    """JAX's functions."""

    exp, log, log1p, tanh, sqrt, relu, sigmoid, sum, reshape, permute, stack = map(
        staticmethod,
        (
            jnp.exp, jnp.log, jnp.log1p, jnp.tanh, jnp.sqrt, jax.nn.relu, jax.nn.sigmoid,
            jnp.sum, jnp.reshape, jnp.transpose, jnp.stack,
        ),
    )  # fmt: skip

    def total(self, x: Any) -> Any:
        return jnp.sum(x, -1, keepdims=True)

    def top(self, x: Any) -> Any:
        return jax.lax.stop_gradient(jnp.max(x, -1, keepdims=True))

    def cells(self, x: Any) -> Any:
        return jnp.max(x, (3, 5))

    def take(self, table: Any, index: Any) -> Any:
        return table[index]

    def conv(self, x: Any, w: Any) -> Any:
        return jax.lax.conv_general_dilated(x, w, (1, 1), "VALID")

    def scan(self, body: Any, carry: Any, X: Any) -> Any:
        return jax.lax.scan(lambda carry, x: (body(carry, x), None), carry, X)[0]


def build(work: Workload, threads: int, form: str) -> Any:
    f = JaxFunctions()

    def loss(p: Any, d: Any) -> Any:
        return work.loss(f, p, d)

    def step(p: Any, d: Any, rate: Any) -> Any:
        value, grads = jax.value_and_grad(loss)(p, d)
        return value, {name: p[name] - rate * grads[name] for name in p}

    def gradient(p: Any, d: Any, rate: Any) -> Any:
        return jax.value_and_grad(loss)(p, d)

    def hvp(p: Any, d: Any, rate: Any) -> Any:
        return None, {"x": jax.jvp(jax.grad(lambda x: loss({"x": x}, d)), (p["x"],), (d["v"],))[1]}

    def hessian(p: Any, d: Any, rate: Any) -> Any:
        return None, {"x": jax.hessian(lambda x: loss({"x": x}, d))(p["x"])}

    tasks = {"step": step, "gradient": gradient, "hvp": hvp, "hessian": hessian}
    compiled = jax.jit(tasks[work.task], donate_argnums=(0,) if work.task == "step" else ())
    data = {name: jnp.asarray(x) for name, x in work.data.items()}
    state = {"p": {name: jnp.array(x) for name, x in work.params.items()}}

    def run(rate: Any) -> Any:
        value, results = jax.block_until_ready(compiled(state["p"], data, rate))
        if work.task == "step":
            state["p"] = results
        return value, results

    return run
