"""``checkpoint``: give up the numbers on the way, and compute them again in the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

from ..ir import Op, Scope, Spec
from . import tree
from .array import Array, Part, ends, record
from .context import CONTEXT, Context, surround

__all__ = ["checkpoint"]

P = ParamSpec("P")
R = TypeVar("R")


def checkpoint(function: Callable[P, R]) -> Callable[P, R]:
    """The function, of which nothing but inputs and results is kept: a backward pass computes the rest again.

    For a chain of n such functions of m steps each, n + m values are alive at once, not n · m, at the cost of
    one more forward pass. The recorded steps are repeated, not the function: random numbers stay the same and
    its Python code runs once. Their numbers are gone when it returns, also for a picture. In a traced graph
    it is a scope, and the graph of its backward pass has the steps twice.

    Method: A. Griewank & A. Walther, *Revolve*, ACM TOMS 26 (2000); T. Chen et al., *Training Deep Nets with
    Sublinear Memory Cost* (2016).

    Args:
        function: of anything; Arrays that it uses through a closure count as inputs too.

    Returns:
        A function of the same arguments with the same results and the same derivatives.

    >>> import diagrad as dg
    >>> block = dg.checkpoint(lambda x: dg.sin(dg.exp(x)) * x)
    >>> x = dg.array(0.5)
    >>> block(x).backward()
    >>> float(x.grad - dg.grad(lambda x: dg.sin(dg.exp(x)) * x)(0.5))
    0.0
    """
    name = getattr(function, "__name__", type(function).__name__).strip("<>")

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        old = CONTEXT.get() or Context()
        own = Scope(name, old.scope, recompute=True)
        with surround(old._replace(scope=own, inner=True)):
            result = function(*args, **kwargs)
        ys = [y for y in tree.leaves(result) if isinstance(y, Array)]
        _forget(ys, own)
        if not old.inner:
            for y in ys:
                y.__diagrad_expose__()
        return result

    return wrapped


def _forget(results: Sequence[Array], own: Scope) -> None:
    """Leave of what was computed in a scope, on the way to ``results``, shapes and dtypes alone."""
    keep, seen = set(results), set[Array]()
    stack = list(results)
    while stack:
        x = stack.pop()
        if x in seen or x._first is None or not within(x._scope, own):
            continue
        seen.add(x)
        stack += x._inputs
        data: list[Any] = list(x._data) if x._op.multiple else []
        if data:
            x._data = tuple(map(_spec, data))
        elif x not in keep:
            x._data = _spec(x._data)


def _spec(data: Any) -> Spec:
    return data if type(data) is Spec else Spec(data.shape, data.dtype)


def within(scope: Scope | None, outer: Scope) -> bool:
    """Whether a scope is ``outer`` or lies in it."""
    while scope is not None and scope is not outer:
        scope = scope.parent
    return scope is outer


def outermost(scope: Scope | None) -> Scope | None:
    """The outermost scope around that recomputes."""
    found: Scope | None = None
    while scope is not None:
        found = scope if scope.recompute else found
        scope = scope.parent
    return found


class Again:
    """What a backward pass computes again, while it goes through the scopes that recompute.

    The steps of one scope are there only while the pass is in it. A scope in it has its numbers forgotten
    again at once, and computed once more when the pass comes to it.
    """

    def __init__(self) -> None:
        self._made: dict[Scope, dict[Array, Array]] = {}
        self._copies: dict[Scope, dict[Scope, Scope]] = {}
        self._forgotten = WeakSet[Array]()

    def __call__(self, y: Array) -> Array:
        """``y`` with numbers, its own and those of its inputs."""
        passed: list[Scope] = []
        while (scope := outermost(y._scope)) is not None and y._first is not None:
            if scope not in self._made:
                self._made = {outer: self._made[outer] for outer in passed}  # first let go, then make
            passed.append(scope)
            made = self._made.setdefault(scope, {})
            self._fill(y, scope, made)
            y = made[y]
        if len(passed) < len(self._made):
            self._made = {scope: self._made[scope] for scope in passed}
        return y

    def _fill(self, y: Array, scope: Scope, made: dict[Array, Array]) -> None:
        missing: set[Array] = set()
        stack = [y]
        while stack:
            x = stack.pop()
            if x in made or x in missing or x._first is None or outermost(x._scope) is not scope:
                continue
            missing.add(x)
            stack += x._inputs
        groups = {x: outermost(self._scope(x._scope, scope)) for x in missing}
        used = {z for x in missing for z in x._inputs if groups.get(z) is not groups[x]} | {y}
        group: Scope | None = None
        steps: list[Array] = []
        for x in sorted(missing, key=attrgetter("_order")):
            if groups[x] is not group:
                self._forget(steps)
                group, steps = groups[x], []
            inputs = tuple([self._known(made.get(z, z)) for z in x._inputs])
            with surround(Context(self._scope(x._scope, scope), True, site=x._site)):
                made[x] = _repeated(x, inputs)
            if group is not None and x not in used:
                steps.append(made[x])
        self._forget(steps)

    def _forget(self, steps: Sequence[Array]) -> None:
        """Give up the numbers of what a scope inside will compute again itself."""
        for x in steps:
            if not x.traced and type(x._data) is not tuple:
                x._data = _spec(x._data)
                self._forgotten.add(x)

    def _known(self, z: Array) -> Array:
        """An input of a repeated step, with numbers also where they were forgotten at once."""
        deeper = outermost(z._scope) if z in self._forgotten else None
        if deeper is None:
            return z
        made = self._made.setdefault(deeper, {})
        self._fill(z, deeper, made)
        return made[z]

    def _scope(self, scope: Scope | None, own: Scope) -> Scope | None:
        """The scope of a repeated step: ``own`` no longer recomputes, a scope in it still does."""
        if scope is None or not within(scope, own):
            return scope
        copies = self._copies.setdefault(own, {})
        if scope not in copies:
            recompute = scope.recompute and scope is not own
            copies[scope] = Scope(scope.name, self._scope(scope.parent, own), recompute)
        return copies[scope]


def _repeated(x: Array, inputs: tuple[Array, ...]) -> Array:
    """The step that gave x, on other inputs. What is differentiable stays so."""
    op: Any = x._op
    if type(op) is Part:
        return record(inputs[0]._data[op.at], op, inputs[0], None, x._active, True)
    return record(_computed(op, inputs), op, *ends(inputs), x._active, True)


def _computed(op: Op, inputs: tuple[Array, ...]) -> Any:
    data = [z._data for z in inputs]
    if any(type(d) is Spec for d in data):
        made: Any = op.infer([Spec(d.shape, d.dtype) for d in data])
        return made if op.multiple else made[0]
    return tuple(op.forward(*data)) if op.multiple else op.forward(*data)
