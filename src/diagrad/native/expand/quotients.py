"""Many numbers divided by one: its reciprocal is computed once.

A vector of divisions takes as long as ten of multiplications. With r = 1/y rounded, q = x·r lies within two
units of the quotient, and q + r·(x − q·y) is the quotient as a division rounds it (P. Markstein, *IBM J. Res.
Dev.* 34 (1990) 111–119). Where the correction is not a number, q is infinite or NaN already, and stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import ops
from ...array.align import uniform
from ...ir import Constant, DType, Op, Value
from ..math.division import quotient
from .writer import Rules, Writer

__all__ = ["RULES"]

MANY = 8
"""Quotients of one divisor from which its reciprocal pays."""


_END = {4: 64, 8: 960}
"""For the bytes of a float: the power of two beyond which a divisor is scaled."""


def _divide(w: Writer, op: Any, x: Value, y: Value) -> Value | None:
    return _shared(w, x, y) or _by_one(w, x, y)


def _shared(w: Writer, x: Value, y: Value) -> Value | None:
    """a·b / y as (a/y)·b where a/y is there already, as it is in the gradient of a quotient."""
    node = w.sources.get(x)
    if node is None or type(node.op) is not ops.Multiply:
        return None
    for a, b in (node.inputs, node.inputs[::-1]):
        source = w.sources.get(a)
        opposite = source is not None and type(source.op) is ops.Negative
        ratio = w.known.get((ops.Divide(), (source.inputs[0] if source and opposite else a, y)))
        if ratio is not None:
            return w(ops.Multiply(), w(ops.Negative(), ratio) if opposite else ratio, b)
    return None


def _by_one(w: Writer, x: Value, y: Value) -> Value | None:
    """x / y where y is one number for many of x."""
    source = w.sources.get(y)
    if source is None or x.dtype.str[1:] not in ("f4", "f8") or x.dtype != y.dtype:
        return None
    if isinstance(source.op, Constant) and uniform(source.op.data) is not None:
        one, repeat = w(Constant(np.asarray(source.op.data.flat[0]))), _everywhere(y)
    elif isinstance(source.op, ops.Repeat):
        (one,), repeat = source.inputs, source.op
    else:
        return None
    if np.prod(repeat.times) < MANY:
        return None
    scale = w(_Scale(), one)
    scaled = w(ops.Multiply(), one, scale)
    inverse = w(ops.Divide(), w.full(1, one.shape, one.dtype), scaled)
    return w(_Quotient(), x, *(w(repeat, each) for each in (scale, scaled, inverse)))


def _everywhere(y: Value) -> ops.Repeat:
    return ops.Repeat(tuple(range(len(y.shape))), y.shape)


@dataclass(frozen=True)
class _Scale(Op, register=False):
    """The power of two by which a divisor is multiplied so that its reciprocal is an ordinary number."""

    signature = "x[...] -> y[...]"

    def forward(self, x: Any) -> Any:
        end = _END[x.dtype.itemsize]
        size = abs(x)
        return np.where(size < 2.0**-end, 2.0**64, np.where(size > 2.0**end, 2.0**-64, 1.0)).astype(x.dtype)

    def element(self, *inputs: Any) -> Any:
        (x,) = inputs
        b, end = x.builder, _END[x.dtype.itemsize]
        size = b.absolute(x)
        up, down, one = (b.constant(2.0**power, x.dtype, x.lanes) for power in (64, -64, 0))
        return b.where(size < 2.0**-end, up, b.where(size > 2.0**end, down, one))

    def dtype(self, *dtypes: DType) -> DType:
        return dtypes[0]


@dataclass(frozen=True)
class _Quotient(Op, register=False):
    """x·scale / y, where inverse = 1 / y."""

    signature = "x[...], scale[...], y[...], inverse[...] -> z[...]"

    def forward(self, x: Any, scale: Any, y: Any, inverse: Any) -> Any:
        return x * scale / y

    def element(self, *inputs: Any) -> Any:
        return quotient(inputs[0].builder, *inputs)

    def dtype(self, *dtypes: DType) -> DType:
        return dtypes[0]


RULES: Rules = {"Divide": _divide}
