"""Gradients through complex numbers equal JAX's: of a real L with respect to z = x + iy, ∂L/∂x − i ∂L/∂y."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg

Z = np.array([1.5 - 0.5j, -0.3 + 2j, -1 - 1j])
W = np.array([0.5, 2.0, -1.0])

LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "real": lambda m, z: (m.real(z * z) * W).sum(),
    "imag": lambda m, z: (m.imag(z * z * z) * W).sum(),
    "conj": lambda m, z: m.real(m.conj(z) * z * z).sum(),
    "abs": lambda m, z: (m.abs(z * z + 1) * W).sum(),
    "angle": lambda m, z: (m.angle(z) * W).sum(),
    "through real numbers": lambda m, z: (m.real(m.exp(m.real(z) * z)) * W).sum(),
    "of a matrix product": lambda m, z: m.abs(m.sum(z * m.conj(z) * W)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_equal_those_of_jax(name: str):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        want = jax.grad(lambda z: LOSSES[name](jax.numpy, z))(Z)
    np.testing.assert_allclose(dg.grad(lambda z: LOSSES[name](dg, z))(Z), want, rtol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_second_derivatives_equal_those_of_jax(name: str):
    jax = pytest.importorskip("jax")

    def slope(m: Any, grad: Any) -> Any:
        return lambda z: (m.real(grad(lambda z: LOSSES[name](m, z))(z)) * W).sum()

    with jax.enable_x64(True):
        want = jax.grad(slope(jax.numpy, jax.grad))(Z)
    np.testing.assert_allclose(dg.grad(slope(dg, dg.grad))(Z), want, rtol=1e-11, atol=1e-13)


def test_a_complex_number_of_real_leaves():
    x, y = dg.array([3.0, 1.0]), dg.array([4.0, 0.0])
    abs(dg.complex(x, y)).sum().backward()
    np.testing.assert_allclose([x.grad, y.grad], [[0.6, 1], [0.8, 0]])


def test_at_zero():
    assert dg.grad(dg.abs)(np.complex128(0)) == 0
    assert dg.grad(dg.angle)(np.complex128(0)) == 0


def test_a_jvp_is_the_difference():
    v = np.array([1 + 1j, 0.5j, -2.0])
    for loss in LOSSES.values():
        _, slope = dg.jvp(lambda z, f=loss: f(dg, z), (Z,), (v,))
        h = 1e-6
        difference = (loss(dg, Z + h * v) - loss(dg, Z - h * v)) / (2 * h)
        np.testing.assert_allclose(slope, difference.data, rtol=1e-6)
