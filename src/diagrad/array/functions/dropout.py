"""Dropout: noise that a network is trained with."""

from __future__ import annotations

from ...errors import InputError
from ...ir import user_site
from ..align import to_array
from ..array import Array, ArrayLike
from ..context import composite
from .creation import zeros_like
from .elementwise import where

__all__ = ["dropout"]


@composite
def dropout(x: ArrayLike, rate: float, key: ArrayLike) -> Array:
    """y = x / (1 − rate) where a coin says so, 0 elsewhere: each element goes with probability ``rate``.

    The mean stays. Backward: g / (1 − rate) to the elements that stayed. With rate 0 it is x itself, with
    rate 1 all zeros. Method: Srivastava et al. 2014, scaled while training ("inverted").

    Args:
        x: any floating-point array.
        rate: the probability to go, a number from 0 to 1.
        key: of :func:`diagrad.random.key`; the same key drops the same elements.

    Raises:
        InputError: the rate is no probability.

    >>> import diagrad as dg, numpy as np
    >>> dg.dropout(np.ones(8), 0.5, dg.random.key(1))
    array([2., 2., 0., 0., 2., 0., 0., 2.])
    """
    from ..random import bernoulli

    x = to_array(x)
    if not 0 <= rate <= 1:
        raise InputError(
            "dropout: the rate is no probability",
            where=str(user_site(0)),
            expected="a number from 0 to 1",
            got=f"rate={rate}",
            fix="give the part of elements that is to go",
        )
    if rate == 0:
        return x
    if rate == 1:
        return x * zeros_like(x)
    kept = bernoulli(key, 1 - rate, x.shape)
    return where(kept, x / (1 - rate), 0.0)
