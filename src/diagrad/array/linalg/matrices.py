"""What the functions of linear algebra share: their inputs as floating-point matrices, errors with names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import LinearAlgebraError, ShapeError
from ...ir import DType, Op, user_site
from ..align import cast, promote, repeat_to, to_array
from ..array import Array, ArrayLike, apply


def floating(*xs: ArrayLike) -> list[Array]:
    """Arrays of one floating-point or complex dtype; integers become float64, as in NumPy."""
    arrays = [to_array(x) for x in xs]
    dtype: DType = promote([x.dtype if x.dtype.kind in "fc" else np.dtype(np.float64) for x in arrays])
    return [cast(x, dtype) for x in arrays]


def matrix(x: ArrayLike, what: str) -> Array:
    """A floating-point array of at least two axes.

    Raises:
        ShapeError: it has fewer.
    """
    (a,) = floating(x)
    if a.ndim < 2:
        raise ShapeError(
            f"{what}: {a.name or 'x'} has {a.ndim} axes, a matrix has two",
            where=str(user_site(2)),
            expected="x[... m n]",
            got=f"{a.name or 'x'}{a.shape}",
            fix="add an axis with x[:, None]",
        )
    return a


def square(x: ArrayLike, what: str) -> Array:
    """A floating-point array whose last two axes are equal.

    Raises:
        ShapeError: they are not.
    """
    a = matrix(x, what)
    if a.shape[-1] != a.shape[-2]:
        raise ShapeError(
            f"{what}: {a.name or 'x'} is {a.shape[-2]} by {a.shape[-1]}: it is not square",
            where=str(user_site(2)),
            expected="x[... n n]",
            got=f"{a.name or 'x'}{a.shape}",
            fix="of other matrices there are svdvals, qr, pinv and lstsq",
        )
    return a


def together(x: Array, y: Array) -> tuple[Array, Array]:
    """Two arrays of matrices with their leading axes broadcast.

    Raises:
        ShapeError: they do not broadcast.
    """
    a, b = x.shape[:-2], y.shape[:-2]
    if a == b:
        return x, y
    try:
        lead = np.broadcast_shapes(a, b)
    except ValueError:
        raise ShapeError(
            f"the leading axes {a} of {x.name or 'a'} and {b} of {y.name or 'b'} do not broadcast",
            where=str(user_site(2)),
            expected="leading axes that are equal, counted from the last, or 1 where they differ",
            got=f"{x.name or 'a'}{x.shape}, {y.name or 'b'}{y.shape}",
            fix="reshape one of them",
        ) from None
    return repeat_to(x, lead + x.shape[-2:]), repeat_to(y, lead + y.shape[-2:])


def call(op: Op, *xs: Array, inner: bool = False) -> Any:
    """Apply an op; the error of a matrix that will not do says the array's name."""
    try:
        return apply(op, *xs, inner=inner)
    except LinearAlgebraError as error:
        if xs[0].name:
            error.got = f"{xs[0].name}: {error.got}"
        raise
