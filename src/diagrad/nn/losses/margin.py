"""Losses of margins: what is right by enough costs nothing."""

from __future__ import annotations

import numpy as np

from ...array import functions as f
from ...array.align import to_array
from ...array.array import Array, ArrayLike
from ...array.context import composite
from ..layers import check_range
from .classification import check_rows, pick
from .reduction import Reduction, reduce, same_shapes

__all__ = ["hinge", "multiclass_hinge"]


@composite
def hinge(
    scores: ArrayLike, targets: ArrayLike, *, margin: float = 1.0, reduction: Reduction = "mean"
) -> Array:
    """L = mean of max(0, margin − t · x): the loss of a support-vector machine.

    Args:
        scores: x.
        targets: 1 or −1, of the same shape.
        margin: beyond which a score on the right side costs nothing.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each element.

    Raises:
        ShapeError: the shapes differ.

    Method: Cortes & Vapnik 1995.

    >>> from diagrad import nn
    >>> nn.hinge([0.5, -2.0], [1.0, -1.0], reduction="none")
    array([0.5, 0. ])
    """
    x, t = same_shapes("hinge", scores=scores, targets=targets)
    return reduce(f.relu(margin - t * x), reduction)


@composite
def multiclass_hinge(
    scores: ArrayLike, labels: ArrayLike, *, margin: float = 1.0, reduction: Reduction = "mean"
) -> Array:
    """L = mean over rows of Σ max(0, xⱼ − x_label + margin) over the classes j that are not the label.

    Args:
        scores: x, shape (..., C).
        labels: the right classes, integers (...). (PyTorch's ``multi_margin_loss`` divides this by C.)
        margin: by how much the right score should be above the others.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each row.

    Raises:
        ShapeError: the shapes disagree.
        OutOfRangeError: a label is no class.

    Method: Weston & Watkins 1999.

    >>> from diagrad import nn
    >>> nn.multiclass_hinge([[3.2, 5.1, -1.7]], [0])
    array(2.9)
    """
    x, labels = to_array(scores), to_array(labels)
    classes = check_rows("multiclass_hinge", x, labels)
    check_range("multiclass_hinge", "labels", labels, classes)
    right = f.expand_dims(pick(x, labels), -1)
    other = f.expand_dims(labels, -1) != np.arange(classes)
    return reduce(f.sum(f.where(other, f.relu(x - right + margin), 0.0), axis=-1), reduction)
