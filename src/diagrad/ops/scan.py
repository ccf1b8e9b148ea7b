"""A loop of known length: one body, applied step after step to a carry and to the slices of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..ir import Builder, Glyph, Graph, Names, Notation, Op, Rule, Sample, Spec, Value, evaluate
from .arithmetic import Add, Multiply
from .bodies import Flags, carried, check_count, check_spec, swapped, widened
from .transcendental import Sin

__all__ = ["Scan"]


@dataclass(frozen=True)
class Scan(Op):
    """cₜ₊₁, yₜ = body(cₜ, xₜ, w) for t = 0 … T−1: c_T, and the yₜ stacked.

    Backward is a scan in the other direction: its carry is ∂L/∂c, and what each step adds to ∂L/∂w. It
    computes each step again from the carry before it; :meth:`saving` makes those carries outputs.

    Inputs are the carries, the sequences and then what all steps share.

    Attributes:
        body: takes the carries, one slice of each sequence, and what is shared; gives the next carries, and
            a slice of each output.
        carries: how many of the inputs, and of the outputs, are carries.
        sliced: how many are sequences, cut along their first axis.
        length: T.
        reverse: whether it runs from the last slice to the first.
    """

    body: Graph
    carries: int
    sliced: int
    length: int
    reverse: bool = False

    signature = "*xs -> *ys"
    glyph = Glyph("Scan ×{length}")
    notation = Notation("scan({label}, {xs:0:, })")
    names = Names("Scan", "", "scan")
    kinds = "f"

    @property
    def label(self) -> str:
        """The name of the body."""
        return self.body.name

    @property
    def outputs(self) -> int:
        return len(self.body.outputs)

    def split(self, things: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """Carries, sequences, what is shared: one thing for each input."""
        end = self.carries + self.sliced
        return things[: self.carries], things[self.carries : end], things[end:]

    def order(self) -> range:
        """The numbers of the slices in the order of the steps."""
        return range(self.length)[::-1] if self.reverse else range(self.length)

    def forward(self, *xs: Rule) -> Rule:
        carry, sequences, shared = self.split(xs)
        rows: list[Any] = []
        for at in self.order():
            results = evaluate(self.body, (*carry, *[x[at] for x in sequences], *shared))
            carry, made = results[: self.carries], results[self.carries :]
            if not rows:
                rows = [np.empty((self.length, *y.shape), y.dtype) for y in made]
            for row, y in zip(rows, made, strict=True):
                row[at] = y
        if not self.length:
            rows = [np.empty((0, *y.shape), y.dtype) for y in self.body.outputs[self.carries :]]
        return (*carry, *rows)

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        check_count(self.name, len(self.body.inputs), len(inputs))
        carry = self.split(inputs)[0]
        want = [x.spec for x in self.body.inputs]
        end = self.carries + self.sliced
        want[self.carries : end] = [Spec((self.length, *x.shape), x.dtype) for x in want[self.carries : end]]
        for x, spec, got in zip(self.body.inputs, want, inputs, strict=True):
            what = f"the input {x.name or 'without a name'} of {self.body.name}"
            check_spec(self.name, what, spec, got, "pass what the body was traced with")
        for x, y in zip(self.body.inputs, self.body.outputs[: self.carries], strict=False):
            what = f"the carry {x.name or 'without a name'} after a step"
            check_spec(self.name, what, x.spec, y.spec, "let the body give each carry as it took it")
        rows = self.body.outputs[self.carries :]
        return (*carry, *(Spec((self.length, *y.shape), y.dtype) for y in rows))

    # ------------------------------------------------------------ derivatives

    def saving(self) -> Scan:
        """With the carries before each step as further outputs, those that change and are not among them."""
        missing = [x for at, x in enumerate(self.body.inputs[: self.carries]) if self._history(at) is None]
        return self._giving((*self.body.outputs, *missing)) if missing else self

    def backward(self, g: Rule, wanted: Flags, xs: Rule, ys: Rule) -> Rule:
        plan = _pull(self, wanted, tuple(gi is not None for gi in g))
        carry, sequences, shared = self.split(xs)
        before = self._before(plan.carry_used, xs, ys)
        zero = iter(
            [
                *(np.zeros_like(y) if gi is None else gi for y, gi, a in _three(ys, g, plan.active) if a),
                *(np.zeros_like(w) for w, want in zip(shared, self.split(wanted)[2], strict=True) if want),
            ]
        )
        fixed = [x for at, x in enumerate(carry) if plan.carry_used[at] and self._fixed(at)]
        fed = [
            *zero,
            *before,
            *_used(sequences, plan.sequence_used),
            *(gi for gi in g[self.carries :] if gi is not None),
            *fixed,
            *_used(shared, plan.shared_used),
        ]
        op = plan.op.saving() if hasattr(fed[0], "__diagrad_apply__") else plan.op
        made = op(*fed)
        first, then = sum(plan.active), sum(plan.active) + sum(self.split(wanted)[2])
        carry_g, shared_g, sequence_g = iter(made[:first]), iter(made[first:then]), iter(made[then:])
        return (
            *(next(carry_g) if a else None for a in plan.active),
            *(next(sequence_g) if want else None for want in self.split(wanted)[1]),
            *(next(shared_g) if want else None for want in self.split(wanted)[2]),
        )

    def _fixed(self, at: int) -> bool:
        """Whether no step changes a carry."""
        return self.body.outputs[at] is self.body.inputs[at]

    def _history(self, at: int) -> int | None:
        """The output that is a carry before each step; -1 for one that never changes."""
        if self._fixed(at):
            return -1
        rows = self.body.outputs[self.carries :]
        found = [j for j, y in enumerate(rows) if y is self.body.inputs[at]]
        return self.carries + found[0] if found else None

    def _before(self, used: Flags, xs: Rule, ys: Rule) -> list[Any]:
        """The carries before each step, of those that are used and change: saved, or computed again."""
        places = [(at, self._history(at)) for at, use in enumerate(used) if use]
        missing = [at for at, place in places if place is None]
        again: dict[int, Any] = {}
        if missing:
            heads = [self.body.inputs[at] for at in missing]
            op = self._giving((*self.body.outputs[: self.carries], *heads), "_carries")
            again = dict(zip(missing, op(*xs)[self.carries :], strict=True))
        return [again[at] if place is None else ys[place] for at, place in places if place != -1]

    def _giving(self, outputs: Sequence[Value], suffix: str = "") -> Scan:
        body = self.body
        return replace(self, body=Graph(body.inputs, body.nodes, outputs, body.name + suffix).pruned())

    def keeping(self, outputs: Sequence[int]) -> tuple[Op, tuple[int, ...]] | None:
        kept = (*range(self.carries), *(at for at in outputs if at >= self.carries))
        if len(kept) == self.outputs:
            return None
        return self._giving([self.body.outputs[at] for at in kept]), kept

    # ------------------------------------------------------------ batches

    def vectorised(self, n: int, inputs: Sequence[Spec], batched: Sequence[bool]) -> tuple[Graph, Flags]:
        """A scan of the batched body; the batch's axis of a sequence comes second."""
        carry, sequences, shared = self.split(tuple(batched))
        rows = (False,) * (self.outputs - self.carries)
        while True:
            body, flags = self.body.batched(n, (*carry, *sequences, *shared), (*carry, *rows))
            if flags[: self.carries] == tuple(carry):
                break
            carry = flags[: self.carries]
        build = Builder()
        heads = [build.input(Value(*x)) for x in inputs]
        ins = list(heads)
        for at, flag in enumerate(carry):
            if flag and not batched[at]:
                ins[at] = widened(build, heads[at], n)
        for at, flag in enumerate(sequences, self.carries):
            if flag:
                ins[at] = swapped(build, heads[at])
        made = build.apply(replace(self, body=body), *ins)
        ends = [
            swapped(build, y) if flag and at >= self.carries else y
            for at, (y, flag) in enumerate(zip(made, flags, strict=True))
        ]
        return build.graph(ends, self.name), flags

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        body = _sample_body()
        return (
            Sample(cls(body, 1, 1, 3), ((2,), (3, 2), (2,))),
            Sample(cls(body, 1, 1, 2, reverse=True), ((2,), (2, 2), (2,))),
            Sample(cls(body, 1, 1, 0), ((2,), (0, 2), (2,))),
        )


