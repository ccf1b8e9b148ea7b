"""What an optimiser is: from gradients to steps, with a state of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..array import tree
from .schedules import Schedule
from .trees import check, flat, is_recorded, like, mapped, numbers, second

Rate = float | Schedule
"""A learning rate, or a function of the number of steps that were done."""


@dataclass(frozen=True)
class Optimiser:
    """params ← params − step(gradients). A pair of pure functions; what it remembers is the state.

    Attributes:
        init: from parameters to the first state.
        update: from gradients, state and parameters to what is to be subtracted, and the new state.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> opt = optim.sgd(0.1)
    >>> params = {"w": np.array([1.0, 2.0])}
    >>> state = opt.init(params)
    >>> params, state = opt.step(params, {"w": np.array([10.0, 0.0])}, state)
    >>> params
    {'w': array([0., 2.])}
    """

    init: Callable[[Any], Any]
    update: Callable[[Any, Any, Any], tuple[Any, Any]]

    def step(self, params: Any, grads: Any, state: Any) -> tuple[Any, Any]:
        """New parameters and the new state; what was given stays as it is.

        NumPy arrays give NumPy arrays. Parameters made by ``dg.parameter`` give new ones of the same names,
        without a history. Traced Arrays are traced, and where the gradients have a history (``dg.grad`` of
        Arrays, ``create_graph=True``) so have the new parameters: a step can be compiled, drawn and
        differentiated like anything else.

        Args:
            params: dicts, lists and tuples of floating-point arrays, nested.
            grads: of the same structure.
            state: of the step before, or ``init(params)``.

        Raises:
            InputError: the trees differ, or there is no gradient.
            ShapeError: a gradient has another shape than its parameter.
            DTypeError: a parameter is not floating-point.

        >>> import diagrad as dg
        >>> w = dg.parameter([1.0, 2.0])
        >>> opt = dg.optim.sgd(0.5)
        >>> state = opt.init({"w": w})
        >>> dg.sum(w * w).backward()
        >>> params, state = opt.step({"w": w}, {"w": w.grad}, state)
        >>> params["w"], params["w"].name, params["w"].role
        (array([0., 0.]), 'w', 'parameter')
        """
        check(params, grads)
        if is_recorded(params, grads):
            steps, state = self.update(grads, state, params)
            return mapped(_less, params, steps), state
        plain = mapped(numbers, params)
        steps, state = self.update(mapped(second, plain, grads), state, plain)
        rows = zip(*flat(params), tree.leaves(plain), tree.leaves(steps), strict=True)
        return tree.shaped_as(params, [like(path, old, p - step) for path, old, p, step in rows]), state


def chain(*parts: Optimiser) -> Optimiser:
    """Several in a row: each takes what the one before gives, as if it were the gradients.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> opt = optim.chain(optim.clip_by_value(1.0), optim.sgd(0.5))
    >>> opt.step(np.array([0.0, 0.0]), np.array([8.0, -0.5]), opt.init(np.zeros(2)))[0]
    array([-0.5 ,  0.25])
    """

    def init(params: Any) -> Any:
        return tuple(part.init(params) for part in parts)

    def update(grads: Any, state: Any, params: Any) -> tuple[Any, Any]:
        states: list[Any] = []
        for part, old in zip(parts, state, strict=True):
            grads, new = part.update(grads, old, params)
            states.append(new)
        return grads, tuple(states)

    return Optimiser(init, update)


Rule = Callable[..., tuple[Any, ...]]
"""From the number of steps done, gradient, parameter and slots to the step and the new slots."""


def by_element(rule: Rule, slots: dict[str, float]) -> Optimiser:
    """An optimiser that treats each array alike.

    Args:
        rule: what is done with one array: ``rule(count, g, p, *slots) -> (step, *slots)``.
        slots: what is remembered for each, by name, and the number that it begins with.
    """

    def init(params: Any) -> Any:
        return {"count": np.int64(0)} | {
            name: mapped(partial(_filled, start), params) for name, start in slots.items()
        }

    def update(grads: Any, state: Any, params: Any) -> tuple[Any, Any]:
        count = state["count"]
        kept = [tree.leaves(state[name]) for name in slots]
        rows = zip(tree.leaves(grads), tree.leaves(params), *kept, strict=True)
        made = [rule(count, *row) for row in rows]
        steps, *new = [[row[column] for row in made] for column in range(1 + len(slots))]
        named = {name: tree.shaped_as(params, column) for name, column in zip(slots, new, strict=True)}
        return tree.shaped_as(params, steps), {"count": count + 1, **named}

    return Optimiser(init, update)


def as_dtype(x: Any, p: Any) -> Any:
    """A number in the dtype of a parameter, which it would otherwise widen."""
    return x if isinstance(x, float | int) and not isinstance(x, np.generic) else x.astype(p.dtype)


def at(rate: Rate, count: Any, p: Any) -> Any:
    """The learning rate of this step, in the dtype of a parameter."""
    return as_dtype(rate(count), p) if callable(rate) else rate


def _less(p: Any, step: Any) -> Any:
    return p - step


def _filled(start: float, p: Any) -> Any:
    zeros = np.zeros_like(p if getattr(p, "traced", False) else numbers(p))
    return zeros + start if start else zeros
