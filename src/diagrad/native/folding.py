"""How a fold combines elements, and in which dtype."""

from __future__ import annotations

from .. import ops
from ..ir import DType, Folding, Op
from .registers import FLOAT32

__all__ = ["computed", "folding"]


def folding(op: Op) -> Folding:
    """How an op folds; what a scatter puts in one place adds up."""
    return op.folding or ops.Sum.folding


def computed(dtype: DType) -> DType:
    """The dtype in which numbers of a dtype are computed: half precision in single."""
    return FLOAT32 if dtype.str[1:] == "f2" else dtype
