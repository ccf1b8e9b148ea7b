"""Pooling, windows and resizing as functions, against PyTorch and NumPy."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import ShapeError

CASES = [c for c in product((1, 2), (2, 3), (1, 2, 3), (0, 1), (1, 2), (False, True)) if c[4] == 1 or not c[5]]
"""Spatial axes, size, stride, padding, dilation, ceil_mode."""


def check(got, want, x, t, rng):
    """The same value and the same gradient."""
    import torch

    np.testing.assert_allclose(got.data, want.detach().numpy(), rtol=1e-12, atol=1e-12)
    weight = rng.normal(size=got.shape)
    (got * weight).sum().backward()
    (g,) = torch.autograd.grad((want * torch.tensor(weight)).sum(), t)
    np.testing.assert_allclose(x.grad.data, g.numpy(), rtol=1e-12, atol=1e-12)


def pair(a):
    torch = pytest.importorskip("torch")
    return dg.array(a), torch.tensor(a, requires_grad=True), torch.nn.functional


@pytest.mark.parametrize(("rank", "size", "stride", "padding", "dilation", "ceil"), CASES)
def test_max_pool_as_in_pytorch_also_where_cells_are_equal(rank, size, stride, padding, dilation, ceil, rng):
    x, t, torch = pair(np.maximum(rng.integers(-3, 3, (2, 2, *(8, 7)[:rank])).astype(float), 0))
    y = dg.max_pool(x, size, stride, padding, dilation, ceil)
    check(y, getattr(torch, f"max_pool{rank}d")(t, size, stride, padding, dilation, ceil), x, t, rng)


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize(("rank", "size", "stride", "padding", "dilation", "ceil"), [c for c in CASES if c[4] == 1])
def test_avg_pool_as_in_pytorch(rank, size, stride, padding, dilation, ceil, include, rng):
    x, t, torch = pair(rng.normal(size=(2, 2, *(8, 7)[:rank])))
    y = dg.avg_pool(x, size, stride, padding, ceil, include)
    check(y, getattr(torch, f"avg_pool{rank}d")(t, size, stride, padding, ceil, include), x, t, rng)


@pytest.mark.parametrize("size", [1, 2, 3, (4, 5), (6, 8)])
def test_adaptive_pools_as_in_pytorch(size, rng):
    for kind in ("avg", "max"):
        x, t, torch = pair(rng.integers(0, 3, (2, 3, 6, 7)).astype(float))
        y = getattr(dg, f"adaptive_{kind}_pool")(x, size)
        check(y, getattr(torch, f"adaptive_{kind}_pool2d")(t, size), x, t, rng)


def test_lp_pool_and_global_pools_as_in_pytorch(rng):
    x, t, torch = pair(rng.uniform(0.5, 2, (2, 3, 4, 6)))
    check(dg.lp_pool(x, 3, 2), torch.lp_pool2d(t, 3, 2), x, t, rng)
    x, t, torch = pair(x.numpy())
    check(dg.global_max_pool(x), t.amax((2, 3)), x, t, rng)
    x, t, torch = pair(x.numpy())
    check(dg.global_avg_pool(x, keepdims=True), t.mean((2, 3), keepdim=True), x, t, rng)


@pytest.mark.parametrize(("size", "dilation", "padding", "stride"), [(2, 1, 0, 1), ((2, 3), 1, 1, 2), (2, 2, 0, 2)])
def test_unfold_and_fold_as_in_pytorch(size, dilation, padding, stride, rng):
    x, t, torch = pair(rng.normal(size=(2, 3, 6, 5)))
    y, z = dg.unfold(x, size, dilation, padding, stride), torch.unfold(t, size, dilation, padding, stride)
    check(y, z, x, t, rng)
    u, v, torch = pair(y.numpy())
    again = torch.fold(v, (6, 5), size, dilation, padding, stride)
    check(dg.fold(u, (6, 5), size, dilation, padding, stride), again, u, v, rng)


@pytest.mark.parametrize("size", [3, 8, (10, 9), (5, 14)])
@pytest.mark.parametrize(("method", "name"), [("nearest", "nearest"), ("linear", "bilinear")])
def test_resize_as_in_pytorch(size, method, name, rng):
    for corners in (False, True) if method == "linear" else (False,):
        x, t, torch = pair(rng.normal(size=(2, 3, 5, 7)))
        want = torch.interpolate(
            t, size=size if isinstance(size, tuple) else (size, size), mode=name, align_corners=corners or None
        )
        check(dg.resize(x, size, method, corners), want, x, t, rng)


@pytest.mark.parametrize(("window", "axis"), [(2, 0), ((2, 3), None), ((3, 2), (1, 0)), (3, -1)])
def test_sliding_window_view_as_in_numpy(window, axis, rng):
    a = rng.normal(size=(4, 5))
    view = np.lib.stride_tricks.sliding_window_view
    got = view(dg.array(a), window, axis)
    assert isinstance(got, dg.Array)
    np.testing.assert_array_equal(got.data, view(a, window, axis))


def test_padding_never_wins_even_against_minus_infinity():
    x = dg.array(np.full((1, 1, 2), -np.inf))
    dg.max_pool(x, 2, 1, 1).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [[[2.0, 1.0]]])


def test_integers_are_pooled():
    x = np.array([[[-5, -7, 3]]], np.int8)
    assert dg.max_pool(x, 2, 1, 1).data.tolist() == [[[-5, -5, 3, 3]]]


def test_vmap_of_pools(rng):
    x = rng.normal(size=(3, 2, 2, 6))
    for pool in (dg.max_pool, dg.avg_pool, dg.adaptive_max_pool):
        np.testing.assert_allclose(dg.vmap(lambda x: pool(x, 2))(x), [pool(one, 2).data for one in x])


def test_errors_say_what_is_wrong():
    with pytest.raises(ShapeError, match="more padding than half a window"):
        dg.max_pool(np.ones((1, 1, 4)), 2, padding=2)
    with pytest.raises(ShapeError, match="does not fit along spatial axis 0"):
        dg.avg_pool(np.ones((1, 1, 2)), 3)
    with pytest.raises(ShapeError, match="x has 2 axes"):
        dg.max_pool(np.ones((1, 4)), 2)
    with pytest.raises(ShapeError, match="are not the windows of"):
        dg.fold(np.ones((1, 4, 3)), (3, 3), 2)
    with pytest.raises(ValueError, match="'nearest' or 'linear'"):
        dg.resize(np.ones((1, 1, 2)), 4, "cubic")
