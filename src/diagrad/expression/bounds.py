"""Limits that keep an expression from filling the memory or running for hours."""

from __future__ import annotations

import ast
import math
from typing import Any

from .source import Source

MAX_ELEMENTS = 10_000_000
"""The largest array, input or result, that the command line makes."""

MAX_TOTAL = 50_000_000
"""How many numbers all results of an expression may have together: a graph keeps every value."""

MAX_INTEGER = 2**63 - 1


def check_number(source: Source, node: ast.AST, x: float) -> Any:
    """The number itself, unless no array could hold it.

    Raises:
        ExpressionError: it is a whole number beyond 64 bits.
    """
    if isinstance(x, int) and abs(x) > MAX_INTEGER:
        source.error(
            node,
            "a whole number is too large",
            expected="whole numbers below 2**63",
            fix="write it with a point, e.g. 1e30",
        )
    return x


def check_power(source: Source, node: ast.AST, x: float, y: float) -> None:
    """Stop ``9**9**9`` before Python computes it.

    Raises:
        ExpressionError: the power of two whole numbers is beyond 64 bits.
    """
    if isinstance(x, int) and isinstance(y, int) and abs(x) > 1 and y * math.log2(abs(x)) > 63:
        source.error(
            node,
            "the power is too large",
            expected="numbers below 2**63",
            fix="write it with a point, e.g. 1e30, or take the power of an array",
        )


def check_size(source: Source, node: ast.AST, shape: tuple[int, ...]) -> None:
    """Raise unless an array of this shape may be made.

    Raises:
        ExpressionError: it has too many elements, or all results together have.
    """
    if source.elements + math.prod(shape) > MAX_TOTAL >= math.prod(shape):
        source.error(
            node,
            f"the results so far have {source.elements:,} elements together; there is no room for more",
            expected=f"at most {MAX_TOTAL:,}, because a graph keeps every value",
            got=f"shape {shape}",
            fix="use smaller inputs; a figure shows the same graph for small ones",
        )
    if math.prod(shape) > MAX_ELEMENTS:
        source.error(
            node,
            f"the result would have {math.prod(shape):,} elements",
            expected=f"at most {MAX_ELEMENTS:,}",
            got=f"shape {shape}",
            fix="use smaller inputs; a figure shows the same graph for small ones",
        )
