"""Random graphs with their gradients, as machine code against the NumPy engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.autodiff.graphs import joint
from diagrad.ir import Constant, Graph, Node
from diagrad.ir.evaluate import evaluate
from diagrad.native import kernel
from diagrad.native.target import Target, host
from diagrad.testing.random_graphs import random_graph
from natively import run_natively

BATCHES, EACH = 10, 20


def case(seed: int) -> tuple[Graph, list[Any]]:
    """A random loss, its gradients and three values in between, as one graph. Every other is simplified, its
    upstream gradient a constant.
    """
    rng = np.random.default_rng(seed)
    graph, inputs = random_graph(rng, 1 + int(40 * rng.random() ** 3))
    both = joint(graph)
    grads = [both.gradient[x] for x in graph.inputs if x in both.gradient]
    made = [y for node in both.graph.nodes for y in node.outputs]
    some = [made[at] for at in rng.integers(0, len(made), 3)]
    whole = Graph(both.graph.inputs, both.graph.nodes, (*both.graph.outputs, *grads, *some))
    given = [*map(np.asarray, inputs), np.asarray(1.0)]
    if seed % 2:
        *inside, upstream = whole.inputs
        one = Node(Constant(np.asarray(1.0)), (), (upstream,))
        whole = dg.simplify(Graph(tuple(inside), (one, *whole.nodes), whole.outputs))
        given = given[:-1]
    return whole, given


def moved(inputs: list[Any]) -> list[Any]:
    """The inputs a few roundings further: how far results then move is how well they can be known."""
    return [x * (1 + 4e-15) if x.dtype.kind == "f" else x for x in inputs]


@pytest.mark.parametrize("level", ["", "avx2"])
@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_graphs(batch: int, level: str):
    for seed in range(batch * EACH, (batch + 1) * EACH):
        check(seed if not level else seed + 10_000, _target(level))


def test_random_graphs_in_parts(monkeypatch: pytest.MonkeyPatch):
    """Every kernel in three parts, however small: parts that add to one place do so apart."""
    monkeypatch.setattr(kernel, "PARALLEL", 0.0)
    monkeypatch.setattr(kernel, "APART", 0)
    for seed in range(20_000, 20_000 + 2 * EACH):
        check(seed, host(), 3)


def check(seed: int, target: Target, threads: int = 1) -> None:
    graph, inputs = case(seed)
    with np.errstate(all="ignore"):
        want = evaluate(graph, [x[()] for x in inputs])
        near = evaluate(graph, [x[()] for x in moved(inputs)])
    scale = max(
        (float(np.max(np.abs(y[np.isfinite(y)]), initial=0)) for y in map(np.asarray, want)), default=0
    )
    got = run_natively(graph, inputs, target, threads=threads)
    for y, z, w in zip(got, map(np.asarray, want), map(np.asarray, near), strict=True):
        assert (y.shape, y.dtype) == (z.shape, z.dtype)
        if z.dtype.kind != "f":
            np.testing.assert_array_equal(y, z)
            continue
        with np.errstate(all="ignore"):
            apart = float(np.max(np.abs(np.where(np.isfinite(z - w), z - w, 0)), initial=0))
        np.testing.assert_allclose(
            y, z, rtol=1e-11, atol=1e-13 * scale + 100 * apart, err_msg=f"{seed}\n{graph}"
        )


def test_every_group_runs():
    """Seed 5814: a group that joins another hands on all that it needs to those that need the other; else two
    groups come to need each other, and neither runs."""
    rng = np.random.default_rng(5814)
    graph, inputs = random_graph(rng, 1 + int(40 * rng.random() ** 3))
    back = graph.backward()
    given = [*map(np.asarray, inputs), np.ones(())]
    for y, z in zip(run_natively(back, given), evaluate(back, [x[()] for x in given]), strict=True):
        np.testing.assert_allclose(y, z, rtol=1e-11, atol=1e-11)


def _target(level: str) -> Any:
    return host("avx2") if level and host().level == "avx512" else host()


@pytest.mark.parametrize("index", [0, 2, -1])
def test_a_factor_that_an_integer_names(index: int):
    table, x, w = np.array([1.5, 2.5, -3.0]), np.arange(12.0).reshape(3, 4), np.ones((4, 5))
    alone = dg.trace(lambda x, i: x * dg.array(table)[i])(x, np.asarray(index))
    behind = dg.trace(lambda x, w, i: (x @ w) * dg.array(table)[i])(x, w, np.asarray(index))
    np.testing.assert_array_equal(run_natively(alone, [x, index])[0], x * table[index])
    np.testing.assert_allclose(run_natively(behind, [x, w, index])[0], (x @ w) * table[index], rtol=1e-15)
