"""Threefry-2x32 with 20 rounds: random bits as a function of a key and a counter.

Salmon, Moraes, Dror & Shaw, *Parallel random numbers: as easy as 1, 2, 3* (SC 2011). Element number i of an
array is made of the counter i alone, whatever else is drawn; this is how JAX lays counters out, and the bits
are JAX's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)
_BLOCK = 1 << 14
"""Counters at a time: their two words and a spare one stay in the cache over all rounds."""


def threefry2x32(key: Any, high: Any, low: Any) -> tuple[Any, Any]:
    """The two words that a key [..., 2] makes of counters of two words [..., n], all of 32 bits.

    >>> [hex(x[0]) for x in threefry2x32(np.zeros(2, np.uint32), *np.zeros((2, 1), np.uint32))]
    ['0x6b200159', '0x99ba4efe']
    """
    return rounds(key[..., 0:1], key[..., 1:2], high, low)


def rounds(first: Any, second: Any, high: Any, low: Any) -> tuple[Any, Any]:
    """The same of a key's two words."""
    schedule = (first, second, first ^ second ^ _PARITY)
    x, y = high + first, low + second
    for turn in range(5):
        for bits in _ROTATIONS[turn % 2]:
            x += y
            spare = y >> np.uint32(32 - bits)
            y <<= np.uint32(bits)
            y |= spare
            y ^= x
        x += schedule[(turn + 1) % 3]
        y += schedule[(turn + 2) % 3]
        y += np.uint32(turn + 1)
    return x, y


def words(key: Any, n: int) -> tuple[Any, Any]:
    """Two words [..., n] for each of the counters 0 to n − 1."""
    high = np.empty((*key.shape[:-1], n), np.uint32)
    low = np.empty_like(high)
    for start in range(0, n, _BLOCK):
        part = slice(start, min(start + _BLOCK, n))
        counters = np.arange(part.start, part.stop, dtype=np.uint64)
        upper, lower = (counters >> np.uint64(32)).astype(np.uint32), counters.astype(np.uint32)
        high[..., part], low[..., part] = threefry2x32(key, upper, lower)
    return high, low


def random_bits(key: Any, n: int, width: int) -> Any:
    """n random integers [..., n] of 8, 16, 32 or 64 bits."""
    return bits_of(*words(key, n), width)


def bits_of(high: Any, low: Any, width: int) -> Any:
    """Integers of 8, 16, 32 or 64 bits of two words."""
    if width == 64:
        return high.astype(np.uint64) << np.uint64(32) | low
    return (high ^ low).astype(f"u{width // 8}")


def random_uniform(key: Any, n: int, dtype: np.dtype[Any]) -> Any:
    """n floating-point numbers [..., n] in [0, 1): the mantissa's bits are random."""
    return uniform_of(random_bits(key, n, 8 * dtype.itemsize), dtype)


def uniform_of(bits: Any, dtype: np.dtype[Any]) -> Any:
    """Random bits as numbers in [0, 1); the bits are used up."""
    one = np.ones((), dtype)
    unsigned = np.dtype(f"u{dtype.itemsize}")
    bits >>= unsigned.type(8 * dtype.itemsize - np.finfo(dtype).nmant)
    bits |= one.view(unsigned)
    return bits.view(dtype) - one


def split(key: Any, n: int) -> Any:
    """n keys [..., n, 2]."""
    return np.stack(words(key, n), -1)
