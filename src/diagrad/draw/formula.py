"""Formulas, printed from graphs by each op's notation. Nobody types them, so they cannot be wrong.

The rule at a node is that op's ``backward``, *executed* on traced Arrays that stand for its ports; the
graph that it builds is printed. The result is a :class:`Formula` with holes for the ports, which the
caller fills with names, with shapes or with numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import Any, NamedTuple

import numpy as np

from ..array.array import Array, leaf
from ..array.context import Context, surround
from ..array.trace import collect
from ..ir import Constant, Graph, Node, Notation, Op, Spec, Value
from .numerals import number

TIGHT = 5
"""The binding of a symbol or a call: never needs brackets."""


NEGATIVE = 0
"""The binding of a negative number: in brackets wherever something stands before it."""


class Symbol(NamedTuple):
    """Text and how tightly it binds (see :class:`diagrad.ir.Notation`)."""

    text: str
    binding: int = TIGHT

    def within(self, least: int) -> str:
        """The text, in brackets if it binds less tightly than its place needs."""
        return self.text if self.binding >= least else f"({self.text})"


class Hole(NamedTuple):
    """A place for a symbol, named by what stands there, and the binding that it needs."""

    port: str
    least: int


@dataclass(frozen=True, slots=True)
class Formula:
    """Text with holes."""

    parts: tuple[str | Hole, ...]
    binding: int = TIGHT

    def within(self, least: int) -> tuple[str | Hole, ...]:
        """The parts, in brackets where the place needs them; a lone hole takes over what the place needs."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Hole):
            return (Hole(self.parts[0].port, max(least, self.parts[0].least)),)
        return self.parts if self.binding >= least else ("(", *self.parts, ")")

    def fill(self, symbols: Mapping[str, Symbol] | Callable[[str], Symbol], dot: str = "·") -> str:
        """The text, with a symbol in each hole."""
        get = symbols if callable(symbols) else symbols.__getitem__
        pieces: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(part.replace("·", dot))
            else:
                symbol = get(part.port)
                leads = not pieces and symbol.binding == NEGATIVE and part.least <= 2
                pieces.append(symbol.text if leads else symbol.within(part.least))
        return "".join(pieces)

    def put(self, port: str, formula: Formula) -> Formula:
        """The formula with another in the holes of one port."""
        parts = [
            piece
            for part in self.parts
            for piece in (
                formula.within(part.least) if isinstance(part, Hole) and part.port == port else (part,)
            )
        ]
        return Formula(tuple(parts), formula.binding if self.is_identity else self.binding)

    @property
    def ports(self) -> set[str]:
        """What the holes are for."""
        return {part.port for part in self.parts if isinstance(part, Hole)}

    @property
    def is_identity(self) -> bool:
        """Whether it hands one symbol on unchanged."""
        return len(self.parts) == 1 and isinstance(self.parts[0], Hole)


def notation_of(op: Op) -> Notation:
    """How a formula writes an op; ``name(x, y)`` where it does not say."""
    if op.notation is not None:
        return op.notation
    holes = ", ".join(f"{{{port.name}:0{':, ' if port.variadic else ''}}}" for port in op.ports.inputs)
    return Notation(f"{op.name.lower()}({holes})")


@lru_cache(maxsize=512)
def _parse(template: str) -> tuple[tuple[str, str | None, int, str | None], ...]:
    """(literal, field, binding, joiner) for each piece of a notation's template."""
    pieces: list[tuple[str, str | None, int, str | None]] = []
    for literal, field, spec, _ in Formatter().parse(template):
        least, _, joiner = (spec or "").partition(":")
        pieces.append((literal, field, int(least or 0), joiner if ":" in (spec or "") else None))
    return tuple(pieces)


def apply_notation(op: Op, operands: Sequence[Formula], notation: Notation | None = None) -> Formula:
    """The formula of an op applied to formulas, in its own notation or another."""
    notation = notation or notation_of(op)
    groups = _groups(op, operands)
    parts: list[str | Hole] = []
    for literal, field, least, joiner in _parse(notation.template):
        if literal:
            parts.append(literal)
        if field is None:
            continue
        if field not in groups:
            parts.append(_attribute(getattr(op, field)))
        else:
            for at, operand in enumerate(groups[field]):
                parts.extend(((joiner or ", "),) if at else ())
                parts.extend(operand.within(least))
    return Formula(tuple(parts), notation.binding)


def _attribute(value: Any) -> str:
    return "×".join(map(str, as_tuple(value)))


def _groups(op: Op, operands: Sequence[Formula]) -> dict[str, Sequence[Formula]]:
    """The operands of each port; a variadic one takes as many as are left."""
    ports = op.ports.inputs
    groups: dict[str, Sequence[Formula]] = {}
    start = 0
    for at, port in enumerate(ports):
        count = len(operands) - start - (len(ports) - at - 1) if port.variadic else 1
        groups[port.name] = operands[start : start + count]
        start += count
    return groups


def constant_symbol(data: np.ndarray[Any, Any]) -> Symbol | None:
    """The number that a constant is, if it is one number, perhaps repeated."""
    if data.size == 0 or (data.ndim and any(data.strides) and not (data == data.flat[0]).all()):
        return None
    text = number(data.flat[0])
    return Symbol(text, NEGATIVE if text.startswith("−") else TIGHT)


