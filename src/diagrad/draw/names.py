"""What each value is called in a figure: by the user's name, by a short expression, or by a letter."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..ir import Constant, Graph, Node, Value
from ..ops import Branch, Repeat
from .formula import Formula, Symbol, constant_symbol, output_formula
from .measure import shown

EXPRESSION = 7
"""The longest expression that serves as a name."""
TITLE = 64
"""The longest expression that serves as a title."""
SCRIPT_L = "\N{SCRIPT CAPITAL L}"
"""The loss where the user has another L."""
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Names:
    """Symbols of values, and what the gradients are gradients of.

    ``symbols`` has one for every value, ``plain`` calls copies by the name of what they copy, ``outputs``
    has the text in each output's box; ``loss`` is the L of ∂L/∂x, ``title`` the graph as an equation, or
    empty where it is too long for one.
    """

    symbols: dict[Value, Symbol]
    plain: dict[Value, Symbol]
    outputs: tuple[str, ...]
    loss: str
    title: str

    def gradient(self, value: Value) -> Symbol:
        """∂L/∂x of a value."""
        return Symbol(f"∂{self.loss}/∂{self.symbols[value].within(5)}")


def name_values(graph: Graph, loss: str | None = None, upstream: bool = False) -> Names:
    """Name every value of a graph with explicit branches.

    Copies that a Branch makes are told apart where their gradients are meant; an expression (``plain``, and
    ``written`` out in full for the title) calls each by the name of what it copies.

    Args:
        graph: the graph.
        loss: the user's name of the loss, if given.
        upstream: whether an upstream gradient was given, so that the loss lies beyond the graph.
    """
    namer = _Namer(graph, loss, upstream)
    for at, value in enumerate(graph.inputs):
        namer.name_input(at, value)
    for node in graph.nodes:
        namer.name_node(node)
    origins = [_origin(graph, y) for y in graph.outputs]
    count = Counter(origins)
    # An output that is one of several copies is called by its copy's name, any other by its own.
    outputs = tuple(
        namer.symbols[y if count[origin] > 1 else origin].text
        for y, origin in zip(graph.outputs, origins, strict=True)
    )
    return Names(
        namer.symbols,
        namer.plain,
        outputs,
        _numerator(graph, outputs, loss, upstream, namer.fresh.taken),
        _title(graph, origins, outputs, namer.written),
    )


class _Namer:
    """Names the values of a graph, one node after the other."""

    def __init__(self, graph: Graph, loss: str | None, upstream: bool) -> None:
        self.fresh = _Fresh({value.name for value in graph.values() if value.name})
        self.symbols: dict[Value, Symbol] = {}
        self.plain: dict[Value, Symbol] = {}
        self.written: dict[Value, Symbol | None] = {}
        self.letters = _output_letters(graph, loss, upstream, self.fresh)
        self.branched = {node.inputs[0] for node in graph.nodes if isinstance(node.op, Branch)}

    def name_input(self, at: int, value: Value) -> None:
        """By the user's name."""
        symbol = Symbol(shown(value.name or self.fresh(f"x{at}")))
        self.symbols[value] = self.plain[value] = self.written[value] = symbol

    def name_node(self, node: Node) -> None:
        """Name the values that a node gives."""
        if isinstance(node.op, Branch):
            self._name_copies(node)
            return
        for at, value in enumerate(node.outputs):
            self.written[value] = _expression(node, self.written, TITLE, at)
            self.symbols[value] = self.plain[value] = self._symbol(node, value, at)

    def _name_copies(self, node: Node) -> None:
        source = node.inputs[0]
        for at, value in enumerate(node.outputs):
            self.written[value] = self.written[source]
            if value.name:
                self.symbols[value] = self.plain[value] = Symbol(shown(value.name))
            else:
                self.symbols[value] = Symbol(self.fresh.copy(self.symbols[source].text, at + 1))
                self.plain[value] = self.plain[source]

    def _symbol(self, node: Node, value: Value, at: int) -> Symbol:
        if value.name:
            return Symbol(shown(value.name))
        if value in self.letters:
            return Symbol(self.letters[value])
        if isinstance(node.op, Repeat):
            capital = self.fresh.capital(self.symbols[node.inputs[0]].text)
            if capital:
                return Symbol(capital)
        short = None if value in self.branched else _expression(node, self.plain, EXPRESSION, at)
        return short or Symbol(self.fresh("v"))


