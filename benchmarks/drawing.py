"""How long a whole figure takes, from graph to SVG text, beside Graphviz `dot` on the same graph.

The graphs are residual networks of scalars: each block multiplies, adds and squashes, and a skip goes past
it, so there is a Branch in each. ``dot`` gets the same nodes and edges, and no labels, numbers or gradients.

    python benchmarks/drawing.py [--quick]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import time

import numpy as np

import diagrad as dg
from diagrad.draw import draw
from diagrad.passes import explicit


def network(x: dg.Array, w: dg.Array, blocks: int) -> dg.Array:
    for _ in range(blocks):
        x = x + dg.tanh(x * w)
    return x


def graph_of(nodes: int) -> dg.Graph:
    """About ``nodes`` nodes once Branch nodes are explicit: four to a block."""
    blocks = max(nodes // 4, 1)
    return dg.trace(lambda x, w: network(x, w, blocks))(np.float64(0.5), np.float64(0.3))


def dot_seconds(graph: dg.Graph, limit: float) -> str:
    if shutil.which("dot") is None:
        return "no dot"
    shown = explicit(graph)
    number = {node: f"n{at}" for at, node in enumerate(shown.nodes)}
    lines = ["digraph { rankdir=LR; splines=ortho; node [shape=circle, width=0.6];"]
    for value, users in shown.index.users.items():
        made = shown.index.producer.get(value)
        start = number[made[0]] if made else f"in_{value.name}"
        lines += [f"{start} -> {number[user]};" for user, _ in users]
    source = "\n".join([*lines, "}"])
    start_time = time.perf_counter()
    try:
        subprocess.run(
            ["dot", "-Tsvg"], input=source.encode(), capture_output=True, timeout=limit, check=True
        )
    except subprocess.TimeoutExpired:
        return f"> {limit:.0f}"
    except subprocess.CalledProcessError:
        return "failed"
    return f"{time.perf_counter() - start_time:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="up to 1,000 nodes")
    sizes = (100, 300, 1000) if parser.parse_args().quick else (100, 300, 1000, 3000, 10_000)
    draw(graph_of(20), seed=0)
    print(f"{'nodes':>8}{'diagrad s':>12}{'µs a node':>12}{'SVG MB':>9}{'dot s':>9}")
    for nodes in sizes:
        graph = graph_of(nodes)
        count = len(explicit(graph))
        best = float("inf")
        for _ in range(3 if nodes <= 1000 else 1):
            start = time.perf_counter()
            svg = draw(graph, seed=0).svg
            best = min(best, time.perf_counter() - start)
        row = f"{count:>8}{best:>12.2f}{best / count * 1e6:>12.0f}{len(svg) / 1e6:>9.1f}"
        print(row + f"{dot_seconds(graph, 20):>9}")


if __name__ == "__main__":
    main()
