"""The functions of the array namespace, with NumPy's names and semantics.

Each takes Arrays, NumPy arrays, nested lists and numbers, computes at once and records; inside
:func:`diagrad.trace` it records alone. A family of functions is a module that states its names in
``__all__``; some are loaded when one of their names is asked for.
"""

from typing import TYPE_CHECKING, Any

from ...lazy import Families
from . import creation, elementwise, reductions, shape, structure
from .creation import *
from .elementwise import *
from .reductions import *
from .shape import *
from .structure import *

__all__: list[str] = []
__all__ += creation.__all__
__all__ += elementwise.__all__
__all__ += reductions.__all__
__all__ += shape.__all__
__all__ += structure.__all__

FAMILIES = Families(__name__, __path__)

if TYPE_CHECKING:
    from .activation import *
    from .aggregate import *
    from .barrier import *
    from .bitwise import *
    from .complex_numbers import *
    from .constants import *
    from .control import *
    from .convolution import *
    from .correlation import *
    from .cumulative import *
    from .diagonals import *
    from .dropout import *
    from .einstein import *
    from .exponential import *
    from .folding import *
    from .joining import *
    from .limits import *
    from .loops import *
    from .pooling import *
    from .predicates import *
    from .products import *
    from .rearrange import *
    from .resizing import *
    from .rounding import *
    from .scans import *
    from .scatter import *
    from .sorting import *
    from .special import *
    from .statistics import *
    from .trigonometric import *
else:

    def __getattr__(name: str) -> Any:
        globals()[name] = found = FAMILIES.find(name)
        return found
