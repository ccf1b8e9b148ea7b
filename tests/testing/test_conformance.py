"""check_op refuses an op that is wrong in one way, and says in which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diagrad import ops
from diagrad.errors import DiagradError, GraphError
from diagrad.ir import Op, Sample
from diagrad.testing.derivatives import (
    check_batched,
    check_complex,
    check_forward_mode,
    check_layouts,
    check_special_values,
)


class Right(Op, register=False):
    """y = 2x."""

    signature = "x[...] -> y[...]"
    kinds = "fc"

    def forward(self, x: Any) -> Any:
        return x * 2

    def backward(self, g: Any, x: Any) -> Any:
        return g * 2


class AsideFromLinear(Right, register=False):
    """Its rule is not linear in g."""

    def backward(self, g: Any, x: Any) -> Any:
        return g * g


class Conjugating(Right, register=False):
    """Its rule conjugates."""

    def forward(self, x: Any) -> Any:
        return x * (2 + 1j) if x.dtype.kind == "c" else x * 2

    def backward(self, g: Any, x: Any) -> Any:
        return g * (2 - 1j) if x.dtype.kind == "c" else g * 2


class WrongBatch(Right, register=False):
    """Its batched form is another op."""

    def batched(self, n: int) -> Op:
        return ops.Exp()


class Fragile(Right, register=False):
    """Its rule raises on NaN."""

    def backward(self, g: Any, x: Any) -> Any:
        if not np.all(np.isfinite(x)):
            raise GraphError("no numbers")
        return g * 2


class LayoutBound(Right, register=False):
    """Its rule looks at the memory."""

    def backward(self, g: Any, x: Any) -> Any:
        return g * 2 if x.flags.c_contiguous else g * 3


@pytest.mark.parametrize(
    ("kind", "check", "message"),
    [
        (AsideFromLinear, check_forward_mode, "not linear in its upstream gradient"),
        (Conjugating, check_complex, "another gradient than"),
        (WrongBatch, check_batched, "batched form gives another value"),
        (Fragile, check_special_values, "no numbers"),
        (LayoutBound, check_layouts, "memory's layout"),
    ],
)
def test_each_check_finds_its_fault(kind: Any, check: Any, message: str):
    check(Sample(Right(), ((3,),)))
    with pytest.raises(DiagradError, match=message):
        check(Sample(kind(), ((3,),)))
