"""Learning rates that change: functions of how many steps were done, 0 before the first.

They are NumPy code, so that of a traced count they are traced.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ..array.array import Array
from ..errors import InputError
from ..ir import user_site

__all__ = [
    "constant",
    "cosine_decay",
    "exponential_decay",
    "one_cycle",
    "piecewise_constant",
    "piecewise_linear",
    "step_decay",
    "warmup_cosine",
]

Schedule = Callable[[Any], Any]
"""From the number of steps that were done to the learning rate."""


def constant(rate: float) -> Schedule:
    """η.

    >>> from diagrad import optim
    >>> float(optim.constant(0.1)(5))
    0.1
    """
    return lambda count: _float(count) * 0.0 + rate


def step_decay(rate: float, every: int, factor: float = 0.1) -> Schedule:
    """η · factor^⌊t / every⌋: a stair.

    >>> from diagrad import optim
    >>> [float(optim.step_decay(1.0, 2, 0.5)(t)) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    return lambda count: rate * factor ** (_float(count) / every).astype(np.int64)


def exponential_decay(rate: float, factor: float, every: float = 1) -> Schedule:
    """η · factor^(t / every).

    >>> from diagrad import optim
    >>> [float(optim.exponential_decay(1.0, 0.25, 2)(t)) for t in range(3)]
    [1.0, 0.5, 0.25]
    """
    return lambda count: rate * factor ** (_float(count) / every)


def cosine_decay(rate: float, steps: int, final: float = 0.0) -> Schedule:
    """From η down to ``final`` along half a cosine in ``steps``, and ``final`` ever after.

    Method: Loshchilov & Hutter 2017, without restarts.

    >>> from diagrad import optim
    >>> [round(float(optim.cosine_decay(1.0, 2)(t)), 12) for t in range(4)]
    [1.0, 0.5, 0.0, 0.0]
    """
    return lambda count: _cosine(rate, final, _float(count) / steps)


def warmup_cosine(
    rate: float, warmup: int, steps: int, *, start: float = 0.0, final: float = 0.0
) -> Schedule:
    """From ``start`` up to η along a line in ``warmup`` steps, then down to ``final`` along half a cosine.

    Args:
        rate: η, the largest.
        warmup: steps of the way up.
        steps: of both together.
        start: of the first step.
        final: from ``steps`` on.

    Raises:
        InputError: the warm-up is not shorter than all.

    >>> from diagrad import optim
    >>> [round(float(optim.warmup_cosine(1.0, 2, 4)(t)), 12) for t in range(6)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]
    """
    if not 0 < warmup < steps:
        raise InputError(
            f"a warm-up of {warmup} steps does not fit into {steps}",
            where=str(user_site(0)),
            expected="0 < warmup < steps",
            got=f"warmup={warmup}, steps={steps}",
            fix="count the warm-up's steps in",
        )

    def schedule(count: Any) -> Any:
        t = _float(count)
        up = start + (rate - start) * (t / warmup)
        return _choose(t < warmup, up, _cosine(rate, final, (t - warmup) / (steps - warmup)))

    return schedule


def one_cycle(
    rate: float, steps: int, *, warm: float = 0.3, start_factor: float = 25.0, final_factor: float = 1e4
) -> Schedule:
    """From η / start_factor up to η and down to that start / final_factor, both along half a cosine.

    Args:
        rate: η, the largest.
        steps: of the whole cycle.
        warm: the share of the way up.
        start_factor: how much smaller the first rate is.
        final_factor: how much smaller than the first the last one is.

    Method: Smith & Topin 2018, as PyTorch has it.

    >>> from diagrad import optim
    >>> [round(float(optim.one_cycle(1.0, 11, warm=0.5)(t)), 3) for t in (0, 4, 5, 10)]
    [0.04, 0.971, 0.98, 0.0]
    """
    low, peak, end = rate / start_factor, warm * steps - 1, steps - 1

    def schedule(count: Any) -> Any:
        t = _float(count)
        down = _cosine(rate, low / final_factor, (t - peak) / (end - peak))
        return _choose(t <= peak, _cosine(low, rate, t / peak), down) if peak > 0 else down

    return schedule


def piecewise_constant(rates: Mapping[int, float]) -> Schedule:
    """The rate of the last of these counts that was reached.

    Args:
        rates: from a number of steps to the rate from there on.

    Raises:
        InputError: there is none.

    >>> from diagrad import optim
    >>> schedule = optim.piecewise_constant({0: 1.0, 2: 0.5})
    >>> [float(schedule(t)) for t in range(4)]
    [1.0, 1.0, 0.5, 0.5]
    """
    (_, first), *later = _points(rates)

    def schedule(count: Any) -> Any:
        t: Any = _float(count)
        rate: Any = first + 0.0 * t
        for begin, value in later:
            rate = _choose(t < begin, rate, value)
        return rate

    return schedule


def piecewise_linear(rates: Mapping[int, float]) -> Schedule:
    """Lines between these points, and constant before the first and after the last.

    Args:
        rates: from a number of steps to the rate there.

    Raises:
        InputError: there is none.

    >>> from diagrad import optim
    >>> schedule = optim.piecewise_linear({0: 0.0, 2: 1.0, 6: 0.0})
    >>> [float(schedule(t)) for t in range(8)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    points = _points(rates)

    def schedule(count: Any) -> Any:
        t: Any = _float(count)
        rate: Any = points[0][1] + 0.0 * t
        for (begin, low), (end, high) in pairwise(points):
            share = np.minimum(np.maximum((t - begin) / (end - begin), 0.0), 1.0)
            rate = _choose(t < begin, rate, low + (high - low) * share)
        return rate

    return schedule


def _cosine(begin: float, end: float, share: Any) -> Any:
    """From ``begin`` to ``end`` along half a cosine, ``share`` of the way."""
    share = np.minimum(np.maximum(share, 0.0), 1.0)
    return end + (begin - end) * 0.5 * (1.0 + np.cos(math.pi * share))


def _choose(condition: Any, x: Any, y: Any) -> Any:
    return np.where(condition, x, y)  # pyright: ignore[reportUnknownVariableType]  (of NumPy's overloads)


def _float(count: Any) -> Any:
    return (count if isinstance(count, Array) else np.asarray(count)[()]).astype(np.float64)


def _points(rates: Mapping[int, float]) -> list[tuple[int, float]]:
    if not rates:
        raise InputError(
            "a schedule without a rate",
            where=str(user_site(1)),
            expected="at least one step count and its rate, such as {0: 0.1}",
            got="an empty dict",
            fix="give the rate at step 0",
        )
    return sorted(rates.items())
