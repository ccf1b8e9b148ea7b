"""Sample inputs of an op: those that it states, or else those that follow from its signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import Op, Port, Sample, Shape

_LEADING: tuple[Shape, ...] = ((), (3,), (2, 3), (0,), (2, 0))
_SIZES = (2, 3, 4, 5)
_VARIADIC = (1, 2, 3)


def samples_of(kind: type[Op]) -> tuple[Sample, ...]:
    """The inputs that an op is tested with.

    An op with attributes states its own in a class method ``samples``. Otherwise the axes that the
    signature names take the sizes 2, 3, 4 …, ``...`` becomes no axis, one, two and one of size 0, and a
    variadic port takes one to three inputs. Numbers come from the op's ``domain``.

    Args:
        kind: a registered op's class.

    >>> from diagrad import ops
    >>> [sample.shapes for sample in samples_of(ops.MatMul)][:2]
    [((2, 3), (3, 4)), ((3, 2, 3), (3, 3, 4))]
    """
    own: Callable[[], tuple[Sample, ...]] | None = getattr(kind, "samples", None)
    return own() if own is not None else _derived(kind)


def draw_inputs(
    sample: Sample, rng: np.random.Generator, dtype: Any = np.float64
) -> tuple[np.ndarray[Any, Any], ...]:
    """NumPy arrays for a sample: drawn evenly from its interval, or what it gives.

    Args:
        sample: which op, which shapes, which interval.
        rng: where the numbers come from.
        dtype: of the drawn arrays. Arrays that the sample gives keep their own; nested lists become integers.

    >>> from diagrad import ops
    >>> sample = samples_of(ops.Exp)[1]
    >>> [x.shape for x in draw_inputs(sample, np.random.default_rng(0))]
    [(3,)]
    """
    arrays: list[np.ndarray[Any, Any]] = []
    for at, shape in enumerate(sample.shapes):
        if at in sample.given:
            given = np.asarray(sample.given[at])
            kept = given.dtype.kind == "b" or given is sample.given[at]
            arrays.append(given if kept else given.astype(np.intp))
        else:
            arrays.append(_draw(sample, shape, np.dtype(dtype), rng))
    return tuple(arrays) if sample.prepare is None else sample.prepare(*arrays)


def _draw(sample: Sample, shape: Shape, dtype: np.dtype[Any], rng: np.random.Generator) -> Any:
    low, high = sample.low, sample.high
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind in "iu":
        bottom = max(int(np.ceil(low)), 0 if dtype.kind == "u" else -100)
        return rng.integers(bottom, max(int(np.floor(high)), bottom) + 1, shape).astype(dtype)
    x = np.asarray(rng.uniform(low, high, shape))
    if dtype.kind == "c":
        x = x + 1j * rng.uniform(low, high, shape)
    return np.asarray(x).astype(dtype)


def _derived(kind: type[Op]) -> tuple[Sample, ...]:
    low, high = kind.domain
    names = list(dict.fromkeys(axis for port in kind.ports.inputs for axis in port.fixed))
    size = dict(zip(names, _SIZES, strict=False))
    dotted = any(port.dotted for port in kind.ports.inputs)
    variadic = any(port.variadic for port in kind.ports.inputs)

    def shape(port: Port, lead: Shape) -> Shape:
        return lead * port.dotted + tuple(size[axis] for axis in port.fixed)

    return tuple(
        Sample(
            kind(),
            tuple(
                shape(port, lead) for port in kind.ports.inputs for _ in range(count if port.variadic else 1)
            ),
            low,
            high,
        )
        for count in (_VARIADIC if variadic else (1,))
        for lead in (_LEADING if dotted else ((),))
    )
