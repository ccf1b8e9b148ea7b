"""Random numbers again: Threefry written out in Python's integers, one element at a time."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from . import Oracle

MASK = 0xFFFFFFFF


def block(key: Any, high: int, low: int) -> tuple[int, int]:
    """Threefry-2x32, 20 rounds, as the paper has it."""
    k = [int(key[0]), int(key[1])]
    k.append(0x1BD11BDA ^ k[0] ^ k[1])
    x, y = (high + k[0]) & MASK, (low + k[1]) & MASK
    for turn in range(20):
        bits = (13, 15, 26, 6, 17, 29, 16, 24)[turn % 8]
        x = (x + y) & MASK
        y = ((y << bits | y >> (32 - bits)) & MASK) ^ x
        if turn % 4 == 3:
            at = turn // 4 + 1
            x, y = (x + k[at % 3]) & MASK, (y + k[(at + 1) % 3] + at) & MASK
    return x, y


def numbers(key: Any, n: int, width: int) -> list[int]:
    pairs = [block(key, 0, at) for at in range(n)]
    return [a << 32 | b if width == 64 else (a ^ b) % (1 << width) for a, b in pairs]


def _each(op: Any, key: Any, one: Any, dtype: Any) -> Any:
    """``one(key)`` for every key."""
    lead = key.shape[:-1]
    y = np.empty(op.shape(key.shape)[0], dtype)
    for at in product(*map(range, lead)):
        y[at] = np.reshape(np.array(one(key[at]), dtype), y.shape[len(lead) :])
    return y


def _floats(key: Any, n: int, dtype: Any) -> list[float]:
    digits = np.finfo(dtype).nmant
    width = 8 * np.dtype(dtype).itemsize
    return [(x >> (width - digits)) / 2.0**digits for x in numbers(key, n, width)]


def _integers(op: Any, key: Any) -> Any:
    dtype = np.dtype({"i32": "i4", "i64": "i8", "u8": "u1"}[op.to])
    width, span = max(32, 8 * dtype.itemsize), op.high - op.low

    def one(key: Any) -> Any:
        n = math.prod(op.size)
        pair = zip(numbers(block(key, 0, 0), n, width), numbers(block(key, 0, 1), n, width), strict=True)
        factor = pow(1 << width // 2, 2, span) if span < 1 << width // 2 else 0
        if span == 1 << width:
            return [op.low + b for _, b in pair]
        return [op.low + (a % span * factor + b % span) % span for a, b in pair]

    return _each(op, key, one, dtype)


def _permutation(op: Any, key: Any) -> Any:
    def one(key: Any) -> Any:
        sort_by = numbers(block(key, 0, 1), op.n, 32)
        return sorted(range(op.n), key=sort_by.__getitem__) if op.n > 1 else [0]

    return _each(op, key, one, np.intp)


def _choice(op: Any, key: Any, p: Any) -> Any:
    if p.ndim > 1:
        return np.array([_choice(op, *row) for row in zip(key, p, strict=True)])
    if op.replace:
        places = [p.sum() * (1 - u) for u in _floats(key, math.prod(op.size), "f8")]
        return np.array([int((np.cumsum(p) < at).sum()) for at in places], np.intp).reshape(op.size)
    with np.errstate(divide="ignore"):
        scores = np.log(p) - np.log(-np.log(_floats(key, len(p), "f8")))
    return np.array(sorted(range(len(p)), key=lambda at: -scores[at])[: math.prod(op.size)]).reshape(op.size)


def _bits(op: Any, key: Any) -> Any:
    width = int(op.to[1:])
    return _each(op, key, lambda key: numbers(key, math.prod(op.size), width), f"u{width // 8}")


def _uniform(op: Any, key: Any) -> Any:
    dtype = f"f{int(op.to[1:]) // 8}"
    return _each(op, key, lambda key: _floats(key, math.prod(op.size), dtype), dtype)


def _fold(op: Any, key: Any, data: Any) -> Any:
    flat = zip(key.reshape(-1, 2), np.ravel(data), strict=True)
    return np.array([block(k, 0, int(d)) for k, d in flat], np.uint32).reshape(key.shape)


NUMPY: dict[str, Oracle] = {
    "FoldIn": _fold,
    "RandomBits": _bits,
    "RandomChoice": _choice,
    "RandomIntegers": _integers,
    "RandomPermutation": _permutation,
    "RandomUniform": _uniform,
    "SplitKey": lambda op, key: _each(op, key, lambda k: [block(k, 0, at) for at in range(op.n)], np.uint32),
}


def torch_table() -> dict[str, Oracle]:
    """Other bits: nothing to compare."""
    return {}


def jax_table() -> dict[str, Oracle]:
    """Compared by tests/array/test_random.py."""
    return {}
