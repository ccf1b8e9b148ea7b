"""Fits the polynomials of the native engine's vector math and writes them as Python.

    python -m benchmarks.fit_polynomials > src/diagrad/native/math/coefficients.py

Each is the Chebyshev interpolant of a smooth factor of the function on the interval that argument reduction
leaves, which is within a few percent of the best polynomial (N. J. Higham & L. N. Trefethen); its degree is
the least with which the relative error stays below a quarter of the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mpmath as mp

DIGITS = {"f4": 24, "f8": 53}
ZERO = mp.mpf(0)


@dataclass(frozen=True)
class Fit:
    """A smooth function on an interval, and which error its polynomial may have."""

    f: Callable[[mp.mpf], mp.mpf]
    low: mp.mpf
    high: mp.mpf
    scale: float = 1.0
    """Quarters of the last bit of 1."""

    def coefficients(self, bits: int) -> list[float]:
        """The constant one first."""
        for count in range(2, 40):
            found, error = mp.chebyfit(self.f, [self.low, self.high], count, error=True)
            if error < self.scale * mp.mpf(2) ** -bits / 4:
                return [float(c) for c in reversed(found)]
        raise ValueError("no polynomial of degree below 39 is good enough")


def series(f: Callable[[mp.mpf], mp.mpf], at_zero: float | mp.mpf) -> Callable[[mp.mpf], mp.mpf]:
    """``f`` with its limit at 0, where the formula has none."""
    return lambda x: mp.mpf(at_zero) if abs(x) < mp.mpf(10) ** -12 else f(x)


def odd(f: Callable[[mp.mpf], mp.mpf], cubic: mp.mpf) -> Callable[[mp.mpf], mp.mpf]:
    """(f(x)/x − 1) / x² of z = x², for an odd function with slope 1."""
    return series(lambda z: (f(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, cubic)


def artanh(z: mp.mpf) -> mp.mpf:
    """2 artanh(s) / s of z = s²: log((1 + s)/(1 − s)) / s."""
    return 2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z)


def tables() -> dict[str, Fit]:
    """What is fitted, with what argument reduction leaves of its domain and a margin."""
    third = mp.mpf(1) / 3
    r = mp.log(2) / 2 * mp.mpf("1.01")
    margin = mp.log(2) / 100
    s = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.02")
    quarter = (mp.pi / 4) ** 2 * mp.mpf("1.02")
    exp = series(lambda r: (mp.exp(r) - 1 - r) / r**2, 0.5)
    log = series(lambda z: (artanh(z) - 2) / z, 2 * third)
    pair = series(lambda z: (artanh(z) - 2 - 2 * third * z) / z**2, mp.mpf(2) / 5)
    cosine = series(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, mp.mpf(1) / 24)
    erf = series(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1, 2 / mp.sqrt(mp.pi) - 1)

    def erfc(q: mp.mpf) -> mp.mpf:
        t = (1 - q) / 2
        x = 3 / t - 3
        return mp.exp(x * x) * mp.erfc(x) / t

    return {
        "EXP": Fit(exp, -r, r, 5.0),  # (eʳ − 1 − r) / r²
        "EXP_UP": Fit(exp, -margin, mp.log(2) + margin, 5.0),  # the same, for r from 0 to ln 2
        "LOG": Fit(log, ZERO, s, 8.0),  # (log((1+s)/(1−s)) / s − 2) / s² of z = s²
        "LOG_PAIR": Fit(pair, ZERO, s, 1.0),  # the next term of that
        "SIN": Fit(odd(mp.sin, -third / 2), ZERO, quarter, 0.5),
        "COS": Fit(cosine, ZERO, quarter, 0.5),  # (cos r − 1 + r²/2) / r⁴ of z = r²
        "ARCSIN": Fit(odd(mp.asin, third / 2), ZERO, mp.mpf(1) / 4 * mp.mpf("1.001"), 2.0),
        "ARCTAN": Fit(odd(mp.atan, -third), ZERO, mp.mpf(1), 0.5),
        "ERF": Fit(erf, ZERO, mp.mpf(1), 0.5),  # erf x / x − 1 of z = x²
        "ERFC": Fit(erfc, mp.mpf(-1), mp.mpf("0.81"), 0.5),  # e^(x²) erfc x / t of q = 1 − 2·t
        "LOG_ERFC": Fit(lambda x: mp.log(mp.erfc(x)), mp.mpf(1), mp.mpf(4), 4.0),
    }


WANTED = {
    "EXP": ("f4", "f8"),
    "EXP_UP": ("f4", "f8"),
    "EXP_SHORT": 30,
    "LOG": ("f4", "f8"),
    "LOG_SHORT": 38,
    "LOG_PAIR": 55,
    "SIN": ("f4", "f8"),
    "COS": ("f4", "f8"),
    "ARCSIN": ("f4", "f8"),
    "ARCTAN": ("f4", "f8"),
    "ERF": ("f4", "f8"),
    "ERFC": ("f4", "f8"),
    "LOG_ERFC": 24,
}
"""What is printed: for both dtypes, or to so many bits."""


def main() -> None:
    """Print the module."""
    mp.mp.dps = 50
    fits = tables()
    print('"""Coefficients, the constant first, written by ``benchmarks/fit_polynomials.py``."""\n')
    for name, wanted in WANTED.items():
        fit = fits[name.removesuffix("_SHORT")]
        if isinstance(wanted, int):
            print(f"{name} = {tuple(fit.coefficients(wanted))!r}")
            continue
        print(f"{name} = {{")
        for kind in wanted:
            print(f'    "{kind}": {tuple(fit.coefficients(DIGITS[kind]))!r},')
        print("}")


if __name__ == "__main__":
    main()
