"""The backward pass as a graph: printed, run, differentiated again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.autodiff.graphs import joint
from diagrad.errors import NotDifferentiableError
from diagrad.ir import verify
from diagrad.passes import explicit


def affine(X: Any, W: Any, b: Any) -> Any:
    Y = X @ W + b
    return Y


X, W, B = np.arange(6.0).reshape(3, 2), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -0.5])


def test_the_backward_graph_of_affine(golden: Any):
    golden(
        "affine_backward.txt", str(dg.trace(affine)(X, dg.parameter(W), dg.parameter(B)).backward()) + "\n"
    )


def test_the_joint_graph_of_affine(golden: Any):
    golden("affine_joint.txt", str(joint(explicit(dg.trace(affine)(X, W, B))).graph) + "\n")


def test_the_backward_graph_of_a_classifier(golden: Any):
    def loss(logits: Any, labels: Any) -> Any:
        L = dg.softmax_cross_entropy(logits, labels)
        return L

    graph = dg.trace(loss)(X, [0, 1, 1])
    golden("classifier.txt", str(graph) + "\n" + str(graph.backward(["logits"])) + "\n")
    (g,) = graph.backward(["logits"]).run(X, [0, 1, 1], 1.0).outputs
    e = np.exp(X - X.max(1, keepdims=True))
    np.testing.assert_allclose(g, (e / e.sum(1, keepdims=True) - np.eye(2)[[0, 1, 1]]) / 3, rtol=1e-14)


def test_numbers():
    graph = dg.trace(affine)(X, W, B)
    g = np.arange(6.0).reshape(3, 2)
    gx, gw, gb = verify(graph.backward()).run(X, W, B, g).outputs
    np.testing.assert_allclose(gx, g @ W.T)
    np.testing.assert_allclose(gw, X.T @ g)
    np.testing.assert_allclose(gb, g.sum(0))


def test_wrt_chooses_and_orders():
    graph = dg.trace(affine)(X, W, B)
    assert [y.name for y in graph.backward(["b", "X"]).outputs] == ["∂L/∂b", "∂L/∂X"]
    with pytest.raises(KeyError):
        graph.backward(["c"])


def test_an_input_without_influence_has_zeros():
    graph = dg.trace(lambda x, y: x * 2)(1.0, np.ones(2)).backward()
    np.testing.assert_equal(graph.run(1.0, np.ones(2), 1.0).outputs, (2.0, np.zeros(2)))


def test_several_outputs_add_their_gradients():
    graph = dg.trace(lambda x: (x * x, 3 * x, x > 0))(2.0).backward()
    assert graph.run(2.0, 10.0, 100.0).outputs == (340.0,)


def test_nothing_to_differentiate():
    with pytest.raises(NotDifferentiableError, match="no output of lambda can be differentiated"):
        dg.trace(lambda x: x > 0)(1.0).backward()


def test_a_backward_graph_can_be_differentiated():
    second = dg.trace(lambda x: x**3)(2.0).backward().backward(["x"])
    assert second.run(2.0, 1.0, 1.0).outputs == (12.0,)


def test_joint_maps_every_value():
    graph = explicit(dg.trace(lambda x, y: (x + y) * x)(2.0, 3.0))
    both = joint(graph)
    run = verify(both.graph).run(2.0, 3.0, 1.0)
    plain = graph.run(2.0, 3.0)
    for value in graph.values():
        assert run.values[both.value[value]] == plain.values[value]
    of = {value.name: run.values[g] for value, g in both.gradient.items() if value.name}
    assert (of["x"], of["y"]) == (7.0, 2.0)
    assert set(both.gradient) == set(graph.values())
    assert list(both.upstream) == list(graph.outputs)


def test_an_output_that_is_an_input():
    both = joint(dg.trace(lambda x: (x, x * 2))(1.0))
    run = verify(both.graph).run(5.0, 10.0, 100.0)
    (x,) = (value for value in both.gradient if value.name == "x")
    assert run.values[both.gradient[x]] == 210
