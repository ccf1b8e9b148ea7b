"""Which plan computes a product fastest, by an estimate of its time.

Measured on Zen 4 (one core, float32; its multiply-adds could give 117 GFLOP/s): tiles of 8 rows by two
vectors reach 103 to 116 on all but narrow products, tiles of other shapes as much. What decides is how the
second operand is read. Rows of it that lie far apart miss the caches once it is large: unpacked, 1024³ gives
80, packed 104. Where the result is narrower than a vector and the first operand's columns lie together, lanes
along rows are quicker, 65 for 40.
"""

from __future__ import annotations

from functools import lru_cache

from ..target import Target
from .product import Plan, Product

__all__ = ["choose", "plans"]

LARGE = 1 << 18
"""Bytes of the second operand from which on packing it pays."""

REUSE = 64
"""Rows of the first operand from which on it is read often enough."""

RATE = 100.0
"""Operations in a nanosecond."""


def choose(product: Product, target: Target, computed_a: bool = False, computed_b: bool = False) -> Plan:
    """The plan of least cost."""
    return min(plans(product, target, computed_a, computed_b), key=lambda plan: plan.cost)


@lru_cache(maxsize=4096)
def plans(
    product: Product, target: Target, computed_a: bool = False, computed_b: bool = False
) -> tuple[Plan, ...]:
    """Ways to compute a product, each with its estimated cost."""
    lanes = target.lanes(product.dtype)
    rows = 8 if target.registers >= 32 else 6 if lanes else 4
    p, turned = product, product.flipped()
    far = p.k * p.n * p.dtype.itemsize > LARGE and p.m >= REUSE
    pack = computed_b or (lanes > 0 and (p.b[1] != 1 or far))
    cost = p.flops / RATE
    narrow = 0 < p.n < lanes <= p.m
    found = [Plan(False, False, rows, 2, lanes, computed_a, pack, cost * (1.6 if narrow else 1.0))]
    if narrow and turned.b[1] == 1:
        found.append(Plan(True, False, rows, 2, lanes, computed_b, computed_a, cost))
    return tuple(found)