class _Pull(NamedTuple):
    """The backward scan, and what it is fed: which carries have a gradient, which inputs it uses."""

    op: Scan
    active: Flags
    carry_used: Flags
    sequence_used: Flags
    shared_used: Flags


@lru_cache(maxsize=512)
def _pull(op: Scan, wanted: Flags, given: Flags) -> _Pull:
    """The scan that goes back. Its carries are ∂L/∂c and the ∂L/∂w so far, its sequences what the steps used
    and ∂L/∂y.
    """
    body, count = op.body, len(op.body.inputs)
    flags = carried(body, op.carries, wanted)
    active = flags[: op.carries]
    step = body.pullback(flags, (*active, *given[op.carries :]))
    carry_used, sequence_used, shared_used = op.split(step.used[:count])
    fixed = [op._fixed(at) for at in range(op.carries)]  # pyright: ignore[reportPrivateUsage]

    build = Builder()
    stand: dict[Value, Value] = {}

    def take(values: Sequence[Value]) -> list[Value]:
        stand.update((x, build.input(x)) for x in values)
        return [stand[x] for x in values]

    gradients = step.inputs[count:]
    carries, sequences, shared = op.split(step.inputs[:count])
    take(gradients[: sum(active)])
    sums = [build.input(_sum_of(w)) for w in _used(shared, op.split(wanted)[2])]
    take([x for x, use, still in zip(carries, carry_used, fixed, strict=True) if use and not still])
    take([*_used(sequences, sequence_used), *gradients[sum(active) :]])
    cut = len(build.inputs) - sum(active) - len(sums)
    take([x for x, use, still in zip(carries, carry_used, fixed, strict=True) if use and still])
    take(_used(shared, shared_used))
    made = build.inline(step, [stand.get(x, x) for x in step.inputs])
    first, then = sum(active), sum(active) + sum(op.split(wanted)[1])
    added = [build.apply(Add(), total, g)[0] for total, g in zip(sums, made[then:], strict=True)]
    back = build.graph((*made[:first], *added, *made[first:then]), f"{body.name}_back")
    pulled = Scan(back, first + len(sums), cut, op.length, not op.reverse)
    return _Pull(pulled, active, tuple(carry_used), tuple(sequence_used), tuple(shared_used))


def _sum_of(w: Value) -> Value:
    """The gradient so far of what all steps share."""
    return Value(w.shape, w.dtype, f"∂L/∂{w.name}" if w.name else None)


def _used(things: Sequence[Any], used: Sequence[bool]) -> list[Any]:
    return [x for x, use in zip(things, used, strict=True) if use]


def _three(ys: Sequence[Any], gs: Sequence[Any], active: Flags) -> list[tuple[Any, Any, bool]]:
    """For each carry its last value, the gradient of that, and whether there is one."""
    return list(zip(ys[: len(active)], gs[: len(active)], active, strict=True))


def _sample_body() -> Graph:
    """c' = sin(w · c) + x, y = w · c."""
    build = Builder()
    c, x, w = (build.input(Value((2,), np.dtype(float), name)) for name in "cxw")
    (y,) = build.apply(Multiply(), w, c)
    (new,) = build.apply(Add(), *build.apply(Sin(), y), x)
    return build.graph((new, y), "step")
