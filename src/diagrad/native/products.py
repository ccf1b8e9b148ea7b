"""Writes the kernel of a matrix product with what follows it, elementwise."""

from __future__ import annotations

import math

from .builder import Builder
from .folding import computed
from .fused import Fused, Spot, Writer
from .items import Product
from .kernel import PARAMETERS, Kernel
from .module import Module
from .registers import INT64, Register

__all__ = ["write_product_kernel"]


def write_product_kernel(fused: Fused, module: Module, name: str) -> Kernel:
    """Write the function of a group that begins with a product."""
    item = fused.group.product
    assert item is not None
    writer = Writer(fused, module, name)
    b = writer.builder
    *lead, m, n = item.out.shape
    k = item.reads[0].view.shape[-1]
    dtype = computed(item.out.dtype)
    x, w = (access.view for access in item.reads)
    axes = fused.group.items[item]
    writer.begin()
    left, right = (writer.pointers[ref.argument] for ref in fused.operand_pointers)
    units = math.prod(lead) * m
    width = max(writer.width, 1)

    def at(base: str, strides: tuple[int, ...], index: list[Register]) -> Register:
        offset = b.index(0)
        for step, i in zip(strides, index, strict=True):
            if step:
                offset = offset + i * step
        return offset

    begin, end = (Register(b, f"%{limit}", INT64, 0) for limit in ("begin", "end"))
    with b.loop(begin, end) as unit:
        index: list[Register] = []
        rest = unit
        for size in reversed((*lead, m)):
            quotient = b.quotient(rest, size)
            index.append(rest - quotient * size)
            rest = quotient
        index.reverse()
        row_a = at(left, x.strides[:-1], index)
        base_b = at(right, w.strides[:-2], index[:-1])

        def tile(column: Register, mask: Register | None, slot: int) -> None:
            total = b.variable(b.constant(0, dtype, writer.width))
            with b.loop(0, k) as step:
                a = b.load(b.pointer(left, row_a + step * x.strides[-1], dtype), dtype, 0)
                place = base_b + step * w.strides[-2] + column * w.strides[-1]
                address = b.pointer(right, place, dtype)
                if not writer.width or w.strides[-1] == 1:
                    v = b.load(address, dtype, writer.width, mask if writer.width else None)
                else:
                    lanes = b.lane_numbers(writer.width) * w.strides[-1]
                    many = b.emit(f"getelementptr {Register(b, '', dtype, 0).type}, ptr {address}, {lanes.typed}", INT64, writer.width)
                    v = b.gather(many.text, dtype, writer.width, mask)
                total.set(b.fma(b.splat(a, writer.width), v, total.get()))
            spot = {axis: i for axis, i in zip(axes, (*index, column), strict=True) if axis is not None}
            writer.finish_product(item, total.get(), Spot(spot, mask))

        writer.lanes_over(n, tile)
    b.finish()
    flops = 2 * units * n * k
    return Kernel(name, units, 0, flops, 0, flops / 50)
