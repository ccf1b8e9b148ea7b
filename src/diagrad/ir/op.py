"""What a node does: the base class of every op, and the facts an op states about itself.

An op is a frozen dataclass whose fields are its attributes (one without attributes inherits that). One
class in one place says everything:

* ``signature``: arity, port labels, shape rule, error text, sample shapes (:mod:`.signature`);
* ``forward``: the definition, on NumPy arrays;
* ``backward``: the rule, as equations. Its parameters after ``g`` *name the ports it needs*, inputs or
  outputs: ``def backward(self, g, y): return g * y``. It is duck-typed: called with NumPy arrays it
  computes, called with :class:`diagrad.Array` it builds graph;
* ``tangent``: for the few ops where forward mode, made from that rule, would take more nodes than it need;
* ``batched``: the op with one more leading axis, for ``vmap``;
* ``glyph`` and ``notation``: how it is drawn and how a formula writes it;
* ``names``: what ONNX, PyTorch and JAX call it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import DTypeError
from .dtype import DType, short_name
from .folding import Folding
from .signature import Shape, Signature

if TYPE_CHECKING:
    from .graph import Graph

Rule = Any

_OURS = __name__.partition(".")[0] + "."
"""A NumPy array, a NumPy scalar or an Array: what forward and backward rules are called with."""


class Spec(NamedTuple):
    """What is known of a value before it is computed.

    >>> Spec((3, 2), np.dtype("float32"))
    f32[3,2]
    """

    shape: Shape
    dtype: DType

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __repr__(self) -> str:
        return f"{short_name(self.dtype)}[{','.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Glyph:
    """How a node looks: its sign, which may name attributes (``"Repeat ×{times}"``), and its outline."""

    text: str
    shape: Literal["circle", "box", "dot"] = "box"


@dataclass(frozen=True, slots=True)
class Notation:
    """How a formula writes an op.

    ``template`` names ports and attributes; ``{x:2}`` puts brackets around an operand that binds less
    tightly than 2. ``binding``: 1 sum, 2 product, 3 sign, 4 power and postfix, 5 a call or a symbol.
    """

    template: str
    binding: int = 5


@dataclass(frozen=True, slots=True)
class Names:
    """What others call this op; empty where they have no single op for it."""

    onnx: str = ""
    torch: str = ""
    jax: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Inputs that an op is tested and shown with.

    Attributes:
        op: the op with its attributes.
        shapes: the shape of each input.
        low, high: the open interval that the numbers are drawn from.
        given: inputs that cannot be drawn, by number: a mask, an index.
        prepare: makes of all inputs, as drawn, what the op can take: a positive definite matrix, say. Tests
            differentiate with respect to what it gives, freely.
    """

    op: Op
    shapes: tuple[Shape, ...]
    low: float = -2.0
    high: float = 2.0
    given: Mapping[int, Any] = field(default_factory=dict[int, Any])
    prepare: Callable[..., tuple[Any, ...]] | None = None


