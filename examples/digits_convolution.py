"""A convolutional network that reads handwritten digits: 98 % of those it has not seen.

python examples/digits_convolution.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from shared.script import folder, progress
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import diagrad as dg
from diagrad import nn, optim

BATCH, EPOCHS = 64, 30


def first_parameters() -> dict[str, Any]:
    """Random parameters in float32."""
    rng, f32 = np.random.default_rng(0), np.float32
    return {
        "first": nn.init.conv2d(rng, 1, 16, 3, dtype=f32),
        "second": nn.init.conv2d(rng, 16, 32, 3, dtype=f32),
        "head": nn.init.linear(rng, 32 * 2 * 2, 10, dtype=f32),
    }


def scores(params: Any, images: Any) -> Any:
    """Scores (N, 10) of images (N, 1, 8, 8)."""
    x = dg.max_pool(dg.relu(nn.conv2d(params["first"], images, padding=1)), 2)
    x = dg.max_pool(dg.relu(nn.conv2d(params["second"], x, padding=1)), 2)
    return nn.linear(params["head"], dg.reshape(x, (x.shape[0], -1)))


def loss(params: Any, images: Any, labels: Any) -> Any:
    """The mean cross-entropy of the right digits, a little smoothed."""
    return nn.cross_entropy(scores(params, images), labels, label_smoothing=0.05)


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images moved by up to one pixel each way, so that more is learned from each."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    down, right = rng.integers(0, 3, 2)
    return padded[:, :, down : down + 8, right : right + 8]


def main(where: Path) -> None:
    """Train, judge on digits never seen, draw the network of one image."""
    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    learn, judge, labels, truth = train_test_split(
        images, digits.target, test_size=0.2, stratify=digits.target, random_state=0
    )
    rng = np.random.default_rng(1)
    params = first_parameters()
    steps = EPOCHS * (len(learn) // BATCH)
    adam = optim.adam(optim.cosine_decay(4e-3, steps))
    state = adam.init(params)
    step = dg.value_and_grad(loss)
    for _ in (bar := progress(range(EPOCHS), "digits")):
        order = rng.permutation(len(learn))
        for at in range(0, len(learn) - BATCH + 1, BATCH):
            chosen = order[at : at + BATCH]
            value, grads = step(params, shifted(learn[chosen], rng), labels[chosen])
            params, state = adam.step(params, grads, state)
        bar.set_postfix(loss=f"{value:.3f}")
    with dg.no_grad():
        guesses = scores(params, judge).data.argmax(1)
    accuracy = np.mean(guesses == truth)
    print(f"{accuracy:.1%} of {len(truth)} unseen digits are read right")
    assert accuracy >= 0.98

    y = scores(nn.parameters(params), dg.array(judge[:1], name="image"))
    print(dg.draw(y, show="shapes", title="A convolutional network").save(where / "convolution.svg"))


if __name__ == "__main__":
    main(folder())
