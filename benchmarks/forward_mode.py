"""What forward mode costs: the nodes of J·v beside those of a JVP written by hand.

Forward mode is the backward pass, transposed, with a few rules of its own. Here the nodes that this gives,
without those of the function itself, which run anyway, are counted beside those of a rule written by hand.

    python benchmarks/forward_mode.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import diagrad as dg
from diagrad.array.array import apply, leaf
from diagrad.autodiff.forward import linear
from diagrad.ir import Constant, Op, Spec
from diagrad.testing import draw_inputs, samples_of
from diagrad.testing.conformance import differentiable

BY_HAND = {
    "Abs": 2, "Add": 1, "AddN": 1, "AsType": 1, "Branch": 0, "Concatenate": 1, "Cos": 3, "Divide": 4,
    "Exp": 1, "ExpandDims": 1, "Expm1": 2, "Index": 1, "Log": 1, "Log1p": 2, "MatMul": 3, "Max": 6,
    "Maximum": 5, "Mean": 1, "Min": 6, "Minimum": 5, "Multiply": 3, "Negative": 1, "Place": 1,
    "PlaceAdd": 1, "Power": 12, "PowerScalar": 3, "Relu": 2, "Repeat": 1, "Reshape": 1, "Sigmoid": 3,
    "Sign": 0, "Sin": 2, "Slice": 1, "Sqrt": 2, "Square": 2, "Squeeze": 1, "Stack": 1, "Subtract": 1,
    "Sum": 1, "Tanh": 3, "Transpose": 1, "Where": 1,
}  # fmt: skip
"""Nodes of a JVP written by hand, for inputs that all move, when the op's inputs and output are known."""


def pushed_nodes(function: Any, specs: Sequence[Spec], given: Any = ()) -> tuple[int, list[str]]:
    """The nodes of J·v that are not the function's own, and their ops."""
    xs = [given[at] if at in given else leaf(spec, "input") for at, spec in enumerate(specs)]
    result = function(*xs)
    ys = list(result) if isinstance(result, tuple) else [result]
    free = [x for x in xs if x.is_leaf and x.dtype.kind == "f"]
    own = nodes_of(ys)
    names = [
        x._op.name
        for x in nodes_of(linear(ys, free, [leaf(x.spec, "input") for x in free])) - own
        if x._inputs and x._op.name != "Part"
    ]
    return len(names), sorted(names)


def nodes_of(ys: Sequence[Any]) -> set[Any]:
    """The Arrays behind these."""
    found: set[Any] = set()
    stack = list(ys)
    while stack:
        x = stack.pop()
        if x not in found and not isinstance(x._op, Constant):
            found.add(x)
            stack += x._inputs
    return found


def mlp(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    return dg.affine(dg.tanh(dg.affine(x, w1, b1)), w2, b2)


def cross_entropy(scores: Any) -> Any:
    return dg.softmax_cross_entropy(scores, np.array([0, 2, 1]))


def layer_norm(x: Any, scale: Any, shift: Any) -> Any:
    centred = x - dg.mean(x, axis=-1, keepdims=True)
    spread = dg.sqrt(dg.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)
    return centred / spread * scale + shift


def lstm(x: Any, h: Any, c: Any, w: Any, u: Any) -> Any:
    z = x @ w + h @ u
    i, f, o, g = (z[:, at * 4 : at * 4 + 4] for at in range(4))
    c = dg.sigmoid(f) * c + dg.sigmoid(i) * dg.tanh(g)
    return dg.sigmoid(o) * dg.tanh(c)


def rosenbrock(x: Any) -> Any:
    return dg.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


FUNCTIONS = {
    "MLP": (mlp, ((3, 4), (4, 5), (5,), (5, 2), (2,)), 13),
    "softmax cross-entropy": (cross_entropy, ((3, 4),), 11),
    "layer norm": (layer_norm, ((3, 4), (4,), (4,)), 22),
    "LSTM cell": (lstm, ((3, 4), (3, 4), (3, 4), (4, 16), (4, 16)), 31),
    "Rosenbrock": (rosenbrock, ((6,),), 12),
}
"""Function, shapes, and the nodes of a JVP written by hand: the sum of BY_HAND over its nodes."""


def rows() -> list[tuple[str, int, int, list[str]]]:
    """Name, nodes by hand, nodes in forward mode, what they are."""
    dg.ops.load()
    table: list[tuple[str, int, int, list[str]]] = []
    for name, kind in sorted(Op.registry.items()):
        samples = [x for x in samples_of(kind) if differentiable(x)] if name in BY_HAND else []
        if samples:
            sample = samples[min(1, len(samples) - 1)] if "..." in kind.signature else samples[0]
            inputs = draw_inputs(sample, np.random.default_rng(0))
            given = {at: dg.asarray(inputs[at]) for at in sample.given}
            specs = [Spec(x.shape, x.dtype) for x in inputs]
            count, names = pushed_nodes(lambda *xs, op=sample.op: apply(op, *xs), specs, given)
            table.append((name, BY_HAND[name], count, names))
    for name, (function, shapes, by_hand) in FUNCTIONS.items():
        count, names = pushed_nodes(function, [Spec(shape, np.dtype(float)) for shape in shapes])
        table.append((name, by_hand, count, names))
    return table


def main() -> None:
    print(f"{'':24}{'by hand':>8}{'ours':>6}")
    for name, by_hand, ours, names in rows():
        print(f"{name:24}{by_hand:>8}{ours:>6}  {' '.join(names) if ours > by_hand and ours < 20 else ''}")


if __name__ == "__main__":
    main()
