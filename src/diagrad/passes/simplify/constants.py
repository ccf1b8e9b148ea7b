"""Constants: what is computed of them alone is computed once, if it stays small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import ops
from ...array.align import filled, uniform
from ...errors import DiagradError
from ...ir import Constant, Op, Spec

__all__ = ["Data", "folded", "full", "identity", "plain"]

Data = np.ndarray[Any, Any]

SMALL = 4096
"""Bytes up to which a constant may be made that is larger than what it is made of."""

MOVES = {
    "Flip", "Repeat", "Reshape", "ExpandDims", "Slice", "Split", "Squeeze", "StopGradient", "Transpose",
    "Unstack",
}  # fmt: skip
"""Ops that compute nothing: their results are views, which a constant would only copy."""

LOOPS = {"Scan", "While", "WhilePull"}
"""Ops that may take long, or for ever."""


def full(number: Any, spec: Spec) -> Data:
    """One number repeated."""
    data: Data = np.asarray(filled(number, *spec))
    data.flags.writeable = False
    return data


def folded(op: Op, inputs: Sequence[Data]) -> tuple[Data, ...] | None:
    """What an op gives for constants; None where that is large, takes long or cannot be computed."""
    if isinstance(op, ops.Branch) or op.own in LOOPS or Op.registry.get(op.name) is not type(op):
        return None
    numbers = [uniform(data) for data in inputs]
    specs = op.infer([Spec(data.shape, data.dtype) for data in inputs])
    one = all(x is not None for x in numbers)
    if one and op.own in MOVES:
        return tuple(full(numbers[0], spec) for spec in specs)
    if one and op.elementwise:
        made = _computed(op, numbers, [Spec((), spec.dtype) for spec in specs])
        return made and tuple(full(y[()], spec) for y, spec in zip(made, specs, strict=True))
    most = SMALL if op.own in MOVES else max(SMALL, sum(map(_held, inputs)))
    if sum(spec.nbytes for spec in specs) > most:
        return None
    return _computed(op, [data[()] for data in inputs], specs)


def _held(data: Data) -> int:
    """The bytes that a constant takes."""
    return data.nbytes if uniform(data) is None else data.itemsize


def _computed(op: Op, inputs: Sequence[Any], specs: Sequence[Spec]) -> tuple[Data, ...] | None:
    with np.errstate(all="ignore"):
        try:
            made: Any = op.forward(*inputs)
        except (DiagradError, ArithmeticError):
            return None  # it is raised when the graph runs, if it does
    made = tuple(map(np.asarray, made if op.multiple else (made,)))
    for y, spec in zip(made, specs, strict=True):
        if (y.shape, y.dtype) != spec:
            return None
        y.flags.writeable = False
    return made


def plain(op: Constant) -> Constant | None:
    """The constant with one number repeated kept as one; None if it is so already, or no such constant."""
    data = op.data
    if not data.size or uniform(data) is not None or data.flat[0].tobytes() != data.flat[-1].tobytes():
        return None
    same = data.tobytes() == data.flat[0].tobytes() * data.size
    return Constant(full(data.flat[0], Spec(data.shape, data.dtype))) if same else None


def identity(op: Op) -> Any:
    """What two ops of one kind share that do the same; for constants without a look at all of a large one."""
    if type(op) is not Constant:
        return op
    data = op.data
    number = uniform(data)
    if number is not None:
        return data.shape, data.dtype.str, number.tobytes()
    if data.nbytes > SMALL:
        return id(data)
    return data.shape, data.dtype.str, data.tobytes()
