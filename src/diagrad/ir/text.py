"""A graph as text, and text as a graph.

::

    graph affine(X: f64[3,2], W: f64[2,2] parameter, b: f64[2] parameter) {
      XW: f64[3,2] = MatMul(X, W)
      B: f64[3,2] = Repeat(b) {axes=(0,), times=(3,)}
      Y: f64[3,2] = Add(XW, B) @ layer1
      return Y
    }

Values without a name are numbered, ``%0``; a name that is not a plain word stands in quotes, as JSON
writes it. Attributes are Python literals, or graphs, which have names of their own. A constant shows its
numbers, or, above 64 of them, their bytes in base 64.
"""

from __future__ import annotations

import ast
import base64
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast

import numpy as np

from ..errors import ParseError
from .dtype import from_short, short_name
from .graph import Graph, Node, Role, Scope, Value
from .op import Op
from .verify import verify

_SHOWN = 64
_PLAIN = re.compile(r"[^\W\d]\w*")
"""A plain word. Not every identifier of Python is one: it may have accents of their own, as x̂."""


def format_graph(graph: Graph) -> str:
    """The text of a graph, which :func:`parse` reads back to an equal one."""
    label = _labels(graph)

    def define(value: Value) -> str:
        return f"{label(value)}: {value.spec}"

    inputs = ", ".join(define(x) + " parameter" * (x.role == "parameter") for x in graph.inputs)
    lines = [f"graph {_word(graph.name)}({inputs}) {{"]
    for node in graph.nodes:
        outputs = ", ".join(map(define, node.outputs))
        call = f"{node.op.name}({', '.join(map(label, node.inputs))})"
        attributes = ", ".join(f"{k}={_literal(v)}" for k, v in node.op.attributes().items())
        line = f"  {outputs} = {call}" + (f" {{{attributes}}}" if attributes else "")
        if node.scope:
            line += f" @ {_scope_text(node.scope)}"
        lines.append(line)
    lines += [f"  return {', '.join(map(label, graph.outputs))}".rstrip(), "}"]
    return "\n".join(lines)


def parse(text: str) -> Graph:
    r"""Read a printed graph.

    Args:
        text: what ``str(graph)`` gave.

    Returns:
        An equal graph, verified.

    Raises:
        ParseError: the text is malformed; the message names the line and what was expected there.
        GraphError: it reads well but breaks a rule: a cycle, an undefined value, a wrong shape.

    >>> graph = parse("graph double(x: f64[3]) { y: f64[3] = Add(x, x)\n return y }")
    >>> parse(str(graph)) == graph
    True
    """
    reader = _Reader(text)
    graph = reader.graph()
    if text[reader.at :].strip():
        reader.fail("the end of the text")
    return verify(graph)


def _labels(graph: Graph) -> Callable[[Value], str]:
    labels: dict[Value, str] = {}
    count = 0
    for value in graph.values():
        if value.name is None:
            labels[value] = f"%{count}"
            count += 1
        else:
            labels[value] = _word(value.name)
    return labels.__getitem__


def _scope_text(scope: Scope) -> str:
    """The path of a scope, with ``~`` before one whose values a backward pass computes again."""
    path = [("~" if scope.recompute else "") + _word(scope.name)]
    while scope.parent is not None:
        scope = scope.parent
        path.append(("~" if scope.recompute else "") + _word(scope.name))
    return "/".join(reversed(path))


