"""A Gaussian mixture fitted to real flowers by Newton's method, with exact Hessians.

Fisher's iris measurements, petal length and width: three groups, found without their labels. The usual way is
expectation–maximisation, which takes small steps near the end. Newton's method takes the Hessian of the
log-likelihood, here of 17 numbers, and squares the error at each step.

    python examples/mixture_newton.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from shared.script import folder, progress
from sklearn.datasets import load_iris
from sklearn.mixture import GaussianMixture

import diagrad as dg

GROUPS, AXES = 3, 2
SIZES = (GROUPS - 1, GROUPS * AXES, GROUPS * AXES * (AXES + 1) // 2)


def unpack(theta: Any) -> tuple[Any, Any, Any]:
    """Log-weights (3,), means (3, 2) and precision factors A (3, 2, 2), upper triangular, of the parameters.

    Any numbers give a mixture: the weights are a softmax, and the diagonals of A are exponentials.
    """
    scores, means, entries = theta[: SIZES[0]], theta[SIZES[0] : sum(SIZES[:2])], theta[sum(SIZES[:2]) :]
    weights = dg.log_softmax(dg.concatenate([scores, [0.0]]))
    a, b, c = dg.reshape(entries, (AXES * (AXES + 1) // 2, GROUPS))
    rows = [dg.stack([dg.exp(a), b], axis=1), dg.stack([dg.asarray(np.zeros(GROUPS)), dg.exp(c)], axis=1)]
    return weights, dg.reshape(means, (GROUPS, AXES)), dg.stack(rows, axis=1)


def loss(theta: Any, X: np.ndarray) -> Any:
    """The mean negative log-likelihood, −mean log Σₖ wₖ N(x; μₖ, (A·Aᵀ)⁻¹)."""
    weights, means, A = unpack(theta)
    z = (X[None] - means[:, None]) @ A  # (3, N, 2): every flower as each group sees it
    half = dg.sum(dg.square(z), axis=2) / 2
    volume = dg.sum(dg.log(dg.stack([A[:, 0, 0], A[:, 1, 1]])), axis=0) - AXES / 2 * np.log(2 * np.pi)
    return -dg.mean(dg.logsumexp(weights[:, None] + volume[:, None] - half, axis=0))


def start(X: np.ndarray) -> np.ndarray:
    """Three groups spread along the data, all of the data's own width."""
    means = np.quantile(X, [0.1, 0.5, 0.9], axis=0)
    return np.concatenate([np.zeros(SIZES[0]), means.ravel(), np.repeat([np.log(2), 0.0, np.log(2)], GROUPS)])


def newton(theta: np.ndarray, X: np.ndarray, steps: int = 60) -> tuple[np.ndarray, list[float]]:
    """Newton steps, each along the Hessian's own axes with |eigenvalues|, halved until the loss falls.

    Method: saddle-free Newton (Dauphin et al. 2014) with backtracking.
    """
    slopes: list[float] = []
    both, hessian = dg.value_and_grad(loss), dg.hessian(loss)
    for _ in (bar := progress(range(steps), "Newton")):
        value, g = both(theta, X)
        slopes.append(float(np.linalg.norm(g)))
        bar.set_postfix(loss=f"{value:.4f}", slope=f"{slopes[-1]:.0e}")
        if slopes[-1] < 1e-12:
            break
        values, axes = np.linalg.eigh(hessian(theta, X))
        step = axes @ ((axes.T @ g) / np.maximum(np.abs(values), 1e-6))
        length = 1.0
        with dg.no_grad():
            while loss(theta - length * step, X).item() > value and length > 1e-6:
                length /= 2
        theta = theta - length * step
    return theta, slopes


def main(where: Path) -> None:
    """Fit, compare with expectation–maximisation, draw the graph of the loss of two flowers."""
    flowers = load_iris()
    X = flowers.data[:, 2:]
    theta, slopes = newton(start(X), X)
    ours = -loss(dg.asarray(theta), X).item()
    other = GaussianMixture(GROUPS, tol=1e-12, reg_covar=0, max_iter=5000, n_init=5, random_state=0).fit(X)
    best = other.score(X)
    print(f"log-likelihood of a flower: {ours:.8f} by Newton, {best:.8f} by EM ({other.n_iter_} steps)")
    print("slope:", *(f"{s:.0e}" for s in slopes[-6:]))
    assert slopes[-1] < 1e-10
    assert ours > best - 1e-6

    weights, means, A = (dg.asarray(x).numpy() for x in unpack(dg.asarray(theta)))
    z = np.einsum("knd,kde->kne", X[None] - means[:, None], A)
    scores = weights[:, None] + np.log(A[:, [0, 1], [0, 1]]).sum(1)[:, None] - (z**2).sum(2) / 2
    groups = scores.argmax(0)
    right = sum(np.bincount(flowers.target[groups == k]).max() for k in range(GROUPS))
    print(f"{right} of {len(X)} flowers lie in the group of their species")
    assert right >= 140

    picture = dg.draw(
        loss(dg.array(theta, name="θ"), X[:2]), show="symbols", title="Mixture of three Gaussians"
    )
    print(picture.save(where / "mixture.svg"))


if __name__ == "__main__":
    main(folder())
