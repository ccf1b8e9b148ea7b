"""A small transformer that learns to write, one character after the other, from Python's own reference.

python examples/character_transformer.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from shared.script import folder, progress
from shared.text import Text, pick

import diagrad as dg
from diagrad import nn, optim

LENGTH, WIDTH, HEADS, BLOCKS, BATCH, STEPS = 32, 48, 4, 2, 16, 700


def first_parameters(letters: int) -> dict[str, Any]:
    """Random parameters in float32."""
    rng, f32 = np.random.default_rng(0), np.float32
    return {
        "letters": nn.init.embedding(rng, letters, WIDTH, std=0.1, dtype=f32),
        "places": nn.init.embedding(rng, LENGTH, WIDTH, std=0.1, dtype=f32),
        "blocks": [nn.init.transformer_block(rng, WIDTH, hidden=4 * WIDTH, dtype=f32) for _ in range(BLOCKS)],
        "norm": nn.init.layer_norm(WIDTH, dtype=f32),
        "head": nn.init.linear(rng, WIDTH, letters, dtype=f32),
    }


def scores(params: Any, text: Any) -> Any:
    """Scores (N, T, letters) of the character that follows each of ``text`` (N, T)."""
    x = nn.embedding(params["letters"], text) + nn.embedding(params["places"], np.arange(text.shape[1]))
    for block in params["blocks"]:
        x = nn.transformer_block(block, x, heads=HEADS, causal=True)
    return nn.linear(params["head"], nn.layer_norm(params["norm"], x))


def loss(params: Any, text: Any) -> Any:
    """The mean cross-entropy of every next character, in nats."""
    return nn.cross_entropy(scores(params, text[:, :-1]), text[:, 1:])


def write(params: Any, text: Text, start: str, count: int) -> str:
    """``count`` characters that follow ``start``."""
    rng = np.random.default_rng(1)
    numbers = [text.letters.index(letter) for letter in start]
    with dg.no_grad():
        for _ in range(count):
            seen = np.array(numbers[-LENGTH:])[None]
            numbers.append(pick(scores(params, seen).data[0, -1], rng))
    return text.says(np.array(numbers))


def main(where: Path) -> None:
    """Train, judge, write a little, draw one attention layer."""
    text = Text()
    params = first_parameters(len(text.letters))
    adam = optim.adam(optim.warmup_cosine(5e-3, 50, STEPS))
    state = adam.init(params)
    step = dg.value_and_grad(loss)
    batches = text.batches(np.random.default_rng(2), BATCH, LENGTH, STEPS)
    for batch in (bar := progress(batches, "transformer", STEPS)):
        value, grads = step(params, batch)
        params, state = adam.step(params, grads, state)
        bar.set_postfix(loss=f"{value:.3f}")
    with dg.no_grad():
        judged = loss(params, text.pieces(64, LENGTH)).item()
    print(f"loss on unseen text: {judged:.3f} nats a character, {judged / np.log(2):.2f} bits")
    print(write(params, text, "The ", 200))
    assert judged < 2.2, "a table of letter pairs reaches 2.5"

    small = np.random.default_rng(3).normal(size=(1, 3, 4))
    layer = nn.parameters(nn.init.multi_head_attention(np.random.default_rng(4), 4))
    y = nn.multi_head_attention(layer, dg.array(small, name="x"), heads=2, causal=True)
    print(dg.draw(y, show="shapes", title="Causal attention with two heads").save(where / "attention.svg"))


if __name__ == "__main__":
    main(folder())
