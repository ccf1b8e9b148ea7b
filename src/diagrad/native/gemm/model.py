"""Which plan computes a product fastest, by an estimate of its time."""

from __future__ import annotations

from functools import lru_cache

from ..target import Target
from .product import Plan, Product

__all__ = ["choose", "plans"]


def choose(product: Product, target: Target, computed_a: bool = False, computed_b: bool = False) -> Plan:
    """The plan of least cost."""
    return min(plans(product, target, computed_a, computed_b), key=lambda plan: plan.cost)


@lru_cache(maxsize=4096)
def plans(
    product: Product, target: Target, computed_a: bool = False, computed_b: bool = False
) -> tuple[Plan, ...]:
    """Ways to compute a product, each with its estimated cost."""
    lanes = target.lanes(product.dtype)
    return (Plan(False, False, 8, 2, lanes, computed_a, computed_b or (product.b[1] != 1 and lanes > 0)),)
