"""Recurrent cells and sequences beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from beside_torch import agree
from diagrad import nn
from diagrad.errors import ShapeError

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(3)
D, H = 3, 4


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.normal(size=shape)


def weights(blocks: int) -> dict[str, Any]:
    return {"W": normal(D, blocks * H), "U": normal(H, blocks * H), "b": normal(blocks * H)}


def split(given: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """The parameters, and the other arguments."""
    return {k: x for k, x in given.items() if k in "WUbc"}, [x for k, x in given.items() if k not in "WUbc"]


def their(module: Any, given: dict[str, Any], *args: Any, suffix: str = "") -> Any:
    """A module of torch.nn with these weights; the GRU's c is the hidden bias of its third block."""
    hidden = torch.zeros_like(given["b"])
    if "c" in given:
        hidden = torch.cat([hidden[: 2 * H], given["c"]])
    named = {
        f"weight_ih{suffix}": given["W"].T, f"weight_hh{suffix}": given["U"].T,
        f"bias_ih{suffix}": given["b"], f"bias_hh{suffix}": hidden,
    }  # fmt: skip
    return torch.func.functional_call(module, named, args)


def options() -> dict[str, Any]:
    return {"dtype": torch.float64}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_rnn_cell(activation: str) -> None:
    agree(
        lambda x, h, **w: nn.rnn_cell(w, x, h, getattr(dg, activation)),
        lambda x, h, **w: their(torch.nn.RNNCell(D, H, nonlinearity=activation, **options()), w, x, h),
        x=normal(2, D), h=normal(2, H), **weights(1),
    )  # fmt: skip


def test_gru_cell() -> None:
    agree(
        lambda x, h, **w: nn.gru_cell(w, x, h),
        lambda x, h, **w: their(torch.nn.GRUCell(D, H, **options()), w, x, h),
        x=normal(2, D), h=normal(2, H), **weights(3), c=normal(H),
    )  # fmt: skip


@pytest.mark.parametrize("which", [0, 1])
def test_lstm_cell(which: int) -> None:
    agree(
        lambda x, h0, c0, **w: nn.lstm_cell(w, x, (h0, c0))[which],
        lambda x, h0, c0, **w: their(torch.nn.LSTMCell(D, H, **options()), w, x, (h0, c0))[which],
        x=normal(2, D), h0=normal(2, H), c0=normal(2, H), **weights(4),
    )  # fmt: skip


@pytest.mark.parametrize("lead", [(), (2,)])
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("layer", ["rnn", "gru"])
def test_sequences(layer: str, which: int, lead: tuple[int, ...]) -> None:
    module = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU}[layer]
    more = {"c": normal(H)} if layer == "gru" else {}

    def theirs(xs: Any, h: Any, **w: Any) -> Any:
        ys, last = their(module(D, H, batch_first=True, **options()), w, xs, h[None], suffix="_l0")
        return (ys, last[0])[which]

    agree(
        lambda xs, h, **w: getattr(nn, layer)(w, xs, h)[which],
        theirs,
        xs=normal(*lead, 5, D), h=normal(*lead, H), **weights(3 if layer == "gru" else 1), **more,
    )  # fmt: skip


@pytest.mark.parametrize("which", [0, 1, 2])
def test_lstm(which: int) -> None:
    def flat(made: Any) -> Any:
        ys, (h, c) = made
        return (ys, h, c)[which]

    def theirs(xs: Any, h0: Any, c0: Any, **w: Any) -> Any:
        module = torch.nn.LSTM(D, H, batch_first=True, **options())
        ys, (h, c) = their(module, w, xs, (h0[None], c0[None]), suffix="_l0")
        return (ys, h[0], c[0])[which]

    agree(
        lambda xs, h0, c0, **w: flat(nn.lstm(w, xs, (h0, c0))),
        theirs,
        xs=normal(2, 5, D), h0=normal(2, H), c0=normal(2, H), **weights(4),
    )  # fmt: skip


@pytest.mark.parametrize("layer", ["rnn", "gru", "lstm"])
def test_the_first_state_is_zero_and_reverse_runs_backwards(layer: str) -> None:
    params = getattr(nn.init, layer)(0, D, H, dtype=np.float32)
    run = getattr(nn, layer)
    xs, zeros = np.float32(normal(2, 5, D)), np.zeros((2, H), np.float32)
    ys, last = run(params, xs)
    assert ys.dtype == np.float32
    again, _ = run(params, xs, (zeros, zeros) if layer == "lstm" else zeros)
    np.testing.assert_array_equal(ys.data, again.data)
    back, end = run(params, xs[:, ::-1], reverse=True)
    np.testing.assert_array_equal(back.data[:, ::-1], ys.data)
    for a, b in zip(last if layer == "lstm" else [last], end if layer == "lstm" else [end], strict=True):
        np.testing.assert_array_equal(a.data, b.data)


@pytest.mark.parametrize("layer", ["rnn", "gru", "lstm"])
def test_they_trace(layer: str) -> None:
    params, xs = getattr(nn.init, layer)(0, D, H), normal(4, D)
    run = getattr(nn, layer)
    graph = dg.trace(lambda params, xs: run(params, xs)[0])(params, xs)
    given = [*params.values(), xs]
    np.testing.assert_allclose(graph.run(*given).outputs[0], run(params, xs)[0].data, atol=1e-15)
    assert sum(node.op.name == "MatMul" for node in graph.nodes) == 8


WRONG: dict[str, tuple[Any, str]] = {
    "input": (
        lambda: nn.rnn_cell(nn.init.rnn(0, D, H), np.ones(2), np.ones(H)),
        "rnn: the inputs do not fit",
    ),
    "state": (
        lambda: nn.gru_cell(nn.init.gru(0, D, H), np.ones((2, D)), np.ones(H)),
        "gru: the inputs do not fit",
    ),
    "cell": (
        lambda: nn.lstm_cell(nn.init.lstm(0, D, H), np.ones(D), (np.ones(H), np.ones(1))),
        "h and c disagree",
    ),
    "another": (
        lambda: nn.lstm_cell(nn.init.rnn(0, D, H), np.ones(D), (np.ones(H),) * 2),
        "W[D 4H]",
    ),
    "bias": (
        lambda: nn.gru_cell({**nn.init.gru(0, D, H), "c": np.ones(1)}, np.ones(D), np.ones(H)),
        "c does not fit",
    ),
    "no time": (
        lambda: nn.rnn(nn.init.rnn(0, D, H), np.ones((0, D))),
        "there is no sequence",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_messages(case: str) -> None:
    attempt, text = WRONG[case]
    with pytest.raises(ShapeError, match=r"(?s)where:.*expected:.*got:.*fix:") as caught:
        attempt()
    assert text in str(caught.value)
    assert "test_recurrent.py" in str(caught.value)
