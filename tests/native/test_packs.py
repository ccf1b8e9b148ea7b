"""Single numbers: kernels that do not need each other are one, and costly functions go in packs."""

from __future__ import annotations

import numpy as np
import pytest

import diagrad as dg
from diagrad.native.packs import packs
from diagrad.native.program import build
from diagrad.native.target import host
from natively import assert_agrees, run_natively

SPECIAL = (0.0, -0.0, np.inf, -np.inf, np.nan, 1e-310, -1.5, 0.25, 700.0, -700.0, 3.0, 2.0, 1e5)


def numbers(count):
    return [np.array(x) for x in (*SPECIAL, *np.linspace(-3, 3, count))][:count]


@pytest.mark.parametrize("level", ["", "avx2", "sse", "scalar"])
@pytest.mark.parametrize("name", ["tanh", "exp", "log1p", "sin", "sigmoid", "erf", "cbrt"])
def test_packs_are_as_single_numbers(name, level):
    if level and level not in ("scalar",) and host().width < host(level).width:
        pytest.skip("narrower than this machine")
    f = getattr(dg, name)
    xs = numbers(19)
    graph = dg.simplify(dg.trace(lambda *xs: [f(x * 1.0) for x in xs])(*xs))
    alone = [run_natively(dg.simplify(dg.trace(f)(x)), [x], host(level or None))[0] for x in xs]
    for together, single in zip(run_natively(graph, xs, host(level or None)), alone, strict=True):
        np.testing.assert_array_equal(together, single)
        assert np.signbit(together) == np.signbit(single)


def test_single_numbers_are_one_kernel():
    def f(a, b, c, d):
        return a * b, dg.tanh(c) + d, dg.exp(d) * a

    xs = numbers(4)
    program = build(dg.simplify(dg.trace(f)(*xs)))
    assert len(program.steps) == 1


def test_a_kernel_between_two_keeps_them_apart():
    """p needs a, and what is made of the fold of x · p: one kernel for all would need itself."""

    def f(a, x):
        p = a * 2.0
        total = dg.sum(x * p)
        return dg.tanh(total) * a, p + 1.0

    a, x = np.array(0.5), np.linspace(0, 1, 5000)
    graph = dg.simplify(dg.trace(f)(a, x))
    want = np.tanh((x * 1.0).sum()) * a, np.array(2.0)
    assert_agrees(run_natively(graph, [a, x]), want)


def test_nothing_comes_before_its_sources():
    rng = np.random.default_rng(0)
    for _ in range(200):
        count = int(rng.integers(1, 30))
        needs = {
            at: [int(x) for x in rng.integers(0, at, rng.integers(0, 4))] if at else [] for at in range(count)
        }
        kinds = {at: [None, "exp", "tanh"][rng.integers(0, 3)] for at in range(count)}
        order = packs(list(needs), needs.__getitem__, kinds.__getitem__, 4)
        done: set[int] = set()
        for pack in order:
            assert len(pack) == 1 or len({kinds[at] for at in pack}) == 1
            assert len(pack) <= 4
            assert all(source in done for at in pack for source in needs[at])
            done |= set(pack)
        assert sorted(at for pack in order for at in pack) == list(range(count))
