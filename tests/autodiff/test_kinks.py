"""Kinks, ties and edges of domains: what PyTorch and JAX do, as the docstrings say.

Each case gives a function, a point, and the gradient. Where PyTorch and JAX differ, it says whom we follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import diagrad as dg

inf, nan = np.inf, np.nan
BOTH = ("torch", "jax")


class Case(NamedTuple):
    """``dg``, ``torch`` and ``jax`` are called ``m`` in the function, which gives an array of any shape."""

    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    gradients: tuple[Any, ...]
    like: tuple[str, ...] = BOTH


CASES = {
    "abs at 0": Case(lambda m, x: m.abs(x), ([-1.0, -0.0, 0.0, 2.0],), ([-1, 0, 0, 1],), ("torch",)),
    "sign": Case(lambda m, x: m.sign(x), ([-1.0, 0.0, 2.0],), ([0, 0, 0],)),
    "relu at 0": Case(lambda m, x: m.relu(x), ([-1.0, -0.0, 0.0, 2.0],), ([0, 0, 0, 1],)),
    "relu of NaN and infinity": Case(lambda m, x: m.relu(x), ([-inf, inf],), ([0, 1],)),
    "maximum, tie": Case(
        lambda m, x, y: m.maximum(x, y), ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]), ([0, 0.5, 1], [1, 0.5, 0])
    ),
    "minimum, tie": Case(
        lambda m, x, y: m.minimum(x, y), ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]), ([1, 0.5, 0], [0, 0.5, 1])
    ),
    "maximum of a value and itself": Case(lambda m, x: m.maximum(x, x), ([1.0, -1.0],), ([1, 1],)),
    "maximum of equal infinities": Case(lambda m, x, y: m.maximum(x, y), ([inf], [inf]), ([0.5], [0.5])),
    "max, tie": Case(
        lambda m, x: m.amax(x, 1), ([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]],), ([[0, 0.5, 0.5], [1 / 3] * 3],)
    ),
    "min, tie": Case(lambda m, x: m.amin(x, 0), ([[1.0, 3.0], [1.0, 5.0]],), ([[0.5, 1], [0.5, 0]],)),
    "sqrt at 0": Case(lambda m, x: m.sqrt(x), ([0.0, 4.0],), ([inf, 0.25],)),
    "log at 0": Case(lambda m, x: m.log(x), ([0.0, 2.0],), ([inf, 0.5],)),
    "log1p at -1": Case(lambda m, x: m.log1p(x), ([-1.0, 1.0],), ([inf, 0.5],)),
    "square of sqrt at 0": Case(lambda m, x: m.sqrt(x) * m.sqrt(x), ([0.0],), ([nan],)),
    "division by 0": Case(lambda m, x, y: x / y, ([1.0, 0.0], [0.0, 2.0]), ([inf, 0.5], [-inf, 0])),
    "x**0": Case(
        lambda m, x, y: x**y,
        ([0.0, 2.0, -1.0], [0.0, 0.0, 0.0]),
        ([0, 0, 0], [0, np.log(2), nan]),
        ("torch",),
    ),
    "x**0 to x": Case(lambda m, x: x**0.0, ([0.0, 2.0, -1.0],), ([0, 0, 0],), ("torch",)),
    "x**1 at 0": Case(lambda m, x: x**1.0, ([0.0],), ([1],)),
    "x**0.5 at 0": Case(lambda m, x: x**0.5, ([0.0],), ([inf],)),
    "x**-1 at 0": Case(lambda m, x: x**-1.0, ([0.0],), ([-inf],)),
    "x**2 at 0": Case(lambda m, x: x**2, ([0.0, -3.0],), ([0, -6],)),
    "x**3 below 0": Case(lambda m, x: x**3, ([-2.0, 0.0],), ([12, 0],)),
    "x**3.0 below 0": Case(lambda m, x: x**3.0, ([-2.0, 0.0],), ([12, 0],)),
    "x**-2 below 0": Case(lambda m, x: x**-2.0, ([-2.0],), ([0.25],)),
    "0**y": Case(lambda m, y: 0.0**y, ([0.0, 1.0, 2.5],), ([0, 0, 0],)),
    "0**y and x": Case(lambda m, x, y: x**y, ([0.0, 0.0], [1.0, 2.0]), ([1, 0], [0, 0])),
    "2**y": Case(lambda m, y: 2.0**y, ([0.0, 3.0],), ([np.log(2), 8 * np.log(2)],)),
    "where, the other branch infinite": Case(
        lambda m, x: m.where(x > 0, m.log(x), x), ([0.0, 2.0],), ([nan, 0.5],)
    ),
    "where, with a harmless argument": Case(
        lambda m, x: m.where(x > 0, m.log(m.where(x > 0, x, 1.0 + 0 * x)), x), ([0.0, 2.0],), ([1, 0.5],)
    ),
    "where, values infinite and derivatives not": Case(
        lambda m, x: m.where(x > 0, x, x * inf), ([1.0],), ([nan],)
    ),
    "tanh and sigmoid far out": Case(lambda m, x: m.tanh(x), ([-800.0, 800.0],), ([0, 0],)),
    "exp far out": Case(lambda m, x: m.exp(x), ([-inf, -800.0],), ([0, 0],)),
    "NaN through a sum": Case(lambda m, x: x * x, ([nan, 1.0],), ([nan, 2],)),
}


def module(name: str) -> Any:
    """The namespace that a case is written in."""
    if name == "torch":
        return pytest.importorskip("torch")
    if name == "jax":
        jax = pytest.importorskip("jax")

        class Names:
            relu = staticmethod(jax.nn.relu)

            def __getattr__(self, function: str) -> Any:
                return getattr(jax.numpy, function)

        return Names()

    class Ours:
        amax = staticmethod(lambda x, axis: dg.max(x, axis=axis))
        amin = staticmethod(lambda x, axis: dg.min(x, axis=axis))

        def __getattr__(self, function: str) -> Any:
            return getattr(dg, function)

    return Ours()


def gradients_of(name: str, case: Case) -> tuple[Any, ...]:
    """The gradient of the sum of a case's result, by one of the three."""
    m = module(name)
    inputs = [np.array(x) for x in case.inputs]
    if name == "torch":
        xs = [m.tensor(x, requires_grad=True) for x in inputs]
        case.function(m, *xs).sum().backward()
        return tuple(x.grad.numpy() for x in xs)
    if name == "jax":
        import jax

        with jax.enable_x64(True):
            return jax.grad(lambda *xs: case.function(m, *xs).sum(), tuple(range(len(inputs))))(*inputs)
    return dg.grad(lambda *xs: case.function(m, *xs).sum(), range(len(inputs)))(*inputs)


