"""Every registered op: shape, dtype, value, gradient, second derivative, against NumPy, PyTorch and JAX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import oracles
from diagrad.array.array import apply, constant, leaf
from diagrad.errors import DTypeError
from diagrad.ir import Op, Sample, Spec, subgraphs
from diagrad.ops.matrix import MatrixOp
from diagrad.testing import check_op, draw_inputs, samples_of
from diagrad.testing.conformance import differentiable, dtypes_of

OPS = {name: kind for name, kind in sorted(Op.registry.items()) if kind.__module__.startswith("diagrad.ops")}
SAMPLES = [
    pytest.param(sample, id=f"{sample.op}-{at}")
    for kind in OPS.values()
    for at, sample in enumerate(samples_of(kind))
]
DIFFERENTIABLE = [param for param in SAMPLES if differentiable(param.values[0])]
FLOATING = [
    param
    for param in SAMPLES
    if "f" in param.values[0].op.kinds and param.values[0].op.name not in ("ArgMax", "ArgMin", "AsType")
]
"""Without casts and searches, whose special cases NumPy itself defines."""
FEW = [param for kind in OPS for param in [p for p in DIFFERENTIABLE if p.values[0].op.name == kind][:3]]
"""Tracing is slow: three samples of each op."""


def test_every_op_is_in_every_table():
    assert set(oracles.NUMPY) == set(OPS)
    assert {"Input", "Constant"} | set(OPS) == {name for name in Op.registry if name[0] != "_"}


@pytest.mark.parametrize("kind", OPS.values(), ids=OPS)
def test_conformance(kind: type[Op]):
    """Shapes and dtypes as inferred; gradient and second derivative against differences; rules agree."""
    check_op(kind)


@pytest.mark.parametrize("kind", OPS.values(), ids=OPS)
def test_it_is_said_how_it_is_drawn(kind: type[Op]):
    assert kind.__doc__
    assert kind.glyph.text or kind.glyph.shape == "dot"
    assert kind.notation is not None


def run(sample: Sample, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    result = sample.op.forward(*inputs)
    return result if sample.op.multiple else (result,)


def oracle(sample: Sample, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    result = oracles.NUMPY[sample.op.name](sample.op, *map(np.asarray, inputs))
    return result if sample.op.multiple else (result,)


def assert_same(got: tuple[Any, ...], want: tuple[Any, ...]) -> None:
    for y, z in zip(got, want, strict=True):
        z = np.asarray(z)
        assert (y.shape, y.dtype) == (z.shape, z.dtype)
        if y.dtype.kind in "fc":
            close = 100 * np.finfo(y.dtype).eps
            np.testing.assert_allclose(y, z, rtol=close, atol=close)
        else:
            np.testing.assert_array_equal(y, z)


@pytest.mark.parametrize("sample", SAMPLES)
def test_value(sample: Sample, rng: np.random.Generator):
    for dtype in dtypes_of(type(sample.op)):
        inputs = tuple(x[()] for x in draw_inputs(sample, rng, dtype))
        complex_cast = sample.op.name == "AsType" and dtype.startswith("complex")
        if complex_cast or (sample.op.name == "ArgMax" and dtype == "bool"):
            continue  # NumPy warns about the one; the other's oracle sorts numbers
        if subgraphs(sample.op) and dtype != "float64":
            continue  # the graphs that it holds have a dtype of their own
        if sample.op.name == "PowerScalar" and dtype[0] in "iu" and sample.op.n not in (0, 1, 3):
            with pytest.raises(DTypeError, match="is no integer"):
                sample.op.infer([Spec(x.shape, x.dtype) for x in inputs])
            continue
        with np.errstate(all="ignore"):
            assert_same(run(sample, inputs), oracle(sample, inputs))


@pytest.mark.parametrize("sample", SAMPLES)
def test_value_of_a_strided_view(sample: Sample, rng: np.random.Generator):
    dtype = "float64" if "f" in sample.op.kinds else dtypes_of(type(sample.op))[-1]
    inputs = draw_inputs(sample, rng, dtype)
    strided = tuple(np.repeat(x[::-1], 2, axis=0)[::-2] if x.ndim else x[()] for x in inputs)
    fortran = tuple(np.asfortranarray(x) if x.ndim else x[()] for x in inputs)
    for got in (run(sample, strided), run(sample, fortran)):
        assert_same(got, oracle(sample, inputs))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.0])
@pytest.mark.parametrize("sample", FLOATING)
def test_special_values_pass_as_in_numpy(sample: Sample, value: float, rng: np.random.Generator):
    inputs = draw_inputs(sample, rng)
    for at, x in enumerate(inputs):
        if at not in sample.given and x.size:
            x.reshape(-1)[0] = value
    with np.errstate(all="ignore"):
        try:
            want = oracle(sample, inputs)
        except np.linalg.LinAlgError:
            with pytest.raises(np.linalg.LinAlgError):
                run(sample, tuple(x[()] for x in inputs))
            return
        for y, z in zip(run(sample, tuple(x[()] for x in inputs)), want, strict=True):
            largest = np.max(np.abs(z), initial=0, where=np.isfinite(z))
            atol = 1e-14 * largest if isinstance(sample.op, MatrixOp) else 0  # an element may cancel
            np.testing.assert_allclose(y, z, rtol=1e-12, atol=atol)


def test_search_finds_nan_first():
    x = np.array([1.0, np.nan, 3.0])
    assert OPS["ArgMax"](0).forward(x) == OPS["ArgMin"](0).forward(x) == 1  # type: ignore[call-arg]


def cubic(y: Any) -> Any:
    return y * y * y + y


def gradients(sample: Sample, inputs: tuple[Any, ...], weights: list[Any]) -> tuple[list[Any], list[Any]]:
    """Gradient of L = Σ w · (y³ + y) / 2 and of the sum of that gradient, so that L is linear in no input."""
    xs = [constant(x) if at in sample.given else leaf(x, "input") for at, x in enumerate(inputs)]
    result = apply(sample.op, *xs)
    results = result if sample.op.multiple else (result,)
    loss = sum((cubic(y) * w).sum() for y, w in zip(results, weights, strict=True)) * 0.5
    loss.backward(create_graph=True)
    free = [x for x in xs if x.is_leaf]
    first = [x.grad for x in free]
    for x in free:
        x.grad = None
    total = sum((g * g).sum() for g in first) * 0.5
    if total.graph().inputs:  # the gradient of sign is a constant
        total.backward()
    return [g.numpy() for g in first], [np.zeros(x.shape) if x.grad is None else x.grad.numpy() for x in free]


def weights_of(sample: Sample, inputs: tuple[Any, ...], rng: np.random.Generator) -> list[Any]:
    return [rng.uniform(0.5, 1.5, y.shape) for y in run(sample, inputs)]


def assert_close(got: list[Any], want: list[Any], rtol: float = 1e-12) -> None:
    for g, w in zip(got, want, strict=True):
        w = np.asarray(w)
        assert g.shape == w.shape
        scale = np.max(np.abs(w), initial=0.0)
        np.testing.assert_allclose(g, w, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("sample", DIFFERENTIABLE)
def test_gradients_equal_those_of_pytorch(sample: Sample, rng: np.random.Generator):
    torch = pytest.importorskip("torch")
    inputs = tuple(x[()] for x in draw_inputs(sample, rng))
    weights = weights_of(sample, inputs, rng)
    xs = [oracles.to_torch(x, requires_grad=at not in sample.given) for at, x in enumerate(inputs)]
    free = [x for at, x in enumerate(xs) if at not in sample.given]
    result = oracles.torch_table()[sample.op.name](sample.op, *xs)
    results = result if sample.op.multiple else (result,)
    loss = sum((cubic(y) * torch.tensor(w)).sum() for y, w in zip(results, weights, strict=True)) * 0.5
    first = torch.autograd.grad(loss, free, create_graph=True)
    total = sum((g * g).sum() for g in first) * 0.5
    second = [None] * len(free)
    if total.requires_grad:
        second = torch.autograd.grad(total, free, allow_unused=True)
    zeros = [torch.zeros_like(x) if g is None else g for g, x in zip(second, free, strict=True)]
    got = gradients(sample, inputs, weights)
    assert_close(got[0], [g.detach().numpy() for g in first])
    assert_close(got[1], [g.detach().numpy() for g in zeros])


@pytest.mark.parametrize("sample", FEW)
def test_gradients_equal_those_of_jax(sample: Sample, rng: np.random.Generator):
    jax = pytest.importorskip("jax")
    inputs = tuple(x[()] for x in draw_inputs(sample, rng))
    weights = weights_of(sample, inputs, rng)
    free = tuple(at for at in range(len(inputs)) if at not in sample.given)

    def loss(*xs: Any) -> Any:
        result = oracles.jax_table()[sample.op.name](sample.op, *xs)
        results = result if sample.op.multiple else (result,)
        return sum((cubic(y) * w).sum() for y, w in zip(results, weights, strict=True)) * 0.5

    def total(*xs: Any) -> Any:
        return sum((g * g).sum() for g in jax.grad(loss, free)(*xs)) * 0.5

    with jax.enable_x64(True):
        first, second = jax.grad(loss, free)(*inputs), jax.grad(total, free)(*inputs)
    got = gradients(sample, inputs, weights)
    assert_close(got[0], list(first))
    assert_close(got[1], list(second))
