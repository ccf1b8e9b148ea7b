"""A choice between computations, of which one runs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ..errors import DTypeError, ShapeError
from ..ir import Builder, Constant, Glyph, Graph, Names, Notation, Op, Rule, Sample, Spec, Value, evaluate
from .arithmetic import Add, Multiply, Subtract
from .bodies import Flags, check_inputs, check_spec
from .choice import LessEqual, Where
from .structure import Repeat

__all__ = ["Cond", "Switch"]


class Choice(Op):
    """ys = branchₖ(xs). Only the chosen branch runs, forward and backward."""

    @property
    @abstractmethod
    def branches(self) -> tuple[Graph, ...]:
        """The graphs to choose from: all take the same inputs and give outputs of the same specs."""

    @abstractmethod
    def over(self, branches: Sequence[Graph]) -> Self:
        """The same choice between other graphs."""

    @abstractmethod
    def number(self, p: Rule) -> int:
        """Which branch p chooses."""

    @abstractmethod
    def mask(self, build: Builder, p: Value, at: int) -> Value:
        """Where p chooses branch ``at`` or one before it."""

    @abstractmethod
    def check(self, p: Spec) -> None:
        """Raise unless p can choose.

        Raises:
            DTypeError: it cannot.
        """

    @property
    def label(self) -> str:
        """The names of the branches."""
        return ", ".join(branch.name for branch in self.branches)

    @property
    def outputs(self) -> int:
        return len(self.branches[0].outputs)

    def forward(self, p: Rule, *xs: Rule) -> Rule:
        return evaluate(self.branches[self.number(p)], xs)

    def backward(self, g: Rule, wanted: Flags, p: Rule, xs: Rule) -> Rule:
        """∂L/∂xs = the same choice between the branches' backward passes."""
        given = tuple(gi is not None for gi in g)
        pulled = [branch.pullback(wanted[1:], given) for branch in self.branches]
        used = tuple(map(any, zip(*(graph.used for graph in pulled), strict=True)))
        feeds = (*xs, *(gi for gi in g if gi is not None))
        fed = [x for x, use in zip(feeds, used, strict=True) if use]
        made = iter(self.over([_without(graph, used) for graph in pulled])(p, *fed))
        return None, *(next(made) if want else None for want in wanted[1:])

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        self.ports.check_arity(self.name, len(inputs))
        if inputs[0].shape:
            raise ShapeError(
                f"{self.name}: p has shape {inputs[0].shape}, it must be a scalar",
                expected="()",
                got=str(inputs[0].shape),
                fix="dg.where chooses element by element; dg.vmap maps over an axis",
            )
        self.check(inputs[0])
        first = self.branches[0]
        for branch in self.branches:
            check_inputs(self.name, branch, inputs[1:])
            for y, like in zip(branch.outputs, first.outputs, strict=True):
                what = f"a result of {branch.name}"
                check_spec(
                    self.name, what, like.spec, y.spec, "let all branches give the same shapes and dtypes"
                )
        return tuple(y.spec for y in first.outputs)

    def vectorised(self, n: int, inputs: Sequence[Spec], batched: Sequence[bool]) -> tuple[Graph, Flags]:
        """One p for all: the same choice between batched branches. A batch of them: all branches run, and
        ``Where`` takes from each what it is chosen for.
        """
        build = Builder()
        p, *xs = (build.input(Value(*x)) for x in inputs)
        wide = (batched[0],) * self.outputs
        while True:
            many = [branch.batched(n, tuple(batched[1:]), wide) for branch in self.branches]
            grown = tuple(map(any, zip(*(flags for _, flags in many), strict=True)))
            if grown == wide:
                break
            wide = grown
        graphs = [graph for graph, _ in many]
        if not batched[0]:
            return build.graph(build.apply(self.over(graphs), p, *xs), self.name), wide
        results = [build.inline(graph, xs) for graph in graphs]
        return build.graph(self.joined(build, p, results), self.name), wide

    def joined(self, build: Builder, p: Value, results: Sequence[Sequence[Value]]) -> list[Value]:
        """What ``Where`` takes from the results of all branches."""
        *others, last = results
        chosen = list(last)
        for at, ys in reversed(list(enumerate(others))):
            mask = self.mask(build, p, at)
            chosen = [_where(build, mask, x, y) for x, y in zip(ys, chosen, strict=True)]
        return chosen


