"""Layers and normalisation beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from beside_torch import agree
from diagrad import nn
from diagrad.errors import DTypeError, InputError, OutOfRangeError, ShapeError

torch = pytest.importorskip("torch")
F = torch.nn.functional
RNG = np.random.default_rng(1)


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.normal(size=shape)


@pytest.mark.parametrize("lead", [(), (4,), (2, 3), (0,), (2, 0, 3)])
def test_linear(lead: tuple[int, ...]) -> None:
    agree(
        lambda x, W, b: nn.linear({"W": W, "b": b}, x),
        lambda x, W, b: F.linear(x, W.T, b),
        x=normal(*lead, 5), W=normal(5, 3), b=normal(3),
    )  # fmt: skip


def test_linear_without_bias() -> None:
    agree(lambda x, W: nn.linear({"W": W}, x), lambda x, W: F.linear(x, W.T), x=normal(2, 5), W=normal(5, 3))


def test_linear_makes_one_product_of_a_batch() -> None:
    graph = dg.trace(nn.linear)(nn.init.linear(0, 5, 3), np.ones((2, 4, 5)))
    assert [node.op.name for node in graph.nodes] == ["Reshape", "MatMul", "Reshape", "Repeat", "Add"]


def test_mlp() -> None:
    agree(
        lambda x, W1, b1, W2, b2: nn.mlp([{"W": W1, "b": b1}, {"W": W2, "b": b2}], x, dg.tanh),
        lambda x, W1, b1, W2, b2: F.linear(torch.tanh(F.linear(x, W1.T, b1)), W2.T, b2),
        x=normal(4, 3), W1=normal(3, 6), b1=normal(6), W2=normal(6, 2), b2=normal(2),
    )  # fmt: skip


def test_embedding() -> None:
    agree(
        lambda W, tokens: nn.embedding({"W": W}, tokens),
        lambda W, tokens: F.embedding(tokens, W),
        W=normal(7, 3), tokens=np.array([[0, 6, 6], [2, 0, 1]]),
    )  # fmt: skip


def test_residual() -> None:
    agree(lambda x: nn.residual(dg.tanh, x), lambda x: x + torch.tanh(x), x=normal(4))


def test_conv2d() -> None:
    agree(
        lambda x, W, b: nn.conv2d({"W": W, "b": b}, x, stride=2, padding=1),
        lambda x, W, b: F.conv2d(x, W, b, stride=2, padding=1),
        x=normal(2, 3, 7, 8), W=normal(4, 3, 3, 3), b=normal(4),
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(5,), (3, 5)])
def test_layer_norm(shape: tuple[int, ...]) -> None:
    agree(
        lambda x, gamma, beta: nn.layer_norm({"gamma": gamma, "beta": beta}, x),
        lambda x, gamma, beta: F.layer_norm(x, shape, gamma, beta),
        x=normal(4, 3, 5), gamma=normal(*shape), beta=normal(*shape),
    )  # fmt: skip


def test_rms_norm() -> None:
    agree(
        lambda x, gamma: nn.rms_norm({"gamma": gamma}, x, eps=1e-3),
        lambda x, gamma: F.rms_norm(x, (5,), gamma, 1e-3),
        x=normal(4, 5), gamma=normal(5),
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(2, 6), (2, 6, 4), (2, 6, 3, 2)])
@pytest.mark.parametrize("groups", [1, 2, 6])
def test_group_norm(shape: tuple[int, ...], groups: int) -> None:
    if groups == 6 and len(shape) == 2:
        return
    agree(
        lambda x, gamma, beta: nn.group_norm({"gamma": gamma, "beta": beta}, x, groups),
        lambda x, gamma, beta: F.group_norm(x, groups, gamma, beta),
        x=normal(*shape), gamma=normal(6), beta=normal(6),
    )  # fmt: skip


def test_instance_norm() -> None:
    agree(
        lambda x, gamma, beta: nn.instance_norm({"gamma": gamma, "beta": beta}, x),
        lambda x, gamma, beta: F.instance_norm(x, weight=gamma, bias=beta),
        x=normal(2, 3, 4, 5), gamma=normal(3), beta=normal(3),
    )  # fmt: skip
    agree(lambda x: nn.instance_norm(None, x), lambda x: F.instance_norm(x, None), x=normal(2, 3, 4))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 2, 5)])
def test_batch_norm(shape: tuple[int, ...], training: bool) -> None:
    mean, var = normal(3), RNG.uniform(0.5, 2.0, 3)
    kept: dict[str, Any] = {}

    def ours(x: Any, gamma: Any, beta: Any) -> Any:
        state = {"mean": mean.astype(x.dtype), "var": var.astype(x.dtype)}
        y, kept[str(x.dtype)] = nn.batch_norm({"gamma": gamma, "beta": beta}, x, state, training=training)
        return y

    running = torch.from_numpy(mean.copy()), torch.from_numpy(var.copy())
    agree(
        ours,
        lambda x, gamma, beta: F.batch_norm(x, *running, gamma, beta, training, 0.1),
        x=normal(*shape), gamma=normal(3), beta=normal(3),
    )  # fmt: skip
    for got, want in zip(kept["float64"].values(), running, strict=True):
        np.testing.assert_allclose(got.data, want.numpy(), rtol=1e-12)
        assert not got._active, "the running statistics hold no history"
    assert {x.dtype for x in kept["float32"].values()} == {np.dtype(np.float32)}


def test_batch_norm_has_its_channels_anywhere() -> None:
    x, params, state = normal(2, 3, 4), nn.init.batch_norm(4), nn.init.batch_norm_state(4)
    last, _ = nn.batch_norm(params, x, state, training=True, axis=-1)
    second, _ = nn.batch_norm(params, np.moveaxis(x, -1, 1), state, training=True)
    np.testing.assert_allclose(last.data, np.moveaxis(second.data, 1, -1), atol=1e-14)


def test_batch_norm_traces() -> None:
    step = dg.trace(lambda p, x, s: nn.batch_norm(p, x, s, training=True))
    graph = step(nn.init.batch_norm(3), np.ones((4, 3)), nn.init.batch_norm_state(3))
    x = normal(4, 3)
    y, mean, _ = graph.run(np.ones(3), np.zeros(3), x, np.zeros(3), np.ones(3)).outputs
    np.testing.assert_allclose(mean, 0.1 * x.mean(axis=0), atol=1e-15)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-15)


def test_parameters_are_named_after_their_keys() -> None:
    params = nn.parameters({"layers": nn.init.mlp(0, [2, 3, 1])})
    W = params["layers"][1]["W"]
    assert (W.name, W.role, W.shape) == ("W", "parameter", (3, 1))
    y = nn.mlp(params["layers"], np.ones((1, 2)))
    assert [(x.name, x.role) for x in dg.graph(y).inputs] == [
        (name, "parameter") for name in ("W", "b", "W_2", "b_2")
    ]


def test_a_layer_is_a_box() -> None:
    params = nn.parameters(nn.init.layer_norm(3))
    y = nn.layer_norm(params, np.ones((2, 3)))
    assert y.name == "y"
    assert {node.scope.path for node in dg.graph(y).nodes if node.scope} == {
        ("layer_norm",),
        ("layer_norm", "standardise"),
    }


LINEAR = nn.init.linear(0, 3, 2)
WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "linear": (
        lambda: nn.linear(LINEAR, np.ones((4, 5))),
        ShapeError,
        "linear: x and W disagree",
    ),
    "bias": (
        lambda: nn.linear({"W": np.ones((3, 2)), "b": np.ones(3)}, np.ones(3)),
        ShapeError,
        "W and b disagree",
    ),
    "key": (
        lambda: nn.layer_norm(LINEAR, np.ones(3)),
        InputError,
        "layer_norm: the parameters have no 'gamma'",
    ),
    "gamma": (
        lambda: nn.layer_norm(nn.init.layer_norm(2), np.ones((4, 3))),
        ShapeError,
        "last axes of x",
    ),
    "groups": (
        lambda: nn.group_norm(None, np.ones((2, 5)), 2),
        ShapeError,
        "2 groups do not divide the channels",
    ),
    "channels": (
        lambda: nn.group_norm(nn.init.group_norm(3), np.ones((2, 4)), 2),
        ShapeError,
        "gamma and beta do not fit the channels",
    ),
    "instance": (
        lambda: nn.instance_norm(None, np.ones((2, 5))),
        ShapeError,
        "a channel is one number",
    ),
    "batch": (
        lambda: nn.batch_norm(
            nn.init.batch_norm(2), np.ones((1, 2)), nn.init.batch_norm_state(2), training=True
        ),
        ShapeError,
        "fewer than two numbers",
    ),
    "state": (
        lambda: nn.batch_norm(
            nn.init.batch_norm(2), np.ones((4, 2)), nn.init.batch_norm_state(3), training=True
        ),
        ShapeError,
        "the state does not fit the channels",
    ),
    "token": (
        lambda: nn.embedding({"W": np.ones((3, 2))}, [0, 3]),
        OutOfRangeError,
        "tokens lie outside",
    ),
    "tokens": (
        lambda: nn.embedding({"W": np.ones((3, 2))}, [0.5]),
        DTypeError,
        "tokens are not integers",
    ),
    "residual": (
        lambda: nn.residual(dg.sum, np.ones(3)),
        ShapeError,
        "the function changes the shape",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_messages(case: str) -> None:
    attempt, kind, text = WRONG[case]
    with pytest.raises(kind, match=r"(?s)where:.*expected:.*got:.*fix:") as caught:
        attempt()
    assert text in str(caught.value)
    assert "test_layers.py" in str(caught.value)
