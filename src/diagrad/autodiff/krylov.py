"""Linear systems that are known by their products alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

__all__ = ["gmres"]


def gmres(
    product: Callable[[Any], Any], right: Any, *, rtol: float, restart: int = 60, rounds: int = 50
) -> tuple[Any, float]:
    """x with A·x = b, from products with A: the smallest residual in a growing Krylov space.

    Method: restarted GMRES with modified Gram–Schmidt (Saad & Schultz 1986).

    Args:
        product: gives A·v.
        right: b, of one axis.
        rtol: how small |b − A·x| / |b| must be.
        restart: how large the space grows before it begins anew.
        rounds: how often it does at most.

    Returns:
        x, and the |b − A·x| / |b| that was reached.

    >>> A = np.array([[4.0, 1.0], [2.0, 3.0]])
    >>> x, error = gmres(lambda v: A @ v, np.array([1.0, 2.0]), rtol=1e-12)
    >>> bool(np.allclose(A @ x, [1.0, 2.0])), error < 1e-12
    (True, True)
    """
    x = np.zeros_like(right)
    scale = np.linalg.norm(right)
    error = 0.0
    for _ in range(rounds if scale > 0 else 0):
        rest = right - product(x)
        error = float(np.linalg.norm(rest) / scale)
        if not error > rtol:
            break
        x = x + _cycle(product, rest, rtol * scale, min(restart, right.size))
    return x, error


def _cycle(product: Callable[[Any], Any], rest: Any, small: Any, size: int) -> Any:
    """The best correction in the Krylov space of ``rest`` of at most ``size`` directions."""
    length = np.linalg.norm(rest)
    basis: list[Any] = [rest / length]
    table: Any = np.zeros((size + 1, size), rest.dtype)
    weights: Any = np.zeros(0, rest.dtype)
    for k in range(size):
        v: Any = product(basis[k])
        for _ in range(2):  # a second time: after once, rounding leaves something of the others
            for j, direction in enumerate(basis):
                part = cast(Any, np.vdot(direction, v))
                table[j, k] += part
                v = v - part * direction
        table[k + 1, k] = np.linalg.norm(v)
        goal = np.zeros(k + 2, rest.dtype)
        goal[0] = length
        hessenberg = table[: k + 2, : k + 1]
        weights = cast(Any, np.linalg.lstsq(hessenberg, goal)[0])
        missed = np.linalg.norm(goal - hessenberg @ weights)
        if missed <= small or abs(table[k + 1, k]) <= np.finfo(rest.dtype).eps * length:
            break
        basis.append(v / table[k + 1, k])
    return np.stack(basis[: weights.size], axis=1) @ weights
