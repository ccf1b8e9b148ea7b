"""What the kernels share: computing in float64, polynomials, one formula for each region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

Doubles = np.ndarray[Any, np.dtype[np.float64]]
Region = tuple[Any, Callable[[Doubles], Doubles]]
"""Where a formula holds, and the formula."""


def in_double(kernel: Callable[..., Doubles]) -> Callable[..., Any]:
    """Let a kernel on float64 arrays of one axis take any shape and dtype, without warnings."""

    @wraps(kernel)
    def wrapped(x: Any, *args: Any) -> Any:
        if _in_registers(x):
            return kernel(x.astype(np.float64), *args).astype(x.dtype)
        flat = np.asarray(x, np.float64).reshape(-1)
        with np.errstate(all="ignore"):
            return kernel(flat, *args).astype(x.dtype).reshape(x.shape)[()]

    return wrapped


def _in_registers(x: Any) -> bool:
    """Whether a kernel is being written as machine code: x is a register, not numbers."""
    return not isinstance(x, np.ndarray | np.generic)


def polynomial(coefficients: Sequence[float], x: Doubles) -> Doubles:
    """c₀ + c₁x + c₂x² + …, by Horner's rule.

    >>> polynomial((1.0, 2.0, 3.0), np.array([2.0]))
    array([17.])
    """
    y = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= x
        y += c
    return y


def piecewise(x: Doubles, *regions: Region) -> Doubles:
    """Each formula on its own region alone, NaN where none holds.

    >>> x = np.array([-1.0, 4.0])
    >>> piecewise(x, (x >= 0, np.sqrt), (x < 0, np.negative))
    array([1., 2.])
    """
    y = np.full_like(x, np.nan)
    for where, formula in regions:
        if _in_registers(x):  # whose lanes take every formula
            y = np.where(where, formula(x), y)
        elif where.any():
            y[where] = formula(x[where])
    return y
