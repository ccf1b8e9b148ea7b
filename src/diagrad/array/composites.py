"""Functions made of ops, each in a scope of its own, so that a picture can show them as one box.

They have no rules of their own: their derivatives are those of their steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import ops
from ..errors import ShapeError
from ..ir import user_site
from ..ops.index import ARRAY
from . import functions as f
from .align import to_array
from .array import Array, ArrayLike, apply, constant
from .context import composite

__all__ = [
    "affine",
    "deep_network",
    "log_softmax",
    "logsumexp",
    "softmax",
    "softmax_cross_entropy",
    "two_layer",
]


@composite
def affine(X: ArrayLike, W: ArrayLike, b: ArrayLike) -> Array:
    """Y = X · W + b, the layer of every network.

    Args:
        X: inputs, shape (N, D).
        W: weights, shape (D, H).
        b: bias, shape (H,): repeated N times.

    Returns:
        Y of shape (N, H). Backward: ∂L/∂X = ∂L/∂Y · Wᵀ, ∂L/∂W = Xᵀ · ∂L/∂Y, ∂L/∂b = Σ ∂L/∂Y over N.

    Raises:
        ShapeError: the inner sizes differ.

    >>> import diagrad as dg
    >>> dg.affine([[1.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], [10.0, 20.0])
    array([[11., 22.]])
    """
    return f.add(f.matmul(X, W), b)


@composite
def logsumexp(x: ArrayLike, axis: int | tuple[int, ...] = -1, keepdims: bool = False) -> Array:
    """y = ln Σ eˣ over ``axis``, shifted by the largest element so that it never overflows.

    Method: log-sum-exp with a shift, whose own gradient cancels (Blanchard, Higham & Higham 2021).

    >>> import diagrad as dg
    >>> dg.logsumexp([1000.0, 1000.0])
    array(1000.69314718)
    """
    x = to_array(x)
    shift = f.max(x, axis=axis)
    total = f.log(f.sum(f.exp(x - f.expand_dims(shift, axis)), axis=axis)) + shift
    return f.expand_dims(total, axis) if keepdims else total


@composite
def softmax(x: ArrayLike, axis: int = -1) -> Array:
    """y = eˣ / Σ eˣ over ``axis``, shifted by the largest element so that it never overflows.

    >>> import diagrad as dg
    >>> dg.softmax([0.0, 0.0])
    array([0.5, 0.5])
    """
    x = to_array(x)
    e = f.exp(x - f.max(x, axis=axis, keepdims=True))
    return e / f.sum(e, axis=axis, keepdims=True)


@composite
def log_softmax(x: ArrayLike, axis: int = -1) -> Array:
    """y = x − ln Σ eˣ over ``axis``, accurate where softmax underflows.

    >>> import diagrad as dg
    >>> dg.log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    x = to_array(x)
    z = x - f.max(x, axis=axis, keepdims=True)
    return z - f.expand_dims(f.log(f.sum(f.exp(z), axis=axis)), axis)


@composite
def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> Array:
    """L = −mean over rows of log-softmax at the label: the loss of a classifier.

    Args:
        logits: scores, shape (N, C), floating-point.
        labels: the right classes, shape (N,), integers from 0 to C − 1; or rows of probabilities (N, C).

    Returns:
        A scalar. Backward to the logits: (softmax(logits) − one-hot(labels)) / N.

    Raises:
        ShapeError: the shapes disagree.

    >>> import diagrad as dg
    >>> dg.softmax_cross_entropy([[0.0, 0.0]], [1])
    array(0.69314718)
    """
    logits, labels = to_array(logits), to_array(labels)
    ok = labels.shape == logits.shape[:1] if labels.dtype.kind in "iu" else labels.shape == logits.shape
    if logits.ndim != 2 or not ok:
        raise ShapeError(
            "softmax_cross_entropy: logits and labels disagree",
            where=str(user_site(1)),
            expected="logits[N C] and integer labels[N], or probabilities labels[N C]",
            got=f"{logits.name or 'logits'}: {logits.spec}, {labels.name or 'labels'}: {labels.spec}",
            fix="give one label for each row of the logits",
        )
    scores = log_softmax(logits)
    if labels.dtype.kind in "iu":
        rows = constant(np.arange(logits.shape[0]))
        picked = apply(ops.Index((ARRAY, ARRAY)), scores, rows, labels)
        return -f.mean(picked)
    return -f.mean(f.sum(scores * labels, axis=1))


@composite
def two_layer(X: ArrayLike, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike) -> Array:
    """Scores of a two-layer network: affine, sigmoid, affine. Shapes (N, D) → (N, H) → (N, C).

    >>> import diagrad as dg, numpy as np
    >>> dg.two_layer(np.ones((1, 2)), np.zeros((2, 3)), np.zeros(3), np.ones((3, 1)), np.zeros(1))
    array([[1.5]])
    """
    return affine(f.sigmoid(affine(X, W1, b1)), W2, b2)


@composite
def deep_network(X: ArrayLike, layers: Sequence[tuple[ArrayLike, ArrayLike]]) -> Array:
    """Scores of a network of affine layers with ReLU between them.

    Args:
        X: inputs, shape (N, D).
        layers: (W, b) of each layer, in order.

    >>> import diagrad as dg, numpy as np
    >>> dg.deep_network(np.ones((1, 2)), [(np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.zeros(1))])
    array([[2.]])
    """
    h = to_array(X)
    for at, (W, b) in enumerate(layers):
        h = affine(f.relu(h) if at else h, W, b)
    return h
