"""A graph as one function of machine code, and what it needs to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir import Graph, Spec, Value
from .builder import Builder
from .fused import Fused
from .groups import Group, group
from .items import Call, Item, Lowered, indirect_roots, roots_of
from .kernel import Kernel
from .kernel import parts as shared_out
from .lower import lower
from .module import Module
from .products import write_product_kernel
from .registers import BOOL, INT64
from .running import write_running_kernel
from .schedule import Placement, place, reaches, schedule, settle_donations
from .target import Target, host
from .team import SIGNATURE
from .views import View, elements, whole
from .writer import write_kernel

__all__ = ["NumPyCall", "Program", "Step", "build"]


@dataclass(frozen=True)
class Where:
    """Where an array of a program lies: behind which of its pointers, how many bytes further, and how.

    Attributes:
        pointer: the number of the pointer.
        offset: bytes.
        shape, strides: strides in bytes.
        dtype: of the elements.
    """

    pointer: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class NumPyCall:
    """A node that NumPy runs within a program.

    Attributes:
        op: what it does.
        inputs, outputs: where its arrays lie.
        why: the reason.
    """

    op: Any
    inputs: tuple[Where, ...]
    outputs: tuple[Where, ...]
    why: str


@dataclass(frozen=True)
class Step:
    """One kernel of a program, or one NumPy call.

    Attributes:
        items: what it computes.
        kernel: the function, which other steps may share; None for a call.
    """

    items: tuple[Item, ...]
    kernel: Kernel | None


@dataclass(frozen=True)
class Program:
    """A graph as one function, ``i64 @main(ptr %buffers)``: 0 if all went well.

    ``buffers`` are pointers: to the data of the inputs, of the outputs (a donated output has its input's), of
    the constants, to the workspace, and to a function ``i64 (i64 number, ptr buffers)`` that runs a NumPy
    call and gives 0 if it went well.
    """

    graph: Graph
    module: Module
    inputs: tuple[Spec, ...]
    outputs: tuple[Spec, ...]
    donated: tuple[int | None, ...]
    constants: tuple[np.ndarray[Any, Any], ...]
    workspace: int
    calls: tuple[NumPyCall, ...]
    steps: tuple[Step, ...]
    cost: float


def build(
    graph: Graph, donated: Sequence[int | None] = (), threads: int = 1, target: Target | None = None
) -> Program:
    """A graph as a program.

    Args:
        graph: it should be simplified.
        donated: for each output the number of the input whose memory it takes, or None.
        threads: into how many parts kernels are split.
        target: the machine; by default this one.
    """
    return _Building(
        graph, tuple(donated) or (None,) * len(graph.outputs), threads, target or host()
    ).program()


class _Building:
    def __init__(self, graph: Graph, donated: tuple[int | None, ...], threads: int, target: Target) -> None:
        self.graph, self.donated, self.threads = graph, donated, threads
        self.lowered: Lowered = lower(graph)
        self.module = Module(target)
        self.groups, self.of, self.needs = group(self.lowered)
        self.placement = Placement()
        self.readers: dict[Value, set[Group]] = {}
        for item in self.lowered.items:
            for root in roots_of(item):
                self.readers.setdefault(root, set()).add(self.of[item])
        self._order_checks()

    def _order_checks(self) -> None:
        """Have what reads through integers run after the integers are known to be inside."""
        for found, node in self.lowered.checks.items():
            checking = next(self.of[i] for i in self.lowered.items if i.out is found)
            for item in self.lowered.items:
                if item.node is node and indirect_roots(item) and self.of[item] is not checking:
                    self.needs[self.of[item]].add(checking)

    def _check_first(self, direct: Mapping[int, bool]) -> None:
        """Have donated inputs overwritten only when all indices are known to be inside, where that can be."""
        makers = {item.out: item for item in self.lowered.items}
        checking = {self.of[makers[found]] for found in self.lowered.checks}
        for at, is_direct in direct.items():
            item = makers.get(self.lowered.outputs[at])
            if is_direct and item is not None:
                writer = self.of[item]
                self.needs[writer] |= {g for g in checking - {writer} if not reaches(g, writer, self.needs)}

    def program(self) -> Program:
        lowered, placement = self.lowered, self.placement
        direct = settle_donations(lowered, self.donated, self.of, self.needs, self.readers)
        self._check_first(direct)
        late: list[tuple[Value, int]] = []
        for at, y in enumerate(lowered.outputs):
            source = self.donated[at]
            if source is None:
                placement.outputs[y] = at
            elif direct[at]:
                placement.inputs[y] = source
            else:
                late.append((y, source))
        order = schedule(self.groups, self.needs)
        fused = {g: self._fused(g) for g in order if not g.call}
        roots = {g: self._roots(g, fused.get(g)) for g in order}
        for y, _ in late:
            roots[order[-1]].append(y)
        place(order, lowered, roots, placement)
        return self._write(order, fused, late)

    def _stored(self, g: Group) -> dict[Item, tuple[Value, View]]:
        """The items of a group whose values are needed in memory, and where."""
        outputs = {*self.lowered.outputs, *self.lowered.checks}
        stored: dict[Item, tuple[Value, View]] = {}
        for item in g.items:
            part = self.lowered.parts.get(item.out)
            if part is not None:
                stored[item] = part.whole, part.view
            elif item.out in outputs or self.readers.get(item.out, set()) - {g}:
                stored[item] = item.out, whole(item.out.shape)
        return stored

    def _fused(self, g: Group) -> Fused:
        return Fused(g, self.lowered, self._stored(g))

    def _roots(self, g: Group, fused: Fused | None) -> list[Value]:
        if fused is not None:
            return [root for root, _ in fused.arguments.pointers]
        (call,) = g.items
        assert isinstance(call, Call)
        return [*(access.root for access in call.reads), *call.outs]

    def _pointer(self, root: Value) -> tuple[int, int]:
        """The number of the pointer behind which a root lies, and how many bytes further."""
        graph, placement = self.graph, self.placement
        inputs, outputs = len(graph.inputs), len(graph.outputs)
        if root in placement.workspace:
            return inputs + outputs + len(self.lowered.constants), placement.workspace[root]
        if root in placement.inputs:
            return placement.inputs[root], 0
        if root in placement.outputs:
            return inputs + placement.outputs[root], 0
        if root in self.lowered.constants:
            return inputs + outputs + list(self.lowered.constants).index(root), 0
        return graph.inputs.index(root), 0

    def _where(self, root: Value, view: View) -> Where:
        pointer, offset = self._pointer(root)
        size = root.dtype.itemsize
        return Where(
            pointer,
            offset + view.offset * size,
            view.shape,
            tuple(s * size for s in view.strides),
            root.dtype,
        )

    def _kernel(self, f: Fused, name: str) -> Kernel:
        if f.group.product is not None:
            return write_product_kernel(f, self.module, name)
        if f.group.alone:
            return write_running_kernel(f, self.module, name)
        return write_kernel(f, self.module, name, self.threads)

    def _write(self, order: list[Group], fused: dict[Group, Fused], late: list[tuple[Value, int]]) -> Program:
        graph = self.graph
        kernels: dict[Any, Kernel] = {}
        b = Builder(self.module, "define i64 @main(ptr %buffers)")
        most = max((len(f.arguments.pointers) for f in fused.values()), default=1)
        frame = b.allocate(most, INT64)
        count = len(graph.inputs) + len(graph.outputs) + len(self.lowered.constants) + 2
        pointers = [
            b.emit(f"load ptr, ptr {b.pointer('%buffers', b.index(at), INT64)}", INT64, 0).text
            for at in range(count)
        ]
        steps: list[Step] = []
        calls: list[NumPyCall] = []
        scratch = 0
        calls_made: list[tuple[Kernel, Fused]] = []
        for g in order:
            if g.call:
                (call,) = g.items
                assert isinstance(call, Call)
                done = b.emit(f"call i64 {pointers[-1]}(i64 {len(calls)}, ptr %buffers)", INT64, 0)
                with b.when(done != 0):
                    b.do("ret i64 1")
                    b.label(b.name()[1:])
                calls.append(
                    NumPyCall(
                        call.op,
                        tuple(self._where_read(x) for x in call.reads),
                        tuple(self._where(out, whole(out.shape)) for out in call.outs),
                        call.why,
                    )
                )
                steps.append(Step((call,), None))
                continue
            f = fused[g]
            key = f.key
            if key not in kernels:
                name = f"k{len(kernels)}"
                kernels[key] = self._kernel(f, name)
            kernel = kernels[key]
            for at, (root, offset) in enumerate(f.arguments.pointers):
                pointer, start = self._pointer(root)
                start += offset * root.dtype.itemsize
                address = (
                    b.emit(f"getelementptr i8, ptr {pointers[pointer]}, i64 {start}", INT64, 0).text
                    if start
                    else pointers[pointer]
                )
                b.do(f"store ptr {address}, ptr {b.pointer(frame, b.index(at), INT64)}")
            scratch = max(scratch, self._call(b, kernel, frame))
            for found in self.lowered.checks:
                if found in g.made:
                    pointer, start = self._pointer(found)
                    address = b.emit(f"getelementptr i8, ptr {pointers[pointer]}, i64 {start}", INT64, 0).text
                    with b.when(b.load(address, BOOL, 0)):
                        b.do("ret i64 2")
                        b.label(b.name()[1:])
            calls_made.append((kernel, f))
            steps.append(Step(tuple(g.items), kernel))
        size = self.placement.size
        b.entry.append(f"  %workspace.place = getelementptr i64, ptr %buffers, i64 {count - 2}")
        b.entry.append("  %workspace = load ptr, ptr %workspace.place")
        b.entry.append(f"  %scratch = getelementptr i8, ptr %workspace, i64 {size}")
        self.module.declare("void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        for y, source in late:
            pointer, start = self._pointer(y)
            nbytes = elements(y.shape) * y.dtype.itemsize
            address = b.emit(f"getelementptr i8, ptr {pointers[pointer]}, i64 {start}", INT64, 0).text
            b.do(
                f"call void @llvm.memcpy.p0.p0.i64(ptr {pointers[source]}, ptr {address}, "
                f"i64 {nbytes}, i1 false)"
            )
        b.finish(b.index(0))
        return Program(
            graph,
            self.module,
            tuple(x.spec for x in graph.inputs),
            tuple(y.spec for y in graph.outputs),
            self.donated,
            tuple(self.lowered.constants.values()),
            size + scratch,
            tuple(calls),
            tuple(steps),
            sum(kernel.cost for kernel, _ in calls_made) + 1e4 * len(calls),
        )

    def _call(self, b: Builder, kernel: Kernel, frame: str) -> int:
        """Run a kernel, shared out to threads where it is long; gives the scratch memory that takes."""
        room = -(-kernel.scratch // 64) * 64
        parts = 1 if kernel.serial else shared_out(self.threads, kernel.units, kernel.cost)
        if parts < 2:
            b.do(f"call void @{kernel.name}(ptr {frame}, i64 0, i64 {kernel.units}, i64 0, ptr %scratch)")
            return room
        self.module.declare(SIGNATURE)
        b.do(
            f"call void @dg_parallel(ptr @{kernel.name}, ptr {frame}, i64 {kernel.units}, "
            f"ptr %scratch, i64 {room}, i64 {self.threads})"
        )
        if kernel.ending:
            b.do(f"call void @{kernel.ending}(ptr {frame}, i64 {parts}, ptr %scratch, i64 {room})")
        return room * parts

    def _where_read(self, access: Any) -> Where:
        return self._where(access.root, access.view)
