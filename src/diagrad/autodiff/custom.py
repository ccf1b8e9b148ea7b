"""``custom_rule``: a function with a gradient of one's own becomes a node like any other."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import field, make_dataclass
from functools import update_wrapper
from types import new_class
from typing import Any, cast

import numpy as np

from ..array.align import as_data, to_array
from ..array.array import Array, Part, apply, constant, ends, record
from ..errors import DifferentiationError, DTypeError, GraphError, ShapeError
from ..ir import DType, Glyph, Notation, Op, Rule, Shape, Spec, is_differentiable, user_site

__all__ = ["CustomRule", "custom_rule"]


class CustomOp(Op):
    """What the ops of :func:`custom_rule` share. Each has a class of its own, with its own signature."""

    owner: CustomRule

    def forward(self, *inputs: Rule) -> Rule:
        made: Any = self.owner.function(*inputs, **self.attributes())
        results = made if self.multiple else (made,)
        data = tuple(np.asarray(as_data(y._data if isinstance(y, Array) else y))[()] for y in results)
        self.owner.known[self, tuple(Spec(x.shape, x.dtype) for x in inputs)] = tuple(
            Spec(y.shape, y.dtype) for y in data
        )
        return data if self.multiple else data[0]

    def backward(self, g: Rule, *ports: Rule) -> Rule:
        """The user's rule; it is called through :meth:`pull`, which checks what it gives."""
        rule = self.owner.rule
        if rule is None:
            raise DifferentiationError(
                f"{self.name} has no backward rule",
                where=str(user_site(1)),
                expected=f"a function decorated with @{self.name}.backward",
                got="none",
                fix=f"write @{self.name}.backward above def {self.name}_backward(g, …)",
            )
        return rule(g, *ports)

    def infer(self, inputs: Sequence[Spec]) -> tuple[Spec, ...]:
        """The specs of the outputs: those of the last run on such inputs, or of a run on ones."""
        self.ports.check_arity(self.name, len(inputs))
        key = (self, tuple(inputs))
        if key not in self.owner.known:
            with np.errstate(all="ignore"):
                self.forward(*(np.ones(x.shape, x.dtype)[()] for x in inputs))
        return self.owner.known[key]

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        raise NotImplementedError("infer knows")

    def dtype(self, *dtypes: DType) -> DType:
        raise NotImplementedError("infer knows")


def _pull(suffix: bool) -> Callable[..., Any]:
    """Call the rule with the ports it names, as Arrays or as their numbers, and check the gradients."""

    def value(x: Any) -> Any:
        return x._data if suffix else x

    def pull(op: CustomOp, g: Any, inputs: Sequence[Array], y: Any) -> Any:
        owner = op.owner
        ys = tuple(y._data if suffix else y) if op.multiple else (value(y),)
        if op.multiple:
            g = tuple(
                _zeros(one, suffix) if given is None else given for given, one in zip(g, ys, strict=True)
            )
        ports = dict(zip(owner.inputs, map(value, inputs), strict=True))
        ports |= dict(zip(owner.outputs, ys, strict=True)) | op.attributes()
        given: Any = op.backward(g, *(ports[name] for name in owner.needs))
        gs = cast("tuple[Any, ...]", given) if isinstance(given, tuple) else (given,)
        if len(gs) != len(inputs):
            raise GraphError(
                f"the rule of {op.name} gives {len(gs)} gradients for {len(inputs)} inputs",
                where=owner.where,
                expected=f"one for each of {', '.join(owner.inputs)}",
                got=f"{len(gs)}",
                fix="give None for an input that carries no gradient",
            )
        made = [_checked(op, *each, suffix) for each in zip(owner.inputs, inputs, gs, strict=True)]
        return tuple(made) if len(made) > 1 else made[0]

    return pull


def _zeros(y: Any, data: bool) -> Any:
    zero = np.zeros(y.shape, y.dtype)[()]
    return zero if data else constant(zero)


def _checked(op: CustomOp, name: str, x: Array, g: Any, data: bool) -> Any:
    """The gradient of one input, which must have its shape and a dtype that fits."""
    if g is None or not is_differentiable(x.dtype):
        return None
    g = (g._data if isinstance(g, Array) else as_data(g)) if data else to_array(g)
    if g.shape != x.shape:
        raise ShapeError(
            f"the rule of {op.name} gives {name} a gradient of another shape",
            where=op.owner.where,
            expected=f"{x.shape}, the shape of {name}",
            got=f"{g.shape}",
            fix="sum over what was broadcast",
        )
    if not np.can_cast(g.dtype, x.dtype, "same_kind"):
        raise DTypeError(
            f"the rule of {op.name} gives {name} a gradient of dtype {g.dtype}",
            where=op.owner.where,
            expected=f"{x.dtype}, the dtype of {name}",
            got=f"{g.dtype}",
            fix="take the real part, or convert with .astype",
        )
    return g if g.dtype == x.dtype else g.astype(x.dtype)


