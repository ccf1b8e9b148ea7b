"""Light functions of one array are computed where they are read."""

from __future__ import annotations

from typing import Any

import numpy as np

import diagrad as dg
from diagrad.native.program import build


def gelu(x: Any) -> Any:
    return 0.5 * x * (1.0 + dg.tanh(0.7978845608 * (x + 0.044715 * (x * x * x))))


def loss(x: Any, w: Any, v: Any) -> Any:
    return (gelu(x @ w) @ v).sum()


def test_a_layer_keeps_three_arrays_for_its_gradient(rng: np.random.Generator):
    """What the product gives, tanh and the result: not x², x / 2, 1 + tanh or 1 − tanh²."""
    m, n = 96, 160
    x, w, v = (rng.standard_normal(shape).astype(np.float32) for shape in ((m, 32), (32, n), (n, 8)))
    graph = dg.trace(dg.value_and_grad(loss, (1, 2)))(x, w, v)
    one = 4 * m * n
    assert 3 * one <= build(dg.simplify(graph)).workspace < 4.6 * one


def test_the_gradient_is_that_of_finite_differences(rng: np.random.Generator):
    x, w, v = (rng.standard_normal(shape) / 4 for shape in ((24, 16), (16, 40), (40, 8)))
    f = dg.compile(dg.value_and_grad(loss, (1, 2)))
    along = [rng.standard_normal(a.shape) for a in (w, v)]
    h = 1e-6
    _, grads = f(x, w, v)
    ends = [float(loss(x, w + s * h * along[0], v + s * h * along[1]).numpy()) for s in (1, -1)]
    slope = sum(float((g * d).sum()) for g, d in zip(grads, along, strict=True))
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * h), rtol=1e-7)


def test_what_is_also_a_result_is_kept_and_read(rng: np.random.Generator):
    x, w = rng.standard_normal((20, 30)), rng.standard_normal((30, 20))

    def f(x: Any, w: Any) -> Any:
        t = dg.tanh(x @ w)
        s = 1.0 - t * t
        return s, dg.cumsum(t, axis=0) * s + (t @ s) * s

    t = np.tanh(x @ w)
    s = 1 - t * t
    for got, want in zip(dg.compile(f)(x, w), (s, np.cumsum(t, 0) * s + (t @ s) * s), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


def test_one_array_in_two_orders(rng: np.random.Generator):
    """A square that one kernel reads as it lies and transposed."""
    x, w = rng.standard_normal((16, 16)), rng.standard_normal((16, 16))

    def f(x: Any, w: Any) -> Any:
        t = x @ w
        s = t * t
        return (s @ x) * s + (s.T + s) * 2.0

    s = (x @ w) ** 2
    np.testing.assert_allclose(dg.compile(f)(x, w), (s @ x) * s + (s.T + s) * 2, rtol=1e-12, atol=1e-10)


def test_a_table_of_a_row_and_a_column_never_lies_in_memory(rng: np.random.Generator):
    """Squared distances |p − c|² = p² + c² − 2·p·c: the first two come with the product."""
    p, c = rng.standard_normal((300, 4)), rng.standard_normal((200, 4))

    def f(p: Any, c: Any) -> Any:
        squares = dg.sum(p * p, axis=1)[:, None] + dg.sum(c * c, axis=1)
        return dg.sum(dg.min(squares - 2.0 * (p @ c.T), axis=1))

    graph = dg.simplify(dg.trace(f)(p, c))
    assert build(graph).workspace < 1.2 * 8 * len(p) * len(c)
    want = ((p[:, None] - c) ** 2).sum(-1).min(1).sum()
    np.testing.assert_allclose(dg.compile(f)(p, c), want, rtol=1e-12)
