"""Windows that slide over the last axes of an array: what convolution and pooling share.

Along each of these axes a window has ``size`` cells, ``dilation`` apart, and moves by ``stride``; the axis has
``padding`` cells put before and after it, or, where a number is negative, taken away. The number of windows is

    T = ⌊(n + before + after − dilation · (size − 1) − 1) / stride⌋ + 1.

Where the division leaves a rest r, the last r cells are in no window. Taking r from ``after`` changes nothing
and makes the division exact, so that n follows from T, and size from both. Every op here gives its gradients
that padding; none of them then needs to be told a shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..ir import Op, Shape

Sizes = tuple[int, ...]
"""One number for each axis that the windows slide over."""

Padding = tuple[tuple[int, int], ...]
"""How many cells before and after each of those axes."""


def count_windows(
    op: Op, cells: Sizes, size: Sizes, strides: Sizes, padding: Padding, dilation: Sizes
) -> Shape:
    """How many windows there are along each axis.

    Raises:
        ShapeError: a window does not fit.
    """
    found: list[int] = []
    for axis, (n, k, s, ends, d) in enumerate(zip(cells, size, strides, padding, dilation, strict=True)):
        space, extent = n + sum(ends), d * (k - 1) + 1
        if k < 1 or extent > space:
            raise ShapeError(
                f"{op.name}: the window does not fit along spatial axis {axis}",
                expected=f"a window of 1 to {space} cells",
                got=f"{n} cells, padding {ends}, a window of {k} cells, dilation {d}: {extent} cells wide",
                fix="use a smaller window or more padding",
            )
        found.append((space - extent) // s + 1)
    return tuple(found)


def count_cells(
    op: Op, count: Shape, size: Sizes, strides: Sizes, padding: Padding, dilation: Sizes
) -> Shape:
    """How many cells each axis has that ``count`` windows cover exactly.

    Raises:
        ShapeError: there are none.
    """
    cells = tuple(
        (t - 1) * s + d * (k - 1) + 1 - sum(ends)
        for t, k, s, ends, d in zip(count, size, strides, padding, dilation, strict=True)
    )
    if min((*count, *size, *cells), default=1) < 1:
        raise ShapeError(
            f"{op.name}: the padding takes all cells away",
            expected="at least one window, and one cell after padding",
            got=f"{count} windows of size {size}, strides {strides}, padding {padding}: {cells} cells",
            fix="use less padding",
        )
    return cells


def exact(cells: Sizes, size: Sizes, strides: Sizes, padding: Padding, dilation: Sizes) -> Padding:
    """The padding without the cells at the end that are in no window.

    >>> exact((6,), (3,), (2,), ((0, 0),), (1,))
    ((0, -1),)
    """
    rests = (
        (n + sum(ends) - d * (k - 1) - 1) % s
        for n, k, s, ends, d in zip(cells, size, strides, padding, dilation, strict=True)
    )
    return tuple((before, after - rest) for (before, after), rest in zip(padding, rests, strict=True))


def padded(x: Any, padding: Padding, fill: Any = 0) -> Any:
    """x with cells of ``fill`` around its last axes, or without some; not copied where none are added."""
    if not any(map(any, padding)):
        return x
    old = x.shape[x.ndim - len(padding) :]
    kept = [slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(padding, old, strict=True)]
    x = x[(..., *kept)]
    grown = [(max(a, 0), max(b, 0)) for a, b in padding]
    if not any(map(any, grown)):
        return x
    old = x.shape[x.ndim - len(padding) :]
    shape = x.shape[: x.ndim - len(padding)] + tuple(a + n + b for (a, b), n in zip(grown, old, strict=True))
    y = np.full(shape, fill, x.dtype) if fill else np.zeros(shape, x.dtype)
    y[(..., *(slice(a, a + n) for (a, _), n in zip(grown, old, strict=True)))] = x
    return y


def slide(x: Any, size: Sizes, strides: Sizes, dilation: Sizes) -> Any:
    """A view of padded x with its windows: [..., *cells] becomes [..., *size, *count]."""
    lead = x.ndim - len(size)
    steps = x.strides[lead:]
    count = tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(x.shape[lead:], size, strides, dilation, strict=True)
    )
    within = tuple(step * d for step, d in zip(steps, dilation, strict=True))
    between = tuple(step * s for step, s in zip(steps, strides, strict=True))
    return np.lib.stride_tricks.as_strided(
        x, x.shape[:lead] + size + count, x.strides[:lead] + within + between, writeable=False
    )


def offsets(
    size: Sizes, count: Shape, strides: Sizes, dilation: Sizes
) -> Iterator[tuple[Sizes, tuple[Any, ...]]]:
    """For each cell of a window: its place there, and the index of that cell of all windows in padded x."""
    for at in product(*map(range, size)):
        cells = (
            slice(k * d, k * d + s * (t - 1) + 1, s)
            for k, t, s, d in zip(at, count, strides, dilation, strict=True)
        )
        yield at, (..., *cells)


def opposite(padding: Padding) -> Padding:
    """The padding that takes away what ``padding`` puts there, and puts there what it takes away."""
    return tuple((-before, -after) for before, after in padding)


def room(cells: Shape, padding: Padding) -> Shape:
    """How many cells there are with padding."""
    return tuple(n + before + after for n, (before, after) in zip(cells, padding, strict=True))
