"""Attention: each query takes a mean of the values, weighted by how well its key answers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..array import functions as f
from ..array.align import to_array
from ..array.array import Array, ArrayLike, constant
from ..array.composites import softmax
from ..array.context import composite
from .layers import linear
from .params import Params, misfit, subtree, wrong_dtype

__all__ = ["masked_softmax", "multi_head_attention", "scaled_dot_product_attention"]

Dropout = Callable[[Array], Array]
"""What is done to an array to drop some of its elements; with new random numbers at each call."""


@composite
def masked_softmax(x: ArrayLike, mask: ArrayLike, axis: int = -1) -> Array:
    """y = eˣ / Σ eˣ over the elements where the mask is true, 0 elsewhere.

    Where it is false along the whole axis, y is 0, and so is the gradient: no NaN. A masked element may be
    infinite or NaN.

    Args:
        x: scores, floating-point.
        mask: booleans that broadcast with x.
        axis: the axis along which y sums to 1.

    Raises:
        DTypeError: the mask is not boolean.

    >>> from diagrad import nn
    >>> nn.masked_softmax([[0.0, 0.0, 9.0], [1.0, 2.0, 3.0]], [[True, True, False], [False, False, False]])
    array([[0.5, 0.5, 0. ],
           [0. , 0. , 0. ]])
    """
    x, mask = to_array(x), to_array(mask)
    _check_boolean("masked_softmax", mask)
    low = float(np.finfo(x.dtype).min) / 2  # so that low − max does not overflow
    z = f.where(mask, x, low)
    e = f.where(mask, f.exp(z - f.max(z, axis=axis, keepdims=True)), 0.0)
    total = f.sum(e, axis=axis, keepdims=True)
    return e / f.where(total > 0.0, total, 1.0)


@composite
def scaled_dot_product_attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    dropout: Dropout | None = None,
) -> Array:
    """Y = softmax(Q · Kᵀ / √d + mask) · V.

    Args:
        q: queries, shape (..., T, d).
        k: keys, shape (..., S, d).
        v: values, shape (..., S, e).
        mask: broadcasts with the scores (..., T, S). Booleans: true where the key takes part.
            Floating-point: added to the scores; −∞ leaves the key out.
        causal: query t sees the keys 0 to t alone.
        scale: instead of 1 / √d.
        dropout: applied to the weights, such as ``lambda w: dg.where(keep, w / 0.9, 0.0)``.

    Returns:
        Shape (..., T, e). A query that no key is left for gives 0, and its gradients are 0.

    Raises:
        ShapeError: the inputs do not fit each other.
        DTypeError: the mask is neither boolean nor floating-point.

    Method: Vaswani et al. 2017.

    >>> from diagrad import nn
    >>> nn.scaled_dot_product_attention([[0.0]], [[1.0], [2.0]], [[10.0], [30.0]])
    array([[20.]])
    """
    q, k, v = to_array(q), to_array(k), to_array(v)
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise misfit(
            "scaled_dot_product_attention: q, k and v disagree",
            "q[... T d], k[... S d], v[... S e]",
            "give queries and keys one size, and a value to each key",
            q=q,
            k=k,
            v=v,
        )
    scores = f.matmul(q, f.matrix_transpose(k)) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    allowed = constant(np.tri(*scores.shape[-2:], dtype=np.bool_)) if causal else None
    if mask is not None:
        given = to_array(mask)
        if given.dtype.kind == "f":
            finite = given > -math.inf
            scores = scores + f.astype(f.where(finite, given, 0.0), scores.dtype)
            given = finite
        _check_boolean("scaled_dot_product_attention", given)
        allowed = given if allowed is None else f.logical_and(allowed, given)
    weights = softmax(scores) if allowed is None else masked_softmax(scores, allowed)
    return f.matmul(weights if dropout is None else dropout(weights), v)


@composite
def multi_head_attention(
    params: Params,
    x: ArrayLike,
    context: ArrayLike | None = None,
    *,
    heads: int,
    mask: ArrayLike | None = None,
    key_mask: ArrayLike | None = None,
    causal: bool = False,
    dropout: Dropout | None = None,
) -> Array:
    """Y = concat(head₁ … headₕ) · W_out, each head an attention over its own part of the features.

    Args:
        params: the :func:`~diagrad.nn.linear` layers query, key, value and out, with biases or without: see
            :func:`diagrad.nn.init.multi_head_attention`.
        x: what asks, shape (..., T, D).
        context: what is asked, shape (..., S, D′); by default x itself.
        heads: how many, a divisor of the columns of the queries.
        mask: broadcasts with the scores (..., heads, T, S): booleans, true where the key takes part, or
            floating-point numbers that are added.
        key_mask: booleans (..., S), true at a key that is real and false at padding. (The
            ``key_padding_mask`` of PyTorch is its opposite.)
        causal: position t sees the positions 0 to t alone.
        dropout: applied to the weights.

    Returns:
        Shape (..., T, D).

    Raises:
        ShapeError: the inputs do not fit, or the heads do not divide the features.
        DTypeError: a mask has the wrong dtype.

    Method: Vaswani et al. 2017.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> params = nn.init.multi_head_attention(0, 8)
    >>> nn.multi_head_attention(params, np.ones((2, 5, 8)), heads=4, causal=True).shape
    (2, 5, 8)
    """
    x = to_array(x)
    source = x if context is None else to_array(context)
    if min(x.ndim, source.ndim) < 2:
        raise misfit(
            "multi_head_attention: a sequence has two axes",
            "x[... T D]",
            "add an axis with x[None]",
            x=x,
            context=source,
        )
    q = linear(subtree(params, "query", "multi_head_attention"), x)
    if heads < 1 or q.shape[-1] % heads:
        raise misfit(
            f"multi_head_attention: {heads} heads do not divide the features",
            "a divisor of D",
            "choose another number of heads",
            query=q,
        )
    y = scaled_dot_product_attention(
        _split(q, heads),
        _split(linear(subtree(params, "key", "multi_head_attention"), source), heads),
        _split(linear(subtree(params, "value", "multi_head_attention"), source), heads),
        _with_keys(mask, key_mask, source),
        causal=causal,
        dropout=dropout,
    )
    return linear(subtree(params, "out", "multi_head_attention"), _merge(y))


def _split(x: Array, heads: int) -> Array:
    """(..., T, D) → (..., heads, T, D / heads)."""
    y = f.reshape(x, (*x.shape[:-1], heads, x.shape[-1] // heads))
    return _swap(y)


def _merge(x: Array) -> Array:
    """(..., heads, T, d) → (..., T, heads · d)."""
    y = _swap(x)
    return f.reshape(y, (*y.shape[:-2], y.shape[-2] * y.shape[-1]))


def _swap(x: Array) -> Array:
    """The third and second last axes exchanged."""
    n = x.ndim
    return f.permute_dims(x, (*range(n - 3), n - 2, n - 3, n - 1))


def _with_keys(mask: ArrayLike | None, key_mask: ArrayLike | None, source: Array) -> Array | None:
    """One mask of both: of the scores, and of the keys."""
    if key_mask is None:
        return None if mask is None else to_array(mask)
    keys = to_array(key_mask)
    _check_boolean("multi_head_attention", keys)
    if keys.shape != source.shape[:-1]:
        raise misfit(
            "multi_head_attention: key_mask does not fit the keys",
            "key_mask[... S] for keys[... S D]",
            "give one boolean to each key",
            key_mask=keys,
            keys=source,
        )
    keys = f.expand_dims(keys, (-3, -2))
    if mask is None:
        return keys
    mask = to_array(mask)
    return f.logical_and(mask, keys) if mask.dtype.kind == "b" else f.where(keys, mask, -math.inf)


def _check_boolean(layer: str, mask: Array) -> None:
    if mask.dtype.kind != "b":
        raise wrong_dtype(
            f"{layer}: a mask of numbers can mean either way",
            "booleans, true where the key takes part",
            "compare it, such as mask != 0",
            mask=mask,
        )
