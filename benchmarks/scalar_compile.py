"""How long a graph of single numbers takes to compile: micrograd's demo network, each weight a scalar.

    python benchmarks/scalar_compile.py [POINTS ...]

A point of the data adds about 1,300 nodes to the loss and its gradients. Kernels that are alike are written
once, and called by a loop over a table.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy as np

os.environ["DIAGRAD_CACHE"] = "0"
import diagrad as dg

SHAPES = ((2, 16), (16, 16), (16, 1))


def loss(params: Any, X: Any, y: Any) -> Any:
    """The hinge loss, in scalars."""
    total: Any = 0.0
    for row, label in zip(X, y, strict=True):
        h = list(row)
        for W, b in params:
            sums = [b[j] + sum(W[i][j] * h[i] for i in range(len(h))) for j in range(len(b))]
            h = sums if len(sums) == 1 else [dg.relu(s) for s in sums]
        total = total + dg.relu(1 - label * h[0])
    return total


def main(sizes: list[int]) -> None:
    """Compile and run once for each number of points."""
    rng = np.random.default_rng(0)
    params = [
        ([[np.float32(rng.uniform(-1, 1)) for _ in range(n)] for _ in range(m)], [np.float32(0)] * n)
        for m, n in SHAPES
    ]
    print("points   nodes  kernels  functions  first call  later calls")
    for points in sizes:
        X, y = rng.standard_normal((points, 2)).astype("f4"), rng.choice([-1, 1], points).astype("f4")
        step = dg.compile(dg.value_and_grad(lambda p, X=X, y=y: loss(p, X, y)))
        took: list[float] = []
        for _ in range(2):
            start = time.perf_counter()
            step(params)
            took.append(time.perf_counter() - start)
        kernels = [s.name for s in step.report().steps]
        nodes = len(step.graph(params))
        print(
            f"{points:6d}  {nodes:6d}  {len(kernels):7d}  {len(set(kernels)):9d}"
            f"  {took[0]:8.2f} s  {1e6 * took[1]:8.0f} µs"
        )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1, 3, 7, 22])