def _where(build: Builder, mask: Value, x: Value, y: Value) -> Value:
    axes = tuple(range(len(mask.shape), len(x.shape)))
    if axes:
        (mask,) = build.apply(Repeat(axes, tuple(x.shape[axis] for axis in axes)), mask)
    return build.apply(Where(), mask, x, y)[0]


def _without(graph: Graph, used: Flags) -> Graph:
    """The graph without the inputs that are not flagged, which it does not use."""
    inputs = [x for x, use in zip(graph.inputs, used, strict=True) if use]
    return Graph(inputs, graph.nodes, graph.outputs, graph.name)


@dataclass(frozen=True)
class Cond(Choice):
    """ys = then(xs) if p, otherwise(xs) if not. The gradient goes through the branch that ran alone."""

    then: Graph
    otherwise: Graph

    signature = "p, *xs -> *ys"
    glyph = Glyph("Cond")
    notation = Notation("cond({p}, {label}, {xs:0:, })")
    names = Names("If", "", "cond")
    kinds = "f"

    @property
    def branches(self) -> tuple[Graph, ...]:
        return self.then, self.otherwise

    def over(self, branches: Sequence[Graph]) -> Cond:
        return Cond(*branches)

    def number(self, p: Rule) -> int:
        return 0 if p else 1

    def mask(self, build: Builder, p: Value, at: int) -> Value:
        return p

    def check(self, p: Spec) -> None:
        if p.dtype.kind != "b":
            raise DTypeError(
                f"Cond: p has dtype {p.dtype}, not bool",
                expected="a boolean scalar",
                got=str(p),
                fix="compare, e.g. x > 0",
            )

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        op = cls(_sample(Multiply(), "then"), _sample(Subtract(), "otherwise"))
        return tuple(Sample(op, ((), (3,), (3,)), given={0: np.array(p)}) for p in (True, False))


@dataclass(frozen=True)
class Switch(Choice):
    """ys = branchᵢ(xs), for i = 0, 1, …; a smaller i counts as 0, a larger one as the last."""

    cases: tuple[Graph, ...]

    signature = "i, *xs -> *ys"
    glyph = Glyph("Switch")
    notation = Notation("switch({i}, {label}, {xs:0:, })")
    names = Names("", "", "cond")
    kinds = "f"

    @property
    def branches(self) -> tuple[Graph, ...]:
        return self.cases

    def over(self, branches: Sequence[Graph]) -> Switch:
        return Switch(tuple(branches))

    def number(self, p: Rule) -> int:
        return min(max(int(p), 0), len(self.cases) - 1)

    def mask(self, build: Builder, p: Value, at: int) -> Value:
        (limit,) = build.apply(Constant(np.broadcast_to(p.dtype.type(at), p.shape)))
        return build.apply(LessEqual(), p, limit)[0]

    def check(self, p: Spec) -> None:
        if p.dtype.kind not in "iu":
            raise DTypeError(
                f"Switch: i has dtype {p.dtype}, not an integer one",
                expected="an integer scalar",
                got=str(p),
                fix="convert with x.astype(int), or take dg.cond for a boolean",
            )

    def backward(self, g: Rule, wanted: Flags, i: Rule, xs: Rule) -> Rule:
        return super().backward(g, wanted, i, xs)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        op = cls((_sample(Multiply(), "first"), _sample(Subtract(), "second"), _sample(Add(), "third")))
        return tuple(Sample(op, ((), (3,), (3,)), given={0: np.array(i)}) for i in (0, 1, 7))


def _sample(op: Op, name: str) -> Graph:
    """A branch that is one op of two inputs."""
    build = Builder()
    x, y = (build.input(Value((3,), np.dtype(float), label)) for label in "xy")
    return build.graph(build.apply(op, x, y), name)
