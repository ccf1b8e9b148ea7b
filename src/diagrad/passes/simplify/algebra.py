"""Arithmetic that comes out the same bit by bit, for NaN, infinities and −0 too.

So x + 0 stays here, for −0 + 0 is 0, and so does x · 0. :mod:`.sums` says what becomes of zeros in sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...ir import Constant, Op, Value
from ...ir.dtype import from_short
from .constants import full, plain
from .rewriting import Table, Work

__all__ = ["ALGEBRA", "on_copies"]

REAL = "biuf"


def _constant(work: Work, op: Constant) -> Value | None:
    """A dense array of one number → that number, kept once."""
    made = plain(op)
    return None if made is None else work(made)


def _multiply(work: Work, op: Op, x: Value, y: Value) -> Value | None:
    """x · 1 → x;  x · (−1) → −x;  (−x) · (−y) → x · y."""
    if x.dtype.kind in REAL:
        for a, b in ((x, y), (y, x)):
            number = work.number(b)
            if number is not None and number == 1:
                return a
            if number is not None and number == -1 and x.dtype.kind in "if":
                return work(ops.Negative(), a)
    return _both_negative(work, op, x, y)


def _divide(work: Work, op: Op, x: Value, y: Value) -> Value | None:
    """x / 1 → x;  (−x) / (−y) → x / y."""
    if x.dtype.kind == "f" and work.number(y) == 1:
        return x
    return _both_negative(work, op, x, y)


def _both_negative(work: Work, op: Op, x: Value, y: Value) -> Value | None:
    a, b = work.under(x, ops.Negative), work.under(y, ops.Negative)
    return work(op, a, b) if a is not None and b is not None and x.dtype.kind in REAL else None


def _add(work: Work, op: Op, x: Value, y: Value) -> Value | None:
    """x + (−0) → x;  x + (−y) → x − y."""
    for a, b in ((x, y), (y, x)):
        if _is_zero(work.number(b), x.dtype.kind, negative=True):
            return a
        negated = work.under(b, ops.Negative)
        if negated is not None:
            return work(ops.Subtract(), a, negated)
    return None


def _subtract(work: Work, op: Op, x: Value, y: Value) -> Value | None:
    """x − 0 → x;  x − (−y) → x + y."""
    if _is_zero(work.number(y), x.dtype.kind, negative=False):
        return x
    negated = work.under(y, ops.Negative)
    return None if negated is None else work(ops.Add(), x, negated)


def _is_zero(number: Any, kind: str, negative: bool) -> bool:
    """Whether a number is a zero of this sign; integers have but one."""
    if number is None or number != 0 or kind not in "iuf":
        return False
    return kind != "f" or bool(np.signbit(number)) == negative


def _negative(work: Work, op: Op, x: Value) -> Value | None:
    """−(−x) → x."""
    return work.under(x, ops.Negative)


def _even(work: Work, op: Op, x: Value) -> Value | None:
    """|−x| → |x|;  (−x)² → x²."""
    a = work.under(x, ops.Negative) if x.dtype.kind in "f" else None
    return None if a is None else work(op, a)


def _not(work: Work, op: Op, x: Value) -> Value | None:
    """¬¬x → x."""
    return work.under(x, ops.Not)


def _same(work: Work, op: Op, x: Value, y: Value) -> Value | None:
    """max(x, x), min(x, x), x ∧ x, x ∨ x → x."""
    return x if x is y else None


def _power(work: Work, op: ops.PowerScalar, x: Value) -> Value | None:
    """x¹ → x."""
    return x if op.n == 1 and x.dtype.kind in REAL else None


def _where(work: Work, op: Op, c: Value, x: Value, y: Value) -> Value | None:
    """where(true, x, y), where(c, x, x) → x;  where(¬c, x, y) → where(c, y, x)."""
    if x is y:
        return x
    chosen = work.number(c)
    if chosen is not None:
        return x if chosen else y
    turned = work.under(c, ops.Not)
    return None if turned is None else work(op, turned, y, x)


def _as_type(work: Work, op: ops.AsType, x: Value) -> Value | None:
    """To the dtype that it has → x;  a → b → c, where b holds every number of a → a → c.

    Not for a c of integers behind a b of floating-point numbers: what is outside c is then anything.
    """
    to, a = from_short(op.to), work.under(x, ops.AsType)
    if to == x.dtype:
        return x
    if a is None or not _lossless(a.dtype, x.dtype):
        return None
    return work(op, a) if x.dtype.kind != "f" or to.kind not in "iu" or to == a.dtype else None


def _lossless(a: np.dtype[Any], b: np.dtype[Any]) -> bool:
    """Whether b holds every number of a. NumPy takes an int64 to be safe as float64, which has 53 bits.

    >>> _lossless(np.dtype("i4"), np.dtype("f8")), _lossless(np.dtype("i8"), np.dtype("f8"))
    (True, False)
    """
    if a.kind not in REAL or b.kind not in REAL or not np.can_cast(a, b, "safe"):
        return False
    return not (a.kind in "iu" and b.kind == "f") or 8 * a.itemsize <= np.finfo(b).nmant


def on_copies(work: Work, op: Op, *inputs: Value) -> Value | None:
    """f(repeat(x), repeat(y)) → repeat(f(x, y)): computed once for all copies."""
    repeats = [node for x in inputs if (node := work.maker(x, ops.Repeat)) is not None]
    if not repeats or op.multiple:
        return None
    rest = [x for x in inputs if x not in work.constants]
    numbers = [x for x in inputs if work.number(x) is not None]
    if len(repeats) < len(rest) or len(rest) + len(numbers) < len(inputs):
        return None
    repeat = repeats[0].op
    if any(node.op != repeat for node in repeats) or not all(map(work.single, {*rest, *numbers})):
        return None
    like = repeats[0].inputs[0]
    under = [
        work.constant(full(number, like.spec._replace(dtype=x.dtype)))
        if (number := work.number(x)) is not None
        else work.maker(x, ops.Repeat).inputs[0]  # type: ignore[union-attr]
        for x in inputs
    ]
    return work(repeat, work(op, *under))


ALGEBRA: Table = {
    Constant: (_constant,),
    ops.Multiply: (_multiply,),
    ops.Divide: (_divide,),
    ops.Add: (_add,),
    ops.Subtract: (_subtract,),
    ops.Negative: (_negative,),
    ops.Abs: (_even,),
    ops.Square: (_even,),
    ops.Not: (_not,),
    ops.Maximum: (_same,),
    ops.Minimum: (_same,),
    ops.And: (_same,),
    ops.Or: (_same,),
    ops.PowerScalar: (_power,),
    ops.Where: (_where,),
    ops.AsType: (_as_type,),
}
