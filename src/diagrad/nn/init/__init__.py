"""Initialisers: the first numbers of parameters.

What draws numbers takes ``rng`` first: a ``np.random.Generator``, or an integer that seeds one. One
integer gives the same numbers each time, so hand one generator to several layers.

``nn.init.linear(rng, …)`` makes the parameters of ``nn.linear``, and so on, as NumPy arrays; the schemes,
``glorot_uniform(rng, shape)`` and so on, make one array.
"""

from . import layers, schemes
from .layers import *
from .schemes import *

__all__: list[str] = []
__all__ += layers.__all__
__all__ += schemes.__all__
