"""The p-norm of vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..ir import Glyph, Names, Notation, Rule, Sample, Shape, Spec
from .elementwise import choose
from .matrix import MatrixOp, conj, real_dtype
from .structure import check_axes, shifted, spread

__all__ = ["VectorNorm"]


@dataclass(frozen=True)
class VectorNorm(MatrixOp):
    """y = (Σ |x|ᵖ)^(1/p) over ``axes``, which vanish, for finite p ≠ 0.

    ∂L/∂x = g · x̄/|x| · (|x|/y)ᵖ⁻¹, for p = 2 simply g · x̄/y. It is 0 at the kinks, where x = 0, and so also
    where the whole vector is 0, as in PyTorch.
    """

    axes: tuple[int, ...]
    p: float = 2

    signature = "x -> y"
    glyph = Glyph("‖x‖ {p}")
    notation = Notation("‖{x}‖")
    names = Names("ReduceL2", "aten.linalg_vector_norm", "")

    def forward(self, x: Rule) -> Rule:
        if self.p == 2:
            squares: Rule = np.real(x * np.conj(x))
            return np.sqrt(np.sum(squares, axis=self.axes))
        return np.sum(np.abs(x) ** self.p, axis=self.axes) ** (1 / self.p)

    def backward(self, g: Rule, x: Rule, y: Rule) -> Rule:
        def wide(v: Rule) -> Rule:
            return spread(v, self.axes, x.shape)

        if self.p == 2:
            zero = y == 0
            return wide(choose(zero, 0.0, g / choose(zero, 1.0, y))) * conj(x)
        zero = x == 0
        safe = choose(zero, 1.0, x)
        size = np.abs(safe)
        way = np.sign(x) if x.dtype.kind == "f" else conj(safe) / size
        ratio = size / wide(choose(y == 0, 1.0, y))
        return choose(zero, 0.0, wide(g) * way * ratio ** (self.p - 1))

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        check_axes(self, self.axes, shapes[0])
        return (tuple(size for axis, size in enumerate(shapes[0]) if axis not in self.axes),)

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        (y,) = super().infer(inputs)
        return (Spec(y.shape, real_dtype(y.dtype)),)

    def batched(self, n: int) -> VectorNorm:
        return replace(self, axes=shifted(self.axes))

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (
            Sample(cls((0,)), ((3,),)),
            Sample(cls((0, 2)), ((2, 3, 2),)),
            Sample(cls((1,), 3), ((2, 3),)),
            Sample(cls((0,), 1.5), ((3,),), 0.5, 2.0),
            Sample(cls((1,), -2), ((0, 3),), 0.5, 2.0),
        )
