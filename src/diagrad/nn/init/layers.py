"""Parameters of layers, as NumPy arrays in dicts and lists."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .schemes import (
    Numbers,
    Rng,
    Scheme,
    glorot_uniform,
    he_normal,
    lecun_normal,
    normal,
    orthogonal,
    uniform,
)

__all__ = [
    "batch_norm",
    "batch_norm_state",
    "conv2d",
    "embedding",
    "group_norm",
    "gru",
    "layer_norm",
    "linear",
    "lstm",
    "mlp",
    "multi_head_attention",
    "rms_norm",
    "rnn",
    "transformer_block",
]

Tree = dict[str, Any]


def linear(
    rng: Rng,
    size_in: int,
    size_out: int,
    *,
    bias: bool = True,
    scheme: Scheme = lecun_normal,
    dtype: Any = np.float64,
) -> Tree:
    """W (in, out) and b (out,): of :func:`diagrad.nn.linear`. The bias begins as 0.

    Args:
        rng: a generator or a seed.
        size_in: features of the input.
        size_out: features of the output.
        bias: whether there is one.
        scheme: draws W, such as :func:`he_normal` before a ReLU.
        dtype: of all.

    >>> from diagrad import nn
    >>> {key: x.shape for key, x in nn.init.linear(0, 784, 128).items()}
    {'W': (784, 128), 'b': (128,)}
    """
    W = scheme(rng, (size_in, size_out), dtype)
    return {"W": W, "b": np.zeros(size_out, dtype)} if bias else {"W": W}


def mlp(rng: Rng, sizes: Sequence[int], *, scheme: Scheme = he_normal, dtype: Any = np.float64) -> list[Tree]:
    """The :func:`linear` layers between ``sizes``: of :func:`diagrad.nn.mlp`.

    Args:
        rng: a generator or a seed.
        sizes: features of the input, of each hidden layer, of the output.
        scheme: draws each W.
        dtype: of all.

    >>> from diagrad import nn
    >>> [layer["W"].shape for layer in nn.init.mlp(0, [784, 128, 10])]
    [(784, 128), (128, 10)]
    """
    generator = np.random.default_rng(rng)
    return [linear(generator, a, b, scheme=scheme, dtype=dtype) for a, b in pairwise(sizes)]


def embedding(rng: Rng, count: int, size: int, *, std: float = 1.0, dtype: Any = np.float64) -> Tree:
    """W (count, size), normal: of :func:`diagrad.nn.embedding`.

    >>> from diagrad import nn
    >>> nn.init.embedding(0, 100, 8)["W"].shape
    (100, 8)
    """
    return {"W": normal(rng, (count, size), std, dtype=dtype)}


def conv2d(
    rng: Rng,
    channels_in: int,
    channels_out: int,
    kernel: int | tuple[int, int],
    *,
    bias: bool = True,
    scheme: Scheme = he_normal,
    dtype: Any = np.float64,
) -> Tree:
    """W (out, in, height, width) and b (out,): of :func:`diagrad.nn.conv2d`.

    >>> from diagrad import nn
    >>> nn.init.conv2d(0, 3, 16, 5)["W"].shape
    (16, 3, 5, 5)
    """
    places = (kernel, kernel) if isinstance(kernel, int) else kernel
    W = scheme(rng, (channels_out, channels_in, *places), dtype)
    return {"W": W, "b": np.zeros(channels_out, dtype)} if bias else {"W": W}


def layer_norm(shape: int | Sequence[int], *, dtype: Any = np.float64) -> Tree:
    """gamma of ones and beta of zeros: of :func:`diagrad.nn.layer_norm`.

    Args:
        shape: of the last axes of what is normalised.
        dtype: of both.

    >>> from diagrad import nn
    >>> nn.init.layer_norm(2)
    {'gamma': array([1., 1.]), 'beta': array([0., 0.])}
    """
    return {"gamma": np.ones(shape, dtype), "beta": np.zeros(shape, dtype)}


def rms_norm(shape: int | Sequence[int], *, dtype: Any = np.float64) -> Tree:
    """gamma of ones: of :func:`diagrad.nn.rms_norm`.

    >>> from diagrad import nn
    >>> nn.init.rms_norm(2)
    {'gamma': array([1., 1.])}
    """
    return {"gamma": np.ones(shape, dtype)}


def batch_norm(channels: int, *, dtype: Any = np.float64) -> Tree:
    """gamma of ones and beta of zeros for each channel: of :func:`diagrad.nn.batch_norm`.

    >>> from diagrad import nn
    >>> nn.init.batch_norm(2)["gamma"]
    array([1., 1.])
    """
    return layer_norm(channels, dtype=dtype)


def group_norm(channels: int, *, dtype: Any = np.float64) -> Tree:
    """The same, of :func:`diagrad.nn.group_norm` and :func:`diagrad.nn.instance_norm`.

    >>> from diagrad import nn
    >>> nn.init.group_norm(2)["beta"]
    array([0., 0.])
    """
    return layer_norm(channels, dtype=dtype)


def batch_norm_state(channels: int, *, dtype: Any = np.float64) -> Tree:
    """The running mean, 0, and variance, 1, before :func:`diagrad.nn.batch_norm` has seen anything.

    >>> from diagrad import nn
    >>> nn.init.batch_norm_state(2)
    {'mean': array([0., 0.]), 'var': array([1., 1.])}
    """
    return {"mean": np.zeros(channels, dtype), "var": np.ones(channels, dtype)}


def multi_head_attention(
    rng: Rng,
    size: int,
    *,
    context: int | None = None,
    bias: bool = True,
    scheme: Scheme = glorot_uniform,
    dtype: Any = np.float64,
) -> Tree:
    """The linear layers query, key, value and out: of :func:`diagrad.nn.multi_head_attention`.

    Args:
        rng: a generator or a seed.
        size: features of x.
        context: features of the context, where it has others.
        bias: whether the layers have one.
        scheme: draws each W.
        dtype: of all.

    >>> from diagrad import nn
    >>> {key: layer["W"].shape for key, layer in nn.init.multi_head_attention(0, 8, context=5).items()}
    {'query': (8, 8), 'key': (5, 8), 'value': (5, 8), 'out': (8, 8)}
    """
    generator = np.random.default_rng(rng)
    source = size if context is None else context
    sizes = {"query": size, "key": source, "value": source, "out": size}
    return {
        name: linear(generator, given, size, bias=bias, scheme=scheme, dtype=dtype)
        for name, given in sizes.items()
    }


def transformer_block(
    rng: Rng,
    size: int,
    *,
    hidden: int | None = None,
    cross: bool = False,
    context: int | None = None,
    bias: bool = True,
    dtype: Any = np.float64,
) -> Tree:
    """attention, attention_norm, mlp, mlp_norm: of :func:`diagrad.nn.transformer_block`.

    Args:
        rng: a generator or a seed.
        size: features of x.
        hidden: of the perceptron; by default 4 · size.
        cross: also cross and cross_norm, for a context.
        context: features of the context, where it has others than x.
        bias: whether the attentions have biases.
        dtype: of all.

    >>> from diagrad import nn
    >>> list(nn.init.transformer_block(0, 8, cross=True))
    ['attention', 'attention_norm', 'cross', 'cross_norm', 'mlp', 'mlp_norm']
    """
    generator = np.random.default_rng(rng)
    made: Tree = {
        "attention": multi_head_attention(generator, size, bias=bias, dtype=dtype),
        "attention_norm": layer_norm(size, dtype=dtype),
    }
    if cross or context is not None:
        made["cross"] = multi_head_attention(generator, size, context=context, bias=bias, dtype=dtype)
        made["cross_norm"] = layer_norm(size, dtype=dtype)
    made["mlp"] = mlp(generator, [size, 4 * size if hidden is None else hidden, size], dtype=dtype)
    made["mlp_norm"] = layer_norm(size, dtype=dtype)
    return made


def rnn(rng: Rng, size_in: int, size: int, *, dtype: Any = np.float64) -> Tree:
    """W (in, H), U (H, H), b (H,): of :func:`diagrad.nn.rnn`. U is orthogonal, b 0.

    Args:
        rng: a generator or a seed.
        size_in: features of the input.
        size: of the state.
        dtype: of all.

    >>> from diagrad import nn
    >>> {key: x.shape for key, x in nn.init.rnn(0, 2, 3).items()}
    {'W': (2, 3), 'U': (3, 3), 'b': (3,)}
    """
    return _recurrent(rng, size_in, size, 1, dtype)


def gru(rng: Rng, size_in: int, size: int, *, dtype: Any = np.float64) -> Tree:
    """W (in, 3H), U (H, 3H), b (3H,), c (H,): of :func:`diagrad.nn.gru`, in the order r, z, n.

    >>> from diagrad import nn
    >>> {key: x.shape for key, x in nn.init.gru(0, 2, 3).items()}
    {'W': (2, 9), 'U': (3, 9), 'b': (9,), 'c': (3,)}
    """
    return {**_recurrent(rng, size_in, size, 3, dtype), "c": np.zeros(size, dtype)}


def lstm(rng: Rng, size_in: int, size: int, *, forget_bias: float = 1.0, dtype: Any = np.float64) -> Tree:
    """W (in, 4H), U (H, 4H), b (4H,): of :func:`diagrad.nn.lstm`, in the order i, f, g, o.

    Args:
        rng: a generator or a seed.
        size_in: features of the input.
        size: of the state.
        forget_bias: b of the forget gate: above 0 the cell begins by remembering (Jozefowicz et al. 2015).
        dtype: of all.

    >>> from diagrad import nn
    >>> nn.init.lstm(0, 2, 1)["b"]
    array([0., 1., 0., 0.])
    """
    made = _recurrent(rng, size_in, size, 4, dtype)
    made["b"][size : 2 * size] = forget_bias
    return made


def _recurrent(rng: Rng, size_in: int, size: int, blocks: int, dtype: Any) -> Tree:
    generator = np.random.default_rng(rng)
    limit = 1 / math.sqrt(size_in)
    kept: list[Numbers] = [orthogonal(generator, (size, size), dtype) for _ in range(blocks)]
    return {
        "W": uniform(generator, (size_in, blocks * size), -limit, limit, dtype),
        "U": np.concatenate(kept, axis=1),
        "b": np.zeros(blocks * size, dtype),
    }
