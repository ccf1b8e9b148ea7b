"""docs/operations.md is that of today's rows, and of diagrad every row says "yes"."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def operations() -> Iterator[Any]:
    """The package of the table, which lies beside src."""
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.operations import libraries, page, tables, transforms, verdict

        yield {**vars(libraries), **vars(page), **vars(tables), **vars(transforms), **vars(verdict)}
    finally:
        sys.path.remove(str(ROOT))


def rows_of_the_page() -> list[tuple[str, str, str]]:
    """Of each row its section, its name and what it says of diagrad."""
    found: list[tuple[str, str, str]] = []
    section = ""
    for line in (ROOT / "docs/operations.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif section and (match := re.match(r"\| `?([^|\s].*?)`? \| (\S+?)(?:\[\^[\w-]+\])* \|", line)):
            found.append((section, match[1], match[2]))
    return found


def test_the_page_has_the_rows_of_the_tables(operations: dict[str, Any]):
    groups = {**operations["TABLES"], **operations["PROGRAMS"]}
    rows = [(title, row.name, "yes") for title, group in groups.items() for row in group]
    assert rows_of_the_page() == rows, "python -m benchmarks.operations --write"


def test_notes_are_of_rows_that_exist(operations: dict[str, Any]):
    named = {row for _, places in operations["NOTES"].values() for row, _ in places}
    assert named <= {name for _, name, _ in rows_of_the_page()}


def test_every_row_is_differentiable_twice(operations: dict[str, Any]):
    ours, verdict, truth = operations["LIBRARIES"][0], operations["verdict"], operations["truth"]
    rows = [row for group in operations["TABLES"].values() for row in group]
    found = {row.name: verdict(ours, row, truth(row, count=1)) for row in rows}
    assert {name: v for name, v in found.items() if v.word != "yes"} == {}


def test_every_program_gives_its_number(operations: dict[str, Any]):
    ours, judged = operations["LIBRARIES"][0], operations["judged"]
    items = [item for group in operations["PROGRAMS"].values() for item in group]
    found = {item.name: judged(ours, item) for item in items}
    assert {name: v for name, v in found.items() if v.word != "yes"} == {}
