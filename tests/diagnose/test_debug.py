"""Planted bugs: each is found at its line, with its reason. The line that is to blame ends in ``# here``."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import diagrad as dg
from diagrad.draw.gates import check, compare
from diagrad.errors import NonFiniteError


def sqrt_at_zero():
    x = dg.array([4.0, 0.0])
    r = dg.sqrt(x)  # here
    r.sum().backward()


def log_of_softmax():
    scores = dg.array([0.0, 1000.0])
    p = dg.softmax(scores)
    logs = dg.log(p)  # here
    loss = -logs[0]
    loss.backward()


def norm_at_zero():
    v = dg.array([0.0, 0.0])
    square = dg.sum(v * v)
    n = dg.sqrt(square)  # here
    n.backward()


def untaken_where():
    x = dg.array([0.0, 4.0])
    r = dg.sqrt(x)  # here
    y = dg.where(x > 0, r, 0.0)
    y.sum().backward()


def half_precision():
    h = dg.array(np.float16([300.0, 2.0]))
    s = h * h  # here
    s.sum().backward()


def division_by_zero():
    count = dg.array([2.0, 0.0])
    rate = 1.0 / count  # here
    rate.sum().backward()


def zero_over_zero():
    v = dg.array([0.0, 0.0])
    unit = v / dg.sum(v)  # here
    unit.sum().backward()


def zero_times_infinity():
    p = dg.array([0.5, 0.0])
    logs = dg.log(p)  # here
    entropy = -(p * logs).sum()
    entropy.backward()


def learning_rate():
    w = np.array([3.0])
    for _ in range(100):
        W = dg.parameter(w)
        loss = (W * W * W * W).sum()  # here
        loss.backward()
        w = W.data - 10.0 * W.grad.data


def exp_overflows():
    x = dg.array(np.float32([1.0, 100.0]))
    e = dg.exp(x)  # here
    p = e / e.sum()
    p[0].backward()


def root_of_a_negative_number():
    x = dg.array([4.0, -1.0])
    r = x**0.5  # here
    r.sum().backward()


def power_at_zero():
    x = dg.array([1.0, 0.0])
    y = x**0.5  # here
    y.sum().backward()


def everything_masked():
    scores = dg.array([[1.0, 2.0]])
    masked = dg.where(np.array([[False, False]]), scores, -np.inf)
    shifted = masked - dg.max(masked, axis=1, keepdims=True)  # here
    dg.exp(shifted).sum().backward()


def nan_in_the_data():
    X = dg.array([[1.0, np.nan], [0.0, 1.0]])  # here
    (X * 2).sum().backward()


def spread_of_equal_numbers():
    x = dg.array([2.0, 2.0, 2.0])
    variance = dg.mean(dg.square(x - dg.mean(x)))
    deviation = dg.sqrt(variance)  # here
    deviation.backward()


def hand_written_sigmoid():
    z = dg.array([-1000.0])
    e = dg.exp(-z)  # here
    s = 1.0 / (1.0 + e)
    s.sum().backward()


BUGS: dict[Callable[[], None], tuple[str, str, str]] = {
    sqrt_at_zero: (
        "the gradient of x becomes infinite at Sqrt",
        "∂L/∂x = ∂L/∂y / (2 · y) = 1 / (2 · 0) = ∞",
        "sqrt(x + 1e-12)",
    ),
    log_of_softmax: ("loss becomes infinite at Log", "ln(0) = −∞", "log_softmax"),
    norm_at_zero: ("the gradient of v becomes NaN at Sqrt", "1 / (2 · 0) = ∞", "sqrt(x + 1e-12)"),
    untaken_where: (
        "the gradient of x becomes NaN at Sqrt",
        "0 / (2 · 0) = NaN\nwhere in line",
        "where(c, f(where(c, x, 1)), other)",
    ),
    half_precision: ("becomes infinite at Multiply", "overflow: f16 ends at 65504", "wider dtype"),
    division_by_zero: ("becomes infinite at Divide", "1 / 0 = ∞", "keep the denominator away from 0"),
    zero_over_zero: ("becomes NaN at Divide", "0 / 0 = NaN", "keep the denominator away from 0"),
    zero_times_infinity: ("entropy becomes NaN at Log", "ln(0) = −∞", "xlogy(y, x)"),
    learning_rate: (
        "loss becomes infinite at Multiply",
        "the loss grew from step to step: 81",
        "learning rate",
    ),
    exp_overflows: (
        "the gradient of x becomes NaN at Exp",
        "overflow: f32 ends at 3.403e38",
        "subtract the largest element",
    ),
    root_of_a_negative_number: ("becomes NaN at PowerScalar", "^0.5 = NaN", "only whole exponents"),
    power_at_zero: ("the gradient of x becomes infinite at PowerScalar", "∞", "away from 0"),
    everything_masked: ("becomes NaN at Subtract", "−∞ − (−∞) = NaN", "keep infinity out"),
    nan_in_the_data: ("X is given with NaN in it", "a NaN at [0, 1] before anything", "clean the data"),
    spread_of_equal_numbers: ("the gradient of x becomes NaN at Sqrt", "= ∞", "sqrt(x + 1e-12)"),
    hand_written_sigmoid: (
        "the gradient of z becomes NaN at Exp",
        "overflow: f64 ends at 1.798e308",
        "keep x below 709",
    ),
}


def found(bug: Callable[[], None]) -> NonFiniteError:
    with pytest.raises(NonFiniteError) as caught, dg.debug():
        bug()
    return caught.value


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_it_is_found(bug: Callable[[], None]):
    what, reason, fix = BUGS[bug]
    error = found(bug)
    lines, start = inspect.getsourcelines(bug)
    here = next(at for at, line in enumerate(lines, start) if "# here" in line)
    assert error.where is not None
    assert error.where.startswith(f"{Path(__file__).name}:{here}, in {bug.__name__}: ")
    assert what in error.what
    assert reason in error.reason
    assert fix in str(error.fix)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_its_path_is_drawn(bug: Callable[[], None]):
    error = found(bug)
    with np.errstate(all="ignore"):
        figure = error.draw()
        about = figure.content
        assert check(figure.svg) + compare(figure.svg, about.graph, about.values, about.gradients) == []


def test_the_whole_text():
    text = str(found(untaken_where)).splitlines()
    assert text[0] == "the gradient of x becomes NaN at Sqrt"
    assert text[2:4] == [
        "  inputs:   x: f64[2], 0 … 4, 0 at [0]",
        "            upstream gradient 0 … 1, 0 at [0]",
    ]
    assert text[6:8] == ["  path:     Sqrt (r) → x", "  reaches:  x"]


def test_infinity_that_is_absorbed_passes():
    with dg.debug():
        scores = dg.array([[1.0, 2.0, 3.0]])
        masked = dg.where(np.array([[True, True, False]]), scores, -np.inf)
        p = dg.softmax(masked)
        dg.square(p).sum().backward()
    assert scores.grad.data[0, 2] == 0.0


def test_a_given_infinity_that_nothing_uses_passes():
    with dg.debug():
        mask = dg.where(np.array([True, False]), 0.0, -np.inf)
    assert mask.shape == (2,)


def log_of_zero() -> float:
    x = dg.array([1.0, 0.0])
    loss = dg.log(x).sum()
    return float(loss)


def test_a_loss_that_nobody_differentiates_is_found_at_the_end():
    with pytest.raises(NonFiniteError, match="loss becomes infinite at Log"), dg.debug():
        log_of_zero()


def test_a_run_of_a_graph_is_watched():
    graph = dg.trace(lambda x: dg.log(x).sum())(dg.array([1.0, 2.0]))
    with pytest.raises(NonFiniteError, match="becomes infinite at Log") as caught, dg.debug():
        graph.run([1.0, 0.0])
    assert "dg.trace(lambda x: dg.log(x).sum())" in str(caught.value.where)


def test_functional_gradients_are_watched():
    with pytest.raises(NonFiniteError, match="at Sqrt"), dg.debug():
        dg.grad(lambda x: dg.sqrt(x).sum())(np.array([0.0]))


def test_nothing_is_raised_outside_or_where_all_is_well():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sqrt_at_zero()
    with dg.debug():
        x = dg.array([1.0, 4.0])
        dg.sqrt(x).sum().backward()
    assert x.grad.tolist() == [0.5, 0.25]
