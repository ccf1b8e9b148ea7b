"""What every op computes, said again without diagrad: in plain NumPy, in PyTorch, in JAX.

One module for each family of ops. Each has a table ``NUMPY`` and functions ``torch_table`` and ``jax_table``
that give such tables; a table maps an op's name to a function of the op (for its attributes) and its inputs.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from diagrad.ir import Graph, short_name

Oracle = Callable[..., Any]

TORCH_DTYPES = {
    "bool": "bool",
    "i8": "int8",
    "i16": "int16",
    "i32": "int32",
    "i64": "int64",
    "u8": "uint8",
    "f32": "float32",
    "f64": "float64",
    "c64": "complex64",
    "c128": "complex128",
}

FAMILIES = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
NUMPY: dict[str, Oracle] = {name: oracle for family in FAMILIES for name, oracle in family.NUMPY.items()}


@cache
def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    return {name: oracle for family in FAMILIES for name, oracle in family.torch_table().items()}


@cache
def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    return {name: oracle for family in FAMILIES for name, oracle in family.jax_table().items()}


def to_torch(x: Any, requires_grad: bool = False) -> Any:
    """A tensor of the same numbers."""
    import torch

    dtype = getattr(torch, TORCH_DTYPES[short_name(np.asarray(x).dtype)])
    tensor = torch.tensor(np.array(x), dtype=dtype)
    return tensor.requires_grad_(requires_grad and tensor.is_floating_point())


def run_torch(graph: Graph, inputs: list[Any]) -> list[Any]:
    """The outputs of a graph, node by node in PyTorch."""
    table = torch_table()
    values = dict(zip(graph.inputs, inputs, strict=True))
    for node in graph.nodes:
        if node.op.name == "Constant":
            results: Any = to_torch(node.op.data)  # type: ignore[attr-defined]
        else:
            results = table[node.op.name](node.op, *(values[x] for x in node.inputs))
        values.update(zip(node.outputs, results if isinstance(results, tuple) else (results,), strict=True))
    return [values[y] for y in graph.outputs]
