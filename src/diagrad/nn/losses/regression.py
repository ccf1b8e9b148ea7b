"""Losses of numbers: how far a prediction is from its target."""

from __future__ import annotations

from ...array import functions as f
from ...array.array import Array, ArrayLike
from ...array.context import composite
from .reduction import Reduction, reduce, same_shapes

__all__ = ["huber", "mae", "mse", "smooth_l1"]


@composite
def mse(predictions: ArrayLike, targets: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """L = mean (y − t)². Backward: 2 (y − t) / n.

    Args:
        predictions: y.
        targets: t, of the same shape.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each element.

    Raises:
        ShapeError: the shapes differ.

    >>> from diagrad import nn
    >>> nn.mse([1.0, 2.0], [1.0, 4.0])
    array(2.)
    """
    y, t = same_shapes("mse", predictions=predictions, targets=targets)
    return reduce(f.square(y - t), reduction)


@composite
def mae(predictions: ArrayLike, targets: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """L = mean |y − t|. Backward: the sign of y − t, over n; 0 where they are equal.

    >>> from diagrad import nn
    >>> nn.mae([1.0, 2.0], [1.0, 4.0])
    array(1.)
    """
    y, t = same_shapes("mae", predictions=predictions, targets=targets)
    return reduce(f.abs(y - t), reduction)


@composite
def huber(
    predictions: ArrayLike, targets: ArrayLike, *, delta: float = 1.0, reduction: Reduction = "mean"
) -> Array:
    """L = mean of ½d² where the distance d = |y − t| is at most δ, and δ (d − ½δ) beyond.

    Args:
        predictions: y.
        targets: t, of the same shape.
        delta: δ, where the square becomes a line; its slope there is δ.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each element.

    Raises:
        ShapeError: the shapes differ.

    Method: Huber 1964.

    >>> from diagrad import nn
    >>> nn.huber([0.5, 3.0], [0.0, 0.0], reduction="none")
    array([0.125, 2.5  ])
    """
    y, t = same_shapes("huber", predictions=predictions, targets=targets)
    d = f.abs(y - t)
    return reduce(f.where(d <= delta, 0.5 * f.square(d), delta * (d - 0.5 * delta)), reduction)


@composite
def smooth_l1(
    predictions: ArrayLike, targets: ArrayLike, *, beta: float = 1.0, reduction: Reduction = "mean"
) -> Array:
    """L = mean of ½d² / β where the distance d = |y − t| is less than β, and d − ½β beyond.

    :func:`huber` over β: the line has slope 1. With β = 0 it is :func:`mae`.

    >>> from diagrad import nn
    >>> nn.smooth_l1([0.5, 3.0], [0.0, 0.0], beta=2.0, reduction="none")
    array([0.0625, 2.    ])
    """
    y, t = same_shapes("smooth_l1", predictions=predictions, targets=targets)
    d = f.abs(y - t)
    if beta == 0:
        return reduce(d, reduction)
    return reduce(f.where(d < beta, f.square(d) * (0.5 / beta), d - 0.5 * beta), reduction)
