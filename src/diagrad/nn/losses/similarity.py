"""Losses of vectors: which should be near each other and which far."""

from __future__ import annotations

from ...array import functions as f
from ...array.align import to_array
from ...array.array import Array, ArrayLike
from ...array.context import composite
from ..params import misfit
from .reduction import Reduction, reduce, same_shapes

__all__ = ["cosine_embedding", "cosine_similarity", "triplet"]


@composite
def cosine_similarity(x: ArrayLike, y: ArrayLike, axis: int = -1, eps: float = 1e-8) -> Array:
    """cos = x · y / (‖x‖ ‖y‖), from −1 to 1.

    Args:
        x: vectors along ``axis``.
        y: of the same shape.
        axis: along which a vector lies.
        eps: the least length: a shorter vector is divided by it, so a zero vector gives 0 and no NaN.

    Raises:
        ShapeError: the shapes differ.

    >>> from diagrad import nn
    >>> nn.cosine_similarity([3.0, 4.0], [4.0, 3.0])
    array(0.96)
    """
    x, y = same_shapes("cosine_similarity", x=x, y=y)
    return f.sum(x * y, axis=axis) / (_length(x, axis, eps) * _length(y, axis, eps))


def _length(x: Array, axis: int, least: float) -> Array:
    square = f.sum(f.square(x), axis=axis)
    return f.sqrt(f.where(square > least**2, square, least**2))


@composite
def cosine_embedding(
    x: ArrayLike, y: ArrayLike, targets: ArrayLike, *, margin: float = 0.0, reduction: Reduction = "mean"
) -> Array:
    """L = mean of 1 − cos(x, y) for pairs that belong together, max(0, cos(x, y) − margin) for others.

    Args:
        x: vectors (..., D).
        y: of the same shape.
        targets: 1 for a pair that belongs together, −1 for one that does not, shape (...).
        margin: what others may have of cosine.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each pair.

    Raises:
        ShapeError: the shapes disagree.

    >>> from diagrad import nn
    >>> nn.cosine_embedding([[1.0, 0.0]], [[0.0, 1.0]], [1])
    array(1.)
    """
    cos, t = cosine_similarity(x, y), to_array(targets)
    if t.shape != cos.shape:
        raise misfit(
            "cosine_embedding: the targets do not fit the pairs",
            "targets[...] for x[... D]",
            "give each pair 1 or −1",
            pairs=cos,
            targets=t,
        )
    return reduce(f.where(t > 0, 1.0 - cos, f.relu(cos - margin)), reduction)


@composite
def triplet(
    anchors: ArrayLike,
    positives: ArrayLike,
    negatives: ArrayLike,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """L = mean of max(0, ‖a − p‖ − ‖a − n‖ + margin): what belongs together is nearer, by a margin.

    Args:
        anchors: shape (..., D).
        positives: of the same shape: what belongs to each anchor.
        negatives: of the same shape: what does not.
        margin: by how much nearer.
        p: of the norm, at least 1.
        eps: added to each difference, so that a root is not taken at 0.
        swap: take the positive's distance to the negative where it is the smaller (Balntas et al. 2016).
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each triplet.

    Raises:
        ShapeError: the shapes differ.

    Method: Schroff, Kalenichenko & Philbin 2015.

    >>> from diagrad import nn
    >>> nn.triplet([[0.0]], [[1.0]], [[3.0]], margin=2.5, eps=0.0)
    array(0.5)
    """
    a, near, far = same_shapes("triplet", anchors=anchors, positives=positives, negatives=negatives)
    away = _distance(a, far, p, eps)
    if swap:
        away = f.minimum(away, _distance(near, far, p, eps))
    return reduce(f.relu(_distance(a, near, p, eps) - away + margin), reduction)


def _distance(x: Array, y: Array, p: float, eps: float) -> Array:
    difference = x - y + eps
    if p == 2:
        return f.sqrt(f.sum(f.square(difference), axis=-1))
    size = f.abs(difference)
    return f.sum(size, axis=-1) if p == 1 else f.power(f.sum(f.power(size, p), axis=-1), 1 / p)
