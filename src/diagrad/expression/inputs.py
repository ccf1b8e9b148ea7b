"""Inputs on the command line: ``X=3x2``, ``x="[1, 2]"``, ``x=2.0``, ``X=data.npy``, each with ``:float32``.

A whole number or several joined by ``x`` is a *shape*, filled with seeded random numbers; brackets or a
decimal point make it *numbers*; anything else is a *file*.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import numpy as np

from ..array.array import Array
from ..array.functions import array, parameter
from ..errors import DiagradError, InputError
from .bounds import MAX_ELEMENTS
from .read import read_array
from .table import DTYPES, MODULES

Data = np.ndarray[Any, Any]

_SHAPE = re.compile(r"\d+([xX×]\d+)*")
_NUMBERS = re.compile(r"\[.*|[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d+)?|[-+]?(nan|inf)|True|False", re.DOTALL)
_DTYPE = re.compile(rf"(?P<value>.*):(?P<dtype>{'|'.join(DTYPES)})", re.DOTALL)

WAYS = (
    'a shape (X=3x2, b=2), numbers (x=2.0, x="[1, 2]") or a file (X=data.npy, X=data.csv), '
    "each with a dtype behind a colon if need be (X=3x2:float32)"
)


@dataclass(frozen=True)
class Given:
    """An input as the user gave it.

    Attributes:
        name: what the expression calls it.
        array: its numbers.
        seeded: whether they are random.
    """

    name: str
    array: Array
    seeded: bool


def read_inputs(texts: Sequence[str], parameters: Sequence[str] = (), seed: int = 0) -> dict[str, Given]:
    """The Arrays that ``--input`` and ``--parameter`` give.

    Args:
        texts: ``NAME=VALUE`` each.
        parameters: the same, for what a figure shows as learned.
        seed: of the random numbers; each input's depend on its name and not on the other inputs.

    Raises:
        InputError: a text is not ``NAME=VALUE``, a name is given twice, a value cannot be read.

    >>> given = read_inputs(["X=3x2", "b=[1, 2]"])
    >>> given["X"].array.shape, given["b"].array
    ((3, 2), array([1., 2.]))
    """
    found: dict[str, Given] = {}
    for text, make in [(text, array) for text in texts] + [(text, parameter) for text in parameters]:
        name, value = _split(text)
        if name in found:
            raise InputError(
                f"the input {name} is given twice",
                where=f"--input {text}",
                expected="each input once",
                got=f"{name} again",
                fix="leave one of them out, or call it something else",
            )
        try:
            data, seeded = read_value(value, name, seed)
        except DiagradError as error:
            error.where = f"--input {_short(text)}"
            raise
        found[name] = Given(name, make(data, name=name), seeded)
    return found


def read_value(text: str, name: str, seed: int = 0) -> tuple[Data, bool]:
    """The numbers that a shape, a literal or a file gives, and whether they are random.

    Raises:
        InputError: it is none of the three, or too large, or the file cannot be read.
    """
    text = text.strip()
    dtype = None
    if match := _DTYPE.fullmatch(text):
        text, dtype = match["value"].strip(), DTYPES[match["dtype"]]
    if _SHAPE.fullmatch(text):
        shape = tuple(int(size[:20]) for size in re.split("[xX×]", text))
        return _random(shape, dtype or np.dtype("f8"), [seed, zlib.crc32(name.encode())]), True
    if _NUMBERS.fullmatch(text):
        return _numbers(text, dtype), False
    if text.startswith("("):
        raise InputError(
            "brackets like these are neither a shape nor numbers here",
            expected=WAYS,
            got=_short(text),
            fix=f'write {name}=3x2 for a shape, {name}="[3, 2]" for the numbers 3 and 2',
        )
    data = read_array(text, name)
    return (data if dtype is None else data.astype(dtype)), False


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = unicodedata.normalize("NFKC", name.strip())
    if not equals or not value.strip():
        raise InputError(
            "an input has no value" if equals else "an input needs a name and a value",
            where=f"--input {_short(text)}",
            expected="NAME=VALUE: " + WAYS,
            got=_short(text),
            fix=f"write --input {name if name.isidentifier() else 'X'}=3x2",
        )
    if not name.isidentifier() or keyword.iskeyword(name) or name in MODULES or name.startswith("__"):
        raise InputError(
            f"{_short(name)!r} cannot be the name of an input",
            where=f"--input {_short(text)}",
            expected="letters, digits and _, no digit first, and no word of Python's such as lambda",
            got=_short(name),
            fix="choose another name, e.g. X, W1 or x_0",
        )
    return name, value


def _random(shape: tuple[int, ...], dtype: np.dtype[Any], seed: list[int]) -> Data:
    """Standard-normal numbers of two decimals, so that a figure can be checked by hand; small whole ones
    where the dtype is whole.
    """
    if math.prod(shape) > MAX_ELEMENTS or len(shape) > 32:
        raise InputError(
            f"an input of {math.prod(shape):,} elements is too large"
            if len(shape) <= 32
            else "too many axes",
            expected=f"at most {MAX_ELEMENTS:,} elements and 32 axes",
            got="x".join(map(str, shape))[:60],
            fix="use a smaller shape; its figure shows the same graph",
        )
    random = np.random.default_rng(seed)
    if dtype.kind in "iub":
        return random.integers(0, 2 if dtype.kind == "b" else 10, shape).astype(dtype)
    return np.round(random.standard_normal(shape), 2).astype(dtype)


def _numbers(text: str, dtype: np.dtype[Any] | None) -> Data:
    """The array of nested lists of numbers; float64 unless said otherwise, so that gradients flow."""
    try:
        nested = _literal(ast.parse(text, mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        _not_numbers(text)
    flat = _flat(nested)
    boolean = bool(flat) and all(isinstance(x, bool) for x in flat)
    try:
        return np.array(nested, dtype=dtype or (bool if boolean else float))
    except (ValueError, OverflowError):
        raise InputError(
            "the rows do not have the same length, or a number does not fit the dtype",
            expected="a list of rows of equal length: [[1, 2], [3, 4]]",
            got=_short(text),
            fix="give every row as many numbers as the first",
        ) from None


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(element) for element in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        x = _literal(node.operand)
        if isinstance(x, list):
            raise ValueError("a sign before a list")
        return -x if isinstance(node.op, ast.USub) else x
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        return node.value
    if isinstance(node, ast.Name) and node.id in ("nan", "inf", "NaN"):
        return float(node.id)
    raise ValueError("not a number")


def _flat(nested: Any) -> list[float]:
    if not isinstance(nested, list):
        return [nested]
    return [x for row in cast("list[Any]", nested) for x in _flat(row)]


def _not_numbers(text: str) -> NoReturn:
    raise InputError(
        "these are not numbers",
        expected="numbers in brackets: [1, 2.5, -3], [[1, 2], [3, 4]], [1, nan]",
        got=_short(text),
        fix='put quotes around it, e.g. --input "x=[1, 2]", and close every bracket',
    ) from None


def _short(text: str) -> str:
    return text if len(text) <= 70 else text[:69] + "…"