class CustomRule:
    """A function that is one node of a graph, with the gradient that :meth:`backward` gives it."""

    def __init__(self, function: Callable[..., Any], outputs: Sequence[str], glyph: str) -> None:
        update_wrapper(self, function)
        self.function = function
        self.rule: Callable[..., Any] | None = None
        self.needs: tuple[str, ...] = ()
        self.known: dict[Any, tuple[Spec, ...]] = {}
        self.where = f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
        parameters = inspect.signature(function).parameters.values()
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
            raise TypeError(f"custom_rule: {function.__name__} must name its inputs, without * and **")
        self.inputs = tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)
        options = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
        self.outputs = tuple(outputs) or (("y",) if "y" not in self.inputs else ("z",))
        self.op = self._op_class(options, glyph)

    def _op_class(self, options: Sequence[inspect.Parameter], glyph: str) -> type[CustomOp]:
        """The op: keyword-only parameters are its attributes."""
        name = self.function.__name__.strip("<>")
        holes = ", ".join(f"{{{port}}}" for port in self.inputs)
        body = {
            "signature": f"{', '.join(self.inputs)} -> {', '.join(self.outputs)}",
            "glyph": Glyph(glyph or name),
            "notation": Notation(f"{name}({holes})"),
            "__doc__": self.function.__doc__ or f"{name}: a function with a rule of its own.",
            "owner": self,
        }
        base = new_class(name, (CustomOp,), {"register": False}, lambda space: space.update(body))
        fields: Any = [
            (p.name, Any) if p.default is p.empty else (p.name, Any, field(default=p.default))
            for p in options
        ]
        made: Any = base
        if fields:
            made = make_dataclass(name, fields, bases=(base,), frozen=True)
            made.__doc__ = body["__doc__"]
        made.pull_data, made.pull_arrays = staticmethod(_pull(True)), staticmethod(_pull(False))
        made.simple = not made.multiple
        return made

    def backward(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Take a function as the rule: of the upstream gradient and then of the ports it names.

        Raises:
            TypeError: it names something that is neither an input, nor an output, nor an attribute.
        """
        names = tuple(inspect.signature(rule).parameters)[1:]
        ports = {*self.inputs, *self.outputs, *self.op.__dataclass_fields__}
        unknown = [name for name in names if name not in ports]
        if unknown:
            raise TypeError(
                f"the rule of {self.op.__name__} asks for {', '.join(unknown)}\n"
                f"  expected: inputs {', '.join(self.inputs)}, outputs {', '.join(self.outputs)}\n"
                f"  fix:      name its ports, or the outputs with custom_rule(outputs=...)"
            )
        self.rule, self.needs = rule, names
        self.where = f"{rule.__code__.co_filename}:{rule.__code__.co_firstlineno}"
        return rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        options = {name: bound.arguments[name] for name in bound.kwargs}
        return apply_black_box(self.op(**options), [to_array(x) for x in bound.args])


def apply_black_box(op: Op, inputs: Sequence[Array], results: Any = None) -> Any:
    """Apply an op whose shapes are known only once it has run, so that it runs once, or has run already."""
    if any(x.traced for x in inputs):
        return apply(op, *inputs)
    if results is None:
        results = op.forward(*(x._data for x in inputs))
    first = results[0] if op.multiple else results
    active = first.dtype.kind in "fc" and any(x._active for x in inputs)
    whole = record(results, op, *ends(tuple(inputs)), active, op.multiple)
    if not op.multiple:
        return whole
    return tuple(record(y, Part(at), whole, None, active) for at, y in enumerate(results))


def custom_rule(
    function: Callable[..., Any] | None = None, *, outputs: Sequence[str] = (), glyph: str = ""
) -> Any:
    """Make a function a node with a gradient of your own.

    The function gets NumPy arrays and may do anything. The rule is written as an op's: called with NumPy
    arrays it computes, called with Arrays it builds graph; if it uses operators, NumPy functions that
    dispatch and ``dg`` functions alone, derivatives of any order work, forward mode (by transposing the rule,
    so none of its own is needed), ``vmap`` (slice by slice) and formulas in pictures.

    Args:
        function: its positional parameters are inputs; keyword-only ones are attributes of the node. Under
            :func:`trace` its shapes are found by running it on ones.
        outputs: the outputs' names, where it gives a tuple; one output is called ``y``, or ``z`` where an
            input is called ``y``.
        glyph: the sign in its box; by default the function's name.

    Returns:
        A :class:`~diagrad.autodiff.CustomRule`, called as the function is; its method ``backward`` takes the
        rule.

    Raises:
        GraphError: the rule, when asked, gives another number of gradients than there are inputs.
        ShapeError, DTypeError: one of them does not fit its input.

    >>> import diagrad as dg, numpy as np
    >>> @dg.custom_rule
    ... def log1pexp(x):
    ...     return np.logaddexp(x, 0.0)
    >>> @log1pexp.backward
    ... def log1pexp_backward(g, x):
    ...     return g * dg.sigmoid(x)
    >>> dg.grad(log1pexp)(0.0), dg.grad(dg.grad(log1pexp))(0.0)
    (np.float64(0.5), np.float64(0.25))
    """

    def decorate(function: Callable[..., Any]) -> CustomRule:
        return CustomRule(function, outputs, glyph)

    return decorate if function is None else decorate(function)
