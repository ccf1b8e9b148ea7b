"""What the ops that hold graphs share: checking what goes in, and what in a body depends on what."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import DTypeError, ShapeError
from ..ir import Builder, Graph, Spec, Value, is_differentiable
from .shape import Transpose
from .structure import Repeat

Flags = tuple[bool, ...]


def check_count(op: str, want: int, got: int) -> None:
    """Raise unless there are as many inputs as the held graph takes.

    Raises:
        ShapeError: there are not.
    """
    if want != got:
        raise ShapeError(
            f"{op} takes {want} inputs here, got {got}",
            expected=str(want),
            got=str(got),
            fix="give one for each input of the graph that it holds",
        )


def check_spec(op: str, what: str, want: Spec, got: Spec, fix: str) -> None:
    """Raise unless two specs are equal.

    Raises:
        ShapeError, DTypeError: they are not.
    """
    if want != got:
        error = ShapeError if want.shape != got.shape else DTypeError
        raise error(f"{op}: {what} is {got}, not {want}", expected=str(want), got=str(got), fix=fix)


def check_inputs(op: str, graph: Graph, got: Sequence[Spec]) -> None:
    """Raise unless a held graph takes these inputs.

    Raises:
        ShapeError, DTypeError: it does not.
    """
    check_count(op, len(graph.inputs), len(got))
    for x, spec in zip(graph.inputs, got, strict=True):
        what = f"the input {x.name or 'without a name'} of {graph.name}"
        check_spec(op, what, x.spec, spec, "pass what the graph was traced with")


def reached(graph: Graph, flags: Sequence[bool]) -> Flags:
    """The outputs that depend differentiably on the flagged inputs."""
    live = {x for x, flag in zip(graph.inputs, flags, strict=True) if flag}
    for node in graph.nodes:
        if node.op.differentiable and not live.isdisjoint(node.inputs):
            live.update(y for y in node.outputs if is_differentiable(y.dtype))
    return tuple(y in live for y in graph.outputs)


def carried(body: Graph, carries: int, flags: Flags) -> Flags:
    """The same flags with those carries added that a step makes depend on them."""
    while True:
        out = reached(body, flags)[:carries]
        grown = (*(a or b for a, b in zip(flags[:carries], out, strict=True)), *flags[carries:])
        if grown == flags:
            return flags
        flags = grown


def widened(build: Builder, x: Value, n: int) -> Value:
    """x repeated along a new first axis."""
    return build.apply(Repeat((0,), (n,)), x)[0]


def swapped(build: Builder, x: Value) -> Value:
    """x with its first two axes exchanged."""
    return build.apply(Transpose((1, 0, *range(2, len(x.shape)))), x)[0]


def chosen(flags: Sequence[bool], things: Sequence[object]) -> list[object]:
    """The flagged ones."""
    return [x for x, flag in zip(things, flags, strict=True) if flag]
