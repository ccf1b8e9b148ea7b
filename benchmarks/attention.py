"""Attention of long sequences on one thread: all scores at once, blocks of rows, and PyTorch's fused one.

``whole`` is ``softmax(q·kᵀ/√d)·v`` as it is written, whose scores are a matrix of T×T in memory;
``blocks`` is a scan over blocks of 64 rows, whose scores stay in the cache; ``PyTorch`` never has them
whole. Forward alone, and with all gradients; medians of interleaved rounds, milliseconds. The results are
compared first.

python benchmarks/attention.py
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ["DIAGRAD_NUM_THREADS"] = "1"

import numpy as np

import diagrad as dg

SIZES = ((4, 256, 32), (4, 1024, 32), (4, 1024, 64), (4, 2048, 64))
"""Heads, steps, and width of a head."""

ROWS, ROUNDS = 64, 7


def attend(q: Any, k: Any, v: Any) -> Any:
    """``softmax(q·kᵀ/√d)·v`` of [..., T, d]."""
    scores = q @ dg.matrix_transpose(k) * np.float32(q.shape[-1] ** -0.5)
    return dg.softmax(scores, axis=-1) @ v


def by_blocks(q: Any, k: Any, v: Any) -> Any:
    """The same, some rows at a time."""
    heads, steps, width = q.shape
    blocks = dg.permute_dims(q.reshape((heads, steps // ROWS, ROWS, width)), (1, 0, 2, 3))
    _, y = dg.scan(lambda carry, block: (carry, attend(block, k, v)), np.float32(0), blocks)
    return dg.permute_dims(y, (1, 0, 2, 3)).reshape(q.shape)


def gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Of ``sum(f(q, k, v) * v)`` by all three."""
    derive = dg.grad(lambda q, k, v: dg.sum(f(q, k, v) * dg.stop_gradient(v)), argnums=(0, 1, 2))
    return dg.compile(derive)


def with_torch(arrays: list[Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """PyTorch's fused attention, and its gradients."""
    import torch

    torch.set_num_threads(1)
    q, k, v = (torch.tensor(x[None], requires_grad=True) for x in arrays)

    def forward() -> Any:
        with torch.no_grad():
            return (torch.nn.functional.scaled_dot_product_attention(q, k, v)[0].numpy(),)

    def backward() -> Any:
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return [x[0].numpy() for x in torch.autograd.grad((y * v.detach()).sum(), (q, k, v))]

    return forward, backward


def main() -> None:
    """Print a table."""
    random = np.random.default_rng(0)
    print("| heads × steps × width | | whole | blocks | PyTorch |\n|---|---|---|---|---|")
    for size in SIZES:
        arrays = [random.standard_normal(size).astype(np.float32) for _ in range(3)]
        torch = with_torch(arrays)
        for which, name in enumerate(("forward", "with gradients")):
            ours = [(gradient if which else dg.compile)(f) for f in (attend, by_blocks)]
            runs = [*(partial(f, *arrays) for f in ours), torch[which]]
            want = [np.asarray(x) for x in runs[2]()]
            for run in runs[:2]:
                got = run()
                for x, y in zip(got if which else [got], want, strict=True):
                    np.testing.assert_allclose(np.asarray(x), y, rtol=1e-3, atol=1e-3)
            times: list[list[float]] = [[] for _ in runs]
            for _ in range(ROUNDS):
                for run, took in zip(runs, times, strict=True):
                    start = time.perf_counter()
                    run()
                    took.append(1e3 * (time.perf_counter() - start))
            cells = " | ".join(f"{statistics.median(took):.2f}" for took in times)
            print(f"| {' × '.join(map(str, size))} | {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
