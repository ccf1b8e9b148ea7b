"""The figure of what an expression computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..array.array import Array
from ..array.trace import graph
from ..errors import ExpressionError
from .evaluate import Evaluated
from .inputs import read_value

if TYPE_CHECKING:
    from ..draw import Figure


def draw_evaluated(
    evaluated: Evaluated,
    *,
    loss: str | None = None,
    gradient: str | None = None,
    seed: int = 0,
    **options: Any,
) -> Figure:
    """The figure of what an expression computed.

    Args:
        evaluated: the outputs to draw.
        loss: the name of the scalar to differentiate, or what to call the loss beyond the figure.
        gradient: the upstream gradient, written as an input's value; ones by default.
        seed: of a gradient that is given as a shape.
        options: :func:`diagrad.draw.draw`'s.

    Raises:
        ExpressionError: the loss is not a scalar.
        DiagradError: what drawing raises.
    """
    from ..draw import draw

    outputs = [y for _, y in evaluated.outputs]
    if loss is not None and loss in evaluated.variables:
        outputs = [_loss(evaluated, loss)]
    upstream = [read_value(gradient, "gradient", seed)[0]] * len(outputs) if gradient else None
    if len(outputs) == 1:
        return draw(outputs[0], gradient=upstream and upstream[0], loss=loss, **options)
    together = graph(*outputs)
    numbers = {x.name: x.data for x in evaluated.variables.values() if isinstance(x, Array) and x.is_leaf}
    return draw(
        together, *(numbers[x.name] for x in together.inputs), gradient=upstream, loss=loss, **options
    )


def _loss(evaluated: Evaluated, name: str) -> Array:
    y = evaluated.variables[name]
    if isinstance(y, Array) and y.shape == () and not y.is_leaf:
        return y
    raise ExpressionError(
        f"{name} cannot be the loss",
        where=f"--loss {name}",
        expected="a scalar that the expression computes",
        got=f"{name}: {y.spec}" if isinstance(y, Array) else f"{name} = {y}",
        fix=f"sum it: add '; L = sum({name})' and --loss L",
    )
