"""x², and its derivative 2·x."""

from __future__ import annotations

from typing import Any

import diagrad as dg

from .protocol import evaluated


def _square(x: Any) -> Any:
    return x * x


_compiled = dg.compile(_square)
_derivative = dg.compile(dg.grad(_square))


@evaluated(float, float)
def square(x: float) -> Any:
    """x²."""
    return _compiled(x)


@evaluated(float, float)
def double(x: float) -> Any:
    """2·x, as the derivative of x²."""
    return _derivative(x)
