"""Hypothesis strategies for graphs with anything in them: names, dtypes, constants, attributes, scopes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from diagrad import ops
from diagrad.ir import Constant, Graph, Node, Op, Scope, Spec, Value
from diagrad.ir.dtype import SHORT

names = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "",
            " ",
            "x",
            "return",
            "graph",
            "parameter",
            "%0",
            "x̂",
            "∂L/∂x",
            'say "hi"',
            "it's",
            "a\\b",
            "{x}",
            "two\nlines",
            "tab\t",
            "a/b",
            "@",
            "#",
            "ℵ·℘",
            "名前",
            "\u202eright-to-left",
            "\x00",
            "\u2028",
            "nan",
        ]
    ),
)
dtypes = st.sampled_from(sorted(SHORT.values(), key=str))
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


@st.composite
def constants(draw: Any) -> Constant:
    """Small and large arrays, one number repeated, NaN, infinities, negative zeros."""
    dtype, shape = draw(dtypes), draw(shapes)
    how = draw(st.sampled_from(["array", "full", "large"]))
    if how == "full":
        one = draw(hnp.arrays(dtype, ()))
        return Constant(np.broadcast_to(one, shape))
    if how == "large":
        return Constant(np.resize(draw(hnp.arrays(dtype, (7,))), (5, 20)))
    return Constant(draw(hnp.arrays(dtype, shape)))


@st.composite
def steps(draw: Any, spec: Spec) -> Op:
    """An op of one input that takes it."""
    ndim = spec.ndim
    axes = tuple(draw(st.lists(st.integers(0, ndim - 1), unique=True)) if ndim else [])
    new = tuple(sorted(draw(st.sets(st.integers(0, ndim), max_size=2))))
    choices: list[Op] = [
        ops.Branch(draw(st.integers(1, 3))),
        ops.AsType(draw(st.sampled_from(sorted(SHORT)))),
        ops.Reshape((int(np.prod(spec.shape)),)),
        ops.Transpose(tuple(draw(st.permutations(range(ndim))))),
        ops.ExpandDims((0, ndim + 1)),
        ops.Slice(
            draw(
                hnp.basic_indices(spec.shape, allow_newaxis=True).map(
                    lambda i: i if isinstance(i, tuple) else (i,)
                )
            )
        ),
    ]
    if all(axis <= ndim + len(new) - 1 for axis in new):
        choices.append(ops.Repeat(new, tuple(draw(st.integers(0, 3)) for _ in new)))
    if spec.dtype.kind in "iufc":
        choices.append(ops.Sum(tuple(sorted(axes))))
    return draw(st.sampled_from(choices))


@st.composite
def graphs(draw: Any) -> Graph:
    """A graph that is right, however odd."""
    used: set[str] = set()

    def name() -> str | None:
        wish = draw(st.none() | names)
        if wish is None or wish in used:
            return None
        used.add(wish)
        return wish

    scopes: list[Scope | None] = [None]
    for _ in range(draw(st.integers(0, 3))):
        scopes.append(Scope(draw(names), draw(st.sampled_from(scopes))))
    inputs = [
        Value(draw(shapes), draw(dtypes), name(), draw(st.sampled_from(["input", "parameter"])))
        for _ in range(draw(st.integers(0, 3)))
    ]
    nodes: list[Node] = []
    values = list(inputs)

    def add(op: Op, *xs: Value) -> None:
        specs = op.infer([x.spec for x in xs])
        made = [Value(spec.shape, spec.dtype, name()) for spec in specs]
        nodes.append(Node(op, xs, made, draw(st.sampled_from(scopes))))
        values.extend(made)

    for _ in range(draw(st.integers(0, 8))):
        if not values or draw(st.booleans()):
            add(draw(constants()))
        else:
            x = draw(st.sampled_from(values))
            add(draw(steps(x.spec)), x)
            add(ops.Add(), values[-1], values[-1])
    outputs = draw(st.lists(st.sampled_from(values), max_size=3)) if values else []
    return Graph(inputs, nodes, outputs, draw(names))
