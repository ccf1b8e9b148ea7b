"""What the machine does in a step of training: the kernels of a small network, timed, and drawn.

python examples/read_a_report.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

import diagrad as dg


def loss(params: Any, X: Any, Y: Any) -> Any:
    """The squared error of a network with one hidden layer."""
    hidden = dg.tanh(X @ params["W"] + params["b"])
    return dg.mean(dg.square(hidden @ params["V"] - Y))


@dg.compile(donate="params", threads=1)
def step(params: Any, X: Any, Y: Any, rate: Any) -> Any:
    """One step of gradient descent."""
    value, grads = dg.value_and_grad(loss)(params, X, Y)
    return value, {name: params[name] - rate * grads[name] for name in params}


def main(folder: Path) -> None:
    """Print the report with times, and write ``kernels.svg`` into ``folder``."""
    rng = np.random.default_rng(0)
    shapes = {"W": (784, 128), "b": (128,), "V": (128, 10)}
    params = {name: rng.standard_normal(shape).astype("f4") / 10 for name, shape in shapes.items()}
    X, Y = (rng.standard_normal((64, size)).astype("f4") for size in (784, 10))
    report = step.report(params, X, Y, np.float32(0.1))
    print(report.profile())
    dg.draw(report, title="A step of training, kernel by kernel").save(folder / "kernels.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
