"""How much an elementwise op costs: the instructions that its body writes."""

from __future__ import annotations

from functools import cache

from ..ir import DType, Op
from .builder import Builder
from .folding import computed
from .module import Module
from .registers import NoNativeFormError, Register
from .target import Target, host

__all__ = ["refusal", "weight"]

CALL = 12
"""Instructions that a function of vector math counts as."""


@cache
def weight(op: Op, dtypes: tuple[DType, ...]) -> int:
    """Instructions that an op takes for one register.

    Raises:
        NoNativeFormError: it has no native form.
    """
    target = host()
    b = Builder(Module(Target(target.cpu, target.features, target.level, 0, target.registers)), "", 0)
    made = op.element(*[Register(b, f"%x{at}", computed(dtype), 0) for at, dtype in enumerate(dtypes)])
    want = op.dtype(*dtypes)
    if isinstance(made, Register) and made.dtype != computed(want):
        b.cast(made, want)
    return sum(CALL if "call" in line and "@llvm" not in line else 1 for line in b.lines)


@cache
def refusal(op: Op, dtypes: tuple[DType, ...]) -> str:
    """Why an elementwise op has no native form; empty if it has one."""
    try:
        weight(op, dtypes)
    except NoNativeFormError as error:
        return f"{op.name}: {error}"
    except (TypeError, AttributeError, ValueError) as error:
        return f"{op.name} is not written for registers: {error}"
    return ""
