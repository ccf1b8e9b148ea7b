"""The text of an expression, and errors that point into it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import NoReturn

from ..errors import ExpressionError

_INDENT = " " * 12
"""Where the text of a message's ``where:`` begins, so that the caret stands under its column."""
_WINDOW = 76


@dataclass
class Source:
    """The text of an expression.

    Attributes:
        text: what the user wrote.
        elements: how many numbers evaluating it has made so far.
    """

    text: str
    elements: int = 0

    def line(self, number: int) -> str:
        """A line, counted from 1."""
        lines = self.text.split("\n")
        return lines[min(number, len(lines)) - 1]

    def point(self, line: int, start: int, end: int) -> str:
        """A line with a caret line below it, from column ``start`` to before ``end``, counted from 0."""
        text = self.line(line)
        start = max(0, min(start, len(text)))
        end = max(start + 1, min(end, len(text)))
        first = max(0, start - _WINDOW // 2) if len(text) > _WINDOW else 0
        shown, offset = text[first : first + _WINDOW], start - first
        if first:
            shown, offset = "…" + shown, offset + 1
        if first + _WINDOW < len(text):
            shown += "…"
        carets = "^" * min(end - start, len(shown) - offset) or "^"
        return f"{shown}\n{_INDENT}{' ' * offset}{carets}"

    def where(self, node: ast.AST) -> str:
        """The line of a node of the syntax tree, with carets under it."""
        line: int = getattr(node, "lineno", 1)
        start = self._column(line, getattr(node, "col_offset", 0))
        end = self._column(line, getattr(node, "end_col_offset", 1))
        if getattr(node, "end_lineno", line) != line:
            end = len(self.line(line))
        return self.point(line, start, end)

    def words(self, node: ast.AST) -> str:
        """The text of a node, shortened."""
        text = ast.get_source_segment(self.text, node) or type(node).__name__
        return text if len(text) <= 60 else text[:59] + "…"

    def error(self, node: ast.AST, what: str, *, expected: str, fix: str, got: str | None = None) -> NoReturn:
        """Raise an error that points at a node.

        Raises:
            ExpressionError: always.
        """
        raise ExpressionError(
            what, where=self.where(node), expected=expected, got=got or self.words(node), fix=fix
        ) from None

    def _column(self, line: int, offset: int) -> int:
        """A column in characters: the syntax tree counts bytes of UTF-8."""
        return len(self.line(line).encode()[:offset].decode(errors="ignore"))
