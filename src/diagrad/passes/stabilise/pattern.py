"""Patterns of ops, written as they are applied: ``Log(Add(x, 1))``.

A name that begins small stands for any value, the same one wherever it occurs; a number for a constant of
that number; ``(s := Sum(x))`` also remembers the value by a name. The order of a sum's and a product's inputs
does not matter.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from ...array.align import is_constant
from ...array.array import Array

Match = dict[str, Array]
"""What each name of a pattern stands for."""

_SYMMETRIC = frozenset(("Add", "Multiply"))


@lru_cache(maxsize=256)
def parse(pattern: str) -> ast.expr:
    """The tree of a pattern.

    >>> ast.dump(parse("Exp(x)").func)
    "Name(id='Exp', ctx=Load())"
    """
    return ast.parse(pattern, mode="eval").body


def root_of(pattern: str) -> str:
    """The op at the root of a pattern.

    >>> root_of("Log(Add(x, 1))")
    'Log'
    """
    tree = parse(pattern)
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    return tree.func.id


def match(pattern: str, x: Array) -> Match | None:
    """What the names of a pattern stand for where x was computed that way; None where it was not."""
    return next(_match(parse(pattern), x, {}), None)


def _match(tree: ast.expr, x: Array, known: Match) -> Iterator[Match]:
    """Every way in which x fits, given what is known of the names."""
    match tree:
        case ast.Name(id=name):
            if name not in known:
                yield known | {name: x}
            elif known[name] is x:
                yield known
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            for found in _match(value, x, known):
                if found.get(name, x) is x:
                    yield found | {name: x}
        case ast.Constant() | ast.UnaryOp():
            if is_constant(x) and x.size and bool(np.all(np.asarray(x._data) == ast.literal_eval(tree))):
                yield known
        case ast.Call(func=ast.Name(id=op), args=parts):
            if x._op.__class__.__name__ == op and len(x._inputs) == len(parts):
                yield from _match_all(parts, x._inputs, known)
                if op in _SYMMETRIC:
                    yield from _match_all(parts, x._inputs[::-1], known)
        case _:
            raise TypeError(f"no pattern: {ast.unparse(tree)}")


def _match_all(trees: list[ast.expr], xs: tuple[Array, ...], known: Match) -> Iterator[Match]:
    if not trees:
        yield known
        return
    for found in _match(trees[0], xs[0], known):
        yield from _match_all(trees[1:], xs[1:], found)
