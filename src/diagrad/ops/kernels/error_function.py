"""The error function, its complement and its inverse.

Methods: rational Chebyshev approximations of W. J. Cody, *Math. Comp.* 23 (1969) 631–637, with e^(−x²) split
so that rounding x² costs nothing; the inverse by M. J. Wichura, algorithm AS 241, *Appl. Statist.* 37 (1988)
477–484. Tested against SciPy: erf and erfc within 2·10⁻¹⁵ relative, erfc down to the smallest normal number.
"""

from __future__ import annotations

import numpy as np

from .double import Doubles, in_double, piecewise, polynomial

_NEAR = (
    (3.20937758913846947e03, 3.77485237685302021e02, 1.13864154151050156e02, 3.16112374387056560e00,
     1.85777706184603153e-1),
    (2.84423683343917062e03, 1.28261652607737228e03, 2.44024637934444173e02, 2.36012909523441209e01, 1.0),
)  # fmt: skip
"""erf(x) / x in x², |x| ≤ 15/32."""

_MIDDLE = (
    (1.23033935479799725e03, 2.05107837782607147e03, 1.71204761263407058e03, 8.81952221241769090e02,
     2.98635138197400131e02, 6.61191906371416295e01, 8.88314979438837594e00, 5.64188496988670089e-1,
     2.15311535474403846e-8),
    (1.23033935480374942e03, 3.43936767414372164e03, 4.36261909014324716e03, 3.29079923573345963e03,
     1.62138957456669019e03, 5.37181101862009858e02, 1.17693950891312499e02, 1.57449261107098347e01, 1.0),
)  # fmt: skip
"""e^(x²) erfc(x) in x, 15/32 ≤ x ≤ 4."""

_FAR = (
    (6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1, 3.60344899949804439e-1,
     3.05326634961232344e-1, 1.63153871373020978e-2),
    (2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346725e00,
     2.56852019228982242e00, 1.0),
)  # fmt: skip
"""(1/√π − x e^(x²) erfc(x)) · x² in 1/x², x ≥ 4."""

_QUANTILE_CENTRE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
     3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)  # fmt: skip
_QUANTILE_TAIL = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
     1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2,
     7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
_QUANTILE_END = (
    (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5,
     2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15),
)  # fmt: skip

Rational = tuple[tuple[float, ...], tuple[float, ...]]


def _ratio(coefficients: Rational, x: Doubles) -> Doubles:
    return polynomial(coefficients[0], x) / polynomial(coefficients[1], x)


def _gaussian(x: Doubles) -> Doubles:
    """e^(−x²): x = t + d with t² exact, so that x² = t² + d (x + t) is not rounded before it is raised."""
    t = np.trunc(x * 16) / 16
    return np.exp(-t * t) * np.exp(-(x - t) * (x + t))


def _near(x: Doubles) -> Doubles:
    """erf(x) near 0."""
    return x * _ratio(_NEAR, x * x)


def _tail(x: Doubles) -> Doubles:
    """erfc(x), x ≥ 15/32."""

    def far(x: Doubles) -> Doubles:
        u = 1 / (x * x)
        scaled = (1 / np.sqrt(np.pi) - u * _ratio(_FAR, u)) / x
        return _gaussian(np.minimum(x, 30.0)) * scaled  # erfc(30) is 0 already

    return piecewise(x, (x <= 4, lambda x: _gaussian(x) * _ratio(_MIDDLE, x)), (x > 4, far))


@in_double
def erf(x: Doubles) -> Doubles:
    """2/√π ∫₀ˣ e^(−t²) dt."""
    a = np.abs(x)
    return piecewise(x, (a <= 0.46875, _near), (a > 0.46875, lambda x: np.copysign(1 - _tail(np.abs(x)), x)))


@in_double
def erfc(x: Doubles) -> Doubles:
    """1 − erf(x), accurate where that is tiny."""
    return piecewise(
        x,
        (np.abs(x) <= 0.46875, lambda x: 1 - _near(x)),
        (x > 0.46875, _tail),
        (x < -0.46875, lambda x: 2 - _tail(-x)),
    )


@in_double
def erfinv(x: Doubles) -> Doubles:
    """The y with erf(y) = x: ±∞ at ±1, NaN outside."""

    def centre(x: Doubles) -> Doubles:
        q = x / 2
        return q * _ratio(_QUANTILE_CENTRE, 0.180625 - q * q)

    def end(x: Doubles) -> Doubles:
        r = np.sqrt(-np.log((1 - np.abs(x)) / 2))
        return np.copysign(
            piecewise(
                r,
                (r <= 5, lambda r: _ratio(_QUANTILE_TAIL, r - 1.6)),
                ((r > 5) & (r < np.inf), lambda r: _ratio(_QUANTILE_END, r - 5)),
                (r == np.inf, lambda r: r),
            ),
            x,
        )

    a = np.abs(x)
    return piecewise(x, (a <= 0.85, centre), ((a > 0.85) & (a <= 1), end)) / np.sqrt(2)
