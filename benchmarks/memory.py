"""What checkpoint saves: bytes alive between forward and backward pass, and at the peak, of a deep network.

A multi-layer perceptron of equal layers, tanh between them, eagerly; without checkpoint, with each block of
√n layers checkpointed, and with blocks in blocks. Bytes are those that tracemalloc counts.

    python benchmarks/memory.py [--layers 16 64] [--rows 256] [--width 128]
"""

from __future__ import annotations

import argparse
import math
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import diagrad as dg


def layers(h: Any, weights: Sequence[Any]) -> Any:
    for w in weights:
        h = dg.tanh(h @ w) + h
    return h


def plain(h: Any, weights: Sequence[Any]) -> Any:
    return layers(h, weights)


def blocks(h: Any, weights: Sequence[Any]) -> Any:
    size = math.isqrt(len(weights))
    block = dg.checkpoint(layers)
    for start in range(0, len(weights), size):
        h = block(h, weights[start : start + size])
    return h


def nested(h: Any, weights: Sequence[Any]) -> Any:
    """Halves of halves, down to single layers."""
    if len(weights) == 1:
        return dg.checkpoint(layers)(h, weights)
    middle = len(weights) // 2
    return dg.checkpoint(nested)(dg.checkpoint(nested)(h, weights[:middle]), weights[middle:])


WAYS: dict[str, Callable[[Any, Sequence[Any]], Any]] = {"plain": plain, "blocks": blocks, "nested": nested}


def measure(way: Callable[[Any, Sequence[Any]], Any], n: int, rows: int, width: int) -> tuple[int, int, Any]:
    """Bytes alive after the forward pass, at the peak of both, and a gradient."""
    rng = np.random.default_rng(0)
    weights = [dg.array(rng.normal(size=(width, width)) / width) for _ in range(n)]
    x = rng.normal(size=(rows, width))
    tracemalloc.start()
    loss = dg.sum(way(x, weights))
    alive = tracemalloc.get_traced_memory()[0]
    loss.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return alive, peak, weights[0].grad


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--layers", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--width", type=int, default=128)
    given = parser.parse_args()
    value = given.rows * given.width * 8
    print(f"one value of {given.rows} × {given.width}: {value / 2**20:.2f} MB; below, in such values")
    print(f"{'layers':>8}  {'':8}{'alive':>8}{'peak':>8}")
    for n in given.layers:
        first = None
        for name, way in WAYS.items():
            alive, peak, g = measure(way, n, given.rows, given.width)
            first = g if first is None else first
            assert np.array_equal(g.data, first.data)
            print(f"{n:>8}  {name:8}{alive / value:>8.1f}{peak / value:>8.1f}")


if __name__ == "__main__":
    main()
