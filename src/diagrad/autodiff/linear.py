"""Linear systems as nodes: A(θ)·x = b, where A is known by its products alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import DifferentiationError
from ..ir import Glyph, Notation, Op, Rule, Spec, is_differentiable, user_site
from .krylov import gmres
from .transforms import vjp

__all__ = ["LinearSystem", "Solve", "pulled_by"]

DENSE = 200
"""Up to this many unknowns the matrix is made and solved with; above, only products with it are taken."""

Flat = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class LinearSystem:
    """A(θ)·x = b, over flat tuples of arrays.

    Attributes:
        name: what a picture calls it.
        specs: those of x, which are those of b.
        product: from θ, the function that gives A·x.
    """

    name: str
    specs: tuple[Spec, ...]
    product: Callable[[Flat], Callable[[Flat], Flat]]

    @cached_property
    def adjoint(self) -> LinearSystem:
        """Aᵀ·λ = g, whose products are the pullback of A's."""

        def product(thetas: Flat) -> Callable[[Flat], Flat]:
            zeros = [np.zeros(x.shape, x.dtype)[()] for x in self.specs]

            def at(*xs: Any) -> Flat:
                return self.product(thetas)(xs)

            return vjp(at, *zeros)[1]

        return LinearSystem(f"{self.name}ᵀ", self.specs, product)


@dataclass(frozen=True)
class Solve(Op, register=False):
    """x = A⁻¹·b. ∂L/∂b = λ, where Aᵀ·λ = ∂L/∂x, and ∂L/∂θ = −λᵀ·∂(A·x)/∂θ."""

    system: LinearSystem

    signature = "*inputs -> *xs"
    glyph = Glyph("solve {label}")
    notation = Notation("solve({inputs:0:, })")

    @property
    def label(self) -> str:
        """What the matrix is the derivative of."""
        return self.system.name

    @property
    def outputs(self) -> int:
        return len(self.system.specs)

    def attributes(self) -> dict[str, Any]:
        return {"label": self.label}

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        return self.system.specs

    def forward(self, *inputs: Rule) -> Rule:
        n = self.outputs
        return solve_linear(self.system.product(inputs[n:]), inputs[:n], self.label)

    def backward(self, g: Rule, inputs: Rule, xs: Rule) -> Rule:
        thetas = inputs[self.outputs :]
        gs = [np.zeros_like(x) if given is None else given for given, x in zip(g, xs, strict=True)]
        lambdas = Solve(self.system.adjoint)(*gs, *thetas)
        pulled = pulled_by(lambda *given: self.system.product(given)(tuple(xs)), thetas, lambdas)
        return (*lambdas, *(None if g is None else -g for g in pulled))


def pulled_by(function: Callable[..., Flat], thetas: Flat, lambdas: Flat) -> Flat:
    """λᵀ·∂f/∂θ for each θ; None for one of integers."""
    free = [at for at, theta in enumerate(thetas) if is_differentiable(theta.dtype)]
    pulled = vjp(function, *thetas, argnums=free)[1](tuple(lambdas))
    found = dict(zip(free, pulled, strict=True))
    return tuple(found.get(at) for at in range(len(thetas)))


def solve_linear(product: Callable[[Flat], Flat], right: Flat, name: str) -> Flat:
    """λ with A·λ = g, from products with A.

    Raises:
        DifferentiationError: A is singular, or no solution is found.
    """
    dtype = np.result_type(*right)
    cuts = np.cumsum([x.size for x in right])[:-1]

    def split(v: Any) -> Flat:
        parts = zip(np.split(v, cuts), right, strict=True)
        return tuple(part.reshape(x.shape).astype(x.dtype)[()] for part, x in parts)

    def flat(xs: Flat) -> Any:
        return np.concatenate([np.ravel(np.asarray(x)).astype(dtype) for x in xs])

    b = flat(right)
    if b.size <= DENSE:
        columns = [flat(product(split(e))) for e in np.eye(b.size, dtype=dtype)]
        try:
            return split(np.linalg.solve(np.stack(columns, axis=1), b) if b.size else b)
        except np.linalg.LinAlgError:
            raise _no_solution(name, "∂F/∂x is singular there") from None
    rtol = 100 * float(np.finfo(dtype).eps)
    v, error = gmres(lambda v: flat(product(split(v))), b, rtol=rtol)
    if not error <= math.sqrt(rtol):
        raise _no_solution(name, f"GMRES leaves {error:.1e} of the right-hand side")
    return split(v)


def _no_solution(name: str, why: str) -> DifferentiationError:
    return DifferentiationError(
        f"{name}: what it finds has no derivative: {why}",
        where=str(user_site(1)),
        expected="an isolated solution, where ∂F/∂x can be inverted",
        got=why,
        fix="see that the solver converges, and to a solution that moves smoothly with the parameters",
    )
