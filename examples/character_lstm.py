"""An LSTM that learns to write, one character after the other, from Python's own reference.

python examples/character_lstm.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from shared.script import folder, progress
from shared.text import Text, pick

import diagrad as dg
from diagrad import nn, optim

LENGTH, LETTER, WIDTH, BATCH, STEPS = 32, 32, 96, 32, 500


def first_parameters(letters: int) -> dict[str, Any]:
    """Random parameters in float32."""
    rng, f32 = np.random.default_rng(0), np.float32
    return {
        "letters": nn.init.embedding(rng, letters, LETTER, std=0.3, dtype=f32),
        "lstm": nn.init.lstm(rng, LETTER, WIDTH, dtype=f32),
        "head": nn.init.linear(rng, WIDTH, letters, dtype=f32),
    }


def scores(params: Any, text: Any, state: Any = None) -> tuple[Any, Any]:
    """Scores (N, T, letters) of the character that follows each of ``text`` (N, T), and the last state."""
    hidden, state = nn.lstm(params["lstm"], nn.embedding(params["letters"], text), state)
    return nn.linear(params["head"], hidden), state


def loss(params: Any, text: Any) -> Any:
    """The mean cross-entropy of every next character, in nats."""
    return nn.cross_entropy(scores(params, text[:, :-1])[0], text[:, 1:])


def write(params: Any, text: Text, start: str, count: int) -> str:
    """``count`` characters that follow ``start``; the state remembers what was written."""
    rng = np.random.default_rng(1)
    numbers = [text.letters.index(letter) for letter in start]
    with dg.no_grad():
        said, state = scores(params, np.array([numbers]))
        for _ in range(count):
            numbers.append(pick(said.data[0, -1], rng))
            said, state = scores(params, np.array([[numbers[-1]]]), state)
    return text.says(np.array(numbers))


def main(where: Path) -> None:
    """Train, judge, write a little, draw one LSTM cell."""
    text = Text()
    params = first_parameters(len(text.letters))
    adam = optim.chain(optim.clip_by_global_norm(1.0), optim.adam(optim.cosine_decay(1e-2, STEPS)))
    state = adam.init(params)
    step = dg.value_and_grad(loss)
    batches = text.batches(np.random.default_rng(2), BATCH, LENGTH, STEPS)
    for batch in (bar := progress(batches, "LSTM", STEPS)):
        value, grads = step(params, batch)
        params, state = adam.step(params, grads, state)
        bar.set_postfix(loss=f"{value:.3f}")
    with dg.no_grad():
        judged = loss(params, text.pieces(64, LENGTH)).item()
    print(f"loss on unseen text: {judged:.3f} nats a character, {judged / np.log(2):.2f} bits")
    print(write(params, text, "The ", 200))
    assert judged < 2.1, "a table of letter pairs reaches 2.5"

    cell = nn.parameters(nn.init.lstm(np.random.default_rng(3), 2, 3))
    x, h, c = (dg.array(np.zeros((1, n)), name=name) for n, name in ((2, "x"), (3, "h"), (3, "c")))
    h, c = nn.lstm_cell(cell, x, (h, c))
    print(dg.draw(h, show="shapes", title="An LSTM cell").save(where / "lstm.svg"))


if __name__ == "__main__":
    main(folder())
