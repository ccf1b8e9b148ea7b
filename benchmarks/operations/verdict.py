"""What a cell says: a library's derivatives beside finite differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .libraries import LIBRARIES, Function, Library
from .row import DATA, Row

STEP = 1e-3
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Verdict:
    """``word`` is "yes", "once", "differs" or "–"; ``why`` is what a library said or gave instead."""

    word: str
    why: str = ""


@dataclass(frozen=True)
class Truth:
    """The value of the loss, and its derivative and that of its gradient's norm along each direction."""

    value: float
    slopes: tuple[float, ...]
    bends: tuple[float, ...]


def weighted(values: Any, library: Library) -> Any:
    """Σ w · f² over all results f, with weights that differ, so that no element can stand for another."""
    parts = (values,) if hasattr(values, "shape") else values
    return sum((weights(library, tuple(p.shape)) * p**2).sum() for p in parts)


@cache
def _weights(shape: tuple[int, ...]) -> np.ndarray:
    return np.linspace(0.5, 1.5, int(np.prod(shape))).reshape(shape)


def weights(library: Library, shape: tuple[int, ...]) -> Any:
    """Numbers from 0.5 to 1.5."""
    return library.constant(_weights(shape))


def losses(library: Library, row: Row) -> tuple[Function, Function, Function]:
    """L(…) of a row, its gradients, and a weighted norm of them, whose gradient has second derivatives."""
    operation = row.function(library)
    loss = lambda *xs: weighted(operation(*xs), library)  # noqa: E731
    gradients = library.gradient(loss, len(row.arguments))
    return loss, gradients, lambda *xs: weighted(tuple(gradients(*xs)), library)


def numbers(row: Row) -> list[np.ndarray]:
    """The row's arguments."""
    return [DATA[name] for name in row.arguments]


def directions(row: Row, count: int) -> list[list[np.ndarray]]:
    """Dense directions: a gradient that is wrong anywhere is wrong along them."""
    random = np.random.default_rng(0)
    return [[random.normal(size=x.shape) for x in numbers(row)] for _ in range(count)]


def slope(function: Function, xs: Sequence[np.ndarray], ds: Sequence[np.ndarray]) -> float:
    """d/dt f(x + t·d) at 0: central differences, extrapolated once, error O(h⁴)."""

    def central(h: float) -> float:
        ends = [function(*(x + t * d for x, d in zip(xs, ds, strict=True))) for t in (h, -h)]
        return (ends[0] - ends[1]) / (2 * h)

    return (4 * central(STEP / 2) - central(STEP)) / 3


def truth(row: Row, count: int = 2) -> Truth:
    """By finite differences of diagrad's values; of its gradients, once they are right, for the second."""
    ours = LIBRARIES[0]
    loss, _, norm = losses(ours, row)
    at, along = numbers(row), directions(row, count)
    number = lambda f: lambda *xs: float(np.asarray(f(*map(ours.array, xs))))  # noqa: E731
    return Truth(
        number(loss)(*at),
        tuple(slope(number(loss), at, d) for d in along),
        tuple(slope(number(norm), at, d) for d in along),
    )


def verdict(library: Library, row: Row, known: Truth) -> Verdict:
    """What the cell of a library says."""
    try:
        with library.running():
            loss, gradients, norm = losses(library, row)
            arrays = lambda: [library.array(x) for x in numbers(row)]  # noqa: E731
            value = float(plain(loss(*arrays())))
            if not np.isclose(value, known.value, rtol=1e-6):
                return Verdict("differs", f"the value is {value}, not {known.value}")
            if wrong := _compare(gradients(*arrays()), row, known.slopes):
                return Verdict("differs", wrong)
    except Exception as error:  # noqa: BLE001 - whatever a library raises, it has no such gradient
        return Verdict("–", said(error))
    try:
        with library.running():
            second = library.gradient(norm, len(row.arguments))(*arrays())
            wrong = _compare(second, row, known.bends)
            return Verdict("once", f"second: {wrong}") if wrong else Verdict("yes")
    except Exception as error:  # noqa: BLE001 - nor a second one
        return Verdict("once", said(error))


def _compare(got: Sequence[Any], row: Row, want: tuple[float, ...]) -> str:
    """What is wrong with gradients, if something is."""
    grads = [np.asarray(plain(g), dtype=float) for g in got]
    for ds, expected in zip(directions(row, len(want)), want, strict=True):
        terms = [g * d for g, d in zip(grads, ds, strict=True)]
        found, scale = sum(t.sum() for t in terms), sum(np.abs(t).sum() for t in terms)
        if not abs(found - expected) <= TOLERANCE * max(scale, abs(expected), 1e-3):
            return f"{found} along a direction, by finite differences {expected}"
    return ""


def plain(x: Any) -> Any:
    """As a NumPy array."""
    return x.detach().numpy() if hasattr(x, "detach") and hasattr(x, "requires_grad") else np.asarray(x)


def said(error: Exception) -> str:
    """The first line of an error."""
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
