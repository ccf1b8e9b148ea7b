"""Recurrent cells, and the same cell along a sequence.

All have W (D, k·H), U (H, k·H) and b (k·H,), one block of H columns for each of their k gates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..array import functions as f
from ..array.align import to_array
from ..array.array import Array, ArrayLike
from ..array.context import composite
from .layers import project
from .params import Params, misfit, part

__all__ = ["gru", "gru_cell", "lstm", "lstm_cell", "rnn", "rnn_cell"]


@composite
def rnn_cell(
    params: Params, x: ArrayLike, h: ArrayLike, activation: Callable[[Array], Array] = f.tanh
) -> Array:
    """h′ = tanh(x · W + h · U + b).

    Args:
        params: W (D, H), U (H, H), b (H,): see :func:`diagrad.nn.init.rnn`.
        x: shape (..., D).
        h: the state, shape (..., H).
        activation: elementwise.

    Returns:
        The new state.

    Raises:
        ShapeError: the inputs do not fit the parameters.

    Method: Elman 1990.

    >>> from diagrad import nn
    >>> nn.rnn_cell({"W": [[1.0]], "U": [[1.0]], "b": [0.0]}, [1.0], [-1.0])
    array([0.])
    """
    x, h = to_array(x), to_array(h)
    W, U, b = _parts("rnn", params, x, h, 1)
    return activation(project(x, W) + project(h, U) + b)


@composite
def gru_cell(params: Params, x: ArrayLike, h: ArrayLike) -> Array:
    """h′ = (1 − z) · n + z · h: the gate z says how much of the old state stays.

    r, z = σ(x · W + h · U + b), its first two blocks; n = tanh(x · W + b + r · (h · U + c)), the third.

    Args:
        params: W (D, 3H), U (H, 3H), b (3H,), the blocks in the order r, z, n, and c (H,):
            see :func:`diagrad.nn.init.gru`.
        x: shape (..., D).
        h: the state, shape (..., H).

    Returns:
        The new state.

    Raises:
        ShapeError: the inputs do not fit the parameters.

    Method: Cho et al. 2014, with the reset gate after the product, as PyTorch and cuDNN have it.

    >>> from diagrad import nn
    >>> nn.gru_cell(nn.init.gru(0, 2, 3), [1.0, 2.0], [0.0, 0.0, 0.0]).shape
    (3,)
    """
    x, h = to_array(x), to_array(h)
    W, U, b = _parts("gru", params, x, h, 3)
    c, size = part(params, "c", "gru"), h.shape[-1]
    if c.shape != (size,):
        raise misfit("gru: c does not fit", "c[H]", "make the parameters with nn.init.gru", c=c, h=h)
    given, kept = project(x, W) + b, project(h, U)
    gates = f.sigmoid(given[..., : 2 * size] + kept[..., : 2 * size])
    r, z = gates[..., :size], gates[..., size:]
    n = f.tanh(given[..., 2 * size :] + r * (kept[..., 2 * size :] + c))
    return n + z * (h - n)


@composite
def lstm_cell(params: Params, x: ArrayLike, state: tuple[ArrayLike, ArrayLike]) -> tuple[Array, Array]:
    """c′ = f · c + i · g,  h′ = o · tanh(c′).

    i, f, o = σ(x · W + h · U + b), g = tanh(x · W + h · U + b), each of its own block.

    Args:
        params: W (D, 4H), U (H, 4H), b (4H,), the blocks in the order i, f, g, o:
            see :func:`diagrad.nn.init.lstm`.
        x: shape (..., D).
        state: h and c, each (..., H).

    Returns:
        The new state, h and c.

    Raises:
        ShapeError: the inputs do not fit the parameters.

    Method: Hochreiter & Schmidhuber 1997; forget gate of Gers, Schmidhuber & Cummins 2000.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> h, c = nn.lstm_cell(nn.init.lstm(0, 2, 3), [1.0, 2.0], (np.zeros(3), np.zeros(3)))
    >>> h.shape, c.shape
    ((3,), (3,))
    """
    x, h, c = to_array(x), to_array(state[0]), to_array(state[1])
    W, U, b = _parts("lstm", params, x, h, 4)
    if c.shape != h.shape:
        raise misfit("lstm: h and c disagree", "two of one shape", "begin with zeros for both", h=h, c=c)
    blocks = project(x, W) + project(h, U) + b
    size = h.shape[-1]
    i, forget, g, o = (blocks[..., at * size : (at + 1) * size] for at in range(4))
    c = f.sigmoid(forget) * c + f.sigmoid(i) * f.tanh(g)
    return f.sigmoid(o) * f.tanh(c), c


@composite
def rnn(
    params: Params,
    xs: ArrayLike,
    h: ArrayLike | None = None,
    *,
    activation: Callable[[Array], Array] = f.tanh,
    reverse: bool = False,
) -> tuple[Array, Array]:
    """:func:`rnn_cell` along a sequence.

    Args:
        params: of the cell.
        xs: shape (..., T, D), time before the features.
        h: the first state (..., H), zeros by default.
        activation: of the cell.
        reverse: from the last time to the first; the result is in the order of ``xs``.

    Returns:
        The states at each time, shape (..., T, H), and the last of them.

    Raises:
        ShapeError: the inputs do not fit the parameters.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> ys, h = nn.rnn(nn.init.rnn(0, 2, 3), np.ones((5, 2)))
    >>> ys.shape, h.shape
    ((5, 3), (3,))
    """
    return _along(lambda x, h: rnn_cell(params, x, h, activation), "rnn", params, xs, h, reverse)


@composite
def gru(
    params: Params, xs: ArrayLike, h: ArrayLike | None = None, *, reverse: bool = False
) -> tuple[Array, Array]:
    """:func:`gru_cell` along a sequence: arguments and result as those of :func:`rnn`.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> ys, h = nn.gru(nn.init.gru(0, 2, 3), np.ones((4, 5, 2)))
    >>> ys.shape, h.shape
    ((4, 5, 3), (4, 3))
    """
    return _along(lambda x, h: gru_cell(params, x, h), "gru", params, xs, h, reverse)


@composite
def lstm(
    params: Params,
    xs: ArrayLike,
    state: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    reverse: bool = False,
) -> tuple[Array, tuple[Array, Array]]:
    """:func:`lstm_cell` along a sequence.

    Args:
        params: of the cell.
        xs: shape (..., T, D), time before the features.
        state: the first h and c, each (..., H); zeros by default.
        reverse: from the last time to the first; the result is in the order of ``xs``.

    Returns:
        h at each time, shape (..., T, H), and the last h and c.

    Raises:
        ShapeError: the inputs do not fit the parameters.

    >>> import numpy as np
    >>> from diagrad import nn
    >>> ys, (h, c) = nn.lstm(nn.init.lstm(0, 2, 3), np.ones((4, 5, 2)))
    >>> ys.shape, h.shape, c.shape
    ((4, 5, 3), (4, 3), (4, 3))
    """
    xs = _sequence("lstm", xs)
    if state is None:
        zeros = _zeros("lstm", params, xs)
        state = zeros, zeros
    return _steps(lambda x, s: lstm_cell(params, x, s), lambda s: s[0], xs, state, reverse)


def _along(
    cell: Callable[[Array, Any], Array], layer: str, params: Params, xs: ArrayLike, h: Any, reverse: bool
) -> tuple[Array, Array]:
    xs = _sequence(layer, xs)
    h = _zeros(layer, params, xs) if h is None else to_array(h)
    return _steps(cell, lambda h: h, xs, h, reverse)


def _steps(
    cell: Callable[[Array, Any], Any], output: Callable[[Any], Array], xs: Array, state: Any, reverse: bool
) -> tuple[Array, Any]:
    """The cell at each time, each with nodes of its own in the graph."""
    times = range(xs.shape[-2])
    ys: list[Array] = []
    for t in reversed(times) if reverse else times:
        state = cell(xs[..., t, :], state)
        ys.append(output(state))
    return f.stack(ys[::-1] if reverse else ys, axis=-2), state


def _sequence(layer: str, xs: ArrayLike) -> Array:
    xs = to_array(xs)
    if xs.ndim < 2 or not xs.shape[-2]:
        raise misfit(
            f"{layer}: there is no sequence",
            "xs[... T D], T at least 1",
            "put time before the features",
            xs=xs,
        )
    return xs


def _zeros(layer: str, params: Params, xs: Array) -> Array:
    U = part(params, "U", layer)
    return f.broadcast_to(f.zeros_like(U[..., 0, 0]), (*xs.shape[:-2], U.shape[0]))


def _parts(layer: str, params: Params, x: Array, h: Array, blocks: int) -> tuple[Array, Array, Array]:
    """W, U and b, which fit x, h and each other."""
    W, U, b = part(params, "W", layer), part(params, "U", layer), part(params, "b", layer)
    size = U.shape[0] if U.ndim == 2 else -1
    wide = blocks * size
    fit = U.shape == (size, wide) and b.shape == (wide,) and W.ndim == 2 and W.shape[1] == wide
    if not fit or x.shape[-1:] != W.shape[:1] or h.shape != (*x.shape[:-1], size):
        k = blocks if blocks > 1 else ""
        raise misfit(
            f"{layer}: the inputs do not fit the parameters",
            f"x[... D], h[... H], W[D {k}H], U[H {k}H], b[{k}H]",
            f"make the parameters with nn.init.{layer}, and give x and h the same leading axes",
            x=x,
            h=h,
            W=W,
            U=U,
            b=b,
        )
    return W, U, b
