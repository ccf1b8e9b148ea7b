"""Convolution over one, two or three spatial axes, transposed convolution, and NumPy's ``convolve``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import ShapeError
from ...ir import user_site
from ..align import cast, promote, to_array
from ..array import Array, ArrayLike, apply
from ..context import composite
from ..spatial import Each, Pads, each, pads
from .shape import expand_dims, reshape, squeeze

__all__ = [
    "conv", "conv1d", "conv2d", "conv3d", "conv_transpose", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "convolve", "correlate",
]  # fmt: skip


def conv(
    x: ArrayLike,
    w: ArrayLike,
    b: ArrayLike | None = None,
    *,
    stride: Each = 1,
    padding: Pads = 0,
    dilation: Each = 1,
    groups: int = 1,
) -> Array:
    """y[n,f,t] = Σ_{c,k} x[n, c, s·t + d·k − p] · w[f,c,k] + b[f]: the layer of convolutional networks.

    Args:
        x: shape (N, C, *S), with any number of spatial axes *S*; or (C, *S), and then y has no N either.
        w: kernels, shape (F, C / groups, *K). They are not reversed.
        b: bias, shape (F,), repeated over all else.
        stride: how far the kernel moves, a number or one for each spatial axis.
        padding: zeros around x: a number, one for each spatial axis, or a pair (before, after) for each;
            ``"valid"`` for none; ``"same"`` for as many as give ⌈S / stride⌉ outputs, an odd one at the end.
        dilation: how far apart the kernel's cells are.
        groups: channels fall into as many groups, each with kernels of its own; C makes it depthwise.

    Returns:
        Shape (N, F, *T), T = ⌊(S + padding − dilation · (K − 1) − 1) / stride⌋ + 1. Backward: a transposed
        convolution of g to x, the convolution of x with g to w, Σ g to b.

    Raises:
        ShapeError: channels, groups or ranks disagree, or the kernel is larger than padded x.

    >>> import diagrad as dg
    >>> dg.conv([[[1.0, 2.0, 4.0, 8.0]]], [[[-1.0, 1.0]]])
    array([[[1., 2., 4.]]])
    """
    x, w = _together(x, w, "conv", "x", "(N, C, *S)", "w[F C/groups *K]")
    rank = w.ndim - 2
    strides, spread = each(stride, rank, "stride"), each(dilation, rank, "dilation")
    ends = pads(padding, x.shape[x.ndim - rank :], w.shape[2:], strides, spread)
    op = ops.Convolve(strides, ends, spread, groups)
    return _layer(op, x, w) if b is None else _biased("conv", op, x, w, to_array(b))


def conv1d(
    x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, stride: Each = 1, padding: Pads = 0,
    dilation: Each = 1, groups: int = 1,
) -> Array:  # fmt: skip
    """:func:`conv` over one spatial axis: x(N, C, L), w(F, C / groups, K).

    >>> import diagrad as dg
    >>> dg.conv1d([[[1.0, 2.0, 4.0]]], [[[1.0, 1.0, 1.0]]], padding="same")
    array([[[3., 7., 6.]]])
    """
    return conv(
        x, _of_rank(w, 1, "conv1d"), b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv2d(
    x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, stride: Each = 1, padding: Pads = 0,
    dilation: Each = 1, groups: int = 1,
) -> Array:  # fmt: skip
    """:func:`conv` over two spatial axes: x(N, C, H, W), w(F, C / groups, KH, KW).

    >>> import diagrad as dg, numpy as np
    >>> dg.conv2d(np.ones((8, 3, 28, 28)), np.ones((6, 3, 5, 5)), stride=2, padding=2).shape
    (8, 6, 14, 14)
    """
    return conv(
        x, _of_rank(w, 2, "conv2d"), b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv3d(
    x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, stride: Each = 1, padding: Pads = 0,
    dilation: Each = 1, groups: int = 1,
) -> Array:  # fmt: skip
    """:func:`conv` over three spatial axes: x(N, C, D, H, W), w(F, C / groups, KD, KH, KW).

    >>> import diagrad as dg, numpy as np
    >>> dg.conv3d(np.ones((1, 2, 4, 4, 4)), np.ones((3, 2, 3, 3, 3))).shape
    (1, 3, 2, 2, 2)
    """
    return conv(
        x, _of_rank(w, 3, "conv3d"), b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def conv_transpose(
    x: ArrayLike,
    w: ArrayLike,
    b: ArrayLike | None = None,
    *,
    stride: Each = 1,
    padding: Pads = 0,
    output_padding: Each = 0,
    dilation: Each = 1,
    groups: int = 1,
) -> Array:
    """y[n,f,j] = Σ x[n,c,t] · w[c,f,k] over s·t + d·k − p = j: what :func:`conv` does to gradients, as a layer.

    Args:
        x: shape (N, C, *T), or (C, *T).
        w: kernels, shape (C, F / groups, *K): as PyTorch has them, the channels of x first.
        b: bias, shape (F,).
        stride: how far apart the elements of x lay their kernels.
        padding: cells taken away at each end of y: a number, one for each spatial axis, or pairs.
        output_padding: cells more at the end of y, since several sizes convolve to one; less than stride or
            dilation.
        dilation: how far apart the kernel's cells are.
        groups: channels fall into as many groups.

    Returns:
        Shape (N, F, *S), S = (T − 1) · stride − padding + dilation · (K − 1) + 1 + output_padding. Backward:
        a convolution of g to x.

    Raises:
        ShapeError: channels, groups or ranks disagree, or output_padding is too large.

    >>> import diagrad as dg
    >>> dg.conv_transpose([[[1.0, 2.0]]], [[[1.0, 1.0, 1.0]]], stride=2)
    array([[[1., 1., 3., 2., 2.]]])
    """
    x, w = _together(x, w, "conv_transpose", "x", "(N, C, *T)", "w[C F/groups *K]")
    rank = w.ndim - 2
    strides, spread = each(stride, rank, "stride"), each(dilation, rank, "dilation")
    more = each(output_padding, rank, "output_padding", least=0)
    ends = pads(padding, x.shape[x.ndim - rank :], w.shape[2:], strides, spread)
    if any(n >= max(s, d) for n, s, d in zip(more, strides, spread, strict=True)):
        raise ShapeError(
            "conv_transpose: output_padding is too large",
            where=str(user_site(0)),
            expected="less than the stride or the dilation",
            got=f"output_padding {more}, stride {strides}, dilation {spread}",
            fix="pad the result instead",
        )
    ends = tuple((before, after - n) for (before, after), n in zip(ends, more, strict=True))
    op = ops.ConvolveTransposed(strides, ends, spread, groups)
    return _layer(op, x, w) if b is None else _biased("conv_transpose", op, x, w, to_array(b))


def conv_transpose1d(
    x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, stride: Each = 1, padding: Pads = 0,
    output_padding: Each = 0, groups: int = 1, dilation: Each = 1,
) -> Array:  # fmt: skip
    """:func:`conv_transpose` over one spatial axis: x(N, C, L), w(C, F / groups, K).

    >>> import diagrad as dg
    >>> dg.conv_transpose1d([[[1.0, 2.0]]], [[[1.0, 3.0]]])
    array([[[1., 5., 6.]]])
    """
    options: dict[str, Any] = {"stride": stride, "padding": padding, "output_padding": output_padding}
    return conv_transpose(
        x, _of_rank(w, 1, "conv_transpose1d"), b, groups=groups, dilation=dilation, **options
    )


def conv_transpose2d(
    x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, stride: Each = 1, padding: Pads = 0,
    output_padding: Each = 0, groups: int = 1, dilation: Each = 1,
) -> Array:  # fmt: skip
    """:func:`conv_transpose` over two spatial axes: x(N, C, H, W), w(C, F / groups, KH, KW).

    >>> import diagrad as dg, numpy as np
    >>> dg.conv_transpose2d(np.ones((1, 8, 7, 7)), np.ones((8, 4, 3, 3)), None, 2, 1, 1).shape
    (1, 4, 14, 14)
    """
    options: dict[str, Any] = {"stride": stride, "padding": padding, "output_padding": output_padding}
    return conv_transpose(
        x, _of_rank(w, 2, "conv_transpose2d"), b, groups=groups, dilation=dilation, **options
    )


def conv_transpose3d(
    x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, stride: Each = 1, padding: Pads = 0,
    output_padding: Each = 0, groups: int = 1, dilation: Each = 1,
) -> Array:  # fmt: skip
    """:func:`conv_transpose` over three spatial axes: x(N, C, D, H, W), w(C, F / groups, KD, KH, KW).

    >>> import diagrad as dg, numpy as np
    >>> dg.conv_transpose3d(np.ones((1, 2, 2, 2, 2)), np.ones((2, 1, 2, 2, 2)), stride=2).shape
    (1, 1, 4, 4, 4)
    """
    options: dict[str, Any] = {"stride": stride, "padding": padding, "output_padding": output_padding}
    return conv_transpose(
        x, _of_rank(w, 3, "conv_transpose3d"), b, groups=groups, dilation=dilation, **options
    )


def _together(x: Any, w: Any, who: str, name: str, shape: str, kernel: str) -> tuple[Array, Array]:
    """x and w in one dtype; x may lack its first axis."""
    x, w = to_array(x), to_array(w)
    if w.ndim < 3 or x.ndim not in (w.ndim, w.ndim - 1):
        raise ShapeError(
            f"{who}: {x.name or name} has {x.ndim} axes, {w.name or 'w'} has {w.ndim}",
            where=str(user_site(1)),
            expected=f"{name} of shape {shape} and {kernel}, with as many spatial axes, at least one",
            got=f"{x.name or name}{x.shape}, {w.name or 'w'}{w.shape}",
            fix="add an axis for the channels, or for N, with x[None]",
        )
    dtype = promote([x.dtype, w.dtype])
    return cast(x, dtype), cast(w, dtype)


def _of_rank(w: Any, rank: int, who: str) -> Array:
    """w, which must have ``rank`` spatial axes."""
    w = to_array(w)
    if w.ndim != rank + 2:
        raise ShapeError(
            f"{who}: {w.name or 'w'} has {w.ndim} axes",
            where=str(user_site(1)),
            expected=f"{rank + 2} axes, {rank} of them spatial",
            got=f"{w.name or 'w'}{w.shape}",
            fix="use dg.conv or dg.conv_transpose, which take the number of spatial axes from w",
        )
    return w


def _layer(op: Any, x: Array, w: Array) -> Array:
    if x.ndim == w.ndim:
        return apply(op, x, w)
    return squeeze(apply(op, expand_dims(x, 0), w), 0)


def _biased(name: str, op: Any, x: Array, w: Array, b: Array) -> Array:
    """A layer with its bias, in a box that bears its name."""

    def layer() -> Array:
        y = _layer(op, x, w)
        filters = y.shape[1 - w.ndim]
        if b.shape != (filters,):
            raise ShapeError(
                f"{name}: {b.name or 'b'} has shape {b.shape}",
                where=str(user_site(2)),
                expected=f"({filters},), one number for each channel of the result",
                got=f"{b.name or 'b'}{b.shape}, a result of shape {y.shape}",
                fix="give one bias for each kernel",
            )
        return y + reshape(b, (filters,) + (1,) * (w.ndim - 2))

    layer.__name__ = name
    return composite(layer)()


@composite
def convolve(a: ArrayLike, v: ArrayLike, mode: str = "full") -> Array:
    """y[t] = Σ_k a[k] · v[t − k] of two arrays of one axis, as NumPy's.

    Args:
        a: shape (M,).
        v: shape (K,).
        mode: ``"full"`` for all M + K − 1 overlaps, ``"same"`` for the max(M, K) in the middle, ``"valid"`` for
            the max(M, K) − min(M, K) + 1 where one lies wholly within the other.

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
