"""The optimisers: each says what is subtracted from one array."""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimiser import Optimiser, Rate, as_dtype, at, by_element

__all__ = ["adagrad", "adam", "adamw", "rmsprop", "sgd"]


def sgd(
    learning_rate: Rate, *, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0
) -> Optimiser:
    """p ← p − η v,  v ← μ v + g: gradient descent, with momentum where μ is not 0.

    Args:
        learning_rate: η, or a schedule.
        momentum: μ, how much of the last velocity stays.
        nesterov: step along g + μ v, the gradient looked up ahead.
        weight_decay: λ: g ← g + λ p.

    Method: Robbins & Monro 1951; Polyak 1964; Nesterov 1983, in the form of Sutskever et al. 2013.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> opt = optim.sgd(0.1, momentum=0.9)
    >>> p, state = np.array([1.0]), opt.init(np.array([1.0]))
    >>> for _ in range(2):
    ...     p, state = opt.step(p, np.array([1.0]), state)
    >>> p
    array([0.71])
    """

    def plain(count: Any, g: Any, p: Any) -> tuple[Any, ...]:
        return (at(learning_rate, count, p) * _decayed(g, p, weight_decay),)

    def heavy(count: Any, g: Any, p: Any, v: Any) -> tuple[Any, ...]:
        g = _decayed(g, p, weight_decay)
        v = momentum * v + g
        return at(learning_rate, count, p) * (g + momentum * v if nesterov else v), v

    return by_element(heavy, {"velocity": 0.0}) if momentum else by_element(plain, {})


def adam(
    learning_rate: Rate = 1e-3,
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    amsgrad: bool = False,
) -> Optimiser:
    """p ← p − η m̂ / (√v̂ + ε), m and v the running means of g and g², m̂ and v̂ corrected for their start at 0.

    Args:
        learning_rate: η, or a schedule.
        beta1: how much of the mean of g stays.
        beta2: how much of the mean of g² stays.
        eps: keeps the quotient finite.
        weight_decay: λ: g ← g + λ p. See :func:`adamw` for the decay that is not scaled.
        amsgrad: divide by the largest v so far (Reddi, Kale & Kumar 2018).

    Method: Kingma & Ba 2015.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> opt = optim.adam(0.1)
    >>> opt.step(np.array([1.0, 1.0]), np.array([1e-3, -1e3]), opt.init(np.ones(2)))[0].round(3)
    array([0.9, 1.1])
    """
    return _adam(learning_rate, beta1, beta2, eps, weight_decay, 0.0, amsgrad)


def adamw(
    learning_rate: Rate = 1e-3,
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    amsgrad: bool = False,
) -> Optimiser:
    """p ← p − η (m̂ / (√v̂ + ε) + λ p): :func:`adam` with the decay beside the gradient, not in it.

    Method: Loshchilov & Hutter 2019.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> opt = optim.adamw(0.1, weight_decay=0.5)
    >>> opt.step(np.array([1.0]), np.array([0.0]), opt.init(np.ones(1)))[0]
    array([0.95])
    """
    return _adam(learning_rate, beta1, beta2, eps, 0.0, weight_decay, amsgrad)


def _adam(
    rate: Rate, beta1: float, beta2: float, eps: float, inside: float, beside: float, amsgrad: bool
) -> Optimiser:
    def rule(count: Any, g: Any, p: Any, m: Any, v: Any, *largest: Any) -> tuple[Any, ...]:
        g = _decayed(g, p, inside)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * np.square(g)
        above = np.maximum(largest[0], v) if amsgrad else v
        lift1, lift2 = (as_dtype(1 - beta ** (count + 1), p) for beta in (beta1, beta2))
        step = m / lift1 / (np.sqrt(above / lift2) + eps)
        step = at(rate, count, p) * (step + beside * p if beside else step)
        return (step, m, v, above) if amsgrad else (step, m, v)

    return by_element(rule, {"m": 0.0, "v": 0.0} | ({"largest": 0.0} if amsgrad else {}))


def rmsprop(
    learning_rate: Rate = 1e-2,
    *,
    decay: float = 0.99,
    eps: float = 1e-8,
    momentum: float = 0.0,
    centred: bool = False,
    weight_decay: float = 0.0,
) -> Optimiser:
    """p ← p − η g / (√v + ε), v the running mean of g².

    Args:
        learning_rate: η, or a schedule.
        decay: how much of the mean stays.
        eps: keeps the quotient finite.
        momentum: how much of the last step's direction stays.
        centred: divide by the standard deviation instead: the mean of g, squared, is taken off v.
        weight_decay: λ: g ← g + λ p.

    Method: Tieleman & Hinton 2012; centred as in Graves 2013.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> opt = optim.rmsprop(0.1, decay=0.0)
    >>> opt.step(np.array([1.0]), np.array([5.0]), opt.init(np.ones(1)))[0].round(6)
    array([0.9])
    """
    slots = {"v": 0.0} | ({"mean": 0.0} if centred else {}) | ({"velocity": 0.0} if momentum else {})

    def rule(count: Any, g: Any, p: Any, *kept: Any) -> tuple[Any, ...]:
        state = dict(zip(slots, kept, strict=True))
        g = _decayed(g, p, weight_decay)
        variance = state["v"] = decay * state["v"] + (1 - decay) * np.square(g)
        if centred:
            state["mean"] = decay * state["mean"] + (1 - decay) * g
            variance = variance - np.square(state["mean"])
        step = g / (np.sqrt(variance) + eps)
        if momentum:
            step = state["velocity"] = momentum * state["velocity"] + step
        return (at(learning_rate, count, p) * step, *state.values())

    return by_element(rule, slots)


def adagrad(
    learning_rate: Rate = 1e-2, *, eps: float = 1e-10, initial: float = 0.0, weight_decay: float = 0.0
) -> Optimiser:
    """p ← p − η g / (√s + ε), s the sum of all g² so far.

    Args:
        learning_rate: η, or a schedule.
        eps: keeps the quotient finite.
        initial: what s begins with.
        weight_decay: λ: g ← g + λ p.

    Method: Duchi, Hazan & Singer 2011.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> opt = optim.adagrad(0.1)
    >>> opt.step(np.array([1.0]), np.array([5.0]), opt.init(np.ones(1)))[0].round(6)
    array([0.9])
    """

    def rule(count: Any, g: Any, p: Any, total: Any) -> tuple[Any, ...]:
        g = _decayed(g, p, weight_decay)
        total = total + np.square(g)
        return at(learning_rate, count, p) * g / (np.sqrt(total) + eps), total

    return by_element(rule, {"total": initial})


def _decayed(g: Any, p: Any, weight_decay: float) -> Any:
    return g + weight_decay * p if weight_decay else g
