"""Stable forms against 60 digits, where the plain forms fail; and the same numbers where those do not."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import diagrad as dg
from diagrad import ops
from diagrad.array.align import elementwise
from diagrad.draw.gates import check, compare
from diagrad.ir import Op
from diagrad.passes.stabilise import REWRITES, Rewrite, changes, stabilise
from diagrad.passes.stabilise.pattern import match, parse

mp.dps = 60

BY_NAME = {rewrite.name: rewrite for rewrite in REWRITES}


def _shares(xs: list[mpf]) -> list[mpf]:
    total = mpmath.fsum(map(mpmath.exp, xs))
    return [mpmath.exp(x) / total for x in xs]


def _variance(xs: list[mpf]) -> mpf:
    mean = mpmath.fsum(xs) / len(xs)
    return mpmath.fsum((x - mean) ** 2 for x in xs) / len(xs)


EXACT: dict[str, Callable[..., Any]] = {
    "log_softmax": lambda xs: [mpmath.log(p) for p in _shares(xs)],
    "softmax": _shares,
    "logsumexp": lambda xs: mpmath.log(mpmath.fsum(map(mpmath.exp, xs))),
    "log of the sigmoid": lambda x: -mpmath.log(1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "log(1 − exp(x))": lambda x: mpmath.log(1 - mpmath.exp(x)),
    "log1p": lambda x: mpmath.log(1 + x),
    "log1p of −x": lambda x: mpmath.log(1 - x),
    "log of exp": lambda x: x,
    "log of cosh": lambda x: mpmath.log(mpmath.cosh(x)),
    "expm1": lambda x: mpmath.exp(x) - 1,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "1 − sigmoid": lambda x: 1 - 1 / (1 + mpmath.exp(-x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "x · log x": lambda x: x * mpmath.log(x) if x else mpf(0),
    "|x|": abs,
    "hypot": lambda x, y: mpmath.sqrt(x**2 + y**2),
    "1 − cos": lambda x: 1 - mpmath.cos(x),
    "variance": _variance,
    "difference of roots": lambda x: mpmath.sqrt(x + 1) - mpmath.sqrt(x),
}

BENIGN: dict[str, tuple[Any, ...]] = {
    "log(1 − exp(x))": (-0.8,),
    "log1p of −x": (0.3,),
    "hypot": (0.6, -1.1),
    "logsumexp": ([0.3, -0.4, 1.2],),
    "softmax": ([0.3, -0.4, 1.2],),
    "log_softmax": ([0.3, -0.4, 1.2],),
    "variance": ([0.3, -0.4, 1.2],),
}
"""Arguments on which both forms are right; 0.7 where nothing is said."""

DERIVATIVES: dict[str, float] = {"sigmoid": 0.0, "silu": 0.0, "|x|": 0.0}
"""The exact derivative where only that of the plain form fails."""


def exact(name: str, args: tuple[Any, ...]) -> np.ndarray:
    wide = [[mpf(x) for x in a] if isinstance(a, list) else mpf(a) for a in args]
    return np.array(EXACT[name](*wide), dtype=float)


def value(function: Callable[..., Any], args: tuple[Any, ...]) -> np.ndarray:
    with np.errstate(all="ignore"), dg.no_grad():
        return np.asarray(function(*map(np.asarray, args)).data)


def gradient(function: Callable[..., Any], x: float) -> float:
    with np.errstate(all="ignore"):
        return float(dg.grad(function)(x))


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_it_is_right_where_the_plain_form_fails(rewrite: Rewrite):
    want = exact(rewrite.name, rewrite.fails)
    plain, stable = value(rewrite.plain, rewrite.fails), value(stabilise(rewrite.plain), rewrite.fails)
    np.testing.assert_allclose(stable, want, rtol=1e-14)
    if rewrite.name in DERIVATIVES:
        assert np.isnan(gradient(rewrite.plain, *rewrite.fails))
        assert gradient(stabilise(rewrite.plain), *rewrite.fails) == DERIVATIVES[rewrite.name]
    else:
        assert not np.allclose(plain, want, rtol=1e-3, atol=0.0)


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_it_means_the_same_where_both_are_right(rewrite: Rewrite):
    args = BENIGN.get(rewrite.name, (0.7,))
    want = exact(rewrite.name, args)
    for function in (rewrite.plain, stabilise(rewrite.plain)):
        np.testing.assert_allclose(value(function, args), want, rtol=1e-13)
    numbers = tuple(range(len(args)))
    both = [
        dg.grad(lambda *xs, f=f: dg.sum(f(*xs)), numbers) for f in (rewrite.plain, stabilise(rewrite.plain))
    ]
    for a, b in zip(*(g(*map(np.asarray, args)) for g in both), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_before_and_after_are_drawn(rewrite: Rewrite):
    graph = dg.trace(rewrite.plain)(*map(np.asarray, BENIGN.get(rewrite.name, (0.7,))))
    for each in (graph, stabilise(graph)):
        figure = dg.draw(each, *(BENIGN.get(rewrite.name, (0.7,))))
        about = figure.content
        assert check(figure.svg) + compare(figure.svg, about.graph, about.values, about.gradients) == []


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_it_says_what_it_changes_and_changes_it_once(rewrite: Rewrite):
    graph = dg.trace(rewrite.plain)(*map(np.asarray, BENIGN.get(rewrite.name, (0.7,))))
    made = changes(graph)
    assert made[0].rewrite is rewrite
    assert rewrite.reason in str(made[0])
    assert changes(stabilise(graph)) == []


ELEMENTWISE = [
    (rewrite, pattern)
    for rewrite in REWRITES
    for pattern in rewrite.patterns
    if not any(op in pattern for op in ("Sum", "Mean", "Softmax"))
]


@pytest.mark.parametrize(("rewrite", "pattern"), ELEMENTWISE, ids=lambda x: getattr(x, "name", x))
def test_every_way_to_write_it_is_known(rewrite: Rewrite, pattern: str):
    code = compile(ast.Expression(parse(pattern)), "pattern", "eval")
    calls = {name: partial(elementwise, kind()) for name, kind in Op.registry.items() if name in pattern}
    graph = dg.trace(lambda x, y: eval(code, {**calls, "x": x, "y": y}))(0.25, 0.5)
    assert rewrite in [change.rewrite for change in changes(graph)]


def test_patterns():
    x, y = dg.array(2.0), dg.array(3.0)
    assert match("Log(Add(1, x))", dg.log(x + 1.0)) == {"x": x}
    assert match("Log(Add(1, x))", dg.log(x + 2.0)) is None
    assert match("Multiply(x, Log(x))", dg.log(x) * x) == {"x": x}
    assert match("Multiply(x, Log(x))", dg.log(x) * y) is None
    assert set(match("(s := Exp(x))", dg.exp(x)) or {}) == {"s", "x"}


def test_it_reaches_into_a_model_and_leaves_the_rest_alone():
    W, b = np.ones((2, 3)), np.zeros(3)

    def loss(X: Any, W: Any, b: Any) -> Any:
        p = dg.softmax(X @ W + b)
        return -dg.mean(dg.log(p)[:, 0])

    graph = dg.trace(loss)(np.ones((4, 2)), W, b)
    stable = stabilise(graph)
    assert [change.rewrite.name for change in changes(graph)] == ["log_softmax"]
    assert [x.name for x in stable.inputs] == ["X", "W", "b"]
    X = np.array([[1.0, 2.0], [-800.0, 1.0], [0.0, 0.5], [3.0, 1.0]])
    W = np.array([[1.0, -1.0, 0.5], [0.0, 2.0, 1.0]])
    with np.errstate(divide="ignore"):
        assert np.isinf(graph.run(X, W, b).outputs[0])
    assert np.isfinite(stable.run(X, W, b).outputs[0])
    assert np.isfinite(dg.grad(stabilise(loss), argnums=1)(X, W, b)).all()


def test_gradients_reach_what_a_function_closes_over():
    w = dg.array(3.0)
    stabilise(lambda x: dg.log(1 + w * x))(2.0).backward()
    assert w.grad.item() == pytest.approx(2 / 7)


def test_nothing_changes_unless_it_is_asked_for():
    x = dg.array(1e-18)
    assert dg.log(1 + x).item() == 0.0
    assert ops.Log in {type(node.op) for node in dg.graph(dg.log(1 + x)).nodes}
