"""Runs a graph natively and compares it with the NumPy engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diagrad.ir import Graph
from diagrad.native.entry import Executable
from diagrad.native.program import build
from diagrad.native.target import Target


def run_natively(
    graph: Graph,
    inputs: Sequence[Any],
    target: Target | None = None,
    donated: Sequence[int | None] = (),
    threads: int = 1,
) -> list[np.ndarray[Any, Any]]:
    """The outputs that the native engine computes, each an array of its own."""
    exe = Executable(build(graph, donated, threads, target))
    specs = exe.program.inputs
    given = [np.array(x, spec.dtype, order="C") for x, spec in zip(inputs, specs, strict=True)]
    outputs = [np.full(spec.shape, 77).astype(spec.dtype) for spec in exe.program.outputs]
    sources = exe.program.donated
    own = [y for y, source in zip(outputs, sources, strict=True) if source is None]
    workspace = exe.workspace()
    workspace[:] = 0xFF  # not numbers, should anything be read before it is written
    status = exe.run(*given, *own, workspace)
    if error := exe.failure():
        raise error
    assert status == 0, f"status {status}"
    return [y if source is None else given[source] for y, source in zip(outputs, sources, strict=True)]


def assert_agrees(got: Sequence[Any], want: Sequence[Any], epsilons: float = 60.0) -> None:
    """Compare outputs: NaN and infinity at the same places, numbers up to so many roundings of the
    largest.
    """
    for y, z in zip(got, want, strict=True):
        z = np.asarray(z)
        assert (y.shape, y.dtype) == (z.shape, z.dtype)
        if z.dtype.kind in "fc":
            near = epsilons * float(np.finfo(z.dtype).eps)
            finite = np.abs(z[np.isfinite(z)])
            np.testing.assert_allclose(y, z, rtol=near, atol=near * float(finite.max(initial=0)))
        else:
            np.testing.assert_array_equal(y, z)
