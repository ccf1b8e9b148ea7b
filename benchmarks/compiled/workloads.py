"""The rows of the table: a loss, its parameters and data in float32, and what is asked of a library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from . import losses
from .losses import Functions, Tree

Loss = Callable[[Functions, Tree, Tree], Any]


@dataclass(frozen=True)
class Workload:
    """A task: ``step`` (forward, gradients, update), ``gradient``, ``hvp`` (of x along v), ``hessian``."""

    name: str
    loss: Loss
    params: Tree
    data: Tree
    task: str = "step"


class Maker:
    """Random numbers from one seed, and the workloads made of them."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def normal(self, *shape: int, scale: float = 1.0, mean: float = 0.0) -> Any:
        return (self.rng.standard_normal(shape) * scale + mean).astype(np.float32)

    def labels(self, rows: int, classes: int) -> Any:
        return np.eye(classes, dtype=np.float32)[self.rng.integers(0, classes, rows)]

    def layers(self, *sizes: int) -> Tree:
        params: Tree = {}
        for at, (m, n) in enumerate(pairwise(sizes)):
            params |= {
                f"W{at}": self.normal(m, n, scale=(2 / m) ** 0.5),
                f"b{at}": self.normal(n, scale=0.1),
            }
        return params

    def affine(self, m: int, k: int, n: int) -> tuple[Loss, Tree, Tree]:
        params = {"X": self.normal(m, k), "W": self.normal(k, n), "b": self.normal(n)}
        return losses.affine, params, {"G": self.normal(m, n)}

    def mlp(self, rows: int, *sizes: int) -> tuple[Loss, Tree, Tree]:
        data = {"X": self.normal(rows, sizes[0]), "Y": self.labels(rows, sizes[-1])}
        return losses.mlp, self.layers(*sizes), data

    def micrograd(self) -> tuple[Loss, Tree, Tree]:
        signs = np.sign(self.normal(100, 1))
        return losses.micrograd, self.layers(2, 16, 16, 1), {"X": self.normal(100, 2) + signs, "y": signs}

    def vector(self, loss: Loss, n: int, task: str, scale: float = 1.0) -> tuple[Loss, Tree, Tree, str]:
        data = {"v": self.normal(n)} if task == "hvp" else {}
        if loss is losses.flat_mlp:
            data |= {"X": self.normal(32, 8), "y": self.normal(32, 1)}
        return loss, {"x": self.normal(n, scale=scale)}, data, task

    def block(self) -> tuple[Loss, Tree, Tree]:
        params = {
            "x": self.normal(512, 768),
            "g": self.normal(768, scale=0.1, mean=1),
            "b": self.normal(768, scale=0.1),
        }
        return losses.block, params, {"T": self.normal(512, 768)}

    def lstm(self, time: int, loss: Loss = losses.lstm) -> tuple[Loss, Tree, Tree]:
        params = {
            "W": self.normal(64, 512, scale=0.1),
            "U": self.normal(128, 512, scale=0.08),
            "b": self.normal(512, scale=0.1),
            "V": self.normal(128, 10, scale=0.1),
        }
        data = {"X": self.normal(time, 32, 64), "h": np.zeros((32, 128), np.float32)}
        return loss, params, data | {"Y": self.labels(32, 10)}

    def gpt(self) -> tuple[Loss, Tree, Tree]:
        n, time, width, words = 16, 64, 128, 65
        params: Tree = {
            "words": self.normal(words, width, scale=0.5),
            "places": self.normal(time, width, scale=0.5),
        }
        for at in range(2):
            params |= self.norms(width, f"{at}", "g", "b") | self.norms(width, f"{at}", "G", "B")
            params |= {
                f"QKV{at}": self.normal(width, 3 * width, scale=0.09),
                f"O{at}": self.normal(width, width, scale=0.09),
                f"up{at}": self.normal(width, 4 * width, scale=0.09),
                f"bias{at}": self.normal(4 * width, scale=0.1),
                f"down{at}": self.normal(4 * width, width, scale=0.045),
            }
        params |= self.norms(width, "", "g", "b") | {"head": self.normal(width, words, scale=0.09)}
        mask = np.where(np.tril(np.ones((time, time))) > 0, 0, -1e9).astype(np.float32)
        index = self.rng.integers(0, words, (n, time))
        return losses.gpt, params, {"index": index, "mask": mask, "Y": self.labels(n * time, words)}

    def norms(self, width: int, at: str, gain: str, bias: str) -> Tree:
        return {
            gain + at: self.normal(width, scale=0.1, mean=1),
            bias + at: self.normal(width, scale=0.1),
        }

    def lenet(self) -> tuple[Loss, Tree, Tree]:
        params = {
            "K0": self.normal(8, 1, 5, 5, scale=0.2),
            "b0": self.normal(8, scale=0.1),
            "K1": self.normal(16, 8, 5, 5, scale=0.07),
            "b1": self.normal(16, scale=0.1),
            "W": self.normal(256, 10, scale=0.06),
            "b": self.normal(10, scale=0.1),
        }
        return losses.lenet, params, {"X": self.normal(64, 1, 28, 28), "Y": self.labels(64, 10)}

    def oscillators(self) -> tuple[Loss, Tree, Tree]:
        return losses.oscillators, {"x": self.normal(8)}, {"X": self.normal(1000, 1, scale=0.1, mean=1)}

    def many_kernels(self) -> tuple[Loss, Tree, Tree]:
        return losses.many_kernels, {"W": self.normal(60, 16, 16, scale=0.25)}, {"X": self.normal(8, 16)}


ROWS: dict[str, Callable[[Maker], Any]] = {
    "overhead": lambda m: m.vector(losses.parabola, 1, "gradient"),
    "micrograd": Maker.micrograd,
    "affine": lambda m: m.affine(64, 784, 128),
    "affine-1024": lambda m: m.affine(1024, 1024, 1024),
    "mlp": lambda m: m.mlp(64, 784, 128, 10),
    "mlp-large": lambda m: m.mlp(256, 1024, 1024, 1024, 10),
    "chain-1k": lambda m: m.vector(losses.chain, 1000, "gradient"),
    "chain-1M": lambda m: m.vector(losses.chain, 1_000_000, "gradient"),
    "block": Maker.block,
    "lstm": lambda m: m.lstm(64),
    "lstm-scan": lambda m: m.lstm(64, losses.lstm_scan),
    "gpt": Maker.gpt,
    "lenet": Maker.lenet,
    "rosenbrock-hvp": lambda m: m.vector(losses.rosenbrock, 100, "hvp", 0.5),
    "rosenbrock-hessian": lambda m: m.vector(losses.rosenbrock, 100, "hessian", 0.5),
    "mlp-hvp": lambda m: m.vector(losses.flat_mlp, 121, "hvp", 0.5),
    "mlp-hessian": lambda m: m.vector(losses.flat_mlp, 121, "hessian", 0.5),
    "scan-1000": Maker.oscillators,
    "many-kernels": Maker.many_kernels,
    "width-45": lambda m: m.mlp(256, 64, 45, 45, 10),
    "width-46": lambda m: m.mlp(256, 64, 46, 46, 10),
    "lstm-8": lambda m: m.lstm(8),
    "lstm-16": lambda m: m.lstm(16),
    "lstm-32": lambda m: m.lstm(32),
}


def workload(name: str) -> Workload:
    """A row by its name."""
    return Workload(name, *ROWS[name](Maker()))
