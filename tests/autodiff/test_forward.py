"""Forward mode by transposition: how many nodes it takes, beside a JVP written by hand."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import diagrad as dg
from diagrad.errors import DifferentiationError

BENCHMARK = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks/forward_mode.py"))

MORE = {"Concatenate": 3, "Divide": 5, "Max": 7, "Maximum": 12, "Mean": 2, "Min": 7, "Minimum": 12,
        "Power": 16, "Stack": 4, "Subtract": 2, "Where": 3, "softmax cross-entropy": 20, "layer norm": 25,
        "LSTM cell": 32, "Rosenbrock": 15}  # fmt: skip
"""Where transposition takes more nodes than a JVP written by hand, and how many."""


def test_forward_mode_takes_as_many_nodes_as_by_hand_or_is_known_to_take_more():
    for name, by_hand, ours, _ in BENCHMARK["rows"]():
        assert ours <= MORE.get(name, by_hand), name


def test_a_rule_that_is_not_linear_is_an_error():
    @dg.custom_rule
    def f(x):
        return x * 2.0

    f.backward(lambda g: g * g * 2.0)
    with pytest.raises(DifferentiationError, match="not linear in its upstream gradient"):
        dg.jvp(f, (1.0,), (1.0,))
    with pytest.raises(DifferentiationError, match="not linear in its upstream gradient"):
        dg.jacobian(f, mode="forward")(1.0)
