"""Losses of distributions: minus the log-likelihood of what was seen, or how far one is from another."""

from __future__ import annotations

import math

from ...array import functions as f
from ...array.align import to_array
from ...array.array import Array, ArrayLike
from ...array.context import composite
from .reduction import Reduction, reduce, same_shapes

__all__ = ["gaussian_nll", "kl_div", "poisson_nll"]


@composite
def kl_div(
    log_predictions: ArrayLike,
    targets: ArrayLike,
    *,
    log_targets: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """L = mean over distributions of Σ p (ln p − ln q), the divergence of q from p. 0 ln 0 counts as 0.

    Args:
        log_predictions: ln q, such as :func:`diagrad.log_softmax` gives, shape (..., C).
        targets: p, of the same shape; ln p with ``log_targets``.
        log_targets: whether the targets are logarithms.
        reduction: ``"mean"`` over the distributions, their ``"sum"``, or ``"none"`` for each element. (In
            PyTorch the mean over distributions is called ``"batchmean"``.)

    Raises:
        ShapeError: the shapes differ.

    Method: Kullback & Leibler 1951.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> nn.kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]])
    array(0.69314718)
    """
    q, p = same_shapes("kl_div", log_predictions=log_predictions, targets=targets)
    if log_targets:
        terms = f.exp(p) * (p - q)
    else:
        some = p > 0.0
        terms = p * (f.where(some, f.log(f.where(some, p, 1.0)), 0.0) - q)
    return reduce(terms if reduction == "none" or not q.ndim else f.sum(terms, axis=-1), reduction)


@composite
def gaussian_nll(
    mean: ArrayLike,
    targets: ArrayLike,
    variance: ArrayLike,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> Array:
    """L = mean of ½ (ln σ² + (t − μ)² / σ²), and ½ ln 2π with ``full``.

    Args:
        mean: μ.
        targets: t, of the same shape.
        variance: σ², broadcasts with them. Below ``eps`` it counts as ``eps`` and takes no gradient.
        full: whether the constant is added.
        eps: the least variance.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each element.

    Raises:
        ShapeError: the shapes differ.

    Method: Nix & Weigend 1994.

    >>> from diagrad import nn
    >>> nn.gaussian_nll([0.0], [2.0], [1.0])
    array(2.)
    """
    mu, t = same_shapes("gaussian_nll", mean=mean, targets=targets)
    variance = to_array(variance)
    least = f.where(variance > eps, variance, eps)
    loss = 0.5 * (f.log(least) + f.square(t - mu) / least)
    return reduce(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


@composite
def poisson_nll(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> Array:
    """L = mean of λ − t ln λ, and Stirling's ln t! with ``full``.

    Args:
        predictions: ln λ, or λ with ``log_input=False``.
        targets: counts t, of the same shape.
        log_input: whether the predictions are logarithms.
        full: whether t ln t − t + ½ ln 2πt is added where t > 1.
        eps: added to λ in its logarithm.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for each element.

    Raises:
        ShapeError: the shapes differ.

    >>> from diagrad import nn
    >>> nn.poisson_nll([0.0], [3.0])
    array(1.)
    """
    y, t = same_shapes("poisson_nll", predictions=predictions, targets=targets)
    loss = f.exp(y) - t * y if log_input else y - t * f.log(y + eps)
    if full:
        several = t > 1.0
        n = f.where(several, t, 1.0)
        stirling = n * f.log(n) - n + 0.5 * f.log(2 * math.pi * n)
        loss = loss + f.where(several, stirling, 0.0)
    return reduce(loss, reduction)
