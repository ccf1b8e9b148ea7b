"""Numerical kernels: special functions in vectorised NumPy, so that the classes of the ops read as equations.

Each takes an array or a NumPy scalar of floating-point numbers, or a register of machine code, computes in
float64 and gives back the dtype that it was given. None warns: what a function does at its poles is part of
its definition.
They are no ops, so this package has no ``__all__`` (see :class:`diagrad.lazy.Families`).
"""

from .error_function import erf as erf
from .error_function import erfc as erfc
from .error_function import erfinv as erfinv
from .gamma import digamma as digamma
from .gamma import log_gamma as log_gamma
from .gamma import polygamma as polygamma
from .periodic import sinc as sinc
