"""From text to a syntax tree of bounded size, or an error that says where the text goes wrong."""

from __future__ import annotations

import ast
import unicodedata
import warnings
from typing import NoReturn

from ..errors import ExpressionError
from .source import Source

MAX_CHARACTERS = 10_000
MAX_DEPTH = 150

SIGNS = {"·": "*", "×": "*", "−": "-", "²": "**2", "³": "**3", "ᵀ": ".T"}
"""Signs of printed mathematics, and how NumPy writes them."""

Assignment = ast.Assign | ast.AugAssign | ast.Expr


def parse(text: str) -> tuple[Source, list[Assignment]]:
    """The statements of an expression: ``name = expression``, or expressions alone, separated by ``;``.

    Args:
        text: what the user wrote.

    Returns:
        The source, for error messages, and its statements.

    Raises:
        ExpressionError: the text is empty, too long, nested too deeply, not Python's syntax, or has a
            statement of another kind.

    >>> source, statements = parse("Y = X @ W; L = Y.sum()")
    >>> len(statements)
    2
    """
    source = Source(_normal(text))
    tree = _tree(source)
    if not tree.body:
        raise _empty()
    _check_depth(source, tree)
    for statement in tree.body:
        if not isinstance(statement, Assignment):
            _refuse(source, statement)
    return source, [s for s in tree.body if isinstance(s, Assignment)]


def _normal(text: str) -> str:
    """The text in the form in which Python reads names, so that columns and names agree."""
    text = text.encode(errors="replace").decode()
    for sign, meaning in SIGNS.items():
        text = text.replace(sign, meaning)
    text = unicodedata.normalize("NFKC", text).strip().strip(";").strip()
    if not text:
        raise _empty()
    control = next((c for c in text if not c.isprintable() and c not in "\n\t\r"), None)
    if control is not None:
        raise ExpressionError(
            "the expression has a character that cannot be shown",
            expected="plain text",
            got=ascii(control),
            fix="type the expression anew",
        )
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            "the expression is too long",
            expected=f"at most {MAX_CHARACTERS:,} characters",
            got=f"{len(text):,} characters",
            fix="draw a part of it; larger graphs are built in Python with diagrad.array and diagrad.draw",
        )
    return text


def _empty() -> ExpressionError:
    return ExpressionError(
        "the expression is empty",
        expected='an expression such as "Y = X @ W + b"',
        got="nothing",
        fix='diagrad draw "Y = X @ W + b" --input X=3x2 --input W=2x2 --input b=2',
    )


def _tree(source: Source) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # about "1 is 2" and the like: refused below
            return ast.parse(source.text)
    except SyntaxError as error:
        _explain(source, error)
    except (RecursionError, MemoryError):
        raise _too_deep(source) from None


def _explain(source: Source, error: SyntaxError) -> NoReturn:
    reason = error.msg.removeprefix("invalid syntax. ") or "invalid syntax"
    if "nested" in reason or "recursion" in reason:
        raise _too_deep(source) from None
    if "integer string conversion" in reason:
        reason = "a whole number has too many digits"
    line, start = error.lineno or 1, (error.offset or 1) - 1
    end = (error.end_offset or 0) - 1 if error.end_lineno == line else start + 1
    raise ExpressionError(
        f"the expression is not complete or not well formed: {reason}",
        where=source.point(line, start, end),
        expected="NumPy's notation: names, numbers, + - * / ** @, comparisons, calls such as exp(x)",
        got=source.line(line)[start : start + 20] or "the end of the expression",
        fix="look at the caret; is a bracket, an operator or a ';' missing there?",
    ) from None


def _check_depth(source: Source, tree: ast.Module) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise _too_deep(source)


def _too_deep(source: Source) -> ExpressionError:
    return ExpressionError(
        "the expression is nested too deeply",
        where=source.point(1, 0, 1),
        expected=f"at most {MAX_DEPTH} levels; a + b + c counts one for each +",
        got=f"{len(source.text):,} characters",
        fix="split it: h = …; y = f(h); long sums as add_n(a, b, c)",
    )


def _refuse(source: Source, statement: ast.stmt) -> None:
    word = type(statement).__name__.lower().replace("def", "")
    source.error(
        statement,
        f"a statement of the kind '{word}' is Python, not an operation",
        expected="name = expression, or an expression alone, separated by ';'",
        fix="write only the arithmetic, e.g. Y = X @ W + b",
    )
