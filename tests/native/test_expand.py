"""Ops that the engine makes of simpler ones: what is exact stays exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diagrad import ops
from diagrad.errors import DiagradError
from diagrad.ir import Op, Value
from diagrad.ir.build import Builder
from diagrad.native import control, expand, lower, views
from diagrad.native.program import build
from diagrad.native.target import host
from diagrad.passes.simplify import algebra, constants, moves, products, rewriting, sums
from natively import run_natively


def natively(op: Op, *inputs: Any, level: str | None = None) -> np.ndarray[Any, Any]:
    """One op as machine code, without a NumPy call."""
    try:
        target = host(level)
    except DiagradError:
        pytest.skip(f"no {level} here")
    make = Builder()
    arrays = [np.asarray(x) for x in inputs]
    values = [make.input(Value(x.shape, x.dtype)) for x in arrays]
    graph = make.graph(list(make.apply(op, *values)), op.name)
    assert not build(graph, target=target).calls
    return run_natively(graph, arrays, target)[0]


KEY = np.array([7, 123456789], np.uint32)
KEYS = np.array([[0, 42], [7, 2**32 - 1]], np.uint32)


@pytest.mark.parametrize("key", [KEY, KEYS], ids=["one", "two"])
@pytest.mark.parametrize(
    "op",
    [
        *(ops.RandomBits((3, 41), to) for to in ("u8", "u16", "u32", "u64")),
        *(ops.RandomUniform((2, 3, 37), to) for to in ("f16", "f32", "f64")),
        ops.RandomUniform(()),
        *(ops.RandomIntegers((100,), -3, 9, to) for to in ("i8", "i32", "i64")),
        ops.RandomIntegers((100,), 0, 2**63 - 1),
        ops.SplitKey(5),
    ],
    ids=repr,
)
def test_random_numbers_are_the_same_to_the_last_bit(op: Op, key: np.ndarray[Any, Any]):
    want = op.forward(key)
    got = natively(op, key)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)


def test_a_key_and_a_number_make_the_same_key():
    for data in (np.array([3, 2**32 - 1], np.uint32), np.array([0, 1], np.uint32)):
        np.testing.assert_array_equal(natively(ops.FoldIn(), KEYS, data), ops.FoldIn().forward(KEYS, data))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "u2", "i8", "?"])
@pytest.mark.parametrize("shape", [(7, 65), (65, 7), (3, 5, 33), (1, 1)])
def test_the_first_extreme_is_found(shape: tuple[int, ...], dtype: str, rng: np.random.Generator):
    x = rng.integers(0, 4, shape).astype(dtype)  # many are equal
    for axis in range(len(shape)):
        for op in (ops.ArgMax(axis), ops.ArgMin(axis)):
            np.testing.assert_array_equal(natively(op, x), op.forward(x))


def test_the_first_nan_and_infinities_are_extremes():
    nan, inf = np.nan, np.inf
    x = np.array([[1, nan, 3, nan], [-inf, -inf, -inf, -inf], [inf, 1, inf, -inf], [nan, inf, nan, 0]])
    for dtype in ("f2", "f4", "f8"):
        for op in (ops.ArgMax(1), ops.ArgMin(1), ops.ArgMax(0), ops.ArgMin(0)):
            np.testing.assert_array_equal(natively(op, x.astype(dtype)), op.forward(x))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "i8", "u8"])
def test_products_of_integers_wrap(dtype: str, rng: np.random.Generator):
    ends = np.iinfo(dtype)
    x, y = (rng.integers(ends.min, ends.max, shape, dtype) for shape in ((2, 5, 9), (2, 9, 17)))
    np.testing.assert_array_equal(natively(ops.MatMul(), x, y), x @ y)


def test_products_of_halves_add_in_single_precision(rng: np.random.Generator):
    x, y = (rng.standard_normal(shape).astype("f2") for shape in ((8, 300), (300, 5)))
    want = x.astype("f8") @ y.astype("f8")
    got = natively(ops.MatMul(), x, y)
    assert got.dtype == np.float16
    np.testing.assert_allclose(got, want, rtol=2**-10, atol=1e-3)


def test_a_float64_is_rounded_once_to_half_precision():
    tie = 1 + 2.0**-11  # between two halves; in single precision what lies next to it would be a tie
    x = np.array(
        [tie, tie + 2.0**-40, tie - 2.0**-40, -tie - 2.0**-40, 2.0**-25 * (1 + 2.0**-50), 65519.999999]
    )
    op = ops.AsType("f16")
    np.testing.assert_array_equal(natively(op, x), op.forward(x))


@pytest.mark.parametrize("level", ["avx512", "avx2", "sse", "scalar"])
def test_every_half_becomes_a_float32_and_a_half_again(level: str):
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    np.testing.assert_array_equal(natively(ops.AsType("f32"), halves, level=level), halves.astype(np.float32))
    with np.errstate(all="ignore"):
        ends = halves.astype(np.float32)
        between = (ends[:-1] + ends[1:]) / 2  # ties
        x = np.concatenate([ends, between, np.nextafter(between, np.inf), np.nextafter(between, -np.inf)])
        x = np.concatenate([x, np.array([65519.9, 65520, 1e30, -1e30, 1e-30], np.float32)])
        want = x.astype(np.float16)
    got = natively(ops.AsType("f16"), x, level=level)
    np.testing.assert_array_equal(got, want)
    numbers = ~np.isnan(want)
    np.testing.assert_array_equal(np.signbit(got[numbers]), np.signbit(want[numbers]))


def test_special_functions_are_scipys(rng: np.random.Generator):
    special = pytest.importorskip("scipy.special")
    inside, x = (
        rng.uniform(-1, 1, 3000),
        np.concatenate([rng.uniform(0.01, 40, 2000), 10.0 ** rng.uniform(-9, 9, 999)]),
    )
    for op, given, want in (
        (ops.Erfinv(), inside, special.erfinv(inside)),
        (ops.LogGamma(), x, special.gammaln(x)),
        (ops.Digamma(), x, special.digamma(x)),
        (ops.PolyGamma(1), x, special.polygamma(1, x)),
        (ops.PolyGamma(3), x, special.polygamma(3, x)),
    ):
        np.testing.assert_allclose(natively(op, given), want, rtol=1e-14, atol=1e-15)
        single = natively(op, given.astype(np.float32))
        right = op.forward(given.astype(np.float32))
        np.testing.assert_allclose(single, right, rtol=2e-7)


def test_what_tables_name_are_ops():
    ops.load()
    native = {*expand.RULES, *lower.RULES, *control.RULES, *views._rules()}
    passes = {*constants.MOVES, *constants.LOOPS, *rewriting.CONTROL}
    tables = (algebra.ALGEBRA, moves.MOVES, products.PRODUCTS, sums.SUMS)
    named = {key for table in tables for key in table if isinstance(key, str)}
    assert native | passes | named <= Op.registry.keys()
