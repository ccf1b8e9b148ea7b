"""Trace a function, print its graph, read it back, and run its backward graph.

python examples/read_a_graph.py
"""

from __future__ import annotations

import numpy as np

import diagrad as dg


def network(X: dg.Array, W: dg.Array, b: dg.Array, labels: dg.Array) -> dg.Array:
    """One layer and its loss: X (N, D), W (D, C), b (C,), labels (N,) of integers."""
    with dg.scope("layer"):
        scores = X @ W + b
    loss = dg.softmax_cross_entropy(scores, labels)
    return loss


def main() -> None:
    """Print the graph and its backward pass, and check both against eager arrays."""
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(4, 3)), dg.parameter(rng.normal(size=(3, 2))), dg.parameter(np.zeros(2))
    labels = np.array([0, 1, 1, 0])

    graph = dg.trace(network)(X, W, b, labels)
    text = str(graph)
    print(text)
    assert dg.ir.parse(text) == graph

    run = graph.run(X, W.data, b.data, labels)
    print("loss =", run["loss"])

    backward = graph.backward(["W", "b"])
    print(backward)
    by_graph = backward.run(X, W.data, b.data, labels, 1.0).outputs
    network(X, W, b, labels).backward()
    assert W.grad is not None and b.grad is not None
    for ours, eager in zip(by_graph, (W.grad, b.grad), strict=True):
        assert np.allclose(ours, eager.data, rtol=1e-12)
    print("∂L/∂b =", b.grad)

    # The same graph with each fan-out as a node of its own.
    explicit = dg.passes.explicit(graph)
    print(f"{len(graph)} nodes; {len(explicit)} with explicit Branch nodes")


if __name__ == "__main__":
    main()
