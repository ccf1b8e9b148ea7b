"""A row of the table: an operation as each library writes it, and the numbers it is applied to."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .libraries import Library, find


def _numbers(*shape: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).round(3)


DATA: dict[str, np.ndarray] = {
    "x": np.array([[0.3, 0.7, 0.5], [0.9, 0.2, 0.6]]),
    "y": np.array([[0.8, 0.4, 0.1], [0.25, 0.65, 0.35]]),
    "z": np.array([[-0.25, 0.15, -0.05], [0.35, -0.35, 0.05]]),
    "u": np.array([0.4, -0.2, 0.7]),
    "v": np.array([0.15, 0.85, 0.45]),
    "s": np.array([0.75, 0.55]),
    "A": np.array([[2.0, 0.3, 0.1], [0.4, 1.5, 0.2], [0.2, -0.3, 1.0]]),
    "B": np.array([[0.5, -0.3], [0.2, 0.9], [-0.7, 0.4]]),
    "P": _numbers(3, 3, seed=0),
    "T": _numbers(4, 3, seed=1),
    "batch": _numbers(2, 2, 3, seed=2),
    "wave": _numbers(1, 2, 8, seed=3),
    "filter1": _numbers(3, 2, 3, seed=4),
    "image": _numbers(1, 2, 5, 5, seed=5),
    "filter2": _numbers(3, 2, 2, 2, seed=6),
    "grouped": _numbers(4, 1, 2, 2, seed=7),
    "turned": _numbers(2, 3, 2, 2, seed=8),
    "volume": _numbers(1, 1, 3, 4, 3, seed=9),
    "filter3": _numbers(2, 1, 2, 2, 2, seed=10),
    "channels": _numbers(3, 4, 2, seed=11),
    "gamma": np.array([1.1, 0.9, 1.2, 0.8]),
    "beta": np.array([0.1, -0.2, 0.3, 0.05]),
    "Q": _numbers(1, 2, 3, 4, seed=12),
    "K": _numbers(1, 2, 3, 4, seed=13),
    "V": _numbers(1, 2, 3, 4, seed=14),
    "steps": _numbers(1, 3, 2, seed=15),
    "W": 0.5 * _numbers(2, 8, seed=16),
    "U": 0.5 * _numbers(2, 8, seed=17),
    "b": 0.5 * _numbers(8, seed=18),
    "heads_in": 0.5 * _numbers(12, 4, seed=19),
    "heads_out": 0.5 * _numbers(4, 4, seed=20),
    "table": _numbers(5, 3, seed=21),
    "scores": _numbers(4, 3, seed=22),
}
"""What is differentiated, without ties, and where every function of the table is defined and smooth.

x, y and v lie in (0, 1), z has both signs; the square matrices are far from singular.
"""

CONSTANTS: dict[str, np.ndarray] = {
    "mask": np.array([[True, False, True], [False, True, True]]),
    "rows": np.array([0, 1, 0]),
    "cols": np.array([2, 0, 2]),
    "flat": np.array([2, 3, 2]),
    "choice": np.array([[0, 2], [1, 1]]),
    "labels": np.array([0, 2, 1, 1]),
    "tokens": np.array([[1, 4, 1], [0, 3, 3]]),
    "signs": np.array([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]]),
    "sides": np.array([1.0, -1.0]),
    "importance": np.array([0.5, 1.0, 2.0]),
    "p": np.array([0.3, 0.7]),
    "q": np.array([0.5, -0.25]),
    "causal": np.tril(np.ones((3, 3), bool)),
}
"""What is given beside it."""


@dataclass(frozen=True)
class Row:
    """An operation: ``code`` for all libraries, ``own`` for those that write it otherwise ("" if not at all).

    Statements are separated by semicolons or lines; the last gives the result, one array or several. Names
    are those of :data:`DATA`, which the gradient is taken by, of :data:`CONSTANTS`, and the library's own.
    """

    name: str
    code: str
    own: dict[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> list[str]:
        """The names of the data in the order in which they are met."""
        names = [n.id for n in ast.walk(ast.parse(self.code)) if isinstance(n, ast.Name)]
        return [name for name in dict.fromkeys(names) if name in DATA]

    def function(self, library: Library) -> Callable[..., Any]:
        """The operation, as this library writes it, of the arguments."""
        code = self.own.get(library.name, self.code)
        if not code:
            raise LookupError(self.name)
        return compiled(code, self.arguments, library)


def row(code: str, name: str = "", **own: str) -> Row:
    """A row, named after the function that its code calls first."""
    return Row(name or code.partition("(")[0], code, own)


def rows(names: str, *arguments: str, **own: str) -> list[Row]:
    """Rows of functions that take the same; ``own`` renames some: ``PyTorch="gammaln=lgamma"``."""
    renamed = {library: dict(pair.split("=") for pair in pairs.split()) for library, pairs in own.items()}
    inside = ", ".join(arguments)
    return [
        row(f"{name}({inside})", **{k: f"{new[name]}({inside})" for k, new in renamed.items() if name in new})
        for name in names.split()
    ]


def compiled(code: str, arguments: list[str], library: Library) -> Callable[..., Any]:
    """A function whose body is ``code`` and whose result is its last expression."""
    module = ast.parse(f"def f({', '.join(arguments)}): pass")
    body = ast.parse(code).body
    last = body[-1]
    assert isinstance(last, ast.Expr), code
    module.body[0].body = [*body[:-1], ast.copy_location(ast.Return(last.value), last)]  # type: ignore[attr-defined]
    meanings = {name: _meaning(name, library) for name in _names(module)}
    names = {name: meaning for name, meaning in meanings.items() if meaning is not None}
    exec(compile(ast.fix_missing_locations(module), f"<{library.name}>", "exec"), names)
    return names["f"]


def _names(tree: ast.AST) -> set[str]:
    """The names that code takes from outside, or so it may be."""
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}


def _meaning(name: str, library: Library) -> Any:
    """A constant, what the library has, or Python's."""
    if name in CONSTANTS:
        return library.constant(CONSTANTS[name])
    try:
        return find(library, name)
    except LookupError:
        return getattr(builtins, name, None)