def _word(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name != "return" else json.dumps(name, ensure_ascii=False)


def _literal(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return _array(cast(Any, x))
    if isinstance(x, np.dtype):
        return repr(short_name(cast(Any, x)))
    if isinstance(x, tuple):
        inner = ", ".join(map(_literal, x))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return f"({inner},)" if len(x) == 1 else f"({inner})"  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(x, slice):
        part: slice[Any, Any, Any] = cast(Any, x)
        return f"slice({part.start}, {part.stop}, {part.step})"
    if x is Ellipsis:
        return "..."
    if isinstance(x, Graph):
        return format_graph(x).replace("\n", "\n  ")
    return _number(x)


def _array(x: np.ndarray[Any, Any]) -> str:
    dtype = short_name(x.dtype)
    if x.size > 1 and not any(x.strides):
        one = x[(0,) * x.ndim]
        return f"full({_number(one) if _has_exact_text(one) else _array(one)}, {x.shape}, {dtype!r})"
    if x.size <= _SHOWN and _has_exact_text(x):
        return f"array({_nested(x.tolist())}, {x.shape}, {dtype!r})"
    return f"bytes({base64.b64encode(x.tobytes()).decode()!r}, {x.shape}, {dtype!r})"


def _has_exact_text(x: np.ndarray[Any, Any]) -> bool:
    """Whether decimal numbers give the same bits back: a NaN may have any, Python's complex zeros no sign."""
    if x.dtype.kind != "c":
        return not np.isnan(x).any()
    parts = np.stack([x.real, x.imag])
    return bool(np.isfinite(parts).all() and not (np.signbit(parts) & (parts == 0)).any())


def _nested(x: Any) -> str:
    return f"[{', '.join(map(_nested, x))}]" if isinstance(x, list) else _number(x)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _number(x: Any) -> str:
    return repr(cast(Any, x).item() if isinstance(x, np.generic) else x)


_TOKEN = re.compile(
    r"""\s*(?:\#[^\n]*\n\s*)*
    (?: (?P<number>%\d+) | (?P<word>[^\W\d]\w*) | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<shape>\[[\d,]*\]) | (?P<mark>[(){}:=,@/~]) )""",
    re.VERBOSE,
)
_LITERAL = re.compile(r"""(?:[^][(){},'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*""")
"""Text of an attribute up to a bracket or a comma."""
_GRAPH = re.compile(r"\s*graph\b")


class _Reader:
    """One pass over the text, token by token. A graph within a graph has a reader of its own."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text, self.at = text, at
        self.values: dict[str, Value] = {}
        self.scopes: dict[tuple[str, ...], Scope] = {}
        self.waiting: list[tuple[Op, list[str], list[Value], Scope | None]] = []

    def graph(self) -> Graph:
        self.expect("word", "graph")
        name = self.name()
        inputs = self.inputs()
        self.expect("mark", "{")
        while self.peek() != ("word", "return"):
            self.statement()
        self.take()
        outputs = self.references("}")
        nodes = [Node(op, [self.value(x) for x in xs], ys, scope) for op, xs, ys, scope in self.waiting]
        return Graph(inputs, nodes, [self.value(y) for y in outputs], name)

    def inputs(self) -> list[Value]:
        self.expect("mark", "(")
        inputs: list[Value] = []
        while self.peek() != ("mark", ")"):
            value = self.definition()
            value.role = "input"
            if self.peek() == ("word", "parameter"):
                self.take()
                value.role = "parameter"
            inputs.append(value)
            if self.peek() == ("mark", ","):
                self.take()
        self.take()
        return inputs

    def statement(self) -> None:
        outputs = [self.definition()]
        while self.peek() == ("mark", ","):
            self.take()
            outputs.append(self.definition())
        self.expect("mark", "=")
        name = self.expect("word")
        if name not in Op.registry:
            from ..ops import load

            load()
        if name not in Op.registry:
            self.fail(f"an op; there are {', '.join(sorted(Op.registry))}", name)
        self.expect("mark", "(")
        inputs = self.references(")")
        try:
            op = Op.registry[name](**self.attributes())
        except TypeError as error:
            self.fail(f"the attributes of {name} ({error})")
        self.waiting.append((op, inputs, outputs, self.scope()))

    def attributes(self) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        if self.peek() == ("mark", "{"):
            self.take()
            while self.peek() != ("mark", "}"):
                name = self.expect("word")
                self.expect("mark", "=")
                found[name] = self.attribute()
                if self.peek() != ("mark", "}"):
                    self.expect("mark", ",")
            self.take()
        return found

    def attribute(self) -> Any:
        """A graph, a tuple of graphs, or a literal."""
        if _GRAPH.match(self.text, self.at):
            return self.subgraph()
        start = self.at
        if self.peek() == ("mark", "("):
            self.take()
            if _GRAPH.match(self.text, self.at):
                return self.subgraphs()
        self.at = start
        text = self.literal().strip()
        try:
            return _read(ast.parse(text, mode="eval").body)
        except (SyntaxError, ValueError, TypeError, OverflowError, MemoryError, RecursionError) as error:
            self.fail(f"attributes as Python literals ({error})", text)

    def subgraph(self) -> Graph:
        inner = _Reader(self.text, self.at)
        graph = inner.graph()
        self.at = inner.at
        return graph

    def subgraphs(self) -> tuple[Graph, ...]:
        graphs = [self.subgraph()]
        while self.take() == ("mark", ",") and self.peek() != ("mark", ")"):
            graphs.append(self.subgraph())
        if self.text[self.at - 1] == ",":
            self.take()
        return tuple(graphs)

    def literal(self) -> str:
        """The text up to the comma or the brace that ends it."""
        start, depth = self.at, 0
        while True:
            self.at = cast("re.Match[str]", _LITERAL.match(self.text, self.at)).end()
            mark = self.text[self.at : self.at + 1]
            if not mark or (depth == 0 and mark in ",}"):
                return self.text[start : self.at]
            depth += (mark in "([{") - (mark in ")]}")
            self.at += 1

    def scope(self) -> Scope | None:
        if self.peek() != ("mark", "@"):
            return None
        path: tuple[str, ...] = ()
        scope: Scope | None = None
        while self.peek() in (("mark", "@"), ("mark", "/")):
            self.take()
            recompute = self.peek() == ("mark", "~")
            if recompute:
                self.take()
            path = (*path, self.name())
            scope = self.scopes.setdefault(path, Scope(path[-1], scope, recompute))
        return scope

    def definition(self) -> Value:
        kind, label = self.take()
        if kind not in ("word", "number", "string"):
            self.fail("the name of a value", label)
        self.expect("mark", ":")
        dtype = from_short(self.expect("word"))
        shape = tuple(int(n) for n in self.expect("shape")[1:-1].split(",") if n)
        role: Role = ""
        value = Value(shape, dtype, None if kind == "number" else self.unquote(kind, label), role)
        if label in self.values:
            self.fail(f"one definition of {label}", "a second one")
        self.values[label] = value
        return value

    def references(self, end: str) -> list[str]:
        labels: list[str] = []
        while True:
            kind, label = self.take()
            if (kind, label) == ("mark", end):
                return labels
            if kind in ("word", "number", "string"):
                labels.append(label)
            elif label != ",":
                self.fail(f"a value or {end!r}", label)

    def value(self, label: str) -> Value:
        if label not in self.values:
            raise ParseError(
                f"the value {label} is never defined",
                expected="one of " + ", ".join(self.values),
                got=label,
                fix="define it before it is used",
            )
        return self.values[label]

    def name(self) -> str:
        kind, text = self.take()
        if kind not in ("word", "string"):
            self.fail("a name", text)
        return self.unquote(kind, text)

    def unquote(self, kind: str, text: str) -> str:
        if kind != "string":
            return text
        try:
            return json.loads(text)
        except ValueError as error:
            self.fail(f"a string as JSON writes it ({error})", text)

    def peek(self) -> tuple[str, str]:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            return "end", "the end of the text"
        kind = match.lastgroup or ""
        return kind, match[kind]

    def take(self) -> tuple[str, str]:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            self.fail("more text")
        self.at = match.end()
        kind = match.lastgroup or ""
        return kind, match[kind]

    def expect(self, kind: str, text: str | None = None) -> str:
        found = self.take()
        if kind != found[0] or (text is not None and text != found[1]):
            self.fail(repr(text) if text else f"a {kind}", found[1])
        return found[1]

    def fail(self, expected: str, got: str | None = None) -> NoReturn:
        line = self.text.count("\n", 0, self.at) + 1
        rows = self.text.splitlines() or [""]
        raise ParseError(
            f"cannot read the graph at line {line}",
            where=rows[min(line, len(rows)) - 1].strip(),
            expected=expected,
            got=got or repr(self.text[self.at : self.at + 20].strip() or "the end of the text"),
            fix="print a graph of the same ops to see the form",
        )


def _read(tree: ast.expr) -> Any:
    """A literal, or one of the four forms that are not literals: full, array, bytes, slice."""
    if isinstance(tree, ast.Tuple):
        return tuple(map(_read, tree.elts))
    if isinstance(tree, ast.List):
        return list(map(_read, tree.elts))
    if isinstance(tree, ast.Name) and tree.id in ("nan", "inf"):
        return float(tree.id)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub) and isinstance(tree.operand, ast.Name):
        return -_read(tree.operand)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Sub):
        imaginary = complex(_read(tree.right)).imag
        return complex(_read(tree.left), imaginary if isinstance(tree.op, ast.Add) else -imaginary)
    if isinstance(tree, ast.UnaryOp) and isinstance(x := ast.literal_eval(tree), complex):
        return complex(0.0, x.imag)  # Python takes -1j for -(0 + 1j), whose real part is -0
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in _FORMS:
        return _FORMS[tree.func.id](*map(_read, tree.args))
    return ast.literal_eval(tree)


def _read_full(number: Any, shape: tuple[int, ...], dtype: str) -> Any:
    return np.broadcast_to(np.asarray(number, from_short(dtype)), shape)


def _read_array(numbers: Any, shape: tuple[int, ...], dtype: str) -> Any:
    return np.array(numbers, from_short(dtype)).reshape(shape)


def _read_bytes(text: str, shape: tuple[int, ...], dtype: str) -> Any:
    if math.prod(shape) * from_short(dtype).itemsize != len(data := base64.b64decode(text)):
        raise ValueError("the bytes do not fill the shape")
    return np.frombuffer(data, from_short(dtype)).reshape(shape)


_FORMS: dict[str, Callable[..., Any]] = {
    "full": _read_full,
    "array": _read_array,
    "bytes": _read_bytes,
    "slice": slice,
}
