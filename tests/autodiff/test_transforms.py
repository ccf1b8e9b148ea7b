"""vjp, jvp, jacobian, hessian, hvp, directional: against JAX, in every order of nesting, on everything."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import diagrad as dg
from diagrad.array.tree import map_paths
from diagrad.errors import DifferentiationError, NotDifferentiableError, NotScalarError, ShapeError


def network(p: Any, x: Any, np_: Any) -> Any:
    """Something with a matrix product, a reduction, broadcasting, a division and a choice in it."""
    h = np_.tanh(x @ p["W"] + p["b"][0])
    z = h * p["b"][1] / (1 + np_.sum(h * h, axis=-1, keepdims=True))
    return {"z": np_.where(z > 0, z, 0.1 * z), "s": (np_.sum(z**3), np_.max(h, axis=0))}


@pytest.fixture
def params(rng: np.random.Generator) -> Any:
    return {"W": rng.normal(size=(3, 2)), "b": [rng.normal(size=2), rng.normal(size=(4, 2))]}


@pytest.fixture
def x(rng: np.random.Generator) -> Any:
    return rng.normal(size=(4, 3))


def ours(p: Any, x: Any) -> Any:
    return network(p, x, dg)


def theirs(p: Any, x: Any) -> Any:
    import jax.numpy as jnp

    return network(p, x, jnp)


def random_like(rng: np.random.Generator, x: Any) -> Any:
    return map_paths(lambda _path, a: rng.normal(size=np.shape(a)), x, "")


def assert_same(got: Any, want: Any, rtol: float = 1e-11) -> None:
    import jax

    a, shape_a = jax.tree_util.tree_flatten(jax.tree_util.tree_map(np.asarray, got))
    b, shape_b = jax.tree_util.tree_flatten(jax.tree_util.tree_map(np.asarray, want))
    assert shape_a == shape_b
    for x, y in zip(a, b, strict=True):
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol * np.max(np.abs(y), initial=1e-3))


def test_vjp_and_jvp_equal_jax(params: Any, x: Any, rng: np.random.Generator):
    jax = pytest.importorskip("jax")
    y, pullback = dg.vjp(ours, params, x)
    u, v = random_like(rng, y), random_like(rng, (params, x))
    with jax.enable_x64(True):
        want, their_pullback = jax.vjp(theirs, params, x)
        assert_same(y, want)
        assert_same(pullback(u), their_pullback(u))
        assert_same(dg.jvp(ours, (params, x), v), jax.jvp(theirs, (params, x), v))


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("argnums", [0, 1, (0, 1), (1,), -1])
def test_jacobians_equal_jax(params: Any, x: Any, mode: Any, argnums: Any):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        want = jax.jacrev(theirs, argnums if argnums != -1 else 1)(params, x)
    assert_same(dg.jacobian(ours, argnums, mode=mode)(params, x), want)


def total(p: Any, x: Any) -> Any:
    r = ours(p, x)
    return dg.sum(r["z"] ** 2) * r["s"][0] + dg.sum(r["s"][1] ** 3)


def their_total(p: Any, x: Any) -> Any:
    r = theirs(p, x)
    return (r["z"] ** 2).sum() * r["s"][0] + (r["s"][1] ** 3).sum()


def test_hessians_and_their_products_equal_jax(params: Any, x: Any, rng: np.random.Generator):
    jax = pytest.importorskip("jax")
    v = random_like(rng, (params, x))
    with jax.enable_x64(True):
        assert_same(dg.hessian(total)(params, x), jax.hessian(their_total)(params, x))
        both = jax.jvp(jax.grad(their_total, (0, 1)), (params, x), v)[1]
        one = jax.jvp(lambda p: jax.grad(their_total)(p, x), (params,), (v[0],))[1]
    assert_same(dg.hvp(total, (params, x), v), both)
    assert_same(dg.hvp(total, (params, x), (v[0], None)), one)


def test_hessian_by_two_arguments_has_blocks():
    h = dg.hessian(lambda a, b: (a * a * b).sum(), (0, 1))(np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    np.testing.assert_array_equal(h[0][1], np.diag([2.0, 4.0]))
    np.testing.assert_array_equal(h[1][1], np.zeros((2, 2)))


# ---------------------------------------------------------------- nesting


def cubic(x: Any) -> Any:
    return dg.sum(dg.sin(x) * x * x) if isinstance(x, dg.Array) else np.sum(np.sin(x) * x * x)


def by_grad(f: Any) -> Any:
    return lambda x: dg.sum(dg.grad(f)(x) * WEIGHT)


def by_jvp(f: Any) -> Any:
    return lambda x: dg.jvp(f, (x,), (WEIGHT,))[1]


def by_vjp(f: Any) -> Any:
    return lambda x: dg.sum(dg.vjp(f, x)[1](1.0)[0] * WEIGHT)


def by_jacobian(f: Any) -> Any:
    return lambda x: dg.sum(dg.jacobian(f)(x) * WEIGHT)


def by_forward_jacobian(f: Any) -> Any:
    return lambda x: dg.sum(dg.jacobian(f, mode="forward")(x) * WEIGHT)


def by_vmap(f: Any) -> Any:
    return lambda x: dg.sum(dg.vmap(dg.grad(f))(dg.stack([x, x * 0.0]))[0] * WEIGHT)


def by_mapped_jvp(f: Any) -> Any:
    return lambda x: dg.vmap(lambda v: dg.jvp(f, (x,), (v,))[1])(np.stack([WEIGHT, 2 * WEIGHT]))[0]


WEIGHT = np.array([0.3, -1.2, 0.7])
WAYS = [by_grad, by_jvp, by_vjp, by_jacobian, by_forward_jacobian, by_vmap, by_mapped_jvp]
"""Ways to take the derivative along WEIGHT; each gives a scalar function again."""


@pytest.mark.parametrize(
    "ways", [*itertools.product(WAYS, repeat=2)], ids=lambda w: "-".join(f.__name__ for f in w)
)
def test_every_transform_of_every_transform(ways: tuple[Callable[..., Any], ...]):
    x = np.array([0.4, 1.1, -0.6])
    f: Any = cubic
    for way in ways:
        f = way(f)
    second = 2 * np.sin(x) + 4 * x * np.cos(x) - x * x * np.sin(x)
    for got in (f(x), f(dg.array(x))):
        np.testing.assert_allclose(float(got), np.sum(second * WEIGHT**2), rtol=1e-12)


@pytest.mark.parametrize("last", WAYS)
def test_third_derivatives(last: Any):
    x = np.array([0.4, 1.1, -0.6])
    third = 6 * np.cos(x) - 6 * x * np.sin(x) - x * x * np.cos(x)
    for first, second in ((by_jvp, by_grad), (by_grad, by_jvp), (by_vmap, by_forward_jacobian)):
        got = last(second(first(cubic)))(x)
        np.testing.assert_allclose(float(got), np.sum(third * WEIGHT**3), rtol=1e-12)


def test_jacobian_of_jacobian():
    def f(x):
        return dg.stack([x[0] ** 2 * x[1], dg.sin(x[1])])

    got = dg.jacobian(dg.jacobian(f))(np.array([2.0, 0.5]))
    want = np.zeros((2, 2, 2))
    want[0] = [[1.0, 4.0], [4.0, 0.0]]
    want[1, 1, 1] = -np.sin(0.5)
    np.testing.assert_allclose(got, want, rtol=1e-14)


def test_directional_derivatives_of_any_order():
    got = dg.directional(dg.exp, (np.array([0.0, 1.0]),), (np.array([2.0, 1.0]),), order=4)
    for k, d in enumerate(got):
        np.testing.assert_allclose(d, np.exp([0.0, 1.0]) * [2.0**k, 1.0], rtol=1e-13)
    assert dg.directional(lambda x: {"a": x * x}, (3.0,), (1.0,), order=2)[2]["a"] == 2
    assert dg.directional(lambda x: x * x, (3.0,), (1.0,), order=0) == (9.0,)


def test_perturbations_do_not_mix():
    """d/dx [x · d/dy (x + y)] = 1, with an inner derivative of each kind."""
    for inner in (by_jvp_at, by_vjp_at, dg.jacobian):
        check_no_mixing(inner)


def by_jvp_at(f: Any) -> Any:
    return lambda y: dg.jvp(f, (y,), (1.0,))[1]


def by_vjp_at(f: Any) -> Any:
    return lambda y: dg.vjp(f, y)[1](1.0)[0]


def check_no_mixing(inner: Any) -> None:
    assert float(dg.jvp(lambda x: x * inner(lambda y: x + y)(2.0), (3.0,), (1.0,))[1]) == 1
    assert float(dg.grad(lambda x: x * inner(lambda y: x * y * y)(2.0))(3.0)) == 24
    assert float(dg.jacobian(lambda x: x * inner(lambda y: x * y * y)(x))(3.0)) == 54


# ---------------------------------------------------------------- closures, Arrays, tracing


def test_closures_over_arrays_are_differentiated_through():
    w = dg.array(2.0, name="w")
    for value in (
        dg.jvp(lambda x: w * w * x * x, (3.0,), (1.0,))[1],
        dg.vjp(lambda x: w * w * x * x, 3.0)[1](1.0)[0],
        dg.jacobian(lambda x: w * w * x * x)(3.0),
        dg.jacobian(lambda x: w * w * x * x, mode="forward")(3.0),
        dg.hessian(lambda x: w * w * x * x * x / 3)(3.0),
        dg.hvp(lambda x: w * w * x * x * x / 3, (3.0,), (1.0,)),
        dg.directional(lambda x: w * w * x * x, (3.0,), (1.0,))[1],
    ):
        w.grad = None
        value.backward()
        assert (value.item(), w.grad.item()) == (24, 24)


def test_a_closure_over_what_an_outer_transform_differentiates():
    got = dg.grad(lambda w: dg.jvp(lambda x: w * w * x * x, (3.0,), (w,))[1])(2.0)  # 6 w³
    assert float(got) == 72


def test_numpy_in_numpy_out_and_nothing_recorded():
    x = np.array([1.0, 2.0])

    def f(x):
        return x * x

    y, pullback = dg.vjp(f, x)
    for made in (
        y,
        pullback(x)[0],
        *dg.jvp(f, (x,), (x,)),
        dg.jacobian(f)(x),
        dg.directional(f, (x,), (x,))[1],
    ):
        assert type(made) is np.ndarray
    assert type(dg.hessian(lambda x: x * x)(2.0)) in (np.float64, np.ndarray)
    assert type(dg.hvp(lambda x: (x * x).sum(), (x,), (x,))) is np.ndarray


def test_arrays_in_differentiable_arrays_out():
    x, v = dg.array([1.0, 2.0]), dg.array([1.0, 0.5])
    y, d = dg.jvp(lambda x: x**3, (x,), (v,))
    d.sum().backward()
    np.testing.assert_allclose(x.grad, 6 * x.data * v.data)
    np.testing.assert_allclose(v.grad, 3 * x.data**2)
    assert isinstance(y, dg.Array)
    x.grad = None
    dg.jacobian(lambda x: x**3)(x).sum().backward()
    np.testing.assert_allclose(x.grad, 6 * x.data)


def test_an_array_as_direction_or_upstream_alone_is_enough():
    v = dg.array(2.0)
    dg.jvp(lambda x: x * x, (3.0,), (v,))[1].backward()
    assert v.grad.item() == 6
    v.grad = None
    dg.vjp(lambda x: x * x, 3.0)[1](v)[0].backward()
    assert v.grad.item() == 6


@pytest.mark.parametrize(
    "function",
    [
        lambda x: dg.jvp(lambda x: dg.sin(x) * x, (x,), (x * 2,))[1],
        lambda x: dg.vjp(lambda x: dg.sin(x) * x, x)[1](x)[0],
        dg.jacobian(lambda x: dg.sin(x) * x),
        dg.jacobian(lambda x: dg.sin(x) * x, mode="forward"),
        dg.hessian(lambda x: (dg.sin(x) * x).sum()),
        lambda x: dg.hvp(lambda x: (dg.sin(x) * x).sum(), (x,), (x,)),
        lambda x: dg.grad(lambda y: (y * x).sum())(dg.stop_gradient(x)),
    ],
)
def test_they_can_be_traced(function: Any):
    x = np.array([0.5, 1.5])
    graph = dg.trace(function)(x)
    np.testing.assert_allclose(graph.run(x).outputs[0], function(x), rtol=1e-14)
    assert [value.name for value in graph.inputs] == ["x"]


def test_an_integer_converted_under_trace_can_be_differentiated():
    graph = dg.trace(lambda n: dg.grad(lambda x: x * x)(n.astype(float)))(3)
    assert graph.run(3).outputs[0] == 6


def test_under_no_grad_a_derivative_is_a_constant():
    x = dg.array(3.0)
    with dg.no_grad():
        found = [
            dg.grad(lambda x: x * x)(x),
            dg.jvp(lambda x: x * x, (x,), (1.0,))[1],
            dg.vjp(lambda x: x * x, x)[1](1.0)[0],
            dg.jacobian(lambda x: x * x)(x),
            dg.array(dg.grad(lambda x: x * x)(3.0)),
        ]
    for d in found:
        assert d.item() == 6
        with pytest.raises(NotDifferentiableError):
            (d * 1.0).backward()


# ---------------------------------------------------------------- dtypes, shapes, structures


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_the_dtype_stays(dtype: Any):
    x = np.array([1.0, 2.0], dtype)

    def f(x):
        return dg.exp(x) * x

    found = [*dg.jvp(f, (x,), (x,)), dg.vjp(f, x)[1](x)[0], dg.jacobian(f)(x)]
    found += [dg.jacobian(f, mode="forward")(x), dg.hessian(lambda x: f(x).sum())(x)]
    found += [dg.jacobian(lambda x: np.float32(2.0))(x), dg.directional(f, (x,), (x,), 2)[2]]
    assert {y.dtype for y in found} == {np.dtype(dtype)}


def test_complex_arguments_follow_the_holomorphic_rule():
    """Rules do not conjugate, as in JAX and autograd: a holomorphic function has its complex derivative."""
    z = np.array([1.0 + 2.0j, -0.5 + 0.3j])

    def f(z):
        return dg.exp(z) * z

    want = np.exp(z) * (z + 1)
    np.testing.assert_allclose(np.diag(dg.jacobian(f)(z)), want)
    np.testing.assert_allclose(np.diag(dg.jacobian(f, mode="forward")(z)), want)
    np.testing.assert_allclose(dg.jvp(f, (z,), (1j * np.ones(2),))[1], 1j * want)
    np.testing.assert_allclose(dg.vjp(f, z)[1](1j * np.ones(2))[0], 1j * want)


def test_arrays_without_elements():
    x = np.zeros((0, 2))

    def f(x):
        return dg.sin(x).sum(axis=0)

    assert dg.jacobian(f)(x).shape == (2, 0, 2)
    assert dg.jacobian(f, mode="forward")(x).shape == (2, 0, 2)
    assert dg.jacobian(dg.sin)(x).shape == (0, 2, 0, 2)
    np.testing.assert_array_equal(dg.jvp(f, (x,), (x,))[1], [0, 0])
    assert dg.hessian(lambda x: dg.sin(x).sum())(x).shape == (0, 2, 0, 2)


class Pair(NamedTuple):
    a: Any
    b: Any


def test_structures_in_and_out():
    def f(p):
        return OrderedDict(y=p.a * p.b["w"], z=None)

    p = Pair(np.array([1.0, 2.0]), {"w": 3.0, "none": None})
    y, pullback = dg.vjp(f, p)
    assert type(y) is OrderedDict
    (g,) = pullback(OrderedDict(y=np.ones(2), z=None))
    assert type(g) is Pair
    np.testing.assert_array_equal(g.a, [3, 3])
    assert g.b == {"w": 3.0, "none": None}
    d = dg.jvp(f, (p,), (Pair(np.ones(2), {"w": 0.0, "none": None}),))[1]
    np.testing.assert_array_equal(d["y"], [3, 3])
    j = dg.jacobian(f)(p)
    np.testing.assert_array_equal(j["y"].b["w"], [1, 2])


def test_a_registered_class_is_a_structure():
    optree = pytest.importorskip("optree")

    @optree.dataclasses.dataclass(namespace="diagrad")
    class Layer:
        w: Any
        b: Any

    g = dg.grad(lambda p: (p.w * p.w).sum() + 3.0 * p.b)(Layer(np.array([1.0, 2.0]), 4.0))
    assert isinstance(g, Layer)
    assert (g.w.tolist(), g.b) == ([2, 4], 3)


def test_integers_go_along():
    def f(x, n):
        return x * n

    assert dg.jvp(f, (2.0, 3), (1.0, None)) == (6, 3)
    y, pullback = dg.vjp(f, 2.0, 3, argnums=(0,))
    assert (y, pullback(1.0)) == (6, (3,))
    assert dg.hvp(lambda x, n: x**3 * n, (2.0, 5), (1.0, None)) == 60
    with pytest.raises(NotDifferentiableError, match="int64"):
        dg.jvp(f, (2.0, 3), (1.0, 1))


def test_something_else_is_handed_on():
    def f(x):
        return (x * x, {"twice": 2 * x})

    assert dg.vjp(f, 3.0, has_aux=True)[2] == {"twice": 6}
    assert dg.jvp(f, (3.0,), (1.0,), has_aux=True) == (9, 6, {"twice": 6})
    assert dg.jacobian(f, has_aux=True)(3.0) == (6, {"twice": 6})
    with pytest.raises(DifferentiationError, match="does not give a pair"):
        dg.jvp(lambda x: x, (3.0,), (1.0,), has_aux=True)


def test_a_result_that_does_not_depend_on_its_argument():
    def f(x):
        return (x * 2, np.ones(3))

    _y, d = dg.jvp(f, (1.0,), (1.0,))
    assert (d[0], d[1].tolist()) == (2, [0, 0, 0])
    assert dg.jacobian(f)(1.0)[1].tolist() == [0, 0, 0]
    assert dg.vjp(f, 1.0)[1]((1.0, np.ones(3))) == (2,)


def test_the_same_argument_twice():
    x = dg.array(3.0)
    assert float(dg.jvp(lambda a, b: a * b * b, (x, x), (1.0, 0.0))[1]) == 9
    assert [float(g) for g in dg.vjp(lambda a, b: a * b * b, x, x)[1](1.0)] == [9, 18]


def test_a_pullback_can_be_called_again():
    _, pullback = dg.vjp(lambda x: x**3, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(pullback(np.array([1.0, 0.0]))[0], [3, 0])
    np.testing.assert_array_equal(pullback(np.array([0.0, 1.0]))[0], [0, 12])


def test_errors():
    def f(x):
        return x * x

    with pytest.raises(ShapeError, match="direction"):
        dg.jvp(f, (np.ones(2),), (np.ones(3),))
    with pytest.raises(ShapeError, match="upstream gradient"):
        dg.vjp(f, np.ones(2))[1](np.ones(3))
    with pytest.raises(DifferentiationError, match="2 directions"):
        dg.jvp(f, (1.0,), (1.0, 2.0))
    with pytest.raises(DifferentiationError, match="no mode"):
        dg.jacobian(f, mode="sideways")  # type: ignore[arg-type]
    with pytest.raises(NotDifferentiableError, match="ArgMax"):
        dg.jacobian(dg.argmax)(np.ones(2))
    with pytest.raises(NotScalarError):
        dg.hessian(f)(np.ones(2))
    with pytest.raises(DifferentiationError, match="order -1"):
        dg.directional(f, (1.0,), (1.0,), order=-1)
