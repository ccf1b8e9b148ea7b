"""How users say strides, windows and padding: one number for all spatial axes, or one for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

from ..errors import ShapeError
from ..ir import user_site
from ..ops.windows import Padding, Sizes

Each = int | Sequence[int]
"""A number for all spatial axes, or one for each."""

Pads = int | str | Sequence[int | Sequence[int]]
"""A number for all ends of all spatial axes, one for each axis, a pair for each, ``"same"`` or ``"valid"``."""


def each(given: Each, rank: int, what: str, least: int = 1) -> Sizes:
    """One number for each of ``rank`` spatial axes.

    Raises:
        ShapeError: there are as many axes as numbers, or a number is less than ``least``.

    >>> each(2, 3, "stride")
    (2, 2, 2)
    """
    numbers = (int(given),) * rank if isinstance(given, SupportsIndex) else tuple(map(int, given))
    if len(numbers) != rank or min(numbers, default=least) < least:
        raise ShapeError(
            f"{what} does not fit {rank} spatial axes",
            where=str(user_site(2)),
            expected=f"a number, or {rank} of them, at least {least}",
            got=f"{what}={given!r}",
            fix="give one number for all axes",
        )
    return numbers


def pads(given: Pads, cells: Sizes, size: Sizes, strides: Sizes, dilation: Sizes) -> Padding:
    """The padding before and after each spatial axis.

    Args:
        given: what the user said.
        cells: the sizes of the spatial axes.
        size: how many cells a window has along each.
        strides: how far the window moves along each.
        dilation: how far apart a window's cells are along each.

    Raises:
        ShapeError: it does not fit the axes.

    >>> pads("same", (5,), (2,), (1,), (1,)), pads((1, 2), (5, 5), (3, 3), (1, 1), (1, 1))
    (((0, 1),), ((1, 1), (2, 2)))
    """
    if given == "valid":
        return ((0, 0),) * len(cells)
    if given == "same":
        totals = [
            max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
            for n, k, s, d in zip(cells, size, strides, dilation, strict=True)
        ]
        return tuple((total // 2, total - total // 2) for total in totals)
    if isinstance(given, SupportsIndex):
        return ((int(given), int(given)),) * len(cells)
    ends = None if isinstance(given, str) else [_pair(x) for x in given]
    if ends is None or len(ends) != len(cells) or None in ends:
        raise ShapeError(
            f"padding does not fit {len(cells)} spatial axes",
            where=str(user_site(2)),
            expected=f"a number, {len(cells)} numbers or pairs (before, after), 'same' or 'valid'",
            got=f"padding={given!r}",
            fix="give one number for all axes",
        )
    return tuple(pair for pair in ends if pair is not None)


def _pair(x: int | Sequence[int]) -> tuple[int, int] | None:
    if isinstance(x, SupportsIndex):
        return int(x), int(x)
    return (int(x[0]), int(x[1])) if len(x) == 2 else None


def last_window(cells: Sizes, size: Sizes, strides: Sizes, padding: Padding, dilation: Sizes) -> Padding:
    """Padding with more at the end, so that a window which begins within x or before it may run over the end.

    >>> last_window((5,), (2,), (2,), ((0, 0),), (1,))
    ((0, 1),)
    """
    found: list[tuple[int, int]] = []
    for n, k, s, (before, after), d in zip(cells, size, strides, padding, dilation, strict=True):
        extent = d * (k - 1) + 1
        count = -(-(n + before + after - extent) // s) + 1
        if (count - 1) * s >= n + before:
            count -= 1
        found.append((before, max(after, (count - 1) * s + extent - n - before)))
    return tuple(found)
