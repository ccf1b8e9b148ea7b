"""Kernel calls: by a table where they are many. And one text for one graph, or no cache would hit."""

from __future__ import annotations

import numpy as np
import pytest

import diagrad as dg
from diagrad.ir.evaluate import evaluate
from diagrad.native import kernel, steps
from diagrad.native.program import build
from natively import run_natively


def unrolled(X, W, h):
    """A recurrent network, and its gradient."""

    def loss(W):
        state = h
        for x in X:
            state = dg.tanh(x @ W + state @ W)
        return dg.sum(state * state)

    return dg.value_and_grad(loss)(W)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.standard_normal((12, 3, 5)), rng.standard_normal((5, 5)) / 3, np.zeros((3, 5))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_table_runs_what_single_calls_run(data, threads, monkeypatch):
    monkeypatch.setattr(kernel, "PARALLEL", 0.0)  # all is shared out
    graph = dg.simplify(dg.trace(unrolled)(*data))
    monkeypatch.setattr(steps, "LONG", 1000)
    one_by_one = run_natively(graph, data, threads=threads)
    assert "@main.1.calls" not in build(graph, threads=threads).module.text()
    monkeypatch.setattr(steps, "LONG", 4)
    assert "@main.1.calls" in build(graph, threads=threads).module.text()
    for x, y, z in zip(
        run_natively(graph, data, threads=threads), one_by_one, evaluate(graph, data), strict=True
    ):
        np.testing.assert_array_equal(x, y)
        np.testing.assert_allclose(x, z, rtol=1e-12)


def test_one_graph_has_one_text():
    def loss(x, g):
        centred = x - dg.mean(x, axis=-1, keepdims=True)
        y = centred / dg.sqrt(dg.mean(centred * centred, axis=-1, keepdims=True) + 1e-5) * g
        return dg.sum(dg.softmax(dg.gelu(y)) * x)

    texts: set[str] = set()
    kept: list[list[object]] = []
    for _ in range(8):
        kept.append([object() for _ in range(977)])  # other addresses, and so another order in sets
        graph = dg.trace(dg.value_and_grad(loss))(np.ones((8, 768)), np.ones(768))
        texts.add(build(dg.simplify(graph)).module.text())
    assert len(texts) == 1
