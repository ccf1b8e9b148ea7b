"""dg.compile: what it gives, what it leaves alone, what it refuses."""

from __future__ import annotations

import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DTypeError, OutOfRangeError, ShapeError, StructureError, TraceError


def loss(params: Any, X: Any, Y: Any) -> Any:
    return dg.mean(dg.square(dg.tanh(X @ params["W"] + params["b"]) - Y))


def step(params: Any, X: Any, Y: Any, rate: Any) -> Any:
    value, grads = dg.value_and_grad(loss)(params, X, Y)
    return value, {name: params[name] - rate * grads[name] for name in params}


@pytest.fixture
def data(rng: np.random.Generator) -> tuple[Any, Any, Any]:
    params = {"W": rng.standard_normal((5, 3)).astype("f4"), "b": np.zeros(3, "f4")}
    return params, rng.standard_normal((8, 5)).astype("f4"), rng.standard_normal((8, 3)).astype("f4")


def test_a_training_step_is_what_it_is_eagerly(data: Any):
    params, X, Y = data
    compiled = dg.compile(step)
    for _ in range(2):
        value, new = compiled(params, X, Y, 0.1)
        want, expected = step(params, X, Y, 0.1)
        assert type(value) is np.float32
        assert list(new) == list(params)
        np.testing.assert_allclose(value, want, rtol=1e-6)
        for name in params:
            assert type(new[name]) is np.ndarray
            np.testing.assert_allclose(new[name], np.asarray(expected[name]), rtol=1e-5, atol=1e-6)


def test_donated_arrays_are_updated_where_they_lie(data: Any):
    params, X, Y = data
    eager = {name: x.copy() for name, x in params.items()}
    kept = dict(params)
    train = dg.compile(step, donate="params")
    for _ in range(20):
        _, params = train(params, X, Y, 0.1)
        _, eager = step(eager, X, Y, 0.1)
    for name, x in params.items():
        assert x is kept[name]
        np.testing.assert_allclose(x, np.asarray(eager[name]), rtol=1e-4, atol=1e-5)


def test_results_are_the_callers_own():
    double = dg.compile(lambda x: 2 * x)
    first = double(np.ones(4))
    second = double(np.full(4, 5.0))
    np.testing.assert_array_equal(first, 2.0)
    np.testing.assert_array_equal(second, 10.0)
    same = dg.compile(lambda x: x)
    x = np.ones(3)
    assert same(x) is not x


def test_structures_go_through():
    @dg.compile
    def f(pair: Any, *, scale: Any) -> Any:
        x, (y, z) = pair
        return {"sum": x + y + z, "all": [x * scale, (y,)], "none": None}

    for _ in range(2):
        got = f((np.ones(2), (np.ones(2), np.arange(2.0))), scale=3)
        np.testing.assert_array_equal(got["sum"], [2.0, 3.0])
        np.testing.assert_array_equal(got["all"][0], [3.0, 3.0])
        assert isinstance(got["all"][1], tuple)
        assert got["none"] is None


def test_every_signature_is_compiled_once():
    calls: list[Any] = []

    @dg.compile
    def f(x: Any) -> Any:
        calls.append(x.shape)
        return x + 1

    for n in (2, 3, 2, 3, 2):
        f(np.zeros(n))
    f(np.zeros(2, "f4"))
    assert calls == [(2,), (3,), (2,)]
    assert repr(f) == "<compiled f: 3 versions>"


def test_a_python_float_has_the_precision_of_the_arrays():
    f = dg.compile(lambda x, rate: x * rate)
    for _ in range(2):
        assert f(np.ones(2, "f4"), 0.1).dtype == np.float32
        assert f(np.ones(2), 0.1).dtype == np.float64


def test_arrays_that_lie_otherwise_are_taken(rng: np.random.Generator):
    x = rng.standard_normal((6, 8))
    f = dg.compile(lambda x: dg.exp(x).sum(axis=0))
    for y in (x, x[::2], x.T, x[:, ::-1], np.asfortranarray(x)):
        for _ in range(2):
            np.testing.assert_allclose(f(y), np.exp(y).sum(axis=0), rtol=1e-14)
    x.flags.writeable = False
    np.testing.assert_allclose(f(x), np.exp(x).sum(axis=0), rtol=1e-14)


def test_static_arguments_say_how_to_compute():
    @dg.compile(static="power")
    def f(x: Any, power: int) -> Any:
        return x**power if power > 1 else x

    assert f(np.float64(3.0), 2) == 9
    assert f(np.float64(3.0), 1) == 3
    with pytest.raises(StructureError, match="a static argument is not hashable"):
        f(np.float64(3.0), [2])


def test_arrays_of_diagrad_are_recorded():
    f = dg.compile(lambda x: (x * x).sum())
    x = dg.array([1.0, 2.0])
    y = f(x)
    y.backward()
    np.testing.assert_array_equal(x.grad, [2.0, 4.0])
    g = dg.compile(dg.grad(f))
    np.testing.assert_array_equal(g(np.array([1.0, 2.0])), [2.0, 4.0])


