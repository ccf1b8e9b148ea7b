"""Layers without memory: linear, several of them, embedding, convolution, residual."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..array import functions as f
from ..array.align import to_array
from ..array.array import Array, ArrayLike
from ..array.context import composite
from ..errors import OutOfRangeError
from ..ir import user_site
from .params import Params, misfit, part, wrong_dtype

__all__ = ["conv2d", "embedding", "linear", "mlp", "residual"]


@composite
def linear(params: Params, x: ArrayLike) -> Array:
    """y = x · W + b over the last axis; without ``b`` in ``params``, y = x · W.

    Args:
        params: W (D, H) and, if there is a bias, b (H,): see :func:`diagrad.nn.init.linear`.
        x: shape (..., D).

    Returns:
        y of shape (..., H).

    Raises:
        ShapeError: the last axis of x is not that of W's rows.

    >>> from diagrad import nn
    >>> nn.linear({"W": [[1.0, 0.0], [0.0, 2.0]], "b": [10.0, 20.0]}, [[1.0, 2.0]])
    array([[11., 24.]])
    """
    x, W = to_array(x), part(params, "W", "linear")
    if not x.ndim or W.ndim != 2 or x.shape[-1] != W.shape[0]:
        raise misfit(
            "linear: x and W disagree", "x[... D], W[D H]", "give x as many features as W has rows", x=x, W=W
        )
    y = project(x, W)
    if "b" not in params:
        return y
    b = to_array(params["b"])
    if b.shape != W.shape[1:]:
        raise misfit(
            "linear: W and b disagree", "W[D H], b[H]", "give b one element for each column of W", W=W, b=b
        )
    return y + b


def project(x: Array, W: Array) -> Array:
    """x · W over the last axis: leading axes are rows of one product, W is not repeated for each."""
    if x.ndim <= 2:
        return f.matmul(x, W)
    count = math.prod(x.shape[:-1])
    rows = f.matmul(f.reshape(x, (count, x.shape[-1])), W)
    return f.reshape(rows, (*x.shape[:-1], W.shape[1]))


@composite
def mlp(params: Sequence[Params], x: ArrayLike, activation: Callable[[Array], Array] = f.relu) -> Array:
    """A multi-layer perceptron: linear layers with an activation between them, none after the last.

    Args:
        params: of each :func:`linear` layer, in order: see :func:`diagrad.nn.init.mlp`.
        x: shape (..., D).
        activation: of each hidden layer, elementwise.

    Returns:
        Shape (..., C), C the columns of the last W.

    >>> from diagrad import nn
    >>> nn.mlp(nn.init.mlp(0, [3, 8, 2]), [[1.0, 2.0, 3.0]]).shape
    (1, 2)
    """
    y = to_array(x)
    for at, layer in enumerate(params):
        y = linear(layer, activation(y) if at else y)
    return y


@composite
def embedding(params: Params, tokens: ArrayLike) -> Array:
    """y = W[tokens]: a row of W for each token. Backward: each row gathers the gradients of its tokens.

    Args:
        params: W (V, D): see :func:`diagrad.nn.init.embedding`.
        tokens: integers from 0 to V − 1, any shape.

    Returns:
        Shape (..., D).

    Raises:
        DTypeError: the tokens are not integers.
        OutOfRangeError: a token lies outside the vocabulary.

    >>> from diagrad import nn
    >>> nn.embedding({"W": [[1.0, 2.0], [3.0, 4.0]]}, [1, 0, 1])
    array([[3., 4.],
           [1., 2.],
           [3., 4.]])
    """
    W, tokens = part(params, "W", "embedding"), to_array(tokens)
    if tokens.dtype.kind not in "iu":
        raise wrong_dtype(
            "embedding: tokens are not integers", "integers", "convert with .astype(int)", tokens=tokens
        )
    check_range("embedding", "tokens", tokens, W.shape[0])
    return W[tokens]


def check_range(layer: str, name: str, x: Array, count: int) -> None:
    """Raise unless the integers lie from 0 to ``count − 1``; of a traced array this is not known.

    Raises:
        OutOfRangeError: one lies outside.
    """
    if x.traced or not x.size:
        return
    low, high = int(x.data.min()), int(x.data.max())
    if low < 0 or high >= count:
        raise OutOfRangeError(
            f"{layer}: {name} lie outside their range",
            where=str(user_site(1)),
            expected=f"integers from 0 to {count - 1}",
            got=f"{x.name or name} from {low} to {high}",
            fix="number them from 0",
        )


@composite
def conv2d(
    params: Params,
    x: ArrayLike,
    *,
    stride: int | tuple[int, int] = 1,
    padding: Any = 0,
) -> Array:
    """y = conv(x, W) + b: a layer of two-dimensional filters. See :func:`diagrad.conv`.

    Args:
        params: W (K, C, height, width) and, if there is a bias, b (K,): see :func:`diagrad.nn.init.conv2d`.
        x: images (N, C, height, width).
        stride: of both axes, or of each.
        padding: zeros at the edges, as :func:`diagrad.conv` takes them.

    Returns:
        Shape (N, K, height′, width′).

    Raises:
        ShapeError: the channels disagree, or a filter is larger than the padded image.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> nn.conv2d(nn.init.conv2d(0, 3, 16, 5), np.ones((2, 3, 8, 8)), padding="same").shape
    (2, 16, 8, 8)
    """
    return f.conv(x, part(params, "W", "conv2d"), params.get("b"), stride=stride, padding=padding)


@composite
def residual(function: Callable[[Array], Array], x: ArrayLike) -> Array:
    """y = x + f(x). Backward: the gradient also passes unchanged, around f.

    Args:
        function: gives an array of the shape of x.
        x: any array.

    Raises:
        ShapeError: the shape of f(x) is another.

    Method: He, Zhang, Ren & Sun 2016.

    >>> import diagrad as dg
    >>> dg.nn.residual(dg.relu, [1.0, -1.0])
    array([ 2., -1.])
    """
    x = to_array(x)
    y = function(x)
    if y.shape != x.shape:
        raise misfit(
            "residual: the function changes the shape", "f(x) of the shape of x", "project x first", x=x, y=y
        )
    return x + y
