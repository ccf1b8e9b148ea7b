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
from typing import TYPE_CHECKING

from . import errors, interp, ir, ops, passes
from .array.array import Array
from .array.composites import (
    affine,
    deep_network,
    log_softmax,
    logsumexp,
    softmax,
    softmax_cross_entropy,
    two_layer,
)
from .array.context import no_grad, scope
from .array.functions import (
    abs,
    add,
    add_n,
    argmax,
    argmin,
    array,
    asarray,
    astype,
    branch,
    broadcast_to,
    concatenate,
    cos,
    divide,
    equal,
    exp,
    expand_dims,
    expm1,
    greater,
    greater_equal,
    less,
    less_equal,
    log,
    log1p,
    logical_and,
    logical_not,
    logical_or,
    matmul,
    matrix_transpose,
    max,
    maximum,
    mean,
    min,
    minimum,
    multiply,
    negative,
    not_equal,
    ones_like,
    parameter,
    permute_dims,
    power,
    relu,
    repeat_new,
    reshape,
    sigmoid,
    sign,
    sin,
    sqrt,
    square,
    squeeze,
    stack,
    subtract,
    sum,
    tanh,
    where,
    zeros_like,
)
from .array.trace import graph, trace
from .autodiff import directional, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp, vmap
from .draw import draw
from .errors import DiagradError
from .ir import Graph

if TYPE_CHECKING:
    from . import testing
    from .draw import Figure

__version__ = "0.1.0"

__all__ = [
    "Array", "DiagradError", "Figure", "Graph", "__version__", "abs", "add", "add_n", "affine", "argmax",
    "argmin", "array", "asarray", "astype", "branch", "broadcast_to", "concatenate", "cos",
    "deep_network", "directional", "divide", "draw", "equal", "errors", "exp", "expand_dims", "expm1",
    "grad", "graph", "greater", "greater_equal", "hessian", "hvp", "interp", "ir", "jacobian", "jvp",
    "less", "less_equal", "log", "log1p", "log_softmax", "logical_and", "logical_not", "logical_or",
    "logsumexp", "matmul", "matrix_transpose", "max", "maximum", "mean", "min", "minimum", "multiply",
    "negative", "no_grad", "not_equal", "ones_like", "ops", "parameter", "passes", "permute_dims",
    "power", "relu", "repeat_new", "reshape", "scope", "sigmoid", "sign", "sin", "softmax",
    "softmax_cross_entropy", "sqrt", "square", "squeeze", "stack", "subtract", "sum", "tanh", "testing",
    "trace", "two_layer", "value_and_grad", "vjp", "vmap", "where", "zeros_like",
]  # fmt: skip

_LAZY = {
    "testing": ("diagrad.testing", ""),
    "Figure": ("diagrad.draw", "Figure"),
}
"""What is loaded only when it is asked for: a module, or a name in one."""


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, inside = _LAZY[name]
    found = importlib.import_module(module)
    globals()[name] = getattr(found, inside) if inside else found
    return globals()[name]
