"""Each optimiser beside PyTorch's, step by step; and what a step keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad import optim
from diagrad.errors import DTypeError, InputError, ShapeError

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(5)
START = {"W": RNG.normal(size=(3, 2)), "b": RNG.normal(size=2), "s": np.float64(0.5)}
TARGET = {"W": RNG.normal(size=(3, 2)), "b": RNG.normal(size=2), "s": np.float64(-1.0)}
STEPS = 20


def loss(p: Any) -> Any:
    """Neither symmetric nor quadratic, so that no optimiser's mistake cancels."""
    return total_of(p, TARGET)


def total_of(p: Any, target: Any) -> Any:
    terms = [((p[key] - t) ** 2 + 0.1 * p[key] ** 4).sum() for key, t in target.items()]
    return sum(term * at for at, term in enumerate(terms, 1))


def their_steps(
    make: Callable[[list[Any]], Any], clip: Any = None, schedule: Any = None
) -> list[dict[str, Any]]:
    tensors = {key: torch.tensor(x, dtype=torch.float64, requires_grad=True) for key, x in START.items()}
    goal = {key: torch.tensor(x, dtype=torch.float64) for key, x in TARGET.items()}
    opt = make(list(tensors.values()))
    rates = schedule(opt) if schedule else None
    seen = []
    for _ in range(STEPS):
        opt.zero_grad()
        total_of(tensors, goal).backward()
        if clip:
            clip(list(tensors.values()))
        opt.step()
        if rates:
            rates.step()
        seen.append({key: x.detach().numpy().copy() for key, x in tensors.items()})
    return seen


def our_steps(opt: optim.Optimiser, start: Any = None) -> list[dict[str, Any]]:
    params = START if start is None else start
    state, seen = opt.init(params), []
    for _ in range(STEPS):
        params, state = opt.step(params, dg.grad(loss)(params), state)
        seen.append(params)
    return seen


