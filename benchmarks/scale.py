"""A long chain and a wide fan-out, eagerly: time and memory per node as the graph grows.

* chain: ``x · w · w · …``, each node on the one before;
* fan-out: one value used by as many nodes, whose results are added in one Sum.

Both in scalars, built and differentiated; each size in a process of its own, so that memory is the peak of
that size alone. Linear time and memory mean that the two last columns stay as they are.

    python benchmarks/scale.py [--sizes 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from typing import Any


def chain(n: int) -> Any:
    """x · wⁿ, node by node."""
    import diagrad as dg

    x, w = dg.array(1.0), dg.array(1.0)
    y = x
    for _ in range(n):
        y = y * w
    return y, w, float(n)


def fan_out(n: int) -> Any:
    """The sum of n products of one value."""
    import diagrad as dg

    x = dg.array(2.0)
    y = dg.stack([x * x for _ in range(n)]).sum()
    return y, x, 4.0 * n


WORKLOADS = {"chain": chain, "fan-out": fan_out}


def peak() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(name: str, n: int, pipe: Any) -> None:
    """Build and differentiate; send seconds for each and bytes beyond those of the start."""
    WORKLOADS[name](10)[0].backward()  # imports and caches
    before = peak()
    start = time.perf_counter()
    y, x, want = WORKLOADS[name](n)
    built = time.perf_counter()
    y.backward()
    done = time.perf_counter()
    assert x.grad == want, (x.grad, want)
    pipe.send((built - start, done - built, peak() - before))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    context = multiprocessing.get_context("spawn")
    print(f"{'':10}{'nodes':>10}{'build':>9}{'backward':>10}{'memory':>10}{'µs/node':>13}{'bytes/node':>16}")
    sizes = parser.parse_args().sizes
    for name in WORKLOADS:
        for n in sizes:
            pipe, end = context.Pipe()
            process = context.Process(target=measure, args=(name, n, end))
            process.start()
            build, backward, memory = pipe.recv()
            process.join()
            print(
                f"{name:10}{n:>10,}{build:>8.2f}s{backward:>9.2f}s{memory / 2**20:>7,.0f} MB"
                f"{(build + backward) / n * 1e6:>13.2f}{memory / n:>16,.0f}"
            )


if __name__ == "__main__":
    main()
