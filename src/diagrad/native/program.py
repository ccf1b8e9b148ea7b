"""A graph as one function of machine code, and what it needs to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir import Graph, Spec, Value
from .building import Building, Shared
from .module import Module
from .routine import NumPyCall, Step
from .target import Target, host

__all__ = ["Program", "build"]


@dataclass(frozen=True)
class Program:
    """A graph as one function, ``i64 @main(ptr %buffers)``: 0 if all went well.

    ``buffers`` are pointers: to the data of the inputs, of the outputs (a donated output has its input's), of
    the constants, to the workspace, and to a function ``i64 (i64 number, ptr buffers)`` that runs a NumPy
    call and gives 0 if it went well.

    Attributes:
        graph: what it computes.
        module: its code.
        inputs, outputs: their shapes and dtypes.
        donated: for each output the input whose memory it takes, or None.
        constants: their numbers.
        workspace: bytes of memory that a call needs.
        calls: what NumPy runs.
        steps: what it does, in order.
        cost: nanoseconds that it takes, as estimated.
        threads: into how many parts kernels are split.
        roots: the value that each output is.
        rooms: the values that lie in the workspace, and where.
        parts: the values that lie within others, and in which.
    """

    graph: Graph
    module: Module
    inputs: tuple[Spec, ...]
    outputs: tuple[Spec, ...]
    donated: tuple[int | None, ...]
    constants: tuple[np.ndarray[Any, Any], ...]
    workspace: int
    calls: tuple[NumPyCall, ...]
    steps: tuple[Step, ...]
    cost: float
    threads: int
    roots: tuple[Value, ...]
    rooms: Mapping[Value, int]
    parts: Mapping[Value, Value]


def build(
    graph: Graph,
    donated: Sequence[int | None] = (),
    threads: int = 1,
    target: Target | None = None,
    timed: bool = False,
) -> Program:
    """A graph as a program.

    Args:
        graph: it should be simplified.
        donated: for each output the number of the input whose memory it takes, or None.
        threads: into how many parts kernels are split.
        target: the machine; by default this one.
        timed: note how long each step takes, for :mod:`.profile`.
    """
    shared = Shared(threads, target or host(), timed)
    taken = tuple(donated) or (None,) * len(graph.outputs)
    building = Building(graph, taken, shared)
    main = building.routine()
    return Program(
        graph,
        shared.module,
        tuple(x.spec for x in graph.inputs),
        tuple(y.spec for y in graph.outputs),
        taken,
        main.constants,
        main.workspace,
        tuple(shared.calls),
        main.steps,
        main.cost,
        threads,
        tuple(building.lowered.outputs),
        building.placement.workspace,
        {part: found.whole for part, found in building.lowered.parts.items()},
    )
