"""Losses beside PyTorch's, and what PyTorch does not have beside its definition."""

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
RNG = np.random.default_rng(4)
REDUCTIONS = ["mean", "sum", "none"]
pytestmark = pytest.mark.parametrize("reduction", REDUCTIONS)


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.normal(size=shape)


PAIRS: dict[str, tuple[Any, Any]] = {
    "mse": (nn.mse, F.mse_loss),
    "mae": (nn.mae, F.l1_loss),
    "huber": (
        lambda y, t, **o: nn.huber(y, t, delta=0.7, **o),
        lambda y, t, **o: F.huber_loss(y, t, delta=0.7, **o),
    ),
    "smooth": (
        lambda y, t, **o: nn.smooth_l1(y, t, beta=0.7, **o),
        lambda y, t, **o: F.smooth_l1_loss(y, t, beta=0.7, **o),
    ),
    "smooth with beta 0": (
        lambda y, t, **o: nn.smooth_l1(y, t, beta=0.0, **o),
        lambda y, t, **o: F.smooth_l1_loss(y, t, beta=0.0, **o),
    ),
    "poisson": (nn.poisson_nll, F.poisson_nll_loss),
}


@pytest.mark.parametrize("name", PAIRS)
def test_of_predictions_and_targets(name: str, reduction: str) -> None:
    ours, theirs = PAIRS[name]
    agree(
        lambda y, t: ours(y, t, reduction=reduction),
        lambda y, t: theirs(y, t, reduction=reduction),
        y=normal(4, 3), t=normal(4, 3),
    )  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_cross_entropy(reduction: str, weighted: bool) -> None:
    w, p = RNG.random((4, 1)) + 0.5, RNG.random(3) + 0.5
    logits = normal(4, 3)
    logits[0, 0], logits[0, 1], logits[0, 2] = 0.0, 60.0, -60.0
    options: dict[str, Any] = {"weights": w, "positive_weight": p} if weighted else {}
    theirs: dict[str, Any] = (
        {"weight": torch.from_numpy(w), "pos_weight": torch.from_numpy(p)} if weighted else {}
    )

    def ours(x: Any, t: Any) -> Any:
        cast = {key: a.astype(x.dtype) for key, a in options.items()}
        return nn.binary_cross_entropy(x, t, reduction=reduction, **cast)

    agree(
        ours,
        lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction=reduction, **theirs),
        x=logits, t=RNG.random((4, 3)),
    )  # fmt: skip


def test_the_second_derivative_of_binary_cross_entropy_at_zero(reduction: str) -> None:
    second = dg.grad(dg.grad(lambda x: nn.binary_cross_entropy(x, 1.0, reduction=reduction)))
    assert second(0.0) == 0.25


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weights": {"weight": np.array([0.5, 2.0, 1.0, 0.0, 1.5])},
    "smoothing": {"label_smoothing": 0.1},
    "ignored": {"ignore_index": -100},
    "a class ignored": {"ignore_index": 2},
    "all": {"weight": np.array([0.5, 2.0, 1.0, 0.3, 1.5]), "label_smoothing": 0.2, "ignore_index": -100},
}


def theirs(options: dict[str, Any]) -> dict[str, Any]:
    return {key: torch.from_numpy(x) if key == "weight" else x for key, x in options.items()}


def ours(options: dict[str, Any]) -> dict[str, Any]:
    return {"weights" if key == "weight" else key: x for key, x in options.items()}


@pytest.mark.parametrize("lead", [(6,), (2, 3)])
@pytest.mark.parametrize("name", OPTIONS)
def test_cross_entropy(name: str, lead: tuple[int, ...], reduction: str) -> None:
    options = OPTIONS[name]
    labels = np.array([0, 1, 2, 3, 4, 2]).reshape(lead)
    if options.get("ignore_index") == -100:
        labels.flat[1] = labels.flat[4] = -100
    agree(
        lambda x, labels: nn.cross_entropy(x, labels, reduction=reduction, **ours(options)),
        lambda x, labels: F.cross_entropy(x.movedim(-1, 1), labels, reduction=reduction, **theirs(options)),
        x=3 * normal(*lead, 5), labels=labels,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["plain", "weights", "smoothing"])
def test_cross_entropy_of_probabilities(name: str, reduction: str) -> None:
    options = OPTIONS[name]

    def mine(x: Any, t: Any) -> Any:
        cast = {key: a.astype(x.dtype) if key == "weight" else a for key, a in options.items()}
        return nn.cross_entropy(x, t, reduction=reduction, **ours(cast))

    agree(
        mine,
        lambda x, t: F.cross_entropy(x, t, reduction=reduction, **theirs(options)),
        x=normal(4, 5), t=RNG.dirichlet(np.ones(5), 4),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["plain", "weights", "a class ignored"])
def test_nll(name: str, reduction: str) -> None:
    options = OPTIONS[name]
    agree(
        lambda x, labels: nn.nll(x, labels, reduction=reduction, **ours(options)),
        lambda x, labels: F.nll_loss(x, labels, reduction=reduction, **theirs(options)),
        x=normal(4, 5), labels=np.array([0, 2, 4, 1]),
    )  # fmt: skip


