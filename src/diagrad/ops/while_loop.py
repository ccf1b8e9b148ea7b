"""A loop that ends when its condition says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DTypeError, NotDifferentiableError
from ..ir import Builder, Constant, Glyph, Graph, Names, Notation, Op, Rule, Sample, Spec, Value, evaluate
from .arithmetic import Add, Multiply
from .bodies import Flags, carried, check_inputs, check_spec, chosen, widened
from .choice import Less, Where
from .reduce import Max
from .structure import Repeat

__all__ = ["While", "WhilePull"]


@dataclass(frozen=True)
class While(Op):
    """While condition(c, w): c = body(c, w).

    Forward mode is the same loop with the tangents among its carries. Reverse mode would have to know how
    many steps there are: :class:`WhilePull` stands for it until forward mode has turned it around.

    Attributes:
        condition: takes the carries and what all steps share, gives one boolean.
        body: takes the same, gives the next carries.
        carries: how many of the inputs are carries.
    """

    condition: Graph
    body: Graph
    carries: int

    signature = "*xs -> *ys"
    glyph = Glyph("While")
    notation = Notation("while({label}, {xs:0:, })")
    names = Names("Loop", "", "while")
    kinds = "f"

    @property
    def label(self) -> str:
        """The names of condition and body."""
        return f"{self.condition.name}, {self.body.name}"

    @property
    def outputs(self) -> int:
        return self.carries

    def forward(self, *xs: Rule) -> Rule:
        carry, shared = xs[: self.carries], xs[self.carries :]
        while evaluate(self.condition, (*carry, *shared))[0]:
            carry = evaluate(self.body, (*carry, *shared))
        return tuple(carry)

    def backward(self, g: Rule, wanted: Flags, xs: Rule) -> Rule:
        given = tuple(gi is not None for gi in g)
        pull = WhilePull(self.condition, self.body, self.carries, wanted, given)
        made = iter(pull(*xs, *(gi for gi in g if gi is not None)))
        return tuple(next(made) if want else None for want in wanted)

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        check_inputs(self.name, self.body, inputs)
        check_inputs(self.name, self.condition, inputs)
        for x, y in zip(self.body.inputs, self.body.outputs, strict=False):
            what = f"the carry {x.name or 'without a name'} after a step"
            check_spec(self.name, what, x.spec, y.spec, "let the body give each carry as it took it")
        end = self.condition.outputs[0].spec
        if end != Spec((), np.dtype(np.bool_)):
            raise DTypeError(
                f"While: the condition gives {end}, not one boolean",
                expected="bool[]",
                got=str(end),
                fix="compare, e.g. x > 0",
            )
        return tuple(inputs[: self.carries])

    def pushed(self, active: Flags) -> While:
        """The loop that also carries the tangents of the active inputs."""
        step = self.body.pushforward(active, active[: self.carries])
        count = len(active)
        build = Builder()
        carry = [build.input(x) for x in step.inputs[: self.carries]]
        moving = sum(active[: self.carries])
        tangents = [build.input(x) for x in step.inputs[count : count + moving]]
        shared = [build.input(x) for x in step.inputs[self.carries : count]]
        fixed = [build.input(x) for x in step.inputs[count + moving :]]
        body = build.graph(build.inline(step, [*carry, *shared, *tangents, *fixed]), self.body.name)
        test = Builder()
        heads = [test.input(x) for x in body.inputs]
        uses = [*heads[: self.carries], *heads[self.carries + moving : count + moving]]
        condition = test.graph(test.inline(self.condition, uses), self.condition.name)
        return While(condition, body, self.carries + moving)

    def vectorised(self, n: int, inputs: Sequence[Spec], batched: Sequence[bool]) -> tuple[Graph, Flags]:
        """The loop of all at once. Where each has its own end, it runs until the last has come to it, and
        those that have stay as they are.
        """
        carry, shared = tuple(batched[: self.carries]), tuple(batched[self.carries :])
        while True:
            condition, (own,) = self.condition.batched(n, (*carry, *shared), (False,))
            grown = (True,) * self.carries if own else carry
            body, grown = self.body.batched(n, (*carry, *shared), grown)
            if grown == carry:
                break
            carry = grown
        build = Builder()
        heads = [build.input(Value(*x)) for x in inputs]
        ins = [
            widened(build, x, n) if at < self.carries and carry[at] and not batched[at] else x
            for at, x in enumerate(heads)
        ]
        loop = (
            While(_any(condition), _masked(condition, body), self.carries)
            if own
            else While(condition, body, self.carries)
        )
        return build.graph(build.apply(loop, *ins), self.name), carry

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        """An integer counter first: the number of steps, and so no gradient in reverse."""
        dtype = np.dtype(np.intp)
        build = Builder()
        i, x, w = (
            build.input(Value((), dtype, "i")),
            *(build.input(Value((2,), np.dtype(float), c)) for c in "xw"),
        )
        (one,) = build.apply(Constant(np.ones((), dtype)))
        body = build.graph((*build.apply(Add(), i, one), *build.apply(Multiply(), x, w)), "step")
        test = Builder()
        heads = [test.input(value) for value in body.inputs]
        (limit,) = test.apply(Constant(np.full((), 3, dtype)))
        op = cls(test.graph(test.apply(Less(), heads[0], limit), "below"), body, 2)
        return tuple(Sample(op, ((), (2,), (2,)), given={0: np.array(start)}) for start in (0, 3))


@dataclass(frozen=True)
class WhilePull(Op):
    """uᵀ·J of a While: linear in u, and so forward mode can transpose it. It cannot run itself.

    Attributes:
        condition, body, carries: those of the While.
        wanted: which of its inputs' gradients this gives.
        given: which of its outputs' gradients come after its inputs.
    """

    condition: Graph
    body: Graph
    carries: int
    wanted: Flags
    given: Flags

    signature = "*xs -> *ys"
    glyph = Glyph("While, back")
    notation = Notation("while_back({label}, {xs:0:, })")
    kinds = "f"

    @property
    def label(self) -> str:
        """The names of condition and body."""
        return f"{self.condition.name}, {self.body.name}"

    @property
    def outputs(self) -> int:
        return sum(self.wanted)

    def forward(self, *xs: Rule) -> Rule:
        raise self.refusal()

    def refusal(self) -> NotDifferentiableError:
        """The error of running it."""
        return NotDifferentiableError(
            f"while_loop({self.label}, …): reverse mode needs a bound on its steps",
            expected="while_loop(…, max_steps=n), which has room for what n steps leave behind",
            got="a traced loop of unknown length",
            fix="give max_steps, or take forward mode: dg.jvp, dg.jacobian(…, mode='forward')",
        )

    def backward(self, g: Rule, wanted: Flags, xs: Rule) -> Rule:
        """∂/∂u: J·v, a loop that carries the tangents v. It asks nothing of the other inputs."""
        count = len(self.wanted)
        active = carried(self.body, self.carries, self.wanted)
        vs = dict(zip(chosen(self.wanted, range(count)), g, strict=True))

        def tangent(at: int) -> Any:
            return np.zeros_like(xs[at]) if vs.get(at) is None else vs[at]

        moving = [at for at in range(self.carries) if active[at]]
        fixed = [at for at in range(self.carries, count) if active[at]]
        loop = While(self.condition, self.body, self.carries).pushed(active)
        made = loop(
            *xs[: self.carries],
            *map(tangent, moving),
            *xs[self.carries : count],
            *map(tangent, fixed),
        )
        found = dict(zip(moving, made[self.carries :], strict=True))
        outs = [at for at, given in enumerate(self.given) if given]
        return (*(None,) * count, *(found.get(at) for at in outs))

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        check_inputs(self.name, self.body, inputs[: len(self.wanted)])
        return tuple(x.spec for x, want in zip(self.body.inputs, self.wanted, strict=True) if want)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        """None: it never runs."""
        return ()


def _any(condition: Graph) -> Graph:
    """Whether one of a batch goes on."""
    build = Builder()
    heads = [build.input(x) for x in condition.inputs]
    return build.graph(build.apply(Max((0,)), *build.inline(condition, heads)), condition.name)


def _masked(condition: Graph, body: Graph) -> Graph:
    """A step for those of a batch that go on."""
    build = Builder()
    heads = [build.input(x) for x in body.inputs]
    (going,) = build.inline(condition, heads)
    ends: list[Value] = []
    for old, new in zip(heads, build.inline(body, heads), strict=False):
        mask, axes = going, tuple(range(1, len(old.shape)))
        if axes:
            (mask,) = build.apply(Repeat(axes, old.shape[1:]), going)
        ends += build.apply(Where(), mask, new, old)
    return build.graph(ends, body.name)