@dataclass(frozen=True)
class Op(ABC):
    """Base class of all ops. A concrete subclass states ``signature`` and is registered by its name."""

    registry: ClassVar[dict[str, type[Op]]] = {}
    signature: ClassVar[str]
    glyph: ClassVar[Glyph] = Glyph("")
    notation: ClassVar[Notation | None] = None
    names: ClassVar[Names] = Names()
    kinds: ClassVar[str] = "biufc"
    """The NumPy dtype kinds that the inputs may have."""
    differentiable: ClassVar[bool] = True
    """False where no derivative exists (argmax, comparisons): a gradient asked through it is an error."""
    refuses: ClassVar[bool] = False
    """Whether ``backward`` raises, always: for floating-point results that have no derivative and that a loss
    may well contain, so that no gradient is lost in silence."""
    free_phases: ClassVar[bool] = False
    """Whether complex outputs are one choice of many that differ by a phase, as eigenvectors are: only losses
    that do not see the phase have a derivative."""
    deferred: ClassVar[bool] = False
    """Whether ``backward`` gives functions, called only for the inputs whose gradient is wanted."""
    advice: ClassVar[str] = ""
    """How to keep NaN and infinity out of it, said where :func:`diagrad.debug` finds them."""
    domain: ClassVar[tuple[float, float]] = (-2.0, 2.0)
    """The open interval that sample inputs are drawn from."""

    folding: ClassVar[Folding | None] = None
    """How it combines elements, where it is a reduction over ``axes`` or a running one along ``axis``."""

    ports: ClassVar[Signature]
    needs: ClassVar[tuple[str, ...]]
    """What ``backward`` asks for after ``g``: ports, and ``wanted``, which is no port but says for each input
    whether its gradient is wanted."""
    pull_data: ClassVar[Callable[..., Rule]]
    pull_arrays: ClassVar[Callable[..., Rule]]
    """``pull_data(op, g, inputs, y)`` calls ``backward`` with the numbers of the ports that it asks for,
    ``pull_arrays`` with the Arrays. ``inputs`` and ``y`` are Arrays; of an op with several outputs ``y`` is
    an Array that holds the tuple of all, or the tuple of their Arrays."""
    push_arrays: ClassVar[Callable[..., Rule]]
    """``push_arrays(op, v, inputs, y)`` calls ``tangent`` as ``pull_arrays`` calls ``backward``."""

    own: ClassVar[str]
    """The op's name if it is one of diagrad's; empty if it is a user's. Tables that hold names need not load
    the family of each op."""

    def __init_subclass__(cls, *, register: bool = True) -> None:
        super().__init_subclass__()
        cls.own = cls.__name__ if cls.__module__.startswith(_OURS) else ""
        if "signature" in cls.__dict__:
            cls.ports = Signature.parse(cls.signature)
            axes = {port.axes for port in cls.ports.inputs}
            cls.elementwise = axes == {("...",)}
            cls.multiple = len(cls.ports.outputs) != 1 or cls.ports.outputs[0].variadic
            if register:
                Op.registry[cls.__name__] = cls
        if hasattr(cls, "ports"):
            code = cls.backward.__code__
            cls.needs = code.co_varnames[2 : code.co_argcount]
            places = tuple(_place(cls, name) for name in cls.needs)
            cls.selective = "wanted" in cls.needs
            cls.simple = not (cls.multiple or cls.deferred or cls.selective)
            cls.pull_data = staticmethod(_compile_pull(places, "._data"))
            cls.pull_arrays = staticmethod(_compile_pull(places, ""))
            cls.pushes = cls.tangent is not Op.tangent
            if cls.pushes:
                code = cls.tangent.__code__
                places = tuple(_place(cls, name) for name in code.co_varnames[2 : code.co_argcount])
                cls.push_arrays = staticmethod(_compile_pull(places, "", "tangent"))

    @property
    def name(self) -> str:
        """The op's name: its class's."""
        return type(self).__name__

    @property
    def outputs(self) -> int:
        """How many values it gives."""
        return len(self.ports.outputs)

    pushes: ClassVar[bool]
    """Whether it has a rule of its own for forward mode, ``tangent``."""
    elementwise: ClassVar[bool]
    """Whether all inputs and outputs have one shape, whatever it is."""
    simple: ClassVar[bool]
    """Whether it has one output and nothing deferred, so that a backward pass need not look twice."""
    selective: ClassVar[bool]
    """Whether ``backward`` asks which inputs' gradients are wanted."""
    multiple: ClassVar[bool]
    """Whether ``forward`` gives a tuple: several outputs, or any number of them."""

    def attributes(self) -> dict[str, Any]:
        """The op's fields, in order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @abstractmethod
    def forward(self, *inputs: Rule) -> Rule:
        """The definition, on NumPy arrays: one array, or a tuple of them for several outputs."""

    def element(self, *inputs: Rule) -> Rule:
        """One element of the output from the elements of the inputs, in registers of machine code: what
        ``forward`` says, unless an elementwise op says it otherwise.
        """
        return self.forward(*inputs)

    def backward(self, g: Rule, /) -> Rule:
        """The rule: the gradient of each input from the upstream gradient ``g``, a tuple where the op has
        several inputs. ``None`` stands for "this input carries no gradient".
        """
        raise NotImplementedError(self.name)

    def tangent(self, v: Rule, /) -> Rule:
        """Forward mode's own rule, of an op with one output: how that changes when the inputs change by
        ``v``, a tuple where the op has several inputs, with None for those of integers. After ``v`` it
        names the ports that it needs, as ``backward`` does. Most ops do without: the transpose of
        ``backward`` is as good.
        """
        raise NotImplementedError(self.name)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        """The output shapes for these input shapes.

        Raises:
            ShapeError: they disagree with the signature.
        """
        sizes = {name: size for name, size in self.attributes().items() if isinstance(size, int)}
        return self.ports.infer(self.name, shapes, sizes)

    def dtype(self, *dtypes: DType) -> DType:
        """The output dtype for these input dtypes; by default they are all the same.

        Raises:
            DTypeError: the op cannot take them.
        """
        for name, dtype in zip(self.ports.input_names(len(dtypes)), dtypes, strict=True):
            if dtype.kind not in self.kinds:
                raise self._dtype_error(f"{name} has dtype {dtype}", dtypes)
            if dtype != dtypes[0]:
                raise self._dtype_error(f"{name} has dtype {dtype}, the first input {dtypes[0]}", dtypes)
        return dtypes[0]

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        """The specs of the outputs.

        Raises:
            ShapeError, DTypeError: the inputs do not fit.
        """
        self.ports.check_arity(self.name, len(inputs))
        dtype = self.dtype(*(x.dtype for x in inputs))
        return tuple(Spec(shape, dtype) for shape in self.shape(*(x.shape for x in inputs)))

    def batched(self, n: int) -> Op | None:
        """The op that does the same to each of ``n`` slices along a new first axis of every input and output.

        By default an op whose ports all begin with ``...`` takes that axis as it is. None where no op does
        it: ``vmap`` then applies this one slice by slice.
        """
        ports = (*self.ports.inputs, *self.ports.outputs)
        return self if all(port.axes is not None and port.axes[:1] == ("...",) for port in ports) else None

    def vectorised(
        self, n: int, inputs: Sequence[Spec], batched: Sequence[bool]
    ) -> tuple[Graph, tuple[bool, ...]] | None:
        """Where one op is not enough for ``batched``: a graph that does it, and which outputs have the axis.

        Args:
            n: the size of the batch.
            inputs: the specs of the graph's inputs, with the batch's axis first where there is one.
            batched: which inputs have it.
        """
        return None

    def saving(self) -> Op:
        """The op as it is applied where a gradient may be asked: what its rule will need besides are further
        outputs, after its own.
        """
        return self

    def keeping(self, outputs: Sequence[int]) -> tuple[Op, tuple[int, ...]] | None:
        """The op that gives at least these of its outputs, and the numbers of those that it gives; None where
        it cannot give fewer.
        """
        return None

    def written(self, output: int) -> Notation | None:
        """How a formula writes one of several outputs; None where a number tells them apart: ``eigh(a)₂``."""
        return None

    def __call__(self, *inputs: Rule) -> Rule:
        """Apply the op, in rules: on NumPy arrays compute, on Arrays build graph; the first input decides."""
        apply: Any = getattr(type(inputs[0]), "__diagrad_apply__", None)  # pyright: ignore[reportUnknownArgumentType]
        return self.forward(*inputs) if apply is None else apply(self, inputs)

    def _dtype_error(self, what: str, dtypes: Sequence[DType]) -> DTypeError:
        names = self.ports.input_names(len(dtypes))
        kinds = " or ".join(word for kind, word in _KINDS.items() if kind in self.kinds)
        return DTypeError(
            f"{self.name}: {what}",
            expected=f"one {kinds} dtype for all inputs",
            got=", ".join(f"{name}: {dtype}" for name, dtype in zip(names, dtypes, strict=True)),
            fix="convert with x.astype(...)",
        )


_KINDS = {"b": "boolean", "i": "integer", "f": "floating-point", "c": "complex"}


def _place(cls: type[Op], name: str) -> str:
    """Where the values of a port stand, as Python text over ``inputs`` and ``y``."""
    inputs, outputs = cls.ports.inputs, cls.ports.outputs
    if name == "wanted":
        return name
    for at, port in enumerate(inputs):
        if port.name == name:
            return f"inputs[{at}:{at + 1 - len(inputs) or None}]" if port.variadic else f"inputs[{at}]"
    for at, port in enumerate(outputs):
        if port.name == name:
            return "y" if port.variadic or not cls.multiple else f"y[{at}]"
    raise TypeError(f"{cls.__name__}.backward asks for {name!r}, which {cls.signature!r} does not name")


@cache
def _compile_pull(places: tuple[str, ...], suffix: str, rule: str = "backward") -> Callable[..., Rule]:
    """A function that hands a rule just what it asks for, made as text, as dataclasses make theirs.

    It runs once for each node of every backward pass: looking the ports up then would double its cost.
    """

    def argument(place: str) -> str:
        if place == "wanted":
            return "tuple([x._active for x in inputs]) if wanted is None else wanted"
        if place.startswith("y"):
            return place.replace("y", "y" + suffix, 1)
        if place.endswith("]") and ":" in place:
            return f"tuple([x{suffix} for x in {place}])"
        return place + suffix

    arguments = "".join(f", {argument(place)}" for place in places)
    return eval(f"lambda op, g, inputs, y, wanted=None: op.{rule}(g{arguments})")


@dataclass(frozen=True)
class Input(Op):
    """A value that comes from outside: an input or a parameter. Has no inputs and computes nothing."""

    signature = "-> x"
    glyph = Glyph("")

    def forward(self) -> Rule:
        raise NotImplementedError("an input is given, not computed")


@dataclass(frozen=True, eq=False)
class Constant(Op):
    """A value that is part of the graph. ``data`` is read-only; one number repeated is kept as one."""

    data: np.ndarray[Any, Any]

    signature = "-> x"
    glyph = Glyph("")

    def forward(self) -> Rule:
        return self.data

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        self.ports.check_arity(self.name, len(inputs))
        return (Spec(self.data.shape, self.data.dtype),)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Constant):
            return NotImplemented
        a, b = self.data, other.data
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()

    def __hash__(self) -> int:
        return hash((self.data.shape, self.data.dtype.str, self.data.tobytes()))
