"""Derivatives of any order: each is a graph again.

python examples/higher_order.py
"""

from __future__ import annotations

import math

import numpy as np

import diagrad as dg


def f(x: dg.Array) -> dg.Array:
    """x · sin x."""
    y = x * dg.sin(x)
    return y


def main() -> None:
    """Print derivatives of x·sin x beside their closed forms; use them in Newton's method."""
    closed = [
        math.sin(1),
        math.sin(1) + math.cos(1),
        2 * math.cos(1) - math.sin(1),
        -3 * math.sin(1) - math.cos(1),
    ]
    g = f
    for order, expected in enumerate(closed):
        got = float(g(dg.array(1.0)))
        print(f"order {order}: {got:+.12f}  closed form {expected:+.12f}")
        assert math.isclose(got, expected, rel_tol=1e-12)
        g = dg.grad(g)

    # A stationary point of x·sin x: a root of the first derivative, found with the second.
    slope, curvature = dg.grad(f), dg.grad(dg.grad(f))
    x = 2.0
    for _ in range(6):
        x -= float(slope(x)) / float(curvature(x))
    print(f"stationary at x = {x:.12f}, tan x + x = {math.tan(x) + x:.1e}")
    assert abs(math.tan(x) + x) < 1e-12

    # The second derivative as a graph.
    graph = dg.trace(f)(1.0)
    print(graph.backward().backward(["x"]))

    # A gradient that depends on a gradient: the penalty |∂L/∂w|² is differentiated through ∂L/∂w.
    data = np.array([1.0, -2.0, 0.5])
    loss = lambda w: dg.square(dg.sum(w * data))  # noqa: E731
    penalty = lambda w: dg.sum(dg.square(dg.grad(loss)(w)))  # noqa: E731
    w = np.array([0.3, 0.1, 0.2])
    got = dg.grad(penalty)(w)
    expected = 8 * (w @ data) * (data @ data) * data
    print("gradient of the penalty:", got)
    assert np.allclose(got, expected, rtol=1e-12)


if __name__ == "__main__":
    main()
