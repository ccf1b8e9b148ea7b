"""What a beginner should be told of a :class:`~diagrad.diagnose.cause.Cause`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..array.array import Array
from ..draw.formula import GRADIENT, Formula, Hole, Symbol, apply_notation, as_tuple, rule
from ..draw.numerals import number
from ..errors import NonFiniteError
from ..ir import Op, Spec, short_name
from .cause import Cause, sources, whole
from .numbers import Index, bad, largest, overflows, word
from .picture import picture

_SHOWN = 8
"""How many steps of a path are named."""


def explain(cause: Cause, losses: Sequence[float] = ()) -> NonFiniteError:
    """The error that says where it began, why, what it reached and what to do."""
    node = cause.node
    slope = _growth(losses) if cause.port is None else ""
    reason, fix = _reason(cause)
    return NonFiniteError(
        _what(cause),
        where=str(node._site) if node._site else None,
        inputs="\n".join(_ranges(cause)),
        reason="; ".join(filter(None, (reason, slope))),
        path=_path(cause),
        reached=", ".join(_name(x) for x in cause.reached),
        fix="make smaller steps: a lower learning rate, or clipped gradients" if slope else fix,
        picture=lambda: picture(cause),
    )


def _name(x: Array) -> str:
    return x.name or f"an unnamed {x.spec}"


def _what(cause: Cause) -> str:
    end = cause.path[-1]
    if cause.final is not None:
        return f"the gradient of {_name(end)} becomes {word(cause.final)} at {whole(cause.node)._op.name}"
    how = word(cause.wrong)
    if cause.given:
        return f"{_name(cause.node)} is given with {how.replace('infinite', 'infinity')} in it"
    return f"{_name(end)} becomes {word(end._data)} at {whole(cause.node)._op.name}"


def _ranges(cause: Cause) -> list[str]:
    """Each input of the node: label, name, spec, range, and the number at the place in question."""
    node = whole(cause.node)
    if not node._inputs:
        return [_range("it", cause.node, cause.index)]
    labels = node._op.ports.input_names(len(node._inputs))
    lines = [
        _range(label, x, cause.index if x.shape == cause.wrong.shape else None)
        for label, x in zip(labels, node._inputs, strict=True)
    ]
    if cause.port is not None:
        g = np.asarray(cause.upstream)
        at = (
            f", {number(g[cause.index])} at {_at(cause.index)}"
            if g.shape == cause.wrong.shape and g.ndim
            else ""
        )
        lines.append(f"upstream gradient {_span(g)}{at}")
    return lines


def _range(label: str, x: Array, index: Index | None) -> str:
    name = f" = {x.name}" if x.name and x.name != label else ""
    there = f", {number(x._data[index])} at {_at(index)}" if index else ""
    return f"{label}{name}: {x.spec}, {_span(np.asarray(x._data))}{there}"


def _span(x: np.ndarray[Any, Any]) -> str:
    """The range of the finite numbers, and how many are not."""
    if x.dtype.kind not in "fiu":
        return f"{short_name(x.dtype)} numbers"
    finite = x[np.isfinite(x)] if x.dtype.kind == "f" else x.ravel()
    if not finite.size:
        span = "no finite number"
    elif finite.min() == finite.max():
        span = number(finite.flat[0])
    else:
        span = f"{number(finite.min())} … {number(finite.max())}"
    return span + (f", {x.size - finite.size} of {x.size} not finite" if finite.size < x.size else "")


def _at(index: Index) -> str:
    return f"[{', '.join(map(str, index))}]"


def _reason(cause: Cause) -> tuple[str, str]:
    """Why, and the usual mend."""
    if cause.given:
        how = "a NaN" if word(cause.wrong) == "NaN" else "an infinity"
        return (
            f"it has {how} at {_at(cause.index)} before anything is computed",
            "clean the data: drop such rows or fill them, e.g. with np.nan_to_num",
        )
    node = whole(cause.node)
    advice = node._op.advice
    if cause.port is not None:
        return _backward_reason(cause, node, advice)
    data = tuple(x._data for x in node._inputs)
    if not any(map(bad, data)) and overflows(node._op, data):
        limit = number(largest(node._inputs[0].dtype))
        fix = advice or "scale the inputs down, or compute in a wider dtype with x.astype"
        return f"overflow: {short_name(cause.node.dtype)} ends at {limit}", fix
    numbers = _with_numbers(node, cause.index)
    from_infinity = "" if not any(map(bad, data)) else " (∞ − ∞, 0 · ∞ and ∞ / ∞ are NaN)"
    fix = advice or "keep infinity out of its inputs: mask with a large negative number, or with where"
    return f"{numbers} = {number(cause.wrong[cause.index])}{from_infinity}", fix


def _with_numbers(node: Array, index: Index) -> str:
    """The op applied to the numbers at one element, or named where its inputs have other shapes."""
    op: Op = node._op
    labels = op.ports.input_names(len(node._inputs))
    formula = apply_notation(op, [Formula((Hole(label, 0),)) for label in labels])
    if not all(x.shape == node.shape for x in node._inputs):
        return formula.fill(Symbol)
    return formula.fill(
        {label: _symbol(x._data[index]) for label, x in zip(labels, node._inputs, strict=True)}
    )


def _symbol(x: Any) -> Symbol:
    text = number(x)
    return Symbol(text, 0 if text.startswith("−") else 5)


def _backward_reason(cause: Cause, node: Array, advice: str) -> tuple[str, str]:
    """The rule, with the numbers of the element put in, and the ``where`` that does not take the branch."""
    assert cause.port is not None
    rows = [_rule_text(cause, node)]
    fix = advice or "keep the input away from where its derivative is infinite"
    if cause.where is not None:
        line = cause.where._site.line if cause.where._site else None
        place = f" in line {line}" if line else ""
        rows.append(
            f"where{place} does not take this branch{' there' if cause.where.shape == node.shape else ''}, "
            "but 0 times an infinite derivative is NaN"
        )
        fix = "give the branch a harmless argument where it is not taken: where(c, f(where(c, x, 1)), other)"
    return "\n".join(filter(None, rows)), fix


def _rule_text(cause: Cause, node: Array) -> str:
    """``∂L/∂x = ∂L/∂y / (2 · y) = 0 / (2 · 0) = NaN``, from the executed rule."""
    op: Op = node._op
    outputs = tuple(map(Spec, *zip(*_specs(node), strict=True)))
    wanted = tuple(at == cause.port for at in range(len(node._inputs)))
    formulas = rule(op, tuple(x.spec for x in node._inputs), outputs, wanted, (True,) * len(outputs))
    formula = formulas[cause.port or 0]
    label = op.ports.input_names(len(node._inputs))[cause.port or 0]
    if formula is None:
        return ""
    text = f"∂L/∂{label} = " + formula.fill(
        lambda port: Symbol(port.replace(GRADIENT, "∂L/∂", 1) if port.startswith(GRADIENT) else port)
    )
    numbers = _local_numbers(cause, node, op)
    if numbers is None or not formula.ports <= set(numbers):
        return text
    filled = formula.fill({port: _symbol(x[cause.index]) for port, x in numbers.items()})
    return f"{text} = {filled} = {number(cause.wrong[cause.index])}"


def _specs(node: Array) -> list[tuple[Any, Any]]:
    return [(y.shape, y.dtype) for y in as_tuple(node._data)]


def _local_numbers(cause: Cause, node: Array, op: Op) -> dict[str, Any] | None:
    """The numbers of each port and of the upstream gradient, if all have one shape."""
    if op.multiple:
        return None
    labels = (*op.ports.input_names(len(node._inputs)), *op.ports.output_names(1))
    numbers = dict(zip(labels, (*(x._data for x in node._inputs), node._data), strict=True))
    numbers[GRADIENT + labels[-1]] = cause.upstream
    alike = all(np.shape(x) == np.shape(cause.wrong) for x in numbers.values())
    return {port: np.asarray(x) for port, x in numbers.items()} if alike else None


def _path(cause: Cause) -> str:
    """The ops on the way, with the names that the user knows."""
    steps = [_step(x) for x in cause.path]
    if len(steps) > _SHOWN:
        steps = [*steps[: _SHOWN // 2], "…", *steps[-_SHOWN // 2 :]]
    return " → ".join(steps)


def _step(x: Array) -> str:
    op = whole(x)._op.name if sources(x) else ""
    return f"{op} ({x.name})" if op and x.name else op or _name(x)


def _growth(losses: Sequence[float]) -> str:
    """What the losses of the last steps say, if they grew and grew."""
    last = [x for x in losses[-5:] if np.isfinite(x)]
    grew = len(last) > 1 and all(a < b for a, b in pairwise(last)) and last[-1] > 10 * last[0]
    return f"the loss grew from step to step: {', '.join(map(number, last))}" if grew else ""
