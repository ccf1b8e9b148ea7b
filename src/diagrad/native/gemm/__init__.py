"""Matrix products: kernels for one shape each, as LLVM assembly."""

from .memory import argument
from .model import choose, plans
from .product import Load, Place, Plan, Product, Store
from .write import write_product

__all__ = ["Load", "Place", "Plan", "Product", "Store", "argument", "choose", "plans", "write_product"]
