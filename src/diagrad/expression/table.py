"""What an expression may use. Nothing that is not in these tables can be reached."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..array import composites
from ..array import functions as f
from ..array.protocols import as_numpy

_PYTHON: Any = operator
"""Python's operators, of which the stubs say too little."""

NAMES = """
    abs add add_n all any append argmax argmin argsort astype average branch broadcast_to column_stack
    concatenate cos count_nonzero cross cumlogsumexp cummax cummin cumprod cumsum cumulative_prod
    cumulative_sum diag diagflat diagonal diff divide dot dstack einsum embedding equal exp expand_dims expm1
    flip fliplr flipud greater greater_equal hstack inner kron less less_equal linear_recurrence log log1p
    logical_and logical_not logical_or matmul matrix_transpose matvec max maximum mean median min minimum
    moveaxis multiply negative not_equal ones_like outer pad percentile permute_dims power prod quantile relu
    repeat_new reshape roll rot90 searchsorted sigmoid sign sin sort sqrt square squeeze stack std subtract
    sum swapaxes take take_along_axis tanh tensordot tile topk tril triu var vdot vecdot vecmat vstack where
    zeros_like
""".split()
"""Only what has a size that is checked before it is made: no ``arange``, whose numbers are there at once."""

TAKE_TEXT = frozenset("einsum pad percentile quantile searchsorted".split())
"""Whose arguments may be text: subscripts, a mode, a side."""

COMPOSITES = "affine deep_network log_softmax logsumexp softmax softmax_cross_entropy two_layer".split()

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(f, name) for name in NAMES},
    **{name: getattr(composites, name) for name in COMPOSITES},
}
"""``exp(x)`` and ``dg.exp(x)``."""

NUMPY_NAMES = """
    absolute amax amin bitwise_and bitwise_or float_power invert ndim positive ravel shape trace transpose
""".split()

NUMPY: dict[str, Callable[..., Any]] = {
    name: as_numpy(getattr(np, name)) for name in (*NAMES, *NUMPY_NAMES) if hasattr(np, name)
}
"""``np.exp(x)``: what NumPy's function does when it is given an Array."""

MODULES: dict[str, dict[str, Callable[..., Any]]] = {
    "dg": FUNCTIONS, "diagrad": FUNCTIONS, "np": NUMPY, "numpy": NUMPY,
}  # fmt: skip

CONSTANTS: dict[str, float | None] = {
    "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "newaxis": None,
}  # fmt: skip
"""``np.pi`` and the like."""

DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(name)
    for name in "float16 float32 float64 int8 int16 int32 int64 uint8 bool float int".split()
}
"""The dtypes that an input or ``astype`` may name."""

METHODS = frozenset(
    """
    all any argmax argmin argsort astype cumprod cumsum diagonal dot flatten max mean min prod ravel reshape
    squeeze std sum swapaxes take trace transpose var
    """.split()
)
PROPERTIES = frozenset("T mT shape ndim size".split())

BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", _PYTHON.truediv),
    ast.Pow: ("**", _PYTHON.pow),
    ast.MatMult: ("@", _PYTHON.matmul),
    ast.BitAnd: ("&", _PYTHON.and_),
    ast.BitOr: ("|", _PYTHON.or_),
}

UNARY: dict[type[ast.unaryop], tuple[str, Callable[[Any], Any]]] = {
    ast.USub: ("-", operator.neg),
    ast.UAdd: ("+", operator.pos),
    ast.Invert: ("~", operator.invert),
}

COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}

INSTEAD: dict[type[ast.AST], tuple[str, str]] = {
    ast.BitXor: ("'^' is not a power here", "write x ** 2 for the square of x"),
    ast.Mod: ("there is no operation '%'", "use + - * / ** @"),
    ast.FloorDiv: ("there is no operation '//'", "use / for division"),
    ast.LShift: ("there is no operation '<<'", "use + - * / ** @"),
    ast.RShift: ("there is no operation '>>'", "use + - * / ** @"),
    ast.And: ("'and' does not work on arrays", "write (x > 0) & (y > 0)"),
    ast.Or: ("'or' does not work on arrays", "write (x > 0) | (y > 0)"),
    ast.Not: ("'not' does not work on arrays", "write ~(x > 0)"),
    ast.IfExp: ("'if … else' does not work on arrays", "write where(condition, x, y)"),
    ast.Lambda: ("a lambda is Python, not an operation", "write the expression itself"),
    ast.ListComp: ("a comprehension is Python, not an operation", "write out the list"),
    ast.SetComp: ("a comprehension is Python, not an operation", "write out the list"),
    ast.DictComp: ("a comprehension is Python, not an operation", "write out the list"),
    ast.GeneratorExp: ("a generator is Python, not an operation", "write out the list"),
    ast.JoinedStr: ("an f-string is Python, not an operation", "leave it out"),
    ast.NamedExpr: ("':=' is not allowed inside an expression", "write y = …; z = … as two expressions"),
    ast.Starred: ("'*' cannot unpack here", "write out the arguments"),
    ast.Dict: ("a dict is not an array", "use names, numbers and operations"),
    ast.Set: ("a set is not an array", "use names, numbers and operations"),
}
"""What people try, and what to write instead."""
