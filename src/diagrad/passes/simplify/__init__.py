"""What a compiler does to a graph before it makes it machine code.

requires: any graph. ensures: the same inputs, the same number of outputs with the same shapes and dtypes; the
same function, up to the rounding of sums; no more nodes than before.
"""

from __future__ import annotations

from functools import cache

from ...ir import Graph, Op
from .algebra import ALGEBRA, on_copies
from .moves import MOVES
from .products import PRODUCTS, share_weights
from .rewriting import Rule, sweep
from .sums import SUMS

__all__ = ["simplify"]


def simplify(graph: Graph) -> Graph:
    """The same function in fewer nodes.

    What is computed twice is computed once, what nothing needs is left out, and what depends on constants
    alone becomes a constant if that is small. Arithmetic that changes nothing goes, exactly: ``x * 1`` but
    not ``x * 0``, which may be NaN. Moves that undo one another go; ``Branch`` and zeros in sums do.
    Gradients of slices become one concatenation, and the many small products of an unrolled loop one large
    one.

    Args:
        graph: any graph. Its inputs stay, also those that nothing needs any more.

    Returns:
        A graph of the same inputs, and of outputs of the same shapes and dtypes. Elementwise results are the
        same bit by bit. Where terms of a sum were put in another order, in sums of products and of gradients,
        results differ by rounding, and zeros may differ in sign. The same random keys give the same numbers.
        Functions of the user's own, as ``custom_rule`` makes nodes of, run as often as before.

    >>> import diagrad as dg
    >>> print(dg.simplify(dg.trace(lambda x: dg.sin(x) * 1 + -(-dg.sin(x)))(2.0)))
    graph lambda(x: f64[]) {
      %0: f64[] = Sin(x)
      %1: f64[] = Add(%0, %0)
      return %1
    }
    """
    while True:
        after = sweep(share_weights(graph), _rules, simplify)
        if after is graph:
            return graph
        graph = after


@cache
def _rules(kind: type[Op]) -> tuple[Rule, ...]:
    """The rules for an op: exact ones first."""
    tables = (ALGEBRA, MOVES, SUMS, PRODUCTS)
    found = [rule for table in tables for key in (kind, kind.own) for rule in table.get(key, ())]
    return tuple(found) + (on_copies,) * kind.elementwise
