"""Numerical kernels: special functions in vectorised NumPy, so that the classes of the ops read as equations.

Each takes an array or a NumPy scalar of floating-point numbers, computes in float64 and gives back the dtype
that it was given. None warns: what a function does at its poles is part of its definition.
"""

from .error_function import erf, erfc, erfinv
from .gamma import digamma, log_gamma, polygamma
from .periodic import sinc

__all__: list[str] = []
"""No ops: see :class:`diagrad.lazy.Families`."""

_ = (digamma, erf, erfc, erfinv, log_gamma, polygamma, sinc)
