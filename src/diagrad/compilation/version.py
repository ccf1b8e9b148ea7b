"""A function compiled for one signature, and how it is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..array.align import as_data
from ..errors import StructureError
from ..ir import Graph, user_site
from ..ir.evaluate import evaluate
from .arguments import Argument

__all__ = ["Version"]


@dataclass
class Version:
    """A function compiled for one signature.

    Attributes:
        graph: what it computes.
        numbers: for each input the type of the Python number that it is; None of anything else.
        result: a result, with a number in place of each array.
        donated: for each output the input whose array it is.
        program: gives the native program; None while it is made, and where this machine has none.
        wait: gives it once it is made.
        quick: the quick way into it, once there is one.
    """

    graph: Graph
    numbers: tuple[type | None, ...]
    result: Any
    donated: tuple[int | None, ...]
    program: Callable[[], Any]
    wait: Callable[[], Any]
    quick: Callable[..., Any] | None = None

    def run(self, arguments: Sequence[Argument]) -> list[Any]:
        """The results for arguments of the version's own key."""
        inputs = self.fitting(arguments)
        exe = self.program()
        outputs = [
            inputs[source] if source is not None else np.empty(y.shape, y.dtype)
            for y, source in zip(self.graph.outputs, self.donated, strict=True)
        ]
        if exe is None:
            results = evaluate(self.graph, [np.asarray(x)[()] for x in inputs])
            for y, result in zip(outputs, map(np.array, results), strict=True):
                y[...] = result
        else:
            self._run(exe, inputs, outputs)
        return [
            arguments[source].value if source is not None else y if y.ndim else y[()]
            for y, source in zip(outputs, self.donated, strict=True)
        ]

    def _run(self, exe: Any, inputs: list[Any], outputs: list[Any]) -> None:
        own = [y for y, source in zip(outputs, self.donated, strict=True) if source is None]
        workspace = exe.workspace()
        try:
            status = exe.run(*inputs, *own, workspace)
        finally:
            exe.release(workspace)
        if status:
            error = exe.failure()
            if error is not None:
                raise error
            evaluate(self.graph, [np.asarray(x)[()] for x in inputs])
            raise RuntimeError(f"{self.graph.name}: the native program failed with status {status}")

    def fitting(self, arguments: Sequence[Argument]) -> list[Any]:
        """The data as the program takes it: plain arrays in C order, aligned, of NumPy's own dtypes, of which
        none shares memory with one that is written into. A Python ``float`` stays what it is.
        """
        taken = {source for source in self.donated if source is not None}
        fitting: list[Any] = []
        for at, x in enumerate(arguments):
            if at in taken:
                self._check_writable(x)
            if x.number is float:
                fitting.append(float(x.value))
                continue
            data = np.asarray(x.value if x.is_array else as_data(x.value, x.spec.dtype))
            data = np.require(data, x.spec.dtype, ("C", "A"))
            fitting.append(data if data.dtype is x.spec.dtype else data.view(x.spec.dtype))
        for source in taken:
            for at, x in enumerate(fitting):
                if at != source and isinstance(x, np.ndarray) and _overlap(x, fitting[source]):
                    if at in taken:
                        raise self._twice(arguments[source], arguments[at])
                    fitting[at] = x.copy()
        return fitting

    def _check_writable(self, x: Argument) -> None:
        flags = x.value.flags
        wrong = [
            text
            for is_wrong, text in (
                (not flags.writeable, "read-only"),
                (not flags.c_contiguous, "not contiguous"),
                (not flags.aligned, "not aligned"),
                (not x.value.dtype.isnative, "in another order of bytes"),
            )
            if is_wrong
        ]
        if wrong:
            raise StructureError(
                f"{self.graph.name}: {x.path} is donated, but {' and '.join(wrong)}",
                where=str(user_site(0)),
                expected="an array that can be overwritten where it lies: writeable, in C order",
                got=f"{x.spec}, strides {x.value.strides}, writeable {flags.writeable}",
                fix=f"pass {x.path}.copy(), or do not donate it",
            )

    def _twice(self, x: Argument, y: Argument) -> StructureError:
        return StructureError(
            f"{self.graph.name}: {x.path} and {y.path} are donated, but share memory",
            where=str(user_site(0)),
            expected="arrays that can be overwritten one without the other",
            got="one array, or views of one",
            fix=f"pass {y.path}.copy(), or do not donate it",
        )


def _overlap(x: Any, y: Any) -> bool:
    """Whether two contiguous arrays share memory."""
    start, other = x.ctypes.data, y.ctypes.data
    return start < other + y.nbytes and other < start + x.nbytes
