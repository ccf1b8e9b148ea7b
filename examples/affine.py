"""Y = X·W + b: build it, differentiate it, print both passes and draw them.

python examples/affine.py [FOLDER]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

import diagrad as dg


def main(folder: Path) -> None:
    """Write ``affine.svg`` and ``affine.png`` into ``folder``."""
    X = dg.array([[1.0, 2.0], [0.5, -1.0], [-1.5, 0.25]])
    W = dg.parameter([[0.5, -1.0], [1.5, 2.0]])
    b = dg.parameter([0.1, -0.2])
    Y = X @ W + b

    upstream = np.array([[0.2, -0.4], [0.1, 0.3], [-0.5, 0.6]])
    Y.backward(upstream)
    assert W.grad is not None and b.grad is not None
    assert np.allclose(W.grad.data, X.data.T @ upstream)
    assert np.allclose(b.grad.data, upstream.sum(axis=0))

    graph = dg.graph(Y)
    print(graph)
    print(graph.backward())
    print("∂L/∂b =", b.grad)

    folder.mkdir(parents=True, exist_ok=True)
    figure = dg.draw(Y, gradient=upstream)
    for name in ("affine.svg", "affine.png"):
        figure.save(folder / name)
        print(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
