"""Half precision: kept in 16 bits, computed with in single precision.

In memory and in registers a half is an integer: for LLVM's ``half``, a machine without instructions for it
calls functions of a library that need not be there. Such machines convert with integers: the exponent is
moved by a product with a power of two, which is exact and makes subnormal numbers normal; back, the odd bit
decides ties (F. Giesen, *Half to float done quick*, 2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .registers import FLOAT32, FLOAT64, Register, llvm_type

if TYPE_CHECKING:
    from .arithmetic import Arithmetic

__all__ = ["HALF", "INT16", "narrowed", "rounded", "widened"]

HALF = np.dtype(np.float16)
INT16, _INT32 = np.dtype(np.int16), np.dtype(np.int32)


def _converts(b: Arithmetic) -> bool:
    """Whether the machine has instructions that convert."""
    target = b.module.target
    return "+f16c" in target.features.split(",") or target.level == "neon"


def widened(b: Arithmetic, x: Register) -> Register:
    """The half of these 16 bits as a float32."""
    if _converts(b):
        half = b.emit(f"bitcast {x.typed} to {llvm_type(HALF, x.lanes)}", HALF, x.lanes)
        return b.emit(f"fpext {half.typed} to {llvm_type(FLOAT32, x.lanes)}", FLOAT32, x.lanes)
    bits = b.cast(x, _INT32)
    size = bits & 0x7FFF
    moved = b.from_bits(size << 13) * 2.0**112
    moved = b.where(size >= 0x7C00, b.from_bits((size << 13) | 0x7F800000), moved)
    return b.from_bits(b.bits(moved) | (bits & -0x80000000))


def narrowed(b: Arithmetic, x: Register) -> Register:
    """The 16 bits of a float32 as a half, halves to even."""
    if _converts(b):
        return b.bits(b.emit(f"fptrunc {x.typed} to {llvm_type(HALF, x.lanes)}", HALF, x.lanes))
    bits = b.bits(x)
    size = bits & 0x7FFFFFFF
    magic = b.constant(0.5, FLOAT32, x.lanes)  # its last bit is that of the subnormal halves
    small = b.bits(b.from_bits(size) + magic) - b.bits(magic)
    normal = (size + 0xFFF - (112 << 23) + ((size >> 13) & 1)) >> 13
    made = b.where(size < 113 << 23, small, normal)
    special = b.where(size > 0x7F800000, b.constant(0x7E00, _INT32, x.lanes), 0x7C00)
    made = b.where(size >= 143 << 23, special, made) | ((bits >> 16) & 0x8000)
    return b.cast(made, INT16)


def rounded(b: Arithmetic, x: Register) -> Register:
    """A number rounded to what a half holds, as a float32."""
    single = _odd(b, x) if x.dtype == FLOAT64 else b.cast(x, FLOAT32)
    return widened(b, narrowed(b, single))


def _odd(b: Arithmetic, x: Register) -> Register:
    """A float64 as a float32, its last bit set where that is not exact: rounding again rounds it once
    (S. Boldo & G. Melquiond, *IEEE Trans. Comput.* 57 (2008) 462–471).
    """
    near = b.cast(x, FLOAT32)
    back = b.cast(near, FLOAT64)
    cut = b.bits(near) - b.cast(b.absolute(back) > b.absolute(x), _INT32)
    return b.where(back != x, b.from_bits(cut | 1), near)
