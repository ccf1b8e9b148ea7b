"""Vector math: what a builder computes beyond arithmetic, by NumPy's names.

Each function is written once in a module for every dtype and width that asks for it. Those that matter most
are polynomials after argument reduction; the rest goes to the system's math library, number by number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arithmetic import Arithmetic
from ..registers import FLOAT32, FLOAT64, Register
from . import error, exponential, logarithm, powers, trigonometric

__all__ = ["Transcendental"]

Body = Callable[[Any, Register], Register]

_BODIES: dict[str, Body] = {
    "exp": exponential.exp,
    "expm1": exponential.expm1,
    "tanh": exponential.tanh,
    "sigmoid": exponential.sigmoid,
    "sinh": exponential.sinh,
    "cosh": exponential.cosh,
    "log": logarithm.log,
    "log1p": logarithm.log1p,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "erf": error.erf,
}

_LIBRARY = {
    "tan": "tan",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "cbrt": "cbrt",
    "erfc": "erfc",
    "exp2": "exp2",
    "log2": "log2",
    "log10": "log10",
}


class Transcendental(Arithmetic):
    """The methods; each takes registers of one floating-point dtype."""

    exp2: Callable[[Register], Register]

    def function(self, name: str, x: Register) -> Register:
        """A function of one number, in a function of the module."""
        from ..builder import Builder

        full = f"dg.{name}.{max(x.lanes, 1)}x{x.dtype.str[1:]}"

        def write() -> None:
            inner = Builder(
                self.module, f"define internal {x.type} @{full}({x.type} %x) alwaysinline", x.lanes
            )
            inner.finish(_BODIES[name](inner, Register(inner, "%x", x.dtype, x.lanes)))

        self.module.helper(full, write)
        return self.emit(f"call {x.type} @{full}({x.typed})", x.dtype, x.lanes)

    def library(self, name: str, *operands: Register) -> Register:
        """A function of the system's math library, one number at a time."""
        first = operands[0]
        short = first.dtype.itemsize == 4
        symbol = name + "f" * short
        kind = "float" if short else "double"
        self.module.declare(f"{kind} @{symbol}({', '.join(kind for _ in operands)})")
        if not first.lanes:
            given = ", ".join(x.typed for x in operands)
            return self.emit(f"call {kind} @{symbol}({given})", first.dtype, 0)
        made = Register(first.builder, "poison", first.dtype, first.lanes)
        for lane in range(first.lanes):
            ones = [self.emit(f"extractelement {x.typed}, i64 {lane}", x.dtype, 0) for x in operands]
            given = ", ".join(x.typed for x in ones)
            y = self.emit(f"call {kind} @{symbol}({given})", first.dtype, 0)
            made = self.emit(f"insertelement {made.typed}, {y.typed}, i64 {lane}", first.dtype, first.lanes)
        return made

    def _floating(self, x: Register) -> Register:
        if x.dtype.kind == "f":
            return x
        return self.cast(x, FLOAT32 if x.dtype.itemsize < 4 else FLOAT64)

    def power(self, x: Any, y: Any) -> Register:
        """x to the power y."""
        if isinstance(x, Register) and not isinstance(y, Register):
            whole = powers.whole_power(self, x, y)
            if whole is not None:
                return whole
        x, y = self.pair(x, y)
        return powers.power(self, x, y)

    float_power = power

    def arctan2(self, y: Any, x: Any) -> Register:
        """The angle of the point (x, y)."""
        y, x = self.pair(y, x)
        return self.library("atan2", y, x)

    def hypot(self, x: Any, y: Any) -> Register:
        """√(x² + y²)."""
        x, y = self.pair(x, y)
        return self.library("hypot", x, y)

    def fmod(self, x: Any, y: Any) -> Register:
        """The remainder with the sign of x."""
        x, y = self.pair(x, y)
        if x.dtype.kind == "f":
            return self.emit(f"frem {x.typed}, {y.text}", x.dtype, x.lanes)
        return powers.truncated(self, x, y)[1]

    def remainder(self, x: Any, y: Any) -> Register:
        """The remainder with the sign of y."""
        x, y = self.pair(x, y)
        return powers.remainder(self, x, y)

    mod = remainder

    def floor_divide(self, x: Any, y: Any) -> Register:
        """⌊x / y⌋."""
        x, y = self.pair(x, y)
        return powers.floor_divide(self, x, y)

    def logaddexp(self, x: Any, y: Any) -> Register:
        """log(eˣ + eʸ)."""
        x, y = self.pair(x, y)
        top = self.maximum(x, y)
        gap = self.where(x == y, self.constant(0, x.dtype, x.lanes), -self.absolute(x - y))
        return top + self.function("log1p", self.function("exp", gap))

    def logaddexp2(self, x: Any, y: Any) -> Register:
        """log₂(2ˣ + 2ʸ)."""
        x, y = self.pair(x, y)
        top = self.maximum(x, y)
        raised = self.exp2(-self.absolute(x - y))
        return self.where(x == y, x + 1, top + self.function("log1p", raised) * (1 / np.log(2)))

    def sinc(self, x: Register) -> Register:
        """sin(πx) / (πx), and 1 at 0."""
        t = self.where(x == 0, 1e-20, x) * np.pi
        return self.function("sin", t) / t


def _method(name: str) -> Any:
    def method(self: Any, x: Register) -> Register:
        return self.function(name, self._floating(x))

    method.__name__ = name
    return method


def _library_method(name: str) -> Any:
    def method(self: Any, x: Register) -> Register:
        return self.library(_LIBRARY[name], self._floating(x))

    method.__name__ = name
    return method


for _name in _BODIES:
    setattr(Transcendental, _name, _method(_name))
for _name in _LIBRARY:
    setattr(Transcendental, _name, _library_method(_name))
