"""sinc and its derivatives of every order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..elementwise import choose


def sinc(x: Any, order: int) -> Any:
    """The derivative of sin(πx) / (πx) of any order, real or complex x.

    f(t) = sin t / t has f⁽ⁿ⁾(t) = (sin(t + nπ/2) − n f⁽ⁿ⁻¹⁾(t)) / t, which is stable for t > n; nearer to 0,
    where it cancels, the Taylor series Σ (−1)ᵐ t²ᵐ⁻ⁿ / ((2m + 1) (2m − n)!) takes its place.
    """
    if order == 0:
        return np.sinc(x)
    wide: Any = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    t = np.pi * wide
    near = np.abs(t) < order + 1
    series, recurrence = _series(np.where(near, t, 0.0), order), _recurrence(np.where(near, 1.0, t), order)
    y: Any = choose(near, series, recurrence) * np.pi**order
    return y.astype(x.dtype)[()]


def _series(t: Any, n: int) -> Any:
    first = (n + 1) // 2
    y = 0.0
    for m in range(first + 12 + 3 * n, first - 1, -1):
        y = y * t * t + (-1) ** m / ((2 * m + 1) * math.factorial(2 * m - n))
    return y * t if n % 2 else y + 0 * t


def _recurrence(t: Any, n: int) -> Any:
    y = np.sin(t) / t
    for k in range(1, n + 1):
        y = (np.sin(t + k * np.pi / 2) - k * y) / t
    return y
