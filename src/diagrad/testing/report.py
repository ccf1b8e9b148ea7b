"""What a gradient check found: a row for each argument, a table of all, an error for the worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import GradientMismatchError
from ..ir import user_site

Method = Literal["complex step", "differences"]


@dataclass(frozen=True)
class GradientRow:
    """What the check found for one argument: its worst element.

    Attributes:
        argument: its name.
        order: 1 for the gradient, 2 for the gradient of the gradient.
        method: how the numeric derivative was taken.
        size: how many elements were compared.
        index: the place of the worst element.
        analytic, numeric: its two derivatives.
        error: their relative error.
    """

    argument: str
    order: int
    method: Method
    size: int
    index: tuple[int, ...]
    analytic: float
    numeric: float
    error: float


@dataclass(frozen=True)
class GradientReport:
    """The rows of a gradient check, and the largest relative error of all.

    ``print(report)`` shows a table.
    """

    rows: tuple[GradientRow, ...]

    @property
    def error(self) -> float:
        """The largest relative error; 0 where nothing was compared."""
        return max((row.error for row in self.rows), default=0.0)

    def __str__(self) -> str:
        head = ("argument", "order", "elements", "worst at", "analytic", "numeric", "rel. error", "method")
        table = [head, *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        rows = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table
        )
        return "\n".join(row.rstrip() for row in rows)


def _cells(row: GradientRow) -> tuple[str, ...]:
    index = "[" + ", ".join(map(str, row.index)) + "]"
    numbers = (f"{row.analytic:.9g}", f"{row.numeric:.9g}", f"{row.error:.1e}")
    return (row.argument, str(row.order), str(row.size), index, *numbers, row.method)


def mismatch(name: str, row: GradientRow, report: GradientReport, rtol: float) -> GradientMismatchError:
    """The error of a check whose worst row is ``row``."""
    of = "gradient" if row.order == 1 else "second derivative"
    index = "[" + ", ".join(map(str, row.index)) + "]" if row.index else ""
    indented = "\n    ".join(str(report).splitlines())
    return GradientMismatchError(
        f"the {of} of {name} with respect to {row.argument}{index} is {row.analytic:.9g}; "
        f"{row.method if row.method == 'differences' else 'the complex step'} "
        f"{'give' if row.method == 'differences' else 'gives'} {row.numeric:.9g}",
        where=str(user_site(1)),
        expected=f"a relative error of at most {rtol:g}",
        got=f"{row.error:.1e}\n    {indented}",
        fix="correct the backward rule of an op on the way; at a kink or a domain's edge, move the point",
    )
