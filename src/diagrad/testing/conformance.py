"""What every op must satisfy, whatever it computes. Run it on an op of your own."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..array.array import Array, apply, constant, leaf
from ..errors import DTypeError, GraphError
from ..ir import Op, Sample, Spec, is_differentiable
from .derivatives import (
    check_batched,
    check_complex,
    check_forward_mode,
    check_layouts,
    check_special_values,
    check_tangent,
)
from .gradients import check_gradients
from .samples import draw_inputs, samples_of

_DTYPES = {"b": ("bool",), "i": ("int8", "int32", "int64"), "u": ("uint8",), "f": ("float32", "float64"),
           "c": ("complex64", "complex128")}  # fmt: skip


def check_op(kind: type[Op], *, seed: int = 0) -> None:
    """Check an op on each of its samples: shapes and dtypes, gradient, second derivative, both ways of
    running its rule, forward mode, its batched form, its complex derivative, and that nothing stops its rule.

    Args:
        kind: the op's class.
        seed: of the sample numbers.

    Raises:
        GraphError: ``forward`` gives another shape or dtype than ``infer`` says, or the rule computes
            something else on Arrays than on NumPy arrays; or its forward mode, its batched form or its
            complex derivative disagrees with the rest.
        DifferentiationError: the rule is not linear in g.
        GradientMismatchError: the rule is not the derivative of ``forward``.

    >>> from diagrad import ops
    >>> check_op(ops.MatMul)
    """
    for sample in samples_of(kind):
        check_specs(sample, seed=seed)
        check_batched(sample, seed=seed)
        if differentiable(sample):
            check_rule(sample, seed=seed)
            check_modes(sample, seed=seed)
            check_forward_mode(sample, seed=seed)
            check_tangent(sample, seed=seed)
            check_layouts(sample, seed=seed)
            check_special_values(sample, seed=seed)
        if "c" in kind.kinds and kind.differentiable and not kind.refuses and not kind.free_phases:
            check_complex(sample, seed=seed)


def dtypes_of(kind: type[Op]) -> tuple[str, ...]:
    """The dtypes that an op is tested with: some of each kind that it takes.

    >>> from diagrad import ops
    >>> dtypes_of(ops.Relu)
    ('int8', 'int32', 'int64', 'uint8', 'float32', 'float64')
    """
    return tuple(name for letter in kind.kinds for name in _DTYPES[letter])


def differentiable(sample: Sample) -> bool:
    """Whether the op takes float64 and gives float64, differentiably."""
    op = sample.op
    if not op.differentiable or op.refuses or "f" not in op.kinds:
        return False
    inputs = draw_inputs(sample, np.random.default_rng(0))
    return op.infer([Spec(x.shape, x.dtype) for x in inputs])[0].dtype == np.float64


def check_specs(sample: Sample, *, seed: int = 0) -> None:
    """``forward`` must give the shapes and dtypes that ``infer`` says, for every dtype the op takes.

    Raises:
        GraphError: it does not.
    """
    for dtype in dtypes_of(type(sample.op)):
        inputs = draw_inputs(sample, np.random.default_rng(seed), dtype)
        try:
            want = sample.op.infer([Spec(x.shape, x.dtype) for x in inputs])
        except DTypeError:
            continue  # refused, and said so: an integer to a negative power
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", np.exceptions.ComplexWarning)  # AsType, as NumPy's astype
            result = sample.op.forward(*(x[()] for x in inputs))
        results = result if sample.op.multiple else (result,)
        got = tuple(Spec(y.shape, y.dtype) for y in results)
        if want != got:
            raise GraphError(
                f"{sample.op} infers another result than it computes",
                where=", ".join(str(Spec(x.shape, x.dtype)) for x in inputs),
                expected=", ".join(map(str, want)),
                got=", ".join(map(str, got)),
                fix="correct its signature, shape, dtype or forward",
            )


def check_rule(sample: Sample, *, seed: int = 0, rtol: float = 1e-6) -> None:
    """The rule must be the derivative of ``forward``, and so must the rule of the rule.

    Raises:
        GradientMismatchError: it is not.
    """
    inputs = draw_inputs(sample, np.random.default_rng(seed))
    drawn = [at for at, x in enumerate(inputs) if is_differentiable(x.dtype)]

    def function(*xs: Any) -> Any:
        return apply(sample.op, *(x if at in drawn else constant(x) for at, x in enumerate(xs)))

    function.__name__ = str(sample.op)
    check_gradients(function, *inputs, argnums=drawn, order=2, rtol=rtol, seed=seed)


def check_modes(sample: Sample, *, seed: int = 0) -> None:
    """The rule must compute the same on NumPy arrays as on Arrays, with gradients of the inputs' dtype.

    Raises:
        GraphError: it does not.
    """
    for dtype in ("float32", "float64"):
        rng = np.random.default_rng(seed)
        inputs = [x[()] for x in draw_inputs(sample, rng, dtype)]
        if not _takes(sample.op, inputs):
            continue  # the graphs that it holds have a dtype of their own
        found: list[list[Array]] = []
        for create_graph in (False, True):
            xs = [leaf(x, "input") if is_differentiable(x.dtype) else constant(x) for x in inputs]
            result = apply(sample.op, *xs)
            results = result if sample.op.multiple else (result,)
            for y in results:
                y.backward(np.full(y.shape, 1.5, y.dtype), create_graph=create_graph, retain_graph=True)
            found.append([_grad_of(x) for x in xs if x.is_leaf])
        for raw, built, x in zip(*found, (x for x in inputs if is_differentiable(x.dtype)), strict=True):
            same = np.array_equal(raw.data, built.data, equal_nan=True)
            if not same or not (raw.spec == built.spec == Spec(x.shape, x.dtype)):
                raise GraphError(
                    f"{sample.op}: the rule differs between NumPy arrays and Arrays, or has another dtype",
                    where=f"an input {Spec(x.shape, x.dtype)}",
                    expected=f"{raw!r}",
                    got=f"{built!r}",
                    fix="let the rule use operators, NumPy functions and ops only",
                )


def _takes(op: Op, inputs: list[Any]) -> bool:
    """Whether an op takes inputs of these dtypes."""
    try:
        op.infer([Spec(x.shape, x.dtype) for x in inputs])
    except DTypeError:
        return False
    return True


def _grad_of(x: Array) -> Array:
    """Its gradient; where it has none, an empty array, which has no input's shape."""
    return constant(np.zeros(0)) if x.grad is None else x.grad
