"""Forward mode: how many nodes it takes, beside a JVP written by hand."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DifferentiationError

BENCHMARK = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks/forward_mode.py"))

MORE = {"Max": 7, "Maximum": 6, "Min": 7, "Minimum": 6, "Power": 16, "softmax cross-entropy": 17,
        "LSTM cell": 32, "Rosenbrock": 14}  # fmt: skip
"""Where forward mode takes more nodes than a JVP written by hand, and how many."""


def test_forward_mode_takes_as_many_nodes_as_by_hand_or_is_known_to_take_more():
    for name, by_hand, ours, _ in BENCHMARK["rows"]():
        assert ours <= MORE.get(name, by_hand), name


def test_an_op_with_a_rule_of_its_own_of_which_one_input_moves_is_transposed():
    push = dg.trace(lambda v: dg.jvp(lambda x: x - 2.0, (1.0,), (v,))[1])(1.0)
    assert [node.op.name for node in push.nodes] == []


def test_an_input_that_gradients_do_not_reach_counts_as_still():
    slope = dg.jvp(lambda x: dg.where([True, False], dg.sign(x), x * x), (np.ones(2),), (np.ones(2),))[1]
    assert slope.tolist() == [0, 2]


def test_rules_of_forward_mode_give_second_derivatives_and_keep_dtypes():
    f = lambda x: dg.maximum(x, 1 / x) - dg.mean(x * x)  # noqa: E731
    x = np.array([2.0, 0.5], np.float32)
    first, second = dg.directional(f, (x,), (np.ones_like(x),), order=2)[1:]
    np.testing.assert_allclose(first, np.array([1, -4]) - 2.5)
    np.testing.assert_allclose(second, np.array([0, 16]) - 2)
    assert first.dtype == np.float32


def test_a_rule_that_is_not_linear_is_an_error():
    @dg.custom_rule
    def f(x):
        return x * 2.0

    f.backward(lambda g: g * g * 2.0)
    with pytest.raises(DifferentiationError, match="not linear in its upstream gradient"):
        dg.jvp(f, (1.0,), (1.0,))
    with pytest.raises(DifferentiationError, match="not linear in its upstream gradient"):
        dg.jacobian(f, mode="forward")(1.0)
