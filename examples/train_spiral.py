"""Train a two-layer network on two spirals, in eager style, with plain gradient descent.

python examples/train_spiral.py
"""

from __future__ import annotations

import numpy as np

import diagrad as dg

HIDDEN, STEPS, RATE = 32, 300, 1.0


def spirals(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (2·count, 2) on two spirals and the spiral (2·count,) of each."""
    angle = np.sqrt(rng.uniform(0.05, 1.0, count)) * 2 * np.pi
    arm = np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1) / (2 * np.pi)
    points = np.concatenate([arm, -arm]) + rng.normal(0.0, 0.02, (2 * count, 2))
    return points, np.repeat([0, 1], count)


def main() -> None:
    """Train, and print loss and accuracy."""
    rng = np.random.default_rng(0)
    points, labels = spirals(200, rng)
    W1 = dg.parameter(rng.normal(0.0, 2.0, (2, HIDDEN)), name="W1")
    b1 = dg.parameter(rng.normal(0.0, 1.0, HIDDEN), name="b1")
    W2 = dg.parameter(rng.normal(0.0, HIDDEN**-0.5, (HIDDEN, 2)), name="W2")
    b2 = dg.parameter(np.zeros(2), name="b2")

    for step in range(STEPS + 1):
        scores = dg.tanh(points @ W1 + b1) @ W2 + b2
        loss = dg.softmax_cross_entropy(scores, labels)
        if step % 50 == 0:
            accuracy = np.mean(np.argmax(scores.data, axis=1) == labels)
            print(f"step {step:4d}  loss {loss.item():.4f}  accuracy {accuracy:.1%}")
        loss.backward()
        W1, b1, W2, b2 = (descend(p) for p in (W1, b1, W2, b2))
    assert accuracy > 0.95


def descend(p: dg.Array) -> dg.Array:
    """One step down the gradient: a new parameter, so that the old graph is freed."""
    assert p.grad is not None
    return dg.parameter(p.data - RATE * p.grad.data, name=p.name)


if __name__ == "__main__":
    main()