def _expression(
    node: Node, known: dict[Value, Symbol] | dict[Value, Symbol | None], limit: int, output: int
) -> Symbol | None:
    """A node as an expression of what its inputs are called; None if it grows too long."""
    if isinstance(node.op, Constant):
        symbol = constant_symbol(node.op.data)
        return symbol if symbol is not None and len(symbol.text) <= limit else None
    operands: list[Formula] = []
    size = 0
    for x in node.inputs:
        symbol = known[x]
        if symbol is None or (size := size + len(symbol.text)) > limit:
            return None
        operands.append(Formula((symbol.text,), symbol.binding))
    if isinstance(node.op, Repeat) and limit == TITLE:
        return known[node.inputs[0]]  # NumPy's notation does not write what it repeats
    formula = output_formula(node, operands, output)
    text = formula.fill(Symbol)
    return Symbol(text, formula.binding) if len(text) <= limit else None


class _Fresh:
    """Makes names that nobody has used."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = set(taken)
        self.count: dict[str, int] = {}

    def __call__(self, stem: str) -> str:
        """``v₁``, ``v₂`` and so on."""
        while True:
            at = self.count[stem] = self.count.get(stem, 0) + 1
            name = f"{stem}{at}".translate(_SUBSCRIPTS)
            if name not in self.taken and f"{stem}{at}" not in self.taken:
                self.taken.add(name)
                return name

    def letter(self, *wishes: str) -> str:
        """The first of these letters that is free."""
        name = next((wish for wish in wishes if wish not in self.taken), None) or self(wishes[-1])
        self.taken.add(name)
        return name

    def capital(self, name: str) -> str | None:
        """The capital of a letter, with its digits: a value repeated is written so. None if it is taken."""
        text = name.upper()
        if not (
            name[:1].isalpha() and name[:1] != text[:1] and len(text) == len(name) and not name[1:].isalpha()
        ):
            return None
        if len(name) > 3 or not name.isascii() or text in self.taken:
            return None
        self.taken.add(text)
        return text

    def copy(self, name: str, at: int) -> str:
        """The name of copy number ``at``: x₁, or x1⁽¹⁾ where the name ends in a digit or in a bracket."""
        plain = f"{name}{at}"
        small = plain if not name[-1:].isalpha() else f"{name}{str(at).translate(_SUBSCRIPTS)}"
        if not name[-1:].isalpha() or not name.isalnum() or plain in self.taken or small in self.taken:
            base = name if name.isidentifier() or " " not in name else f"({name})"
            return f"{base}⁽{str(at).translate(_SUPERSCRIPTS)}⁾"
        return small


def _origin(graph: Graph, value: Value) -> Value:
    """The value that a copy is a copy of."""
    producer = graph.index.producer
    while value.name is None and value in producer and isinstance(producer[value][0].op, Branch):
        value = producer[value][0].inputs[0]
    return value


def _is_loss(graph: Graph) -> bool:
    return len(graph.outputs) == 1 and graph.outputs[0].shape == () and graph.outputs[0].dtype.kind in "fc"


def _output_letters(graph: Graph, loss: str | None, upstream: bool, fresh: _Fresh) -> dict[Value, str]:
    """Letters for outputs that nobody named: L for a scalar loss, otherwise y or Y."""
    letters: dict[Value, str] = {}
    for y in graph.outputs:
        origin = _origin(graph, y)
        if origin.name is None and origin not in letters:
            if _is_loss(graph) and not upstream:
                letters[origin] = loss or fresh.letter("L", SCRIPT_L)
            else:
                wishes = ("y", "z", "out") if len(y.shape) < 2 else ("Y", "Z", "out")
                letters[origin] = fresh.letter(*wishes)
    return letters


def _numerator(
    graph: Graph, outputs: tuple[str, ...], loss: str | None, upstream: bool, taken: set[str]
) -> str:
    """What all gradients are gradients of: the scalar output itself, or an L that lies beyond the graph."""
    if loss is not None:
        return shown(loss)
    if _is_loss(graph) and not upstream:
        return "L" if outputs[0].lower() == "loss" else outputs[0]
    return "L" if "L" not in taken else SCRIPT_L


def _title(
    graph: Graph, origins: list[Value], outputs: tuple[str, ...], written: dict[Value, Symbol | None]
) -> str:
    parts: list[str] = []
    for y, name in dict(zip(origins, outputs, strict=True)).items():
        symbol = written.get(y)
        if symbol is None:
            return ""
        if y in graph.index.producer and isinstance(graph.index.producer[y][0].op, Repeat):
            symbol = Symbol(f"repeat({symbol.text})")
        parts.append(f"{name} = {symbol.text}" if symbol.text != name else name)
    title = ",   ".join(parts)
    return title if len(title) <= TITLE + 24 else ""
