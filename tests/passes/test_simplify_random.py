"""Random graphs, forward and backward, before and after: the same numbers, in no more nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.autodiff.graphs import joint
from diagrad.ir import Graph, verify
from diagrad.ir.evaluate import evaluate
from diagrad.native.program import build
from diagrad.passes import explicit
from diagrad.testing.random_graphs import random_graph

BATCHES, EACH = 6, 50


def cases(seed: int) -> list[tuple[Graph, list[Any]]]:
    rng = np.random.default_rng(seed)
    graph, inputs = random_graph(rng, 1 + int(40 * rng.random() ** 3))
    both = [*inputs, 1.0]
    return [(graph, inputs), (graph.backward(), both), (joint(explicit(graph)).graph, both)]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_numbers_stay(batch: int):
    for seed in range(batch * EACH, (batch + 1) * EACH):
        for graph, inputs in cases(seed):
            after = verify(dg.simplify(graph))
            assert len(after) <= len(graph)
            assert dg.simplify(after) is after
            xs = [np.asarray(x)[()] for x in inputs]
            with np.errstate(all="ignore"):
                want, got = evaluate(graph, xs), evaluate(after, xs)
            for y, z in zip(got, want, strict=True):
                assert (np.shape(y), y.dtype) == (np.shape(z), z.dtype)
                scale = float(np.max(np.abs(np.where(np.isfinite(z), z, 0)), initial=0))
                np.testing.assert_allclose(y, z, rtol=1e-13, atol=1e-15 * scale, err_msg=str(seed))


@pytest.mark.parametrize("seed", range(15))
def test_explicit_branches_give_the_same_kernels(seed: int):
    graph, _ = random_graph(np.random.default_rng(seed), 12)
    plain, branched = (build(dg.simplify(g)) for g in (graph, explicit(graph)))
    assert len(plain.steps) == len(branched.steps)
    for a, b in zip(plain.steps, branched.steps, strict=True):
        assert [item.op for item in a.items] == [item.op for item in b.items]
        assert (a.kernel and a.kernel.name) == (b.kernel and b.kernel.name)
    assert plain.workspace == branched.workspace


@pytest.mark.parametrize("seed", range(20))
def test_derivatives_taken_afterwards_are_the_same(seed: int):
    graph, inputs = random_graph(np.random.default_rng(seed), 15)
    want = graph.backward().run(*inputs, 1.0).outputs
    got = dg.simplify(graph).backward().run(*inputs, 1.0).outputs
    for y, z in zip(got, want, strict=True):
        np.testing.assert_allclose(y, z, rtol=1e-10, atol=1e-12)
