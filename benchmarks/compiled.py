"""A compiled training step: diagrad beside JAX and PyTorch, each in a process of its own.

A step is forward, gradients and the update of the parameters, in float32. Before any time counts, each peer's
gradient is checked against central differences of the loss in NumPy's float64, along a random direction.
Rounds are interleaved; medians are printed, with the time of the first call (compilation included) beside.

    python benchmarks/compiled.py [--threads 1] [--rounds 5] [--peers diagrad,jax,torch] [--work mlp,block]
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

Tree = dict[str, Any]
Loss = Callable[[Any, Tree, Tree], Any]


def affine(f: Any, p: Tree, d: Tree) -> Any:
    """Σ (X·W + b) ∘ G."""
    return f.sum((p["X"] @ p["W"] + p["b"]) * d["G"])


def mlp(f: Any, p: Tree, d: Tree) -> Any:
    """Layers with ReLU, softmax cross-entropy."""
    h, layers = d["X"], len(p) // 2
    for at in range(layers):
        h = h @ p[f"W{at}"] + p[f"b{at}"]
        h = f.relu(h) if at < layers - 1 else h
    s = h - f.top(h)
    return f.sum((f.log(f.total(f.exp(s))) - s) * d["Y"]) / d["Y"].shape[0]


def chain(f: Any, p: Tree, d: Tree) -> Any:
    """Twenty elementwise operations."""
    x = p["x"]
    h = f.tanh(x) * 1.5 + 0.3
    h = f.log1p(f.exp(f.sigmoid(h)))
    h = f.sigmoid(f.tanh(h * x) + x)
    h = f.exp(-(h * h))
    h = f.tanh(f.log1p(h) - 0.5) * x
    return f.sum(f.sqrt(h * h + 1.0))


def block(f: Any, p: Tree, d: Tree) -> Any:
    """Layer norm, GELU, softmax."""
    x = p["x"]
    n = 1.0 / x.shape[-1]
    c = x - f.total(x) * n
    y = c / f.sqrt(f.total(c * c) * n + 1e-5) * p["g"] + p["b"]
    y = 0.5 * y * (1.0 + f.tanh(0.7978845608 * (y + 0.044715 * (y * y * y))))
    e = f.exp(y - f.top(y))
    return f.sum(e / f.total(e) * d["T"])


def workload(name: str) -> tuple[Loss, Tree, Tree]:
    """A loss, its parameters and its data."""
    rng = np.random.default_rng(0)

    def normal(*shape: int, scale: float = 1.0) -> Any:
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    def network(rows: int, *sizes: int) -> tuple[Loss, Tree, Tree]:
        params: Tree = {}
        for at, (m, n) in enumerate(pairwise(sizes)):
            params |= {f"W{at}": normal(m, n, scale=(2 / m) ** 0.5), f"b{at}": normal(n, scale=0.1)}
        labels = np.eye(sizes[-1], dtype=np.float32)[rng.integers(0, sizes[-1], rows)]
        return mlp, params, {"X": normal(rows, sizes[0]), "Y": labels}

    makers: dict[str, Callable[[], tuple[Loss, Tree, Tree]]] = {
        "scalar": lambda: (
            affine,
            {"X": normal(1, 1), "W": normal(1, 1), "b": normal(1)},
            {"G": normal(1, 1)},
        ),
        "affine": lambda: (
            affine,
            {"X": normal(64, 784), "W": normal(784, 128), "b": normal(128)},
            {"G": normal(64, 128)},
        ),
        "mlp": lambda: network(64, 784, 128, 10),
        "mlp-large": lambda: network(256, 1024, 1024, 1024, 10),
        "chain-1k": lambda: (chain, {"x": normal(1000)}, {}),
        "chain-1M": lambda: (chain, {"x": normal(1_000_000)}, {}),
        "block": lambda: (
            block,
            {"x": normal(512, 768), "g": normal(768, scale=0.1) + 1, "b": normal(768, scale=0.1)},
            {"T": normal(512, 768)},
        ),
    }
    return makers[name]()


WORK = ("scalar", "affine", "mlp", "mlp-large", "chain-1k", "chain-1M", "block")


def numpy_functions() -> Any:
    """What losses are written with, in NumPy."""
    return SimpleNamespace(
        **{name: getattr(np, name) for name in ("sum", "exp", "log", "log1p", "tanh", "sqrt")},
        relu=lambda x: np.maximum(x, 0),
        sigmoid=lambda x: 1 / (1 + np.exp(-x)),
        total=lambda x: x.sum(-1, keepdims=True),
        top=lambda x: x.max(-1, keepdims=True),
    )


def diagrad_step(loss: Loss, params: Tree, data: Tree, threads: int) -> Callable[[Any], Tree]:
    """One step with ``dg.compile``, the parameters donated."""
    import diagrad as dg

    f = SimpleNamespace(
        **{
            name: getattr(dg, name)
            for name in ("sum", "exp", "log", "log1p", "tanh", "sqrt", "relu", "sigmoid")
        },
        total=lambda x: dg.sum(x, axis=-1, keepdims=True),
        top=lambda x: dg.stop_gradient(dg.max(x, axis=-1, keepdims=True)),
    )

    def step(p: Any, d: Any, rate: Any) -> Any:
        value, grads = dg.value_and_grad(lambda p: loss(f, p, d))(p)
        return value, {name: p[name] - rate * grads[name] for name in p}

    compiled = dg.compile(step, donate="p", threads=threads)
    state = {name: x.copy() for name, x in params.items()}
    return lambda rate: compiled(state, data, rate)[1]


def jax_step(loss: Loss, params: Tree, data: Tree, threads: int) -> Callable[[Any], Tree]:
    """One step with ``jax.jit``, the parameters donated."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    jax = importlib.import_module("jax")
    jnp, nn = jax.numpy, jax.nn
    f = SimpleNamespace(
        **{name: getattr(jnp, name) for name in ("sum", "exp", "log", "log1p", "tanh", "sqrt")},
        relu=nn.relu,
        sigmoid=nn.sigmoid,
        total=lambda x: jnp.sum(x, -1, keepdims=True),
        top=lambda x: jax.lax.stop_gradient(jnp.max(x, -1, keepdims=True)),
    )
    constants = {name: jnp.asarray(x) for name, x in data.items()}

    def step(p: Any, rate: Any) -> Any:
        grads = jax.grad(lambda p: loss(f, p, constants))(p)
        return {name: p[name] - rate * grads[name] for name in p}

    compiled = jax.jit(step, donate_argnums=0)
    state = {"p": {name: jnp.array(x) for name, x in params.items()}}

    def run(rate: Any) -> Tree:
        state["p"] = jax.block_until_ready(compiled(state["p"], rate))
        return state["p"]

    return run


