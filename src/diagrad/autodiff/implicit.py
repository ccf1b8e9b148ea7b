"""``implicit``: derivatives of what a solver finds, by the implicit function theorem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

import numpy as np

from ..array import tree
from ..array.align import as_data, to_array
from ..array.array import Array, clock, leaf
from ..array.trace import spec_of
from ..errors import DifferentiationError, ShapeError, TraceError
from ..ir import Glyph, Notation, Op, Rule, Spec, user_site
from .api import grad
from .arguments import name_of, outputs_of, unwrapped, uses_arrays_before
from .custom import apply_black_box
from .linear import Flat, LinearSystem, Solve, pulled_by
from .transforms import vjp

__all__ = ["implicit"]


@dataclass(frozen=True, eq=False)
class Problem:
    """F(x, θ) = 0, over flat tuples of arrays.

    Attributes:
        name: what a picture calls it.
        specs: those of the unknowns x.
        residual: F of the unknowns and the parameters; it gives as many arrays as there are unknowns.
        solve: the unknowns from the parameters, in NumPy.
    """

    name: str
    specs: tuple[Spec, ...]
    residual: Callable[[Flat, Flat], Flat]
    solve: Callable[[Flat], Flat]

    @cached_property
    def adjoint(self) -> LinearSystem:
        """(∂F/∂x)ᵀ·λ = ∂L/∂x, whose matrix depends on x and θ."""
        n = len(self.specs)

        def product(given: Flat) -> Callable[[Flat], Flat]:
            def at(*xs: Any) -> Flat:
                return self.residual(xs, given[n:])

            return vjp(at, *given[:n])[1]

        return LinearSystem(f"{self.name}ᵀ", self.specs, product)


@dataclass(frozen=True)
class Implicit(Op, register=False):
    """x with F(x, θ) = 0. ∂L/∂θ = −λᵀ·∂F/∂θ, where (∂F/∂x)ᵀ·λ = ∂L/∂x."""

    problem: Problem

    signature = "*thetas -> *xs"
    glyph = Glyph("{label}")
    notation = Notation("{label}({thetas:0:, })")

    @property
    def label(self) -> str:
        """The solver's name."""
        return self.problem.name

    @property
    def outputs(self) -> int:
        return len(self.problem.specs)

    def attributes(self) -> dict[str, Any]:
        return {"label": self.label}

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        return self.problem.specs

    def forward(self, *thetas: Rule) -> Rule:
        return self.problem.solve(thetas)

    def backward(self, g: Rule, thetas: Rule, xs: Rule) -> Rule:
        gs = [np.zeros_like(x) if given is None else given for given, x in zip(g, xs, strict=True)]
        lambdas = Solve(self.problem.adjoint)(*gs, *xs, *thetas)
        pulled = pulled_by(lambda *given: self.problem.residual(tuple(xs), given), thetas, lambdas)
        return tuple(None if g is None else -g for g in pulled)


