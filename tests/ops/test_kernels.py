"""The special functions against SciPy's, over the ranges where they are used, with stated bounds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from diagrad.ops import kernels

special = pytest.importorskip("scipy.special")

EPS = np.finfo(float).eps


def spread(rng: np.random.Generator, low: float, high: float, *decades: float) -> np.ndarray[Any, Any]:
    """Evenly drawn numbers, and some between two powers of ten."""
    extra = 10.0 ** rng.uniform(*decades, 300) if decades else np.zeros(0)
    return np.concatenate([rng.uniform(low, high, 2000), extra])


CASES: list[tuple[str, Callable[..., Any], Callable[..., Any], tuple[float, ...], float]] = [
    ("erf", kernels.erf, special.erf, (-6, 6, -300, 0), 2e-15),
    ("erfc", kernels.erfc, special.erfc, (-6, 4), 2e-15),
    ("erfinv", kernels.erfinv, special.erfinv, (-1, 1, -300, -1), 2e-15),
    ("log_gamma", kernels.log_gamma, special.gammaln, (3, 20, 1, 300), 2e-15),
    ("digamma", kernels.digamma, special.digamma, (0, 20, -300, 300), 5e-15),
    ("trigamma", partial(lambda n, x: kernels.polygamma(x, n), 1), partial(special.polygamma, 1),
     (0.01, 20, 1, 5), 4e-15),
    ("ψ⁽⁵⁾", partial(lambda n, x: kernels.polygamma(x, n), 5), partial(special.polygamma, 5),
     (0.01, 20, 1, 5), 4e-15),
]  # fmt: skip


@pytest.mark.parametrize(("name", "mine", "theirs", "where", "bound"), CASES, ids=[c[0] for c in CASES])
def test_relative_error(
    name: str, mine: Any, theirs: Any, where: tuple[float, ...], bound: float, rng: np.random.Generator
):
    x = spread(rng, *where)
    np.testing.assert_allclose(mine(x), theirs(x), rtol=bound, atol=0)


@pytest.mark.parametrize(
    ("kernel", "name", "low", "high"),
    [
        (kernels.erf, "erf", -6, 6),
        (kernels.erfc, "erfc", -6, 26),
        (kernels.erfinv, "erfinv", -1, 1),
        (kernels.log_gamma, "loggamma", 0, 12),
        (kernels.digamma, "digamma", 0, 12),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_against_forty_digits(kernel: Any, name: str, low: float, high: float, rng: np.random.Generator):
    """Where SciPy's own error would show: near the zeros, and in the far tail."""
    mpmath = pytest.importorskip("mpmath")
    x = np.concatenate([rng.uniform(low, high, 300), rng.uniform(max(low, 0), min(high, 3), 300)])
    with mpmath.workdps(40):
        want = [float(getattr(mpmath, name)(mpmath.mpf(float(e)))) for e in x]
    np.testing.assert_allclose(kernel(x), want, rtol=2e-15, atol=0)


def test_erfc_in_the_far_tail(rng: np.random.Generator):
    """SciPy's own error grows with x², as e^(−x²) does: half a unit of x² is what it may differ by."""
    x = rng.uniform(5, 26.5, 2000)
    error = np.abs(kernels.erfc(x) / special.erfc(x) - 1)
    assert np.max(error / (x * x)) < 2 * EPS
    assert kernels.erfc(np.float64(30)) == 0


@pytest.mark.parametrize("zero", [1.0, 2.0])
def test_log_gamma_near_its_zeros(zero: float):
    """ln Γ(zero + t) ≈ ψ(zero) t + ψ′(zero) t² / 2."""
    t = np.array([1e-3, 1e-6, 1e-9, 1e-12, -1e-6, -1e-12])
    t = (zero + t) - zero
    want = t * (special.digamma(zero) + t / 2 * special.polygamma(1, zero))
    np.testing.assert_allclose(kernels.log_gamma(zero + t)[1:], want[1:], rtol=1e-12)
    assert kernels.log_gamma(np.float64(zero)) == 0


def test_digamma_near_its_root():
    root = 1.4616321449683622
    x = root + np.array([1e-3, 1e-8, -1e-8, 1e-12])
    np.testing.assert_allclose(kernels.digamma(x), special.digamma(x), rtol=1e-14)
    assert 0 < -kernels.digamma(np.float64(root)) < 1e-15


def second_by_reflection(x: Any) -> Any:
    """ψ″(1 − x) − ψ″(x) = π d²/dx² cot πx = 2π³ cot πx / sin² πx."""
    return special.polygamma(2, 1 - x) - 2 * np.pi**3 / np.tan(np.pi * x) / np.sin(np.pi * x) ** 2


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (kernels.log_gamma, special.gammaln),
        (kernels.digamma, special.digamma),
        (lambda x: kernels.polygamma(x, 2), second_by_reflection),
    ],
    ids=["log_gamma", "digamma", "polygamma"],
)
def test_reflection(mine: Any, theirs: Any, rng: np.random.Generator):
    """Absolute near the zeros between the poles, relative elsewhere."""
    x = rng.uniform(-10, 0, 1000)
    x = x[np.abs(x - np.rint(x)) > 0.05]
    want = theirs(x)
    assert np.max(np.abs(mine(x) - want) / np.maximum(1, np.abs(want))) < 1e-12


SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -1.0])


@pytest.mark.parametrize(
    ("kernel", "want"),
    [
        (kernels.erf, [0, 0, 1, -1, np.nan, special.erf(-1)]),
        (kernels.erfc, [1, 1, 0, 2, np.nan, special.erfc(-1)]),
        (kernels.erfinv, [0, 0, np.nan, np.nan, np.nan, -np.inf]),
        (kernels.log_gamma, [np.inf, np.inf, np.inf, np.inf, np.nan, np.inf]),
        (kernels.digamma, [-np.inf, np.inf, np.inf, np.nan, np.nan, np.nan]),
        (lambda x: kernels.polygamma(x, 1), [np.inf, np.inf, 0, np.nan, np.nan, np.inf]),
        (lambda x: kernels.polygamma(x, 2), [-np.inf, -np.inf, 0, np.nan, np.nan, -np.inf]),
    ],
)
def test_poles_and_infinities(kernel: Any, want: list[float]):
    np.testing.assert_allclose(kernel(SPECIAL), want, rtol=1e-15)
    for dtype in (np.float16, np.float32):
        assert kernel(SPECIAL.astype(dtype)).dtype == dtype
        assert type(kernel(dtype(0.5))) is dtype


@pytest.mark.parametrize("order", range(8))
def test_sinc_of_every_order(order: int):
    """At 0 the derivative is (−1)ᵐ π²ᵐ / (2m + 1) of even order 2m, 0 of odd; elsewhere the integral holds:
    f⁽ⁿ⁾(x) = πⁿ ∫₀¹ sⁿ cos(πxs + nπ/2) ds.
    """
    node, weight = np.polynomial.legendre.leggauss(60)
    s, w = (node + 1) / 2, weight / 2
    x = np.linspace(-7, 7, 57)
    want = np.pi**order * (w * s**order * np.cos(np.pi * x[:, None] * s + order * np.pi / 2)).sum(1)
    np.testing.assert_allclose(kernels.sinc(x, order), want, rtol=0, atol=3e-14 * np.pi**order)
    exact = 0 if order % 2 else (-1) ** (order // 2) * np.pi**order / (order + 1)
    assert np.isclose(kernels.sinc(np.float64(0), order), exact, rtol=1e-15)
