"""Writes the kernel of a matrix product with what follows it, elementwise.

Leading axes over which the second operand does not change are rows of one larger product. Where lanes can run
along rows as well as along columns, the generator of products chooses.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ..ir import DType
from .builder import Builder
from .folding import computed
from .fused import Fused, Spot, cost_of
from .gemm import Place, plans, write_product
from .gemm import Product as Shape
from .kernel import Kernel
from .module import Module
from .nest import Nest
from .registers import Register
from .weights import CALL
from .writer import Writer

__all__ = ["write_product_kernel"]


def write_product_kernel(fused: Fused, module: Module, name: str) -> Kernel:
    """Write the function of a group that begins with a product."""
    return _ProductWriter(fused, module, name).kernel()


class _ProductWriter:
    def __init__(self, fused: Fused, module: Module, name: str) -> None:
        self.fused, self.module, self.name = fused, module, name
        item = fused.group.product
        assert item is not None
        self.item = item
        self.dtype: DType = computed(item.out.dtype)
        x, w = (access.view for access in item.reads)
        *lead, m, n = item.out.shape
        axes = fused.group.items[item]
        joined = len(lead)
        rows = m
        step = x.strides[-2]
        while joined and (w.strides[joined - 1] == 0 or lead[joined - 1] == 1):
            near = x.strides[joined - 1]
            if lead[joined - 1] > 1 and rows > 1 and near != step * rows:
                break
            if rows == 1:
                step = near
            rows *= lead[joined - 1]
            joined -= 1
        batch = tuple(
            (size, a, b) for size, a, b in zip(lead[:joined], x.strides[:-2], w.strides[:-2], strict=False)
        )
        k = x.shape[-1]
        self.shape = Shape(rows, n, k, self.dtype, (step, x.strides[-1]), w.strides[-2:], batch)  # type: ignore[arg-type]
        self.batch_axes = self._sized(axes[:joined])
        self.row_axes = self._sized(axes[joined:-1])
        self.column_axis = axes[-1]
        self.one_row = self._join_rows()

    def _sized(self, axes: tuple[int | None, ...]) -> list[int]:
        return [axis for axis in axes if axis is not None]

    def _join_rows(self) -> bool:
        """Whether all that is read and written goes through the rows at one pace."""
        others = [*self.fused.references[2:], *self.fused.stores.values()]
        sizes = self.fused.group.sizes
        return not any(ref.bounds or ref.indirect for ref in others) and all(
            ref.strides.get(a, 0) == ref.strides.get(b, 0) * sizes[b]
            for ref in others
            for a, b in zip(self.row_axes, self.row_axes[1:], strict=False)
        )

    def kernel(self) -> Kernel:
        """Write it."""
        candidates = plans(self.shape, self.module.target)
        if not self.one_row and len(self.row_axes) > 1:
            candidates = tuple(plan for plan in candidates if not plan.flip)
        plan = min(candidates, key=lambda plan: plan.cost)
        self.writers: dict[int, Writer] = {}
        after = sum(cost_of(item) for item in self.fused.group.items if item is not self.item)
        kernel = write_product(
            self.module, self.name, self.shape, store=self._store, plan=plan, again=after >= CALL
        )
        elements = math.prod(self.item.out.shape)
        others = {*self.fused.references[2:], *self.fused.stores.values()}
        more = sum(ref.nbytes(self.fused.group.sizes) for ref in others) - elements * self.dtype.itemsize
        return replace(kernel, flops=kernel.flops + after * elements, nbytes=kernel.nbytes + more)

    def _store(self, b: Builder, total: Register, at: Place) -> None:
        """What follows the product, for some elements of it."""
        writer = self.writers.get(id(b))
        if writer is None:
            writer = self.writers[id(b)] = Writer(self.fused, self.module, self.name, b)
            with b.at_entry():
                writer.begin()
        index: dict[int, Register] = {}
        index.update(writer.indices(at.batch, self.batch_axes))
        rows = [self.row_axes[-1]] if self.one_row and self.row_axes else self.row_axes
        index.update(writer.indices(at.row, rows))
        if self.column_axis is not None:
            index[self.column_axis] = at.column
        lanes = self.column_axis if at.along == "row" else (rows[-1] if rows else None)
        gone = {axis: rows[-1] for axis in self.row_axes if axis not in rows}
        nest = Nest(tuple(self.fused.group.sizes), (), lanes, (), gone)
        writer.finish_product(self.item, total, Spot(index, at.mask), nest)
