"""Every op, and its gradient, as machine code against the NumPy engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diagrad.errors import DiagradError
from diagrad.ir import Graph, Op, Spec, Value
from diagrad.ir.build import Builder
from diagrad.ir.evaluate import evaluate
from diagrad.native.items import Call
from diagrad.native.lower import lower
from diagrad.native.target import host
from diagrad.testing import draw_inputs, samples_of
from diagrad.testing.conformance import dtypes_of
from natively import assert_agrees, run_natively

OPS = {
    name: kind
    for name, kind in sorted(Op.registry.items())
    if kind.__module__.startswith("diagrad.ops") and name not in ("Input", "Constant")
}
DTYPES = ("float32", "float64", "float16", "int64", "uint8", "bool")


def graph_of(kind: type[Op], dtype: str, rng: np.random.Generator) -> tuple[Graph, list[Any]]:
    """One node for each sample of an op, side by side, and numbers for them."""
    make = Builder()
    inputs: list[Any] = []
    outputs: list[Value] = []
    for sample in samples_of(kind):
        try:
            arrays = draw_inputs(sample, rng, dtype)
            with np.errstate(all="ignore"):
                sample.op.infer([Spec(np.shape(x), np.asarray(x).dtype) for x in arrays])
                sample.op.forward(*(np.asarray(x)[()] for x in arrays))
        except (DiagradError, TypeError):
            continue  # a body for another dtype, a whole power below 0; linear algebra has no half precision
        values = [make.input(Value(x.shape, x.dtype)) for x in map(np.asarray, arrays)]
        outputs += make.apply(sample.op, *values)
        inputs += map(np.asarray, arrays)
    return make.graph(outputs, kind.__name__), inputs


@pytest.mark.parametrize("level", ["", "scalar"])
@pytest.mark.parametrize("kind", OPS.values(), ids=OPS)
def test_value(kind: type[Op], level: str, rng: np.random.Generator):
    for dtype in DTYPES if not level else DTYPES[:1]:
        if np.dtype(dtype).kind not in kind.kinds:
            continue
        graph, inputs = graph_of(kind, dtype, rng)
        if not graph.nodes:
            continue
        with np.errstate(all="ignore"):
            want = evaluate(graph, [x[()] for x in inputs])
        assert_agrees(run_natively(graph, inputs, host(level or None)), want)


NUMPY = set(
    """
    ArgSort Cholesky Cofactor CofactorAlong CompleteBasis Cond Det Eigh Index Inv Last MatrixExp
    MatrixExpAlong PInv PlaceAdd Power Put PutAdd PutMax PutMin QR RandomChoice RandomPermutation SVD Scan
    SearchSorted SlogDet Solve SolveTriangular Switch While
    """.split()
)
"""Ops of which NumPy runs some sample: among them indices of each slice, and whole numbers to powers that are
no part of the op.
"""


def test_what_numpy_runs_is_known(rng: np.random.Generator):
    """Ops without a native form: the list can only shrink."""
    found: set[str] = set()
    for name, kind in OPS.items():
        for dtype in set(DTYPES) & set(dtypes_of(kind)):
            graph, _ = graph_of(kind, dtype, rng)
            calls = [item for item in lower(graph).items if isinstance(item, Call)]
            expected = ("an array without elements", "complex or extended numbers")
            if any(call.why not in expected for call in calls):
                found.add(name)
    assert found == NUMPY
