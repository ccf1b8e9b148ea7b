"""Random numbers: each element is a function of the key and of the element's number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import ops
from ...ir import DType, Op, Rule, Value, from_short, short_name
from ...ops.threefry import bits_of, rounds, uniform_of
from .writer import Rules, Writer

__all__ = ["RULES"]

_WORD = np.dtype(np.uint32)


@dataclass(frozen=True)
class _Drawn(Op, register=False):
    """What the two words of a key make of a number: bits or a number of dtype ``to``; with ``word`` one of
    its two words.
    """

    to: str = "u32"
    word: int | None = None

    signature = "first[...], second[...], number[...] -> y[...]"

    def forward(self, first: Rule, second: Rule, number: Rule) -> Rule:
        two = rounds(first, second, np.zeros_like(number), number)
        if self.word is not None:
            return two[self.word]
        dtype = from_short(self.to)
        bits = bits_of(*two, 8 * dtype.itemsize)
        return uniform_of(bits, dtype) if dtype.kind == "f" else bits

    def dtype(self, *dtypes: DType) -> DType:
        return from_short(self.to)


@dataclass(frozen=True)
class _Between(Op, register=False):
    """The integer that the two words of RandomIntegers make."""

    op: ops.RandomIntegers

    signature = "upper[...], lower[...] -> y[...]"

    def forward(self, upper: Rule, lower: Rule) -> Rule:
        return self.op.between(upper, lower)

    def dtype(self, *dtypes: DType) -> DType:
        return self.op.gives()


def _halves(w: Writer, key: Value, shape: tuple[int, ...]) -> tuple[Value, Value]:
    """The two words of a key, for each element of what it draws."""
    lead = len(key.shape) - 1
    axes = tuple(range(lead, lead + len(shape)))
    first, second = (w(ops.Slice((Ellipsis, at)), key) for at in range(2))
    return (
        (first, second)
        if not axes
        else (w(ops.Repeat(axes, shape), first), w(ops.Repeat(axes, shape), second))
    )


def _drawn(w: Writer, op: _Drawn, key: Value, shape: tuple[int, ...]) -> Value | None:
    """One element for each number below that of all elements."""
    if math.prod(shape) >= 2**32 or 0 in shape:
        return None
    lead = key.shape[:-1]
    number = w.full(0, (*lead, *shape), _WORD)
    for axis, size in enumerate(shape):
        if size > 1:
            part = w.counted(len(lead) + axis, (*lead, *shape), _WORD, math.prod(shape[axis + 1 :]))
            number = w(ops.Add(), number, part)
    return w(op, *_halves(w, key, shape), number)


def _bits(w: Writer, op: Any, key: Value) -> Value | None:
    return _drawn(w, _Drawn(op.to), key, op.size)


def _integers(w: Writer, op: Any, key: Value) -> Value | None:
    two = _split(w, ops.SplitKey(2), key)
    assert two is not None
    to = short_name(np.dtype(f"u{max(4, op.gives().itemsize)}"))
    words = [
        _drawn(w, _Drawn(to), w(ops.Slice((Ellipsis, at, slice(None))), two), op.size) for at in range(2)
    ]
    upper, lower = words
    return None if upper is None or lower is None else w(_Between(op), upper, lower)


def _split(w: Writer, op: Any, key: Value) -> Value | None:
    words = [_drawn(w, _Drawn(word=at), key, (op.n,)) for at in range(2)]
    first, second = words
    return None if first is None or second is None else w(ops.Stack(len(first.shape)), first, second)


def _fold_in(w: Writer, op: Any, key: Value, data: Value) -> Value | None:
    number = w.cast(data, _WORD)
    words = [w(_Drawn(word=at), *_halves(w, key, ()), number) for at in range(2)]
    return w(ops.Stack(len(number.shape)), *words)


RULES: Rules = {
    "RandomBits": _bits,
    "RandomUniform": _bits,
    "RandomIntegers": _integers,
    "SplitKey": _split,
    "FoldIn": _fold_in,
}
