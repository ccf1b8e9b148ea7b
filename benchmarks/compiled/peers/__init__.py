"""The libraries, each in a module with ``build(work, threads, form)``.

``build`` returns a function of the rate, which blocks until all is done, and gives the loss (None for second
derivatives) and the results by name: parameters after a step, gradients, or the product or matrix as ``x``.
What a library cannot do raises NotImplementedError.
"""

PEERS = {
    "diagrad": ("with_diagrad", ""),
    "numpy": ("with_numpy", ""),
    "torch": ("with_torch", "eager"),
    "torch-fused": ("with_torch", "fused"),
    "torch-compile": ("with_torch", "compile"),
    "jax": ("with_jax", ""),
    "pytensor": ("with_pytensor", ""),
    "autograd": ("with_autograd", ""),
    "tinygrad": ("with_tinygrad", ""),
}
"""Each column's module and form."""
