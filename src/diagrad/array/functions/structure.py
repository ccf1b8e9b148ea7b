"""Branch, Repeat, Sum of several values and MatMul as functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import as_shape, cast, own, promote, repeat_to, to_array
from ..array import Array, ArrayLike, apply

__all__ = ["add_n", "branch", "broadcast_to", "matmul", "repeat_new"]


def branch(x: ArrayLike, /, n: int = 2) -> tuple[Array, ...]:
    """One value separated into n. Backward: the n upstream gradients add.

    A value that is used twice branches by itself, when a graph is drawn or differentiated; this makes the
    node explicit.

    Args:
        x: any array.
        n: how many outputs, at least 1.

    Raises:
        ValueError: n is not positive.

    >>> import diagrad as dg
    >>> x = dg.array(3.0)
    >>> a, b = dg.branch(x)
    >>> (a * b).backward()
    >>> x.grad
    array(6.)
    """
    if n < 1:
        raise ValueError(f"branch: n must be at least 1, got {n}")
    return apply(ops.Branch(n), to_array(x))


def repeat_new(x: ArrayLike, /, n: int, axis: int = 0) -> Array:
    """n copies of x along a new axis. Backward: the n gradients add.

    Args:
        x: any array.
        n: the number of copies.
        axis: where the new axis stands in the result.

    >>> import diagrad as dg
    >>> dg.repeat_new([1.0, 2.0], 3)
    array([[1., 2.],
           [1., 2.],
           [1., 2.]])
    """
    x = to_array(x)
    return apply(ops.Repeat((normalize_axis_index(axis, x.ndim + 1),), (n,)), x)


def add_n(*xs: ArrayLike) -> Array:
    """y = x₁ + x₂ + … + xₙ, all of one shape: the Sum node. Backward: the one gradient to every input.

    >>> import diagrad as dg
    >>> dg.add_n(1.0, 2.0, 3.0)
    array(6.)
    """
    arrays = [to_array(x) for x in xs]
    dtype = promote([x.dtype for x in arrays])
    return apply(ops.AddN(), *(cast(x, dtype) for x in arrays))


def broadcast_to(x: ArrayLike, shape: int | Sequence[int], /) -> Array:
    """x copied along new axes, or axes of size 1, to ``shape``: a Repeat node.

    Raises:
        ShapeError: x does not broadcast to that shape.

    >>> import diagrad as dg
    >>> dg.broadcast_to([1.0, 2.0], (2, 2))
    array([[1., 2.],
               [1., 2.]])
    """
    x = to_array(x)
    to = as_shape(shape)
    if len(to) < x.ndim or any(a not in (1, b) for a, b in zip(x.shape[::-1], to[::-1], strict=False)):
        raise ShapeError(
            f"broadcast_to: {x.name or 'x'}{x.shape} does not broadcast to {to}",
            where=str(user_site(0)),
            expected="each axis, from the last, equal or 1",
            got=f"x{x.shape}, shape {to}",
            fix="reshape x first, or add an axis with x[:, None]",
        )
    return own(x) if x.shape == to else repeat_to(x, to, inner=False)


def matmul(x: ArrayLike, w: ArrayLike, /) -> Array:
    """Matrix product  y[m,n] = Σ_k x[m,k] · w[k,n], over leading axes that broadcast.

    A one-axis input counts as a row on the left, as a column on the right, and that axis vanishes again;
    of two such inputs the result is their dot product. Backward: g · wᵀ and xᵀ · g.

    Raises:
        ShapeError: the inner axes differ, or an input is a scalar.

    >>> import diagrad as dg
    >>> dg.matmul([[1.0, 2.0]], [[3.0], [4.0]])
    array([[11.]])
    """
    x, w = to_array(x), to_array(w)
    row, column = x.ndim == 1, w.ndim == 1
    inner = w.shape[0] if column else w.shape[-2] if w.ndim else 0
    if not x.ndim or not w.ndim or x.shape[-1] != inner:
        raise _matmul_error(x, w)
    dtype = promote([x.dtype, w.dtype])
    x, w = cast(x, dtype), cast(w, dtype)
    if row and column:
        return apply(ops.Sum((0,)), apply(ops.Multiply(), x, w, inner=True))
    x = apply(ops.ExpandDims((0,)), x, inner=True) if row else x
    w = apply(ops.ExpandDims((1,)), w, inner=True) if column else w
    if x.shape[:-2] != w.shape[:-2]:
        try:
            lead = np.broadcast_shapes(x.shape[:-2], w.shape[:-2])
        except ValueError:
            raise _matmul_error(x, w) from None
        x, w = repeat_to(x, lead + x.shape[-2:]), repeat_to(w, lead + w.shape[-2:])
    if not row and not column:
        return apply(ops.MatMul(), x, w)
    y = apply(ops.MatMul(), x, w, inner=True)
    return apply(ops.Squeeze((y.ndim - 2 if row else y.ndim - 1,)), y)


def _matmul_error(x: Array, w: Array) -> ShapeError:
    a, b = x.name or "x", w.name or "w"
    if not x.ndim or not w.ndim:
        what = f"MatMul: {a if not x.ndim else b} is a scalar"
    elif x.shape[-1] != (w.shape[-2] if w.ndim > 1 else w.shape[0]):
        what = (
            f"MatMul: axis 'k' is {x.shape[-1]} in {a} but {w.shape[-2] if w.ndim > 1 else w.shape[0]} in {b}"
        )
    else:
        what = f"MatMul: leading axes {x.shape[:-2]} of {a} and {w.shape[:-2]} of {b} do not broadcast"
    return ShapeError(
        what,
        where=str(user_site(1)),
        expected=ops.MatMul.signature,
        got=f"{a}{x.shape}, {b}{w.shape}",
        fix="transpose one of them (x.mT), or multiply elementwise with *",
    )
