"""Parts of optimisers that remember nothing: clipping, weight decay. Put them in a :func:`chain`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .optimiser import Optimiser, as_dtype
from .trees import global_norm, mapped

__all__ = ["clip_by_global_norm", "clip_by_value", "weight_decay"]


def clip_by_value(limit: float) -> Optimiser:
    """g ← min(max(g, −limit), limit), each element by itself.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> optim.clip_by_value(1.0).update(np.array([3.0, -0.5]), (), np.zeros(2))[0]
    array([ 1. , -0.5])
    """

    def clip(_p: Any, g: Any) -> Any:
        return np.minimum(np.maximum(g, -limit), limit)

    return _stateless(lambda grads, params: mapped(clip, params, grads))


def clip_by_global_norm(limit: float) -> Optimiser:
    """g ← g · min(1, limit / ‖g‖), ‖g‖ the :func:`global_norm` of all gradients: their direction stays.

    1e-6 is added to the norm, as in PyTorch.

    Method: Pascanu, Mikolov & Bengio 2013.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> optim.clip_by_global_norm(1.0).update(np.array([3.0, 4.0]), (), np.zeros(2))[0].round(5)
    array([0.6, 0.8])
    """

    def clip(grads: Any, params: Any) -> Any:
        factor = np.minimum(limit / (global_norm(grads) + 1e-6), 1.0)

        def scaled(_p: Any, g: Any) -> Any:
            return g * as_dtype(factor, g)

        return mapped(scaled, params, grads)

    return _stateless(clip)


def weight_decay(rate: float) -> Optimiser:
    """g ← g + λ p. Before an optimiser it is the gradient of ½ λ ‖p‖², after it a decay of its own.

    >>> import numpy as np
    >>> from diagrad import optim
    >>> optim.weight_decay(0.1).update(np.array([1.0]), (), np.array([5.0]))[0]
    array([1.5])
    """

    def decayed(p: Any, g: Any) -> Any:
        return g + rate * p

    return _stateless(lambda grads, params: mapped(decayed, params, grads))


def _stateless(change: Callable[[Any, Any], Any]) -> Optimiser:
    return Optimiser(lambda _params: (), lambda grads, state, params: (change(grads, params), state))
