"""backward, grad, value_and_grad: accumulation, order, containers, nesting, threads."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import (
    DifferentiationError,
    NotDifferentiableError,
    NotScalarError,
    RepeatedBackwardError,
)


def test_a_gradient_is_none_before_and_has_spec_of_its_value_after():
    x = dg.array(np.ones((3, 2), np.float32))
    y = (x * x).sum()
    assert x.grad is None
    assert y.grad is None
    y.backward()
    assert x.grad is not None
    assert x.grad.spec == x.spec
    assert y.grad is None  # an intermediate, and nobody asked


def test_what_the_result_does_not_depend_on_stays_none():
    x, z = dg.array(1.0), dg.array(1.0)
    (x * 2).backward()
    assert z.grad is None


def test_several_backward_calls_add():
    x = dg.array(3.0)
    (x * x).backward()
    (5 * x).backward()
    assert x.grad is not None
    assert x.grad.item() == 11
    x.grad = None
    assert x.grad is None
    (x * x).backward()
    assert x.grad.item() == 6


def test_stored_gradients_are_not_changed_in_place_by_later_calls():
    x = dg.array([1.0, 2.0])
    (x * x).sum().backward()
    first = x.grad
    assert first is not None
    before = first.numpy()
    x.sum().backward()
    np.testing.assert_array_equal(first, before)
    assert x.grad is not first


def test_two_leaves_never_share_the_memory_of_a_gradient_they_could_change():
    x, y = dg.array([1.0, 2.0]), dg.array([1.0, 2.0])
    (x + y).backward(np.array([1.0, 1.0]))
    assert x.grad is not None
    assert y.grad is not None
    x.grad.numpy()[:] = 7
    assert y.grad.tolist() == [1, 1]
    with pytest.raises(ValueError, match="read-only"):
        x.grad.data[:] = 7


def test_the_upstream_gradient_is_the_users_and_stays_so():
    x = dg.array([1.0, 2.0])
    upstream = np.array([1.0, 10.0])
    (x + 0.0).backward(upstream)
    upstream[:] = 0
    assert x.grad is not None
    assert x.grad.tolist() == [1, 10]


def test_retain_grad_on_intermediates_and_on_parts():
    x = dg.array(2.0)
    h = (x * x).retain_grad()
    a, b = dg.branch(h)
    a.retain_grad()
    (a * b * 3).backward()
    assert h.grad is not None
    assert a.grad is not None
    assert (a.grad.item(), h.grad.item(), x.grad.item()) == (12, 24, 96)
    assert b.grad is None


def test_detach_and_no_grad():
    x = dg.array(3.0)
    (x.detach() * x).backward()
    assert x.grad.item() == 3
    with dg.no_grad():
        y = x * x
    with pytest.raises(NotDifferentiableError):
        y.backward()
    z = y * x
    x.grad = None
    z.backward()
    assert x.grad.item() == 9


def test_constants_take_no_gradient():
    c = dg.asarray([1.0, 2.0])
    x = dg.array([3.0, 4.0])
    (c * x).sum().backward()
    assert c.grad is None
    assert x.grad.tolist() == [1, 2]


def test_higher_order_through_create_graph():
    x = dg.array(2.0)
    (x**4).backward(create_graph=True)
    first = x.grad
    x.grad = None
    first.backward(create_graph=True)
    second = x.grad
    x.grad = None
    second.backward()
    assert (first.item(), second.item(), x.grad.item()) == (32, 48, 48)


@pytest.mark.parametrize(
    ("function", "derivatives"),
    [
        (dg.sin, [np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin]),
        (dg.exp, [np.exp] * 4),
        (dg.log, [lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3, lambda x: -6 / x**4]),
        (lambda x: x**5, [lambda x: 5 * x**4, lambda x: 20 * x**3, lambda x: 60 * x**2, lambda x: 120 * x]),
        (
            lambda x: 1 / x,
            [lambda x: -1 / x**2, lambda x: 2 / x**3, lambda x: -6 / x**4, lambda x: 24 / x**5],
        ),
    ],
)
def test_any_order_through_grad(function: Any, derivatives: list[Any]):
    for derivative in derivatives:
        function = dg.grad(function)
        assert float(function(1.3)) == pytest.approx(derivative(1.3), rel=1e-13)


def test_hessian_of_a_quadratic_form():
    a = np.array([[2.0, 1.0], [0.0, 3.0]])
    first = dg.grad(lambda x: x @ a @ x)
    rows = [dg.grad(lambda x, k=k: first(x)[k])(np.array([1.0, -1.0])) for k in range(2)]
    np.testing.assert_allclose(rows, a + a.T)


def test_nested_gradients_do_not_confuse_their_perturbations():
    """d/dx [x · d/dy (x + y)] = 1: Siskind and Pearlmutter 2005."""
    for x in (3.0, dg.array(3.0)):
        assert float(dg.grad(lambda x: x * dg.grad(lambda y: x + y)(2.0 * x))(x)) == 1
        assert float(dg.grad(lambda x: x * dg.grad(lambda y: x * y)(x))(x)) == 6
        assert float(dg.grad(lambda x: dg.grad(lambda y: x * y * y)(x))(x)) == 12  # d/dx 2x² at 3


def test_a_value_of_an_outer_function_in_an_inner_one():
    def outer(x: Any) -> Any:
        h = x * x

        def inner(y: Any) -> Any:
            return h * y * y

        return dg.grad(inner)(5.0)

    assert float(dg.grad(outer)(2.0)) == 40  # 10 · 2x


def test_what_a_closure_holds_is_differentiated_through_an_inner_gradient():
    assert float(dg.grad(lambda x: x * dg.grad(lambda y: x * y)(3.0))(5.0)) == 10
    x = dg.array(2.0)
    (x * dg.grad(lambda y: x * y * y)(3.0)).backward()  # 6 x²
    assert x.grad.item() == 24


def test_a_gradient_of_no_input_inside():
    assert float(dg.grad(lambda x: x * dg.grad(lambda y: y * y)(3.0))(7.0)) == 6


def test_numpy_in_numpy_out_arrays_in_arrays_out():
    f = dg.grad(lambda x: (x * x).sum())
    assert type(f(np.ones(2))) is np.ndarray
    assert isinstance(f(2.0), np.float64)
    assert f([1.0, 2.0]).tolist() == [2, 4]
    assert isinstance(f(dg.array(np.ones(2))), dg.Array)
    assert f(np.ones(2, np.float32)).dtype == np.float32


def test_inputs_are_not_changed_and_not_shared():
    x = np.ones(2)
    g = dg.grad(lambda x: (1.0 * x).sum())(x)
    g += 5
    assert x.tolist() == [1, 1]


def test_argnums_and_containers():
    def f(a: Any, params: Any, c: Any) -> Any:
        return (a * params["w"] * c + params["b"][0] * params["b"][1]).sum()

    params = {"w": 2.0, "b": [3.0, np.array([4.0, 5.0])]}
    value, (ga, gp, gc) = dg.value_and_grad(f, argnums=(0, 1, -1))(1.0, params, np.array([1.0, 2.0]))
    assert value == 33
    assert (ga, gp["w"], gp["b"][0]) == (6, 3, 9)
    assert isinstance(gp["b"], list)
    np.testing.assert_array_equal(gp["b"][1], [3, 3])
    np.testing.assert_array_equal(gc, [2, 2])
    assert dg.grad(lambda x, y: x * y, argnums=1)(2.0, 3.0) == 2
    assert dg.grad(lambda x, y: x * y, argnums=(1,))(2.0, 3.0) == (2,)
    assert dg.grad(lambda p: p[0] * p[1])((dg.array(2.0), 3.0))[1].item() == 2


def test_an_argument_twice():
    x = dg.array(3.0)
    gx, gy = dg.grad(lambda x, y: x * y * y, (0, 1))(x, x)
    assert (gx.item(), gy.item()) == (9, 18)


def test_an_argument_without_influence_has_a_gradient_of_zeros():
    g = dg.grad(lambda x, y: (x * 2).sum(), (0, 1))(np.ones(2), np.ones((2, 3), np.float32))
    assert (g[1].shape, g[1].dtype, g[1].any()) == ((2, 3), np.float32, False)


def test_keyword_arguments_pass():
    assert dg.grad(lambda x, *, k: x * k)(2.0, k=5.0) == 5


def test_grad_does_not_fill_grad_of_captured_leaves():
    w = dg.array(2.0)
    assert dg.grad(lambda x: x * w)(3.0) == 2
    assert w.grad is None
    x = dg.array(3.0)
    dg.grad(lambda x: x * w)(x)
    assert x.grad is None


def test_grad_of_a_computed_array_can_be_differentiated_further():
    x = dg.array(2.0)
    g = dg.grad(lambda y: y**3)(x * x)  # 3 (x²)²
    g.backward()
    assert x.grad.item() == 12 * 2**3


def test_errors_of_wrong_use():
    x = dg.array([1.0, 2.0])
    with pytest.raises(NotScalarError):
        (x * 2).backward()
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RepeatedBackwardError):
        y.backward()
    y.backward(retain_graph=True)
    assert x.grad.tolist() == [4, 8]
    with pytest.raises(DifferentiationError, match="argnums names argument 3"):
        dg.grad(lambda x: x, argnums=3)(1.0)
    with pytest.raises(NotDifferentiableError, match="int64"):
        dg.grad(lambda x: x * x)(3)
    with pytest.raises(NotScalarError):
        dg.grad(lambda x: x * 2)(np.ones(2))


def test_backward_of_a_leaf_itself():
    x = dg.array(3.0)
    x.backward()
    assert x.grad.item() == 1


def test_integers_on_the_way():
    x = dg.array([1.0, 2.0, 3.0])
    labels = dg.array([0, 2, 2])
    x[labels].sum().backward()
    assert x.grad.tolist() == [1, 0, 2]
    assert labels.grad is None


def test_two_threads_record_on_their_own():
    results: dict[int, list[float]] = {0: [], 1: []}

    def work(k: int) -> None:
        for i in range(200):
            x = dg.array(float(i + k))
            with dg.scope(f"thread{k}"):
                y = x * x + dg.sin(x) * 0.0
            assert {str(n.scope) for n in dg.graph(y).nodes if n.op.name != "Constant"} == {f"thread{k}"}
            y.backward()
            results[k].append(x.grad.item())

    threads = [threading.Thread(target=work, args=(k,)) for k in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, got in results.items():
        assert got == [2.0 * (i + k) for i in range(200)]


def test_one_shared_leaf_in_two_threads():
    w = dg.array(2.0)
    done: list[float] = []

    def work() -> None:
        for _ in range(100):
            done.append(float(dg.grad(lambda x: x * w)(3.0)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [2.0] * 400


@pytest.mark.parametrize("build", [False, True])
@pytest.mark.parametrize("times", [1, 2, 3, 5])
def test_one_output_of_several_used_many_times(times: int, build: bool, rng: np.random.Generator):
    """Each use gives a share of that output's upstream gradient; all add, before the op's rule is applied."""
    torch = pytest.importorskip("torch")
    data = rng.normal(size=(4, 3))

    def loss(q: Any, r: Any, sin: Any) -> Any:
        total = (r * r * r).sum()
        for at in range(times):
            total = total + (sin(q * (at + 1.0)) * q).sum()
        return total

    x = dg.array(data)
    q, r = dg.linalg.qr(x)
    loss(q, r, dg.sin).backward(create_graph=build)
    theirs = torch.tensor(data, requires_grad=True)
    loss(*torch.linalg.qr(theirs), torch.sin).backward()
    np.testing.assert_allclose(x.grad, theirs.grad, rtol=1e-11, atol=1e-12)
