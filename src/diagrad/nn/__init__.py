"""Neural networks: layers and losses, made of ops, with no rules of their own.

A layer is a function of its parameters and its input, and has no state: ``y = nn.linear(params, x)``.
Parameters are arrays in a dict; a network's are the dicts of its layers, nested in dicts and lists as one
likes. ``nn.init.linear(rng, 784, 128)`` makes those of ``nn.linear``: each layer has its initialiser, of the
same name. They are NumPy arrays, to be saved, shared, handed to :func:`diagrad.value_and_grad` and stepped
by :mod:`diagrad.optim`; :func:`parameters` makes them the named parameters of a drawn graph.

Arrays have the features in their last axis, W is (in, out): y = x · W + b. float32 parameters and inputs
give float32. In masks, true is what takes part.

>>> import diagrad as dg, numpy as np
>>> from diagrad import nn
>>> rng = np.random.default_rng(0)
>>> params = {"body": nn.init.mlp(rng, [4, 16, 16]), "head": nn.init.linear(rng, 16, 3)}
>>> def loss(params, x, labels):
...     return nn.cross_entropy(nn.linear(params["head"], nn.mlp(params["body"], x)), labels)
>>> value, grads = dg.value_and_grad(loss)(params, rng.normal(size=(5, 4)), np.array([0, 1, 2, 0, 1]))
>>> grads["head"]["W"].shape
(16, 3)
"""

from . import attention, blocks, init, layers, losses, normalisation, positions, recurrent
from .attention import *
from .blocks import *
from .layers import *
from .losses import *
from .normalisation import *
from .params import parameters
from .positions import *
from .recurrent import *

__all__ = ["init", "parameters"]
__all__ += attention.__all__
__all__ += blocks.__all__
__all__ += layers.__all__
__all__ += losses.__all__
__all__ += normalisation.__all__
__all__ += positions.__all__
__all__ += recurrent.__all__
