"""The NumPy engine: every value, the hook, conversion of inputs."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import diagrad as dg


def f(x: Any, w: Any) -> Any:
    h = x @ w
    a, b = dg.branch(h)
    return dg.tanh(a) * b


def test_every_value_is_kept():
    graph = dg.trace(f)(np.ones((2, 3)), np.ones((3, 1)))
    run = graph.run(np.ones((2, 3)), np.ones((3, 1)))
    assert set(run.values) == set(graph.values())
    assert run["h"].tolist() == [[3], [3]]
    np.testing.assert_allclose(run.outputs[0], 3 * np.tanh(3))
    with pytest.raises(KeyError):
        run["missing"]


def test_the_hook_sees_each_node_once_in_order():
    graph = dg.trace(f)(np.ones((2, 3)), np.ones((3, 1)))
    seen: list[tuple[str, int]] = []
    graph.run(
        np.ones((2, 3)), np.ones((3, 1)), hook=lambda node, results: seen.append((node.op.name, len(results)))
    )
    assert seen == [("MatMul", 1), ("Branch", 2), ("Tanh", 1), ("Multiply", 1)]


def test_inputs_are_converted_to_the_graphs_dtypes():
    graph = dg.trace(lambda x: x * 2.0)(np.ones(2, np.float32))
    (y,) = graph.run([1, 2]).outputs
    assert y.dtype == np.float32
    (y,) = graph.run(dg.array([1.0, 2.0])).outputs
    assert y.tolist() == [2, 4]


def test_inputs_are_not_changed():
    x = np.ones((2, 2))
    graph = dg.trace(lambda x: dg.add_n(x, x, x) + x.T)(x)
    graph.run(x)
    assert x.tolist() == [[1, 1], [1, 1]]


def test_a_graph_without_nodes():
    graph = dg.trace(lambda x: x)(1.0)
    assert graph.run(5.0).outputs == (5.0,)


def test_nan_and_infinity_run_through():
    graph = dg.trace(lambda x: x * x)(np.ones(3))
    np.testing.assert_array_equal(graph.run([np.nan, np.inf, -np.inf]).outputs[0], [np.nan, np.inf, np.inf])


def test_without_keeping_a_chain_needs_two_values_at_a_time():
    def chain(x: Any) -> Any:
        for _ in range(30):
            x = dg.tanh(x)
        return x

    x = np.linspace(-1, 1, 100_000)
    graph = dg.trace(chain)(x)
    alive = {}
    for keep in (True, False):
        tracemalloc.start()
        (alive[keep, "output"],) = graph.run(x, keep=keep).outputs
        alive[keep] = tracemalloc.get_traced_memory()[1] / x.nbytes
        tracemalloc.stop()
    np.testing.assert_array_equal(alive[True, "output"], alive[False, "output"])
    assert alive[True] > 29
    assert alive[False] < 3.1


def test_without_keeping_outputs_stay():
    graph = dg.trace(lambda x: (x, dg.exp(x), dg.exp(x) * x))(2.0)
    result = graph.run(2.0, keep=False)
    assert result.outputs == graph.run(2.0).outputs
    assert set(result.values) == set(graph.outputs)
