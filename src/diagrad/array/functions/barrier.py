"""Where gradients end, as functions."""

from __future__ import annotations

from ... import ops
from ..align import to_array
from ..array import Array, ArrayLike, apply

__all__ = ["stop_gradient"]


def stop_gradient(x: ArrayLike, /) -> Array:
    """y = x, for gradients a constant: none flows through.

    ``x.detach()`` makes a constant of its numbers; this makes a node, which a traced graph keeps and a
    picture shows. Forward mode has zeros behind it; a gradient of nothing but this is an error that says so.

    Args:
        x: any array.

    Returns:
        The same numbers.

    >>> import diagrad as dg
    >>> dg.grad(lambda x: x * dg.stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    return apply(ops.StopGradient(), to_array(x))
