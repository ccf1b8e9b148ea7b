"""Compile a function to machine code: trace, simplify, plan, emit, run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

import numpy as np

from ..array import tree
from ..array.align import to_array
from ..array.array import Array, leaf
from ..array.context import Context, surround
from ..array.trace import collect
from ..errors import InputError
from ..ir import Graph
from .arguments import Call, Parameters
from .quick import MISS, quick_way, unknown
from .version import Version

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .report import Report

__all__ = ["Compiled", "compile"]

P = ParamSpec("P")
R = TypeVar("R")


def compile(  # noqa: A001  (its name, in the field)
    function: Callable[P, R] | None = None,
    *,
    donate: Sequence[str] | str = (),
    static: Sequence[str] | str = (),
    threads: int | None = None,
    background: bool = False,
) -> Any:
    """The function as machine code: one native call for all that it computes.

    The first call with arguments of new shapes and dtypes runs ``function`` once on arrays without numbers,
    which records its graph; the graph is then made a program, and that runs, then and ever after. Whatever
    can be traced can be compiled: derivatives, updates, control flow of diagrad's own.

    Args:
        function: takes and gives arrays and numbers, or lists, tuples and dicts of them. Without it, a
            decorator.
        donate: names of parameters whose arrays may be overwritten. Each result of the same shape and dtype
            takes the place of one, and *is* that array: a training step updates its parameters where they
            lie.
        static: names of parameters that are no arrays: each of their values, which must be hashable, is
            compiled for itself.
        threads: into how many parts large kernels are split; by default as many as there are cores to run on,
            or what ``DIAGRAD_NUM_THREADS`` says. Results are the same from run to run for one number of them.
        background: do not wait for the compiler. Until it is done NumPy runs the graph; what goes wrong in it
            is raised by the next call.

    Returns:
        A :class:`Compiled`. Called with NumPy arrays and numbers it gives NumPy arrays, each the caller's
        own; called with :class:`diagrad.Array` or within another trace it is as ``function`` itself.

    Raises:
        TraceError: ``function`` asks an array for its numbers, as ``if x > 0`` does; the text names the line.
        StructureError, ShapeError, DTypeError: an argument cannot be used; the text names it.

    A Python number takes the dtype of the arrays beside it, as in NumPy: ``x * 3`` has that of ``x``. A
    number that is a size, an axis or decides what Python does must be static.

    >>> import diagrad as dg, numpy as np
    >>> @dg.compile
    ... def f(x, w):
    ...     return dg.tanh(x @ w).sum()
    >>> f(np.ones((2, 3)), np.zeros((3, 4)))
    np.float64(0.0)
    """
    if function is None:
        return partial(compile, donate=donate, static=static, threads=threads, background=background)
    return Compiled(function, _names(donate), _names(static), threads, background)


def _names(names: Sequence[str] | str) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


class Compiled(Generic[P, R]):
    """A function that runs as machine code, one version for each signature it is called with."""

    def __init__(
        self,
        function: Callable[P, R],
        donate: tuple[str, ...],
        static: tuple[str, ...],
        threads: int | None = None,
        background: bool = False,
    ) -> None:
        self.function = function
        self._name: str = getattr(function, "__name__", type(function).__name__)
        self._parameters = Parameters(function, self._name, donate, static)
        self._threads, self._background = threads, background
        self._versions: dict[Any, Version] = {}
        self._locks: dict[int, threading.RLock] = {}
        self._quick: Callable[..., Any] = unknown
        update_wrapper(self, function, updated=())

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        result = self._quick(*args, **kwargs)
        return self._call(args, kwargs) if result is MISS else result

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        count = len(self._versions)
        return f"<compiled {self._name}: {count} version{'s' * (count != 1)}>"

    def graph(self, *args: P.args, **kwargs: P.kwargs) -> Graph:
        """The graph that runs for these arguments."""
        return self._version(self._parameters.take(args, kwargs)).graph

    def report(self, *args: P.args, **kwargs: P.kwargs) -> Report:
        """What runs for these arguments: kernels, what was fused into each, memory, work, and what is left to
        NumPy and why. Without arguments, of the version that was compiled last.

        Printed it is a table; :meth:`Report.profile` adds times, and :func:`diagrad.draw.draw` draws it.

        Raises:
            InputError: nothing has been compiled and there are no arguments; or this machine has no native
                engine.

        >>> import diagrad as dg, numpy as np
        >>> f = dg.compile(lambda X, W, b: dg.relu(X @ W + b))
        >>> report = f.report(np.ones((8, 5)), np.ones((5, 3)), np.ones(3))
        >>> [step.title for step in report.steps]
        ['MatMul + Add + Relu']
        """
        from .reporting import make_report

        inputs: list[Any] | None = None
        if args or kwargs or not self._parameters.signature.parameters:
            call = self._parameters.take(args, kwargs)
            version = self._version(call)
            inputs = version.fitting(call.arguments)
        elif self._versions:
            version = list(self._versions.values())[-1]
        else:
            raise InputError(
                f"{self._name}: nothing has been compiled yet",
                expected="the arguments of a call, or a call before",
                got="report() without arguments",
                fix=f"call {self._name}.report(…) with what you call it with",
            )
        exe = version.wait()
        if exe is None:
            raise InputError(
                f"{self._name}: there is no native program on this machine",
                expected="CPython with the GIL on a 64-bit machine",
                got="NumPy runs the graph",
                fix="look at graph(…) instead",
            )
        return make_report(self._name, version.graph, exe.program, inputs)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = self._parameters.take(args, kwargs)
        if any(isinstance(x.value, Array) for x in call.arguments):
            return self.function(*args, **kwargs)
        version = self._version(call)
        results = version.run(call.arguments)
        if version.quick is None and version.program() is not None:
            version.quick = quick_way(self._parameters, version, call)
        self._quick = version.quick or unknown
        return tree.shaped_as(version.result, results)

    def _version(self, call: Call) -> Version:
        key = self._parameters.key(call)
        version = self._versions.get(key)
        if version is None:
            # A child of a fork cannot wait for a thread that it does not have: it has a lock of its own.
            with self._locks.setdefault(os.getpid(), threading.RLock()):
                version = self._versions.get(key)
                if version is None:
                    version = self._versions[key] = self._make(call)
        return version

    def _make(self, call: Call) -> Version:
        """Trace, simplify and build."""
        from ..native.cores import default_threads
        from ..passes.simplify import simplify

        rest = iter(call.arguments)
        inputs: list[Array] = []

        def give(path: str, _x: Any) -> Array:
            argument = next(rest)
            x = leaf(argument.spec, "input", path)
            x._number = argument.number is not None
            inputs.append(x)
            return x

        with surround(Context()):
            args, kwargs = self._parameters.bind(call, give)
            result = self.function(*args, **kwargs)
        outputs = [to_array(y) for y in tree.leaves(result)]
        name = self._name if self._name.isidentifier() else "lambda"
        graph = simplify(collect(outputs, inputs, name).graph)
        numbers = map(np.intp, range(len(outputs)))
        shape = tree.map_paths(lambda _path, _x: next(numbers), result, "")
        donated = self._matched(call, graph)
        threads = default_threads() if self._threads is None else self._threads
        kinds = tuple(x.number for x in call.arguments)
        started = self._started(partial(_built, graph, donated, threads, kinds))
        return Version(graph, kinds, shape, donated, *started)

    def _started(self, build: Callable[[], Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
        """Build a program, or begin to; gives what gives it as far as it is, and what waits for it."""
        if not self._background:
            program = build()
            return (lambda: program), (lambda: program)
        from concurrent.futures import Future

        future: Future[Any] = Future()
        threading.Thread(target=_fulfil, args=(future, build), name=f"compile {self._name}").start()
        return (lambda: future.result() if future.done() else None), future.result

    def _matched(self, call: Call, graph: Graph) -> tuple[int | None, ...]:
        """For each output the donated array whose place it takes: the first of its shape and dtype."""
        free = [
            at for at, x in enumerate(call.arguments) if x.owner in self._parameters.donate and x.is_array
        ]
        donated: list[int | None] = []
        for y in graph.outputs:
            fit = next((at for at in free if call.arguments[at].spec == y.spec), None)
            if fit is not None:
                free.remove(fit)
            donated.append(fit)
        return tuple(donated)


def _built(
    graph: Graph, donated: tuple[int | None, ...], threads: int, numbers: tuple[type | None, ...]
) -> Any:
    """The native program; None where this machine or this build of Python has none."""
    from ..native.entry import Executable, supported
    from ..native.program import build

    if not supported():
        return None
    floats = {at for at, kind in enumerate(numbers) if kind is float}
    return Executable(build(graph, donated, threads), floats=floats)


def _fulfil(future: Future[Any], build: Callable[[], Any]) -> None:
    try:
        future.set_result(build())
    except BaseException as error:  # noqa: BLE001  (the next call raises it)
        future.set_exception(error)
