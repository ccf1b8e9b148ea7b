"""The same function here and in PyTorch: values, gradients, dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import diagrad as dg


def agree(ours: Callable[..., Any], theirs: Callable[..., Any], **arrays: Any) -> None:
    """Compare values and the gradients to every floating-point array, in float64 to 1e-12.

    What is compared is a weighted sum of the result, so that no gradient is lost in symmetry. In float32
    both stay float32.
    """
    import torch

    def tensor(x: Any) -> Any:
        made = torch.from_numpy(np.array(x))
        return made.requires_grad_(made.is_floating_point())

    leaves = {key: _leaf(x) for key, x in arrays.items()}
    tensors = {key: tensor(x) for key, x in arrays.items()}
    y, want = ours(**leaves), theirs(**tensors)
    np.testing.assert_allclose(y.data, want.detach().numpy(), rtol=1e-12, atol=1e-12)
    g = np.random.default_rng(7).normal(size=y.shape)
    y.backward(g)
    want.backward(torch.from_numpy(np.array(g)))
    for key, x in leaves.items():
        if isinstance(x, dg.Array):
            theirs_g = tensors[key].grad
            wanted = np.zeros(x.shape) if theirs_g is None else theirs_g.numpy()
            got = np.zeros(x.shape) if x.grad is None else x.grad.data
            np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-12, err_msg=key)
    half = {key: np.float32(x) if np.asarray(x).dtype.kind == "f" else x for key, x in arrays.items()}
    singles = {key: _leaf(x) for key, x in half.items()}
    single = ours(**singles)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single.data, want.detach().numpy(), rtol=1e-3, atol=1e-4)
    single.backward(np.float32(g))
    assert all(
        x.grad is None or x.grad.dtype == np.float32 for x in singles.values() if isinstance(x, dg.Array)
    )


def _leaf(x: Any) -> Any:
    return dg.array(x) if np.asarray(x).dtype.kind == "f" else np.asarray(x)
