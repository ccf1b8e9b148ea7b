"""The logarithm of the gamma function and its derivatives, all from one function: Hurwitz's zeta.

ζ(s, a) = Σₖ (a + k)⁻ˢ gives ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x) and, as Taylor coefficients, ln Γ near its
zeros 1 and 2 and ψ near its root, where a plain sum would cancel. Methods: Euler–Maclaurin summation for ζ,
Stirling's series, recurrence and reflection (NIST *Digital Library of Mathematical Functions*, §§ 5.5, 5.7,
5.11, 25.11). Tested against SciPy: within 2·10⁻¹⁵ relative for x > 0; for x < 0 absolute near the zeros.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from .double import Doubles, in_double, piecewise, polynomial

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
              -174611 / 330, 854513 / 138, -236364091 / 2730)  # fmt: skip
"""B₂, B₄, B₆ …"""

_ROOT = (1.4616321449683622, 9.549995429965697e-17)
"""The positive root of ψ, in two parts."""

_GAMMA = 0.5772156649015329
_TERMS = 12


def zeta(s: int, a: Doubles) -> Doubles:
    """ζ(s, a) = Σₖ (a + k)⁻ˢ for an integer s > 1 and a > 0: first terms, then the rest as an integral."""
    end = a + _TERMS
    power = end**-s
    factor: Any = s / end
    rest = power * (end / (s - 1) + 0.5)
    for j, b in enumerate(_BERNOULLI):
        rest = rest + b / math.factorial(2 * j + 2) * power * factor
        factor = factor * (s + 2 * j + 1) * (s + 2 * j + 2) / (end * end)
    for k in range(_TERMS - 1, -1, -1):
        rest = rest + (a + k) ** -s
    return rest


@cache
def _near_two() -> tuple[float, ...]:
    """ln Γ(2 + t) / t in t: 1 − γ, then (−1)ᵏ (ζ(k) − 1) / k."""
    terms = [float((-1) ** k * zeta(k, np.array(2.0)) / k) for k in range(2, 30)]
    return (1 - _GAMMA, *terms)


@cache
def _near_root() -> tuple[float, ...]:
    """ψ(root + t) / t in t."""
    return tuple(float((-1) ** k * zeta(k + 2, np.array(_ROOT[0]))) for k in range(42))


def _frac(x: Doubles) -> Doubles:
    """x less the nearest integer: exact, and in the place of x where a period of 1 allows it."""
    return x - np.rint(x)


@in_double
def log_gamma(x: Doubles) -> Doubles:
    """ln |Γ(x)|: +∞ at 0, −1, −2 … and at ±∞."""
    return piecewise(x, (x >= 0.5, _log_gamma), (x < 0.5, _log_gamma_left))


def _log_gamma_left(x: Doubles) -> Doubles:
    def reflected(x: Doubles) -> Doubles:
        sine = np.abs(np.sin(np.pi * _frac(x)))
        return np.log(np.pi / sine) - _log_gamma(1 - x)

    return piecewise(
        x,
        (np.abs(x) < 0.5, lambda x: _log_gamma(x + 1) - np.log(np.abs(x))),
        ((x <= -0.5) & (x != np.floor(x)), reflected),
        ((x <= -0.5) & (x == np.floor(x)), lambda x: np.full_like(x, np.inf)),
    )


def _log_gamma(x: Doubles) -> Doubles:
    """ln Γ(x), x ≥ 0.5."""

    def near_two(x: Doubles) -> Doubles:
        return (x - 2) * polynomial(_near_two(), x - 2)

    def near_one(x: Doubles) -> Doubles:
        return (x - 1) * polynomial(_near_two(), x - 1) - np.log1p(x - 1)

    def recurrence(x: Doubles) -> Doubles:
        product = np.ones_like(x)
        for _ in range(8):
            high = x > 2.5
            x = np.where(high, x - 1, x)
            product = np.where(high, product * x, product)
        return np.log(product) + near_two(x)

    def stirling(x: Doubles) -> Doubles:
        u = 1 / x
        terms = [b / ((2 * j + 1) * (2 * j + 2)) for j, b in enumerate(_BERNOULLI[:10])]
        return (
            (x - 0.5) * (np.log(x) - 1) + (0.5 * math.log(2 * math.pi) - 0.5) + u * polynomial(terms, u * u)
        )

    return piecewise(
        x,
        (x < 1.5, near_one),
        ((x >= 1.5) & (x <= 2.5), near_two),
        ((x > 2.5) & (x < 10), recurrence),
        ((x >= 10) & (x < np.inf), stirling),
        (x == np.inf, lambda x: x),
    )


@in_double
def digamma(x: Doubles) -> Doubles:
    """ψ(x) = d ln Γ / dx: ∓∞ at ±0, NaN at −1, −2 and so on."""

    def reflected(x: Doubles) -> Doubles:
        pole = x == np.floor(x)
        return np.where(pole, np.nan, _digamma(1 - x) - np.pi / np.tan(np.pi * _frac(x)))

    return piecewise(
        x,
        (x > 0, _digamma),
        (x == 0, lambda x: np.copysign(np.inf, -x)),
        ((x < 0) & (x > -0.5), lambda x: _digamma(x + 1) - 1 / x),
        (x <= -0.5, reflected),
    )


def _digamma(x: Doubles) -> Doubles:
    """ψ(x), x > 0."""

    def near_root(x: Doubles) -> Doubles:
        t = (x - _ROOT[0]) - _ROOT[1]
        return t * polynomial(_near_root(), t)

    def large(x: Doubles) -> Doubles:
        before = np.zeros_like(x)
        for _ in range(9):
            low = x < 10
            before = np.where(low, before + 1 / x, before)
            x = np.where(low, x + 1, x)
        u = 1 / x
        terms = [-b / (2 * j + 2) for j, b in enumerate(_BERNOULLI[:10])]
        return np.where(x == np.inf, x, np.log(x) - u / 2 + u * u * polynomial(terms, u * u) - before)

    low = x < 0.96
    above = np.where(low, x + 1, x)
    near = np.abs(above - _ROOT[0]) < 0.5
    y = piecewise(above, (near, near_root), (~near, large))
    return np.where(low, y - 1 / x, y)


@in_double
def polygamma(x: Doubles, n: int) -> Doubles:
    """ψ⁽ⁿ⁾(x), n ≥ 1: (−1)ⁿ⁺¹ ∞ at 0, −1, −2 and so on."""
    sign = (-1.0) ** (n + 1)

    def right(x: Doubles) -> Doubles:
        scale = math.gamma(n + 1) if n < 171 else math.inf
        return sign * scale * np.where(x == np.inf, 0.0, zeta(n + 1, x))

    def left(x: Doubles) -> Doubles:
        pole = x == np.floor(x)
        cotangent = 1 / np.tan(np.pi * _frac(x))
        turned = -sign * right(1 - x) - np.pi ** (n + 1) * polynomial(_cotangent(n), cotangent)
        return np.where(pole, sign * np.inf, turned)

    return piecewise(x, (x > 0, right), ((x <= 0) & (x > -np.inf), left))


@cache
def _cotangent(n: int) -> tuple[float, ...]:
    """The n-th derivative of cot t as a polynomial in c = cot t: each step takes P to −(1 + c²) P′."""
    p = np.polynomial.Polynomial([0.0, 1.0])
    for _ in range(n):
        p = -np.polynomial.Polynomial([1.0, 0.0, 1.0]) * p.deriv()
    return tuple(p.coef)