def torch_step(loss: Loss, params: Tree, data: Tree, threads: int) -> Callable[[Any], Tree]:
    """One step with PyTorch, eagerly."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(threads)
    f = SimpleNamespace(
        **{
            name: getattr(torch, name)
            for name in ("sum", "exp", "log", "log1p", "tanh", "sqrt", "relu", "sigmoid")
        },
        total=lambda x: x.sum(-1, keepdim=True),
        top=lambda x: x.detach().amax(-1, keepdim=True),
    )
    constants = {name: torch.tensor(x) for name, x in data.items()}
    state = {name: torch.tensor(x, requires_grad=True) for name, x in params.items()}

    def run(rate: Any) -> Tree:
        loss(f, state, constants).backward()
        with torch.no_grad():
            for x in state.values():
                x.sub_(float(rate) * x.grad)
                x.grad = None
        return {name: x.detach() for name, x in state.items()}

    return run


PEERS: dict[str, Any] = {"diagrad": diagrad_step, "jax": jax_step, "torch": torch_step}


def wrong_by(loss: Loss, params: Tree, data: Tree, step: Callable[[Any], Tree]) -> float:
    """The relative error of a peer's gradient along a random direction, against central differences."""
    rng = np.random.default_rng(1)
    rate, h = 1e-2, 1e-5
    old = {name: x.astype(np.float64) for name, x in params.items()}
    d = {name: x.astype(np.float64) for name, x in data.items()}
    new = {name: np.asarray(x, np.float64) for name, x in step(np.float32(rate)).items()}
    v = {name: rng.standard_normal(x.shape) for name, x in old.items()}
    f = numpy_functions()
    ends = [loss(f, {name: x + sign * h * v[name] for name, x in old.items()}, d) for sign in (1, -1)]
    want = (ends[0] - ends[1]) / (2 * h)
    got = sum(float(np.sum((old[name] - new[name]) / rate * v[name])) for name in old)
    size = sum(
        float(np.linalg.norm((old[name] - new[name]) / rate) * np.linalg.norm(v[name])) for name in old
    )
    return abs(got - want) / max(abs(want), 1e-3 * size)


def serve(peer: str, name: str, threads: int, pipe: Any) -> None:
    """One peer on one workload: check, then time whenever asked."""
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    loss, params, data = workload(name)
    try:
        step = PEERS[peer](loss, params, data, threads)
    except ImportError as error:
        pipe.send(f"not installed: {error.name}")
        return
    start = time.perf_counter()
    error = wrong_by(loss, params, data, step)
    pipe.send((time.perf_counter() - start, error))
    while pipe.recv():
        times: list[float] = []
        end = time.perf_counter() + 0.2
        while time.perf_counter() < end or len(times) < 3:
            before = time.perf_counter()
            step(np.float32(1e-7))
            times.append(time.perf_counter() - before)
        pipe.send(statistics.median(times))


def compare(name: str, peers: list[str], threads: int, rounds: int) -> None:
    """One row of the table for each peer."""
    context = multiprocessing.get_context("spawn")
    live: dict[str, Any] = {}
    for peer in peers:
        ours, theirs = context.Pipe()
        context.Process(target=serve, args=(peer, name, threads, theirs), daemon=True).start()
        said = ours.recv() if ours.poll(120) else "no answer in 120 s"
        if isinstance(said, str):
            print(f"| {name} | {peer} | {said} | | |")
        elif said[1] > 0.02:
            print(f"| {name} | {peer} | wrong by {said[1]:.1%} | | |")
        else:
            live[peer] = ours, said[0], []
    for _ in range(rounds):
        for pipe, _, times in live.values():
            pipe.send(True)
            times.append(pipe.recv())
    base = statistics.median(live["diagrad"][2]) if "diagrad" in live else None
    for peer, (pipe, first, times) in live.items():
        pipe.send(False)
        took = statistics.median(times)
        ratio = f"{took / base:.2f}×" if base else ""
        print(f"| {name} | {peer} | {1e6 * took:,.1f} µs | {ratio} | {first:.2f} s |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--work", default=",".join(WORK))
    args = parser.parse_args()
    print("| workload | peer | a step | ratio | first call |\n|---|---|---|---|---|")
    for name in args.work.split(","):
        compare(name, args.peers.split(","), args.threads, args.rounds)


if __name__ == "__main__":
    main()