@pytest.mark.parametrize("logs", [False, True])
def test_kl_div(reduction: str, logs: bool) -> None:
    p = RNG.dirichlet(np.ones(5), 4)
    agree(
        lambda q, p: nn.kl_div(dg.log_softmax(q), p, log_targets=logs, reduction=reduction).sum(),
        lambda q, p: F.kl_div(
            F.log_softmax(q, -1), p, log_target=logs,
            reduction="batchmean" if reduction == "mean" else reduction,
        ).sum(),
        q=normal(4, 5), p=np.log(p) if logs else p,
    )  # fmt: skip


def test_kl_div_counts_zero_probabilities_as_nothing(reduction: str) -> None:
    p = dg.array([[1.0, 0.0]])
    nn.kl_div(np.log([[0.5, 0.5]]), p, reduction=reduction).sum().backward()
    assert np.isfinite(p.grad.data).all()


@pytest.mark.parametrize("full", [False, True])
def test_gaussian_nll(reduction: str, full: bool) -> None:
    agree(
        lambda m, t, v: nn.gaussian_nll(m, t, v, full=full, reduction=reduction),
        lambda m, t, v: F.gaussian_nll_loss(m, t, v, full=full, reduction=reduction),
        m=normal(4, 3), t=normal(4, 3), v=RNG.random((4, 3)) + 0.1,
    )  # fmt: skip


@pytest.mark.parametrize("log_input", [False, True])
def test_poisson_nll(reduction: str, log_input: bool) -> None:
    t = np.array([[0.0, 1, 2], [5, 3, 0], [1, 7, 2], [4, 1, 0]])  # to t = 0 PyTorch's gradient is NaN
    options: dict[str, Any] = {"log_input": log_input, "full": True, "reduction": reduction}
    agree(
        lambda y: nn.poisson_nll(y, t.astype(y.dtype), **options),
        lambda y: F.poisson_nll_loss(y, torch.from_numpy(t), **options),
        y=RNG.random((4, 3)) + 0.1,
    )


def test_hinge(reduction: str) -> None:
    t = np.where(RNG.random((4, 3)) < 0.5, -1.0, 1.0)

    def reference(x: Any) -> Any:
        loss = (1 - torch.from_numpy(t) * x).clamp(min=0)
        return loss if reduction == "none" else getattr(loss, reduction)()

    agree(lambda x: nn.hinge(x, t.astype(x.dtype), reduction=reduction), reference, x=normal(4, 3))


def test_multiclass_hinge(reduction: str) -> None:
    agree(
        lambda x, labels: nn.multiclass_hinge(x, labels, reduction=reduction),
        lambda x, labels: 5 * F.multi_margin_loss(x, labels, reduction=reduction),
        x=normal(4, 5), labels=np.array([0, 2, 4, 1]),
    )  # fmt: skip


def test_cosine_embedding(reduction: str) -> None:
    t = np.array([1, -1, -1, 1])
    agree(
        lambda x, y: nn.cosine_embedding(x, y, t, margin=0.1, reduction=reduction),
        lambda x, y: F.cosine_embedding_loss(x, y, torch.from_numpy(t), margin=0.1, reduction=reduction),
        x=normal(4, 5), y=normal(4, 5),
    )  # fmt: skip


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("swap", [False, True])
def test_triplet(reduction: str, p: int, swap: bool) -> None:
    agree(
        lambda a, y, z: nn.triplet(a, y, z, p=p, swap=swap, reduction=reduction),
        lambda a, y, z: F.triplet_margin_loss(a, y, z, p=p, swap=swap, reduction=reduction),
        a=normal(4, 5), y=normal(4, 5), z=normal(4, 5),
    )  # fmt: skip


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "shapes": (
        lambda: nn.mse(np.ones((3, 1)), np.ones(3)),
        ShapeError,
        "mse: the shapes differ",
    ),
    "reduction": (lambda: nn.mse([1.0], [1.0], reduction="avg"), InputError, "there is no reduction 'avg'"),  # type: ignore[arg-type]
    "labels": (
        lambda: nn.cross_entropy(np.ones((3, 2)), [0, 1]),
        ShapeError,
        "scores and labels disagree",
    ),
    "class": (
        lambda: nn.cross_entropy(np.ones((2, 2)), [0, 2]),
        OutOfRangeError,
        "labels lie outside",
    ),
    "negative": (
        lambda: nn.cross_entropy(np.ones((2, 2)), [0, -1]),
        OutOfRangeError,
        "labels lie outside",
    ),
    "weights": (
        lambda: nn.nll(np.ones((2, 2)), [0, 1], weights=[1.0]),
        ShapeError,
        "the weights do not fit",
    ),
    "ignored": (
        lambda: nn.cross_entropy(np.ones((2, 2)), np.ones((2, 2)), ignore_index=0),
        DTypeError,
        "probabilities have no label to ignore",
    ),
    "integers": (
        lambda: nn.binary_cross_entropy([1], [1]),
        DTypeError,
        "the logits are not floating-point",
    ),
    "pairs": (
        lambda: nn.cosine_embedding(np.ones((2, 3)), np.ones((2, 3)), [1]),
        ShapeError,
        "do not fit the pairs",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_messages(case: str, reduction: str) -> None:
    attempt, kind, text = WRONG[case]
    with pytest.raises(kind, match=r"(?s)where:.*expected:.*got:.*fix:") as caught:
        attempt()
    assert text in str(caught.value)
    assert "test_losses.py" in str(caught.value)
