"""Activations and bounds: composites against PyTorch, kinks, and the far ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg

X = np.array([-7.0, -3.0, -1.0, -0.2, 0.0, 0.4, 1.0, 3.0, 5.0, 6.0, 8.0, 2.5])

SAME = {
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hardtanh": "hardtanh",
    "relu6": "relu6",
    "tanhshrink": "tanhshrink",
    "glu": "glu",
    "elu": "elu",
    "celu": "celu",
    "selu": "selu",
    "leaky_relu": "leaky_relu",
    "silu": "silu",
    "mish": "mish",
    "gelu": "gelu",
    "softplus": "softplus",
    "log_sigmoid": "logsigmoid",
    "softsign": "softsign",
}


@pytest.mark.parametrize("name", SAME)
def test_value_and_gradient_equal_those_of_pytorch_also_at_kinks(name: str):
    torch = pytest.importorskip("torch")
    x = torch.tensor(X, requires_grad=True)
    y = getattr(torch.nn.functional, SAME[name])(x)
    y.sum().backward()
    z = dg.array(X)
    out = getattr(dg, name)(z)
    out.sum().backward()
    rtol = 1e-7 if name.startswith("hard_") else 1e-13  # PyTorch has 1/6 there in single precision
    np.testing.assert_allclose(out.data, y.detach().numpy(), rtol=rtol, atol=1e-16)
    np.testing.assert_allclose(z.grad.data, x.grad.numpy(), rtol=rtol, atol=1e-16)


def test_prelu_equals_that_of_pytorch():
    torch = pytest.importorskip("torch")
    x, a = torch.tensor(X.reshape(3, 4), requires_grad=True), torch.tensor([0.1, 0.2, 0.3, 0.4]).double()
    a.requires_grad_()
    torch.nn.functional.prelu(x, a).square().sum().backward()
    got = dg.grad(lambda x, a: dg.prelu(x, a).sum() * 0 + (dg.prelu(x, a) ** 2).sum(), argnums=(0, 1))(
        X.reshape(3, 4), a.detach().numpy()
    )
    np.testing.assert_allclose(got[0], x.grad.numpy())
    np.testing.assert_allclose(got[1], a.grad.numpy())


STRAIGHT = ("hard_sigmoid", "hardtanh", "relu6", "leaky_relu")
"""Of straight lines: the slope does not depend on x."""


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", [n for n in SAME if n != "glu"])
def test_far_ends(name: str, dtype: str):
    """No warning, no NaN, with a gradient and a second derivative: the slope is 0 or 1, or the ReLU's."""
    ends = np.array([-3e4, -1e3, -100.0, 100.0, 1e3, 3e4], dtype)  # 2x must be finite in float16
    function = getattr(dg, name)
    with np.errstate(over="ignore", under="ignore"):  # x² and e^(−|x|) may, in float16

        def total(x: Any) -> Any:
            return dg.astype(function(x), "float64").sum()

        slope = dg.grad(total)(ends)
        assert np.isfinite(slope).all()
        if name not in STRAIGHT:
            curve = dg.grad(lambda x: dg.astype(dg.grad(total)(x), "float64").sum())(ends)
            assert np.isfinite(curve).all()


def test_limits_at_infinity():
    for function in (dg.silu, dg.gelu, dg.mish):
        assert function([-np.inf, np.inf]).tolist() == [0, np.inf]


def test_clip_hands_the_gradient_to_what_it_chose():
    x, low, high = dg.array([-1.0, 0.0, 0.5, 1.0, 2.0]), dg.array(0.0), dg.array(np.ones(5))
    dg.clip(x, low, high).sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 1, 0]
    assert (low.grad.item(), high.grad.tolist()) == (1, [0, 0, 0, 0, 1])


def test_remainders_of_every_sign():
    x, y = np.meshgrid([-7.5, -2.0, 3.0, 8.25], [-3.0, -0.7, 0.7, 2.5])
    for name in ("remainder", "fmod", "floor_divide"):
        np.testing.assert_array_equal(getattr(dg, name)(x, y).data, getattr(np, name)(x, y))


def test_gradients_at_zero_of_a_product_with_a_logarithm():
    assert dg.grad(dg.xlogy, argnums=(0, 1))(0.0, 0.0) == (0, 0)
    assert dg.grad(dg.xlog1py, argnums=(0, 1))(0.0, -1.0) == (0, 0)
    assert dg.grad(dg.xlogy, argnums=(0, 1))(0.0, 2.0) == (np.log(2), 0)


def test_sinc_has_all_derivatives_at_zero():
    function = dg.sinc
    for want in (0, -(np.pi**2) / 3, 0, np.pi**4 / 5):
        function = dg.grad(function)
        assert np.isclose(function(0.0), want, atol=1e-14)
