"""A two-layer network that learns to read handwritten digits, in plain diagrad.

Each step is what every training loop is: run forward to the loss, run backward to the gradients, and move
each parameter a little against its gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import diagrad as dg

from ...expression.naming import named
from .digits import Digits, Numbers

ACTIVATIONS: dict[str, Callable[[dg.Array], dg.Array]] = {"tanh": dg.tanh, "relu": dg.relu}


def initial_parameters(hidden: int, seed: int = 0, pixels: int = 64, classes: int = 10) -> list[dg.Array]:
    """W1 (pixels, hidden), b1 (hidden,), W2 (hidden, classes), b2 (classes,): small random weights, no bias.

    Method: scaled by 1/√fan-in, so that values keep their size from layer to layer (LeCun et al. 1998).
    """
    layers = dg.nn.init.mlp(seed, [pixels, hidden, classes], scheme=dg.nn.init.lecun_normal)
    return [
        dg.parameter(x, name=f"{key}{at}") for at, layer in enumerate(layers, 1) for key, x in layer.items()
    ]


def scores_of(parameters: list[dg.Array], images: Any, activation: str) -> dg.Array:
    """The network: images (N, 64) → hidden (N, hidden) → scores (N, 10)."""
    W1, b1, W2, b2 = parameters
    hidden = ACTIVATIONS[activation](images @ W1 + b1)
    return named("scores", named("hidden", hidden) @ W2 + b2)


def loss_of(parameters: list[dg.Array], images: Any, labels: Any, activation: str) -> dg.Array:
    """The mean of −ln(probability of the right digit), a scalar."""
    return named("loss", dg.softmax_cross_entropy(scores_of(parameters, images, activation), labels))


def accuracy_of(parameters: list[dg.Array], images: Numbers, labels: Numbers, activation: str) -> float:
    """The share of images whose highest score is the right digit's."""
    with dg.no_grad():
        guesses = dg.argmax(scores_of(parameters, images, activation), axis=1)
    right: Numbers = guesses.data == labels
    return float(right.mean())


@dataclass
class History:
    """What training looked like: the loss of each step, the validation accuracy after each epoch."""

    losses: list[float] = field(default_factory=list[float])
    accuracies: list[float] = field(default_factory=list[float])


def train(
    digits: Digits,
    epochs: int,
    hidden: int,
    activation: str,
    seed: int,
    report: Callable[[int, str], None],
    rate: float = 0.1,
    momentum: float = 0.9,
) -> tuple[list[dg.Array], History]:
    """Train by stochastic gradient descent with momentum.

    Args:
        digits: training and validation images.
        epochs: how often every training image is seen.
        hidden: units of the hidden layer.
        activation: ``"tanh"`` or ``"relu"``.
        seed: of the first weights and of the batches.
        report: called after each epoch with its number and a line of text.
        rate: how far each step goes along the velocity.
        momentum: how much of the last step's velocity stays.

    Returns:
        The parameters, and the :class:`History`.
    """
    parameters = initial_parameters(hidden, seed)
    optimiser = dg.optim.sgd(rate, momentum=momentum)
    state = optimiser.init(parameters)
    history = History()
    for epoch in range(1, epochs + 1):
        for images, labels in batches(digits.images, digits.labels, seed + epoch):
            loss = loss_of(parameters, images, labels, activation)  # forward
            loss.backward()  # backward
            gradients = dg.optim.gradients(parameters)
            parameters, state = optimiser.step(parameters, gradients, state)  # and one step down
            history.losses.append(loss.item())
        accuracy = accuracy_of(parameters, digits.validation_images, digits.validation_labels, activation)
        history.accuracies.append(accuracy)
        report(
            epoch,
            f"epoch {epoch}/{epochs}  loss {np.mean(history.losses[-10:]):.4f}  accuracy {accuracy:.1%}",
        )
    return parameters, history


def batches(images: Numbers, labels: Numbers, seed: int, size: int = 32) -> Iterator[tuple[Numbers, Numbers]]:
    """Mini-batches of images and labels in random order."""
    order = np.random.default_rng(seed).permutation(len(images))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        yield images[chosen], labels[chosen]
