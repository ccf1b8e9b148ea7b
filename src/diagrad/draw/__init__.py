"""Pictures of computational graphs: scene → layout → writers. No Graphviz, no browser, no LaTeX."""

import sys
from types import ModuleType
from typing import Any

from .api import draw
from .figure import Figure

__all__ = ["Figure", "draw"]


class _Callable(ModuleType):
    """Importing this package makes ``diagrad.draw`` the package; ``dg.draw(…)`` has to draw all the same."""

    def __call__(self, *args: Any, **kwargs: Any) -> Figure:
        return draw(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
