"""Check gradients against numerical differentiation."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..array import functions as f
from ..array import tree
from ..array.array import Array
from ..autodiff import grad
from ..errors import NotDifferentiableError
from ..ir import user_site
from .report import GradientReport, GradientRow, Method, mismatch

Numbers = np.ndarray[Any, Any]
Scalar = Callable[[list[Any]], Any]
"""A scalar function of a list of arrays."""


def check_gradients(
    function: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    order: Literal[1, 2] = 1,
    eps: float | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-10,
    complex_step: Literal["auto"] | bool = "auto",
    seed: int = 0,
) -> GradientReport:
    """Compare the gradients of a function with numerical ones, element by element, in float64.

    A result that is not a scalar is contracted with fixed random weights, L = Σ w · y, so one check covers
    the whole Jacobian. The relative error is |a − n| / max(|a|, |n|, atol / rtol).

    Args:
        function: gives an array, or a list, tuple or dict of arrays.
        args: where to check: arrays, numbers, or lists, tuples and dicts of them. Stay clear of kinks.
        argnums: which arguments to check; by default all floating-point ones.
        order: 2 checks the gradient of the gradient as well.
        eps: the step; by default one that balances truncation and rounding.
        rtol: the largest relative error allowed.
        atol: the absolute error that is always allowed.
        complex_step: take the complex step, exact to rounding, where the function runs on complex numbers
            (``"auto"``), always, or never.
        seed: of the weights.

    Returns:
        A :class:`GradientReport`; ``print`` it to see a table.

    Raises:
        GradientMismatchError: a gradient is wrong; the text shows where and by how much.
        NotDifferentiableError: nothing can be differentiated.

    Method: central differences of fourth order, [f(x−2h) − 8f(x−h) + 8f(x+h) − f(x+2h)] / 12h (Fornberg
    1988); complex step Im f(x + ih) / h (Squire & Trapp 1998).

    >>> import diagrad as dg
    >>> report = dg.testing.check_gradients(lambda x, y: dg.sin(x) * y, [1.0, 2.0], 3.0, order=2)
    >>> report.error < 1e-6
    True
    """
    check = _Check(function, args, argnums, seed)
    rows = _compare(check, check.loss, 1, eps, rtol, atol, complex_step)
    if order == 2:
        rows += _compare(check, check.slope, 2, eps, rtol, atol, complex_step)
    report = GradientReport(tuple(rows))
    worst = max(rows, key=lambda row: row.error, default=None)
    if worst is not None and not worst.error <= rtol:
        raise mismatch(check.name, worst, report, rtol)
    return report


@dataclass(frozen=True)
class _Place:
    """Stands in the arguments for an array that is checked."""

    number: int


class _Check:
    """A function as a scalar function of a flat list of float64 arrays."""

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], argnums: Any, seed: int) -> None:
        self.function, self.args, self.seed = function, list(args), seed
        self.name = getattr(function, "__name__", "the function")
        self.numbers = _argnums(args, argnums)
        self.labels: list[str] = []
        self.points: list[Numbers] = []
        for at in self.numbers:
            self.args[at] = tree.map_paths(self._point, args[at], _parameter(function, at))

    def _point(self, path: str, x: Any) -> _Place:
        """Remember one array to be checked."""
        data = np.asarray(x.data if isinstance(x, Array) else x)
        if data.dtype.kind not in "fc":
            raise NotDifferentiableError(
                f"{path} has dtype {data.dtype}, which has no derivative",
                where=str(user_site(3)),
                expected="a floating-point dtype",
                got=str(data.dtype),
                fix="leave it out of argnums, or pass 2.0 instead of 2",
            )
        self.labels.append(path)
        self.points.append(data.astype(np.float64))
        return _Place(len(self.points) - 1)

    def loss(self, xs: list[Any]) -> Array:
        """L = Σ w · y over all that the function gives."""
        args = list(self.args)
        for at in self.numbers:
            args[at] = tree.map_paths(lambda _path, place: xs[place.number], args[at], "")
        ys = [f.asarray(y) for y in tree.leaves(self.function(*args))]
        return self._contract([y for y in ys if y.dtype.kind in "fc"], 0)

    def slope(self, xs: list[Any]) -> Array:
        """Σ v · ∂L/∂x over all arrays: the scalar whose gradient is a product with the Hessian."""
        return self._contract(_gradients(self.loss, xs, build=True), 1)

    def _contract(self, ys: list[Array], salt: int) -> Array:
        rng = np.random.default_rng((self.seed, salt))
        terms = [f.sum(y * rng.uniform(0.5, 1.5, y.shape)) for y in ys]
        return f.add_n(*terms) if terms else f.asarray(0.0)


def _gradients(loss: Scalar, xs: Sequence[Any], build: bool = False) -> list[Any]:
    """∂loss/∂x for each array; zeros where the loss is constant and that is a derivative itself."""

    def flat(*ys: Any) -> Any:
        return loss(list(ys))

    return list(grad(flat, argnums=range(len(xs)))(*(f.asarray(x) if build else x for x in xs)))


def _compare(
    check: _Check,
    loss: Scalar,
    order: int,
    eps: float | None,
    rtol: float,
    atol: float,
    complex_step: Literal["auto"] | bool,
) -> list[GradientRow]:
    try:
        analytic = _gradients(loss, check.points)
    except NotDifferentiableError:
        if order == 1:
            raise
        analytic = [np.zeros_like(x) for x in check.points]  # the gradient of a linear function is constant
    rows: list[GradientRow] = []
    for at, (label, x) in enumerate(zip(check.labels, check.points, strict=True)):
        method, numeric = _numeric(loss, check.points, at, eps, complex_step)
        error = _errors(np.asarray(analytic[at]), numeric, atol / rtol)
        if method == "complex step" and complex_step == "auto" and not np.all(error <= rtol):
            # Not every function of real numbers is one of complex numbers: let differences decide.
            method, numeric = _numeric(loss, check.points, at, eps, complex_step=False)
            error = _errors(np.asarray(analytic[at]), numeric, atol / rtol)
        if not x.size:
            continue
        worst = np.unravel_index(int(np.argmax(error)), x.shape)
        index = tuple(int(i) for i in worst)
        a, n, e = (float(np.asarray(numbers)[index]) for numbers in (analytic[at], numeric, error))
        rows.append(GradientRow(label, order, method, x.size, index, a, n, e))
    return rows


def _numeric(
    loss: Scalar, points: Sequence[Numbers], at: int, eps: float | None, complex_step: Literal["auto"] | bool
) -> tuple[Method, Numbers]:
    if complex_step:
        try:
            return "complex step", _complex_step(loss, points, at)
        except (TypeError, NotDifferentiableError, np.exceptions.ComplexWarning):
            if complex_step != "auto":
                raise
    return "differences", _differences(loss, points, at, eps)


def _complex_step(loss: Scalar, points: Sequence[Numbers], at: int) -> Numbers:
    tiny = 1e-20
    result = np.zeros(points[at].shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        for index in np.ndindex(result.shape):
            result[index] = _value(loss, points, at, index, 1j * tiny).imag / tiny
    return result


_STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
_STEP = float(np.finfo(np.float64).eps) ** (1 / 5)
"""Where truncation, of order h⁴, and rounding, of order ε/h, are equal."""


def _differences(loss: Scalar, points: Sequence[Numbers], at: int, eps: float | None) -> Numbers:
    result = np.zeros(points[at].shape)
    for index in np.ndindex(result.shape):
        x = points[at][index]
        wish = eps or _STEP * max(abs(float(x)), 1.0)
        h = float((x + wish) - x)  # a step that is a difference of two floating-point numbers
        result[index] = sum(c * float(_value(loss, points, at, index, k * h).real) for k, c in _STENCIL) / h
    return result


def _value(
    loss: Scalar, points: Sequence[Numbers], at: int, index: tuple[int, ...], step: complex
) -> complex:
    """The scalar with one element moved."""
    xs = [x.astype(np.result_type(x, type(step))) for x in points]
    xs[at][index] += step
    return loss([f.array(x) for x in xs]).data[()]


def _errors(analytic: Numbers, numeric: Numbers, floor: float) -> Numbers:
    """|a − n| / max(|a|, |n|, floor); 0 where both are the same infinity or both NaN."""
    same = (analytic == numeric) | (np.isnan(analytic) & np.isnan(numeric))
    with np.errstate(invalid="ignore"):
        error = np.abs(analytic - numeric) / np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), floor)
    return np.where(same, 0.0, np.where(np.isnan(error), np.inf, error))


def _argnums(args: Sequence[Any], argnums: int | Sequence[int] | None) -> tuple[int, ...]:
    if argnums is not None:
        chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        return tuple(range(len(args))[at] for at in chosen)
    return tuple(at for at, arg in enumerate(args) if _is_floating(arg))


def _is_floating(arg: Any) -> bool:
    leaves = list(tree.leaves(arg))
    return bool(leaves) and all(
        np.asarray(x.data if isinstance(x, Array) else x).dtype.kind == "f" for x in leaves
    )


def _parameter(function: Callable[..., Any], at: int) -> str:
    """The name of a positional parameter, or its number."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = at < len(parameters) and parameters[at].kind is not inspect.Parameter.VAR_POSITIONAL
    return parameters[at].name if named else f"argument {at}"
