"""The walk over the syntax tree: each node becomes an operation of diagrad, or an error that points at it.

A value is an Array, a tuple of Arrays, a Python number (kept as one, as NumPy does, so that float32 stays
float32), or, as an argument alone, a list, a slice, None or a dtype.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ..array.array import Array
from ..array.trace import graph
from .bounds import check_number, check_power
from .lookup import find_dtype, find_function, find_method, unknown_name
from .naming import SUBSCRIPTS, named, renamed, unnamed
from .operate import operate, parts
from .parse import Assignment, parse
from .source import Source
from .table import BINARY, COMPARE, CONSTANTS, INSTEAD, MODULES, PROPERTIES, TAKE_TEXT, UNARY

Keywords = dict[str, Any]


@dataclass(frozen=True)
class Evaluated:
    """What an expression computed.

    Attributes:
        source: the expression.
        outputs: the results that no later part uses, by name; an unnamed one is called ``""``.
        variables: every name that was assigned, and the inputs.
        used: the names of the inputs that were used.
    """

    source: str
    outputs: list[tuple[str, Array]]
    variables: dict[str, Any]
    used: frozenset[str]


def evaluate(text: str, inputs: Mapping[str, Array]) -> Evaluated:
    """Evaluate an expression on Arrays; nothing but diagrad's operations is reached.

    Args:
        text: in NumPy's notation, several separated by ``;``.
        inputs: the Arrays that it may name.

    Returns:
        An :class:`Evaluated`.

    Raises:
        ExpressionError: it is not well formed, names something unknown, or uses what is no operation.
        ShapeError, DTypeError: an operation's inputs do not fit; ``where`` points into the expression.

    >>> import diagrad as dg
    >>> x = dg.array(3.0)
    >>> evaluate("y = x * x + 1", {"x": x}).outputs
    [('y', array(10.))]
    """
    source, statements = parse(text)
    walk = _Walk(source, dict(inputs), frozenset(inputs))
    with unnamed():
        for statement in statements:
            walk.run(statement)
    outputs = walk.outputs()
    if not outputs:
        source.error(
            statements[-1],
            "the result does not depend on any input",
            expected="an expression that uses at least one input",
            fix="give an input and use it: --input x=3x2",
        )
    return Evaluated(source.text, outputs, walk.variables, frozenset(walk.used & set(inputs)))


class _Walk:
    """The state of one evaluation: the variables, and which of them were used."""

    def __init__(self, source: Source, variables: dict[str, Any], inputs: frozenset[str]) -> None:
        self.source, self.variables, self.inputs = source, variables, inputs
        self.used: set[str] = set()
        self.results: list[tuple[str, Array]] = []
        self.seen: set[int] = set()
        self.versions: dict[str, int] = {}

    def outputs(self) -> list[tuple[str, Array]]:
        """Results that no later statement used, each once."""
        unique = {id(y): (name, y) for name, y in self.results if id(y) not in self.seen}
        return [pair for pair in unique.values() if graph(pair[1]).inputs]

    # -------------------------------------------------------------- statements

    def run(self, statement: Assignment) -> None:
        if isinstance(statement, ast.Expr):
            return self.keep("", self.value(statement.value), statement)
        if isinstance(statement, ast.AugAssign):
            old = self.name(ast.copy_location(ast.Name(self.target(statement.target)), statement.target))
            return self.assign(statement.target, self.binary(statement, statement.op, old, statement.value))
        value = self.value(statement.value)
        for target in statement.targets:
            self.assign(target, value)

    def assign(self, target: ast.expr, value: Any) -> None:
        if not isinstance(target, ast.Tuple | ast.List):
            return self.keep(self.target(target), value, target)
        values = parts(value)
        if len(values) != len(target.elts) or not isinstance(value, tuple):
            self.source.error(
                target,
                f"{len(target.elts)} names for {len(values)} results",
                expected="one name for each result",
                fix="only branch(x, n) gives several: a, b = branch(x)",
            )
        for element, part in zip(target.elts, values, strict=True):
            self.keep(self.target(element), part, element)

    def target(self, target: ast.expr) -> str:
        if not isinstance(target, ast.Name):
            self.source.error(
                target,
                "only a name can stand left of '='",
                expected="name = expression",
                fix="x[0] = … is written where(mask, new, x)",
            )
        if target.id in MODULES or target.id.startswith("__"):
            self.source.error(
                target, f"{target.id!r} is taken", expected="another name", fix="choose another name"
            )
        return target.id

    def keep(self, name: str, value: Any, node: ast.AST) -> None:
        for y in parts(value):
            if isinstance(y, Array):
                self.results.append((name, y))
                self.seen.discard(id(y))
            elif type(y) not in (int, float, bool):
                self.source.error(
                    node,
                    "the result is not an array",
                    expected="an array or a number",
                    fix="use it in an operation",
                )
        if name:
            self.retire(name)
            self.variables[name] = named(name, value) if isinstance(value, Array) else value

    def retire(self, name: str) -> None:
        """Number the value that a name has had so far: ``c += 1`` makes it c₁, and the new one is c."""
        old = self.variables.get(name)
        if isinstance(old, Array) and not old.is_leaf and old.name == name:
            self.versions[name] = self.versions.get(name, 0) + 1
            renamed(f"{name}{str(self.versions[name]).translate(SUBSCRIPTS)}", old)

    # -------------------------------------------------------------- values

    def value(self, node: ast.expr) -> Any:
        """The value of an expression node of a known kind."""
        visit = _VISIT.get(type(node))
        if visit is None:
            return self.refuse(node, type(node))
        return visit(self, node)

    def refuse(self, node: ast.AST, kind: type[ast.AST]) -> Any:
        what, fix = INSTEAD.get(
            kind, (f"{kind.__name__} is Python, not an operation", "use operations on arrays")
        )
        self.source.error(node, what, expected="names, numbers, + - * / ** @, comparisons, calls", fix=fix)

    def number(self, node: ast.Constant) -> Any:
        if node.value is None or node.value is Ellipsis:
            return node.value
        if isinstance(node.value, int | float):
            return check_number(self.source, node, node.value)
        self.source.error(
            node,
            f"{'text' if isinstance(node.value, str | bytes) else 'a complex number'} is not an array",
            expected="a real number such as 2 or 0.5",
            fix="write names without quotes" if isinstance(node.value, str) else "use real numbers",
        )

    def name(self, node: ast.Name) -> Any:
        if node.id not in self.variables:
            unknown_name(self.source, node, self.variables)
        value = self.variables[node.id]
        if node.id in self.inputs:
            self.used.add(node.id)
        self.seen.update(map(id, parts(value)))
        return value

    def unary(self, node: ast.UnaryOp) -> Any:
        if type(node.op) not in UNARY:
            return self.refuse(node, type(node.op))
        x = self.operand(node.operand)
        return operate(self.source, node, UNARY[type(node.op)][1], (x,))

    def operand(self, node: ast.expr) -> Any:
        """A value that an operator takes: an Array or a number."""
        x = self.value(node)
        if not isinstance(x, Array | int | float):
            self.source.error(
                node,
                "an operator needs an array or a number",
                expected="an array or a number",
                fix="join several arrays with stack([a, b]) or concatenate([a, b])",
            )
        return x

    def binary(self, node: ast.AST, op: ast.operator, x: Any, right: ast.expr) -> Any:
        if type(op) not in BINARY:
            return self.refuse(node, type(op))
        y = self.operand(right)
        if isinstance(op, ast.Pow) and not isinstance(x, Array) and not isinstance(y, Array):
            check_power(self.source, node, x, y)
        return operate(self.source, node, BINARY[type(op)][1], (x, y))

    def compare(self, node: ast.Compare) -> Any:
        if len(node.ops) > 1:
            self.source.error(
                node,
                "a comparison of three values does not work on arrays",
                expected="two values",
                fix="write (a < b) & (b < c)",
            )
        if type(node.ops[0]) not in COMPARE:
            self.source.error(
                node, "there is no such comparison", expected="== != < <= > >=", fix="use one of these"
            )
        x, y = self.operand(node.left), self.operand(node.comparators[0])
        return operate(self.source, node, COMPARE[type(node.ops[0])][1], (x, y))

    # -------------------------------------------------------------- calls, attributes, indices

    def call(self, node: ast.Call) -> Any:
        args: tuple[Any, ...] = ()
        if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
            args = (self.operand(node.func.value),)
            function = find_method(self.source, node.func, args[0])
        else:
            function = find_function(self.source, node.func, self.variables)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        text = called in TAKE_TEXT
        args += tuple(self.argument(arg, text) for arg in node.args)
        keywords: Keywords = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                self.source.error(
                    keyword.value,
                    "'**' cannot unpack here",
                    expected="name=value",
                    fix="write out the arguments",
                )
            keywords[keyword.arg] = self.argument(keyword.value, text)
        return operate(self.source, node, function, args, keywords)

    def argument(self, node: ast.expr, text: bool) -> Any:
        """A value, or what only an argument may be: a dtype, and text where the function takes some."""
        if text and isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        dtype = find_dtype(self.source, node, self.variables)
        return self.value(node) if dtype is None else dtype

    def attribute(self, node: ast.Attribute) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id in MODULES and node.attr in CONSTANTS:
            return CONSTANTS[node.attr]
        if _is_module(node.value):
            return find_function(self.source, node, self.variables, called=False)
        owner = self.operand(node.value)
        if not isinstance(owner, Array) or node.attr not in PROPERTIES:
            return find_method(self.source, node, owner, called=False)
        return operate(self.source, node, attrgetter(node.attr), (owner,))

    def subscript(self, node: ast.Subscript) -> Any:
        x, index = self.value(node.value), self.index(node.slice)
        return operate(self.source, node, operator.getitem, (x, index))

    def index(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Tuple):
            entries = tuple(self.index(element) for element in node.elts)
            masks = [x for x in entries if isinstance(x, Array) and x.dtype.kind == "b"]
            if masks and sum(isinstance(x, Array | list) for x in entries) > 1:
                self.source.error(
                    node,
                    "a mask stands beside another array",
                    expected="a mask with slices and numbers alone, as in x[x > 0] or X[mask, 0]",
                    fix="index in two steps: x[mask][i]",
                )
            return entries
        if isinstance(node, ast.Slice):
            return slice(
                *(None if end is None else self.whole(end) for end in (node.lower, node.upper, node.step))
            )
        return self.value(node)

    def whole(self, node: ast.expr) -> int:
        x = self.value(node)
        if type(x) is not int:
            self.source.error(
                node, "a slice's end is a whole number", expected="x[0:2]", fix="use whole numbers"
            )
        return x

    def sequence(self, node: ast.Tuple | ast.List) -> Any:
        values = [self.value(element) for element in node.elts]
        return tuple(values) if isinstance(node, ast.Tuple) else values


def _is_module(node: ast.expr) -> bool:
    """Whether it is ``np``, ``dg``, or an attribute of one such as ``np.linalg``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES


def _binary(walk: _Walk, node: ast.BinOp) -> Any:
    return walk.binary(node, node.op, walk.operand(node.left), node.right)


def _boolean(walk: _Walk, node: ast.BoolOp) -> Any:
    return walk.refuse(node, type(node.op))


_VISIT: dict[type[ast.expr], Callable[[_Walk, Any], Any]] = {
    ast.Constant: _Walk.number,
    ast.Name: _Walk.name,
    ast.UnaryOp: _Walk.unary,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Compare: _Walk.compare,
    ast.Call: _Walk.call,
    ast.Attribute: _Walk.attribute,
    ast.Subscript: _Walk.subscript,
    ast.Tuple: _Walk.sequence,
    ast.List: _Walk.sequence,
}

__all__ = ["Evaluated", "evaluate"]
