"""Apply one operation, with its size checked before and its errors turned towards the expression."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from ..array.array import Array, leaf
from ..errors import DiagradError, ExpressionError, TraceError
from .bounds import check_number, check_size
from .source import Source


def operate(
    source: Source,
    node: ast.AST,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    keywords: Mapping[str, Any] | None = None,
) -> Any:
    """``function(*args, **keywords)``.

    It is tried on shapes alone first, so that no array larger than the limit is ever made.

    Raises:
        ExpressionError: the arguments are wrong, or the result too large.
        DiagradError: the operation's own error; its ``where`` points into the expression.
    """
    keywords = keywords or {}
    try:
        with np.errstate(all="ignore"):  # NaN and infinity are results; the figure marks them
            _check_result(source, node, _on_shapes(function, args, keywords))
            result = function(*args, **keywords)
    except ExpressionError:
        raise
    except DiagradError as error:
        error.what, error.where = error.what.splitlines()[0], source.where(node)
        raise
    except ArithmeticError as error:
        source.error(
            node,
            "a number is divided by zero"
            if isinstance(error, ZeroDivisionError)
            else "a number is too large",
            expected="numbers below 1e308",
            fix="divide arrays, where 1 / 0 is inf"
            if isinstance(error, ZeroDivisionError)
            else "use smaller numbers",
        )
    except (TypeError, ValueError, IndexError, AttributeError, MemoryError) as error:
        raise ExpressionError(
            f"{_label(node)}: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
            where=source.where(node),
            expected=_signature(function),
            got=source.words(node),
            fix="check the arguments; options are given by name, e.g. sum(x, axis=0)",
        ) from None
    _check_result(source, node, result)
    source.elements += sum(y.size for y in parts(result) if isinstance(y, Array))
    return result


def _on_shapes(function: Callable[..., Any], args: Any, keywords: Any) -> Any:
    """The result for inputs that have a shape and no numbers."""
    try:
        return function(*(_shape_of(x) for x in args), **{key: _shape_of(x) for key, x in keywords.items()})
    except TraceError:
        return None  # a mask as index: its result is not larger than the array


def _shape_of(x: Any) -> Any:
    if isinstance(x, Array):
        return leaf(x.spec, "input", x.name)
    if isinstance(x, tuple | list):
        shapes = [_shape_of(part) for part in cast("Sequence[Any]", x)]
        return tuple(shapes) if isinstance(x, tuple) else shapes
    return x


def parts(value: Any) -> tuple[Any, ...]:
    """The results of an operation: several of branch, of any other the one."""
    return cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,)


def _check_result(source: Source, node: ast.AST, result: Any) -> None:
    for y in parts(result):
        if isinstance(y, Array):
            check_size(source, node, y.shape)
        elif type(y) in (int, float):
            check_number(source, node, y)
        elif isinstance(y, complex):
            source.error(
                node, "the result is a complex number", expected="real numbers", fix="avoid (-8)**0.5"
            )


def _label(node: ast.AST) -> str:
    """What to call an operation in a message."""
    if isinstance(node, ast.Call):
        node = node.func
        return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "call")
    words: dict[type[ast.AST], str] = {
        ast.Subscript: "index",
        ast.Compare: "comparison",
        ast.Attribute: "attribute",
    }
    return words.get(type(node), "arithmetic")


def _signature(function: Callable[..., Any]) -> str:
    """``sum(x, /, *, axis=None)``, without annotations."""
    name = getattr(function, "__name__", "")
    if not name.isidentifier():
        return "an operation that fits these values"
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "arrays or numbers that the operation can take"
    bare = [p.replace(annotation=p.empty) for key, p in signature.parameters.items() if key != "self"]
    return f"{name.lstrip('_')}{inspect.Signature(bare)}"
