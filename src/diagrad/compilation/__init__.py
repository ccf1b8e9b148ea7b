"""Compile a function to machine code: trace, simplify, plan, emit, run."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numpy as np

from ..array import tree
from ..array.align import as_data, to_array
from ..array.array import Array, leaf
from ..array.context import Context, surround
from ..array.trace import collect
from ..errors import DTypeError, StructureError
from ..ir import Graph, Spec, user_site
from .quick import MISS, quick_way, unknown
from .version import Version

__all__ = ["Compiled", "compile"]

P = ParamSpec("P")
R = TypeVar("R")


def compile(  # noqa: A001  (its name, in the field)
    function: Callable[P, R] | None = None,
    *,
    donate: Sequence[str] | str = (),
    static: Sequence[str] | str = (),
    threads: int | None = None,
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

    Returns:
        A :class:`Compiled`. Called with NumPy arrays and numbers it gives NumPy arrays, each the caller's
        own; called with :class:`diagrad.Array` or within another trace it is as ``function`` itself.

    Raises:
        TraceError: ``function`` asks an array for its numbers, as ``if x > 0`` does; the text names the line.
        StructureError, ShapeError, DTypeError: an argument cannot be used; the text names it.

    A Python ``float`` has the precision of the arrays beside it; ``int`` and ``bool`` are arrays of their own
    dtype.

    >>> import diagrad as dg, numpy as np
    >>> @dg.compile
    ... def f(x, w):
    ...     return dg.tanh(x @ w).sum()
    >>> f(np.ones((2, 3)), np.zeros((3, 4)))
    np.float64(0.0)
    """
    if function is None:
        return partial(compile, donate=donate, static=static, threads=threads)
    return Compiled(function, _names(donate), _names(static), threads)


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
    ) -> None:
        self.function = function
        self._threads = threads
        self._donate, self._static = donate, static
        self._signature = inspect.signature(function)
        self._versions: dict[Any, Version] = {}
        self._lock = threading.RLock()
        self._quick: Callable[..., Any] = unknown
        update_wrapper(self, function, updated=())
        for name in (*donate, *static):
            if name not in self._signature.parameters:
                raise StructureError(
                    f"{self._name} has no parameter {name!r}",
                    where=str(user_site(1)),
                    expected=f"one of {', '.join(self._signature.parameters)}",
                    got=repr(name),
                )

    @property
    def _name(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if not kwargs:
            result = self._quick(*args)
            if result is not MISS:
                return result
        return self._call(args, kwargs)

    def __repr__(self) -> str:
        count = len(self._versions)
        return f"<compiled {self._name}: {count} version{'s' * (count != 1)}>"

    def graph(self, *args: P.args, **kwargs: P.kwargs) -> Graph:
        """The graph that runs for these arguments."""
        return self._version(*self._taken_apart(args, kwargs)).graph

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bound = self._taken_apart(args, kwargs)
        if any(isinstance(x, Array) for x in bound[1]):
            return self.function(*args, **kwargs)
        version = self._version(*bound)
        inputs: list[Any] = [
            as_data(x, spec.dtype) if not isinstance(x, np.ndarray) else x
            for x, spec in zip(bound[1], bound[3], strict=True)
        ]
        results = version.run(inputs)
        if not kwargs and not self._static and len(args) == len(bound[0].arguments):
            self._quick = quick_way(version, args)
        return tree.shaped_as(version.result, results)

    def _taken_apart(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[inspect.BoundArguments, list[Any], list[str], list[Spec], list[str]]:
        """The arguments, their leaves, what those are called, their specs, and the parameter of each."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        found: list[Any] = []
        paths: list[str] = []
        owners: list[str] = []
        for name, arg in bound.arguments.items():
            if name not in self._static:

                def note(path: str, x: Any, name: str = name) -> None:
                    found.append(x)
                    paths.append(path)
                    owners.append(name)

                tree.map_paths(note, arg, name)
        return bound, found, paths, self._specs(found, paths), owners

    def _specs(self, found: list[Any], paths: list[str]) -> list[Spec]:
        specs: list[Spec] = []
        for x, path in zip(found, paths, strict=True):
            try:
                specs.append(x.spec if isinstance(x, Array) else _spec(x))
            except DTypeError as error:
                raise DTypeError(
                    f"{self._name}: {path} is no array and no number",
                    where=str(user_site(0)),
                    expected="numbers, arrays, or lists, tuples and dicts of them",
                    got=f"{type(x).__name__}: {x!r}"[:100],
                    fix=f'static="{path}", if it says how to compute',
                ) from error
        floats = [
            spec.dtype
            for x, spec in zip(found, specs, strict=True)
            if type(x) is not float and spec.dtype.kind == "f"
        ]
        weak = np.result_type(*floats) if floats else np.dtype(np.float64)
        return [Spec((), weak) if type(x) is float else spec for x, spec in zip(found, specs, strict=True)]

    def _version(
        self,
        bound: inspect.BoundArguments,
        found: list[Any],
        paths: list[str],
        specs: list[Spec],
        owners: list[str],
    ) -> Version:
        fixed = tuple(bound.arguments[name] for name in self._static)
        key = (
            tuple(_structure(x) for name, x in bound.arguments.items() if name not in self._static),
            tuple(specs),
            fixed,
        )
        try:
            version = self._versions.get(key)
        except TypeError:
            raise StructureError(
                f"{self._name}: a static argument is not hashable",
                where=str(user_site(0)),
                got=", ".join(f"{name}={bound.arguments[name]!r}"[:60] for name in self._static),
                fix="pass a number, text, a tuple or a frozen dataclass",
            ) from None
        if version is None:
            with self._lock:
                version = self._versions.get(key)
                if version is None:
                    version = self._make(bound, paths, specs, owners)
                    self._versions[key] = version
        return version

    def _make(
        self, bound: inspect.BoundArguments, paths: list[str], specs: list[Spec], owners: list[str]
    ) -> Version:
        """Trace, simplify and build."""
        from ..native.cores import default_threads
        from ..native.entry import Executable, supported
        from ..native.program import build
        from ..passes.simplify import simplify

        rest = iter(specs)
        inputs: list[Array] = []

        def give(path: str, x: Any) -> Array:
            inputs.append(leaf(next(rest), "input", path))
            return inputs[-1]

        given = dict(bound.arguments)
        for name, arg in given.items():
            if name not in self._static:
                given[name] = tree.map_paths(give, arg, name)
        traced = inspect.BoundArguments(self._signature, cast("Any", given))
        with surround(Context()):
            result = self.function(*traced.args, **traced.kwargs)
        outputs = [to_array(y) for y in tree.leaves(result)]
        name = self._name if self._name.isidentifier() else "lambda"
        graph = simplify(collect(outputs, inputs, name).graph)
        numbers = map(np.intp, range(len(outputs)))
        shape = tree.map_paths(lambda _path, _x: next(numbers), result, "")
        donated = self._matched(
            [at for at, owner in enumerate(owners) if owner in self._donate], specs, graph
        )
        threads = default_threads() if self._threads is None else self._threads
        executable = Executable(build(graph, donated, threads)) if supported() else None
        return Version(graph, tuple(paths), shape, donated, executable)

    def _matched(self, given: Iterable[int], specs: list[Spec], graph: Graph) -> tuple[int | None, ...]:
        """For each output the donated input whose place it takes: the first of its shape and dtype."""
        free = list(given)
        donated: list[int | None] = []
        for y in graph.outputs:
            fit = next((at for at in free if specs[at] == y.spec), None)
            if fit is not None:
                free.remove(fit)
            donated.append(fit)
        return tuple(donated)


def _spec(x: Any) -> Spec:
    data: Any = x
    if not isinstance(x, np.ndarray | np.generic):
        data = as_data(x)
    return Spec(data.shape, data.dtype)


def _structure(x: Any) -> Any:
    """What two arguments share that have the same structure."""
    found = tree.level(x)
    if found is None:
        return None
    return type(x), tuple(found.labels), tuple(map(_structure, found.children))
