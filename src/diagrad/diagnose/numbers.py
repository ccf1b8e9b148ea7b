"""What can be said of numbers that are not finite."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from ..ir import Spec

Index = tuple[int, ...]


def bad(x: Any) -> bool:
    """Whether it is an array with NaN or infinity in it; what is traced has no numbers."""
    if type(x) is Spec or type(x) is tuple or x.dtype.kind not in "fc":
        return False
    return not np.isfinite(x).all()


def has_nan(x: Any) -> bool:
    """Whether it has NaN in it."""
    return bad(x) and bool(np.isnan(x).any())


def first_bad(x: Any) -> Index:
    """The place of the first NaN, or of the first infinity where there is no NaN."""
    wrong = np.isnan(x) if has_nan(x) else ~np.isfinite(x)
    return tuple(int(at) for at in np.argwhere(wrong)[0])


def word(x: Any) -> str:
    """``NaN`` or ``infinite``, what is worst of an array."""
    return "NaN" if has_nan(x) else "infinite"


def overflows(op: Any, inputs: tuple[Any, ...]) -> bool:
    """Whether an op gives finite numbers when it may use larger ones than its dtype has."""
    wide = [
        x.astype(np.longdouble if x.dtype.itemsize == 8 else np.float64) if x.dtype.kind == "f" else x
        for x in inputs
    ]
    try:
        with np.errstate(all="ignore"):
            result = op.forward(*wide)
    except (TypeError, ValueError, NotImplementedError):
        return False
    return all(np.isfinite(y).all() for y in cast("Any", result if isinstance(result, tuple) else (result,)))


def largest(dtype: np.dtype[Any]) -> float:
    """The largest number of a floating-point dtype."""
    return float(np.finfo(dtype).max)
