"""Products and norms that the generator of products does not make."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...ir import Value
from .writer import Rules, Writer

__all__ = ["RULES"]


def _product(w: Writer, op: Any, x: Value, y: Value) -> Value | None:
    """Half precision in single, as NumPy has it; integers as sums of products."""
    kind, last = x.dtype.kind, len(x.shape)
    if x.dtype.str[1:] == "f2":
        return w.cast(w(op, *(w.cast(z, np.float32) for z in (x, y))), x.dtype)
    if kind not in "iu" or last < 2:
        return None
    rows = w.repeated(x, last - 1, y.shape[-1])
    columns = w.repeated(w.transposed(y, *range(last - 2), last - 1, last - 2), last - 2, x.shape[-2])
    return w(ops.Sum((last,)), w(ops.Multiply(), rows, columns))


def _norm(w: Writer, op: Any, x: Value) -> Value | None:
    if x.dtype.kind != "f":
        return None
    if op.p == 2:
        return w(ops.Sqrt(), w(ops.Sum(op.axes), w(ops.Square(), x)))
    total = w(ops.Sum(op.axes), w(ops.PowerScalar(op.p), w(ops.Abs(), x)))
    return w(ops.PowerScalar(1 / op.p), total)


RULES: Rules = {"MatMul": _product, "VectorNorm": _norm}
