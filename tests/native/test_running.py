"""Running folds as machine code: along every axis, from either end, at every width of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad import ops
from diagrad.errors import DiagradError
from diagrad.ir import Op, Value
from diagrad.ir.build import Builder
from diagrad.native.program import build
from diagrad.native.target import host
from natively import assert_agrees, run_natively

KINDS = (ops.CumSum, ops.CumProd, ops.CumMax, ops.CumMin, ops.CumLogSumExp)
SHAPES = ((1,), (2,), (3,), (16,), (17,), (131,), (3, 37), (37, 3), (65, 20), (2, 9, 33), (4, 1, 5), (0, 3))


@pytest.mark.parametrize("level", ["avx512", "avx2", "sse", "scalar"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "u4", "i8", "?"])
def test_running_folds(dtype: str, level: str, rng: np.random.Generator):
    try:
        target = host(level)
    except DiagradError:
        pytest.skip(f"no {level} here")
    make = Builder()
    inputs: list[Any] = []
    outputs: list[Value] = []
    want: list[Any] = []

    def add(op: Op, *arrays: np.ndarray[Any, Any]) -> None:
        inputs.extend(arrays)
        outputs.extend(make.apply(op, *(make.input(Value(x.shape, x.dtype)) for x in arrays)))
        with np.errstate(all="ignore"):
            want.append(op.forward(*arrays))

    for shape in SHAPES:
        x, a = (rng.standard_normal(shape) * 1.1 for _ in range(2))
        if np.dtype(dtype).kind != "f":
            x, a = (rng.integers(0, 2 if dtype == "?" else 5, shape) for _ in range(2))
        x, a = x.astype(dtype), a.astype(dtype)
        for axis in range(len(shape)):
            for reverse in (False, True):
                for kind in KINDS:
                    if np.dtype(dtype).kind in kind.kinds:
                        add(kind(axis, reverse), x)
                if dtype != "?":
                    add(ops.Recurrence(axis, reverse), a, x)
    graph = make.graph(outputs, "running")
    assert {call.why for call in build(graph, target=target).calls} <= {"an array without elements"}
    assert_agrees(run_natively(graph, inputs, target), want, 300.0)


@pytest.mark.parametrize("shape", [(40,), (3, 40), (40, 20)])
def test_what_follows_nan_and_infinity(shape: tuple[int, ...]):
    x = np.linspace(-1, 1, 40 * (shape[-1] if len(shape) == 2 and shape[0] == 40 else 1)).astype("f4")
    x = np.resize(x, shape)
    flat = x.reshape(-1)
    flat[3], flat[5], flat[19], flat[25] = -0.0, np.inf, -np.inf, np.nan
    for kind in KINDS:
        for axis in range(len(shape)):
            op = kind(axis)
            make = Builder()
            graph = make.graph(list(make.apply(op, make.input(Value(x.shape, x.dtype)))), "running")
            with np.errstate(all="ignore"):
                assert_agrees(run_natively(graph, [x]), [op.forward(x)], 300.0)


def test_gradients_of_running_folds(rng: np.random.Generator):
    x = rng.uniform(0.5, 1.5, (4, 33))

    def loss(x: Any) -> Any:
        return dg.sum(dg.cumsum(x, axis=1) * dg.cumprod(x, axis=1)) + dg.sum(dg.cumsum(x, axis=0))

    got = dg.compile(dg.grad(loss))(x)
    np.testing.assert_allclose(got, np.asarray(dg.grad(loss)(x)), rtol=1e-12)


def test_a_donated_array_is_folded_in_place(rng: np.random.Generator):
    @dg.compile(donate="x")
    def shifted(x: Any) -> Any:
        return dg.cumsum(x[::-1])

    @dg.compile(donate="x")
    def straight(x: Any) -> Any:
        return dg.cumsum(x)

    x = rng.standard_normal(50)
    want = np.cumsum(x[::-1])
    np.testing.assert_allclose(shifted(x.copy()), want, rtol=1e-12)
    np.testing.assert_allclose(straight(x.copy()), np.cumsum(x), rtol=1e-12)
