"""Forward mode, by transposing the backward pass: there need be no second set of rules.

A backward pass is linear in its upstream gradient u: it computes uᵀJ. Its own backward pass, from v, is
therefore J·v, and u does not occur in it. So forward mode is reverse of reverse: the first sweep records,
on arrays that have a shape and no numbers, what the backward pass would do; the second turns that around;
and only what the second needs ever runs.

The few ops whose transposed rule has more nodes than one written by hand state that, as ``tangent``. The
first sweep then records their pullback as one node, :class:`Turned`, and turning that around is the rule.

Method: the double-backward trick (J. Townsend, *A new trick for calculating Jacobian vector products*, 2017)
as the transposition of a linear program (Radul et al., *You Only Linearize Once*, POPL 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..array.array import Array, apply, constant, leaf
from ..array.context import recording
from ..array.trace import interpret
from ..errors import DifferentiationError
from ..ir import Glyph, Op, Rule, Spec, is_differentiable, user_site
from .reverse import Turn, sweep


@dataclass(frozen=True)
class Turned(Op, register=False):
    """g₁ … gₙ = J(x)ᵀ · g of one op. Its own backward is that op's ``tangent``. It is never computed."""

    op: Op

    signature = "g, *values -> *gs"
    glyph = Glyph("J")

    @property
    def outputs(self) -> int:
        return len(self.op.ports.inputs)

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        return tuple(inputs[1:-1])

    def forward(self, *inputs: Rule) -> Rule:
        raise NotImplementedError("it is there to be transposed")

    def backward(self, g: Rule, values: Rule) -> Rule:
        *xs, y = values
        moved = [
            zeros(x) if v is None and is_differentiable(x.dtype) else v for v, x in zip(g, xs, strict=True)
        ]
        pushed = self.op.push_arrays(self.op, moved[0] if len(moved) == 1 else tuple(moved), xs, y)
        return (pushed, *(None for _ in values))


def turn(y: Array, g: Array, leading: tuple[bool, ...]) -> Any:
    """What :func:`sweep` has of an op with a ``tangent`` if all its inputs move; if only some
    do, the transpose of its backward rule leaves out what stands still.
    """
    op, inputs = y._op, y._inputs
    if not op.pushes or not all(
        lead for x, lead in zip(inputs, leading, strict=True) if is_differentiable(x.dtype)
    ):
        return None
    gs = apply(Turned(op), g, *inputs, y)
    return gs[0] if len(gs) == 1 else tuple(x if lead else None for x, lead in zip(gs, leading, strict=True))


def tangents(ys: Sequence[Array], xs: Sequence[Array], vs: Sequence[Array], records: bool) -> list[Array]:
    """J·v: how ``ys`` change when ``xs``, from which they were computed, change by ``vs``.

    Values that were computed already are used as they are: nothing of the forward pass runs again. Without
    ``records`` the result is numbers alone.
    """
    hats = [leaf(x.spec, "input") for x in xs]
    pushed = linear(ys, xs, hats)
    with recording(records):
        made = evaluate(pushed, dict(zip(hats, vs, strict=True)))
    check_linear(made, [*ys, *vs])
    return made


def check_linear(made: Sequence[Array], given: Sequence[Array]) -> None:
    """Raise if a product with the Jacobian has no numbers though all it is made of has: it needs u.

    Raises:
        DifferentiationError: so it is.
    """
    if any(y.traced for y in made) and not any(x.traced for x in given):
        raise DifferentiationError(
            "forward mode through a rule that is not linear in its upstream gradient",
            where=str(user_site(1)),
            expected="rules whose every term has g once as a factor",
            got="a term with g · g, or one without g",
            fix="correct the rule of the op of your own; dg.testing.check_op finds it",
        )


def linear(
    ys: Sequence[Array], xs: Sequence[Array], hats: Sequence[Array], turn: Turn | None = turn
) -> list[Array]:
    """J·v as it would be recorded for directions ``hats`` that are traced; without ``turn`` by backward rules
    alone.
    """
    gradients = [leaf(y.spec, "input") for y in ys]
    reached = [y._active for y in ys]
    roots = [y for y, active in zip(ys, reached, strict=True) if active]
    upstream = [g for g, active in zip(gradients, reached, strict=True) if active]
    pulled = sweep(roots, upstream, build=True, keep=xs, turn=turn)
    pairs = [(pulled[x], v) for x, v in zip(xs, hats, strict=True) if x in pulled]
    pushed = sweep([g for g, _ in pairs], [v for _, v in pairs], build=True, keep=gradients)
    return [pushed[g] if g in pushed else zeros(y) for y, g in zip(ys, gradients, strict=True)]


def zeros(x: Array) -> Array:
    """Zeros of the shape and dtype of ``x``, of which one number is kept."""
    return constant(np.broadcast_to(np.zeros((), x.dtype), x.shape)[()])


def evaluate(outputs: Sequence[Array], given: dict[Array, Array]) -> list[Array]:
    """What traced Arrays recorded, on other Arrays."""

    def step(_x: Array, op: Op, inputs: Sequence[Array]) -> Any:
        return apply(op, *inputs)

    return interpret(outputs, given, lambda x: x, step)
