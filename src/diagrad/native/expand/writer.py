"""Writes the nodes that take a node's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ... import ops
from ...ir import Constant, Node, Op, Value, short_name

__all__ = ["Rules", "Writer"]

Rules = dict[str, Callable[..., "Value | None"]]
"""By the names of ops, so that what loads them need not load their families."""
"""For an op: a function of the writer, the op and its inputs, which gives the output, or None where the op is
left as it is.
"""


@dataclass
class Writer:
    """Writes nodes, each once.

    Attributes:
        rules: how ops are made of simpler ones.
        nodes: what has been written.
        now: what takes the place of a value of the graph.
        known: what has been computed by which op of which inputs.
        sources: the node that makes a value.
        node: the node in whose place it writes.
    """

    rules: Rules
    nodes: list[Node] = field(default_factory=list[Node])
    now: dict[Value, Value] = field(default_factory=dict[Value, Value])
    known: dict[Any, Value] = field(default_factory=dict[Any, Value])
    sources: dict[Value, Node] = field(default_factory=dict[Value, Node])
    node: Node | None = None

    def add(self, node: Node) -> None:
        """Write a node as it is."""
        self.nodes.append(node)
        self.sources.update(dict.fromkeys(node.outputs, node))
        if node.op.elementwise and not node.op.multiple:
            self.known.setdefault((node.op, node.inputs), node.outputs[0])

    def of(self, node: Node) -> Writer:
        """Writes in the place of a node."""
        self.node = node
        return self

    def __call__(self, op: Op, *inputs: Value) -> Value:
        """The output of an op, which is not computed twice."""
        key = op, inputs
        if key not in self.known:
            assert self.node is not None
            out = self.simpler(op, *inputs)
            if out is None:
                (spec,) = op.infer([x.spec for x in inputs])
                out = Value(*spec, site=self.node.site)
                self.add(Node(op, inputs, (out,), self.node.scope, self.node.site))
            self.known[key] = out
        return self.known[key]

    def simpler(self, op: Op, *inputs: Value) -> Value | None:
        """The output of an op made of simpler ones; None where there is no rule for it."""
        rule = self.rules.get(op.own)
        return rule(self, op, *inputs) if rule else None

    def full(self, number: Any, shape: tuple[int, ...], dtype: Any) -> Value:
        """A constant that is one number everywhere."""
        one = self(Constant(np.asarray(number, dtype)))
        return self(ops.Repeat(tuple(range(len(shape))), shape), one) if shape else one

    def counted(self, axis: int, shape: tuple[int, ...], dtype: Any, step: int = 1) -> Value:
        """A constant whose elements count along an axis: from 0 in steps."""
        numbers = (np.arange(shape[axis]) * step).astype(dtype)
        others = tuple(at for at in range(len(shape)) if at != axis)
        line = self(Constant(numbers))
        return self(ops.Repeat(others, tuple(shape[at] for at in others)), line) if others else line

    def repeated(self, x: Value, axis: int, size: int) -> Value:
        """x along a new axis."""
        return self(ops.Repeat((axis,), (size,)), x)

    def cast(self, x: Value, dtype: Any) -> Value:
        """x in another dtype."""
        dtype = np.dtype(dtype)
        return x if x.dtype == dtype else self(ops.AsType(short_name(dtype)), x)

    def transposed(self, x: Value, *axes: int) -> Value:
        """x with its axes in another order."""
        return x if axes == tuple(range(len(axes))) else self(ops.Transpose(axes), x)

    def reshaped(self, x: Value, *shape: int) -> Value:
        """x in another shape."""
        return x if x.shape == shape else self(ops.Reshape(shape), x)

    def padded(self, x: Value, padding: Sequence[tuple[int, int]], value: Any = 0) -> Value:
        """x with cells put around its last axes, or, where a number is negative, taken away."""
        lead = len(x.shape) - len(padding)
        cut = tuple(
            slice(max(-before, 0), n - max(-after, 0))
            for n, (before, after) in zip(x.shape[lead:], padding, strict=True)
        )
        if any((part.start, part.stop) != (0, n) for part, n in zip(cut, x.shape[lead:], strict=True)):
            x = self(ops.Slice((Ellipsis, *cut)), x)
        added = tuple((max(before, 0), max(after, 0)) for before, after in padding)
        if any(map(any, added)):
            x = self(ops.Pad(((0, 0),) * lead + added, value), x)
        return x
