"""Statements that assign, as NumPy users write them, and arrays for them."""

from __future__ import annotations

from typing import Any

import numpy as np

SNIPPETS = [
    "x[0] = v",
    "x[1, 2] = v[0]",
    "x[-1, -1] = 5",
    "x[...] = v",
    "x[:] = 3.5",
    "x[()] = v",
    "x[1:, ::2] = v[:2]",
    "x[1:, ::2] -= v[1:3]",
    "x[::-1] = x",
    "x[0, 1], x[1, 0] = x[1, 0], x[0, 1]",
    "x[0] = x[1] * 2; x[2] = x[0]",
    "x[0] = np.array([[1, 2, 3, 4]])",
    "x[0] = np.array([[[7]]])",
    "x[:, None, 1] = v[:3, None]",
    "x[[0, 2]] = v",
    "x[[0, 0]] = np.stack([v, v * 2])",
    "x[[0, 0]] += v",
    "x[[0, 1], [2, 3]] = v[:2]",
    "x[[0, 1, 0], [2, 3, 2]] = v[:3]",
    "x[:, [0, -1]] = v[:2]",
    "x[i, 1] = v[:3]",
    "x[i] *= v",
    "x[np.array([[0], [1]]), [1, 2]] = v[2:]",
    "x[mask] = 0",
    "x[mask] += 1",
    "x[mask] *= 2",
    "x[rows] = v",
    "x[~rows, 1] = v[0]",
    "x[x > 0] = 0.5",
    "x[x > 0] **= 2",
    "x += v",
    "x -= v * 2",
    "x *= 2",
    "x /= 2 + v**2",
    "x **= 2",
    "x @= np.eye(4)",
    "x += x",
    "y = x; x[0] = 1",
    "y = x; x += 1",
    "y = x.copy(); x[0] = 1",
    "y = +x; x[0] = 1",
    "y = x.astype(float); y[0] = 1",
    "y = x * 2; x[0] = 1; y[1] = x[0]",
    "y = np.zeros_like(x); y[0] = x[1]; y[1] += y[0]",
    "y = np.zeros_like(v)\nfor k in range(4): y[k] = v[k] * (y[k - 1] + 1)",
    "for k in range(1, 3): x[k] = x[k] + 0.5 * x[k - 1]",
    "for k in range(4): x[:, k] = np.sin(x[:, k - 1])",
    "for k in range(3): x[1:-1, 1:-1] += 0.1 * (x[2:, 1:-1] - x[:-2, 1:-1])",
    "np.add.at(x, i, v)",
    "np.add.at(x, (i, [1, 1, 2]), v[:3])",
    "np.subtract.at(x, ([0, 0, 2], 1), v[:3])",
    "np.multiply.at(x, ([0, 0, 0, 2], 1), v)",
    "np.maximum.at(x, i, v)",
    "np.minimum.at(x, (slice(None), [0, 0]), v[:2])",
    "np.put_along_axis(x, np.array([[0], [3], [1]]), v[:3, None], axis=1)",
    "np.put_along_axis(x, np.array([[0, 2, 0, 1]]), 9.0, axis=0)",
    "np.put_along_axis(x, np.array([0, 11]), 9.0, axis=None)",
    "np.fill_diagonal(x, 0)",
    "np.fill_diagonal(x, v[:3])",
    "y = x.T.copy(); np.fill_diagonal(y, 7.0, wrap=True)",
    "np.copyto(x, v)",
    "np.copyto(x, v, where=mask)",
    "np.putmask(x, mask, v[:3])",
    "np.put(x, [0, -1, 5], v[:2])",
    "x.fill(2.0)",
    "y = np.exp(x, out=x)",
    "y = np.zeros_like(x); np.exp(x, out=y); y *= x",
    "np.add(x, v, out=x)",
    "y = np.zeros_like(v); np.sum(x, axis=0, out=y)",
]


def setting() -> tuple[Any, Any]:
    rng = np.random.default_rng(3)
    return rng.uniform(-2, 2, (3, 4)), rng.uniform(0.5, 2, 4)


def execute(code: str, x: Any, v: Any) -> tuple[Any, ...]:
    mask = np.array([[True, False, True, True], [False] * 4, [True, True, False, False]])
    names = {"np": np, "x": x, "v": v, "i": np.array([2, 0, 2]), "mask": mask, "rows": mask[:, 0]}
    if "x[i]" in code or "(x, i, v)" in code:
        names["i"] = np.array([2, 0])
    exec(code, names)
    return names["x"], names.get("y", 0.0)


def same(got: Any, want: Any) -> None:
    got = np.asarray(got)
    assert (got.shape, got.dtype) == (np.shape(want), np.asarray(want).dtype)
    np.testing.assert_allclose(got, want, rtol=1e-14)
