"""Vector math at every width: errors in units in the last place, and special values."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from diagrad.errors import DiagradError
from diagrad.native.builder import Builder
from diagrad.native.codegen import assemble, load
from diagrad.native.module import Module
from diagrad.native.registers import INT64, Register
from diagrad.native.target import Target, host

LEVELS = ("scalar", "sse", "avx2", "avx512")
SPECIAL = (0.0, -0.0, np.inf, -np.inf, np.nan)


def machine(level: str) -> Target:
    try:
        return host(level)
    except DiagradError:
        pytest.skip(f"no {level} here")


def run(name: str, x: np.ndarray[Any, Any], target: Target) -> np.ndarray[Any, Any]:
    """A function of the vector math on an array, padded to whole registers."""
    lanes = target.lanes(x.dtype)
    step = max(lanes, 1)
    module = Module(target)
    b = Builder(module, "define void @k(ptr %x, ptr %y, i64 %n)", lanes)
    with b.loop(0, Register(b, "%n", INT64, 0), step) as i:
        places: list[str] = []
        for base in ("%x", "%y"):
            places.append(b.name())
            unit = "float" if x.dtype.itemsize == 4 else "double"
            b.do(f"{places[-1]} = getelementptr {unit}, ptr {base}, i64 {i.text}")
        b.store(getattr(b, name)(b.load(places[0], x.dtype, lanes)), places[1])
    b.finish()
    code = load(assemble(module.text(), target), target)
    padded = np.concatenate([x, np.ones(-len(x) % step, x.dtype)])
    y = np.empty_like(padded)
    kernel = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(code.address("k"))
    kernel(padded.ctypes.data, y.ctypes.data, len(padded))
    return y[: len(x)]


def samples(name: str, dtype: str) -> np.ndarray[Any, Any]:
    """Numbers all over the domain, and the hard ones: multiples of π/2, near 1, near 0."""
    rng = np.random.default_rng(0)
    near = 10.0 ** rng.uniform(-20, 0, 1000)
    if name in ("sin", "cos"):
        wide = [rng.uniform(-1e5, 1e5, 2000), np.arange(1, 4000) * (np.pi / 2), [1e22, -1e9]]
    elif name == "log":
        wide = [np.exp(rng.uniform(-80, 80, 2000)), rng.uniform(0.5, 2, 2000)]
    elif name == "log1p":
        wide = [np.exp(rng.uniform(-80, 80, 2000)), rng.uniform(-0.9999, 1, 2000)]
    else:
        wide = [rng.uniform(-87, 88, 2000), rng.uniform(-2, 2, 2000)]
    return np.concatenate([near, *wide]).astype(dtype)


def reference(name: str, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with np.errstate(all="ignore"):
        return getattr(np, name)(x.astype(np.longdouble))


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="no wider numbers to compare with")
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "sin", "cos"])
def test_errors_are_at_most_two_units_in_the_last_place(name: str, dtype: str, level: str) -> None:
    target = machine(level)
    x = samples(name, dtype)
    right = reference(name, x)
    ulp = np.abs(np.spacing(right.astype(dtype))).astype(np.longdouble)
    assert np.max(np.abs(run(name, x, target) - right) / ulp) <= 2


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "sinh", "cosh"])
def test_special_values_are_numpys(name: str, dtype: str, level: str) -> None:
    target = machine(level)
    x = np.array(SPECIAL, dtype)
    with np.errstate(all="ignore"):
        right = getattr(np, name)(x)
    y = run(name, x, target)
    np.testing.assert_array_equal(y, right)
    numbers = ~np.isnan(right)
    np.testing.assert_array_equal(np.signbit(y[numbers]), np.signbit(right[numbers]))
