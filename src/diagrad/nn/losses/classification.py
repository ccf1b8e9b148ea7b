"""Losses of classes: how little the right one was expected."""

from __future__ import annotations

import numpy as np

from ... import ops
from ...array import functions as f
from ...array.align import to_array
from ...array.array import Array, ArrayLike, apply, constant
from ...array.composites import log_softmax
from ...array.context import composite
from ...ops.index import ARRAY
from ..layers import check_range
from ..params import misfit, wrong_dtype
from .reduction import Reduction, check_reduction, reduce, same_shapes

__all__ = ["binary_cross_entropy", "cross_entropy", "nll"]


@composite
def binary_cross_entropy(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    positive_weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> Array:
    """L = mean of −t ln σ(x) − (1 − t) ln(1 − σ(x)), from the scores x: no overflow, no ln 0.

    Args:
        logits: scores x.
        targets: from 0 to 1, of the same shape.
        weights: of each element, broadcasting.
        positive_weight: of the first term, broadcasting: above 1 where positives are rare.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each element.

    Returns:
        A scalar, or one number for each element. Backward: (σ(x) − t) / n.

    Raises:
        ShapeError: the shapes differ.

    >>> from diagrad import nn
    >>> nn.binary_cross_entropy([0.0, 1000.0], [1.0, 1.0], reduction="none")
    array([0.69314718, 0.        ])
    """
    x, t = same_shapes("binary_cross_entropy", logits=logits, targets=targets)
    if x.dtype.kind != "f":
        raise wrong_dtype(
            "binary_cross_entropy: the logits are not floating-point",
            "scores, any number",
            "convert with .astype(float)",
            logits=x,
        )
    t = f.astype(t, x.dtype)
    surprise = f.softplus(-x)  # −ln σ(x)
    if positive_weight is not None:
        surprise = surprise * (1.0 + (to_array(positive_weight) - 1.0) * t)
    loss = (1.0 - t) * x + surprise
    return reduce(loss if weights is None else loss * to_array(weights), reduction)


@composite
def cross_entropy(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """L = mean over rows of −Σ t ln softmax(x), t the label's one-hot row or given probabilities.

    Args:
        logits: scores x, shape (..., C).
        labels: the right classes, integers (...) from 0 to C − 1; or probabilities (..., C).
        weights: of each class, shape (C,). The mean is then over the labels' weights; of probabilities it
            is over the rows.
        ignore_index: rows of this label count for nothing; only with integer labels.
        label_smoothing: ε: the targets become (1 − ε) t + ε / C.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each row.

    Returns:
        A scalar, or shape (...). NaN where a mean is over no row, as in PyTorch.

    Raises:
        ShapeError: the shapes disagree.
        OutOfRangeError: a label is no class.
        DTypeError: ``ignore_index`` with probabilities.

    Method: label smoothing as in Szegedy et al. 2016.

    >>> from diagrad import nn
    >>> nn.cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [1, 0], reduction="none")
    array([6.93147181e-01, 1.00000000e+03])
    """
    x, labels = to_array(logits), to_array(labels)
    if labels.dtype.kind in "iu":
        check_rows("cross_entropy", x, labels)
        return _of_labels(log_softmax(x), labels, weights, ignore_index, label_smoothing, reduction)
    if ignore_index is not None:
        raise wrong_dtype(
            "cross_entropy: probabilities have no label to ignore",
            "integer labels, or no ignore_index",
            "give those rows weight 0 with reduction='none'",
            labels=labels,
        )
    scores, t = same_shapes("cross_entropy", logits=x, labels=labels)
    classes = check_rows("cross_entropy", scores, t[..., 0] if t.ndim else t)
    t = t * (1 - label_smoothing) + label_smoothing / classes if label_smoothing else t
    terms = log_softmax(scores) * t
    return reduce(-f.sum(terms if weights is None else terms * to_array(weights), axis=-1), reduction)


@composite
def nll(
    log_probabilities: ArrayLike,
    labels: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
) -> Array:
    """L = −mean over rows of the log-probability at the label: :func:`cross_entropy` after log-softmax.

    Args:
        log_probabilities: shape (..., C), such as :func:`diagrad.log_softmax` gives.
        labels: the right classes, integers (...) from 0 to C − 1.
        weights: of each class, shape (C,); the mean is over the labels' weights.
        ignore_index: rows of this label count for nothing.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each row.

    Raises:
        ShapeError: the shapes disagree.
        OutOfRangeError: a label is no class.

    >>> from diagrad import nn
    >>> nn.nll([[-1.0, -2.0], [-3.0, -4.0]], [0, 1])
    array(2.5)
    """
    x, labels = to_array(log_probabilities), to_array(labels)
    check_rows("nll", x, labels)
    return _of_labels(x, labels, weights, ignore_index, 0.0, reduction)


def _of_labels(
    logs: Array,
    labels: Array,
    weights: ArrayLike | None,
    ignore_index: int | None,
    smoothing: float,
    reduction: Reduction,
) -> Array:
    """Minus the log-probabilities at the labels, weighted."""
    check_reduction(reduction)
    counted: Array | None = None
    if ignore_index is not None:
        counted = f.not_equal(labels, ignore_index)
        labels = f.where(counted, labels, 0)
    classes = logs.shape[-1]
    check_range("cross_entropy", "labels", labels, classes)
    each, share = None, counted
    if weights is not None:
        each = f.astype(to_array(weights), logs.dtype)
        if each.shape != (classes,):
            raise misfit(
                "the weights do not fit the classes",
                "weights[C]",
                "one for each class",
                weights=each,
                logits=logs,
            )
        share = each[labels] if counted is None else f.where(counted, each[labels], 0.0)
    loss = -pick(logs, labels)
    if each is not None:
        loss = loss * each[labels]
    if smoothing:
        spread = -f.sum(logs if each is None else logs * each, axis=-1)
        loss = (1 - smoothing) * loss + (smoothing / classes) * spread
    if counted is not None:
        loss = f.where(counted, loss, 0.0)
    if reduction != "mean" or share is None:
        return reduce(loss, reduction)
    return f.sum(loss) / f.sum(f.astype(share, loss.dtype))


def pick(x: Array, labels: Array) -> Array:
    """The element of each row at its label, (..., C) → (...)."""
    rows = f.reshape(x, (labels.size, x.shape[-1]))
    places = constant(np.arange(labels.size))
    return f.reshape(
        apply(ops.Index((ARRAY, ARRAY)), rows, places, f.reshape(labels, (labels.size,))), labels.shape
    )


def check_rows(loss: str, x: Array, labels: Array) -> int:
    """The number of classes."""
    if x.ndim < 1 or labels.shape != x.shape[:-1] or not x.shape[-1]:
        raise misfit(
            f"{loss}: scores and labels disagree",
            "scores[... C] and integer labels[...]",
            "give one label for each row of the scores",
            scores=x,
            labels=labels,
        )
    return x.shape[-1]