@pytest.mark.parametrize("name", CASES)
def test_the_gradient(name: str):
    case = CASES[name]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(gradients_of("diagrad", case), np.array(case.gradients, float), rtol=1e-15)


@pytest.mark.parametrize("other", BOTH)
@pytest.mark.parametrize("name", CASES)
def test_it_is_theirs(name: str, other: str):
    case = CASES[name]
    if other not in case.like:
        pytest.skip("here the two differ and we follow the other")
    np.testing.assert_allclose(gradients_of(other, case), np.array(case.gradients, float), rtol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_building_gives_the_same_as_computing(name: str):
    case = CASES[name]
    xs = [dg.array(x) for x in case.inputs]
    with np.errstate(all="ignore"):
        case.function(module("diagrad"), *xs).sum().backward(create_graph=True)
    for x, want in zip(xs, case.gradients, strict=True):
        np.testing.assert_allclose(x.grad, np.array(want, float), rtol=1e-15)


QUIET = [
    "abs at 0",
    "relu at 0",
    "maximum, tie",
    "max, tie",
    "x**0",
    "x**0 to x",
    "x**1 at 0",
    "x**2 at 0",
    "x**3 below 0",
    "x**3.0 below 0",
    "x**-2 below 0",
    "0**y",
    "0**y and x",
    "2**y",
    "where, with a harmless argument",
    "tanh and sigmoid far out",
    "sign",
]


@pytest.mark.parametrize("name", [name for name in QUIET if name != "x**0"])
def test_no_warning_where_the_gradient_is_finite(name: str):
    """Warnings are errors here."""
    gradients_of("diagrad", CASES[name])


def test_max_of_nan_is_nan_and_its_gradient_too():
    x = dg.array([1.0, nan, 3.0])
    y = x.max()
    with np.errstate(all="ignore"):
        y.backward()
    assert np.isnan(y.data)
    assert np.isnan(x.grad.data).all()


def test_sigmoid_and_softplus_far_out_do_not_overflow():
    x = dg.array([-1e4, -40.0, 0.0, 40.0, 1e4])
    y = dg.sigmoid(x)
    y.sum().backward()
    assert np.isfinite(y.data).all()
    np.testing.assert_allclose(x.grad, [0, 4.248354255291589e-18, 0.25, 4.248354255291589e-18, 0], atol=1e-17)


def test_power_of_integers():
    assert dg.array([2, 3]).__pow__(2).tolist() == [4, 9]
    assert (dg.array([2, 3]) ** dg.array([3, 2])).tolist() == [8, 9]
