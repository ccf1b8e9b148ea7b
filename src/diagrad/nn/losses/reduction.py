"""From a loss for each element to the one that is asked for."""

from __future__ import annotations

from typing import Literal, get_args

from ...array import functions as f
from ...array.align import to_array
from ...array.array import Array, ArrayLike
from ...errors import InputError
from ...ir import user_site
from ..params import misfit

Reduction = Literal["mean", "sum", "none"]
"""The mean of a loss's elements, their sum, or all of them."""


def reduce(loss: Array, reduction: Reduction) -> Array:
    """The mean or the sum of the elements, or the elements.

    Raises:
        InputError: ``reduction`` is none of these.
    """
    check_reduction(reduction)
    return loss if reduction == "none" else f.mean(loss) if reduction == "mean" else f.sum(loss)


def check_reduction(reduction: str) -> None:
    """Raise unless it is one.

    Raises:
        InputError: it is not.
    """
    if reduction not in get_args(Reduction):
        raise InputError(
            f"there is no reduction {reduction!r}",
            where=str(user_site(1)),
            expected=" or ".join(map(repr, get_args(Reduction))),
            got=repr(reduction),
            fix="choose one of these",
        )


def same_shapes(loss: str, **given: ArrayLike) -> list[Array]:
    """The Arrays, which do not broadcast: a target (N,) for a prediction (N, 1) would silently give N².

    Raises:
        ShapeError: their shapes differ.
    """
    arrays = {key: to_array(x) for key, x in given.items()}
    if len({x.shape for x in arrays.values()}) > 1:
        raise misfit(f"{loss}: the shapes differ", "arrays of one shape", "reshape one of them", **arrays)
    return list(arrays.values())
