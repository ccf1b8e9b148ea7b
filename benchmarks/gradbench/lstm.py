"""A recurrent network whose weights are diagonal, over the characters of a text."""

from __future__ import annotations

from typing import Any

import numpy as np

import diagrad as dg

from .protocol import evaluated


def _cell(weight: Any, bias: Any, hidden: Any, cell: Any, x: Any) -> tuple[Any, Any]:
    """One layer: its hidden state and its cell, a step later."""
    forget, take, give, change = dg.split(dg.concatenate([x, hidden, x, hidden]) * weight + bias, 4)
    cell = cell * dg.sigmoid(forget) + dg.sigmoid(take) * dg.tanh(change)
    return dg.sigmoid(give) * dg.tanh(cell), cell


def _loss(unknown: Any, state: Any, sequence: Any) -> Any:
    """The mean of −y · log p over characters and bits, p being what the characters before predict."""
    main, extra = unknown
    layers = range(len(state) // 2)

    def step(before: Any, pair: Any) -> tuple[Any, Any]:
        x, wanted = pair
        x = x * extra[0]
        after: list[Any] = []
        for at in layers:
            x, cell = _cell(main[2 * at], main[2 * at + 1], *before[at], x)
            after.append((x, cell))
        scores = x * extra[1] + extra[2]
        return after, dg.sum(wanted * (scores - dg.log(2 + dg.sum(dg.exp(scores)))))

    start = [(state[2 * at], state[2 * at + 1]) for at in layers]
    _, found = dg.scan(step, start, (sequence[:-1], sequence[1:]))
    return -dg.sum(found) / sequence[1:].size


_compiled, _gradient = dg.compile(_loss), dg.compile(dg.grad(_loss))


def _prepare(given: Any) -> Any:
    unknown = np.array(given["main_params"], float), np.array(given["extra_params"], float)
    return unknown, np.array(given["state"], float), np.array(given["sequence"], float)


@evaluated(_prepare, float)
def objective(given: Any) -> Any:
    """The loss."""
    return _compiled(*given)


@evaluated(_prepare, lambda found: np.concatenate([x.ravel() for x in found]).tolist())
def jacobian(given: Any) -> Any:
    """Its gradient with respect to all weights."""
    return _gradient(*given)