def test_four_threads_at_once(rng: np.random.Generator):
    x = rng.standard_normal((200, 300))
    f = dg.compile(lambda x, n: (dg.tanh(x * n) @ x.mT).sum(axis=0))
    want = [np.sum(np.tanh(x * n) @ x.T, axis=0) for n in range(4)]
    wrong: list[int] = []

    def work(n: int) -> None:
        for _ in range(20):
            if not np.allclose(f(x, np.float64(n)), want[n], rtol=1e-10):
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_many_calls_leave_memory_as_it_is(data: Any):
    params, X, Y = data
    train = dg.compile(step, donate="params")
    for _ in range(100):
        train(params, X, Y, 0.1)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(10_000):
        train(params, X, Y, 0.1)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 20_000


def test_an_argument_of_another_shape_is_another_signature(data: Any):
    params, X, Y = data
    train = dg.compile(step)
    train(params, X, Y, 0.1)
    with pytest.raises(ShapeError, match="axis 'k' is 4 in X but 5 in w"):
        train(params, X[:, :4], Y, 0.1)
    train(params, X, Y, 0.1)


def test_what_is_no_array_is_named(data: Any):
    params, X, Y = data
    with pytest.raises(DTypeError, match="step: rate is no array and no number") as error:
        dg.compile(step)(params, X, Y, "fast")
    assert 'static="rate"' in str(error.value)


def test_a_donated_array_must_be_writeable(data: Any):
    params, X, Y = data
    params["W"].flags.writeable = False
    with pytest.raises(StructureError, match="step: W is donated, but read-only") as error:
        dg.compile(step, donate="params")(params, X, Y, 0.1)
    assert "pass W.copy(), or do not donate it" in str(error.value)


def test_an_unknown_parameter_is_refused():
    with pytest.raises(StructureError, match="step has no parameter 'weights'"):
        dg.compile(step, donate="weights")


def test_an_index_outside_is_an_error_and_changes_nothing():
    @dg.compile(donate="x")
    def f(x: Any, i: Any) -> Any:
        return x + x[i].sum()

    x = np.arange(5.0)
    with pytest.raises(OutOfRangeError, match="index 7 is out of bounds for axis 0 with size 5"):
        f(x, np.array([1, 7]))
    np.testing.assert_array_equal(x, np.arange(5.0))


def test_a_decision_on_numbers_names_the_line():
    with pytest.raises(TraceError, match="a traced array has no numbers") as error:
        dg.compile(lambda x: 1 if x.sum() > 0 else 2)(np.ones(2))
    assert "dg.where or dg.cond" in str(error.value)


def test_what_has_no_native_form_is_run_by_numpy(rng: np.random.Generator):
    a = rng.standard_normal((4, 4))
    f = dg.compile(lambda a: dg.linalg.inv(a @ a.mT + 4) * 2)
    for _ in range(2):
        np.testing.assert_allclose(f(a), np.linalg.inv(a @ a.T + 4) * 2, rtol=1e-10)


def test_what_numpy_raises_comes_through():
    f = dg.compile(dg.linalg.inv)
    f(np.eye(3))
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        f(np.zeros((3, 3)))


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_change_only_the_order_of_sums(rng: np.random.Generator, threads: int):
    x, w = rng.standard_normal((300, 400)), rng.standard_normal((400, 350))

    def f(x: Any, w: Any) -> Any:
        y = dg.tanh(x @ w)
        return dg.softmax(y, axis=1), dg.log1p(dg.exp(x)).sum(axis=1), y.mean()

    one, several = dg.compile(f, threads=1), dg.compile(f, threads=threads)
    *rows, mean = one(x, w)
    *first_rows, first_mean = several(x, w)
    for got, want in zip(first_rows, rows, strict=True):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_allclose(first_mean, mean, rtol=1e-12)
    for _ in range(3):
        for again, before in zip(several(x, w), (*first_rows, first_mean), strict=True):
            np.testing.assert_array_equal(again, before)


def test_defaults_are_given_in_every_call():
    @dg.compile
    def f(x: Any, rate: Any = 0.5) -> Any:
        return x * rate

    for _ in range(3):
        np.testing.assert_array_equal(f(np.ones(2)), 0.5)
        np.testing.assert_array_equal(f(np.ones(2), 2.0), 2.0)


def test_a_constant_matrix_of_one_number_is_a_factor_like_any(rng: np.random.Generator):
    x = rng.standard_normal((3, 4))
    f = dg.compile(
        lambda x: (dg.ones((2, 3)) @ x, x @ dg.full((4, 5), 0.5), dg.grad(lambda x: (x @ x.T).sum())(x))
    )
    for got, want in zip(
        f(x), (np.ones((2, 3)) @ x, x @ np.full((4, 5), 0.5), 2 * np.ones((3, 3)) @ x), strict=True
    ):
        np.testing.assert_allclose(got, want, rtol=1e-13)
