"""What functions of functions share: which arguments are differentiated, and what comes back.

NumPy arrays and numbers in, NumPy arrays out, nothing recorded; Arrays in, as arguments or through a
closure, Arrays out, which are differentiable and drawable themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from .. import ops
from ..array import tree
from ..array.align import as_data, to_array
from ..array.array import Array, Part, clock, current, leaf, record
from ..array.context import CONTEXT, recording
from ..errors import DifferentiationError, NotDifferentiableError
from ..ir import user_site

Argnums = int | Sequence[int]


class Arguments:
    """The arguments of one call.

    Attributes:
        given: the arguments, the differentiated ones as Arrays of this call's own.
        inputs: those Arrays, in order.
        floor: a number between those of older Arrays and of newer ones.
        records: whether an argument was an Array already.
    """

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], argnums: Argnums) -> None:
        self.floor = clock()
        self.given = list(args)
        self.inputs: list[Array] = []
        self.records = False
        self.argnums = argnums
        numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for at in numbers:
            if not -len(args) <= at < len(args):
                raise DifferentiationError(
                    f"argnums names argument {at}, but {name_of(function)} got {len(args)}",
                    where=str(user_site(0)),
                    fix="number positional arguments from 0",
                )
            self.given[at] = tree.map_paths(self._prepare, args[at], f"argument {at}")
        self._chosen = tuple(args[at] for at in numbers)

    def _prepare(self, path: str, x: Any) -> Array:
        if isinstance(x, Array):
            self.records = True
            made = _stand_in(current(x))
        else:
            made = leaf(as_data(x, copy=True), "input")
        self.inputs.append(made)
        check_differentiable(made, path)
        return made

    def shaped(self, results: Sequence[Any]) -> Any:
        """Something for each input, in the structure of the differentiated arguments."""
        rest = iter(results)
        made = tuple(tree.map_paths(lambda _path, _x: next(rest), x, "") for x in self._chosen)
        return made[0] if isinstance(self.argnums, int) else made

    def records_with(self, ys: Sequence[Array]) -> bool:
        """Whether results have to be Arrays, given what the function computed."""
        return self.records or any(y.traced or uses_arrays_before(y, self.floor) for y in ys)


def _stand_in(x: Array) -> Array:
    """An Array of this call's own that is x: gradients flow to it, and on to x if they flow there."""
    if not x._active and not x.traced:
        return leaf(x._data, "input")
    bundle = record((x._data,), ops.Branch(1), x, None, x.dtype.kind in "fc", True)
    return record(x._data, Part(0), bundle, None, bundle._active, True)


def recorded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with recording on, whatever is the case outside; under ``no_grad`` it gives constants.

    A derivative is a value like any other: ``no_grad`` around it says that *it* is not differentiated.
    """

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        context = CONTEXT.get()
        if context is None or context.recording:
            return function(*args, **kwargs)
        with recording(True):
            result = function(*args, **kwargs)
        return tree.map_paths(lambda _path, x: x.detach() if isinstance(x, Array) else x, result, "")

    return run


def name_of(function: Callable[..., Any]) -> str:
    """What a message calls a function."""
    return getattr(function, "__name__", type(function).__name__)


def outputs_of(result: Any) -> list[Array]:
    """The Arrays of a function's result, in order."""
    return [to_array(y) for y in tree.leaves(result)]


def unwrapped(x: Array) -> Any:
    """The numbers of an Array, one's own."""
    return x.data[()]


def uses_arrays_before(y: Array, floor: int) -> bool:
    """Whether y depends on a differentiable Array made before number ``floor``: one that a closure holds.

    A derivative of y then depends on it too, so it must be an Array; else an outer derivative would be wrong.
    """
    stack, seen = [y], set[int]()
    while stack:
        x = stack.pop()
        if x._active and x._order not in seen:
            if x._order <= floor:
                return True
            seen.add(x._order)
            stack += x._inputs
    return False


def check_differentiable(x: Array, path: str) -> None:
    """Raise unless x has a floating-point dtype.

    Raises:
        NotDifferentiableError: it has not.
    """
    if x.dtype.kind not in "fc":
        raise NotDifferentiableError(
            f"{path} has dtype {x.dtype}, which has no derivative",
            where=str(user_site(2)),
            expected="a floating-point dtype",
            got=str(x.dtype),
            fix="pass 2.0 instead of 2, or convert with .astype(float)",
        )
