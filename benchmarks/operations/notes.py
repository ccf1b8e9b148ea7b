"""Footnotes: what is said of some cells, each of which is (row, library)."""

from __future__ import annotations

Cells = tuple[tuple[str, str], ...]

IN_PLACE = ("x[i] = v", "x[mask] += w", "x[:, 1:] = x[:, :-1]", "x *= y", "put_along_axis", "fill_diagonal")

NOTES: dict[str, tuple[str, Cells]] = {
    "backend": (
        "With the backend `SDPBackend.MATH`; the default one, on a CPU, is differentiable once.",
        tuple(
            (name, "PyTorch")
            for name in ("scaled_dot_product_attention", "masked attention", "multi_head_attention")
        ),
    ),
    "flag": (
        "As `jax.lax.linalg.eig(…, enable_eigvec_derivs=True)`; "
        "without it an error, for eigenvalues the second time.",
        (("eigvals", "JAX"), ("eig (vectors)", "JAX")),
    ),
    "backward": (
        "PyTorch's backward kernel has no derivative itself.",
        (("hard_sigmoid", "PyTorch"), ("multiclass_hinge", "PyTorch")),
    ),
    "one-axis": ("Arrays of one axis only.", (("sort", "autograd"),)),
    "unique": ("Only where no place is named twice.", (("x.at[i].multiply(v)", "JAX"),)),
    "refused": (
        "Computes on constants, refuses what is to be differentiated.",
        (("remainder", "MyGrad"), ("fmod", "MyGrad")),
    ),
    "at": (
        "JAX's arrays cannot be changed: as `x.at[i].set(v)` or `.add(v)`, as a function with "
        "`inplace=False`, or, for `x *= y`, by a new x.",
        tuple((name, "JAX") for name in IN_PLACE),
    ),
    "new": ("By a new x: arrays of autograd cannot be changed.", (("x *= y", "autograd"),)),
    "prototype": (
        "In `torch._higher_order_ops`, a prototype.",
        (("scan", "PyTorch"), ("while_loop, reverse", "PyTorch")),
    ),
    "forward": ("Forward mode alone.", (("while_loop, reverse", "JAX"),)),
    "steps": (
        "Eagerly; traced, it needs `max_steps`.",
        (("while_loop, reverse", "diagrad"),),
    ),
}
