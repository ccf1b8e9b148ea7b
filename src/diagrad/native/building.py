"""Writes the routines of a program: what is fused, in which order it runs, where all lies, and the calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ir import Graph, Value
from .builder import Builder
from .clock import Clock
from .control import Choice, Loop
from .fused import Fused
from .groups import Group, group, needs
from .items import Call, Item, Lowered, indirect_roots, roots_of
from .kernel import Kernel
from .loops import CallWriter
from .lower import lower
from .module import Module
from .products import write_product_kernel
from .recompute import recompute
from .registers import BOOL, INT64
from .routine import NumPyCall, Routine, Step, Where
from .running import write_running_kernel
from .schedule import Placement, place, reaches, schedule, settle_donations
from .steps import KernelCalls, Place
from .target import Target
from .views import View, aligned, whole
from .writer import write_kernel

__all__ = ["NUMPY_CALL", "Building", "Shared"]

NUMPY_CALL = 1e4
"""Nanoseconds that a NumPy call is taken to need."""


class Shared:
    """What the routines of one program have in common."""

    def __init__(self, threads: int, target: Target, timed: bool) -> None:
        self.threads, self.timed = threads, timed
        self.module = Module(target)
        self.kernels: dict[Any, Kernel] = {}
        self.calls: list[NumPyCall] = []
        self._routines: dict[Any, Routine] = {}
        self._count = 0

    def routine(self, graph: Graph, over: tuple[int | None, ...]) -> Routine:
        """A graph as a routine, written when first asked for."""
        key = graph, over
        if key not in self._routines:
            self._count += 1
            self._routines[key] = Building(graph, over, self, f"r{self._count}").routine()
        return self._routines[key]


class Building:
    """Writes one routine.

    Args:
        graph: what it computes.
        donated: for each output the number of the input that it takes the place of, or None.
        shared: what it shares with others.
        name: of the function; ``main`` gives donated outputs no pointers of their own.
    """

    def __init__(
        self, graph: Graph, donated: tuple[int | None, ...], shared: Shared, name: str = "main"
    ) -> None:
        self.graph, self.donated, self.shared, self.name = graph, donated, shared, name
        self.lowered: Lowered = lower(graph)
        self.module = shared.module
        held = [i for i in self.lowered.items if isinstance(i, Loop | Choice)]
        self.routines = {i: [shared.routine(*own) for own in i.held] for i in held}
        self.constants = list(self.lowered.constants.values())
        self.further: dict[Routine, int] = {}
        """Where the constants of each routine begin among its own."""
        for routine in (r for own in self.routines.values() for r in own):
            if routine not in self.further:
                self.further[routine] = len(self.constants)
                self.constants += routine.constants
        self.groups, self.of = group(self.lowered)
        self.groups = recompute(self.lowered, self.groups, self.of)
        self.needs = needs(self.lowered, self.groups, self.of)
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
        checking |= {self.of[i] for i, own in self.routines.items() if any(r.fails for r in own)}
        for at, is_direct in direct.items():
            item = makers.get(self.lowered.outputs[at])
            if is_direct and item is not None:
                writer = self.of[item]
                self.needs[writer] |= {g for g in checking - {writer} if not reaches(g, writer, self.needs)}

    def routine(self) -> Routine:
        lowered, placement = self.lowered, self.placement
        direct = settle_donations(lowered, self.donated, self.of, self.needs, self.readers)
        self._check_first(direct)
        late: list[tuple[Value, int]] = []
        for at, y in enumerate(lowered.outputs):
            source = self.donated[at] if self.name == "main" else None
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
        over = tuple(direct.get(at, False) for at in range(len(lowered.outputs)))
        return self._write(order, fused, late, over)

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
            return inputs + outputs + len(self.constants), placement.workspace[root]
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
        return write_kernel(f, self.module, name, self.shared.threads)

    def _write(
        self,
        order: list[Group],
        fused: dict[Group, Fused],
        late: list[tuple[Value, int]],
        over: tuple[bool, ...],
    ) -> Routine:
        graph, kernels, calls = self.graph, self.shared.kernels, self.shared.calls
        known = len(calls)
        b = Builder(self.module, f"define i64 @{self.name}(ptr %buffers)")
        most = max((len(f.arguments.pointers) for f in fused.values()), default=1)
        first = len(graph.inputs) + len(graph.outputs)
        count = first + len(self.constants) + 2
        pointers = [
            b.emit(f"load ptr, ptr {b.pointer('%buffers', b.index(at), INT64)}", INT64, 0).text
            for at in range(count)
        ]
        clock = Clock(b) if self.shared.timed and self.name == "main" else None
        kernel_calls = KernelCalls(b, self.name, pointers, most, self.shared.threads, clock)

        def address(root: Value, offset: int) -> str:
            pointer, start = self._pointer(root)
            return kernel_calls.address(pointer, start + offset)

        def constants(routine: Routine) -> Sequence[str]:
            start = first + self.further[routine]
            return pointers[start : start + len(routine.constants)]

        control = CallWriter(b, address, constants, pointers[-1])
        steps: list[Step] = []
        scratch = 0
        cost = 0.0
        for g in order:
            if g.call:
                kernel_calls.flush()
                (call,) = g.items
                assert isinstance(call, Call)
                if isinstance(call, Loop | Choice):
                    scratch = max(scratch, control.write(call, self.routines[call]))
                    steps.append(Step((call,), None, tuple(self.routines[call])))
                    kernel_calls.other()
                    continue
                done = b.emit(f"call i64 {pointers[-1]}(i64 {len(calls)}, ptr %buffers)", INT64, 0)
                b.leave_if(done != 0, b.index(1))
                calls.append(
                    NumPyCall(
                        call.op,
                        tuple(self._where_read(x) for x in call.reads),
                        tuple(self._where(out, whole(out.shape)) for out in call.outs),
                        call.why,
                    )
                )
                steps.append(Step((call,), None))
                kernel_calls.other()
                cost += NUMPY_CALL
                continue
            f = fused[g]
            key = f.key
            if key not in kernels:
                name = f"k{len(kernels)}"
                kernels[key] = self._kernel(f, name)
            kernel = kernels[key]
            kernel_calls.add(kernel, [self._place(*pointer) for pointer in f.arguments.pointers])
            for found in self.lowered.checks:
                if found in g.made:
                    kernel_calls.flush()
                    b.leave_if(b.load(address(found, 0), BOOL, 0), b.index(2))
            steps.append(Step(tuple(g.items), kernel))
            cost += kernel.cost
        kernel_calls.flush()
        scratch = max(scratch, kernel_calls.scratch)
        size = self.placement.size
        b.entry.append(f"  %workspace.place = getelementptr i64, ptr %buffers, i64 {count - 2}")
        b.entry.append("  %workspace = load ptr, ptr %workspace.place")
        b.entry.append(f"  %scratch = getelementptr i8, ptr %workspace, i64 {size}")
        for y, source in late:
            b.copy(address(y, 0), pointers[source], y.spec.nbytes)
        if clock:
            clock.finish(len(steps))
        b.finish(b.index(0))
        fails = bool(self.lowered.checks) or len(calls) > known
        return Routine(
            self.name,
            graph,
            tuple(self.constants),
            size + aligned(scratch),
            tuple(steps),
            cost + control.cost,
            over,
            fails or any(r.fails for r in self.further),
        )

    def _place(self, root: Value, offset: int) -> Place:
        """Where an argument of a kernel lies, ``offset`` elements behind the beginning of its root."""
        pointer, start = self._pointer(root)
        return pointer, start + offset * root.dtype.itemsize

    def _where_read(self, access: Any) -> Where:
        return self._where(access.root, access.view)
