"""Registers: the values that generated code computes with, one number a lane.

A :class:`Register` behaves as a NumPy scalar does: operators, NumPy's ufuncs and ``np.where`` on it write
instructions. So an elementwise op's ``forward``, called with registers in place of arrays, *is* its machine
code, and nobody writes it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir import DType

if TYPE_CHECKING:
    from .builder import Builder

BOOL = np.dtype(bool)
INT32 = np.dtype(np.int32)
INT64 = np.dtype(np.int64)
FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)

_LLVM = {"b1": "i1", "f2": "half", "f4": "float", "f8": "double"}


def llvm_type(dtype: DType, lanes: int) -> str:
    """The type of a register: ``float``, or ``<16 x float>`` where it has lanes.

    >>> llvm_type(np.dtype("float32"), 16), llvm_type(np.dtype("uint8"), 0)
    ('<16 x float>', 'i8')
    """
    base = _LLVM.get(dtype.str[1:]) or f"i{8 * dtype.itemsize}"
    return f"<{lanes} x {base}>" if lanes else base


class Register:
    """A value in generated code: one number in each lane, or a single one where ``lanes`` is 0.

    Attributes:
        builder: writes the instructions.
        text: its name or its literal in LLVM's assembly.
        dtype: of each lane. Booleans are single bits.
        lanes: how many.
    """

    __slots__ = ("builder", "dtype", "lanes", "text")

    def __init__(self, builder: Builder, text: str, dtype: DType, lanes: int) -> None:
        self.builder, self.text, self.dtype, self.lanes = builder, text, dtype, lanes

    @property
    def type(self) -> str:
        """Its type in LLVM's assembly."""
        return llvm_type(self.dtype, self.lanes)

    @property
    def typed(self) -> str:
        """Type and name, as an operand is written."""
        return f"{llvm_type(self.dtype, self.lanes)} {self.text}"

    shape = ()
    ndim = 0

    def astype(self, dtype: Any, copy: bool = True) -> Register:
        """The value converted as NumPy converts it."""
        return self.builder.cast(self, np.dtype(dtype))

    def view(self, dtype: Any) -> Register:
        """The same bits as another dtype of that size."""
        return self.builder.reinterpret(self, np.dtype(dtype))

    def __getitem__(self, index: tuple[()]) -> Register:
        return self

    def __repr__(self) -> str:
        return self.typed

    def __add__(self, other: Any) -> Register:
        return self.builder.add(self, other)

    def __radd__(self, other: Any) -> Register:
        return self.builder.add(other, self)

    def __sub__(self, other: Any) -> Register:
        return self.builder.subtract(self, other)

    def __rsub__(self, other: Any) -> Register:
        return self.builder.subtract(other, self)

    def __mul__(self, other: Any) -> Register:
        return self.builder.multiply(self, other)

    def __rmul__(self, other: Any) -> Register:
        return self.builder.multiply(other, self)

    def __truediv__(self, other: Any) -> Register:
        return self.builder.divide(self, other)

    def __rtruediv__(self, other: Any) -> Register:
        return self.builder.divide(other, self)

    def __floordiv__(self, other: Any) -> Register:
        return self.builder.floor_divide(self, other)

    def __mod__(self, other: Any) -> Register:
        return self.builder.remainder(self, other)

    def __pow__(self, other: Any) -> Register:
        if not isinstance(other, Register) and other == 0.5:
            return self.builder.sqrt(self)  # as NumPy's operator does, unlike np.power
        return self.builder.power(self, other)

    def __neg__(self) -> Register:
        return self.builder.negative(self)

    def __abs__(self) -> Register:
        return self.builder.absolute(self)

    def __and__(self, other: Any) -> Register:
        return self.builder.bitwise_and(self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Register:
        return self.builder.bitwise_or(self, other)

    __ror__ = __or__

    def __xor__(self, other: Any) -> Register:
        return self.builder.bitwise_xor(self, other)

    __rxor__ = __xor__

    def __invert__(self) -> Register:
        return self.builder.invert(self)

    def __lshift__(self, other: Any) -> Register:
        return self.builder.left_shift(self, other)

    def __rshift__(self, other: Any) -> Register:
        return self.builder.right_shift(self, other)

    def __lt__(self, other: Any) -> Register:
        return self.builder.less(self, other)

    def __le__(self, other: Any) -> Register:
        return self.builder.less_equal(self, other)

    def __gt__(self, other: Any) -> Register:
        return self.builder.greater(self, other)

    def __ge__(self, other: Any) -> Register:
        return self.builder.greater_equal(self, other)

    def __eq__(self, other: Any) -> Register:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.builder.equal(self, other)

    def __ne__(self, other: Any) -> Register:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.builder.not_equal(self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise NoNativeFormError("a decision on a number")

    @staticmethod
    def __diagrad_apply__(op: Any, inputs: Any) -> Any:
        return op.element(*inputs)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        write = getattr(self.builder, ufunc.__name__, None)
        if method != "__call__" or write is None or options.keys() - {"where"} or "where" in options:
            raise NoNativeFormError(f"np.{ufunc.__name__}")
        return write(*inputs)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        write = getattr(self.builder, function.__name__, None)
        if write is None:
            raise NoNativeFormError(f"np.{function.__name__}")
        return write(*args, **options)


class NoNativeFormError(Exception):
    """Raised where something cannot be written as machine code: the NumPy engine then runs it."""
