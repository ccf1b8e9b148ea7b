"""How a reduction combines elements: what an op states of itself, for engines that write its loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .dtype import DType

__all__ = ["Folding"]


@dataclass(frozen=True, slots=True)
class Folding:
    """How a reduction combines elements, two at a time and in any order.

    Attributes:
        combine: makes one partial result of two.
        first: what it begins with and what changes nothing; an infinity stands for the end of any dtype.
        finish: makes the result of the total and the number of elements.

    >>> Folding(np.maximum, -np.inf).neutral(np.dtype("int8"))
    -128
    """

    combine: np.ufunc
    first: float
    finish: np.ufunc | None = None

    def neutral(self, dtype: DType) -> Any:
        """What it begins with, for a dtype."""
        if dtype.kind == "f" or np.isfinite(self.first):
            return self.first
        if dtype.kind == "b":
            return self.first > 0
        ends = np.iinfo(dtype)
        return ends.max if self.first > 0 else ends.min
