"""A function of a program, the main one or one that a loop or a choice calls, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir import Graph
from .items import Item
from .kernel import Kernel

__all__ = ["NumPyCall", "Routine", "Step", "Where"]


@dataclass(frozen=True)
class Where:
    """Where an array of a program lies: behind which of its pointers, how many bytes further, and how.

    Attributes:
        pointer: the number of the pointer.
        offset: bytes.
        shape, strides: strides in bytes.
        dtype: of the elements.
    """

    pointer: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class NumPyCall:
    """A node that NumPy runs within a program.

    Attributes:
        op: what it does.
        inputs, outputs: where its arrays lie.
        why: the reason.
    """

    op: Any
    inputs: tuple[Where, ...]
    outputs: tuple[Where, ...]
    why: str


@dataclass(frozen=True)
class Step:
    """One kernel of a routine, one NumPy call, or one loop or choice.

    Attributes:
        items: what it computes.
        kernel: the function, which other steps may share; None for what is no kernel.
        routines: those that a loop or a choice calls.
    """

    items: tuple[Item, ...]
    kernel: Kernel | None
    routines: tuple[Routine, ...] = ()


@dataclass(frozen=True, eq=False)
class Routine:
    """A graph as one function, ``i64 @name(ptr %buffers)``: 0 if all went well, 1 if NumPy raised, 2 if an
    index lies outside, 3 if the handler of a signal raised.

    ``buffers`` are pointers: to the data of the inputs, of the outputs, of the constants, to the workspace,
    and to a function ``i64 (i64 number, ptr buffers)`` that runs a NumPy call and gives 0 if it went well.

    Attributes:
        name: of the function.
        graph: what it computes.
        constants: its own, and those of the routines that it calls.
        workspace: bytes that it needs.
        steps: what it does.
        cost: nanoseconds that it takes, as estimated.
        over: for each output whether it may lie where the input is that it was to overwrite.
        fails: whether it can end before all is done: an index outside, or NumPy raises.
    """

    name: str
    graph: Graph
    constants: tuple[np.ndarray[Any, Any], ...]
    workspace: int
    steps: tuple[Step, ...]
    cost: float
    over: tuple[bool, ...]
    fails: bool
