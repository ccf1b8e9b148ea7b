"""Reads a program and writes its report."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..ir import DType, Graph, Node, Op, Spec, Value
from ..ir.op import Glyph
from ..native.building import NUMPY_CALL
from ..native.control import Choice, Loop
from ..native.items import Call, Fold, Product, roots_of
from ..native.profile import limits, time_steps
from ..native.program import Program
from ..native.routine import Step
from .report import Report, StepReport, short, time_text

__all__ = ["Kernel", "make_report"]


@dataclass(frozen=True)
class Kernel(Op, register=False):
    """One step as a node: what it reads, and what it leaves in memory. Step −1 is the memory of a value that
    several make parts of.
    """

    step: int
    title: str
    results: tuple[Spec, ...]

    signature = "*xs -> *ys"
    glyph = Glyph("{title}")

    @property
    def outputs(self) -> int:
        return len(self.results)

    def forward(self, *xs: Any) -> Any:
        raise NotImplementedError("a kernel is looked at, not run")

    def shape(self, *shapes: Any) -> Any:
        return tuple(spec.shape for spec in self.results)

    def dtype(self, *dtypes: Any) -> Any:
        return tuple(spec.dtype for spec in self.results)


def make_report(name: str, graph: Graph, program: Program, inputs: Sequence[Any] | None) -> Report:
    """The report of a program; ``inputs`` are what it can be timed with."""
    steps: list[StepReport] = []
    for step in program.steps:
        if step.kernel is not None:
            kernel = step.kernel
            work = kernel.flops, kernel.nbytes, kernel.cost
            steps.append(StepReport("kernel", kernel.name, _ops(step), _sites(step), _over(step), *work))
        elif step.routines:
            kind = "choice" if isinstance(step.items[0], Choice) else "loop"
            steps.append(StepReport(kind, "", _ops(step), _sites(step), *_inside(step)))
        else:
            (call,) = step.items
            assert isinstance(call, Call)
            moved = sum(x.spec.nbytes for x in {*(x.root for x in call.reads), *call.outs})
            about = _ops(step), _sites(step), (), 0, moved, NUMPY_CALL
            steps.append(StepReport("NumPy", "", *about, why=call.why))

    kernels = _kernel_graph(program, steps, name)

    def profile(seconds: float) -> tuple[tuple[StepReport, ...], Graph, float]:
        times, found = time_steps(program, inputs or (), seconds), limits(program.threads)
        timed: list[StepReport] = []
        for about, step, took in zip(steps, program.steps, times.steps, strict=True):
            kernel = step.kernel
            least = found.least(kernel, _dtype(step), _product(step)) if kernel is not None else None
            timed.append(replace(about, time=took, least=least))
        return tuple(timed), _titled(kernels, timed), times.call

    taken = [source for source in program.donated if source is not None]
    outputs = zip(program.outputs, program.donated, strict=True)
    return Report(
        name,
        tuple(steps),
        graph,
        kernels,
        program.module.target.level,
        program.threads,
        arguments=sum(x.nbytes for x in program.inputs),
        donated=sum(program.inputs[at].nbytes for at in taken),
        results=sum(y.nbytes for y, source in outputs if source is None),
        constants=sum(x.itemsize if not any(x.strides) else x.nbytes for x in program.constants),
        workspace=program.workspace,
        scratch=program.workspace - max((at + x.spec.nbytes for x, at in program.rooms.items()), default=0),
        values=len(program.rooms),
        apart=sum(x.spec.nbytes for x in program.rooms),
        _profile=None if inputs is None else profile,
    )


def _ops(step: Step) -> tuple[str, ...]:
    """The ops of a step, those of its routines included."""
    inside = tuple(op for routine in step.routines for inner in routine.steps for op in _ops(inner))
    return tuple(item.op.name for item in step.items) + inside


def _sites(step: Step) -> tuple[str, ...]:
    found = (item.node.site for item in step.items)
    files = ((os.path.basename(site.code.co_filename), site.line) for site in found if site is not None)
    return tuple(dict.fromkeys(f"{file}:{line}" for file, line in files))


def _product(step: Step) -> bool:
    return isinstance(step.items[0], Product)


def _dtype(step: Step) -> DType:
    return step.items[0].out.dtype


def _over(step: Step) -> tuple[int, ...]:
    first = step.items[0]
    if _product(step):
        return (*first.out.shape, first.reads[0].view.shape[-1])
    shapes = [i.reads[0].view.shape if isinstance(i, Fold) else i.out.shape for i in step.items]
    return max(shapes, key=math.prod)


def _inside(step: Step) -> tuple[tuple[int, ...], int, int, float]:
    """How often the routines of a step run, and their operations, bytes and estimated nanoseconds."""
    item = step.items[0]
    times = (item.steps or 0) if isinstance(item, Loop) else 1
    flops = nbytes = 0
    for inner in (inner for routine in step.routines for inner in routine.steps):
        if inner.kernel is not None:
            flops, nbytes = flops + inner.kernel.flops, nbytes + inner.kernel.nbytes
        elif inner.routines:
            _, more, bytes_, _ = _inside(inner)
            flops, nbytes = flops + more, nbytes + bytes_
    cost = sum(routine.cost for routine in step.routines)
    return (times,) if times > 1 else (), flops * times, nbytes * times, cost * max(times, 1)


def _kernel_graph(program: Program, steps: Sequence[StepReport], name: str) -> Graph:
    """The steps as nodes; what they leave in memory as values. Where several write parts of one value, a node
    stands for its memory.
    """
    reads: list[dict[Value, None]] = []
    makes: list[dict[Value, None]] = []
    for step in program.steps:
        outs = (y for item in step.items for y in (item.outs if isinstance(item, Call) else (item.out,)))
        made = dict.fromkeys(outs)
        makes.append(made)
        reads.append({x: None for item in step.items for x in roots_of(item) if x not in made})
    wanted = {*program.roots, *program.parts, *(x for found in reads for x in found)}
    parts: dict[Value, list[Value]] = {}
    for part, whole in program.parts.items():
        parts.setdefault(whole, []).append(part)
    known: dict[Value, Value] = {x: x for x in program.graph.inputs}
    nodes: list[Node] = []

    def add(step: int, ins: Iterable[Value], outs: Sequence[Value]) -> None:
        known.update((y, Value(y.shape, y.dtype, y.name, site=y.site)) for y in outs)
        op = Kernel(step, "", tuple(y.spec for y in outs))
        nodes.append(Node(op, [known[x] for x in ins if x in known], [known[y] for y in outs]))

    for at, (found, made) in enumerate(zip(reads, makes, strict=True)):
        add(at, found, [y for y in made if y in wanted])
        for whole in {program.parts[y]: None for y in made if y in program.parts}:
            if all(part in known for part in parts[whole]):
                add(-1, parts[whole], [whole])
    outputs = [known[y] for y in program.roots if y in known]
    return _titled(Graph(program.graph.inputs, nodes, outputs, name), steps)


def _titled(graph: Graph, steps: Sequence[StepReport]) -> Graph:
    """The graph of kernels with their numbers, what is fused in them, and their times."""
    nodes: list[Node] = []
    for node in graph.nodes:
        op = node.op
        assert isinstance(op, Kernel)
        title = "together"
        if op.step >= 0:
            step = steps[op.step]
            title = f"{op.step}: {short(step.title, 40)}"
            if step.time is not None:
                title += f" · {time_text(step.time)}"
        nodes.append(Node(replace(op, title=title), node.inputs, node.outputs, node.scope, node.site))
    return Graph(graph.inputs, nodes, graph.outputs, graph.name)
