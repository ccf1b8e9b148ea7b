"""k-means clustering: one step of Newton's method, which is what Lloyd's algorithm does."""

from __future__ import annotations

from typing import Any

import numpy as np

import diagrad as dg

from .protocol import evaluated


def _cost(points: Any, centroids: Any) -> Any:
    """Σᵢ minⱼ |pᵢ − cⱼ|²."""
    squares = dg.sum(points * points, axis=1)[:, None] + dg.sum(centroids * centroids, axis=1)
    return dg.sum(dg.min(squares - 2 * (points @ centroids.T), axis=1))


def _step(points: Any, centroids: Any) -> Any:
    """The gradient over the Hessian's rows summed: of a diagonal Hessian that is its diagonal."""
    gradient = dg.grad(lambda c: _cost(points, c))
    first, second = dg.jvp(gradient, (centroids,), (dg.ones_like(centroids),))
    return first / second


_compiled_cost, _compiled_step = dg.compile(_cost), dg.compile(_step)


def _prepare(given: Any) -> Any:
    return np.array(given["points"]), np.array(given["centroids"])


@evaluated(_prepare, float)
def cost(given: Any) -> Any:
    """The sum over the points of the squared distance to the nearest centroid."""
    return _compiled_cost(*given)


@evaluated(_prepare, np.ndarray.tolist)
def dir(given: Any) -> Any:  # noqa: A001  (the eval's name)
    """The direction to go."""
    return _compiled_step(*given)
