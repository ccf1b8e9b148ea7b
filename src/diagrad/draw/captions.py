"""The rule at each node, in words of its figure: with names, with shapes, with numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ..ir import Node, Op, Value
from ..ops import Branch, Repeat
from .blocks import EMPTY, Block, column, line
from .content import Content
from .formula import GRADIENT, NEGATIVE, TIGHT, Formula, Symbol, apply_notation, rule, wrapped
from .names import Names
from .numerals import UNKNOWN, number
from .style import Style
from .wiring import before

WIDTH = 50
"""The longest line of a caption, in characters."""


class Captions:
    """Makes the rules of a figure's nodes."""

    def __init__(
        self, content: Content, names: Names, style: Style, symbols: bool, shapes: bool, numbers: bool,
        hidden: tuple[type[Op], ...] = (),
    ) -> None:  # fmt: skip
        """``hidden`` are the ops that are not drawn: their rules become part of their neighbours'."""
        self.content, self.names, self.style = content, names, style
        self.symbols, self.shapes, self.numbers = symbols, shapes, numbers
        self.hidden = hidden

    def of(self, node: Node | None, values: Sequence[Value] = ()) -> Block:
        """The caption of a node, and of what is hidden between ``values`` and their users; perhaps empty."""
        texts = self.rules(node) if node is not None else []
        texts += [text for value in values for text in self.behind(value)]
        lines = [piece for text in texts for piece in wrapped(text, WIDTH)]
        if not lines:
            return EMPTY
        blocks = [line(text, self.style.rule, ink="backward", what="rule", kind="backward") for text in lines]
        return column(*blocks, align=0.5 if len(lines) == len(texts) else 0.0)

    def rules(self, node: Node) -> list[str]:
        """One equation for each input that a gradient flows to."""
        formulas = self.formulas(node)
        if not formulas:
            return []
        if self.shapes and not self.symbols and not self.numbers:
            return self._in_shapes(node, formulas)
        handed = [value for value, formula in formulas if formula.is_identity]
        if len(handed) == len(formulas) and len(node.outputs) == 1 and len(formulas) > 1:
            return self._passes_on(node, handed)
        return [self._equation(node, value, formula) for value, formula in formulas]

    def formulas(self, node: Node) -> list[tuple[Value, Formula]]:
        """The executed rule of a node: for each input with a gradient, its formula."""
        flows = self.content.flows
        wanted = tuple(x in flows for x in node.inputs)
        arriving = tuple(y in flows for y in node.outputs)
        if not any(wanted):
            return []
        found = rule(
            node.op, tuple(x.spec for x in node.inputs), tuple(y.spec for y in node.outputs), wanted, arriving
        )
        pairs = [(x, formula) for x, formula in zip(node.inputs, found, strict=True) if formula is not None]
        return [self._through(x, formula) for x, formula in pairs] if self.hidden else pairs

    def _through(self, value: Value, formula: Formula) -> tuple[Value, Formula]:
        """A gradient and its formula carried on through hidden Repeats: their rules, executed, around it."""
        producer = self.content.graph.index.producer
        while value in producer and isinstance(producer[value][0].op, Repeat):
            node = producer[value][0]
            source = node.inputs[0]
            (outer,) = rule(node.op, (source.spec,), (value.spec,), (source in self.content.flows,), (True,))
            if outer is None:
                break
            value, formula = source, outer.put(GRADIENT + node.op.ports.outputs[0].name, formula)
        return value, formula

    def behind(self, value: Value) -> list[str]:
        """The rules of hidden Branches that take a value, perhaps repeated, to its users."""
        texts: list[str] = []
        waiting = [value] if self.hidden and value in self.content.flows else []
        for value in waiting:
            for node, _ in self.content.graph.index.users[value]:
                if isinstance(node.op, self.hidden):
                    waiting += node.outputs
                    if isinstance(node.op, Branch) or self._branches_on(node):
                        texts += [self._equation(node, x, formula) for x, formula in self._own(node)]
        return texts

    def _own(self, node: Node) -> list[tuple[Value, Formula]]:
        """The rule of a hidden node itself."""
        (x,) = node.inputs
        arriving = tuple(y in self.content.flows for y in node.outputs)
        (formula,) = rule(node.op, (x.spec,), tuple(y.spec for y in node.outputs), (True,), arriving)
        return [] if formula is None else [(x, formula)]

    def _branches_on(self, node: Node) -> bool:
        users = self.content.graph.index.users[node.outputs[0]]
        return any(isinstance(user.op, Branch) for user, _ in users)

    def _ports(self, node: Node) -> dict[str, tuple[Value, bool]]:
        """The value of each hole, and whether its gradient is meant."""
        names_in = node.op.ports.input_names(len(node.inputs))
        names_out = node.op.ports.output_names(len(node.outputs))
        ports = {name: (x, False) for name, x in zip(names_in, node.inputs, strict=True)}
        for name, y in zip(names_out, node.outputs, strict=True):
            ports[name] = y, False
            ports[GRADIENT + name] = y, True
        return ports

    def _symbol(self, value: Value) -> Symbol:
        """A value's name; of a copy that is not drawn, the name of what it copies."""
        if self.hidden:
            return self.names.plain[before(self.content.graph, value, self.hidden)]
        return self.names.symbols[value]

    def _equation(self, node: Node, value: Value, formula: Formula) -> str:
        ports = self._ports(node)

        def name(port: str) -> Symbol:
            of, gradient = ports[port]
            return self.names.gradient(of) if gradient else self._symbol(of)

        text = f"{self.names.gradient(value).text} = {formula.fill(name)}"
        if not self.numbers or any(ports[port][0].shape for port in formula.ports) or value.shape:
            return text
        with_numbers = self._numbers(formula, ports)
        result = self._number(self.content.gradients.get(value)).text
        if with_numbers == result or len(with_numbers) > WIDTH:
            with_numbers = ""
        return (
            text
            + (f" = {with_numbers}" if with_numbers else "")
            + f" = {result}" * (formula.fill(name) != result)
        )

    def _numbers(self, formula: Formula, ports: dict[str, tuple[Value, bool]]) -> str:
        def put(port: str) -> Symbol:
            of, gradient = ports[port]
            return self._number((self.content.gradients if gradient else self.content.values).get(of))

        return formula.fill(put, dot="×")

    @staticmethod
    def _number(data: object) -> Symbol:
        text = UNKNOWN if data is None else number(data)
        return Symbol(text, NEGATIVE if text.startswith("−") else TIGHT)

    def _passes_on(self, node: Node, handed: list[Value]) -> list[str]:
        """The one upstream gradient is handed on to every input: one chain of equations."""
        chain = [self.names.gradient(x).text for x in (*handed, node.outputs[0])]
        if len(handed) > 4:
            chain[1:-2] = ["…"]
        text = " = ".join(chain)
        if self.numbers and node.outputs[0].shape == ():
            text += f" = {self._number(self.content.gradients.get(node.outputs[0])).text}"
        return [text]

    def _in_shapes(self, node: Node, formulas: list[tuple[Value, Formula]]) -> list[str]:
        """The rule with each symbol's shape in its place."""
        ports = self._ports(node)

        def shape(port: str) -> Symbol:
            return _shape(ports[port][0])

        lines = [
            f"{_shape(value).text} = {formula.fill(shape)}"
            for value, formula in formulas
            if not formula.is_identity
        ]
        return [text for text in dict.fromkeys(lines) if "×" in text]

    # ---------------------------------------------------------------- sentences

    def computes(self, node: Node) -> str:
        """What a node computes, as an equation."""
        symbols = [self._symbol(x) for x in node.inputs]
        operands = [Formula((symbol.text,), symbol.binding) for symbol in symbols]
        made = ", ".join(self._symbol(y).text for y in node.outputs)
        text = apply_notation(node.op, operands).fill(Symbol)
        text = made if text == made else f"{made} = {text}"
        known = [self.content.values.get(y) for y in node.outputs]
        if self.numbers and len(known) == 1 and known[0] is not None and node.outputs[0].shape == ():
            text += f" = {number(known[0])}"
        return f"{node.op.name}: {text}"

    def sentence(self, node: Node) -> str:
        """What a node computes, and its rule."""
        return "; ".join([self.computes(node), *self.rules(node)]) + "."


def _shape(value: Value) -> Symbol:
    text = "×".join(map(str, value.shape)) or "scalar"
    return Symbol(text, TIGHT if len(value.shape) < 2 else 2)
