"""Sums of products over named axes, as Transpose, Reshape, MatMul, Multiply and Sum nodes.

A :class:`Term` is an Array with a label for each axis. Labels that no one needs any more are summed; two
terms become one by a matrix product over the labels that they share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .. import ops
from .align import repeat_to
from .array import Array, apply

Labels = tuple[str, ...]
Pair = tuple[int, int]

_EXHAUSTIVE = 6
"""Up to so many operands every order is tried; beyond, the cheapest pair is taken each time."""


class Term(NamedTuple):
    """An Array, and the label of each of its axes."""

    array: Array
    labels: Labels


def contract(x: Term, y: Term, kept: frozenset[str], order: Labels = ()) -> Term:
    """One term of two: their product, summed over the labels that both have and nobody needs.

    Args:
        x: a term.
        y: another; axes of one label have one size.
        kept: the labels that are needed afterwards.
        order: an order of the result's labels that saves a transposition if the product can give it.
    """
    shared = [label for label in x.labels if label in y.labels]
    batch = tuple(label for label in shared if label in kept)
    gone = tuple(label for label in shared if label not in kept)
    rows = tuple(label for label in x.labels if label not in shared)
    columns = tuple(label for label in y.labels if label not in shared)
    if (*batch, *rows, *columns) != order == (*batch, *columns, *rows):
        x, y, rows, columns = y, x, columns, rows
    labels = (*batch, *rows, *columns)
    if not gone:
        return Term(_multiply(x, y, labels), labels)
    size = dict(zip(x.labels + y.labels, x.array.shape + y.array.shape, strict=True))
    lead = tuple(size[label] for label in batch)
    m, k, n = (math.prod(size[label] for label in part) for part in (rows, gone, columns))
    left = reshaped(ordered(x, (*batch, *rows, *gone)), (*lead, m, k))
    right = reshaped(ordered(y, (*batch, *gone, *columns)), (*lead, k, n))
    product = apply(ops.MatMul(), left, right, inner=True)
    return Term(reshaped(product, tuple(size[label] for label in labels)), labels)


def ordered(term: Term, labels: Labels) -> Array:
    """The term's array with its axes in the order of ``labels``."""
    if labels == term.labels:
        return term.array
    return apply(ops.Transpose(tuple(map(term.labels.index, labels))), term.array, inner=True)


def reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    """x in another shape, through a Reshape node unless it has it already."""
    return x if x.shape == shape else apply(ops.Reshape(shape), x, inner=True)


def summed(term: Term, kept: frozenset[str]) -> Term:
    """The term without the labels that nobody needs."""
    axes = tuple(at for at, label in enumerate(term.labels) if label not in kept)
    if not axes:
        return term
    labels = tuple(label for label in term.labels if label in kept)
    return Term(apply(ops.Sum(axes), term.array, inner=True), labels)


def _multiply(x: Term, y: Term, labels: Labels) -> Array:
    """The product, element by element, over all labels of both."""
    size = dict(zip(x.labels + y.labels, x.array.shape + y.array.shape, strict=True))
    shape = tuple(size[label] for label in labels)
    wide: list[Array] = []
    for term in (x, y):
        own = ordered(term, tuple(label for label in labels if label in term.labels))
        thin = tuple(size[label] if label in term.labels else 1 for label in labels)
        wide.append(repeat_to(reshaped(own, thin), shape))
    return apply(ops.Multiply(), *wide, inner=True)


@lru_cache(maxsize=1024)
def plan(
    terms: tuple[frozenset[str], ...], output: frozenset[str], sizes: tuple[tuple[str, int], ...]
) -> tuple[Pair, ...]:
    """The pairs to contract, each by its places among the terms that are left; the result goes to the end.

    The cost of a pair is the number of products: the sizes of all its labels, multiplied. Few operands:
    the best of all orders, by dynamic programming over subsets; many: greedily the cheapest pair.

    >>> ij, jk, kl = map(frozenset, ("ij", "jk", "kl"))
    >>> plan((ij, jk, kl), frozenset("il"), (("i", 100), ("j", 100), ("k", 100), ("l", 1)))
    ((1, 2), (0, 1))
    """
    size = dict(sizes)
    if len(terms) <= _EXHAUSTIVE:
        return _places(_best(terms, output, size), len(terms))
    return _greedy(terms, output, size)


