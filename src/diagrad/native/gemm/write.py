"""From a product and a plan to a kernel: units, packed copies, tiles of each size, prologue and epilogue."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..builder import Builder
from ..kernel import PARAMETERS, Kernel
from ..module import Module
from ..registers import INT64, Register
from .memory import argument, batch_offset, first_lanes, offset, strided
from .model import choose
from .pack import copied_strides, pack_panel, pack_tile
from .product import Load, Place, Plan, Product, Store, Strip, strips
from .tile import Operand, accumulate, accumulate_dots, spilled

__all__ = ["write_product"]


def write_product(
    module: Module,
    name: str,
    product: Product,
    load_a: Load | None = None,
    load_b: Load | None = None,
    store: Store | None = None,
    plan: Plan | None = None,
    again: bool = False,
) -> Kernel:
    """Write the function ``@name`` that computes a product, as a :class:`~diagrad.native.kernel.Kernel`.

    Its ``args`` are the operands ``a`` and ``b``, then what prologue and epilogue use; the default epilogue
    stores to the third, whose rows follow each other. Units are tiles of the result: batch by batch, in
    each panel by panel, in each tile by tile. With a size of zero in m, n or batch there are no units, and
    no function.

    Args:
        module: where it goes.
        name: of the function.
        product: shape and strides.
        load_a: computes the elements of ``a`` at a place, in place of reading them: row and column are its
            own. Each element is computed about once.
        load_b: the same of ``b``.
        store: the epilogue, called with the builder, a register and its place in the result. The functions in
            which callbacks write have ``%args``, ``%part`` and ``%scratch`` as any kernel has;
            :func:`~diagrad.native.gemm.argument` reads an address.
        plan: how to compute it, by default what :func:`choose` chooses.
        again: write the epilogue once for all rows of a tile, whose sums wait on the stack for it. A long one
            takes the processor less time so, and the compiler too.
    """
    target = module.target
    plan = plan or choose(product, target, load_a is not None, load_b is not None)
    if not (product.batches and product.m and product.n):
        return Kernel(name, 0)
    writer = _Writer(module, name, product, plan, load_a, load_b, store or _store(product), again)
    scratch = writer.write()
    return Kernel(name, writer.units, scratch, product.flops, product.nbytes, plan.cost or product.flops / 80)


def _store(product: Product) -> Store:
    """Stores to argument 2, in C order."""
    m, n, dtype = product.m, product.n, product.dtype

    def store(b: Builder, x: Register, at: Place) -> None:
        where = offset(b, (at.batch, m * n), (at.row, n), (at.column, 1))
        base = b.pointer(argument(b, 2), where, dtype)
        if at.along == "row" or not at.lanes:
            b.store(x, base, at.mask)
            return
        for lane in range(at.count):
            one = b.emit(f"extractelement {x.typed}, i64 {lane}", dtype, 0)
            b.store(one, b.pointer(base, b.index(lane * n), dtype))

    return store


@dataclass(frozen=True)
class _Edge:
    """A size that tiles have along one axis: ``size`` elements, from tile number ``first`` on."""

    first: int
    size: int


def _edges(total: int, size: int) -> list[_Edge]:
    whole, rest = divmod(total, size)
    return [_Edge(0, size)] * (whole > 0) + [_Edge(whole, rest)] * (rest > 0)


class _Writer:
    """One kernel. Inside, the product is the flipped one where the plan says so."""

    def __init__(
        self,
        module: Module,
        name: str,
        product: Product,
        plan: Plan,
        load_a: Load | None,
        load_b: Load | None,
        store: Store,
        again: bool,
    ) -> None:
        self.module, self.name, self.plan, self.again = module, name, plan, again
        if plan.flip:
            load_a, load_b = _flipped(load_b), _flipped(load_a)
            store = _flipped_store(store)
        self.product = product.flipped() if plan.flip else product
        self.store = store
        p, size = self.product, self.product.dtype.itemsize
        self.sizes = [axis for axis, _, _ in p.batch]
        self.order = (1, 0) if plan.flip else (0, 1)
        self.load_p = load_a or strided(self.order[0], p.a, [(axis, a) for axis, a, _ in p.batch], p.dtype)
        self.load_q = load_b or strided(self.order[1], p.b, [(axis, b) for axis, _, b in p.batch], p.dtype)
        self.rows, self.columns = _edges(p.m, plan.rows), _edges(p.n, plan.width)
        self.tiles, self.panels = -(-p.m // plan.rows), -(-p.n // plan.width)
        self.units = p.batches * self.tiles * self.panels
        # Scratch: sums of blocks, one panel of the second operand, all tiles of the first.
        line = 64 // size
        by_columns = p.a[0] in (0, 1) and p.a[1] != 1
        self.copy = copied_strides(plan.rows, p.k, by_columns, line)
        self.tile_size = _round(plan.rows * p.k if by_columns else plan.rows * self.copy[0], line)
        self.panel_at = _round(spilled(plan.rows, plan.width, p.k), line)
        self.tile_at = self.panel_at + plan.pack_b * _round(p.k * plan.width, line)
        self.scratch = size * (self.tile_at + plan.pack_a * self.tiles * self.tile_size)

    def write(self) -> int:
        """The functions of all tile sizes and the loop over units; gives the bytes of scratch."""
        plan, p = self.plan, self.product
        b = self._builder(f"define void @{self.name}({PARAMETERS})")
        begin, end = (Register(b, text, INT64, 0) for text in ("%begin", "%end"))
        one = self.tiles * self.panels
        with b.loop(begin, end) as unit:
            batch = _divide(b, unit, one) if p.batches > 1 else b.index(0)
            at = unit - batch * one if p.batches > 1 else unit
            panel, tile = _divide(b, at, self.tiles), _remainder(b, at, self.tiles)
            first = begin
            if p.batches > 1:
                start = batch * one
                first = b.where(start > begin, start, begin)
            if plan.pack_b and p.k:
                with b.when((unit == first) | (tile == 0)):
                    self._each(b, self.columns, panel, "panel", self._panel, [batch, panel * plan.width])
            if plan.pack_a and p.k:
                with b.when(unit < first + self.tiles):
                    self._each(b, self.rows, tile, "copy", self._copy, [batch, tile])
            for edge in self.columns:
                with _maybe(b, panel, edge, self.columns):
                    self._each(
                        b,
                        self.rows,
                        tile,
                        f"tile{edge.size}x",
                        lambda inner, rows, given, width=edge.size: self._tile(inner, rows, width, given),
                        [batch, tile, panel],
                    )
        b.finish()
        return self.scratch

    def _builder(self, head: str) -> Builder:
        b = Builder(self.module, head, self.plan.lanes)
        b.contract = "contract "
        return b

    def _each(
        self,
        b: Builder,
        edges: list[_Edge],
        number: Register,
        name: str,
        write: Callable[[Builder, int, list[Register]], None],
        given: list[Register],
    ) -> None:
        """Call the function for the size that this number has; write each."""
        for edge in edges:
            full = f"{self.name}.{name}{edge.size}"
            names = [f"%x{at}" for at in range(len(given))]
            inner = self._builder(
                f"define internal void @{full}(ptr noalias %args, i64 %part, ptr noalias %scratch, "
                + ", ".join(f"i64 {text}" for text in names)
                + ") noinline"
            )
            write(inner, edge.size, [Register(inner, text, INT64, 0) for text in names])
            inner.finish()
            with _maybe(b, number, edge, edges):
                values = ", ".join(x.typed for x in given)
                b.do(f"call void @{full}(ptr %args, i64 %part, ptr %scratch, {values})")

    def _in_scratch(self, b: Builder, at: int) -> str:
        return b.pointer("%scratch", b.index(at), self.product.dtype)

    def _panel(self, b: Builder, columns: int, given: list[Register]) -> None:
        p, plan = self.product, self.plan
        out = self._in_scratch(b, self.panel_at)
        by_columns = p.b[0] == 1 and p.b[1] != 1
        pack_panel(b, self.load_q, out, (given[0], given[1]), p.k, columns, plan.width, by_columns)

    def _copy(self, b: Builder, rows: int, given: list[Register]) -> None:
        batch, tile = given
        out = b.pointer(self._in_scratch(b, self.tile_at), tile * self.tile_size, self.product.dtype)
        pack_tile(b, self.load_p, out, (batch, tile * self.plan.rows), rows, self.product.k, self.copy)

    def _tile(self, b: Builder, rows: int, width: int, given: list[Register]) -> None:
        """A tile of the result, from the sums to the epilogue."""
        p, plan = self.product, self.plan
        batch, tile, panel = given
        row, column = tile * plan.rows, panel * plan.width
        if plan.pack_a:
            base = b.pointer(self._in_scratch(b, self.tile_at), tile * self.tile_size, p.dtype)
            left = Operand(base, self.copy)
        else:
            start = batch_offset(b, batch, self.sizes, [a for _, a, _ in p.batch])
            where = offset(b, (start, 1), (row, p.a[0]))
            left = Operand(b.pointer(argument(b, self.order[0]), where, p.dtype), p.a)
        if plan.pack_b:
            right = Operand(self._in_scratch(b, self.panel_at), (plan.width, 1))
        else:
            start = batch_offset(b, batch, self.sizes, [s for _, _, s in p.batch])
            where = offset(b, (start, 1), (column, p.b[1]))
            right = Operand(b.pointer(argument(b, self.order[1]), where, p.dtype), p.b)
        if plan.dot:
            cut = (Strip(0, plan.lanes, width),)
            y = [[accumulate_dots(b, left, right, width, p.k, p.dtype)]]
        else:
            cut = strips(width, plan.lanes)
            y = accumulate(b, left, right, rows, cut, p.k, p.dtype, "%scratch")

        def finish(row: Register, line: Sequence[Register]) -> None:
            for strip, x in zip(cut, line, strict=True):
                mask = first_lanes(b, strip)
                place = Place(batch, row, column + strip.start, "row", strip.lanes, mask, strip.count)
                self.store(b, x, place)

        if not self.again or rows == 1:
            for i, line in enumerate(y):
                finish(row + i, line)
            return
        room = b.allocate(rows * plan.width, p.dtype)
        for i, line in enumerate(y):
            for strip, x in zip(cut, line, strict=True):
                b.store(x, b.pointer(room, b.index(i * plan.width + strip.start), p.dtype))
        with b.loop(0, rows) as i:
            places = [b.pointer(room, i * plan.width + strip.start, p.dtype) for strip in cut]
            line = [b.load(at, p.dtype, strip.lanes) for at, strip in zip(places, cut, strict=True)]
            finish(row + i, line)


def _round(size: int, line: int) -> int:
    return -(-size // line) * line


def _flipped(load: Load | None) -> Load | None:
    return None if load is None else lambda b, at: load(b, at.flipped())


def _flipped_store(store: Store) -> Store:
    return lambda b, x, at: store(b, x, at.flipped())


def _divide(b: Builder, x: Register, by: int) -> Register:
    return x if by == 1 else b.emit(f"udiv {x.typed}, {by}", INT64, 0)


def _remainder(b: Builder, x: Register, by: int) -> Register:
    return b.index(0) if by == 1 else b.emit(f"urem {x.typed}, {by}", INT64, 0)


@contextmanager
def _maybe(b: Builder, number: Register, edge: _Edge, edges: list[_Edge]) -> Generator[None]:
    """Instructions for the tiles of one size, where there are two."""
    if len(edges) == 1:
        yield
        return
    last = edges[-1].first
    with b.when(number < last if edge.first < last else number >= last):
        yield
