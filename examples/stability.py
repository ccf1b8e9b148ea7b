"""Formulas that fail in floating-point arithmetic, and what ``dg.stabilise`` makes of them.

Every rewrite is run on numbers where the plain form is wrong, and drawn before and after.

    python examples/stability.py [FOLDER]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

import diagrad as dg
from diagrad.passes.stabilise import REWRITES, Rewrite

HARMLESS: dict[str, tuple[Any, ...]] = {
    "log(1 − exp(x))": (-0.8,),
    "log1p of −x": (0.3,),
    "hypot": (3.0, 4.0),
    **dict.fromkeys(("logsumexp", "softmax", "log_softmax", "variance"), ([0.0, 1.0],)),
}
"""Arguments for the pictures; 0.75 where nothing is said."""


def graph_of(rewrite: Rewrite, args: tuple[Any, ...]) -> dg.Graph:
    """The graph of the plain form."""

    def one(x: Any) -> Any:
        return rewrite.plain(x)

    def two(x: Any, y: Any) -> Any:
        return rewrite.plain(x, y)

    return dg.trace(one if len(args) == 1 else two)(*map(np.asarray, args))


def numbers(rewrite: Rewrite) -> tuple[Any, Any]:
    """The values of the plain and of the stable form where the plain one fails."""
    graph = graph_of(rewrite, rewrite.fails)
    with np.errstate(all="ignore"):
        return graph.run(*rewrite.fails).outputs[0], dg.stabilise(graph).run(*rewrite.fails).outputs[0]


def draw(rewrite: Rewrite, folder: Path) -> None:
    """Save ``NAME-before.svg`` and ``NAME-after.svg``."""
    args = HARMLESS.get(rewrite.name, (0.75,))
    graph = graph_of(rewrite, args)
    stem = re.sub(r"\W+", "-", rewrite.name).strip("-")
    dg.draw(graph, *args, title=f"Before: {rewrite.reason}").save(folder / f"{stem}-before.svg")
    dg.draw(dg.stabilise(graph), *args, title="After").save(folder / f"{stem}-after.svg")


def main(folder: Path) -> None:
    """Print what each form gives, and draw all."""
    print(f"{'':22}{'plain':>24}  {'stable':>24}")
    for rewrite in REWRITES:
        plain, stable = (np.array2string(np.asarray(x), precision=8) for x in numbers(rewrite))
        print(f"{rewrite.name:22}{plain:>24}  {stable:>24}   {rewrite.reason}")
        draw(rewrite, folder)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    target.mkdir(parents=True, exist_ok=True)
    main(target)
