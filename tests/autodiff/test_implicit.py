"""implicit: against closed forms and against the derivative of an unrolled solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DifferentiationError, ShapeError, TraceError


@dg.implicit(lambda x, a: x * x - a, like=lambda a: a)
def newton(a: Any) -> Any:
    x = np.ones_like(a)
    for _ in range(50):
        x = (x + a / x) / 2
    return x


def test_root_to_any_order():
    f: Any = newton
    for want in (0.25, -1 / 32, 3 / 256, -15 / 2048):
        f = dg.grad(f)
        assert f(4.0) == pytest.approx(want, rel=1e-12)


def test_forward_mode_jacobians_and_maps():
    a = np.array([1.0, 4.0, 9.0])
    slope = 0.5 / np.sqrt(a)
    np.testing.assert_allclose(dg.jvp(newton, (a,), (a,))[1], slope * a, rtol=1e-13)
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(dg.jacobian(newton, mode=mode)(a), np.diag(slope), rtol=1e-13)
    np.testing.assert_allclose(dg.vmap(dg.grad(newton))(a), slope, rtol=1e-13)
    np.testing.assert_allclose(dg.hessian(lambda a: newton(a).sum())(a), np.diag(-0.25 * a**-1.5), rtol=1e-12)
    np.testing.assert_allclose(dg.jvp(dg.grad(newton), (4.0,), (1.0,))[1], -1 / 32)


def test_kepler_against_its_closed_form():
    """E − e·sin E = M: ∂E/∂M = 1 / (1 − e cos E), ∂E/∂e = sin E / (1 − e cos E)."""

    @dg.implicit(lambda E, M, e: E - e * np.sin(E) - M)
    def kepler(M: Any, e: Any) -> Any:
        E = M
        for _ in range(60):
            E = E - (E - e * np.sin(E) - M) / (1 - e * np.cos(E))
        return E

    M, e = np.linspace(0.1, 3.0, 5), 0.4
    E = kepler(M, e)
    assert type(E) is np.ndarray
    gM, ge = dg.grad(lambda M, e: kepler(M, e).sum(), (0, 1))(M, e)
    np.testing.assert_allclose(gM, 1 / (1 - e * np.cos(E)), rtol=1e-12)
    np.testing.assert_allclose(ge, np.sum(np.sin(E) / (1 - e * np.cos(E))), rtol=1e-12)
    dg.testing.check_gradients(lambda M, e: kepler(M, e).sum(), M, e, argnums=(0, 1), order=2)


def ridge_loss(w: Any, X: Any, y: Any, strength: Any) -> Any:
    r = X @ w - y
    return (r * r).sum() / 2 + strength * (w * w).sum() / 2


@pytest.mark.parametrize("n", [3, 260])
def test_ridge_regression_against_its_formula(n: int, rng: np.random.Generator):
    """An argmin; with 260 unknowns through GMRES."""

    @dg.implicit(objective=ridge_loss)
    def ridge(X: Any, y: Any, strength: Any) -> Any:
        return np.linalg.solve(X.T @ X + strength * np.eye(X.shape[1]), X.T @ y)

    X, y, u = rng.normal(size=(6, n)), rng.normal(size=6), rng.normal(size=n)
    strength = 0.7
    loss = lambda X, y, strength: (ridge(X, y, strength) * u).sum()  # noqa: E731
    gX, gy, gs = dg.grad(loss, (0, 1, 2))(X, y, strength)
    inverse = np.linalg.inv(X.T @ X + strength * np.eye(n))
    w = ridge(X, y, strength)
    v = inverse @ u
    np.testing.assert_allclose(gy, X @ v, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(gs, -v @ w, rtol=1e-8)
    np.testing.assert_allclose(gX, np.outer(y - X @ w, v) - np.outer(X @ v, w), rtol=1e-7, atol=1e-10)


def test_a_linear_fixed_point_and_its_unrolled_gradient(rng: np.random.Generator):
    A, b = rng.normal(size=(3, 3)) / 6, rng.normal(size=3)
    step = lambda x, A, b: A @ x + b  # noqa: E731

    @dg.implicit(fixed_point=step)
    def settle(A: Any, b: Any) -> Any:
        x = np.zeros(3)
        for _ in range(100):
            x = step(x, A, b)
        return x

    def unrolled(A: Any, b: Any) -> Any:
        x = np.zeros(3)
        for _ in range(100):
            x = step(x, A, b)
        return (x**3).sum()

    got = dg.grad(lambda A, b: (settle(A, b) ** 3).sum(), (0, 1))(A, b)
    for g, want in zip(got, dg.grad(unrolled, (0, 1))(A, b), strict=True):
        np.testing.assert_allclose(g, want, rtol=1e-12)
    np.testing.assert_allclose(settle(A, b), np.linalg.solve(np.eye(3) - A, b), rtol=1e-12)
    np.testing.assert_allclose(dg.jacobian(settle, 1)(A, b), np.linalg.inv(np.eye(3) - A), rtol=1e-12)


def test_structures_of_unknowns_and_parameters():
    """x + y = s, x − y = d."""

    @dg.implicit(lambda z, p: {"x": z["x"] + z["y"] - p["s"], "y": z["x"] - z["y"] - p["d"]})
    def both(p: Any) -> Any:
        return {"x": (p["s"] + p["d"]) / 2, "y": (p["s"] - p["d"]) / 2}

    p = {"s": np.array([1.0, 2.0]), "d": 0.5 * np.ones(2)}
    g = dg.grad(lambda p: (both(p)["x"] * both(p)["y"]).sum())(p)
    np.testing.assert_allclose(g["s"], p["s"] / 2)
    np.testing.assert_allclose(g["d"], -p["d"] / 2)


def test_scipy_may_solve():
    optimize = pytest.importorskip("scipy.optimize")
    f = lambda x, a: np.cos(x) - a * x  # noqa: E731

    @dg.implicit(f)
    def crossing(a: Any) -> Any:
        return np.float64(optimize.brentq(f, 0.0, 2.0, args=(a,), xtol=1e-15))

    x = crossing(1.3)
    assert dg.grad(crossing)(1.3) == pytest.approx(-x / (np.sin(x) + 1.3), rel=1e-10)


def test_it_is_a_node():
    a = dg.array(4.0)
    x = newton(a)
    assert "newton" in str(dg.draw(x).svg)
    x.backward()
    assert a.grad.item() == 0.25
    graph = dg.trace(newton)(9.0)
    assert graph.run(16.0).outputs == (4.0,)
    assert graph.backward().run(16.0, 1.0).outputs[0] == pytest.approx(0.125)
    np.testing.assert_array_equal(newton(np.float32(4.0)).dtype, np.float32)


def test_integers_and_options_go_along():
    @dg.implicit(lambda x, a, n: x**2 * n - a)
    def root(a: Any, n: Any, *, steps: int = 1) -> Any:
        assert steps == 7
        return np.sqrt(a / n)

    assert dg.grad(lambda a: root(a, 2, steps=7))(8.0) == pytest.approx(0.125)


def test_errors():
    with pytest.raises(TypeError, match="one of residual"):
        dg.implicit()
    with pytest.raises(ShapeError, match="does not have the shapes of the solution"):
        dg.implicit(lambda x, a: (x * x).sum() - a)(lambda a: np.ones(2))(2.0)
    w = dg.array(2.0)
    with pytest.raises(DifferentiationError, match="not among its arguments"):
        dg.implicit(lambda x, a: x - a * w)(lambda a: a * 2.0)(3.0)
    with pytest.raises(DifferentiationError, match="singular"):
        dg.grad(dg.implicit(lambda x, a: 0.0 * x - a)(lambda a: a))(1.0)
    with pytest.raises(TraceError, match="like="):
        dg.trace(dg.implicit(lambda x, a: x - a)(lambda a: a))(1.0)
