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
from .array.record import no_grad, scope
from .array.trace import graph, trace
from .autodiff import grad, value_and_grad
from .errors import DiagradError
from .ir import Graph

__version__ = "0.1.0"
