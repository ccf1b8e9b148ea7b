"""diagrad: computational graphs you can see.

Build a graph from ordinary NumPy code, run it forward and backward, and draw it with every value, every
gradient and the rule at each node.

>>> import diagrad as dg
>>> x, y = dg.array(2.0), dg.array(3.0)
>>> z = x * y
>>> z.backward()
>>> x.grad
array(3.)
"""

import importlib
from typing import TYPE_CHECKING, Any

from . import errors, interp, ir, ops, passes
from .array import composites, functions
from .array.array import Array
from .array.checkpoint import checkpoint
from .array.composites import *
from .array.context import no_grad, scope
from .array.functions import *
from .array.trace import graph, trace
from .autodiff import (
    custom_rule,
    directional,
    grad,
    hessian,
    hvp,
    implicit,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
    vmap,
)
from .draw import draw
from .errors import DiagradError
from .ir import Graph

if TYPE_CHECKING:
    from . import nn, optim, testing
    from .array import linalg, random
    from .compilation import compile
    from .compilation.report import Report
    from .diagnose import debug
    from .draw import Figure
    from .passes.simplify import simplify
    from .passes.stabilise import stabilise

__version__ = "0.1.0"

_LAZY = {
    "linalg": ("diagrad.array.linalg", ""),
    "nn": ("diagrad.nn", ""),
    "optim": ("diagrad.optim", ""),
    "random": ("diagrad.array.random", ""),
    "testing": ("diagrad.testing", ""),
    "Figure": ("diagrad.draw", "Figure"),
    "Report": ("diagrad.compilation.report", "Report"),
    "compile": ("diagrad.compilation", "compile"),
    "debug": ("diagrad.diagnose", "debug"),
    "simplify": ("diagrad.passes.simplify", "simplify"),
    "stabilise": ("diagrad.passes.stabilise", "stabilise"),
}
"""What is loaded only when it is asked for: a module, or a name in one. So are the families of
:mod:`diagrad.array.functions` that are not for every program."""

__all__ = [
    "Array",
    "DiagradError",
    "Figure",
    "Graph",
    "Report",
    "__version__",
    "checkpoint",
    "compile",
    "custom_rule",
    "debug",
    "directional",
    "draw",
    "errors",
    "grad",
    "graph",
    "hessian",
    "hvp",
    "implicit",
    "interp",
    "ir",
    "jacobian",
    "jvp",
    "linalg",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "passes",
    "random",
    "scope",
    "simplify",
    "stabilise",
    "testing",
    "trace",
    "value_and_grad",
    "vjp",
    "vmap",
]
__all__ += composites.__all__
__all__ += functions.__all__


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _LAZY:
            module, inside = _LAZY[name]
            found = importlib.import_module(module)
            found = getattr(found, inside) if inside else found
        else:
            try:
                found = functions.FAMILIES.find(name)
            except AttributeError:
                raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*__all__, *functions.FAMILIES.names()})
