"""The ops: each in one place, with its definition, its rule, its sign and its names.

A family of ops is a module that states its names in ``__all__``. The families of every first graph are loaded
at once, the others when one of their names is asked for; :func:`load` loads all.
"""

from typing import TYPE_CHECKING, Any

from ..lazy import Families
from . import arithmetic, choice, index, reduce, shape, structure, transcendental
from .arithmetic import *
from .choice import *
from .index import *
from .reduce import *
from .shape import *
from .structure import *
from .transcendental import *

__all__ = ["load"]
__all__ += arithmetic.__all__
__all__ += choice.__all__
__all__ += index.__all__
__all__ += reduce.__all__
__all__ += shape.__all__
__all__ += structure.__all__
__all__ += transcendental.__all__

_FAMILIES = Families(__name__, __path__)


def load() -> None:
    """Load every family, so that ``Op.registry`` has all ops."""
    list(_FAMILIES.load())


if TYPE_CHECKING:
    from .activation import *
    from .aggregate import *
    from .barrier import *
    from .bitwise import *
    from .complex_numbers import *
    from .cond import *
    from .convolution import *
    from .cumulative import *
    from .decompositions import *
    from .determinants import *
    from .diagonal import *
    from .exponential import *
    from .limits import *
    from .matrix_functions import *
    from .max_pooling import *
    from .norms import *
    from .pooling import *
    from .predicates import *
    from .random import *
    from .rearrange import *
    from .rounding import *
    from .scan import *
    from .scatter import *
    from .solvers import *
    from .sorting import *
    from .special import *
    from .spectral import *
    from .trigonometric import *
    from .while_loop import *
else:

    def __getattr__(name: str) -> Any:
        globals()[name] = found = _FAMILIES.find(name)
        return found
