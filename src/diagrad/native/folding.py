"""How a fold combines elements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .. import ops
from ..ir import DType, Op
from .registers import BOOL, FLOAT32, Register

__all__ = ["Folding", "computed", "folding"]


@dataclass(frozen=True)
class Folding:
    """How a fold combines elements.

    Attributes:
        neutral: what it begins with, for a dtype.
        combine: two partial results.
        finish: what it gives of the total of so many elements.
    """

    neutral: Callable[[DType], Any]
    combine: Callable[[Register, Register], Register]
    finish: Callable[[Register, int], Register] | None = None


def folding(op: Op) -> Folding:
    """How an op folds."""
    return _table()[type(op)]


@cache
def _table() -> dict[type[Op], Folding]:
    def least(dtype: DType) -> Any:
        return -np.inf if dtype.kind == "f" else False if dtype == BOOL else np.iinfo(dtype).min

    def most(dtype: DType) -> Any:
        return np.inf if dtype.kind == "f" else True if dtype == BOOL else np.iinfo(dtype).max

    return {
        ops.Sum: Folding(lambda dtype: 0, lambda x, y: x + y),
        ops.PlaceAdd: Folding(lambda dtype: 0, lambda x, y: x + y),
        ops.Place: Folding(lambda dtype: 0, lambda x, y: x + y),
        ops.Overlap: Folding(lambda dtype: 0, lambda x, y: x + y),
        ops.Mean: Folding(lambda dtype: 0, lambda x, y: x + y, lambda total, n: total / n),
        ops.Prod: Folding(lambda dtype: 1, lambda x, y: x * y),
        ops.Max: Folding(least, lambda x, y: x.builder.maximum(x, y)),
        ops.Min: Folding(most, lambda x, y: x.builder.minimum(x, y)),
        ops.AllTrue: Folding(lambda dtype: True, lambda x, y: x & y),
        ops.AnyTrue: Folding(lambda dtype: False, lambda x, y: x | y),
    }


def computed(dtype: DType) -> DType:
    """The dtype in which numbers of a dtype are computed: half precision in single."""
    return FLOAT32 if dtype.str[1:] == "f2" else dtype
