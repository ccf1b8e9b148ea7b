"""The training loop in its shortest form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autodiff import value_and_grad
from .optimiser import Optimiser
from .trees import mapped, numbers


def minimise(
    loss: Callable[[Any], Any],
    params: Any,
    optimiser: Optimiser,
    steps: int,
    callback: Callable[[int, float], None] | None = None,
) -> Any:
    """``steps`` steps down the gradient of ``loss``.

    Args:
        loss: from parameters to a scalar.
        params: where to begin; dicts, lists and tuples of arrays, nested.
        optimiser: how to step.
        steps: how many.
        callback: called before each step with its number, from 0, and the loss there.

    Returns:
        The last parameters, as NumPy arrays.

    Raises:
        NotScalarError: the loss is not a scalar.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> optim.minimise(lambda p: (p["x"] - 3.0) ** 2, {"x": 0.0}, optim.adam(0.1), 300)["x"].round(3)
    np.float64(3.0)
    """
    params = mapped(numbers, params)
    state = optimiser.init(params)
    both = value_and_grad(loss)
    for step in range(steps):
        value, grads = both(params)
        if callback is not None:
            callback(step, float(value))
        params, state = optimiser.step(params, grads, state)
    return params
