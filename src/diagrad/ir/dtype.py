"""Data types: NumPy's own, with the short names that a printed graph uses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ParseError

DType = np.dtype[Any]

SHORT: dict[str, DType] = {
    "bool": np.dtype(np.bool_),
    **{f"i{8 * n}": np.dtype(f"i{n}") for n in (1, 2, 4, 8)},
    **{f"u{8 * n}": np.dtype(f"u{n}") for n in (1, 2, 4, 8)},
    **{f"f{8 * n}": np.dtype(f"f{n}") for n in (2, 4, 8)},
    **{f"c{8 * n}": np.dtype(f"c{n}") for n in (8, 16)},
}
_NAME: dict[DType, str] = {dtype: name for name, dtype in SHORT.items()}


def short_name(dtype: DType) -> str:
    """The short name of a dtype: ``f64``, ``i32``, ``bool``.

    >>> short_name(np.dtype("float32"))
    'f32'
    """
    return _NAME.get(dtype, dtype.name)


def from_short(name: str) -> DType:
    """The dtype of a short name.

    Raises:
        ParseError: no dtype has this name.

    >>> from_short("f32")
    dtype('float32')
    """
    if name not in SHORT:
        raise ParseError(
            f"unknown dtype {name!r}", expected=" ".join(SHORT), got=name, fix="use one of the short names"
        )
    return SHORT[name]


def is_differentiable(dtype: DType) -> bool:
    """Whether values of this dtype can carry a gradient: floating-point and complex ones.

    >>> is_differentiable(np.dtype("int64"))
    False
    """
    return dtype.kind in "fc"
