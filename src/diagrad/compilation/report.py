"""What a compiled function does: its kernels, what was fused into each, memory, work and time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from ..errors import InputError
from ..ir import Graph

__all__ = ["Report", "StepReport"]


@dataclass(frozen=True)
class StepReport:
    """One step of a program: a kernel, a call of NumPy, a loop or a choice.

    Attributes:
        kind: what it is.
        name: the function of machine code, which steps that are alike share; empty where there is none.
        ops: the ops that are fused in it, in the order in which it computes them.
        sites: the lines of the user's that they come from, ``file:line``.
        over: the shape of what it goes over; of a product m, n and k.
        flops: floating-point operations, a multiply-add being two; an elementwise op counts as the
            instructions that it takes.
        nbytes: bytes that it reads and writes, each once.
        estimate: nanoseconds that it takes, as the engine estimated.
        time: nanoseconds that it took; None before :meth:`Report.profile`.
        least: nanoseconds that it takes at least on this machine; None before :meth:`Report.profile`.
        why: why NumPy runs it.
    """

    kind: Literal["kernel", "NumPy", "loop", "choice"]
    name: str
    ops: tuple[str, ...]
    sites: tuple[str, ...]
    over: tuple[int, ...]
    flops: int
    nbytes: int
    estimate: float
    time: float | None = None
    least: float | None = None
    why: str = ""

    @property
    def title(self) -> str:
        """The ops, shortened: ``MatMul + Add + 3 Multiply``."""
        parts: list[str] = []
        count = 0
        for at, op in enumerate(self.ops):
            count += 1
            if self.ops[at + 1 : at + 2] != (op,):
                parts.append(op if count == 1 else f"{count} {op}")
                count = 0
        return " + ".join(parts)

    @property
    def roofline(self) -> float | None:
        """The share of what the machine could do: 1 if nothing could be faster."""
        return self.least / self.time if self.least is not None and self.time else None


@dataclass(frozen=True)
class Report:
    """What :meth:`Compiled.report` gives; printed, it is a table.

    Attributes:
        name: of the function.
        steps: what the program does, in order.
        graph: the simplified graph that it computes.
        kernels: the graph whose nodes are the steps; :func:`diagrad.draw.draw` of the report draws it.
        vectors: the vectors it is made for: ``avx512``, ``avx2``, ``sse``, ``neon`` or ``scalar``.
        threads: into how many parts long kernels are split.
        arguments, donated, results, constants: bytes; what is donated is not among the results.
        workspace: bytes of memory for everything in between.
        scratch: bytes of those that kernels use while they run.
        values, apart: how many values share the rest, and the bytes that they would take apart.
        call: nanoseconds of a whole call; None before :meth:`profile`.

    >>> import diagrad as dg, numpy as np
    >>> report = dg.compile(lambda x: dg.sum(dg.exp(x) * x)).report(np.ones((100, 50)))
    >>> [(step.title, step.over, step.nbytes) for step in report.steps]
    [('Exp + Multiply + Sum', (100, 50), 40008)]
    """

    name: str
    steps: tuple[StepReport, ...]
    graph: Graph = field(repr=False)
    kernels: Graph = field(repr=False)
    vectors: str
    threads: int
    arguments: int
    donated: int
    results: int
    constants: int
    workspace: int
    scratch: int
    values: int
    apart: int
    call: float | None = None
    _profile: Callable[[float], tuple[tuple[StepReport, ...], Graph, float]] | None = field(
        default=None, repr=False, compare=False
    )

    @property
    def peak(self) -> int:
        """The most bytes that there are at once during a call: arguments, results and all in between."""
        return self.arguments + self.results + self.constants + self.workspace

    @property
    def flops(self) -> int:
        """Floating-point operations of a call."""
        return sum(step.flops for step in self.steps)

    @property
    def nbytes(self) -> int:
        """Bytes that all steps read and write."""
        return sum(step.nbytes for step in self.steps)

    def profile(self, seconds: float = 0.3) -> Report:
        """The report with times: of each step, by readings of the processor's counter between them.

        The program runs again and again on copies of the arguments. What the machine can do at most is
        measured once.

        Args:
            seconds: how long to run, about.

        Raises:
            InputError: the report was made without arguments.
        """
        if self._profile is None:
            raise InputError(
                f"{self.name}: nothing to run",
                expected="a report of a call",
                got="report() without arguments",
                fix="give those of a call: report(…).profile()",
            )
        steps, kernels, call = self._profile(seconds)
        return replace(self, steps=steps, kernels=kernels, call=call)

    def __str__(self) -> str:
        return "\n".join([*self._head(), "", *self._table(), "", *self._memory(), *self._left()])

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"

    def _head(self) -> list[str]:
        kernels = [step.name for step in self.steps if step.kind == "kernel"]
        functions = len(set(kernels))
        count = f"{len(kernels)} kernel{'s' * (len(kernels) != 1)}"
        if functions != len(kernels):
            count += f" by {functions} functions"
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        took = f", {time_text(self.call)} a call" if self.call is not None else ""
        work = f"{_count(self.flops)}FLOP, {_count(self.nbytes)}B read and written{took}"
        return [f"{self.name}: {len(self.graph)} nodes as {count}; {self.vectors}, {threads}", work]

    def _table(self) -> list[str]:
        timed = self.call is not None
        head = ["", "step", "over", "FLOP", "bytes", "time" if timed else "estimate"]
        rows = [head + (["of all", "roofline", "from"] if timed else ["from"])]
        everything = sum(step.time or 0.0 for step in self.steps) or 1.0
        for at, step in enumerate(self.steps):
            row = [
                str(at),
                short(step.title if step.kind == "kernel" else f"{step.kind}: {step.title}", 46),
                "·".join(map(str, step.over)),
                _count(step.flops),
                _count(step.nbytes),
            ]
            if timed:
                share = "" if step.roofline is None else f"{min(step.roofline, 1.0):.0%}"
                row += [time_text(step.time or 0.0), f"{(step.time or 0.0) / everything:.0%}", share]
            else:
                row.append(time_text(step.estimate))
            rows.append([*row, _lines(step.sites)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        left = 1, len(widths) - 1
        return [
            "  ".join(
                text.ljust(width) if at in left else text.rjust(width)
                for at, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]

    def _memory(self) -> list[str]:
        donated = f", {_count(self.donated)}B of them donated" if self.donated else ""
        inside: list[str] = []
        if self.values:
            held = _count(self.workspace - self.scratch)
            inside.append(f"{self.values} values of {_count(self.apart)}B in {held}B")
        if self.scratch:
            inside.append(f"{_count(self.scratch)}B within kernels")
        shared = f" ({', '.join(inside)})" if inside else ""
        return [
            f"memory: {_count(self.peak)}B at most: arguments {_count(self.arguments)}B{donated}; "
            f"results {_count(self.results)}B; constants {_count(self.constants)}B; "
            f"workspace {_count(self.workspace)}B{shared}"
        ]

    def _left(self) -> list[str]:
        calls = [(at, step) for at, step in enumerate(self.steps) if step.kind == "NumPy"]
        if not calls:
            return ["nothing is left to NumPy"]
        return [f"left to NumPy: step {at}, {_lines(step.sites)}: {step.why}" for at, step in calls]


def short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip(" +") + "…"


def _lines(sites: Iterable[str]) -> str:
    """Lines of one file together: ``net.py:3–9``."""
    found: dict[str, list[int]] = {}
    for site in sites:
        file, _, line = site.rpartition(":")
        found.setdefault(file, []).append(int(line) if line.isdecimal() else 0)
    spans = ((file, min(lines), max(lines)) for file, lines in found.items())
    return ", ".join(f"{file}:{low}" + (f"–{high}" if high > low else "") for file, low, high in spans)


def _count(number: float) -> str:
    """A number with a unit's prefix: ``12.8 M``."""
    for prefix, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {prefix}"
    return f"{number:.0f} "


def time_text(nanoseconds: float) -> str:
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.0f} ns"
