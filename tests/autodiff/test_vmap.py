"""vmap: against a loop, against JAX, nested and differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import ShapeError, TraceError
from work import calls


def layer(x: Any, w: Any, b: Any) -> Any:
    h = dg.tanh(x @ w + b)
    return h / (1 + dg.sum(h * h))


X, W, B = np.linspace(-1, 1, 12).reshape(4, 3), np.linspace(-2, 1, 6).reshape(3, 2), np.array([0.3, -0.2])


def test_it_is_a_loop():
    got = dg.vmap(layer, (0, None, None))(X, W, B)
    np.testing.assert_allclose(got, [layer(x, W, B).data for x in X], rtol=1e-15)
    assert type(got) is np.ndarray


@pytest.mark.parametrize(("in_axes", "out_axes"), [((1, 2, 0), 0), ((-1, 0, 1), 1), ((0, 1, None), -1)])
def test_axes_as_in_jax(in_axes: Any, out_axes: Any):
    jax = pytest.importorskip("jax")
    shapes = ((3,), (3, 2), (2,))
    args = [
        np.random.default_rng(at).normal(
            size=s if axis is None else np.insert(s, axis if axis >= 0 else len(s), 5)
        )
        for at, (s, axis) in enumerate(zip(shapes, in_axes, strict=True))
    ]

    def theirs(x: Any, w: Any, b: Any) -> Any:
        h = jax.numpy.tanh(x @ w + b)
        return h / (1 + (h * h).sum())

    with jax.enable_x64(True):
        want = jax.vmap(theirs, in_axes, out_axes)(*args)
    np.testing.assert_allclose(dg.vmap(layer, in_axes, out_axes)(*args), want, rtol=1e-13)


def test_gradients_of_each_example():
    def loss(w, x):
        return dg.sum(layer(x, w, B) ** 2)

    got = dg.vmap(dg.grad(loss), (None, 0))(W, X)
    assert got.shape == (4, 3, 2)
    np.testing.assert_allclose(got, [dg.grad(loss)(W, x) for x in X], rtol=1e-13)
    np.testing.assert_allclose(
        got.sum(axis=0), dg.grad(lambda w: dg.sum(dg.vmap(loss, (None, 0))(w, X)))(W), rtol=1e-13
    )


def test_a_map_in_a_map():
    def f(x, y):
        return dg.sin(x) * y + x

    got = dg.vmap(dg.vmap(f, (None, 0)), (0, None))(np.arange(3.0), np.arange(4.0))
    x, y = np.arange(3.0)[:, None], np.arange(4.0)
    np.testing.assert_allclose(got, np.sin(x) * y + x, rtol=1e-15)
    swapped = dg.vmap(dg.vmap(f, (0, None)), (None, 0), out_axes=1)(np.arange(3.0), np.arange(4.0))
    np.testing.assert_allclose(swapped, got)


def test_the_map_of_a_map_of_a_gradient():
    f = dg.vmap(dg.vmap(dg.grad(lambda x, y: x * x * y), (None, 0)), (0, None))
    np.testing.assert_allclose(
        f(np.arange(3.0), np.arange(4.0)), 2 * np.outer(np.arange(3.0), np.arange(4.0))
    )


def test_structures():
    def f(p: Any, x: Any) -> Any:
        return {"y": p["w"] * x + p["b"][0], "pair": (x, p["b"][0])}

    p = {"w": np.arange(3.0), "b": (2.0,)}
    got = dg.vmap(f, ({"w": 0, "b": None}, 0), {"y": 0, "pair": (0, 0)})(p, np.ones((3, 2)))
    np.testing.assert_array_equal(got["y"], [[2, 2], [3, 3], [4, 4]])
    assert got["pair"][1].tolist() == [2, 2, 2]


def test_what_does_not_depend_on_the_batch_is_computed_once():
    w = dg.array(W)
    graph = dg.trace(dg.vmap(lambda x: x @ dg.exp(w * 2)))(X)
    assert [node.op.name for node in graph.nodes].count("Exp") == 0  # a constant
    graph = dg.trace(dg.vmap(lambda x, w: x @ dg.exp(w), (0, None)))(X, W)
    (exp,) = [node for node in graph.nodes if node.op.name == "Exp"]
    assert exp.outputs[0].shape == (3, 2)


def test_every_op_runs_once_however_large_the_batch():
    f = dg.vmap(dg.grad(lambda x: dg.sum(layer(x, W, B))))
    f(X)
    assert calls(lambda: f(np.ones((1000, 3)))) < 1.2 * calls(lambda: f(np.ones((2, 3))))


def test_arrays_in_arrays_out_and_closures_are_differentiated():
    w = dg.array(3.0)
    y = dg.vmap(lambda x: x * w)(np.array([1.0, 2.0]))
    y.sum().backward()
    assert w.grad.item() == 3
    x = dg.array([1.0, 2.0])
    dg.vmap(lambda x: x * x)(x).sum().backward()
    assert x.grad.tolist() == [2, 4]
    assert dg.vmap(lambda x: 2.0)(np.ones(3)).tolist() == [2, 2, 2]


def test_forward_mode_in_it_and_around_it():
    x, v = np.array([0.5, 1.0, 2.0]), np.array([1.0, -1.0, 2.0])
    inside = dg.vmap(lambda x, v: dg.jvp(lambda x: x**3, (x,), (v,))[1])(x, v)
    around = dg.jvp(dg.vmap(lambda x: x**3), (x,), (v,))[1]
    np.testing.assert_allclose(inside, 3 * x**2 * v)
    np.testing.assert_allclose(around, 3 * x**2 * v)
    np.testing.assert_allclose(dg.vmap(dg.hessian(lambda x: x**3))(x), 6 * x)
    np.testing.assert_allclose(dg.jacobian(dg.vmap(lambda x: x**3))(x), np.diag(3 * x**2))


def test_integers_indices_and_choices_in_a_batch(rng: np.random.Generator):
    table, at = rng.normal(size=(5, 2)), np.array([[0, 3, 3], [1, 1, 4]])
    np.testing.assert_array_equal(dg.vmap(lambda i: dg.asarray(table)[i])(at), table[at])
    tables = rng.normal(size=(2, 5, 2))
    got = dg.vmap(lambda t, i: t[i])(tables, at)
    np.testing.assert_array_equal(got, [t[i] for t, i in zip(tables, at, strict=True)])
    np.testing.assert_array_equal(dg.vmap(lambda t: t[at[0]])(tables), tables[:, at[0]])
    g = dg.vmap(dg.grad(lambda t, i: (t[i] ** 2).sum()))(tables, at)
    want = [dg.grad(lambda t, i=i: (t[i] ** 2).sum())(t) for t, i in zip(tables, at, strict=True)]
    np.testing.assert_allclose(g, want)


def names_in(function: Any, *args: Any) -> list[str]:
    """The ops of a traced function."""
    return [node.op.name for node in dg.trace(function)(*args).nodes]


def test_an_embedding_has_one_op_for_all_examples(rng: np.random.Generator):
    table, ids = rng.normal(size=(7, 3)), rng.integers(0, 7, (5, 4))

    def loss(table: Any, ids: Any) -> Any:
        return dg.sum(dg.tanh(dg.asarray(table)[ids]) ** 2)

    each = dg.vmap(dg.grad(loss), (None, 0))
    np.testing.assert_allclose(each(table, ids), [dg.grad(loss)(table, i) for i in ids], rtol=1e-14)
    names = names_in(each, table, ids)
    assert names.count("Index") == names.count("PlaceAdd") == 1
    assert not {"Slice", "Stack", "Unstack"} & set(names)
    assert names == names_in(each, table, np.tile(ids, (10, 1)))
    total = dg.grad(lambda t: dg.sum(dg.vmap(loss, (None, 0))(t, ids)))(table)
    np.testing.assert_allclose(total, each(table, ids).sum(axis=0), rtol=1e-13)


EVERY_INDEX: list[tuple[Any, tuple[int, ...], list[tuple[int, ...]]]] = [
    (lambda i: (i,), (4, 3), [(2,)]),
    (lambda i: (slice(None), i), (4, 3), [(2, 2)]),
    (lambda i: (..., i), (2, 4, 3), [(2,)]),
    (lambda i: (0, ..., i), (2, 4, 3), [(2,)]),
    (lambda i: (None, slice(None), i, 1), (2, 4, 3), [(2,)]),
    (lambda i, j: (i, j), (4, 3), [(2,), (3, 1)]),
    (lambda i, j: (i, slice(None), j), (4, 2, 3), [(2,), (3, 1)]),
    (lambda i, j: (slice(None), i, j), (2, 4, 3), [(2,), ()]),
]


@pytest.mark.parametrize(("index", "shape", "arrays"), EVERY_INDEX)
def test_every_index_in_a_map_of_a_map(
    index: Any, shape: tuple[int, ...], arrays: list[tuple[int, ...]], rng: np.random.Generator
):
    x, lead = rng.normal(size=(2, 3, *shape)), (2, 3)
    places = [rng.integers(-2, 3, (*lead, *a)) for a in arrays]

    def grown(x: Any, *places: Any) -> Any:
        at = index(*places)
        x = dg.asarray(x)
        y = x.at[at].set(x[at] ** 2).at[at].add(dg.sin(x[at]))
        return dg.sum(y * y) + dg.sum(x.at[at].max(-x[at]) * x.at[at].min(x[at] / 2))

    rule = dg.grad(grown)
    got = dg.vmap(dg.vmap(rule))(x, *places)
    want = [[rule(x[k, m], *(a[k, m] for a in places)) for m in range(3)] for k in range(2)]
    np.testing.assert_allclose(got, want, rtol=1e-13)
    mapped = names_in(dg.vmap(dg.vmap(rule)), x, *places)
    assert not {"Stack", "Unstack"} & set(mapped)


def test_searches_and_choices_run_once(rng: np.random.Generator):
    a, v = np.sort(rng.normal(size=(4, 6))), rng.normal(size=(4, 3))
    search = dg.vmap(dg.searchsorted)
    np.testing.assert_array_equal(search(a, v), [np.searchsorted(*row) for row in zip(a, v, strict=True)])
    assert names_in(search, a, v) == ["SearchSorted"]
    keys, p = dg.random.split(dg.random.key(3), 4).data, rng.dirichlet(np.ones(5), size=4)
    for replace in (True, False):

        def draw(key: Any, p: Any, replace: bool = replace) -> Any:
            return dg.random.choice(key, 5, (2,), replace=replace, p=p)

        got = dg.vmap(draw)(keys, p)
        np.testing.assert_array_equal(got, [draw(*row).data for row in zip(keys, p, strict=True)])
        assert names_in(dg.vmap(draw), keys, p) == ["RandomChoice"]


def test_an_empty_batch():
    f = dg.vmap(lambda x: dg.sin(x) * 2)
    assert f(np.zeros((0, 3))).shape == (0, 3)


def test_under_no_grad_it_records_nothing():
    w = dg.array(3.0)
    with dg.no_grad():
        y = dg.vmap(lambda x: x * w)(dg.array([1.0, 2.0]))
    assert not y._active
    assert y.tolist() == [3, 6]


def test_errors():
    f = dg.vmap(lambda x, y: x + y)
    with pytest.raises(ShapeError, match="differ in size"):
        f(np.ones(2), np.ones(3))
    with pytest.raises(ShapeError, match="no axis 0"):
        f(1.0, np.ones(3))
    with pytest.raises(ShapeError, match="does not fit the arguments"):
        dg.vmap(lambda x: x, (0, 0))(np.ones(2))
    with pytest.raises(ShapeError, match="no argument has an axis"):
        dg.vmap(lambda x: x, (None,))(np.ones(2))
    with pytest.raises(TraceError):
        dg.vmap(lambda x: x if x > 0 else -x)(np.ones(2))
