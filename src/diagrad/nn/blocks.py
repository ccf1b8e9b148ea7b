"""Blocks: layers put together as the papers have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..array import functions as f
from ..array.align import to_array
from ..array.array import Array, ArrayLike
from ..array.context import composite
from .attention import Dropout, multi_head_attention
from .layers import mlp
from .normalisation import layer_norm
from .params import Params, subtree

__all__ = ["transformer_block"]


@composite
def transformer_block(
    params: Params,
    x: ArrayLike,
    context: ArrayLike | None = None,
    *,
    heads: int,
    mask: ArrayLike | None = None,
    key_mask: ArrayLike | None = None,
    context_mask: ArrayLike | None = None,
    causal: bool = False,
    pre_norm: bool = True,
    activation: Callable[[Array], Array] = f.relu,
    dropout: Dropout | None = None,
    eps: float = 1e-5,
) -> Array:
    """x ← x + attention(norm(x)),  x ← x + mlp(norm(x)); with a context, cross-attention between them.

    An encoder's block as it is, a decoder's with ``causal``; with ``context`` that of an encoder–decoder.
    Post-norm, as in the paper, is x ← norm(x + attention(x)).

    Args:
        params: attention, attention_norm, mlp, mlp_norm; for a context also cross, cross_norm: see
            :func:`diagrad.nn.init.transformer_block`.
        x: shape (..., T, D).
        context: shape (..., S, D′).
        heads: of both attentions.
        mask: of the self-attention: see :func:`~diagrad.nn.multi_head_attention`.
        key_mask: booleans (..., T), false where x is padding.
        context_mask: booleans (..., S), false where the context is padding.
        causal: position t sees the positions 0 to t alone.
        pre_norm: normalise before each part, not after.
        activation: inside the perceptron.
        dropout: applied to the attention's weights, inside the perceptron, and to what each part gives.
        eps: of the norms.

    Returns:
        Shape (..., T, D).

    Raises:
        ShapeError: the inputs do not fit the parameters.

    Method: Vaswani et al. 2017; pre-norm as in Xiong et al. 2020.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> params = nn.init.transformer_block(0, 8, hidden=32)
    >>> nn.transformer_block(params, np.ones((2, 5, 8)), heads=2, causal=True).shape
    (2, 5, 8)
    """
    drop = dropout or _same

    def of(key: str) -> Any:
        return subtree(params, key, "transformer_block")

    def attend(x: Array) -> Array:
        return multi_head_attention(
            of("attention"), x, heads=heads, mask=mask, key_mask=key_mask, causal=causal, dropout=dropout
        )

    def cross(x: Array) -> Array:
        return multi_head_attention(
            of("cross"), x, context, heads=heads, key_mask=context_mask, dropout=dropout
        )

    def think(x: Array) -> Array:
        return mlp(of("mlp"), x, lambda z: drop(activation(z)))

    def add(part: Callable[[Array], Array], x: Array, norm: Params) -> Array:
        if pre_norm:
            return x + drop(part(layer_norm(norm, x, eps)))
        return layer_norm(norm, x + drop(part(x)), eps)

    x = add(attend, to_array(x), of("attention_norm"))
    if context is not None:
        x = add(cross, x, of("cross_norm"))
    return add(think, x, of("mlp_norm"))


def _same(x: Array) -> Array:
    return x
