"""Schedules beside PyTorch's and NumPy's; traced they give the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad import optim

torch = pytest.importorskip("torch")
L = torch.optim.lr_scheduler
STEPS = 30


def their_rates(make: Callable[[Any], Any], rate: float = 0.1) -> list[float]:
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], rate)
    schedule = make(opt)
    rates = []
    for _ in range(STEPS):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return rates


def warmup(opt: Any) -> Any:
    parts = [L.LinearLR(opt, 0.1, 1.0, 6), L.CosineAnnealingLR(opt, STEPS - 6, 0.01)]
    return L.SequentialLR(opt, parts, [6])


THEIRS: dict[str, tuple[optim.Schedule, Callable[[Any], Any]]] = {
    "constant": (optim.constant(0.1), lambda o: L.LambdaLR(o, lambda _: 1.0)),
    "steps": (optim.step_decay(0.1, 7, 0.3), lambda o: L.StepLR(o, 7, 0.3)),
    "exponential": (optim.exponential_decay(0.1, 0.9), lambda o: L.ExponentialLR(o, 0.9)),
    "cosine": (optim.cosine_decay(0.1, STEPS, 0.01), lambda o: L.CosineAnnealingLR(o, STEPS, 0.01)),
    "warm-up": (optim.warmup_cosine(0.1, 6, STEPS, start=0.01, final=0.01), warmup),
    "one cycle": (optim.one_cycle(0.1, STEPS + 1), lambda o: L.OneCycleLR(o, 0.1, STEPS + 1)),
    "pieces": (
        optim.piecewise_constant({0: 0.1, 5: 0.01, 12: 0.001}),
        lambda o: L.MultiStepLR(o, [5, 12], 0.1),
    ),
}


@pytest.mark.parametrize("name", THEIRS)
def test_the_same_rates(name: str) -> None:
    schedule, make = THEIRS[name]
    got = [float(schedule(t)) for t in range(STEPS)]
    np.testing.assert_allclose(got, their_rates(make), rtol=1e-12)


LINES = {2: 0.5, 6: 1.0, 16: 0.0}


def test_piecewise_linear() -> None:
    schedule = optim.piecewise_linear(LINES)
    want = np.interp(range(STEPS), list(LINES), list(LINES.values()))
    np.testing.assert_allclose([float(schedule(t)) for t in range(STEPS)], want, atol=1e-15)


@pytest.mark.parametrize("name", [*THEIRS, "lines"])
def test_traced(name: str) -> None:
    schedule = optim.piecewise_linear(LINES) if name == "lines" else THEIRS[name][0]
    graph = dg.trace(schedule)(np.int64(0))
    for t in range(0, STEPS, 3):
        assert abs(float(graph.run(np.int64(t)).outputs[0]) - float(schedule(t))) < 1e-15


def test_after_its_end_a_schedule_stays() -> None:
    for schedule in (optim.cosine_decay(1.0, 5, 0.1), optim.warmup_cosine(1.0, 2, 5, final=0.1)):
        assert [float(schedule(t)) for t in (5, 50)] == [0.1, 0.1]
    cycle = optim.one_cycle(1.0, 5)
    assert float(cycle(4)) == float(cycle(40))
