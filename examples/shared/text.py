"""Real text to learn from, which every Python has: its own language reference."""

from __future__ import annotations

from collections.abc import Iterator
from pydoc_data.topics import topics
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[Any]]


class Text:
    """The reference as numbers, one for each character.

    Attributes:
        letters: the characters that occur, in order.
        learn: what is learned from.
        judge: the last tenth, which is only read to judge.
    """

    def __init__(self) -> None:
        text = "\n".join(topics[key] for key in sorted(topics))
        text = "".join(letter for letter in text if letter.isascii())
        self.letters = "".join(sorted(set(text)))
        number = {letter: at for at, letter in enumerate(self.letters)}
        numbers = np.array([number[letter] for letter in text])
        cut = len(numbers) * 9 // 10
        self.learn, self.judge = numbers[:cut], numbers[cut:]

    def batches(self, rng: np.random.Generator, size: int, length: int, count: int) -> Iterator[Numbers]:
        """``count`` batches of ``size`` random pieces (size, length + 1) of what is learned from."""
        for _ in range(count):
            starts = rng.integers(0, len(self.learn) - length - 1, size)
            yield self.learn[starts[:, None] + np.arange(length + 1)]

    def pieces(self, size: int, length: int) -> Numbers:
        """The first pieces (size, length + 1) of what is judged by."""
        return self.judge[: size * (length + 1)].reshape(size, length + 1)

    def says(self, numbers: Numbers) -> str:
        """Numbers as text."""
        return "".join(self.letters[number] for number in numbers)


def pick(scores: Numbers, rng: np.random.Generator, temperature: float = 0.7) -> int:
    """A character drawn with the probabilities that the scores give."""
    scaled = scores.astype(np.float64) / temperature
    p = np.exp(scaled - scaled.max())
    return int(rng.choice(len(p), p=p / p.sum()))
