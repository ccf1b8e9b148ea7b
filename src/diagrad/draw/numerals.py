"""Numbers, honestly: short enough to read, and with the full number beside for whoever checks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir import Shape, short_name

MINUS = "−"
UNKNOWN = "?"
"""What a number that has not been computed is shown as: never 0."""


def number(x: Any) -> str:
    """A number in its shortest form with at most four significant digits, and a true minus sign.

    >>> [number(x) for x in (2.0, -0.5, 1 / 3, 123456.0, 1e-7, float("nan"), float("-inf"), True, 7, -0.0)]
    ['2', '−0.5', '0.3333', '1.235e5', '1e−7', 'NaN', '−∞', 'true', '7', '0']
    """
    x = x.item() if hasattr(x, "item") else x
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int):
        return str(x).replace("-", MINUS) if abs(x) < 10**7 else _real(float(x))
    if isinstance(x, complex):
        sign = MINUS if math.copysign(1.0, x.imag) < 0 else "+"
        return f"{_real(x.real)}{sign}{_real(abs(x.imag))}i"
    return _real(x)


def _real(x: float) -> str:
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else MINUS + "∞"
    if x == 0:
        return "0"
    size = abs(x)
    if 1e-3 <= size < 99995:
        digits = max(0, 3 - math.floor(math.log10(size)))
        text = f"{x:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        mantissa, exponent = f"{x:.3e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return text.replace("-", MINUS)


def full(x: Any) -> str:
    """The whole number, as Python prints it: reading it back gives the same number.

    >>> full(np.float32(0.1)), full(np.int64(3))
    ('0.10000000149011612', '3')
    """
    return repr(x.item() if hasattr(x, "item") else x)


def shape_text(shape: Shape, dtype: np.dtype[Any]) -> str:
    """A shape and a dtype as a figure writes them.

    >>> shape_text((3, 2), np.dtype("float64")), shape_text((), np.dtype("int32"))
    ('3×2 f64', 'scalar i32')
    """
    return f"{'×'.join(map(str, shape)) or 'scalar'} {short_name(dtype)}"


def is_small(shape: Shape, rows: int = 6, columns: int = 6) -> bool:
    """Whether an array is shown number by number, as a grid."""
    return 0 < len(shape) <= 2 and 0 < shape[-1] <= columns and (len(shape) == 1 or 0 < shape[0] <= rows)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said of an array too large to show: of its finite elements, range and mean; of all, shares."""

    low: float
    high: float
    mean: float
    zeros: float
    nans: float
    infinities: float

    def lines(self) -> list[tuple[str, str, str]]:
        """(what, text, full number) of each line worth saying."""
        rows = [
            ("min", f"min {number(self.low)}", full(self.low)),
            ("max", f"max {number(self.high)}", full(self.high)),
            ("mean", f"mean {number(self.mean)}", full(self.mean)),
        ]
        shares = (("zeros", "zeros", self.zeros), ("nan", "NaN", self.nans), ("inf", "±∞", self.infinities))
        rows += [(what, f"{word} {_percent(share)}", full(share)) for what, word, share in shares if share]
        return rows


def _percent(share: float) -> str:
    percent = 100 * share
    return "< 0.1 %" if percent < 0.1 else f"{number(float(f'{percent:.3g}'))} %"


def summary(data: np.ndarray[Any, Any]) -> Summary:
    """Describe an array of any dtype and of at least one element; complex numbers by their magnitude."""
    x = np.abs(data) if data.dtype.kind == "c" else data.astype(np.float64, copy=False)
    finite = x[np.isfinite(x)]
    size = x.size
    with np.errstate(all="ignore"):
        low, high, mean = (
            (float(finite.min()), float(finite.max()), float(finite.mean()))
            if finite.size
            else (math.nan,) * 3
        )
    return Summary(
        low, high, mean,
        float(np.count_nonzero(x == 0)) / size,
        float(np.count_nonzero(np.isnan(x))) / size,
        float(np.count_nonzero(np.isinf(x))) / size,
    )  # fmt: skip


def levels(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Each element's place on a colour map centred on zero, from -1 to 1; NaN for what is not finite."""
    x = np.real(data).astype(np.float64)
    finite = np.isfinite(x)
    top = np.abs(x[finite]).max() if finite.any() else 0.0
    out = np.full(x.shape, np.nan)
    # Dividing by the larger of the magnitude and the smallest normal number keeps subnormals finite.
    out[finite] = x[finite] / max(top, np.finfo(np.float64).tiny)
    return out


def pooled(data: np.ndarray[Any, Any], rows: int = 12, columns: int = 24) -> np.ndarray[Any, Any]:
    """An array as at most ``rows`` by ``columns`` levels: the element of largest magnitude of each block.

    More than two axes are read as rows of the last one. A block with anything not finite is NaN.
    """
    flat = levels(data.reshape(1, -1) if data.ndim < 2 else data.reshape(-1, data.shape[-1]))
    for axis, limit in ((0, rows), (1, columns)):
        if flat.shape[axis] > limit:
            starts = [block * flat.shape[axis] // limit for block in range(limit)]
            low = np.minimum.reduceat(flat, starts, axis=axis)
            high = np.maximum.reduceat(flat, starts, axis=axis)
            flat = np.where(np.abs(low) > np.abs(high), low, high)
    return flat
