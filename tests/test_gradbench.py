"""The GradBench tool: what it answers, against the definitions of the evals in plain NumPy."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def ask(monkeypatch):
    """Asks the tool to evaluate a function."""
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.gradbench.protocol import answers

    def ask(module, function, given):
        message = {"id": 3, "kind": "evaluate", "module": module, "function": function, "input": given}
        (answer,) = map(json.loads, answers([json.dumps(message)]))
        assert answer["success"], answer["error"]
        assert answer["id"] == 3
        assert all(t["name"] == "evaluate" and t["nanoseconds"] >= 0 for t in answer["timings"])
        if isinstance(given, dict):
            assert len(answer["timings"]) >= given["min_runs"]
        return answer["output"]

    return ask


def slope(f, x, h=1e-6):
    """The gradient of f at x by central differences."""
    steps = h * np.eye(x.size)
    return np.array([(f(x + s.reshape(x.shape)) - f(x - s.reshape(x.shape))) / (2 * h) for s in steps])


def test_over_a_pipe():
    messages = [
        {"id": 0, "kind": "start", "eval": "hello"},
        {"id": 1, "kind": "define", "module": "hello"},
        {"id": 2, "kind": "define", "module": "unheard of"},
        {"id": 3, "kind": "evaluate", "module": "hello", "function": "square", "input": 3.0},
        {"id": 4, "kind": "evaluate", "module": "hello", "function": "double", "input": 3.0},
        {"id": 5, "kind": "analysis", "of": 3, "valid": True},
        {"id": 6, "kind": "evaluate", "module": "hello", "function": "unheard of", "input": 3.0},
    ]
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.gradbench"],
        input="".join(json.dumps(m) + "\n" for m in messages),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    start, good, bad, square, double, analysis, failed = map(json.loads, run.stdout.splitlines())
    assert start == {"id": 0, "tool": "diagrad"}
    assert (good["success"], bad["success"]) == (True, False)
    assert (square["output"], double["output"]) == (9.0, 6.0)
    assert analysis == {"id": 5}
    assert not failed["success"]
    assert "AttributeError" in failed["error"]


def test_kmeans_goes_to_the_means(ask):
    rng = np.random.default_rng(0)
    points = rng.random((60, 3))
    centroids = points[-4:]
    given = {"points": points.tolist(), "centroids": centroids.tolist(), "min_runs": 2, "min_seconds": 0}
    squares = ((points[:, None] - centroids) ** 2).sum(2)
    nearest = squares.argmin(1)
    np.testing.assert_allclose(ask("kmeans", "cost", given), squares.min(1).sum(), rtol=1e-12)
    means = np.stack([points[nearest == k].mean(0) for k in range(4)])
    np.testing.assert_allclose(ask("kmeans", "dir", given), centroids - means, atol=1e-12)


def log_posterior(alpha, mu, q, l, x, m, gamma):  # noqa: E741  (the eval's name)
    """From the densities themselves."""
    d = mu.shape[1]
    total = 0.0
    precisions = []
    for a, b in zip(q, l, strict=True):
        Q = np.diag(np.exp(a))
        Q[np.triu_indices(d, 1)[::-1]] = b
        precisions.append(Q.T @ Q)
    phi = np.exp(alpha) / np.exp(alpha).sum()
    for point in x:
        total += math.log(
            sum(
                w * math.exp(-0.5 * (point - u) @ P @ (point - u)) * math.sqrt(np.linalg.det(P))
                for w, u, P in zip(phi, mu, precisions, strict=True)
            )
        ) - d / 2 * math.log(2 * math.pi)
    n = d + m + 1
    gamma_d = math.pi ** (d * (d - 1) / 4) * math.prod(math.gamma((n - j) / 2) for j in range(d))
    for P in precisions:
        top = np.linalg.det(P) ** (m / 2) * math.exp(-0.5 * gamma**2 * np.trace(P))
        total += math.log(top / (2 ** (n * d / 2) * gamma ** (-n * d) * gamma_d))
    return total


def test_gmm(ask):
    rng = np.random.default_rng(1)
    n, d, k, m, gamma = 7, 3, 2, 2, 1.3
    x = rng.standard_normal((n, d))
    shapes = {"alpha": (k,), "mu": (k, d), "q": (k, d), "l": (k, d * (d - 1) // 2)}
    unknown = {name: rng.standard_normal(shape) / 2 for name, shape in shapes.items()}
    given = {name: v.tolist() for name, v in unknown.items()} | {"x": x.tolist(), "m": m, "gamma": gamma}
    given |= {"d": d, "k": k, "n": n, "min_runs": 1, "min_seconds": 0}
    right = log_posterior(**unknown, x=x, m=m, gamma=gamma)
    np.testing.assert_allclose(ask("gmm", "objective", given), right, rtol=1e-12)
    found = ask("gmm", "jacobian", given)
    for name, v in unknown.items():

        def f(v, name=name):
            return log_posterior(**{**unknown, name: v}, x=x, m=m, gamma=gamma)

        np.testing.assert_allclose(np.ravel(found[name]), slope(f, v), rtol=1e-6, atol=1e-6)


def lstm_loss(main, extra, state, sequence):
    def logistic(x):
        return 1 / (1 + np.exp(-x))

    state = state.copy()
    total = 0.0
    for now, wanted in pairwise(sequence):
        x = now * extra[0]
        for at in range(0, len(state), 2):
            gates = np.concatenate([x, state[at], x, state[at]]) * main[at] + main[at + 1]
            forget, take, give, change = np.split(gates, 4)
            cell = state[at + 1] * logistic(forget) + logistic(take) * np.tanh(change)
            state[at], state[at + 1] = logistic(give) * np.tanh(cell), cell
            x = state[at]
        scores = x * extra[1] + extra[2]
        total += (wanted * (scores - np.log(2 + np.exp(scores).sum()))).sum()
    return -total / sequence[1:].size


def test_lstm(ask):
    rng = np.random.default_rng(2)
    layers, bits, length = 2, 3, 6
    main, extra = rng.random((2 * layers, 4 * bits)), rng.random((3, bits))
    state, sequence = rng.random((2 * layers, bits)), rng.integers(0, 2, (length, bits)).astype(float)
    given = {"main_params": main.tolist(), "extra_params": extra.tolist(), "state": state.tolist()}
    given |= {"sequence": sequence.tolist(), "min_runs": 1, "min_seconds": 0}
    np.testing.assert_allclose(
        ask("lstm", "objective", given), lstm_loss(main, extra, state, sequence), rtol=1e-12
    )
    right = [
        *slope(lambda w: lstm_loss(w, extra, state, sequence), main),
        *slope(lambda w: lstm_loss(main, w, state, sequence), extra),
    ]
    np.testing.assert_allclose(ask("lstm", "jacobian", given), right, rtol=1e-6, atol=1e-9)


def reprojection(unknown, seen):
    """The errors of one observation, the rotation as the exponential of a matrix."""
    turn, centre, focus, principal, radial = np.split(unknown[:11], [3, 6, 7, 9])
    a, b, c = turn
    skew = np.array([[0, -c, b], [c, 0, -a], [-b, a, 0]])
    rotation, term = np.eye(3), np.eye(3)
    for order in range(1, 40):
        term = term @ skew / order
        rotation = rotation + term
    x, y, z = rotation @ (unknown[11:14] - centre)
    flat = np.array([x / z, y / z])
    r2 = flat @ flat
    return unknown[14] * (flat * (1 + radial[0] * r2 + radial[1] * r2 * r2) * focus + principal - seen)


@pytest.mark.parametrize("still", [False, True])
def test_ba(ask, still):
    rng = np.random.default_rng(3)
    n, m, p = 2, 3, 7
    camera, point, weight, seen = rng.random(11), rng.random(3) + 2, 0.7, rng.random(2)
    camera[:3] *= not still
    given = {"n": n, "m": m, "p": p, "cam": camera.tolist(), "x": point.tolist(), "w": weight}
    given |= {"feat": seen.tolist(), "min_runs": 2, "min_seconds": 0}
    errors = ask("ba", "objective", given)
    unknown = np.array([*camera, *point, weight])
    np.testing.assert_allclose(errors["reproj_error"]["elements"], reprojection(unknown, seen), rtol=1e-11)
    assert errors["reproj_error"]["repeated"] == errors["w_err"]["repeated"] == p
    np.testing.assert_allclose(errors["w_err"]["element"], 1 - weight**2)
    found = ask("ba", "jacobian", given)
    assert found["rows"][:4] == [0, 15, 30, 45]
    assert found["rows"][-1] == p * 31
    own = [*range(11), 22, 23, 24, 31]
    assert found["cols"] == [*own, *own, 31 + p - 1]
    block = np.array([slope(lambda v, at=at: reprojection(v, seen)[at], unknown) for at in range(2)])
    np.testing.assert_allclose(found["vals"][:30], block.ravel(), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found["vals"][-1], -2 * weight)
