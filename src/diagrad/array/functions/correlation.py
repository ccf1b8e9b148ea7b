"""NumPy's ``convolve`` and ``correlate`` of two arrays of one axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import cast, promote, to_array
from ..array import Array, ArrayLike, apply
from ..context import composite
from .shape import reshape

__all__ = ["convolve", "correlate"]


@composite
def convolve(a: ArrayLike, v: ArrayLike, mode: str = "full") -> Array:
    """y[t] = Σ_k a[k] · v[t − k] of two arrays of one axis, as NumPy's.

    Args:
        a: shape (M,).
        v: shape (K,).
        mode: ``"full"`` for all M + K − 1 overlaps, ``"same"`` for the max(M, K) in the middle,
            ``"valid"`` for the max(M, K) − min(M, K) + 1 where one lies wholly within the other.

    Raises:
        ShapeError: an input has not one axis, or is empty.

    >>> import diagrad as dg
    >>> dg.convolve([1.0, 2.0, 3.0], [0.0, 1.0, 0.5])
    array([0. , 1. , 2.5, 4. , 1.5])
    """
    a, v = _vectors("convolve", a, v)
    if v.shape[0] > a.shape[0]:
        a, v = v, a
    return _slide(a, v[::-1], mode, "convolve")


@composite
def correlate(a: ArrayLike, v: ArrayLike, mode: str = "valid") -> Array:
    """y[t] = Σ_k a[t + k] · v̄[k] of two arrays of one axis, as NumPy's; modes as :func:`convolve`'s.

    Raises:
        ShapeError: an input has not one axis, or is empty.

    >>> import diagrad as dg
    >>> dg.correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5])
    array([3.5])
    """
    a, v = _vectors("correlate", a, v)
    if v.dtype.kind == "c":
        conjugate: Any = np.conjugate
        v = conjugate(v)
    if v.shape[0] > a.shape[0]:
        return _slide(v, a, mode, "correlate")[::-1]
    return _slide(a, v, mode, "correlate")


def _vectors(who: str, a: Any, v: Any) -> tuple[Array, Array]:
    a, v = to_array(a), to_array(v)
    if a.ndim != 1 or v.ndim != 1 or not a.shape[0] or not v.shape[0]:
        raise ShapeError(
            f"{who}: both inputs must have one axis and an element",
            where=str(user_site(1)),
            expected="a[M], v[K]",
            got=f"{a.name or 'a'}{a.shape}, {v.name or 'v'}{v.shape}",
            fix="use dg.conv for images and batches",
        )
    dtype = promote([a.dtype, v.dtype])
    return cast(a, dtype), cast(v, dtype)


def _slide(a: Array, v: Array, mode: str, who: str) -> Array:
    """Σ_k a[t + k] · v[k] for a that is not the shorter one."""
    k = v.shape[0]
    ends = {"valid": (0, 0), "same": (k // 2, (k - 1) // 2), "full": (k - 1, k - 1)}
    if mode not in ends:
        raise ValueError(f"{who}: mode must be 'full', 'same' or 'valid', got {mode!r}")
    x, w = reshape(a, (1, 1, -1)), reshape(v, (1, 1, -1))
    return reshape(apply(ops.Convolve((1,), (ends[mode],), (1,)), x, w), (-1,))
