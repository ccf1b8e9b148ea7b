"""Whether a result is right: against differences of the loss in NumPy's float64, along random directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .losses import Functions, Tree
from .workloads import Workload

Run = Callable[[Any], tuple[Any, Tree]]


class NumpyFunctions(Functions):
    """NumPy, for values alone."""

    exp, log, log1p, tanh, sqrt, sum, reshape, permute, stack = map(
        staticmethod,
        (np.exp, np.log, np.log1p, np.tanh, np.sqrt, np.sum, np.reshape, np.transpose, np.stack),
    )

    def relu(self, x: Any) -> Any:
        return np.maximum(x, 0)

    def sigmoid(self, x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    def total(self, x: Any) -> Any:
        return x.sum(-1, keepdims=True)

    def top(self, x: Any) -> Any:
        return x.max(-1, keepdims=True)

    def cells(self, x: Any) -> Any:
        return x.max((3, 5))

    def take(self, table: Any, index: Any) -> Any:
        return table[index]


def errors(work: Workload, run: Run) -> tuple[float, float]:
    """The relative errors of a library's loss, and of its derivative along random directions."""
    rng, rate, h = np.random.default_rng(1), 1e-2, 1e-5
    params = {name: x.astype(np.float64) for name, x in work.params.items()}
    data = {name: x if x.dtype.kind == "i" else x.astype(np.float64) for name, x in work.data.items()}
    f = NumpyFunctions()

    def value(*moves: tuple[float, Tree]) -> float:
        moved = {name: x + sum(size * v[name] for size, v in moves) for name, x in params.items()}
        return float(work.loss(f, moved, data))

    def direction() -> Tree:
        return {name: rng.standard_normal(x.shape) for name, x in params.items()}

    loss, results = run(np.float32(rate))
    got = {name: np.asarray(x, np.float64) for name, x in results.items()}
    off = abs(float(loss) / value() - 1) if loss is not None else 0.0
    u = direction()
    if work.task in ("step", "gradient"):
        grads = {name: (x - got[name]) / rate for name, x in params.items()} if work.task == "step" else got
        want = (value((h, u)) - value((-h, u))) / (2 * h)
        found = sum(float(np.sum(grads[name] * u[name])) for name in params)
        size = sum(float(np.linalg.norm(grads[name]) * np.linalg.norm(u[name])) for name in params)
    else:
        h = 1e-3
        v = {"x": data["v"]} if work.task == "hvp" else direction()
        along = got["x"] if work.task == "hvp" else got["x"] @ v["x"]
        signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
        want = sum(a * b * value((a * h, u), (b * h, v)) for a, b in signs) / (4 * h * h)
        found, size = float(along @ u["x"]), float(np.linalg.norm(along) * np.linalg.norm(u["x"]))
    return off, abs(found - want) / max(abs(want), 1e-3 * size)
