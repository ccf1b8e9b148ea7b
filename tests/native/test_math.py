"""Vector math at every width: errors in units in the last place, and special values."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from itertools import product
from typing import Any

import mpmath as mp
import numpy as np
import pytest

pytest.importorskip("llvmlite")

from diagrad.errors import DiagradError
from diagrad.native.builder import Builder
from diagrad.native.codegen import assemble, load
from diagrad.native.module import Module
from diagrad.native.registers import INT64, Register
from diagrad.native.target import Target, host

Numbers = np.ndarray[Any, Any]

LEVELS = ("scalar", "sse", "avx2", "avx512")
COUNT = 20_000

TWO = "exp log log1p expm1 tanh sigmoid sin cos erf power".split()
FOUR = """tan arcsin arccos arctan arctan2 sinh cosh arcsinh arccosh arctanh log2 log10 exp2 cbrt erfc
    hypot""".split()
BOUNDS = {**dict.fromkeys(TWO, 2), **dict.fromkeys(FOUR, 4)}
"""Errors that are allowed, in units in the last place."""

OF_TWO = ("power", "arctan2", "hypot")

MPMATH = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
FORMULAS = {
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "exp2": lambda x: mp.mpf(2) ** x,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log1p": mp.log1p,
    "erfc": lambda x: mp.erfc(min(x, 1000)),  # mpmath cannot beyond
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
}


def machine(level: str) -> Target:
    try:
        return host(level)
    except DiagradError:
        pytest.skip(f"no {level} here")


def module_of(name: str, dtype: np.dtype[Any], target: Target) -> Module:
    """A kernel ``k(x…, y, n)`` that puts a function of arrays into another."""
    lanes = target.lanes(dtype)
    inputs = [f"%x{at}" for at in range(1 + (name in OF_TWO))]
    module = Module(target)
    head = ", ".join(f"ptr {x}" for x in inputs)
    b = Builder(module, f"define void @k({head}, ptr %y, i64 %n)", lanes)
    with b.loop(0, Register(b, "%n", INT64, 0), max(lanes, 1)) as i:
        values = [b.load(b.pointer(x, i, dtype), dtype, lanes) for x in inputs]
        b.store(getattr(b, name)(*values), b.pointer("%y", i, dtype))
    b.finish()
    return module


def run(name: str, inputs: Sequence[Numbers], target: Target) -> Numbers:
    """A function of the vector math on arrays, padded to whole registers."""
    dtype, size = inputs[0].dtype, len(inputs[0])
    code = load(assemble(module_of(name, dtype, target).text(), target), target)
    padded = [np.concatenate([x, np.ones(-size % max(target.lanes(dtype), 1), dtype)]) for x in inputs]
    y = np.empty_like(padded[0])
    pointers = [ctypes.c_void_p] * (len(inputs) + 1)
    kernel = ctypes.CFUNCTYPE(None, *pointers, ctypes.c_int64)(code.address("k"))
    kernel(*(x.ctypes.data for x in padded), y.ctypes.data, len(y))
    return y[:size]


def everywhere(rng: np.random.Generator, dtype: str, count: int) -> Numbers:
    """Numbers of both signs and of all exponents, subnormal ones among them."""
    kind = np.dtype(dtype.replace("f", "u"))
    x = rng.integers(0, np.iinfo(kind).max, count, kind, endpoint=True).view(dtype)
    return x[np.isfinite(x)]


def samples(name: str, dtype: str) -> list[Numbers]:
    """Numbers of all exponents, and where the function is hard."""
    rng = np.random.default_rng(0)
    u, n = rng.uniform, COUNT // 4
    top = 88.7 if dtype == "f4" else 709.0
    if name == "power":
        x = np.exp(np.concatenate([u(-top, top, n), u(-1, 1, n), u(-1, 1, n) * 10 ** u(-6, 0, n)]))
        y = u(-1.02, 1.02, 3 * n) * top / np.where(x.astype(dtype) == 1, 1, np.log(x))
        whole = rng.integers(-9, 10, 2 * n) / 2
        signs = np.where(whole == np.rint(whole), rng.choice([-1.0, 1.0], 2 * n), 1.0)
        more = np.exp(u(-top, top, 2 * n) / np.maximum(1, np.abs(whole))) * signs
        return [np.concatenate([x, more]).astype(dtype), np.concatenate([y, whole]).astype(dtype)]
    if name in OF_TWO:
        x, y = everywhere(rng, dtype, 2 * n), everywhere(rng, dtype, 2 * n)
        near = u(-2, 2, (2, 3 * n)) * 10.0 ** u(-3, 3, 3 * n)
        size = min(len(x), len(y))
        return [np.concatenate([a[:size], b]).astype(dtype) for a, b in zip((x, y), near, strict=True)]
    hard = {
        "sin": [u(-1e5, 1e5, n), np.arange(-n, n) * (np.pi / 2)],
        "log": [u(0, 4, n), 1 + u(-1, 1, n) * 10 ** u(-7, 0, n)],
        "log1p": [u(-1, 1, n), u(-1, 1, n) * 10 ** u(-9, 3, n)],
        "arcsin": [u(-1, 1, n), 1 - 10 ** u(-16, 0, n), -1 + 10 ** u(-16, 0, n)],
        "arccosh": [1 + 10 ** u(-16, 4, n), u(1, 4, n)],
        "erf": [u(-6, 6, n), u(-1.2, 1.2, n), u(0, 27, n)],
    }
    like = {"cos": "sin", "tan": "sin", "log2": "log", "log10": "log", "arccos": "arcsin"}
    like |= {"arctanh": "arcsin", "erfc": "erf"}
    own = hard.get(like.get(name, name), [u(-top - 1, top + 1, n), u(-3, 3, n), u(-0.5, 0.5, n)])
    return [np.concatenate([everywhere(rng, dtype, 3 * n), *own, u(-10, 10, n)]).astype(dtype)]


def reference(name: str, inputs: Sequence[Numbers]) -> Numbers:
    """The function by mpmath, as extended numbers; NaN where it is no real number."""
    f = FORMULAS.get(name) or getattr(mp, MPMATH.get(name, name))

    def value(*x: Any) -> Any:
        try:
            y = f(*map(mp.mpf, x))
        except (ValueError, ZeroDivisionError):
            return np.nan
        if isinstance(y, mp.mpc) or not mp.isfinite(y):
            return np.nan
        m, e = mp.frexp(y)
        return np.ldexp(
            np.longdouble(float(m)) + np.longdouble(float(m - float(m))), max(-20_000, min(int(e), 20_000))
        )

    with mp.workdps(30), np.errstate(all="ignore"):
        return np.array([value(*x) for x in zip(*(x.tolist() for x in inputs), strict=True)], np.longdouble)


def error(y: Numbers, right: Numbers) -> Numbers:
    """In units in the last place; what overflows counts as the number after the largest."""
    with np.errstate(over="ignore"):
        rounded = right.astype(y.dtype)
    half = np.finfo(y.dtype).max / 2
    unit = np.spacing(np.minimum(np.abs(rounded), half)).astype(np.longdouble)
    unit[np.abs(rounded) > half] = last = 2 * np.spacing(half).astype(np.longdouble)
    end = 2 * half.astype(np.longdouble) + last
    return np.abs(np.clip(y.astype(np.longdouble), -end, end) - np.clip(right, -end, end)) / unit


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="no wider numbers to compare with")
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", BOUNDS)
def test_errors_are_below_the_bounds(name: str, dtype: str) -> None:
    inputs = samples(name, dtype)
    assert len(inputs[0]) >= COUNT
    right = reference(name, inputs)
    real = ~np.isnan(right)
    assert np.sum(real) > COUNT // 4
    for level in LEVELS:
        try:
            target = host(level)
        except DiagradError:
            continue
        y = run(name, inputs, target)
        errors = error(y[real], right[real])
        worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
        assert errors[worst] <= BOUNDS[name], (level, *(x[real][worst] for x in inputs))


SPECIAL = (0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 2.0, -2.0)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", [name for name in BOUNDS if hasattr(np, name)])
def test_special_values_are_numpys(name: str, dtype: str, level: str) -> None:
    target = machine(level)
    points = (
        product((*SPECIAL, 3.0, -3.0, 0.5, 1e30), repeat=2) if name in OF_TWO else ((x,) for x in SPECIAL)
    )
    inputs = list(np.array(list(points), dtype).T.copy())
    with np.errstate(all="ignore"):
        right = getattr(np, name)(*inputs)
    y = run(name, inputs, target)
    np.testing.assert_array_equal(np.isnan(y), np.isnan(right))
    np.testing.assert_array_max_ulp(y[~np.isnan(right)], right[~np.isnan(right)], BOUNDS[name])
    exact = (right == 0) | np.isinf(right) | np.isin(right, SPECIAL)
    np.testing.assert_array_equal(y[exact], right[exact])
    np.testing.assert_array_equal(np.signbit(y[exact]), np.signbit(right[exact]))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", ["erf", "erfc", "sigmoid"])
def test_special_values_of_what_numpy_has_not(name: str, dtype: str) -> None:
    y = run(name, [np.array([0.0, -0.0, np.inf, -np.inf, np.nan], dtype)], host())
    right = {"erf": (0.0, -0.0, 1, -1), "erfc": (1, 1, 0, 2), "sigmoid": (0.5, 0.5, 1, 0)}[name]
    np.testing.assert_array_equal(y, [*right, np.nan])
    np.testing.assert_array_equal(np.signbit(y[:4]), np.signbit(right))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", BOUNDS)
def test_only_large_angles_go_to_the_systems_library(name: str, dtype: str) -> None:
    text = module_of(name, np.dtype(dtype), host()).text()
    called = {f for f in re.findall(r"call [^@]*@([\w.]+)", text) if not f.startswith(("llvm.", "dg."))}
    assert called == ({name + "f" * (dtype == "f4")} if name in ("sin", "cos", "tan") else set())
