"""Linear algebra: NumPy's ``linalg``, SciPy's triangular solve and exponential, all with derivatives.

Matrices are the last two axes, every axis before them counts a batch. Names and results are NumPy's: on an
Array, ``np.linalg.solve`` is ``dg.linalg.solve``. Integers become float64; float16 is refused, as by LAPACK.
"""

from typing import TYPE_CHECKING, Any

from .. import functions
from . import decompositions, norms, products, solving
from .decompositions import *
from .norms import *
from .products import *
from .solving import *

__all__: list[str] = []
__all__ += solving.__all__
__all__ += decompositions.__all__
__all__ += norms.__all__
__all__ += products.__all__

_SHARED = ("matmul", "matrix_transpose", "tensordot", "vecdot")
"""What NumPy has both here and at the top."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _SHARED:
            return getattr(functions, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