def _cost(labels: frozenset[str], size: Mapping[str, int]) -> int:
    return math.prod(size[label] for label in labels)


def _best(terms: Sequence[frozenset[str]], output: frozenset[str], size: Mapping[str, int]) -> list[Pair]:
    """The pairs of subsets of the operands, as bit masks, of the cheapest order."""
    full = (1 << len(terms)) - 1
    inside = [
        frozenset[str]().union(*(t for at, t in enumerate(terms) if mask >> at & 1))
        for mask in range(full + 1)
    ]

    def labels(mask: int) -> frozenset[str]:
        """What is left of a subset once its own contractions are done."""
        return inside[mask] & (inside[full ^ mask] | output) if mask & (mask - 1) else inside[mask]

    best: dict[int, tuple[int, list[Pair]]] = {1 << at: (0, []) for at in range(len(terms))}
    for mask in range(1, full + 1):
        if mask in best:
            continue
        part = (mask - 1) & mask
        options: list[tuple[int, list[Pair]]] = []
        while part > mask ^ part:
            rest = mask ^ part
            cost = best[part][0] + best[rest][0] + _cost(labels(part) | labels(rest), size)
            options.append((cost, [*best[part][1], *best[rest][1], (part, rest)]))
            part = (part - 1) & mask
        best[mask] = min(options)
    return best[full][1]


def _places(pairs: Sequence[Pair], count: int) -> tuple[Pair, ...]:
    """Pairs of subsets as pairs of places in a list that loses two and gains one each time."""
    left = [1 << at for at in range(count)]
    places: list[Pair] = []
    for a, b in pairs:
        i, j = sorted((left.index(a), left.index(b)))
        places.append((i, j))
        del left[j], left[i]
        left.append(a | b)
    return tuple(places)


def _greedy(
    terms: Sequence[frozenset[str]], output: frozenset[str], size: Mapping[str, int]
) -> tuple[Pair, ...]:
    left: list[frozenset[str]] = list(terms)
    places: list[Pair] = []
    while len(left) > 1:
        pairs = [(i, j) for j in range(len(left)) for i in range(j)]
        i, j = min(pairs, key=lambda pair: _cost(left[pair[0]] | left[pair[1]], size))
        rest = [labels for at, labels in enumerate(left) if at not in (i, j)]
        made: frozenset[str] = (left[i] | left[j]) & output.union(*rest)
        left = [*rest, made]
        places.append((i, j))
    return tuple(places)


def product_of(terms: Sequence[Term], output: Labels, pairs: Sequence[Pair]) -> Array:
    """Σ Π of terms over the labels that ``output`` does not name, pair by pair; the axes as in ``output``."""
    wanted = frozenset(output)

    def kept(others: Sequence[Term]) -> frozenset[str]:
        return wanted.union(*(term.labels for term in others))

    left = [summed(x, kept([*terms[:at], *terms[at + 1 :]])) for at, x in enumerate(terms)]
    for i, j in pairs:
        x, y = left[i], left[j]
        del left[j], left[i]
        made = contract(x, y, kept(left), output if not left else ())
        left.append(summed(made, kept(left)))
    return ordered(left[0], output)


def without_repeats(term: Term) -> Term:
    """The term with each label once: of a label that it has twice, the diagonal."""
    x, labels = term
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            x = apply(ops.Diagonal(0, first, second), x, inner=True)
            labels = (*(name for at, name in enumerate(labels) if at not in (first, second)), label)
    return Term(x, labels)


def without_thin(term: Term, size: Mapping[str, int]) -> Term:
    """The term without its axes of size 1 whose label is longer elsewhere: multiplying repeats them."""
    thin = tuple(at for at, label in enumerate(term.labels) if term.array.shape[at] != size[label])
    if not thin:
        return term
    labels = tuple(np.delete(np.array(term.labels, dtype=object), thin).tolist())
    return Term(apply(ops.Squeeze(thin), term.array, inner=True), labels)
