"""Optimisers: functions from parameters and gradients to new parameters.

All are one thing, :class:`Optimiser`: ``state = opt.init(params)``, then after each gradient
``params, state = opt.step(params, grads, state)``. Nothing is changed in place. They are NumPy code: NumPy
arrays give NumPy arrays, traced Arrays are traced.

A learning rate is a number or a schedule, which is a function of the number of steps done.
:func:`chain` puts clipping before an optimiser.

>>> import diagrad as dg, numpy as np
>>> from diagrad import optim
>>> x, y = np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [3.0], [5.0]])
>>> loss = dg.value_and_grad(lambda params: dg.nn.mse(dg.nn.linear(params, x), y))
>>> opt = optim.chain(optim.clip_by_global_norm(10.0), optim.adam(optim.cosine_decay(0.3, 200)))
>>> params = dg.nn.init.linear(0, 1, 1)
>>> state = opt.init(params)
>>> for _ in range(200):
...     value, grads = loss(params)
...     params, state = opt.step(params, grads, state)
>>> {key: p.round(3) for key, p in params.items()}
{'W': array([[2.]]), 'b': array([1.])}
"""

from . import rules, schedules, transforms
from .loop import minimise
from .optimiser import Optimiser, chain
from .rules import *
from .schedules import *
from .schedules import Schedule
from .transforms import *
from .trees import global_norm, gradients

__all__ = ["Optimiser", "Schedule", "chain", "global_norm", "gradients", "minimise"]
__all__ += rules.__all__
__all__ += schedules.__all__
__all__ += transforms.__all__
