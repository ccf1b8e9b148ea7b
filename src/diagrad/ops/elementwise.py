"""What the elementwise ops share: one output element from the input elements at the same place.

All are shape-strict: inputs of one op have one shape. Where NumPy would broadcast, the front end puts a
:class:`~diagrad.ops.Repeat`. Rules at kinks and domain edges are PyTorch's and JAX's, and each docstring
states its own.
"""

from __future__ import annotations

import numpy as np

from ..ir import Op, Rule


class Unary(Op):
    """One input, one output of the same shape and dtype, floating-point."""

    kinds = "fc"


class Binary(Op):
    """Two inputs of one shape and dtype, one output."""


def choose(c: Rule, x: Rule, y: Rule) -> Rule:
    """``np.where`` that gives a NumPy scalar for scalars, where it would give a zero-dimensional array.

    Arithmetic on those is ten times as slow, and a rule's result goes on through every node behind it.
    """
    if type(c) is np.bool_:
        chosen, other = (x, y) if c else (y, x)
        return other.dtype.type(chosen) if type(chosen) is float or type(chosen) is int else chosen
    return np.where(c, x, y)  # pyright: ignore[reportUnknownVariableType]  (of NumPy's overloads)


def primes(order: int) -> str:
    """The order of a derivative as a formula writes it after the function's name.

    >>> primes(0), primes(2), primes(13)
    ('', '″', '⁽¹³⁾')
    """
    if order < 3:
        return ("", "′", "″")[order]
    return "⁽" + str(order).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) + "⁾"