def implicit(
    residual: Callable[..., Any] | None = None,
    *,
    fixed_point: Callable[..., Any] | None = None,
    objective: Callable[..., Any] | None = None,
    like: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make what a solver finds differentiable, whatever the solver is: only what it solves is looked at.

    Where F(x, θ) = 0, ∂x/∂θ = −(∂F/∂x)⁻¹·∂F/∂θ. Backward: (∂F/∂x)ᵀ·λ = ∂L/∂x is solved, directly for up to
    200 unknowns and by GMRES from products above, and ∂L/∂θ = −λᵀ·∂F/∂θ. The linear system is a node of its
    own with a derivative of its own, so there are all orders, and forward mode.

    Method: M. Blondel et al., *Efficient and Modular Implicit Differentiation*, NeurIPS 2022.

    Args:
        residual: F(x, *θ), of diagrad operations; it gives the structure of x.
        fixed_point: instead, f with x = f(x, *θ).
        objective: instead, a function of (x, *θ), a scalar, of which x is a minimum.
        like: of θ, something with the structure, shapes and dtypes of x: needed only where the solver cannot
            run, under :func:`trace` and in :func:`vmap`.

    Returns:
        A decorator for the solver, a function of θ: arrays, or structures of them, in NumPy. It may do
        anything; keyword arguments go to it alone.

    Raises:
        TypeError: not exactly one of the three is given.
        ShapeError: F does not give the structure of x.
        DifferentiationError: F uses an Array that is no argument; or, when a gradient is asked, ∂F/∂x is
            singular.
        TraceError: the argument is traced and ``like`` is not given.

    >>> import diagrad as dg
    >>> @dg.implicit(lambda x, a: x * x - a)
    ... def root(a):
    ...     return a**0.5
    >>> dg.grad(root)(4.0), dg.grad(dg.grad(root))(4.0)
    (np.float64(0.25), np.float64(-0.03125))
    """
    if sum(f is not None for f in (residual, fixed_point, objective)) != 1:
        raise TypeError("implicit takes one of residual, fixed_point= and objective=")
    function = residual or (_from_fixed_point(fixed_point) if fixed_point else grad(objective or name_of))

    def decorate(solver: Callable[..., Any]) -> Callable[..., Any]:
        name = name_of(solver).strip("<>")

        @wraps(solver)
        def solved(*args: Any, **options: Any) -> Any:
            thetas = [to_array(x) for x in tree.leaves(args)]

            def run(given: Flat) -> Any:
                return solver(*tree.shaped_as(args_like, given), **options)

            args_like = tree.map_paths(lambda _path, x: spec_of(x), args, "")
            traced = any(x.traced for x in thetas)
            found = _shapes(like, args, name) if traced else run(tuple(_own(x) for x in thetas))
            shape = tree.map_paths(lambda _path, x: spec_of(x), found, "")

            def flat_residual(xs: Flat, given: Flat) -> Flat:
                return tuple(
                    tree.leaves(function(tree.shaped_as(shape, xs), *tree.shaped_as(args_like, given)))
                )

            def flat_solve(given: Flat) -> Flat:
                return tuple(as_data(_bare(x)) for x in tree.leaves(run(given)))

            problem = Problem(name, tuple(tree.leaves(shape)), flat_residual, flat_solve)
            _check(problem, thetas)
            results = None if traced else tuple(as_data(_bare(x)) for x in tree.leaves(found))
            return tree.shaped_as(shape, apply_black_box(Implicit(problem), thetas, results))

        @wraps(solver)
        def public(*args: Any, **options: Any) -> Any:
            made = solved(*args, **options)
            keep = any(y._active or y.traced for y in tree.leaves(made))
            keep = keep or any(isinstance(x, Array) for x in tree.leaves(args))
            return made if keep else tree.map_paths(lambda _path, y: unwrapped(y), made, "")

        return public

    return decorate


def _from_fixed_point(function: Callable[..., Any]) -> Callable[..., Any]:
    def residual(x: Any, *thetas: Any) -> Any:
        return tuple(a - b for a, b in zip(tree.leaves(function(x, *thetas)), tree.leaves(x), strict=True))

    return residual


def _own(x: Array) -> Any:
    return np.array(x._data)[()]


def _bare(x: Any) -> Any:
    return x._data if isinstance(x, Array) else x


def _shapes(like: Callable[..., Any] | None, args: Sequence[Any], name: str) -> Any:
    if like is None:
        raise TraceError(
            f"{name} cannot run on traced arrays, and does not say what it would give",
            where=str(user_site(1)),
            expected="like=, a function that gives something of the solution's shapes and dtypes",
            got="none",
            fix="for example implicit(residual, like=lambda theta: theta)",
        )
    return like(*args)


def _check(problem: Problem, thetas: Sequence[Array]) -> None:
    """F must give the structure of x, and use nothing differentiable but its arguments."""
    floor = clock()
    xs = tuple(leaf(x, "input") for x in problem.specs)
    ys = outputs_of(list(problem.residual(xs, tuple(leaf(x.spec, "input") for x in thetas))))
    got, want = [y.shape for y in ys], [x.shape for x in problem.specs]
    if got != want:
        raise ShapeError(
            f"{problem.name}: the residual does not have the shapes of the solution",
            where=str(user_site(1)),
            expected=", ".join(map(str, want)),
            got=", ".join(map(str, got)),
            fix="give one equation for each unknown, in the structure of the solution",
        )
    if any(uses_arrays_before(y, floor) for y in ys):
        raise DifferentiationError(
            f"{problem.name}: the residual uses a differentiable Array that is not among its arguments",
            where=str(user_site(1)),
            expected="every parameter as an argument",
            got="one through a closure",
            fix="pass it to the solver and to the residual, or use x.detach()",
        )
