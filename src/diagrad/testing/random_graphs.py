"""Random graphs with numbers that stay tame: to test engines, passes, gradients and pictures on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from ..array import functions as f
from ..array.array import Array
from ..array.context import Context, scope, surround
from ..array.trace import collect
from ..ir import Graph, Shape

Rng = np.random.Generator
Step = Callable[["_Grower", Array], Array]

_SHAPES: tuple[Shape, ...] = ((), (3,), (2, 3), (3, 3), (1, 3), (2, 1), (2, 3, 3), (4,))
_SCOPES = ("encoder", "layer", "head", "block")


def random_graph(rng: Rng, size: int) -> tuple[Graph, list[np.ndarray[Any, Any]]]:
    """A graph of ``size`` steps that gives one scalar, and float64 inputs for it.

    It has broadcasting, values used several times, reductions, matrix products, indexing, joining, choices,
    explicit branches, names and scopes. Numbers that leave −4 to 4 are scaled; all stay clear of the edges
    of every op's domain.

    Args:
        rng: where the choices come from: the same state gives the same graph.
        size: how many steps; each is one node or a few, with those that broadcasting needs.

    Returns:
        The graph, and one array for each of its inputs.

    >>> graph, inputs = random_graph(np.random.default_rng(0), 12)
    >>> graph.run(*inputs).outputs[0].shape
    ()
    """
    grower = _Grower(rng)
    with surround(Context(inner=True)):
        for _ in range(size):
            grower.grow()
        loss = grower.loss()
    recorded = collect([loss], name="random")
    return recorded.graph, [np.array(recorded.data[x]) for x in recorded.graph.inputs]


class _Grower:
    """Arrays to choose from, those that nothing uses yet first."""

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self.arrays: list[Array] = []
        self.fresh: list[Array] = []
        self.leaves = 0
        self.leaf()

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one_of(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def leaf(self, shape: Shape | None = None) -> Array:
        data = self.rng.uniform(-2.0, 2.0, self.one_of(_SHAPES) if shape is None else shape)
        make = f.parameter if self.chance(0.3) else f.array
        self.leaves += 1
        x = make(data, name=f"x{self.leaves}")
        self.arrays.append(x)
        self.fresh.append(x)
        return x

    def pick(self) -> Array:
        if self.chance(0.12):
            return self.leaf()
        x: Array = self.one_of(self.fresh if self.fresh and self.chance(0.6) else self.arrays)
        self.fresh = [y for y in self.fresh if y is not x]
        return x

    def mate(self, x: Array) -> Array:
        """An array that broadcasts with x."""
        fitting = [y for y in self.arrays if _broadcasts(x.shape, y.shape)]
        y: Array = self.one_of(fitting) if fitting and self.chance(0.8) else self.leaf(self.part_of(x.shape))
        self.fresh = [z for z in self.fresh if z is not y]
        return y

    def part_of(self, shape: Shape) -> Shape:
        """A shape that broadcasts to this one."""
        cut = int(self.rng.integers(len(shape) + 1))
        return tuple(1 if self.chance(0.2) else n for n in shape[cut:])

    def axis(self, x: Array) -> int:
        return int(self.rng.integers(-x.ndim, x.ndim))

    def grow(self) -> None:
        x = self.pick()
        step: Step = self.one_of(_STEPS)
        with scope(self.one_of(_SCOPES)) if self.chance(0.25) else nullcontext():
            y = _tame(step(self, x))
        if self.chance(0.3) and not any(y is x for x in self.arrays):
            y.name = f"h{len(self.arrays)}"
        self.arrays.append(y)
        self.fresh.append(y)

    def loss(self) -> Array:
        """The mean of everything that nothing uses, added up."""
        terms = [f.mean(x) if x.ndim else x for x in self.fresh]
        total = f.add_n(*terms) if len(terms) > 2 else terms[0] + terms[1] if len(terms) == 2 else terms[0]
        loss = f.sin(total) if total.is_leaf else total
        loss.name = "L"
        return loss


def _broadcasts(a: Shape, b: Shape) -> bool:
    return (
        all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1], strict=False))
        and max(len(a), len(b)) <= 3
    )


def _tame(y: Array) -> Array:
    """y, scaled where its numbers have grown, averaged where it has too many of them.

    Squashing it instead would saturate, and a saturated derivative is all rounding error.
    """
    if y.size > 60:
        return f.mean(y, axis=0)
    top = float(np.max(np.abs(y.data), initial=0.0))
    return y * float(f"{2.0 / top:.1g}") if top > 4.0 else y


def _matmul(grower: _Grower, x: Array) -> Array:
    if not x.ndim:
        return x * x
    inner = x.shape[-1]
    fitting = [y for y in grower.arrays if y.ndim in (1, 2) and y.shape[-2 if y.ndim > 1 else 0] == inner]
    w = grower.one_of(fitting) if fitting and grower.chance(0.5) else grower.leaf((inner, 3))
    return f.matmul(x, w)


def _reduce(grower: _Grower, x: Array) -> Array:
    function = grower.one_of((f.sum, f.mean, f.max, f.min))
    axis = grower.axis(x) if x.ndim and grower.chance(0.8) else None
    return function(x, axis=axis, keepdims=grower.chance(0.4))


def _index(grower: _Grower, x: Array) -> Array:
    if not x.ndim:
        return x[None]
    n = x.shape[0]
    places = [int(i) for i in grower.rng.integers(-n, n, 3)]
    return x[
        grower.one_of((places[0], slice(None, None, -1), slice(0, max(n - 1, 1)), places, (..., None, 0)))
    ]


def _join(grower: _Grower, x: Array) -> Array:
    same = [y for y in grower.arrays if y.shape == x.shape] or [x]
    parts = [x, *(grower.one_of(same) for _ in range(int(grower.rng.integers(1, 3))))]
    if not x.ndim or grower.chance(0.4):
        return f.stack(parts, axis=int(grower.rng.integers(x.ndim + 1)))
    return f.concatenate(parts, axis=grower.axis(x))


def _branch(grower: _Grower, x: Array) -> Array:
    a, b = f.branch(x)
    return f.sin(a) * b


def _where(grower: _Grower, x: Array) -> Array:
    y = grower.mate(x)
    return f.where(x > y, f.sin(x), y)


def _move(grower: _Grower, x: Array) -> Array:
    if not x.ndim or grower.chance(0.3):
        return f.expand_dims(x, int(grower.rng.integers(x.ndim + 1))) if x.ndim < 3 else f.reshape(x, (-1,))
    if grower.chance(0.5):
        return f.permute_dims(x, [int(axis) for axis in grower.rng.permutation(x.ndim)])
    return f.reshape(x, x.shape[::-1])


def _add_several(grower: _Grower, x: Array) -> Array:
    same = [y for y in grower.arrays if y.shape == x.shape] or [x]
    return f.add_n(x, *(grower.one_of(same) for _ in range(int(grower.rng.integers(1, 4)))))


def _add(grower: _Grower, x: Array) -> Array:
    return x + grower.mate(x)


def _multiply(grower: _Grower, x: Array) -> Array:
    return x * grower.mate(x)


_STEPS: tuple[Step, ...] = (
    *[_add, _multiply] * 3,
    lambda grower, x: x - grower.mate(x),
    lambda grower, x: x / (1.5 + f.square(grower.mate(x))),
    lambda grower, x: f.power(1.5 + f.sin(x), grower.mate(x)),
    lambda grower, x: f.maximum(x, grower.mate(x)),
    lambda grower, x: f.minimum(x, grower.mate(x)),
    lambda grower, x: -x,
    lambda grower, x: 2.0 - x,
    lambda grower, x: f.exp(f.minimum(x, 2.0)),
    lambda grower, x: f.expm1(f.tanh(x)),
    lambda grower, x: f.log(1.0 + f.square(x)),
    lambda grower, x: f.log1p(f.square(x)),
    lambda grower, x: f.sqrt(0.5 + f.abs(x)),
    lambda grower, x: f.sin(x),
    lambda grower, x: f.cos(x),
    lambda grower, x: f.tanh(x),
    lambda grower, x: f.sigmoid(x),
    lambda grower, x: f.relu(x) + 0.1 * x,
    lambda grower, x: f.sign(x) * x,
    lambda grower, x: x**3 / 10.0,
    *[_matmul, _reduce, _index] * 2,
    _join,
    _branch,
    _where,
    _move,
    _add_several,
)
