"""The rows, in groups."""

from __future__ import annotations

from ..row import Row
from . import algebra, arrays, elementwise, networks

TABLES: dict[str, list[Row]] = {
    **elementwise.TABLES,
    **arrays.TABLES,
    **algebra.TABLES,
    **networks.TABLES,
}
