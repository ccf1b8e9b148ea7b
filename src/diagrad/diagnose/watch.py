"""``dg.debug()``: watch a computation for numbers that are not finite."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..array.array import Array
from ..array.context import CONTEXT, Context, surround
from .cause import backward_cause, forward_cause
from .explain import explain
from .numbers import bad

_KEPT = 64
"""How many results with NaN or infinity are remembered until something is computed from them."""


class Watch:
    """What a ``debug`` block has seen: results that are not finite and lead nowhere yet, and the losses."""

    def __init__(self) -> None:
        self.open: dict[int, Array] = {}
        self.losses: list[float] = []

    def made(self, x: Array) -> None:
        """Note a computed Array. One that is finite again has absorbed what was wrong with its inputs."""
        for source in x._inputs:
            self.open.pop(source._order, None)
        if x._inputs and len(self.open) < _KEPT and bad(x._data):
            self.open[x._order] = x

    def swept(self, roots: Sequence[Array], gradients: Sequence[Any], results: Mapping[Array, Any]) -> None:
        """Look at what a backward pass began with and what it gave.

        Raises:
            NonFiniteError: a root or a gradient has NaN or infinity in it.
        """
        with surround((CONTEXT.get() or Context())._replace(watch=None)):
            for root in roots:
                if bad(root._data):
                    raise explain(forward_cause(root), self.losses)
            if len(roots) == 1 and roots[0].shape == () and not roots[0].traced:
                self.losses.append(abs(float(abs(roots[0]._data))))
            if any(bad(g._data if isinstance(g, Array) else g) for g in results.values()):
                cause = backward_cause(roots, gradients)
                if cause is not None:
                    raise explain(cause, self.losses)

    def ended(self) -> None:
        """Look at the results that nothing was computed from.

        Raises:
            NonFiniteError: one of them has NaN or infinity in it, which no input gave it.
        """
        for x in self.open.values():
            cause = forward_cause(x)
            if not cause.given:
                raise explain(cause, self.losses)


@contextmanager
def debug() -> Generator[None, None, None]:
    """Stop at the first NaN or infinity that matters, and say where it comes from.

    Inside, every backward pass is followed back when its loss or one of its gradients is not finite, to the
    first node that made it so, in the forward or in the backward pass. At the end of the block the same holds
    for every result that nothing was computed from. Infinity that a later node absorbs, as a masked softmax
    absorbs −∞, is nobody's fault and passes.

    NumPy's own warnings are silent inside. It costs a look at every result; leave it out when the bug is
    found.

    Raises:
        NonFiniteError: with the user's line, the op, shapes and ranges of its inputs, the reason, the
            gradients it reached and the usual mend. Its ``draw()`` gives the path as a
            :class:`~diagrad.Figure`.

    >>> import diagrad as dg
    >>> x = dg.array([0.0, 4.0], name="x")
    >>> with dg.debug():
    ...     dg.sum(dg.sqrt(x)).backward()
    Traceback (most recent call last):
        ...
    diagrad.errors.NonFiniteError: the gradient of x becomes infinite at Sqrt
      ...
    """
    watch = Watch()
    with surround((CONTEXT.get() or Context())._replace(watch=watch)), np.errstate(all="ignore"):
        yield
    watch.ended()
