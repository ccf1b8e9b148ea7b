"""Random graphs: every way of taking a gradient against PyTorch, printing against parsing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
import oracles
from diagrad.array.trace import replay
from diagrad.autodiff.graphs import joint
from diagrad.ir import Graph, Spec, parse, verify
from diagrad.passes import explicit
from diagrad.testing.random_graphs import random_graph

BATCHES, EACH = 40, 50
Case = tuple[Graph, list[Any]]


@pytest.fixture(scope="module", params=range(BATCHES))
def batch(request: pytest.FixtureRequest) -> list[Case]:
    """Fifty graphs; forty batches make two thousand. Small ones are more frequent."""
    made: list[Case] = []
    for seed in range(request.param * EACH, (request.param + 1) * EACH):
        rng = np.random.default_rng(seed)
        made.append(random_graph(rng, 1 + int(40 * rng.random() ** 3)))
    return made


def of_torch(graph: Graph, inputs: list[Any]) -> tuple[float, list[Any]]:
    xs = [oracles.to_torch(x, requires_grad=True) for x in inputs]
    (loss,) = oracles.run_torch(graph, xs)
    loss.backward()
    return float(loss.detach()), [np.zeros(x.shape) if x.grad is None else x.grad.numpy() for x in xs]


def of_backward(graph: Graph, inputs: list[Any]) -> tuple[float, list[Any]]:
    xs = [dg.array(x) for x in inputs]
    loss = replay(graph, xs)[graph.outputs[0]]
    loss.backward()
    return loss.item(), [np.zeros(x.shape) if x.grad is None else x.grad.data for x in xs]


def of_grad(graph: Graph, inputs: list[Any]) -> tuple[float, list[Any]]:
    def function(*xs: Any) -> Any:
        return replay(graph, xs)[graph.outputs[0]]

    value, grads = dg.value_and_grad(function, range(len(inputs)))(*inputs)
    return float(value), list(grads)


def of_backward_graph(graph: Graph, inputs: list[Any]) -> tuple[float, list[Any]]:
    backward = verify(graph.backward())
    return float(graph.run(*inputs).outputs[0]), list(backward.run(*inputs, 1.0).outputs)


def of_joint_explicit(graph: Graph, inputs: list[Any]) -> tuple[float, list[Any]]:
    plain = verify(explicit(graph))
    assert all(len(users) + plain.outputs.count(x) <= 1 for x, users in plain.index.users.items())
    both = joint(plain)
    run = verify(both.graph).run(*inputs, 1.0)
    grads = [run.values[both.gradient[x]] if x in both.gradient else np.zeros(x.shape) for x in plain.inputs]
    return float(run.outputs[0]), grads


WAYS = (of_backward, of_grad, of_backward_graph, of_joint_explicit)


def test_gradients_equal_those_of_pytorch(batch: list[Case]):
    pytest.importorskip("torch")
    for graph, inputs in batch:
        verify(graph)
        value, grads = of_torch(graph, inputs)
        scale = max(float(np.max(np.abs(g), initial=0.0)) for g in grads)
        for way in WAYS:
            ours, got = way(graph, inputs)
            worst = max(np.max(np.abs(g - want), initial=0.0) for g, want in zip(got, grads, strict=True))
            assert abs(ours - value) <= 1e-10 * max(1.0, abs(value)), (
                f"{way.__name__}: {ours}, {value}\n{graph}"
            )
            assert worst <= 1e-10 * scale, f"{way.__name__}: {got}, {grads}\n{graph}"


def test_what_is_printed_reads_back(batch: list[Case]):
    for graph, _ in batch:
        for each in (graph, explicit(graph)):
            text = str(each)
            again = parse(text)
            assert again == each
            assert str(again) == text


def test_interpreter_and_recording_agree_on_every_value(batch: list[Case]):
    for graph, inputs in batch[:10]:
        run = graph.run(*inputs)
        arrays = replay(graph, [dg.array(x) for x in inputs])
        for value, data in run.values.items():
            assert value.spec == Spec(np.shape(data), np.asarray(data).dtype)
            np.testing.assert_array_equal(arrays[value], data)


def test_the_same_state_gives_the_same_graph():
    a, b = (random_graph(np.random.default_rng(3), 20) for _ in range(2))
    assert a[0] == b[0]
    np.testing.assert_equal(a[1], b[1])
