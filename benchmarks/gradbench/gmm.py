"""A mixture of Gaussians with a Wishart prior on the precision matrices: the gradient of the log posterior.

The precision matrix of component k is QₖᵀQₖ. Qₖ is lower triangular, with exp(qₖ) on its diagonal and lₖ
below it, column by column.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import diagrad as dg

from .protocol import evaluated


def _triangles(q: Any, l: Any, d: int) -> Any:  # noqa: E741  (the eval's name)
    """All Qₖ."""
    columns, rows = np.triu_indices(d, 1)
    place = np.full((d, d), d + l.shape[1])  # a zero
    place[np.arange(d), np.arange(d)] = np.arange(d)
    place[rows, columns] = d + np.arange(len(rows))
    zero = dg.zeros((q.shape[0], 1))
    return dg.concatenate([dg.exp(q), l, zero], axis=1)[:, place.ravel()].reshape(-1, d, d)


def _log_posterior(unknown: Any, x: Any, m: int, gamma: float) -> Any:
    """log p(x | θ) + log p(θ)."""
    alpha, mu, q, l = (unknown[name] for name in ("alpha", "mu", "q", "l"))  # noqa: E741
    (n, d), k = x.shape, alpha.shape[0]
    Q = _triangles(q, l, d)
    whitened = (x[None] - mu[:, None]) @ dg.permute_dims(Q, (0, 2, 1))
    weights = alpha + dg.sum(q, axis=1)
    inner = weights[:, None] - 0.5 * dg.sum(whitened * whitened, axis=2)
    likelihood = dg.sum(dg.logsumexp(inner, axis=0)) - n * dg.logsumexp(alpha)
    prior = m * dg.sum(q) - 0.5 * gamma**2 * dg.sum(Q * Q)
    return likelihood + prior + _constant(n, d, k, m, gamma)


def _constant(n: int, d: int, k: int, m: int, gamma: float) -> float:
    freedom = d + m + 1
    log_gamma = d * (d - 1) / 4 * math.log(math.pi) + sum(math.lgamma((freedom - j) / 2) for j in range(d))
    normal = -n * d / 2 * math.log(2 * math.pi)
    return normal + k * (freedom * d * math.log(gamma / math.sqrt(2)) - log_gamma)


_compiled = dg.compile(_log_posterior, static=("m", "gamma"))
_gradient = dg.compile(dg.grad(_log_posterior), static=("m", "gamma"))


def _prepare(given: Any) -> Any:
    unknown = {name: np.array(given[name], float) for name in ("alpha", "mu", "q", "l")}
    return unknown, np.array(given["x"]), given["m"], given["gamma"]


@evaluated(_prepare, float)
def objective(given: Any) -> Any:
    """The log posterior."""
    return _compiled(*given)


@evaluated(_prepare, lambda found: {name: x.tolist() for name, x in found.items()})
def jacobian(given: Any) -> Any:
    """Its gradient with respect to all that is unknown."""
    return _gradient(*given)
