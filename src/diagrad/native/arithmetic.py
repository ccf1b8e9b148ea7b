"""Arithmetic on registers, by NumPy's names and with NumPy's meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir import DType
from . import halves
from .registers import BOOL, FLOAT64, NoNativeFormError, Register, llvm_type

if TYPE_CHECKING:
    from .module import Module

__all__ = ["Arithmetic"]


class Arithmetic:
    """What a builder computes: one instruction, or a few, for each method."""

    module: Module
    lanes: int
    contract = ""
    """``"contract "`` where a product and a sum may become one multiply-add with one rounding. Code that
    counts on each rounding, as vector math does, leaves it empty."""

    def emit(self, text: str, dtype: DType, lanes: int) -> Register:
        raise NotImplementedError

    def constant(self, value: Any, dtype: DType, lanes: int | None = None) -> Register:
        raise NotImplementedError

    def splat(self, x: Register, lanes: int | None = None) -> Register:
        raise NotImplementedError

    # Operands

    def pair(self, x: Any, y: Any) -> tuple[Register, Register]:
        """Two operands of one dtype and width; Python numbers take the other's dtype."""
        if not isinstance(x, Register):
            x = self.constant(x, y.dtype, y.lanes)
        elif not isinstance(y, Register):
            y = self.constant(y, x.dtype, x.lanes)
        if x.dtype != y.dtype:
            common = np.result_type(x.dtype, y.dtype)
            x, y = self.cast(x, common), self.cast(y, common)
        if x.lanes != y.lanes:
            lanes = max(x.lanes, y.lanes)
            x, y = self.splat(x, lanes), self.splat(y, lanes)
        return x, y

    def _binary(self, x: Any, y: Any, floating: str, integer: str) -> Register:
        x, y = self.pair(x, y)
        word = floating + " " + self.contract if x.dtype.kind == "f" else integer + " "
        return self.emit(f"{word}{x.typed}, {y.text}", x.dtype, x.lanes)

    def _intrinsic(self, name: str, *operands: Register) -> Register:
        x = operands[0]
        lanes = f"v{x.lanes}" if x.lanes else ""
        kind = "f" if x.dtype.kind == "f" else "i"
        full = f"llvm.{name}.{lanes}{kind}{8 * x.dtype.itemsize}"
        self.module.declare(f"{x.type} @{full}({', '.join(y.type for y in operands)})")
        return self.emit(f"call {x.type} @{full}({', '.join(y.typed for y in operands)})", x.dtype, x.lanes)

    # The four, and what is near

    def add(self, x: Any, y: Any) -> Register:
        x, y = self.pair(x, y)
        return self._binary(x, y, "fadd", "or" if x.dtype == BOOL else "add")

    def subtract(self, x: Any, y: Any) -> Register:
        return self._binary(x, y, "fsub", "sub")

    def multiply(self, x: Any, y: Any) -> Register:
        x, y = self.pair(x, y)
        return self._binary(x, y, "fmul", "and" if x.dtype == BOOL else "mul")

    def divide(self, x: Any, y: Any) -> Register:
        x, y = self.pair(x, y)
        if x.dtype.kind != "f":
            x, y = self.cast(x, FLOAT64), self.cast(y, FLOAT64)
        return self._binary(x, y, "fdiv", "")

    true_divide = divide

    def negative(self, x: Register) -> Register:
        if x.dtype.kind == "f":
            return self.emit(f"fneg {x.typed}", x.dtype, x.lanes)
        return self.subtract(0, x)

    def positive(self, x: Register) -> Register:
        return x

    @property
    def fused(self) -> bool:
        """Whether :meth:`fma` rounds once."""
        return "+fma" in self.module.target.features or self.module.target.level == "neon"

    def fma(self, x: Register, y: Register, z: Register) -> Register:
        """x · y + z with one rounding, where the machine has it; otherwise two."""
        if not self.fused:
            return x * y + z
        x, y = self.pair(x, y)
        x, z = self.pair(x, z)
        x, y = self.pair(x, y)
        return self._intrinsic("fma", x, y, z)

    def absolute(self, x: Register) -> Register:
        if x.dtype.kind == "f":
            return self._intrinsic("fabs", x)
        return self.where(x < 0, -x, x) if x.dtype.kind == "i" else x

    fabs = absolute

    def square(self, x: Register) -> Register:
        return x * x

    def reciprocal(self, x: Register) -> Register:
        return 1.0 / x

    def sqrt(self, x: Register) -> Register:
        return self._intrinsic("sqrt", x)

    def floor(self, x: Register) -> Register:
        return self._intrinsic("floor", x) if x.dtype.kind == "f" else x

    def ceil(self, x: Register) -> Register:
        return self._intrinsic("ceil", x) if x.dtype.kind == "f" else x

    def trunc(self, x: Register) -> Register:
        return self._intrinsic("trunc", x) if x.dtype.kind == "f" else x

    def rint(self, x: Register) -> Register:
        """To the nearest integer, halves to even."""
        return self._intrinsic("roundeven", x) if x.dtype.kind == "f" else x

    def copysign(self, x: Any, y: Any) -> Register:
        x, y = self.pair(x, y)
        return self._intrinsic("copysign", x, y)

    # Comparisons and choices

    def _compare(self, x: Any, y: Any, floating: str, word: str) -> Register:
        x, y = self.pair(x, y)
        if x.dtype.kind == "f":
            return self.emit(f"fcmp {floating} {x.typed}, {y.text}", BOOL, x.lanes)
        sign = "" if word in ("eq", "ne") else "s" if x.dtype.kind == "i" else "u"
        return self.emit(f"icmp {sign}{word} {x.typed}, {y.text}", BOOL, x.lanes)

    def less(self, x: Any, y: Any) -> Register:
        return self._compare(x, y, "olt", "lt")

    def less_equal(self, x: Any, y: Any) -> Register:
        return self._compare(x, y, "ole", "le")

    def greater(self, x: Any, y: Any) -> Register:
        return self._compare(x, y, "ogt", "gt")

    def greater_equal(self, x: Any, y: Any) -> Register:
        return self._compare(x, y, "oge", "ge")

    def equal(self, x: Any, y: Any) -> Register:
        return self._compare(x, y, "oeq", "eq")

    def not_equal(self, x: Any, y: Any) -> Register:
        return self._compare(x, y, "une", "ne")

    def isnan(self, x: Register) -> Register:
        if x.dtype.kind != "f":
            return self.constant(False, BOOL, x.lanes)
        return self.emit(f"fcmp uno {x.typed}, {x.text}", BOOL, x.lanes)

    def isinf(self, x: Register) -> Register:
        return self.absolute(x) == np.inf if x.dtype.kind == "f" else self.constant(False, BOOL, x.lanes)

    def isfinite(self, x: Register) -> Register:
        return self.absolute(x) < np.inf if x.dtype.kind == "f" else self.constant(True, BOOL, x.lanes)

    def signbit(self, x: Register) -> Register:
        if x.dtype.kind == "u" or x.dtype == BOOL:
            return self.constant(False, BOOL, x.lanes)
        return self.bits(x) < 0

    def where(self, c: Any, x: Any, y: Any) -> Register:
        """x where c, y elsewhere."""
        if not isinstance(x, Register) and not isinstance(y, Register):
            raise NoNativeFormError("np.where of two Python numbers")
        x, y = self.pair(x, y)
        if not isinstance(c, Register):
            return x if c else y
        lanes = max(c.lanes, x.lanes)
        c, x, y = self.splat(c, lanes), self.splat(x, lanes), self.splat(y, lanes)
        return self.emit(f"select {c.typed}, {x.typed}, {y.typed}", x.dtype, lanes)

    def maximum(self, x: Any, y: Any) -> Register:
        """The larger; NaN if one is."""
        x, y = self.pair(x, y)
        if x.dtype.kind != "f":
            return self.where(x >= y, x, y)
        return self.where(self.emit(f"fcmp ogt {x.typed}, {y.text}", BOOL, x.lanes) | self.isnan(x), x, y)

    def minimum(self, x: Any, y: Any) -> Register:
        """The smaller; NaN if one is."""
        x, y = self.pair(x, y)
        if x.dtype.kind != "f":
            return self.where(x <= y, x, y)
        return self.where(self.emit(f"fcmp olt {x.typed}, {y.text}", BOOL, x.lanes) | self.isnan(x), x, y)

    def clip(self, x: Register, low: Any, high: Any) -> Register:
        y = x if low is None else self.maximum(x, low)
        return y if high is None else self.minimum(y, high)

    def zeros_like(self, x: Register) -> Register:
        return self.constant(0, x.dtype, x.lanes)

    def ones_like(self, x: Register) -> Register:
        return self.constant(1, x.dtype, x.lanes)

    def full_like(self, x: Register, value: Any) -> Register:
        return self.constant(value, x.dtype, x.lanes)

    def round(self, x: Register, decimals: int = 0) -> Register:
        """To so many decimals, halves to even, by scaling as NumPy does."""
        if x.dtype.kind != "f" or not decimals:
            if x.dtype.kind != "f" and decimals < 0:
                raise NoNativeFormError("rounding of integers to tens")
            return self.rint(x)
        scale = 10.0 ** abs(decimals)
        return self.rint(x * scale) / scale if decimals > 0 else self.rint(x / scale) * scale

    def nan_to_num(self, x: Register, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Register:
        """Numbers in place of NaN and infinity."""
        ends = np.finfo(x.dtype)
        y = self.where(self.isnan(x), self.constant(nan, x.dtype, x.lanes), x)
        y = self.where(
            x == np.inf, self.constant(ends.max if posinf is None else posinf, x.dtype, x.lanes), y
        )
        return self.where(
            x == -np.inf, self.constant(ends.min if neginf is None else neginf, x.dtype, x.lanes), y
        )

    def sign(self, x: Register) -> Register:
        one = self.constant(1, x.dtype, x.lanes)
        y = self.where(x > 0, one, self.where(x < 0, -one, one - one)) if x.dtype.kind != "u" else None
        if y is None:
            return self.where(x > 0, one, one - one)
        return self.where(self.isnan(x), x, y) if x.dtype.kind == "f" else y

    # Bits

    def bitwise_and(self, x: Any, y: Any) -> Register:
        return self._binary(x, y, "", "and")

    def bitwise_or(self, x: Any, y: Any) -> Register:
        return self._binary(x, y, "", "or")

    def bitwise_xor(self, x: Any, y: Any) -> Register:
        return self._binary(x, y, "", "xor")

    def invert(self, x: Register) -> Register:
        return self.bitwise_xor(x, True if x.dtype == BOOL else -1)

    bitwise_invert = invert

    def logical_and(self, x: Any, y: Any) -> Register:
        return self.bitwise_and(self.cast(x, BOOL), self.cast(y, BOOL))

    def logical_or(self, x: Any, y: Any) -> Register:
        return self.bitwise_or(self.cast(x, BOOL), self.cast(y, BOOL))

    def logical_xor(self, x: Any, y: Any) -> Register:
        return self.bitwise_xor(self.cast(x, BOOL), self.cast(y, BOOL))

    def logical_not(self, x: Register) -> Register:
        return self.invert(self.cast(x, BOOL))

    def left_shift(self, x: Any, y: Any) -> Register:
        """x · 2ʸ; 0 where y is not below the width."""
        x, y = self.pair(x, y)
        return self._shift("shl", x, y, 0)

    def right_shift(self, x: Any, y: Any) -> Register:
        """⌊x / 2ʸ⌋; what is left of the sign where y is not below the width."""
        x, y = self.pair(x, y)
        return self._shift("lshr" if x.dtype.kind == "u" else "ashr", x, y, 0)

    def _shift(self, word: str, x: Register, y: Register, beyond: int) -> Register:
        width = 8 * x.dtype.itemsize
        if not y.text.startswith("%"):
            return self.emit(f"{word} {x.typed}, {y.text}", x.dtype, x.lanes)
        inside = self.bitwise_and(y >= 0, y < width)
        last = self.constant(width - 1, x.dtype, x.lanes)
        moved = self.emit(f"{word} {x.typed}, {self.where(inside, y, last).text}", x.dtype, x.lanes)
        return moved if word == "ashr" else self.where(inside, moved, self.constant(beyond, x.dtype, x.lanes))

    def bits(self, x: Register) -> Register:
        """The bits of a float as an integer of its size."""
        dtype = np.dtype(f"i{x.dtype.itemsize}")
        return self.emit(f"bitcast {x.typed} to {llvm_type(dtype, x.lanes)}", dtype, x.lanes)

    def reinterpret(self, x: Register, dtype: DType) -> Register:
        """The same bits as a float of the size of an integer."""
        if dtype == halves.HALF:
            return halves.widened(self, x)
        return self.emit(f"bitcast {x.typed} to {llvm_type(dtype, x.lanes)}", dtype, x.lanes)

    def from_bits(self, x: Register) -> Register:
        """The float that has these bits."""
        dtype = np.dtype(f"f{x.dtype.itemsize}")
        return self.emit(f"bitcast {x.typed} to {llvm_type(dtype, x.lanes)}", dtype, x.lanes)

    # Conversions

    def cast(self, x: Register, dtype: DType) -> Register:
        """Another dtype. Floats beyond an integer's range give its nearest end; NaN gives 0."""
        if dtype.str[1:] == "f2":
            return halves.rounded(self, x)
        if x.dtype == dtype:
            return x
        if dtype.kind == "c" or x.dtype.kind == "c":
            raise NoNativeFormError("complex numbers")
        if dtype == BOOL:
            return x != 0
        a, b = x.dtype, dtype
        if a.kind == "f":
            if b.kind == "f":
                word = "fpext" if b.itemsize > a.itemsize else "fptrunc"
            else:
                return self._to_integer(x, b)
        elif b.kind == "f":
            word = "sitofp" if a.kind == "i" else "uitofp"
        elif b.itemsize == a.itemsize and a != BOOL:
            return Register(x.builder, x.text, b, x.lanes)
        else:
            word = "zext" if a == BOOL or (b.itemsize > a.itemsize and a.kind == "u") else "sext"
            word = word if a == BOOL or b.itemsize > a.itemsize else "trunc"
        return self.emit(f"{word} {x.typed} to {llvm_type(b, x.lanes)}", b, x.lanes)

    def _to_integer(self, x: Register, dtype: DType) -> Register:
        """Rounded towards 0, within the integer's range; NaN is 0."""
        kind = llvm_type(dtype, x.lanes)
        ends = np.iinfo(dtype)
        high = x.dtype.type(ends.max)
        high = high if int(high) <= ends.max else np.nextafter(high, x.dtype.type(0))
        low = self.constant(float(ends.min), x.dtype, x.lanes)
        safe = self.where(x > low, x, low)
        safe = self.where(safe < high, safe, self.constant(high, x.dtype, x.lanes))
        word = "fptosi" if dtype.kind == "i" else "fptoui"
        made = self.emit(f"{word} {safe.typed} to {kind}", dtype, x.lanes)
        made = self.where(x > high, self.constant(ends.max, dtype, x.lanes), made)
        return self.where(self.isnan(x), self.constant(0, dtype, x.lanes), made)
