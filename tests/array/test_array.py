"""Arrays: what they are, how they convert, iterate, index and print; tracing; composites."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DiagradError, TraceError
from diagrad.ir import Spec, verify


def test_dtypes_as_numpy_makes_them():
    for data in (1, 1.0, True, 1j, [1, 2], [1.0, 2], np.float32(3), np.ones(2, "i1"), [[True]]):
        assert dg.array(data).dtype == np.asarray(data).dtype
        assert dg.array(data).shape == np.shape(data)
    assert dg.array([1, 2], dtype="float32").dtype == np.float32


def test_float32_stays_float32():
    x = dg.array(np.ones((2, 3), np.float32))
    y = dg.mean(dg.softmax(dg.tanh(x * 2 + 1) @ x.mT) ** 2 / 3)
    y.backward()
    assert y.dtype == x.grad.dtype == np.float32
    assert {value.dtype for value in dg.graph(y).values() if value.dtype.kind == "f"} == {np.dtype("f4")}


def test_data_are_copied_in_and_read_only_out():
    data = np.ones(2)
    x = dg.array(data)
    data[:] = 5
    assert x.tolist() == [1, 1]
    with pytest.raises(ValueError, match="read-only"):
        x.data[0] = 3
    own = x.numpy()
    own[0] = 3
    assert x.tolist() == [1, 1]


def test_roles():
    assert (dg.array(1.0).role, dg.parameter(1.0).role, (dg.array(1.0) * 2).role) == (
        "input",
        "parameter",
        "",
    )
    assert dg.array(1.0).is_leaf
    assert not dg.asarray(1.0).is_leaf


def test_conversions():
    x = dg.array([[1.5, 2.5]])
    assert (float(x[0, 0]), int(x[0, 1]), x[0, 0].item(), x.tolist()) == (1.5, 2, 1.5, [[1.5, 2.5]])
    assert complex(dg.array(1j)) == 1j
    assert [10, 20][dg.array(1)] == 20
    assert bool(dg.array(True))
    assert np.asarray(x).tolist() == [[1.5, 2.5]]
    assert np.array(x, dtype="f4").dtype == np.float32
    assert (len(x), x.ndim, x.size) == (1, 2, 2)
    with pytest.raises(TypeError, match="0-dimensional"):
        len(dg.array(1.0))
    with pytest.raises(ValueError, match="ambiguous"):
        bool(x)


def test_texts():
    x = dg.array([1.0, 2.0])
    assert (repr(x), str(x), f"{dg.array(2.5):.2f}") == ("array([1., 2.])", "[1. 2.]", "2.50")


def test_iteration_and_unpacking_record():
    x = dg.array([[1.0, 2.0], [3.0, 4.0]])
    a, b = x
    (a @ b).backward()
    assert x.grad.tolist() == [[3, 4], [1, 2]]
    assert sum(float(row.sum()) for row in x) == 10


def test_masks_and_repeated_indices():
    x = dg.array([1.0, -2.0, 3.0])
    x[x > 0].sum().backward()
    assert x.grad.tolist() == [1, 0, 1]
    y = dg.array([[1.0, 2.0], [3.0, 4.0]])
    y[[0, 0, 1], [1, 1, 0]].sum().backward()
    assert y.grad.tolist() == [[0, 2], [1, 0]]
    z = dg.array(np.arange(6.0).reshape(2, 3))
    z[:, np.array([2, 2])].sum().backward()
    assert z.grad.tolist() == [[0, 0, 2]] * 2
    z.grad = None
    z[np.array([True, False]), 1:].sum().backward()
    assert z.grad.tolist() == [[0, 1, 1], [0, 0, 0]]


def test_arrays_are_hashable_and_usable_as_keys():
    x, y = dg.array(1.0), dg.array(1.0)
    assert len({x, y}) == 2
    assert {x: 1}[x] == 1


def test_a_copy_of_an_arrays_numbers_is_easy():
    x = dg.array([1.0])
    assert copy.copy(x).tolist() == [1.0]


def test_creation_like_others():
    x = dg.array(np.ones((2, 2), np.float32))
    assert dg.zeros_like(x).spec == dg.ones_like(x).spec == Spec((2, 2), np.dtype("f4"))
    assert dg.asarray(x) is x
    assert dg.asarray(x, dtype="float64").dtype == np.float64


# ------------------------------------------------------------------ tracing


def test_trace_of_containers_keywords_and_specs():
    def f(params: Any, x: Any, *, scale: Any = 2.0) -> Any:
        with dg.scope("first"):
            h = dg.affine(x, params["w"], params["b"])
        return {"h": h, "y": [dg.relu(h) * scale]}

    graph = dg.trace(f)({"w": np.ones((2, 3)), "b": np.ones(3)}, Spec((4, 2), np.dtype("f8")), scale=3.0)
    verify(graph)
    assert [x.name for x in graph.inputs] == ["w", "b", "x", "scale"]
    assert [y.shape for y in graph.outputs] == [(4, 3), (4, 3)]
    assert {str(node.scope) for node in graph.nodes} == {"first/affine", "None"}
    h, y = graph.run(np.ones((2, 3)), np.ones(3), np.ones((4, 2)), 3.0).outputs
    assert (h.tolist(), y.tolist()) == ([[3.0] * 3] * 4, [[9.0] * 3] * 4)


def test_variadic_arguments_are_inputs_of_their_own():
    graph = dg.trace(lambda *xs: xs[0] * xs[1])(2.0, 3.0)
    assert [x.name for x in graph.inputs] == ["xs[0]", "xs[1]"]
    assert graph.run(2.0, 3.0).outputs == (6.0,)


def test_what_a_traced_function_closes_over_is_constant():
    w = dg.array([1.0, 2.0])
    graph = dg.trace(lambda x: x * w + np.ones(2))(np.ones(2))
    assert len(graph.inputs) == 1
    assert sorted(c.tolist() for c in graph.constants.values()) == [[1, 1], [1, 2]]


def test_trace_records_the_same_as_running():
    def f(x: Any, w: Any) -> Any:
        h = dg.tanh(x @ w)
        return dg.softmax(h).sum(axis=0)[1:]

    x, w = dg.array(np.ones((3, 2))), dg.array(np.ones((2, 4)))
    traced = dg.trace(f)(x, w)
    np.testing.assert_allclose(traced.run(x, w).outputs[0], f(x, w).data)
    assert [n.op for n in traced.nodes] == [n.op for n in dg.graph(f(x, w)).nodes]


def test_grad_inside_a_trace():
    graph = dg.trace(dg.grad(lambda x: x**3))(2.0)
    assert graph.run(5.0).outputs == (75.0,)


def test_trace_asks_for_no_numbers():
    for f in (lambda x: -x if x else x, float, np.asarray, lambda x: x[x > 0]):
        with pytest.raises(TraceError):
            dg.trace(lambda x, f=f: f(x))(1.0)


def test_graph_of_several_outputs():
    x = dg.array(2.0)
    y, z = x * 3, x + 1
    assert dg.graph(y, z).run(2.0).outputs == (6.0, 3.0)
    with pytest.raises(TypeError, match="graph takes Arrays"):
        dg.graph(3.0)


# ------------------------------------------------------------------ composites


def reference_softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


X = np.random.default_rng(1).normal(size=(4, 3)) * 3


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_family(axis: int):
    np.testing.assert_allclose(dg.softmax(X, axis=axis).data, reference_softmax(X, axis), rtol=1e-14)
    np.testing.assert_allclose(
        dg.log_softmax(X, axis=axis).data, np.log(reference_softmax(X, axis)), rtol=1e-12
    )
    total = np.log(np.exp(X).sum(axis))
    np.testing.assert_allclose(dg.logsumexp(X, axis=axis).data, total, rtol=1e-14)
    assert dg.logsumexp(X, axis=axis, keepdims=True).shape == X.sum(axis, keepdims=True).shape
    for f in (dg.softmax, dg.log_softmax, dg.logsumexp):
        dg.testing.check_gradients(lambda x, f=f: f(x, axis=axis), X, order=2)


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_softmax_family_neither_overflows_nor_underflows(shift: float):
    x = dg.array(X + shift)
    for f in (dg.softmax, dg.log_softmax, dg.logsumexp):
        np.testing.assert_allclose(f(x).data, f(X).data + shift * (f is dg.logsumexp), rtol=1e-9)
    dg.logsumexp(x).sum().backward()
    np.testing.assert_allclose(x.grad, reference_softmax(X), rtol=1e-10)


def test_cross_entropy():
    labels = np.array([0, 2, 1, 1])
    rows = np.eye(3)[labels]
    want = -np.log(reference_softmax(X))[np.arange(4), labels].mean()
    for target in (labels, rows, dg.array(labels)):
        logits = dg.array(X)
        loss = dg.softmax_cross_entropy(logits, target)
        loss.backward()
        assert loss.item() == pytest.approx(want, rel=1e-14)
        np.testing.assert_allclose(logits.grad, (reference_softmax(X) - rows) / 4, rtol=1e-12, atol=1e-16)


def test_composites_against_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    data = [rng.normal(size=s) for s in ((5, 4), (4, 6), (6,), (6, 3), (3,))]
    labels = np.array([0, 1, 2, 1, 0])
    ours = [dg.array(x) for x in data]
    theirs = [torch.tensor(x, requires_grad=True) for x in data]
    loss = dg.softmax_cross_entropy(dg.two_layer(*ours), labels)
    loss.backward()
    x, w1, b1, w2, b2 = theirs
    other = torch.nn.functional.cross_entropy(torch.sigmoid(x @ w1 + b1) @ w2 + b2, torch.tensor(labels))
    other.backward()
    assert loss.item() == pytest.approx(other.item(), rel=1e-14)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_deep_network():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(5, 4))
    layers = [(rng.normal(size=(4, 6)), rng.normal(size=6)), (rng.normal(size=(6, 3)), rng.normal(size=3))]
    h = np.maximum(x @ layers[0][0] + layers[0][1], 0) @ layers[1][0] + layers[1][1]
    np.testing.assert_allclose(dg.deep_network(x, layers).data, h, rtol=1e-14)
    dg.testing.check_gradients(dg.deep_network, x, layers)
    scopes = {str(node.scope) for node in dg.trace(dg.deep_network)(x, layers).nodes}
    assert scopes == {"deep_network", "deep_network/affine", "deep_network/affine_2"}


def test_affine_shapes_that_disagree():
    with pytest.raises(DiagradError, match="axis 'k' is 2 in"):
        dg.affine(np.ones((3, 2)), np.ones((4, 5)), np.ones(5))
