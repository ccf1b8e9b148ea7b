"""The errors of the native engine's vector math in units in the last place, as a table for the docs.

float32: every number of the domain, against NumPy's float64. float64: random numbers, against mpmath.

    python benchmarks/vector_accuracy.py [--names exp,log] [--count 50000]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np
from scipy import special

import diagrad as dg

Array = np.ndarray[Any, Any]
BLOCK = 2**22


@dataclass(frozen=True)
class Function:
    """What a function is compared with, and where."""

    double: Callable[[Array], Array]
    exact: Callable[[Any], Any]
    low: float
    high: float
    """float64 is drawn from here."""
    one_sign: bool = True
    """Whether positive float32 suffice: the function is odd or even, or has no other values."""
    largest: float = np.inf


def _log2(x: Any) -> Any:
    return mp.log(x) / mp.log(2)


FUNCTIONS = {
    "exp": Function(np.exp, mp.exp, -700, 700, one_sign=False),
    "expm1": Function(np.expm1, mp.expm1, -5, 5, one_sign=False),
    "exp2": Function(np.exp2, lambda x: mp.mpf(2) ** x, -1000, 1000, one_sign=False),
    "log": Function(np.log, mp.log, 0, 4),
    "log1p": Function(np.log1p, mp.log1p, -1, 2, one_sign=False),
    "log2": Function(np.log2, _log2, 0, 4),
    "log10": Function(np.log10, mp.log10, 0, 4),
    "tanh": Function(np.tanh, mp.tanh, -4, 4),
    "sigmoid": Function(special.expit, lambda x: 1 / (1 + mp.exp(-x)), -20, 20, one_sign=False),
    "erf": Function(special.erf, mp.erf, -4, 4),
    "erfc": Function(special.erfc, mp.erfc, -4, 26, one_sign=False),
    "sin": Function(np.sin, mp.sin, -1e5, 1e5, largest=1e5),
    "cos": Function(np.cos, mp.cos, -1e5, 1e5, largest=1e5),
    "tan": Function(np.tan, mp.tan, -1e5, 1e5, largest=1e5),
    "asin": Function(np.arcsin, mp.asin, -1, 1),
    "acos": Function(np.arccos, mp.acos, -1, 1, one_sign=False),
    "atan": Function(np.arctan, mp.atan, -8, 8),
    "sinh": Function(np.sinh, mp.sinh, -4, 4),
    "cosh": Function(np.cosh, mp.cosh, -4, 4),
    "asinh": Function(np.arcsinh, mp.asinh, -8, 8),
    "acosh": Function(np.arccosh, mp.acosh, 1, 8),
    "atanh": Function(np.arctanh, mp.atanh, -1, 1),
    "cbrt": Function(np.cbrt, lambda x: mp.sign(x) * mp.cbrt(abs(x)), -8, 8),
}


def largest_error(y: Array, right: Array) -> float:
    """In units in the last place of ``y``; where both overflow there is none."""
    rounded = right.astype(y.dtype)
    real = np.isfinite(rounded)
    if not np.array_equal(y[~real], rounded[~real], equal_nan=True):
        return np.inf
    wrong = np.abs(y[real].astype(right.dtype) - right[real]) / np.spacing(np.abs(rounded[real]))
    return float(np.max(wrong, initial=0.0))


def single(f: Any, case: Function) -> float:
    """Over all float32."""
    worst = 0.0
    for sign in (0,) if case.one_sign else (0, 2**31):
        for start in range(0, 0x7F800001, BLOCK):
            bits = np.arange(start, min(start + BLOCK, 0x7F800001), dtype=np.uint32) + np.uint32(sign)
            x = bits.view(np.float32)
            if np.abs(x[0]) > case.largest:
                break
            x = np.where(np.abs(x) <= case.largest, x, np.float32(1))
            worst = max(worst, largest_error(f(x), case.double(x.astype(np.float64))))
    return worst


def double(f: Any, case: Function, count: int) -> float:
    """Over random float64."""
    x = np.random.default_rng(0).uniform(case.low, case.high, count)
    values = [case.exact(mp.mpf(t)) for t in x.tolist()]
    high = np.array([float(v) for v in values])
    rest = np.array([float(v - float(v)) for v in values])
    return largest_error(f(x), high.astype(np.longdouble) + rest)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--names", default=",".join(FUNCTIONS))
    parser.add_argument("--count", type=int, default=50_000)
    arguments = parser.parse_args()
    print("| function | float32 | float64 |\n|---|---|---|")
    for name in arguments.names.split(","):
        f, case = dg.compile(getattr(dg, name)), FUNCTIONS[name]
        with mp.workdps(30), np.errstate(all="ignore"):
            print(
                f"| `{name}` | {single(f, case):.2f} | {double(f, case, arguments.count):.2f} |", flush=True
            )


if __name__ == "__main__":
    main()