def compare(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    for mine, want in zip(ours, theirs, strict=True):
        for key in START:
            np.testing.assert_allclose(mine[key], want[key], rtol=1e-12, atol=1e-12)


T = torch.optim
CASES: dict[str, tuple[optim.Optimiser, Callable[[list[Any]], Any]]] = {
    "sgd": (optim.sgd(0.01), lambda w: T.SGD(w, 0.01)),
    "sgd decay": (optim.sgd(0.01, weight_decay=0.1), lambda w: T.SGD(w, 0.01, weight_decay=0.1)),
    "momentum": (
        optim.sgd(0.01, momentum=0.9, weight_decay=0.1),
        lambda w: T.SGD(w, 0.01, momentum=0.9, weight_decay=0.1),
    ),
    "nesterov": (
        optim.sgd(0.01, momentum=0.9, nesterov=True, weight_decay=0.1),
        lambda w: T.SGD(w, 0.01, momentum=0.9, nesterov=True, weight_decay=0.1),
    ),
    "adam": (optim.adam(0.05), lambda w: T.Adam(w, 0.05)),
    "adam decay": (
        optim.adam(0.05, beta1=0.8, beta2=0.9, eps=1e-3, weight_decay=0.1),
        lambda w: T.Adam(w, 0.05, (0.8, 0.9), 1e-3, weight_decay=0.1),
    ),
    "amsgrad": (optim.adam(0.3, amsgrad=True), lambda w: T.Adam(w, 0.3, amsgrad=True)),
    "adamw": (optim.adamw(0.05, weight_decay=0.1), lambda w: T.AdamW(w, 0.05, weight_decay=0.1)),
    "adamw amsgrad": (optim.adamw(0.3, amsgrad=True), lambda w: T.AdamW(w, 0.3, amsgrad=True)),
    "rmsprop": (optim.rmsprop(0.02, weight_decay=0.1), lambda w: T.RMSprop(w, 0.02, weight_decay=0.1)),
    "rmsprop centred": (
        optim.rmsprop(0.02, momentum=0.5, centred=True),
        lambda w: T.RMSprop(w, 0.02, momentum=0.5, centered=True),
    ),
    "adagrad": (
        optim.adagrad(0.1, initial=0.2, weight_decay=0.1),
        lambda w: T.Adagrad(w, 0.1, initial_accumulator_value=0.2, weight_decay=0.1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_numbers(name: str) -> None:
    ours, theirs = CASES[name]
    compare(our_steps(ours), their_steps(theirs))


def test_clipping() -> None:
    def by_norm(w: list[Any]) -> None:
        torch.nn.utils.clip_grad_norm_(w, 2.0)

    def by_value(w: list[Any]) -> None:
        torch.nn.utils.clip_grad_value_(w, 0.5)

    for part, clip in ((optim.clip_by_global_norm(2.0), by_norm), (optim.clip_by_value(0.5), by_value)):
        compare(our_steps(optim.chain(part, optim.adam(0.05))), their_steps(lambda w: T.Adam(w, 0.05), clip))


def test_weight_decay_before_and_after() -> None:
    before = optim.chain(optim.weight_decay(0.1), optim.sgd(0.01, momentum=0.9))
    compare(our_steps(before), their_steps(lambda w: T.SGD(w, 0.01, momentum=0.9, weight_decay=0.1)))
    after = optim.chain(optim.adam(0.05), optim.weight_decay(0.05 * 0.1))
    compare(our_steps(after), their_steps(lambda w: T.AdamW(w, 0.05, weight_decay=0.1)))


def test_a_schedule() -> None:
    compare(
        our_steps(optim.adam(optim.step_decay(0.1, 5, 0.5))),
        their_steps(lambda w: T.Adam(w, 0.1), schedule=lambda o: T.lr_scheduler.StepLR(o, 5, 0.5)),
    )


@pytest.mark.parametrize("name", CASES)
def test_a_step_can_be_traced(name: str) -> None:
    opt, _ = CASES[name]
    state = opt.init(START)
    grads = dg.grad(loss)(START)
    params, want_state = opt.step(START, grads, state)
    again, want_state = opt.step(params, grads, want_state)
    graph = dg.trace(opt.step)(START, grads, state)
    flat = optim.trees.flat
    _, state = opt.step(START, grads, state)
    got = graph.run(*flat(params)[1], *flat(grads)[1], *flat(state)[1]).outputs
    for mine, want in zip(got, [*flat(again)[1], *flat(want_state)[1]], strict=True):
        np.testing.assert_allclose(mine, want, rtol=1e-14, atol=1e-15)
        assert np.asarray(mine).dtype == np.asarray(want).dtype


@pytest.mark.parametrize("name", CASES)
def test_float32_stays(name: str) -> None:
    opt = optim.chain(optim.clip_by_global_norm(1.0), CASES[name][0])
    params = {key: np.float32(x) for key, x in START.items()}
    for stepped in our_steps(opt, params):
        assert {np.asarray(x).dtype for x in stepped.values()} == {np.dtype(np.float32)}
    scheduled = optim.sgd(optim.warmup_cosine(0.1, 2, 5), momentum=0.5)
    assert our_steps(scheduled, params)[-1]["W"].dtype == np.float32


def test_nothing_given_is_changed() -> None:
    opt = optim.adam(0.1)
    params, grads = {"w": np.ones(2)}, {"w": np.full(2, 2.0)}
    state = opt.init(params)
    for x in (params["w"], grads["w"], state["m"]["w"]):
        x.flags.writeable = False
    opt.step(params, grads, state)


def test_parameters_stay_parameters() -> None:
    params = {"W": dg.parameter([1.0, 2.0], name="weights"), "rest": [dg.parameter(0.5), dg.asarray(2.0)]}
    opt = optim.sgd(0.1, momentum=0.9)
    grads = {"W": dg.asarray([1.0, 1.0]), "rest": [np.float64(1.0), 0.0]}
    new, _ = opt.step(params, grads, opt.init(params))
    assert (new["W"].name, new["W"].role, new["W"].is_leaf) == ("weights", "parameter", True)
    assert new["rest"][0].role == "parameter"
    assert not new["rest"][1].is_leaf
    assert dg.graph(new["W"] * 2).nodes[-1].op.name == "Multiply"
    assert len(dg.graph(new["W"] * 2).nodes) == 2, "no history of the step"


def test_a_step_with_recorded_gradients_is_differentiable() -> None:
    """The derivative of a loss after one step, with respect to where it began (MAML)."""
    opt = optim.sgd(0.1)

    def after(w: Any) -> Any:
        params = {"w": w}
        grads = dg.grad(lambda p: p["w"] ** 3)(params)
        new, _ = opt.step(params, grads, opt.init(params))
        return new["w"] ** 2

    w = 2.0
    want = 2 * (w - 0.3 * w**2) * (1 - 0.6 * w)
    assert abs(float(dg.grad(after)(w)) - want) < 1e-13
    x = dg.parameter(2.0, name="x")
    after(x).backward()
    assert x.grad is not None
    assert abs(x.grad.item() - want) < 1e-13


def test_a_list_of_scalars_stays_one() -> None:
    opt = optim.chain(optim.clip_by_value(1.0), optim.clip_by_global_norm(9.0), optim.adam(0.1))
    params = [np.array(1.0), np.array(2.0)]
    state = opt.init(params)
    for _ in range(3):
        params, state = opt.step(params, dg.grad(lambda p: p[0] ** 2 * p[1])(params), state)
    assert [x.shape for x in params] == [(), ()]
    assert [x.shape for x in state[2]["m"]] == [(), ()]
    pair = [dg.parameter(1.0, name="a"), dg.parameter(2.0, name="b")]
    (pair[0] * pair[1]).backward()
    stepped, _ = optim.sgd(0.5).step(pair, optim.gradients(pair), optim.sgd(0.5).init(pair))
    assert [(x.name, x.item()) for x in stepped] == [("a", 0.0), ("b", 1.5)]


def test_minimise_calls_back_before_each_step() -> None:
    seen: list[tuple[int, float]] = []
    done = optim.minimise(
        lambda p: p * p, dg.parameter(2.0), optim.sgd(0.25), 3, lambda step, value: seen.append((step, value))
    )
    assert seen == [(0, 4.0), (1, 1.0), (2, 0.25)]
    assert done == 0.25


def test_no_parameters() -> None:
    opt = optim.adam()
    assert opt.step({}, {}, opt.init({}))[0] == {}


SGD = optim.sgd(0.1)
W = {"W": np.ones((2, 3))}
WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "structure": (
        lambda: SGD.step(W, {"V": np.ones((2, 3))}, SGD.init(W)),
        InputError,
        "expected: W\n  got:      V",
    ),
    "none": (
        lambda: SGD.step(W, {"W": None}, SGD.init(W)),
        InputError,
        "there is no gradient of W",
    ),
    "shape": (
        lambda: SGD.step(W, {"W": np.ones(3)}, SGD.init(W)),
        ShapeError,
        "the gradient of W has another shape",
    ),
    "integers": (
        lambda: SGD.step({"n": 3}, {"n": 1.0}, SGD.init({"n": 3})),
        DTypeError,
        "n has dtype int64",
    ),
    "before": (
        lambda: optim.gradients({"w": dg.parameter(1.0)}),
        InputError,
        "there is no gradient of w",
    ),
    "warm-up": (
        lambda: optim.warmup_cosine(1.0, 5, 5),
        InputError,
        "does not fit into 5",
    ),
    "points": (
        lambda: optim.piecewise_linear({}),
        InputError,
        "a schedule without a rate",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_messages(case: str) -> None:
    attempt, kind, text = WRONG[case]
    with pytest.raises(kind, match=r"(?s)where:.*expected:.*got:.*fix:") as caught:
        attempt()
    assert text in str(caught.value)
    assert "test_optimisers.py" in str(caught.value)
