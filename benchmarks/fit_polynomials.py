"""Fits the polynomials of the native engine's vector math and writes them as Python.

    python -m benchmarks.fit_polynomials > src/diagrad/native/math/coefficients.py

Each is the Chebyshev interpolant of a smooth factor of the function on the interval that argument reduction
leaves, which is within a few percent of the best polynomial (N. J. Higham & L. N. Trefethen); its degree is
the least with which the relative error stays below a quarter of the last bit.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp

BITS = {"f4": 24, "f8": 53}


def fit(
    f: Callable[[mp.mpf], mp.mpf], low: mp.mpf, high: mp.mpf, bits: int, scale: float = 1.0
) -> list[float]:
    """Coefficients, the constant one first, with an error below ``scale`` · 2⁻ᵇⁱᵗˢ / 4."""
    for degree in range(1, 40):
        coefficients, error = mp.chebyfit(f, [low, high], degree + 1, error=True)
        if error < scale * mp.mpf(2) ** (-bits) / 4:
            return [float(c) for c in reversed(coefficients)]
    raise ValueError("no polynomial of degree below 40 is good enough")


def series(f: Callable[[mp.mpf], mp.mpf], at_zero: mp.mpf) -> Callable[[mp.mpf], mp.mpf]:
    """``f`` with its limit at 0, where the formula has none."""
    return lambda x: at_zero if abs(x) < mp.mpf(10) ** -18 else f(x)


def main() -> None:
    """Print the module."""
    mp.mp.dps = 50
    half, ln2 = mp.mpf(1) / 2, mp.log(2)
    widest = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
    quarter = (mp.pi / 4) ** 2 * mp.mpf("1.02")
    tables = {
        # (eʳ − 1 − r) / r² on |r| ≤ ln 2 / 2
        "EXP": (series(lambda r: (mp.exp(r) - 1 - r) / r**2, half), -ln2 / 2 * 1.01, ln2 / 2 * 1.01, 2.0),
        # (log((1+s)/(1−s)) / s − 2) / s² of z = s²
        "LOG": (
            series(lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z, mp.mpf(2) / 3),
            mp.mpf(0),
            widest**2 * 1.02,
            8.0,
        ),
        # (sin r / r − 1) / r² and (cos r − 1 + r²/2) / r⁴ of z = r²
        "SIN": (
            series(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, -mp.mpf(1) / 6),
            mp.mpf(0),
            quarter,
            0.5,
        ),
        "COS": (
            series(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, mp.mpf(1) / 24),
            mp.mpf(0),
            quarter,
            0.5,
        ),
        # erf x / x of z = x² on |x| ≤ 1
        "ERF": (
            series(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z), 2 / mp.sqrt(mp.pi)),
            mp.mpf(0),
            mp.mpf(1),
            0.5,
        ),
    }
    print('"""Coefficients, the constant first, written by ``benchmarks/fit_polynomials.py``."""\n')
    for name, (f, low, high, scale) in tables.items():
        print(f"{name} = {{")
        for kind, bits in BITS.items():
            print(f'    "{kind}": {tuple(fit(f, low, high, bits, scale))!r},')
        print("}")
    # log erfc x on 1 ≤ x ≤ 4, for float32
    tail = fit(lambda x: mp.log(mp.erfc(x)), mp.mpf(1), mp.mpf(4), 24, 4.0)
    print(f"ERFC_TAIL = {tuple(tail)!r}")


if __name__ == "__main__":
    main()
