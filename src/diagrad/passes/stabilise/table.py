"""The rewrites: what is written, what is computed instead, why, and numbers on which the plain form fails.

Sources: Higham, *Accuracy and Stability of Numerical Algorithms*, 2002; Mächler, *Accurately computing
log(1 − exp(−|a|))*, 2012; Blanchard, Higham & Higham, *Accurately computing the log-sum-exp and softmax
functions*, 2021.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...array import functions as f
from ...array.array import Array
from ...array.composites import log_softmax, logsumexp, softmax
from .pattern import Match, match

SHIFTED = "Subtract(x, Repeat(Max(x)))"
"""Numbers less their largest, whose exponentials do not overflow."""


@dataclass(frozen=True)
class Found:
    """What the names of a pattern stand for.

    Attributes:
        written: the values as they were written, for their ops' attributes.
        now: the same values in stable forms.
    """

    written: Match
    now: Match

    def __getitem__(self, name: str) -> Array:
        return self.now[name]

    def axes(self, name: str) -> tuple[int, ...]:
        """The axes of a reduction or a repetition."""
        return self.written[name]._op.axes

    def is_shifted(self, name: str) -> bool:
        """Whether its largest element is subtracted from it already."""
        return match(SHIFTED, self.written[name]) is not None


After = Callable[[Found], Array | None]


@dataclass(frozen=True)
class Rewrite:
    """One rewrite.

    Attributes:
        name: what is computed in the end.
        patterns: how it may be written, in ops; the first is the one that ``plain`` gives.
        after: the stable form, from what the pattern's names stand for; None where it does not apply.
        plain: the plain form as a function, for pictures and tests.
        fails: arguments on which the value or the gradient of the plain form is wrong.
        reason: why it is wrong there.
    """

    name: str
    patterns: tuple[str, ...]
    after: After
    plain: Callable[[Any], Any] | Callable[[Any, Any], Any]
    fails: tuple[Any, ...]
    reason: str


def _softmax_of(after: Callable[..., Array], shifts: bool = False) -> After:
    """``after`` along the axis of the sum, if it is repeated along the same one. One that only shifts x by
    its largest element has nothing to do where x is shifted already.
    """

    def made(found: Found) -> Array | None:
        axes = found.axes("s")
        if shifts and found.is_shifted("x"):
            return None
        return after(found["x"], axis=axes[0]) if axes == found.axes("r") and len(axes) == 1 else None

    return made


def _variance(found: Found) -> Array | None:
    axes = found.axes("m")
    if axes != found.axes("n"):
        return None
    x = found["x"]
    return f.mean(f.square(x - f.mean(x, axis=axes, keepdims=True)), axis=axes)


def _log1mexp(found: Found) -> Array:
    x = found["x"]
    near = x > -math.log(2.0)
    far = f.where(near, -1.0, x)
    close = f.where(near, x, -1.0)
    return f.where(near, f.log(-f.expm1(close)), f.log1p(-f.exp(far)))


def _log_softmax(x: Array, axis: int) -> Array:
    if match(SHIFTED, x) is None:
        return log_softmax(x, axis)
    return x - f.expand_dims(f.log(f.sum(f.exp(x), axis=axis)), axis)


_EXP_SHARE = "Divide(Exp(x), (r := Repeat((s := Sum(Exp(x))))))"

REWRITES: tuple[Rewrite, ...] = (
    Rewrite(
        "log_softmax",
        (f"Log({_EXP_SHARE})", "Log(Softmax(x))"),
        _softmax_of(_log_softmax),
        lambda x: f.log(softmax(x)),
        ([0.0, 1000.0],),
        "softmax underflows to 0, whose logarithm is −∞",
    ),
    Rewrite(
        "softmax",
        (_EXP_SHARE,),
        _softmax_of(softmax, shifts=True),
        lambda x: f.exp(x) / f.sum(f.exp(x), axis=-1, keepdims=True),
        ([1000.0, 1001.0],),
        "exp overflows above 709, and ∞ / ∞ is NaN",
    ),
    Rewrite(
        "logsumexp",
        ("Log((s := Sum(Exp(x))))",),
        lambda found: None if found.is_shifted("x") else logsumexp(found["x"], axis=found.axes("s")),
        lambda x: f.log(f.sum(f.exp(x), axis=-1)),
        ([1000.0, 1001.0],),
        "exp overflows above 709, and underflows below −745",
    ),
    Rewrite(
        "log of the sigmoid",
        ("Log(Sigmoid(x))",),
        lambda found: -f.softplus(-found["x"]),
        lambda x: f.log(f.sigmoid(x)),
        (-1000.0,),
        "the sigmoid underflows to 0, whose logarithm is −∞",
    ),
    Rewrite(
        "softplus",
        ("Log(Add(1, Exp(x)))", "Log1p(Exp(x))"),
        lambda found: f.softplus(found["x"]),
        lambda x: f.log(1 + f.exp(x)),
        (1000.0,),
        "exp overflows above 709; below −37 the 1 swallows it",
    ),
    Rewrite(
        "log(1 − exp(x))",
        ("Log(Subtract(1, Exp(x)))",),
        _log1mexp,
        lambda x: f.log(1 - f.exp(x)),
        (-1e-18,),
        "exp(x) rounds to 1 near 0, and nothing is left of the difference",
    ),
    Rewrite(
        "log1p",
        ("Log(Add(1, x))",),
        lambda found: f.log1p(found["x"]),
        lambda x: f.log(1 + x),
        (1e-18,),
        "1 + x rounds to 1 for small x",
    ),
    Rewrite(
        "log1p of −x",
        ("Log(Subtract(1, x))",),
        lambda found: f.log1p(-found["x"]),
        lambda x: f.log(1 - x),
        (1e-18,),
        "1 − x rounds to 1 for small x",
    ),
    Rewrite(
        "log of exp",
        ("Log(Exp(x))",),
        lambda found: found["x"],
        lambda x: f.log(f.exp(x)),
        (1000.0,),
        "exp overflows above 709, and underflows below −745",
    ),
    Rewrite(
        "log of cosh",
        ("Log(Cosh(x))",),
        lambda found: f.abs(found["x"]) + f.log1p(f.exp(-2 * f.abs(found["x"]))) - math.log(2.0),
        lambda x: f.log(f.cosh(x)),
        (1000.0,),
        "cosh overflows above 710",
    ),
    Rewrite(
        "expm1",
        ("Subtract(Exp(x), 1)", "Add(Exp(x), -1)"),
        lambda found: f.expm1(found["x"]),
        lambda x: f.exp(x) - 1,
        (1e-18,),
        "exp(x) rounds to 1 near 0, and nothing is left of the difference",
    ),
    Rewrite(
        "sigmoid",
        ("Divide(1, Add(1, Exp(Negative(x))))", "Divide(Exp(x), Add(1, Exp(x)))"),
        lambda found: f.sigmoid(found["x"]),
        lambda x: 1 / (1 + f.exp(-x)),
        (-1000.0,),
        "exp overflows, and on the way back 0 · ∞ is NaN",
    ),
    Rewrite(
        "1 − sigmoid",
        ("Subtract(1, Sigmoid(x))",),
        lambda found: f.sigmoid(-found["x"]),
        lambda x: 1 - f.sigmoid(x),
        (40.0,),
        "the sigmoid rounds to 1, and nothing is left of the difference",
    ),
    Rewrite(
        "silu",
        ("Divide(x, Add(1, Exp(Negative(x))))",),
        lambda found: f.silu(found["x"]),
        lambda x: x / (1 + f.exp(-x)),
        (-1000.0,),
        "exp overflows, and on the way back 0 · ∞ is NaN",
    ),
    Rewrite(
        "tanh",
        (
            "Divide(Subtract(Exp(x), Exp(Negative(x))), Add(Exp(x), Exp(Negative(x))))",
            "Divide(Subtract(Exp(x), (e := Exp(Negative(x)))), Add(Exp(x), e))",
        ),
        lambda found: f.tanh(found["x"]),
        lambda x: (f.exp(x) - f.exp(-x)) / (f.exp(x) + f.exp(-x)),
        (1000.0,),
        "exp overflows above 709, and ∞ / ∞ is NaN",
    ),
    Rewrite(
        "x · log x",
        ("Multiply(x, Log(x))",),
        lambda found: f.xlogy(found["x"], found["x"]),
        lambda x: x * f.log(x),
        (0.0,),
        "0 · log 0 is 0 · (−∞) = NaN",
    ),
    Rewrite(
        "|x|",
        ("Sqrt(Square(x))", "Sqrt(Multiply(x, x))"),
        lambda found: f.abs(found["x"]) if found["x"].dtype.kind == "f" else None,
        lambda x: f.sqrt(f.square(x)),
        (0.0,),
        "the root's derivative is infinite at 0, and x² overflows above 1.3e154",
    ),
    Rewrite(
        "hypot",
        ("Sqrt(Add(Square(x), Square(y)))", "Sqrt(Add(Multiply(x, x), Multiply(y, y)))"),
        lambda found: f.hypot(found["x"], found["y"]) if found["x"].dtype.kind == "f" else None,
        lambda x, y: f.sqrt(f.square(x) + f.square(y)),
        (3e200, 4e200),
        "x² overflows above 1.3e154",
    ),
    Rewrite(
        "1 − cos",
        ("Subtract(1, Cos(x))",),
        lambda found: 2 * f.square(f.sin(found["x"] * 0.5)),
        lambda x: 1 - f.cos(x),
        (1e-9,),
        "cos(x) rounds to 1 near 0, and nothing is left of the difference",
    ),
    Rewrite(
        "variance",
        ("Subtract((m := Mean(Square(x))), Square((n := Mean(x))))",),
        _variance,
        lambda x: f.mean(f.square(x)) - f.square(f.mean(x)),
        ([1e9, 1e9 + 1.0, 1e9 + 2.0],),
        "the two squares agree in nearly all digits, which cancel",
    ),
    Rewrite(
        "difference of roots",
        ("Subtract(Sqrt(Add(x, 1)), Sqrt(x))",),
        lambda found: 1 / (f.sqrt(found["x"] + 1) + f.sqrt(found["x"])),
        lambda x: f.sqrt(x + 1) - f.sqrt(x),
        (1e15,),
        "the two roots agree in nearly all digits, which cancel",
    ),
)
"""In the order in which they are tried: a longer pattern before a shorter one that is part of it."""
