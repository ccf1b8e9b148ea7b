"""Normalisation: mean 0 and variance 1 over some axes, then a learned gain γ and shift β."""

from __future__ import annotations

from collections.abc import Sequence

from ..array import functions as f
from ..array.align import to_array
from ..array.array import Array, ArrayLike
from ..array.context import composite
from .params import Params, misfit, part

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm", "standardise"]


@composite
def standardise(x: ArrayLike, axis: int | Sequence[int] = -1, eps: float = 1e-5) -> Array:
    """y = (x − mean) / √(variance + ε) over ``axis``.

    The variance divides by the number of elements n, not by n − 1. A constant x gives 0, with gradient 0.

    Args:
        x: any floating-point array.
        axis: an axis or several.
        eps: keeps the root away from 0.

    >>> from diagrad import nn
    >>> nn.standardise([1.0, 3.0], eps=0.0)
    array([-1.,  1.])
    """
    x = to_array(x)
    centred = x - f.mean(x, axis=axis, keepdims=True)
    deviation = f.sqrt(f.mean(f.square(centred), axis=axis) + eps)
    return centred / f.expand_dims(deviation, axis)


@composite
def layer_norm(params: Params, x: ArrayLike, eps: float = 1e-5) -> Array:
    """y = γ · (x − mean) / √(variance + ε) + β, each row by itself.

    Args:
        params: gamma and beta, of the shape of the last axes of x, over which mean and variance are taken:
            see :func:`diagrad.nn.init.layer_norm`.
        x: shape (..., D).
        eps: keeps the root away from 0.

    Raises:
        ShapeError: gamma has not the shape of the last axes of x.

    Method: Ba, Kiros & Hinton 2016.

    >>> from diagrad import nn
    >>> nn.layer_norm(nn.init.layer_norm(2), [[1.0, 3.0], [2.0, 6.0]], eps=0.0)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    x, gamma, beta = to_array(x), part(params, "gamma", "layer_norm"), part(params, "beta", "layer_norm")
    return standardise(x, _last_axes("layer_norm", x, gamma), eps) * gamma + beta


@composite
def rms_norm(params: Params, x: ArrayLike, eps: float = 1e-6) -> Array:
    """y = γ · x / √(mean x² + ε), each row by itself.

    Args:
        params: gamma, of the shape of the last axes of x: see :func:`diagrad.nn.init.rms_norm`.
        x: shape (..., D).
        eps: keeps the root away from 0. (PyTorch's default is the smallest ε of the dtype.)

    Raises:
        ShapeError: gamma has not the shape of the last axes of x.

    Method: Zhang & Sennrich 2019.

    >>> from diagrad import nn
    >>> nn.rms_norm({"gamma": [1.0, 1.0]}, [3.0, 3.0], eps=0.0)
    array([1., 1.])
    """
    x, gamma = to_array(x), part(params, "gamma", "rms_norm")
    axes = _last_axes("rms_norm", x, gamma)
    size = f.sqrt(f.mean(f.square(x), axis=axes) + eps)
    return x / f.expand_dims(size, axes) * gamma


@composite
def group_norm(params: Params | None, x: ArrayLike, groups: int, eps: float = 1e-5) -> Array:
    """y = γ · (x − mean) / √(variance + ε) + β over each group of channels of each sample.

    Args:
        params: gamma (C,) and beta (C,), or None for neither: see :func:`diagrad.nn.init.group_norm`.
        x: shape (N, C, ...).
        groups: how many, a divisor of C.
        eps: keeps the root away from 0.

    Raises:
        ShapeError: x has no channels, or the groups do not divide them.

    Method: Wu & He 2018.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> nn.group_norm(None, np.arange(4.0).reshape(1, 4), groups=2, eps=0.0)
    array([[-1.,  1., -1.,  1.]])
    """
    x = to_array(x)
    if x.ndim < 2 or groups < 1 or x.shape[1] % groups:
        raise misfit(
            f"group_norm: {groups} groups do not divide the channels",
            "x[N C ...], C a multiple of groups",
            "choose a divisor of C",
            x=x,
        )
    grouped = f.reshape(x, (x.shape[0], groups, x.shape[1] // groups, *x.shape[2:]))
    y = f.reshape(standardise(grouped, tuple(range(2, grouped.ndim)), eps), x.shape)
    return y if params is None else _gain("group_norm", params, y, 1)


@composite
def instance_norm(params: Params | None, x: ArrayLike, eps: float = 1e-5) -> Array:
    """y = γ · (x − mean) / √(variance + ε) + β over each channel of each sample.

    Args:
        params: gamma (C,) and beta (C,), or None for neither: see :func:`diagrad.nn.init.group_norm`.
        x: shape (N, C, ...), at least three axes.
        eps: keeps the root away from 0.

    Raises:
        ShapeError: a channel is a single number.

    Method: Ulyanov, Vedaldi & Lempitsky 2016.

    >>> from diagrad import nn
    >>> nn.instance_norm(None, [[[1.0, 3.0], [5.0, 5.0]]], eps=1e-12)
    array([[[-1.,  1.],
            [ 0.,  0.]]])
    """
    x = to_array(x)
    if x.ndim < 3:
        raise misfit(
            "instance_norm: a channel is one number", "x[N C ... n]", "use layer_norm or batch_norm", x=x
        )
    y = standardise(x, tuple(range(2, x.ndim)), eps)
    return y if params is None else _gain("instance_norm", params, y, 1)


@composite
def batch_norm(
    params: Params,
    x: ArrayLike,
    state: Params,
    *,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
    axis: int = 1,
) -> tuple[Array, dict[str, Array]]:
    """y = γ · (x − mean) / √(variance + ε) + β, each channel over the batch.

    In training, mean and variance are the batch's, and the running ones move by ``momentum`` towards them
    (the variance towards the unbiased one, as in PyTorch). Otherwise they are the running ones.

    Args:
        params: gamma (C,) and beta (C,): see :func:`diagrad.nn.init.batch_norm`.
        x: shape (N, C, ...), or (N, D).
        state: the running mean (C,) and var (C,): see :func:`diagrad.nn.init.batch_norm_state`.
        training: whether to use the batch.
        momentum: how far the running statistics move.
        eps: keeps the root away from 0.
        axis: that of the channels.

    Returns:
        y, and the new state, through which no gradient flows.

    Raises:
        ShapeError: gamma has not one element for each channel, or in training a channel has but one number.

    Method: Ioffe & Szegedy 2015.

    >>> from diagrad import nn
    >>> params, state = nn.init.batch_norm(1), nn.init.batch_norm_state(1)
    >>> y, state = nn.batch_norm(params, [[1.0], [3.0]], state, training=True, eps=0.0)
    >>> y, state["mean"], state["var"]
    (array([[-1.],
           [ 1.]]), array([0.2]), array([1.1]))
    """
    x, mean, var = (
        to_array(x),
        part(state, "mean", "batch_norm_state"),
        part(state, "var", "batch_norm_state"),
    )
    axis = axis % x.ndim if x.ndim else axis
    if x.ndim < 2 or mean.shape != (x.shape[axis],) or var.shape != mean.shape:
        raise misfit(
            "batch_norm: the state does not fit the channels",
            "x[N C ...], mean[C], var[C]",
            "give the state one element for each channel",
            x=x,
            mean=mean,
            var=var,
        )
    if not training:
        wide = _along(x, axis)
        y = (x - f.reshape(mean, wide)) / f.sqrt(f.reshape(var, wide) + eps)
        return _gain("batch_norm", params, y, axis), {"mean": mean, "var": var}
    n = x.size // x.shape[axis] if x.size else 0
    if n < 2:
        raise misfit(
            "batch_norm: a channel has fewer than two numbers to take the variance of",
            "at least two in a batch",
            "use a larger batch, or training=False",
            x=x,
        )
    axes = tuple(at for at in range(x.ndim) if at != axis)
    y = standardise(x, axes, eps)
    seen_mean = f.mean(x, axis=axes)
    seen_var = f.mean(f.square(x - f.reshape(seen_mean, _along(x, axis))), axis=axes) * (n / (n - 1))
    new = {
        "mean": (1 - momentum) * mean + momentum * seen_mean,
        "var": (1 - momentum) * var + momentum * seen_var,
    }
    return _gain("batch_norm", params, y, axis), {key: _still(s) for key, s in new.items()}


def _still(x: Array) -> Array:
    """x where no gradient flows; eagerly without a history, which would grow from step to step."""
    return f.stop_gradient(x) if x.traced else x.detach()


def _last_axes(layer: str, x: Array, gamma: Array) -> tuple[int, ...]:
    """The last axes of x, which gamma stands for."""
    if not gamma.ndim or x.shape[-gamma.ndim :] != gamma.shape:
        raise misfit(
            f"{layer}: gamma is not of the shape of the last axes of x",
            "x[... D], gamma[D]",
            "make the parameters for that shape",
            x=x,
            gamma=gamma,
        )
    return tuple(range(-gamma.ndim, 0))


def _gain(layer: str, params: Params, y: Array, axis: int) -> Array:
    """γ · y + β, with one γ and β for each channel."""
    gamma, beta = part(params, "gamma", layer), part(params, "beta", layer)
    if gamma.shape != (y.shape[axis],) or beta.shape != gamma.shape:
        raise misfit(
            f"{layer}: gamma and beta do not fit the channels",
            f"one element for each of {y.shape[axis]} channels",
            "make the parameters for that number",
            x=y,
            gamma=gamma,
            beta=beta,
        )
    wide = _along(y, axis)
    return y * f.reshape(gamma, wide) + f.reshape(beta, wide)


def _along(x: Array, axis: int) -> tuple[int, ...]:
    """A shape of one axis's elements that broadcasts over the others of x."""
    return tuple(size if at == axis else 1 for at, size in enumerate(x.shape))
