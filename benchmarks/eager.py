"""What one node costs, eagerly: record, run, backward; beside PyTorch, HIPS autograd, MyGrad, micrograd.

Two workloads, all in scalars, so that nothing but the machinery is measured:

* a function of three nodes and its gradient, from fresh inputs;
* one step (loss and gradients) of micrograd's demo network, MLP 2-16-16-1 on 100 points, about 65,000 nodes.

Every peer computes the same numbers, which is checked before any time counts. Each runs in a process of its
own, so that no peer's garbage collector walks another's objects. Rounds are interleaved, so a slow moment of
the machine hits everybody; medians are printed, and ratios to diagrad's.

    python benchmarks/eager.py [--rounds 7] [--points 100]
"""

from __future__ import annotations

import argparse
import gc
import importlib
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

Number = Any


def small(x: Number, y: Number) -> Number:
    """Three nodes."""
    return (x * y + x) * y


def network(
    points: list[tuple[float, float, float]], weights: list[Number], relu: Callable[[Number], Number]
) -> Number:
    """Mean squared error of an MLP 2-16-16-1, neuron by neuron, weight by weight."""
    total: Number = None
    for a, b, target in points:
        inputs: list[Number] = [a, b]
        rest = iter(weights)
        for width in (16, 16, 1):
            outputs: list[Number] = []
            for _ in range(width):
                neuron = next(rest)
                for x in inputs:
                    neuron = neuron + next(rest) * x
                outputs.append(neuron if width == 1 else relu(neuron))
            inputs = outputs
        error = inputs[0] + (-target)
        total = error * error if total is None else total + error * error
    return total


class Peer:
    """One library: how it makes a leaf, takes a gradient, and what its ReLU is."""

    def __init__(self, name: str) -> None:
        self.name = name
        make, self.relu, self.gradients = globals()[f"_{name}"]()
        self.make: Callable[[float], Number] = make


def _diagrad() -> Any:
    import diagrad as dg

    def gradients(y: Any, xs: list[Any]) -> list[float]:
        y.backward()
        return [x.grad for x in xs]

    return dg.array, dg.relu, gradients


def _torch() -> Any:
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)

    def make(x: float) -> Any:
        return torch.tensor(x, dtype=torch.float64, requires_grad=True)

    def gradients(y: Any, xs: list[Any]) -> list[float]:
        y.backward()
        return [x.grad for x in xs]

    return make, torch.relu, gradients


def _mygrad() -> Any:
    mygrad = importlib.import_module("mygrad")

    def gradients(y: Any, xs: list[Any]) -> list[float]:
        y.backward()
        return [x.grad for x in xs]

    return mygrad.tensor, lambda x: mygrad.maximum(x, 0.0), gradients


def _micrograd() -> Any:
    engine = importlib.import_module("micrograd.engine")

    def gradients(y: Any, xs: list[Any]) -> list[float]:
        y.backward()
        return [x.grad for x in xs]

    return engine.Value, lambda x: x.relu(), gradients


def _autograd() -> Any:
    numpy = importlib.import_module("autograd.numpy")
    return None, lambda x: numpy.maximum(x, 0.0), importlib.import_module("autograd").grad


def runner(peer: Peer, function: Callable[..., Number], values: list[float]) -> Callable[[], list[float]]:
    """A call that computes ``function`` at ``values`` and its gradient, from fresh inputs."""
    if peer.make is None:
        gradient = peer.gradients(lambda xs: function(*xs))
        return lambda: gradient(values)

    def run() -> list[float]:
        xs = [peer.make(v) for v in values]
        return peer.gradients(function(*xs), xs)

    return run


def workloads(name: str, points: int) -> dict[str, tuple[Callable[[], list[float]], int, int]]:
    """A peer's calls: what to call, how often to a round, and how many nodes it makes."""
    peer = Peer(name)
    if name == "autograd":
        gradient = peer.gradients(small, (0, 1))
        few: Callable[[], list[float]] = lambda: gradient(2.0, 3.0)  # noqa: E731
    else:
        few = runner(peer, small, [2.0, 3.0])
    seeded = random.Random(0)
    data = [(seeded.gauss(0, 1), seeded.gauss(0, 1), seeded.choice((-1.0, 1.0))) for _ in range(points)]
    values = [seeded.uniform(-0.5, 0.5) for _ in range(3 * 16 + 17 * 16 + 17)]
    many = runner(peer, lambda *weights: network(data, list(weights), peer.relu), values)
    return {
        "Three nodes": (few, 1000, 3),
        "MLP 2-16-16-1": (many, 1, points * (2 * (2 * 16 + 16 * 16 + 16) + 35)),
    }


def serve(name: str, points: int, pipe: Any) -> None:
    """A peer's process: gradients first, then seconds a call, one for each workload that is asked for."""
    sys.setrecursionlimit(1_000_000)
    try:
        calls = workloads(name, points)
    except ImportError:
        pipe.send(None)
        return
    pipe.send({title: ([float(g) for g in call()], nodes) for title, (call, _, nodes) in calls.items()})
    while (title := pipe.recv()) is not None:
        call, repeat, _ = calls[title]
        gc.collect()
        start = time.perf_counter()
        for _ in range(repeat):
            call()
        pipe.send((time.perf_counter() - start) / repeat)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--points", type=int, default=100)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    pipes: dict[str, Any] = {}
    results: dict[str, Any] = {}
    for name in ("diagrad", "torch", "autograd", "mygrad", "micrograd"):
        pipe, end = context.Pipe()
        context.Process(target=serve, args=(name, options.points, end), daemon=True).start()
        if (result := pipe.recv()) is None:
            print(f"{name} is not installed: left out")
        else:
            pipes[name], results[name] = pipe, result
    for title, (want, nodes) in results["diagrad"].items():
        for name, result in results.items():
            worst = max(abs(a - b) / (1 + abs(b)) for a, b in zip(result[title][0], want, strict=True))
            assert worst < 1e-9, f"{name} disagrees: {worst}"
        times: dict[str, list[float]] = {name: [] for name in pipes}
        for _ in range(options.rounds):
            for name, pipe in pipes.items():
                pipe.send(title)
                times[name].append(pipe.recv())
        base = statistics.median(times["diagrad"])
        print(f"\n{title}, {nodes} nodes, median of {options.rounds} interleaved rounds")
        print(f"{'':12}{'total':>12}{'per node':>12}{'ratio':>9}")
        for name, taken in times.items():
            median = statistics.median(taken)
            print(f"{name:12}{median * 1e6:>10.1f}µs{median / nodes * 1e6:>10.2f}µs{median / base:>8.2f}×")
    for pipe in pipes.values():
        pipe.send(None)


if __name__ == "__main__":
    main()
