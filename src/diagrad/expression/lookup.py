"""Find what a name means in the tables, or say what it may have meant."""

from __future__ import annotations

import ast
import builtins
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

from ..array.array import Array
from .source import Source
from .table import DTYPES, FUNCTIONS, METHODS, MODULES, PROPERTIES

ALSO = {"ln": "log", "logistic": "sigmoid", "sigma": "sigmoid", "transpose": "permute_dims", "dot": "matmul"}
"""Names that mathematics or NumPy uses for functions of ours."""


def unknown_name(source: Source, node: ast.Name, variables: Mapping[str, Any]) -> NoReturn:
    """Say which inputs there are and how to give another.

    Raises:
        ExpressionError: always.
    """
    if node.id in MODULES or node.id in FUNCTIONS:
        source.error(
            node,
            f"{node.id!r} stands alone",
            expected="a call or an input",
            fix=f"write {node.id}.exp(x)" if node.id in MODULES else f"write {node.id}(x)",
        )
    _no_dunder(source, node, node.id)
    _no_python(source, node, node.id)
    close = _closest(node.id, variables)
    source.error(
        node,
        f"unknown name {node.id!r}" + (f"; did you mean {close!r}?" if close else ""),
        expected=_one_of(variables) if variables else "an input; none is given",
        fix=f"give it a shape or numbers: --input {node.id}=3x2",
    )


def find_function(
    source: Source, node: ast.expr, variables: Mapping[str, Any], called: bool = True
) -> Callable[..., Any]:
    """The function that ``exp``, ``np.exp`` or ``dg.exp`` names.

    Raises:
        ExpressionError: it names none.
    """
    module, name, table = "", "", FUNCTIONS
    if isinstance(node, ast.Name):
        name = node.id
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        module, name = node.value.id + ".", node.attr
        table = MODULES[node.value.id]
    elif isinstance(node, ast.Attribute):
        words = source.words(node)
        source.error(
            node, f"unknown function '{words}'", expected="one name behind np. or dg.", fix="write np.exp(x)"
        )
    else:
        source.error(
            node, "this cannot be called", expected="a function such as exp(x)", fix="call one by its name"
        )
    if name in table and called:
        return table[name]
    _no_dunder(source, node, name)
    if not module and name in variables and called:
        source.error(
            node,
            f"{name!r} is an array, not a function",
            expected=f"{name} * (…)",
            fix="write '*' to multiply",
        )
    if name in table:
        source.error(node, f"{module}{name} stands alone", expected=f"{module}{name}(x)", fix="call it")
    _no_python(source, node, module + name)
    close = _closest(name, table)
    source.error(
        node,
        f"unknown function '{module}{name}'" + (f"; did you mean '{module}{close}'?" if close else ""),
        expected=_one_of(sorted(table)),
        got=f"{module}{name}",
        fix=f"write {module}{close}(…)" if close else "use one of these; nothing else is evaluated",
    )


def find_method(source: Source, node: ast.Attribute, owner: Any, called: bool = True) -> Callable[..., Any]:
    """The method of an Array that ``x.sum`` names.

    Raises:
        ExpressionError: it names none, or ``x`` is not an Array.
    """
    _no_dunder(source, node, node.attr)
    if not isinstance(owner, Array):
        source.error(
            node, "a number has no attributes", expected="an array", fix=f"write {node.attr}(x) with an array"
        )
    if node.attr in METHODS and called:
        return getattr(Array, node.attr)
    if node.attr in METHODS:
        source.error(
            node, f".{node.attr} stands alone", expected=f".{node.attr}()", fix="write brackets behind it"
        )
    if node.attr in PROPERTIES:
        source.error(
            node, f".{node.attr} is not called", expected=f".{node.attr}", fix="leave out the brackets"
        )
    names = METHODS | PROPERTIES
    close = None if node.attr in FUNCTIONS else _closest(node.attr, names)
    source.error(
        node,
        f"an array has no attribute {node.attr!r}" + (f"; did you mean {close!r}?" if close else ""),
        expected=_one_of(sorted(names)),
        fix=f"write .{close}"
        if close
        else f"write {node.attr}(x)"
        if node.attr in FUNCTIONS
        else "use one of these",
    )


def find_dtype(source: Source, node: ast.expr, variables: Mapping[str, Any]) -> Any:
    """The dtype that ``float32``, ``np.float32`` or ``"float32"`` names as an argument; None if it is none.

    Raises:
        ExpressionError: it is text that names no dtype.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value not in DTYPES:
            source.error(
                node,
                "unknown dtype",
                expected=f"one of: {', '.join(DTYPES)}",
                fix="write names without quotes",
            )
        return DTYPES[node.value]
    if isinstance(node, ast.Name) and node.id not in variables:
        return DTYPES.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in MODULES:
        return DTYPES.get(node.attr.rstrip("_"))
    return None


def _one_of(names: Iterable[str]) -> str:
    """``one of: …``, in lines that a terminal shows whole."""
    return f"\n{' ' * 12}".join(textwrap.wrap(f"one of: {', '.join(names)}", 88))


def _closest(name: str, names: Iterable[str]) -> str | None:
    names = list(names)
    if ALSO.get(name) in names:
        return ALSO[name]
    by_case = [other for other in names if other.lower() == name.lower()]
    return next(iter(by_case or get_close_matches(name, names, 1, 0.6)), None)


def _no_dunder(source: Source, node: ast.AST, name: str) -> None:
    if name.startswith("_"):
        source.error(
            node,
            f"{name!r} reaches into Python",
            expected="an operation on arrays",
            fix="use operations alone; nothing else is evaluated",
        )


def _no_python(source: Source, node: ast.AST, name: str) -> None:
    if hasattr(builtins, name) or name in sys.stdlib_module_names:
        source.error(
            node,
            f"{name!r} is Python, not an operation",
            expected="an operation on arrays, or the name of an input",
            fix="use operations alone; nothing else is evaluated",
        )
