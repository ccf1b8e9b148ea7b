"""Vector math: what a builder computes beyond arithmetic, by NumPy's names.

Each function is written once in a module for every dtype and width that asks for it: polynomials after
argument reduction. The system's math library is called for the sine of numbers beyond 10⁵ alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arithmetic import Arithmetic
from ..registers import FLOAT32, FLOAT64, NoNativeFormError, Register
from . import division, error, exponential, inverse, logarithm, powers, trigonometric

__all__ = ["Transcendental"]

_BODIES: dict[str, Callable[..., Register]] = {
    "exp": exponential.exp,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "tanh": exponential.tanh,
    "sigmoid": exponential.sigmoid,
    "sinh": exponential.sinh,
    "cosh": exponential.cosh,
    "log": logarithm.log,
    "log2": logarithm.log2,
    "log10": logarithm.log10,
    "log1p": logarithm.log1p,
    "arcsinh": logarithm.arcsinh,
    "arccosh": logarithm.arccosh,
    "arctanh": logarithm.arctanh,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "arcsin": inverse.arcsin,
    "arccos": inverse.arccos,
    "arctan": inverse.arctan,
    "arctan2": inverse.arctan2,
    "power": powers.power,
    "hypot": powers.hypot,
    "cbrt": powers.cbrt,
    "erf": error.erf,
    "erfc": error.erfc,
}
"""The functions, by NumPy's names; each takes a builder and its operands."""


class Transcendental(Arithmetic):
    """The methods; each takes registers of one floating-point dtype."""

    def function(self, name: str, *operands: Register) -> Register:
        """A function of one number or two, in a function of the module."""
        from ..builder import Builder

        x = operands[0]
        full = f"dg.{name}.{max(x.lanes, 1)}x{x.dtype.str[1:]}"

        def write() -> None:
            given = [f"%x{at}" for at in range(len(operands))]
            head = ", ".join(f"{x.type} {name}" for name in given)
            inner = Builder(self.module, f"define internal {x.type} @{full}({head}) alwaysinline", x.lanes)
            inner.finish(_BODIES[name](inner, *(Register(inner, name, x.dtype, x.lanes) for name in given)))

        self.module.helper(full, write)
        given = ", ".join(x.typed for x in operands)
        return self.emit(f"call {x.type} @{full}({given})", x.dtype, x.lanes)

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

    def _of_two(self, name: str, x: Any, y: Any) -> Register:
        x, y = self.pair(x, y)
        return self.function(name, self._floating(x), self._floating(y))

    def _floating(self, x: Register) -> Register:
        if x.dtype.kind == "f":
            return x
        return self.cast(x, FLOAT32 if x.dtype.itemsize < 4 else FLOAT64)

    def power(self, x: Any, y: Any) -> Register:
        """x to the power y."""
        if isinstance(x, Register) and not isinstance(y, Register):
            fixed = powers.fixed_power(self, x, y)
            if fixed is not None:
                return fixed
        x, y = self.pair(x, y)
        if x.dtype.kind != "f":
            raise NoNativeFormError("powers of integers")
        return self.function("power", x, y)

    float_power = power

    def arctan2(self, y: Any, x: Any) -> Register:
        """The angle of the point (x, y)."""
        return self._of_two("arctan2", y, x)

    def hypot(self, x: Any, y: Any) -> Register:
        """√(x² + y²)."""
        return self._of_two("hypot", x, y)

    def fmod(self, x: Any, y: Any) -> Register:
        """The remainder with the sign of x."""
        x, y = self.pair(x, y)
        if x.dtype.kind == "f":
            return self.emit(f"frem {x.typed}, {y.text}", x.dtype, x.lanes)
        return division.truncated(self, x, y)[1]

    def remainder(self, x: Any, y: Any) -> Register:
        """The remainder with the sign of y."""
        x, y = self.pair(x, y)
        return division.remainder(self, x, y)

    mod = remainder

    def floor_divide(self, x: Any, y: Any) -> Register:
        """⌊x / y⌋."""
        x, y = self.pair(x, y)
        return division.floor_divide(self, x, y)

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
        raised = self.function("exp2", -self.absolute(x - y))
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


for _name in _BODIES:
    if _name not in vars(Transcendental):
        setattr(Transcendental, _name, _method(_name))
