"""Random numbers as functions of a key, as JAX has them: ``dg.random``.

Nothing here has a hidden state. A key gives the same numbers each time, so take a new one for each use, with
:func:`split`. In a graph the key is an input: run with another key, the graph gives other numbers. The bits
are those of Threefry-2x32 and equal JAX's for equal keys, element by element.

Numbers of a distribution are differentiable functions of its parameters, drawn from what has none
(reparametrisation: Kingma & Welling 2014).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import ops
from ..errors import InputError
from ..ir import short_name, user_site
from ..ops.index import ARRAY
from . import functions as f
from .align import as_shape, to_array
from .array import Array, ArrayLike, apply, constant
from .context import composite

__all__ = [
    "bernoulli", "bits", "categorical", "choice", "exponential", "fold_in", "gumbel", "key", "laplace",
    "logistic", "normal", "permutation", "randint", "split", "truncated_normal", "uniform",
]  # fmt: skip


def key(seed: int) -> Array:
    """A key from a number: its two halves of 32 bits.

    Args:
        seed: any integer; of one with more than 64 bits the lowest 64 count.

    >>> import diagrad as dg
    >>> dg.random.key(42)
    array([ 0, 42], dtype=uint32)
    """
    return constant(np.array([seed >> 32 & 0xFFFFFFFF, seed & 0xFFFFFFFF], np.uint32))


def split(key: ArrayLike, n: int = 2) -> Array:
    """n new keys, shape (n, 2); the old one is not to be used again.

    >>> import diagrad as dg
    >>> first, second = dg.random.split(dg.random.key(0))
    >>> first
    array([1797259609, 2579123966], dtype=uint32)
    """
    return apply(ops.SplitKey(n), to_array(key))


def fold_in(key: ArrayLike, data: ArrayLike) -> Array:
    """A new key from a key and an integer: a step, a layer, a machine.

    >>> import diagrad as dg
    >>> dg.random.fold_in(dg.random.key(0), 1)
    array([ 928981903, 3453687069], dtype=uint32)
    """
    return apply(ops.FoldIn(), to_array(key), f.astype(data, np.uint32))


def bits(key: ArrayLike, shape: int | Sequence[int] = (), dtype: Any = np.uint32) -> Array:
    """Unsigned integers of which every bit is random.

    >>> import diagrad as dg
    >>> dg.random.bits(dg.random.key(0), 2)
    array([4070199207, 4202968722], dtype=uint32)
    """
    return apply(ops.RandomBits(as_shape(shape), short_name(np.dtype(dtype))), to_array(key))


def uniform(
    key: ArrayLike, shape: int | Sequence[int] = (), dtype: Any = np.float64, minval: ArrayLike = 0.0,
    maxval: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """Numbers evenly from minval up to maxval, which rounding may give for other bounds than 0 and 1.

    Args:
        key: two unsigned 32-bit integers.
        shape: of the result; bounds broadcast to it.
        dtype: floating-point, of 16, 32 or 64 bits.
        minval: the lower bound. Backward: g · (1 − u), u being the draw from [0, 1).
        maxval: the upper bound. Backward: g · u.

    Raises:
        DTypeError: the key is not one.

    >>> import diagrad as dg
    >>> dg.random.uniform(dg.random.key(0), 2).shape
    (2,)
    """
    u = apply(ops.RandomUniform(as_shape(shape), short_name(np.dtype(dtype))), to_array(key))
    if type(minval) is float and type(maxval) is float and (minval, maxval) == (0.0, 1.0):
        return u
    if isinstance(minval, int | float) and isinstance(maxval, int | float):
        kind = u.dtype.type
        return u * (kind(maxval) - kind(minval)) + kind(minval)
    return u * (to_array(maxval) - minval) + minval


@composite
def normal(
    key: ArrayLike, shape: int | Sequence[int] = (), dtype: Any = np.float64, mean: ArrayLike = 0.0,
    std: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """y = mean + std · √2 · erf⁻¹(u), u evenly from (−1, 1). Backward: g to mean, g times the noise to std.

    >>> import diagrad as dg
    >>> dg.random.normal(dg.random.key(0), (2, 3)).shape
    (2, 3)
    """
    kind = np.dtype(dtype).type
    u = uniform(key, shape, dtype, float(np.nextafter(kind(-1), kind(0))), 1.0)
    return _placed(f.erfinv(u) * math.sqrt(2), mean, std)


@composite
def truncated_normal(
    key: ArrayLike, lower: float, upper: float, shape: int | Sequence[int] = (), dtype: Any = np.float64
) -> Array:
    """Numbers of the standard normal distribution given that they lie between lower and upper.

    Method: the inverse of the distribution function, y = √2 · erf⁻¹(u).

    >>> import diagrad as dg
    >>> dg.random.truncated_normal(dg.random.key(0), -2.0, 2.0, 3).shape
    (3,)
    """
    kind = np.dtype(dtype).type
    ends = (math.erf(lower / math.sqrt(2)), math.erf(upper / math.sqrt(2)))
    y = f.erfinv(uniform(key, shape, dtype, *ends)) * math.sqrt(2)
    inside = np.nextafter(kind(lower), kind(np.inf)), np.nextafter(kind(upper), kind(-np.inf))
    return f.minimum(f.maximum(y, inside[0]), inside[1])


@composite
def exponential(
    key: ArrayLike, shape: int | Sequence[int] = (), dtype: Any = np.float64, scale: ArrayLike = 1.0
) -> Array:
    """y = −scale · ln(1 − u): density e^(−y / scale) / scale. Backward: g · y / scale to scale.

    >>> import diagrad as dg
    >>> dg.random.exponential(dg.random.key(0), 3).shape
    (3,)
    """
    return _placed(-f.log1p(-uniform(key, shape, dtype)), 0.0, scale)


@composite
def gumbel(
    key: ArrayLike, shape: int | Sequence[int] = (), dtype: Any = np.float64, loc: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """y = loc − scale · ln(−ln u): the largest of many. Backward: g to loc, g times the noise to scale.

    >>> import diagrad as dg
    >>> dg.random.gumbel(dg.random.key(0), 3).shape
    (3,)
    """
    return _placed(-f.log(-f.log(_positive(key, shape, dtype))), loc, scale)


@composite
def laplace(
    key: ArrayLike, shape: int | Sequence[int] = (), dtype: Any = np.float64, loc: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """y = loc + scale · sign(u) · ln(1 − |u|): density e^(−|y − loc| / scale) / (2 · scale).

    >>> import diagrad as dg
    >>> dg.random.laplace(dg.random.key(0), 3).shape
    (3,)
    """
    u = uniform(key, shape, dtype, -1.0 + float(np.finfo(dtype).epsneg), 1.0)
    return _placed(f.sign(u) * f.log1p(-f.abs(u)), loc, scale)


@composite
def logistic(
    key: ArrayLike, shape: int | Sequence[int] = (), dtype: Any = np.float64, loc: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """y = loc + scale · ln(u / (1 − u)): its distribution function is the sigmoid.

    >>> import diagrad as dg
    >>> dg.random.logistic(dg.random.key(0), 3).shape
    (3,)
    """
    u = _positive(key, shape, dtype)
    return _placed(f.log(u) - f.log1p(-u), loc, scale)


@composite
def bernoulli(key: ArrayLike, p: ArrayLike = 0.5, shape: int | Sequence[int] | None = None) -> Array:
    """True with probability p: u < p. No derivative.

    Args:
        key: two unsigned 32-bit integers.
        p: probabilities; they broadcast to ``shape``, which by default is theirs.
        shape: of the result.

    >>> import diagrad as dg
    >>> dg.random.bernoulli(dg.random.key(0), 0.5, 4).dtype
    dtype('bool')
    """
    p = to_array(p)
    dtype = p.dtype if p.dtype.kind == "f" else np.dtype("f8")
    return f.less(uniform(key, p.shape if shape is None else shape, dtype), p)


@composite
def categorical(
    key: ArrayLike, logits: ArrayLike, axis: int = -1, shape: int | Sequence[int] | None = None
) -> Array:
    """Classes with probabilities softmax(logits) along ``axis``: where logits + Gumbel noise is largest.

    Args:
        key: two unsigned 32-bit integers.
        logits: scores; −∞ is never drawn.
        axis: the classes' axis.
        shape: of the result; it ends with that of logits without ``axis``, which is the default.

    >>> import diagrad as dg
    >>> dg.random.categorical(dg.random.key(0), [0.0, -1e9])
    array(0)
    """
    logits = to_array(logits)
    logits = logits if logits.dtype.kind == "f" else f.astype(logits, np.float64)
    at = normalize_axis_index(axis, logits.ndim)
    rest = logits.shape[:at] + logits.shape[at + 1 :]
    to = rest if shape is None else as_shape(shape)
    lead = to[: len(to) - len(rest)]
    noise = gumbel(key, (*lead, *logits.shape), logits.dtype)
    return f.argmax(noise + logits, axis=len(lead) + at)


def randint(
    key: ArrayLike, shape: int | Sequence[int], minval: int, maxval: int, dtype: Any = np.int64
) -> Array:
    """Integers from minval to maxval − 1, evenly.

    Raises:
        InputError: there are none, or the dtype does not hold them.

    >>> import diagrad as dg
    >>> bool((dg.random.randint(dg.random.key(0), 100, 1, 7) < 7).data.all())
    True
    """
    info = np.iinfo(dtype)
    if not info.min <= minval < maxval <= info.max + 1:
        raise InputError(
            f"randint: {dtype} has no integers from {minval} to {maxval - 1}",
            where=str(user_site(0)),
            expected=f"minval < maxval, both from {info.min} to {info.max + 1}",
            got=f"minval={minval}, maxval={maxval}",
            fix="exchange them, or use a wider dtype",
        )
    op = ops.RandomIntegers(as_shape(shape), minval, maxval, short_name(np.dtype(dtype)))
    return apply(op, to_array(key))


def permutation(key: ArrayLike, x: int | ArrayLike, axis: int = 0) -> Array:
    """x in random order along ``axis``; for a number n the integers 0 to n − 1. Backward: g in the old order.

    >>> import diagrad as dg
    >>> sorted(dg.random.permutation(dg.random.key(0), 4).tolist())
    [0, 1, 2, 3]
    """
    if isinstance(x, int):
        return apply(ops.RandomPermutation(x), to_array(key))
    x = to_array(x)
    at = normalize_axis_index(axis, x.ndim)
    order = apply(ops.RandomPermutation(x.shape[at]), to_array(key), inner=True)
    return apply(ops.Index((slice(None),) * at + (ARRAY,)), x, order)


def choice(
    key: ArrayLike, a: int | ArrayLike, shape: int | Sequence[int] = (), replace: bool = True,
    p: ArrayLike | None = None, axis: int = 0,
) -> Array:  # fmt: skip
    """Elements of ``a`` along ``axis``, or of the integers below the number ``a``, drawn at random.

    Args:
        key: two unsigned 32-bit integers.
        a: what to draw from.
        shape: how many.
        replace: whether an element can be drawn again.
        p: the probability of each; all are alike by default.
        axis: along which to draw.

    Raises:
        InputError: there are too few elements to draw that many, or probabilities.

    >>> import diagrad as dg
    >>> dg.random.choice(dg.random.key(0), 5, (2, 2)).shape
    (2, 2)
    """
    source = None if isinstance(a, int) else to_array(a)
    at = 0 if source is None else normalize_axis_index(axis, source.ndim)
    n = int(a) if source is None else source.shape[at]
    size = as_shape(shape)
    weights = None if p is None else to_array(p)
    if n < 1 or (not replace and math.prod(size) > n) or (weights is not None and weights.shape != (n,)):
        raise InputError(
            f"choice: cannot draw {math.prod(size)} of {n} elements so",
            where=str(user_site(0)),
            expected="as many elements as are drawn, unless with replacement; one probability for each",
            got=f"{n} elements, shape {size}, replace={replace}, p{'' if weights is None else weights.shape}",
            fix="draw fewer, or with replace=True",
        )
    key = to_array(key)
    if weights is not None:
        weights = weights if weights.dtype.kind == "f" else f.astype(weights, np.float64)
        i = apply(ops.RandomChoice(size, replace), key, weights)
    elif replace:
        i = randint(key, size, 0, n)
    else:
        i = f.reshape(apply(ops.RandomPermutation(n), key)[: math.prod(size)], size)
    return i if source is None else apply(ops.Index((slice(None),) * at + (ARRAY,)), source, i)


def _positive(key: ArrayLike, shape: int | Sequence[int], dtype: Any) -> Array:
    """Evenly from the least normal number to 1."""
    return uniform(key, shape, dtype, float(np.finfo(dtype).tiny), 1.0)


def _placed(y: Array, loc: ArrayLike, scale: ArrayLike) -> Array:
    """loc + scale · y, without the steps that would do nothing."""
    if not (isinstance(scale, int | float) and scale == 1):
        y = y * scale
    return y if isinstance(loc, int | float) and loc == 0 else y + loc
