"""Convolutions as functions, against PyTorch and NumPy over strides, padding, dilation and groups."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import ShapeError

CASES = [
    *product((1,), (1, 2, 3), (0, 1), (1, 2), (1, 2)),
    *product((2,), (1, 2), (0, 2), (1, 2), (1, 4)),
    *product((3,), (1, 2), (0, 1), (1,), (1, 2)),
]
"""Spatial axes, stride, padding, dilation, groups."""


def gradients(y: Any, xs: list[Any], weight: Any) -> tuple[list[Any], list[Any]]:
    """Of Σ weight · y², and of the sum of those gradients squared."""
    total = (dg.square(y) * weight).sum()
    total.backward(create_graph=True)
    first = [x.grad for x in xs]
    for x in xs:
        x.grad = None
    sum((dg.square(g).sum() for g in first), start=dg.asarray(0.0)).backward()
    return first, [x.grad for x in xs]


def torch_gradients(y: Any, xs: list[Any], weight: Any) -> tuple[list[Any], list[Any]]:
    import torch

    total = (y**2 * torch.tensor(weight)).sum()
    first = torch.autograd.grad(total, xs, create_graph=True)
    return list(first), list(torch.autograd.grad(sum((g**2).sum() for g in first), xs))


def assert_same(got: Any, want: Any) -> None:
    want = want.detach().numpy()
    np.testing.assert_allclose(got.data, want, rtol=1e-12, atol=1e-12 * np.abs(want).max())


@pytest.mark.parametrize(("rank", "stride", "padding", "dilation", "groups"), CASES)
def test_conv_as_in_pytorch(rank, stride, padding, dilation, groups, rng):
    torch = pytest.importorskip("torch")
    shape = (5, 4, 4)[:rank] if dilation == 1 else (6, 7, 5)[:rank]
    arrays = (
        rng.normal(size=(2, 4, *shape)),
        rng.normal(size=(4, 4 // groups, *(2, 3, 2)[:rank])),
        rng.normal(size=4),
    )
    xs, ts = [dg.array(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    y = dg.conv(*xs, stride=stride, padding=padding, dilation=dilation, groups=groups)
    z = getattr(torch.nn.functional, f"conv{rank}d")(*ts, stride, padding, dilation, groups)
    assert_same(y, z)
    weight = rng.normal(size=y.shape)
    for got, want in zip(gradients(y, xs, weight), torch_gradients(z, ts, weight), strict=True):
        for g, w in zip(got, want, strict=True):
            assert_same(g, w)


@pytest.mark.parametrize(("rank", "stride", "padding", "dilation", "groups"), CASES)
def test_conv_transpose_as_in_pytorch(rank, stride, padding, dilation, groups, rng):
    torch = pytest.importorskip("torch")
    arrays = (
        rng.normal(size=(2, 4, *(3, 2, 3)[:rank])),
        rng.normal(size=(4, 4 // groups, *(3, 2, 2)[:rank])),
        rng.normal(size=4),
    )
    more = max(stride, dilation) - 1
    if padding == 2:
        arrays = (rng.normal(size=(2, 4, 5, 5)), *arrays[1:])
    xs, ts = [dg.array(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    y = dg.conv_transpose(
        *xs, stride=stride, padding=padding, output_padding=more, dilation=dilation, groups=groups
    )
    function = getattr(torch.nn.functional, f"conv_transpose{rank}d")
    z = function(*ts, stride, padding, more, groups, dilation)
    assert_same(y, z)
    weight = rng.normal(size=y.shape)
    for got, want in zip(gradients(y, xs, weight), torch_gradients(z, ts, weight), strict=True):
        for g, w in zip(got, want, strict=True):
            assert_same(g, w)


def test_padding_in_all_its_forms(rng):
    x, w = rng.normal(size=(1, 1, 5, 6)), rng.normal(size=(1, 1, 3, 2))
    wide = np.pad(x, ((0, 0), (0, 0), (1, 2), (3, 0)))
    want = dg.conv(wide, w).data
    np.testing.assert_allclose(dg.conv2d(x, w, padding=((1, 2), (3, 0))).data, want)
    np.testing.assert_array_equal(dg.conv2d(x, w, padding="valid").data, dg.conv2d(x, w).data)
    np.testing.assert_array_equal(
        dg.conv2d(x, w, padding=(1, 0)).data, dg.conv2d(x, w, padding=((1, 1), (0, 0))).data
    )


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2)])
def test_same_padding_as_in_jax(stride, dilation, rng):
    jax = pytest.importorskip("jax")
    x, w = rng.normal(size=(1, 2, 7, 8)), rng.normal(size=(3, 2, 2, 3))
    got = dg.conv(x, w, stride=stride, padding="same", dilation=dilation)
    with jax.enable_x64(True):
        want = jax.lax.conv_general_dilated(
            x, w, (stride,) * 2, "SAME", rhs_dilation=(dilation,) * 2, precision="highest"
        )
    assert got.shape[2:] == (-(-7 // stride), -(-8 // stride))
    np.testing.assert_allclose(got.data, want, rtol=1e-12, atol=1e-12)


def test_one_image_without_its_first_axis(rng):
    x, w, b = rng.normal(size=(3, 5, 5)), rng.normal(size=(2, 3, 2, 2)), rng.normal(size=2)
    np.testing.assert_array_equal(dg.conv(x, w, b).data, dg.conv(x[None], w, b).data[0])
    assert dg.conv_transpose(x, rng.normal(size=(3, 2, 2, 2))).shape == (2, 6, 6)


@pytest.mark.parametrize("in_axes", [(0, 0), (0, None), (None, 1)])
def test_vmap_is_one_node(in_axes, rng):
    x = rng.normal(size=(4, 2, 2, 6) if in_axes[0] == 0 else (2, 2, 6))
    w = rng.normal(size={0: (4, 3, 2, 3), 1: (3, 4, 2, 3), None: (3, 2, 3)}[in_axes[1]])
    every = dg.vmap(lambda x, w: dg.conv(x, w, padding=1), in_axes)

    def pick(a: Any, axis: int | None, at: int) -> Any:
        return a if axis is None else np.take(a, at, axis)

    want = [dg.conv(pick(x, in_axes[0], at), pick(w, in_axes[1], at), padding=1).data for at in range(4)]
    np.testing.assert_allclose(every(x, w), want, rtol=1e-12, atol=1e-12)
    graph = dg.trace(every)(x, w)
    assert [node.op.name for node in graph.nodes].count("Convolve") == 1


def test_large_inputs_are_convolved_in_blocks(rng):
    x, w = rng.normal(size=(9, 3, 40, 40)).astype("f4"), rng.normal(size=(2, 3, 7, 7)).astype("f4")
    whole = dg.conv(x, w)
    np.testing.assert_allclose(whole.data[4:5], dg.conv(x[4:5], w).data, rtol=1e-4, atol=1e-4)
    op = dg.ops.Convolve((1, 1), ((0, 0), (0, 0)), (1, 1))
    assert len(list(op.columns(x, (7, 7)))) == 9


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("m", "k"), [(5, 3), (3, 5), (4, 4), (6, 2), (2, 6), (1, 1)])
def test_convolve_and_correlate_as_in_numpy(mode, m, k, rng):
    a, v = rng.normal(size=m), rng.normal(size=k)
    x, y = dg.array(a), dg.array(v)
    np.testing.assert_allclose(np.convolve(x, y, mode).data, np.convolve(a, v, mode), atol=1e-14)
    np.testing.assert_allclose(np.correlate(x, y, mode).data, np.correlate(a, v, mode), atol=1e-14)


WRONG = {
    "channels": (lambda: dg.conv(np.ones((1, 3, 5)), np.ones((2, 2, 3))), r"x has channels C = 3 but w wants"),
    "groups": (lambda: dg.conv(np.ones((1, 4, 5)), np.ones((3, 2, 3)), groups=2), r"3 filters of w do not fall"),
    "kernel": (lambda: dg.conv(np.ones((1, 1, 3)), np.ones((1, 1, 5))), r"does not fit along spatial axis 0"),
    "rank": (lambda: dg.conv2d(np.ones((1, 1, 3)), np.ones((1, 1, 3))), r"conv2d: w has 3 axes"),
    "axes": (lambda: dg.conv(np.ones((1, 3)), np.ones((1, 1, 3, 3))), r"x has 2 axes, w has 4"),
    "bias": (lambda: dg.conv(np.ones((1, 1, 3)), np.ones((2, 1, 3)), np.ones(3)), r"b has shape \(3,\)"),
    "stride": (lambda: dg.conv(np.ones((1, 1, 3)), np.ones((2, 1, 3)), stride=0), r"stride does not fit 1"),
    "padding": (lambda: dg.conv(np.ones((1, 1, 3)), np.ones((2, 1, 3)), padding=(1, 1)), r"padding does not"),
    "mode": (lambda: dg.conv(np.ones((1, 1, 3)), np.ones((2, 1, 3)), padding="sme"), r"padding does not"),
    "more": (
        lambda: dg.conv_transpose(np.ones((1, 1, 3)), np.ones((1, 1, 3)), output_padding=1),
        r"output_padding is too large",
    ),
    "gone": (lambda: dg.conv_transpose(np.ones((1, 1, 1)), np.ones((1, 1, 2)), padding=1), r"takes all cells"),
    "vectors": (lambda: dg.convolve(np.ones((2, 2)), np.ones(2)), r"convolve: both inputs must have one axis"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_errors_say_what_is_wrong_and_where(name):
    call, text = WRONG[name]
    with pytest.raises(ShapeError, match=text) as info:
        call()
    assert "test_convolution.py" in str(info.value)
