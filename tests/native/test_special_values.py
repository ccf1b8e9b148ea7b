"""Every elementwise op as machine code, at every width of vectors, where numbers are special.

Zeros of both signs, infinities, NaN, subnormal and the largest numbers, and whole and half numbers for the
integers' sake; for two operands all pairs of them. The NumPy engine says what is right: NaN, infinity and
the sign of zero must stand where it puts them.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from diagrad.errors import DiagradError
from diagrad.ir import Graph, Op, Spec, Value
from diagrad.ir.build import Builder
from diagrad.native.target import Target, host
from diagrad.testing import samples_of
from natively import run_natively

OPS = {
    name: kind
    for name, kind in sorted(Op.registry.items())
    if kind.__module__.startswith("diagrad.ops") and getattr(kind, "elementwise", False) and not kind.multiple
}
LEVELS = ("avx512", "avx2", "sse", "scalar")
DTYPES = (
    *("float64", "float32", "float16", "int64", "int32", "int8", "uint8", "uint64", "bool"),
    *("complex64", "complex128"),
)
ULPS = {"float64": 8, "float32": 8, "float16": 4}
"""Units in the last place that a single op may differ from NumPy."""
CANCELLING = ("LogAddExp", "LogAddExp2")
"""Ops that may differ by units in the last place of their largest operand."""


def special(dtype: np.dtype[Any]) -> list[Any]:
    """Numbers at which formulas break."""
    if dtype.kind == "f":
        ends = np.finfo(dtype)
        near = [ends.max, ends.tiny, ends.smallest_subnormal, ends.eps, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 11, 100]
        return [0.0, -0.0, np.inf, -np.inf, np.nan, *near, *(-x for x in near)]
    if dtype.kind == "c":
        parts = (0.0, -0.0, np.inf, np.nan, 1.5, -0.25)
        return [complex(a, b) for a, b in product(parts, parts)]
    if dtype.kind == "b":
        return [False, True]
    ends = np.iinfo(dtype)
    near = [0, 1, 2, 3, 5, 7, 8, 31, 64, ends.max, ends.max - 1]
    return [*near, *([-1, -2, -3, -7, ends.min, ends.min + 1] if dtype.kind == "i" else [])]


def cases(kind: type[Op]) -> list[tuple[Op, list[np.ndarray[Any, Any]]]]:
    """The ops of a class with different attributes, and the operands that each is tried on."""
    found: list[tuple[Op, list[np.ndarray[Any, Any]]]] = []
    for dtype in map(np.dtype, DTYPES):
        seen: set[Any] = set()
        for sample in samples_of(kind):
            op, count = sample.op, len(sample.shapes)
            if (op, count) in seen:
                continue
            seen.add((op, count))
            some = special(dtype) if count < 3 else special(dtype)[:7]
            columns = np.array(list(product(some, repeat=min(count, 4))), dtype).T
            arrays = list(columns) + [columns[0]] * (count - len(columns))
            for at, given in sample.given.items():
                arrays[at] = np.resize(np.asarray(given), len(arrays[at]))
            if kind.__name__ == "Where":
                arrays[0] = np.arange(len(arrays[0])) % 3 == 0
            if kind.__name__ == "Power" and dtype.kind == "i":
                arrays[1] = np.maximum(arrays[1], 0)  # below it NumPy raises an error
            if kind.__name__ == "AsType" and op.dtype(dtype).kind in "iu" and dtype.kind == "f":
                ends = np.iinfo(op.dtype(dtype))  # beyond an integer's range C leaves open what happens
                arrays[0] = arrays[0][(arrays[0] > ends.min) & (arrays[0] < ends.max)]
            try:
                op.infer([Spec(x.shape, x.dtype) for x in arrays])
                forward(op, arrays)
            except DiagradError:
                continue
            found.append((op, arrays))
    return found


def forward(op: Op, arrays: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """What NumPy computes."""
    with np.errstate(all="ignore"):
        return np.asarray(op.forward(*arrays))


def machine(level: str) -> Target:
    try:
        return host(level)
    except DiagradError:
        pytest.skip(f"no {level} here")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", OPS.values(), ids=OPS)
def test_special_values(kind: type[Op], level: str):
    target = machine(level)
    tried = cases(kind)
    assert tried
    make = Builder()
    outputs: list[Value] = []
    inputs: list[Any] = []
    for op, arrays in tried:
        values = [make.input(Value(x.shape, x.dtype)) for x in arrays]
        outputs += make.apply(op, *values)
        inputs += arrays
    graph: Graph = make.graph(outputs, kind.__name__)
    for (op, arrays), y in zip(tried, run_natively(graph, inputs, target), strict=True):
        assert_same(y, op, arrays)


def assert_same(y: np.ndarray[Any, Any], op: Op, arrays: list[np.ndarray[Any, Any]]) -> None:
    """Compare a result with NumPy's, element by element."""
    want = forward(op, arrays)
    if want.dtype.kind == "c":
        np.testing.assert_array_equal(y, want)  # NumPy ran it
        return
    scale = np.abs(want)
    if type(op).__name__ in CANCELLING:
        scale = np.max(np.abs(np.stack([want, *arrays])), axis=0)
    same = agrees(y, want, scale)
    if any(x.dtype == np.float16 for x in arrays):
        # in single precision less overflows on the way, and it rounds once
        wide = [x.astype(np.float32) if x.dtype == np.float16 else x for x in arrays]
        with np.errstate(all="ignore"):
            once = agrees(y, forward(op, wide).astype(want.dtype), scale)
        same |= once & (np.isfinite(y) | ~np.isfinite(want))
    bad = np.flatnonzero(~same)
    lines = [f"{[x[at] for x in arrays]}: {y[at]!r}, NumPy {want[at]!r}" for at in bad[:8]]
    assert not len(bad), f"{op} of {arrays[0].dtype}, {len(bad)} of {len(y)}:\n" + "\n".join(lines)


def agrees(
    y: np.ndarray[Any, Any], want: np.ndarray[Any, Any], scale: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Where two results are the same but for rounding of numbers as large as ``scale``."""
    assert (y.shape, y.dtype) == (want.shape, want.dtype)
    if y.dtype.kind != "f":
        return np.asarray(y == want)
    with np.errstate(all="ignore"):
        room = ULPS[y.dtype.name] * np.spacing(scale)
        near = np.abs(y.astype(np.float64) - want) <= room
    exact = (y == want) & ((want != 0) | (np.signbit(y) == np.signbit(want)))
    return exact | (np.isfinite(want) & (y != 0) & near) | (np.isnan(y) & np.isnan(want))
