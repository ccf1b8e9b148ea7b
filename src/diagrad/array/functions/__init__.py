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
    from .control import *
    from .loops import *
    from .scans import *
else:

    def __getattr__(name: str) -> Any:
        globals()[name] = found = FAMILIES.find(name)
        return found
