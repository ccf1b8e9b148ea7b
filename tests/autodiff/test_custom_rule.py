"""custom_rule: a node like any other, to any order, and errors that say what its rule does wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.draw.formula import Symbol, rule
from diagrad.errors import DifferentiationError, DTypeError, GraphError, ShapeError
from diagrad.ir import Spec


@dg.custom_rule
def softplus(x: Any) -> Any:
    """y = ln(1 + eˣ)."""
    return np.logaddexp(x, 0.0)


@softplus.backward
def softplus_backward(g: Any, x: Any) -> Any:
    return g * dg.sigmoid(x)


@dg.custom_rule(outputs=("r", "a"), glyph="polar")
def polar(x: Any, y: Any) -> Any:
    return np.hypot(x, y), np.arctan2(y, x)


@polar.backward
def polar_backward(g: Any, x: Any, y: Any, r: Any) -> Any:
    gr, ga = g
    return gr * x / r - ga * y / (r * r), gr * y / r + ga * x / (r * r)


@dg.custom_rule
def scaled(x: Any, *, by: float = 2.0) -> Any:
    return x * by


@scaled.backward
def scaled_backward(g: Any, by: float) -> Any:
    return g * by


X = np.array([-1.0, 0.0, 2.0])


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def test_its_own_gradient_to_any_order():
    s = sigmoid(X)
    np.testing.assert_allclose(dg.grad(lambda x: softplus(x).sum())(X), s, rtol=1e-14)
    dg.testing.check_gradients(softplus, X, order=2)
    f: Any = softplus
    for want in (s, s * (1 - s), s * (1 - s) * (1 - 2 * s)):
        f = dg.grad(lambda x, f=f: f(x).sum())
        np.testing.assert_allclose(f(X), want, rtol=1e-13)


def test_forward_mode_and_vmap():
    np.testing.assert_allclose(dg.jvp(softplus, (X,), (2 * X,))[1], sigmoid(X) * 2 * X)
    np.testing.assert_allclose(dg.jacobian(softplus, mode="forward")(X), np.diag(sigmoid(X)))
    np.testing.assert_allclose(dg.vmap(dg.grad(softplus))(X), sigmoid(X))
    np.testing.assert_allclose(dg.hessian(lambda x: softplus(x).sum())(X), np.diag(sigmoid(X) * sigmoid(-X)))


def test_several_outputs_of_which_one_may_be_unused():
    dg.testing.check_gradients(lambda x, y: polar(x, y)[0] * polar(x, y)[1], 1.2, 0.7, argnums=(0, 1))
    assert dg.grad(lambda x: polar(x, 4.0)[0])(3.0) == pytest.approx(0.6)
    r, a = polar(dg.array(3.0), 4.0)
    assert (r.name, a.name) == ("r", "a")


def test_attributes_are_keyword_arguments():
    assert dg.grad(lambda x: scaled(x, by=5.0))(1.0) == 5
    assert scaled(dg.array(1.0)).item() == 2
    graph = dg.trace(lambda x: scaled(x, by=3.0))(1.0)
    assert "scaled(x) {by=3.0}" in str(graph)
    assert graph.backward().run(1.0, 1.0).outputs == (3.0,)


def test_it_is_drawn_and_printed_like_any_op():
    x = dg.array(X, name="x")
    y = softplus(x)
    assert "y: f64[3] = softplus(x)" in str(dg.graph(y))
    svg = str(dg.draw(dg.trace(softplus)(X)).svg)
    assert "softplus" in svg
    spec = Spec((3,), np.dtype(float))
    (formula,) = rule(softplus.op(), (spec,), (spec,), (True,), (True,))
    assert formula is not None
    assert formula.fill(Symbol) == "∂y · σ(x)"


def test_traced_its_shapes_are_found_by_running_it():
    graph = dg.trace(lambda x: softplus(x) * 2)(np.ones((2, 3), np.float32))
    assert str(graph.outputs[0].spec) == "f32[2,3]"
    np.testing.assert_allclose(graph.run(np.zeros((2, 3), np.float32)).outputs[0], 2 * np.log(2), rtol=1e-6)


def test_eagerly_it_runs_once():
    runs: list[int] = []

    @dg.custom_rule
    def counted(x: Any) -> Any:
        runs.append(1)
        return x * 1.0

    counted(dg.array(X))
    assert len(runs) == 1


def test_its_function_may_use_diagrad():
    @dg.custom_rule
    def cube(x: Any) -> Any:
        return dg.exp(3 * dg.log(x))

    @cube.backward
    def _(g: Any, x: Any, y: Any) -> Any:
        return 3 * g * y / x

    assert dg.grad(dg.grad(cube))(2.0) == pytest.approx(12)


def wrong(gradient: Any) -> Any:
    @dg.custom_rule
    def f(x: Any, y: Any) -> Any:
        return x * y

    f.backward(gradient)
    return dg.grad(lambda x, y: f(x, y).sum(), (0, 1))


def test_errors_of_a_rule():
    with pytest.raises(GraphError, match="gives 1 gradients for 2 inputs"):
        wrong(lambda g: g)(X, X)
    with pytest.raises(ShapeError, match="gives y a gradient of another shape"):
        wrong(lambda g: (g, g.sum()))(X, X)
    with pytest.raises(DTypeError, match="gives x a gradient of dtype complex128"):
        wrong(lambda g: (g * 1j, g))(X, X)
    with pytest.raises(TypeError, match="asks for q"):
        softplus.backward(lambda g, q: g)
    with pytest.raises(DifferentiationError, match="lambda has no backward rule"):
        dg.grad(dg.custom_rule(lambda x: x * 2))(1.0)
    with pytest.raises(TypeError, match="without"):
        dg.custom_rule(lambda *xs: xs[0])


def test_a_gradient_of_float64_for_an_input_of_float32_is_converted():
    @dg.custom_rule
    def f(x: Any) -> Any:
        return x * 2

    f.backward(lambda g: g * np.full(g.shape, 2.0))
    assert dg.grad(lambda x: f(x).sum())(X.astype(np.float32)).dtype == np.float32


def test_it_is_in_no_table_of_ops():
    assert not {"softplus", "polar", "scaled"} & set(dg.ir.Op.registry)
