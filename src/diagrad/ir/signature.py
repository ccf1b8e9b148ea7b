"""Axis-name signatures: one line gives an op's arity, port labels, shape rule and error text.

``"x[... m k], w[... k n] -> y[... m n]"`` says: two inputs called *x* and *w*, one output called *y*;
axes of the same name have the same size; ``...`` stands for any number of leading axes, the same ones
everywhere. ``"*xs[...] -> y[...]"`` takes any number of inputs, ``"x[...] -> *ys[...]"`` gives any number
of outputs. An axis that only the output names takes its size from the op's attribute of that name. A
port written without brackets (``"x -> y"``) has a shape that the op itself computes.

The notation follows einsum and einops, with words for letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..errors import ShapeError

Shape = tuple[int, ...]

_PORT = re.compile(r"\s*(\*?)(\w+)(?:\[([^\]]*)\])?\s*(?:,|$)")


@dataclass(frozen=True)
class Port:
    """One input or output: its label and its axes (``None``: the op computes the shape itself)."""

    name: str
    axes: tuple[str, ...] | None
    variadic: bool = False

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """The named axes, without the dots."""
        return tuple(axis for axis in self.axes or () if axis != "...")

    @cached_property
    def dotted(self) -> bool:
        """Whether leading axes of any number may come first."""
        return "..." in (self.axes or ())

    def __str__(self) -> str:
        label = "*" * self.variadic + self.name
        return label if self.axes is None else f"{label}[{' '.join(self.axes)}]"


@dataclass(frozen=True)
class Signature:
    """The parsed form of an op's signature."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Read a signature.

        Raises:
            ValueError: the text is not a signature (a mistake of the op's author).

        >>> str(Signature.parse("x[... m k], w[... k n] -> y[... m n]"))
        'x[... m k], w[... k n] -> y[... m n]'
        """
        left, arrow, right = text.partition("->")
        if not arrow:
            raise ValueError(f"signature {text!r} has no '->'")
        return cls(_ports(left, text), _ports(right, text))

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.inputs))} -> {', '.join(map(str, self.outputs))}"

    def input_names(self, count: int) -> tuple[str, ...]:
        """The label of each of ``count`` inputs; variadic ports are numbered: ``x1``, ``x2``.

        >>> Signature.parse("*xs[...] -> y[...]").input_names(2)
        ('x1', 'x2')
        """
        return _labels(self.inputs, count)

    def output_names(self, count: int) -> tuple[str, ...]:
        """The label of each of ``count`` outputs, as :meth:`input_names`."""
        return _labels(self.outputs, count)

    def check_arity(self, op: str, count: int) -> None:
        """Raise unless an op takes ``count`` inputs.

        Raises:
            ShapeError: it does not.
        """
        fixed = sum(not port.variadic for port in self.inputs)
        variadic = fixed < len(self.inputs)
        if (count < fixed) if variadic else (count != fixed):
            raise ShapeError(
                f"{op} takes {'at least ' * variadic}{fixed} inputs, got {count}",
                expected=str(self),
                got=f"{count} inputs",
                fix="pass one array for each input that the signature names",
            )

    def infer(
        self, op: str, shapes: Sequence[Shape], sizes: Mapping[str, int] | None = None
    ) -> tuple[Shape, ...]:
        """The output shapes for these input shapes.

        Args:
            op: the op's name, for the error text.
            shapes: one shape for each input.
            sizes: sizes of axes that only the outputs name.

        Raises:
            ShapeError: two inputs disagree on an axis; the text names it and both sizes.

        >>> Signature.parse("x[... m k], w[... k n] -> y[... m n]").infer("MatMul", [(3, 2), (2, 4)])
        ((3, 4),)
        """
        self.check_arity(op, len(shapes))
        names = self.input_names(len(shapes))
        seen: dict[str, tuple[int, str]] = {}
        lead: tuple[Shape, str] | None = None
        for name, port, shape in zip(names, _spread(self.inputs, len(shapes)), shapes, strict=True):
            count = len(port.fixed)
            if len(shape) < count or (not port.dotted and len(shape) != count):
                raise self._error(op, f"{name} has {len(shape)} axes, not {port}", names, shapes, _RANK_FIX)
            cut = len(shape) - count
            if port.dotted:
                if lead is None:
                    lead = (shape[:cut], name)
                elif lead[0] != shape[:cut]:
                    raise self._error(op, _lead_text(lead, shape[:cut], name), names, shapes, _LEAD_FIX)
            for axis, size in zip(port.fixed, shape[cut:], strict=True):
                first = seen.setdefault(axis, (size, name))
                if first[0] != size and first[1] == name:
                    what = f"the two axes {axis!r} of {name} are {first[0]} and {size}: it is not square"
                    raise self._error(op, what, names, shapes, _SQUARE_FIX)
                if first[0] != size:
                    what = f"axis {axis!r} is {first[0]} in {first[1]} but {size} in {name}"
                    raise self._error(op, what, names, shapes, _AXIS_FIX)
        known = {axis: size for axis, (size, _) in seen.items()} | dict(sizes or {})
        start = lead[0] if lead else ()
        return tuple(start * port.dotted + tuple(known[axis] for axis in port.fixed) for port in self.outputs)

    def _error(
        self, op: str, what: str, names: Sequence[str], shapes: Sequence[Shape], fix: str
    ) -> ShapeError:
        got = ", ".join(f"{name}{shape}" for name, shape in zip(names, shapes, strict=True))
        return ShapeError(f"{op}: {what}", expected=str(self), got=got, fix=fix)


_RANK_FIX = "reshape it, or add an axis with x[None]"
_LEAD_FIX = "the leading axes must be equal; dg.broadcast_to repeats a smaller array"
_SQUARE_FIX = "give square matrices; of others there are the singular values and the pseudo-inverse"
_AXIS_FIX = "transpose or reshape one of them so that the two sizes agree"


def _lead_text(lead: tuple[Shape, str], other: Shape, name: str) -> str:
    if len(lead[0]) == len(other):
        for at, (a, b) in enumerate(zip(lead[0], other, strict=True)):
            if a != b:
                return f"axis {at} is {a} in {lead[1]} but {b} in {name}"
    return f"leading axes are {lead[0]} in {lead[1]} but {other} in {name}"


def _ports(side: str, text: str) -> tuple[Port, ...]:
    ports: list[Port] = []
    at, side = 0, side.strip()
    while at < len(side):
        match = _PORT.match(side, at)
        if match is None:
            raise ValueError(f"signature {text!r}: cannot read {side[at:]!r}")
        star, name, axes = match.groups()
        ports.append(Port(name, None if axes is None else tuple(axes.split()), bool(star)))
        at = match.end()
    return tuple(ports)


def _spread(ports: tuple[Port, ...], count: int) -> tuple[Port, ...]:
    """One port for each of ``count`` values: a variadic port is repeated."""
    extra = count - len(ports)
    return tuple(port for port in ports for _ in range(1 + extra if port.variadic else 1))


def _labels(ports: tuple[Port, ...], count: int) -> tuple[str, ...]:
    extra = count - len(ports)
    labels: list[str] = []
    for port in ports:
        stem = port.name.removesuffix("s")
        labels += [f"{stem}{i + 1}" for i in range(1 + extra)] if port.variadic else [port.name]
    return tuple(labels)