def formulas(graph: Graph, names: Sequence[str], limit: int = 400) -> list[Formula]:
    """The formula of each output, with a hole of the given name for each input."""
    known: dict[Value, Formula] = {
        x: Formula((Hole(n, 0),)) for x, n in zip(graph.inputs, names, strict=True)
    }
    for node in graph.nodes:
        known |= {y: _node_formula(node, known, limit, at) for at, y in enumerate(node.outputs)}
    return [known[y] for y in graph.outputs]


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _node_formula(node: Node, known: Mapping[Value, Formula], limit: int, output: int) -> Formula:
    if isinstance(node.op, Constant):
        symbol = constant_symbol(node.op.data)
        return Formula((symbol.text,), symbol.binding) if symbol else Formula(("C",))
    formula = output_formula(node, [known[x] for x in node.inputs], output)
    return formula if len(formula.parts) <= limit else Formula(("…",))


def output_formula(node: Node, operands: Sequence[Formula], output: int) -> Formula:
    """One output of a node: numbered where there are several that its op does not write differently."""
    own = node.op.written(output) if len(node.outputs) > 1 else None
    formula = apply_notation(node.op, operands, own)
    if own is not None or len(node.outputs) == 1:
        return formula
    return Formula((*formula.within(TIGHT), str(output + 1).translate(_SUBSCRIPTS)))


GRADIENT = "∂"
"""Begins the name of a hole for a gradient: ``∂`` and the port."""


@lru_cache(maxsize=4096)
def rule(
    op: Op,
    inputs: tuple[Spec, ...],
    outputs: tuple[Spec, ...],
    wanted: tuple[bool, ...],
    arriving: tuple[bool, ...],
) -> tuple[Formula | None, ...]:
    """The gradient of each wanted input, from the op's executed rule.

    Args:
        op: the op.
        inputs: the specs of its inputs.
        outputs: the specs of its outputs.
        wanted: which inputs' gradients are wanted.
        arriving: which outputs have an upstream gradient.

    Returns:
        A formula for each input, None where no gradient flows. Its holes are the op's port labels, and
        those with ``∂`` before them for upstream gradients.

    >>> from diagrad.ops import Multiply
    >>> x = Spec((), np.dtype(float))
    >>> [f.fill(Symbol) for f in rule(Multiply(), (x, x), (x,), (True, True), (True,)) if f]
    ['∂z · y', '∂z · x']
    """
    in_names, out_names = op.ports.input_names(len(inputs)), op.ports.output_names(len(outputs))
    with surround(Context(inner=True)):
        xs = [leaf(spec, "input") for spec in inputs]
        ys = [leaf(spec, "input") for spec in outputs]
        gs = [leaf(spec, "input") for spec in outputs]
        g: Any = (
            tuple(g if there else None for g, there in zip(gs, arriving, strict=True))
            if op.multiple
            else gs[0]
        )
        results = as_tuple(op.pull_arrays(op, g, tuple(xs), tuple(ys) if op.multiple else ys[0]))
        grads = [_resolve(result) if want else None for result, want in zip(results, wanted, strict=True)]
    found = [g for g in grads if isinstance(g, Array)]
    graph = collect(found, [*xs, *ys, *gs]).graph
    texts = iter(formulas(graph, [*in_names, *out_names, *(GRADIENT + name for name in out_names)]))
    return tuple(next(texts) if isinstance(g, Array) else None for g in grads)


def as_tuple(results: Any) -> tuple[Any, ...]:
    """What an op or a rule gives, as a tuple in any case."""
    return results if isinstance(results, tuple) else (results,)  # pyright: ignore[reportUnknownVariableType]


def _resolve(result: Any) -> Any:
    return result() if callable(result) and not isinstance(result, Array) else result


BREAKS = (" = ", " + ", " − ", " · ", " × ", " / ")


def wrapped(text: str, limit: int = 48) -> list[str]:
    """A long formula as at most four lines, broken before an operator where there is one.

    >>> wrapped("alpha + beta + gamma", 14)
    ['alpha + beta', '  + gamma']
    >>> wrapped("z = where([x = y], alpha, beta)", 20)
    ['z = where([x = y],', '  alpha, beta)']
    """
    lines: list[str] = []
    while len(text) > limit:
        at = _break(text, limit)
        lines.append(text[:at].rstrip())
        text = "  " + text[at:].lstrip()
        if len(lines) == 3 and len(text) > limit:
            return [*lines, "  …"]
    return [*lines, text]


def _break(text: str, limit: int) -> int:
    """Where to break a line: before the second equals sign or a later one if what follows then fits, else
    before the last operator that fits. A condition, ``[x = y]``, stays whole.
    """
    text = re.sub(r"\[[^][]*\]", lambda condition: "_" * len(condition[0]), text)
    equals = text.find(" = ", text.find(" = ") + 3)
    while 0 < equals <= limit:
        if len(text) - equals < limit:
            return equals
        equals = text.find(" = ", equals + 3)
    first = limit // 3
    at = max(*(text.rfind(sign, first, limit + 3) for sign in BREAKS), text.rfind(", ", first, limit - 1) + 1)
    return at if at > 0 else limit - 1
