"""A function compiled for one signature, and how it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import StructureError
from ..ir import Graph, user_site
from ..ir.evaluate import evaluate

__all__ = ["Version"]


@dataclass(frozen=True)
class Version:
    """A function compiled for one signature.

    Attributes:
        graph: what it computes.
        paths: what each input is called.
        result: a result, with a number in place of each array.
        donated: for each output the input whose array it is.
        executable: the native program; None where this machine or build has none.
    """

    graph: Graph
    paths: tuple[str, ...]
    result: Any
    donated: tuple[int | None, ...]
    executable: Any

    def run(self, inputs: list[Any]) -> list[Any]:
        """The results for inputs of the right shapes and dtypes, which are NumPy's."""
        exe = self.executable
        if exe is None:
            return self._interpreted(inputs)
        given = [x if type(x) is np.ndarray else np.asarray(x) for x in inputs]
        outputs = [
            given[source] if source is not None else np.empty(spec.shape, spec.dtype)
            for spec, source in zip(exe.program.outputs, self.donated, strict=True)
        ]
        own = [y for y, source in zip(outputs, self.donated, strict=True) if source is None]
        workspace = exe.workspace()
        try:
            status = exe.run(*given, *own, workspace)
            if status < 0:
                given = self._fitting(given, -1 - status)
                status = exe.run(*given, *own, workspace)
        finally:
            exe.release(workspace)
        if status:
            self._explain(status, given)
        return [y if y.ndim else y[()] for y in outputs]

    def _fitting(self, given: list[Any], first: int) -> list[Any]:
        """Inputs as the program takes them, from arrays that lie otherwise in memory."""
        taken = {source for source in self.donated if source is not None}
        made: list[Any] = []
        for at, (x, spec) in enumerate(zip(given, self.executable.program.inputs, strict=True)):
            fits = x.flags.c_contiguous and x.flags.aligned and (at not in taken or x.flags.writeable)
            if at in taken and not fits:
                why = "read-only" if not x.flags.writeable else "not contiguous"
                raise StructureError(
                    f"{self.graph.name}: {self.paths[at]} is donated, but {why}",
                    where=str(user_site(0)),
                    expected="an array that can be overwritten where it lies: writeable, in C order",
                    got=f"strides {x.strides}, writeable {x.flags.writeable}",
                    fix=f"pass {self.paths[at]}.copy(), or do not donate it",
                )
            made.append(np.require(np.array(x, spec.dtype, copy=None, order="C"), None, ("C", "A")))
        assert first < len(made)
        return made

    def _interpreted(self, inputs: list[Any]) -> list[Any]:
        outputs = [np.array(y)[()] for y in evaluate(self.graph, [np.asarray(x)[()] for x in inputs])]
        for at, source in enumerate(self.donated):
            if source is not None:
                inputs[source][...] = outputs[at]
                outputs[at] = inputs[source]
        return outputs

    def _explain(self, status: int, inputs: list[Any]) -> None:
        """Raise what went wrong, as the NumPy engine says it."""
        error = self.executable.failure()
        if error is not None:
            raise error
        evaluate(self.graph, [np.asarray(x)[()] for x in inputs])
        raise RuntimeError(f"{self.graph.name}: the native program failed with status {status}")
