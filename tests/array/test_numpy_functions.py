"""NumPy's functions on Arrays: recorded, equal to NumPy's result, with the right gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.testing import check_gradients

V, W = np.array([0.7, -1.3, 2.1, 0.4]), np.array([1.5, 0.2, -0.6, 0.9])
M = np.array([[0.5, -1.2, 2.0], [1.7, 0.3, -0.8]])
N = np.array([[1.1, 0.4], [-0.7, 1.3], [0.2, -1.9]])
S = np.array([[1.0, 0.5, -0.2], [0.3, -1.4, 0.8], [0.6, 0.1, 1.9]])
T = np.sin(3 * np.arange(24.0)).reshape(2, 3, 4)
U = np.cos(2 * np.arange(24.0)).reshape(3, 4, 2)
Z = np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]])
DOTS = ((V, W), (T, W), (np.array(2.0), M), (M, N), (M[0], N), (T, U), (V, U), (M, S))

DIFFERENTIABLE: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
    ("prod", np.prod, (M,)),
    ("prod axis", lambda x: np.prod(x, axis=1, keepdims=True), (Z,)),
    ("prod axes", lambda x: np.prod(x, axis=(0, 2)), (T,)),
    ("multiply.reduce", lambda x: np.multiply.reduce(x, axis=1), (Z,)),
    ("add.accumulate", lambda x: np.add.accumulate(x, axis=1), (M,)),
    ("var", np.var, (M,)),
    ("var ddof", lambda x: np.var(x, axis=1, ddof=1, keepdims=True), (M,)),
    ("var correction", lambda x: np.var(x, axis=(0, 2), correction=2), (T,)),
    ("std", lambda x: np.std(x, axis=0, ddof=1), (S,)),
    ("average", lambda x, w: np.average(x, weights=w), (V, np.abs(W))),
    ("average axis", lambda x, w: np.average(x, axis=1, weights=w), (M, np.array([1.0, 2.0, 0.5]))),
    ("average axes", lambda x, w: np.average(x, axis=(2, 0), weights=w), (T, np.abs(U[0]))),
    ("average plain", lambda x: np.average(x, axis=0), (M,)),
    ("median odd", lambda x: np.median(x, axis=1), (M,)),
    ("median even", lambda x: np.median(x, axis=(0, 2), keepdims=True), (T,)),
    ("quantile", lambda x: np.quantile(x, 0.3), (M,)),
    ("quantile many", lambda x: np.quantile(x, [[0.1, 0.5], [0.9, 1.0]], axis=1), (T,)),
    ("quantile method", lambda x: np.quantile(x, 0.4, axis=0, method="midpoint"), (T,)),
    ("percentile", lambda x: np.percentile(x, 75, axis=-1, keepdims=True), (T,)),
    ("cumsum", np.cumsum, (M,)),
    ("cumsum axis", lambda x: np.cumsum(x, axis=1), (T,)),
    ("cumulative_sum", lambda x: np.cumulative_sum(x, axis=0, include_initial=True), (M,)),
    ("cumprod", lambda x: np.cumprod(x, axis=1), (Z,)),
    ("cumulative_prod", lambda x: np.cumulative_prod(x, axis=1, include_initial=True), (M,)),
    ("diff", np.diff, (V,)),
    ("diff n", lambda x: np.diff(x, n=2, axis=1, prepend=1.0), (M,)),
    ("sort", lambda x: np.sort(x, axis=0), (S,)),
    ("sort flat", lambda x: np.sort(x, axis=None), (S,)),
    ("take", lambda x: np.take(x, [2, 0, 2], axis=1), (M,)),
    ("take flat", lambda x: np.take(x, np.array([[0, -1]])), (M,)),
    ("take_along_axis", lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1), (M,)),
    ("take_along_axis wide", lambda x: np.take_along_axis(x, np.array([[0, 2, 1]]), axis=1), (M,)),
    ("pad", lambda x: np.pad(x, 1), (M,)),
    ("pad values", lambda x: np.pad(x, ((1, 2), (0, 1)), constant_values=((1, 2), (3, 4))), (M,)),
    ("pad edge", lambda x: np.pad(x, (2, 1), mode="edge"), (M,)),
    ("pad reflect", lambda x: np.pad(x, ((0, 3), (4, 5)), "reflect"), (M,)),
    ("pad symmetric", lambda x: np.pad(x, 3, "symmetric"), (V,)),
    ("pad wrap", lambda x: np.pad(x, {-1: (5, 2)}, "wrap"), (M,)),
    ("roll", lambda x: np.roll(x, 2), (M,)),
    ("roll axes", lambda x: np.roll(x, (1, -2), axis=(0, 1)), (M,)),
    ("roll twice", lambda x: np.roll(x, (1, 1), axis=(1, 1)), (M,)),
    ("flip", np.flip, (T,)),
    ("flip axis", lambda x: np.flip(x, axis=(0, 2)), (T,)),
    ("fliplr", np.fliplr, (M,)),
    ("flipud", np.flipud, (M,)),
    *((f"rot90 {k}", lambda x, k=k: np.rot90(x, k), (M,)) for k in range(-1, 4)),
    ("rot90 axes", lambda x: np.rot90(x, axes=(2, 0)), (T,)),
    ("tile", lambda x: np.tile(x, 2), (M,)),
    ("tile up", lambda x: np.tile(x, (2, 1, 3)), (M,)),
    ("repeat", lambda x: np.repeat(x, 2), (M,)),
    ("repeat axis", lambda x: np.repeat(x, 3, axis=0), (M,)),
    ("repeat counts", lambda x: np.repeat(x, [0, 2, 1], axis=1), (M,)),
    ("split", lambda x: np.split(x, 2), (V,)),
    ("split at", lambda x: np.split(x, [1], axis=1), (M,)),
    ("array_split", lambda x: np.array_split(x, 3), (V,)),
    ("hsplit", lambda x: np.hsplit(x, [2]), (M,)),
    ("vsplit", lambda x: np.vsplit(x, 2), (M,)),
    ("dsplit", lambda x: np.dsplit(x, 2), (T,)),
    ("unstack", lambda x: np.unstack(x, axis=1), (M,)),
    ("hstack", lambda x, y: np.hstack([x, y]), (M, M)),
    ("hstack vectors", lambda x, y: np.hstack((x, y, 1.0)), (V, W)),
    ("vstack", lambda x, y: np.vstack([x, y]), (V, W)),
    ("dstack", lambda x, y: np.dstack([x, y]), (M, M)),
    ("column_stack", lambda x, y: np.column_stack([x, y]), (V, W)),
    ("append", np.append, (M, V)),
    ("append axis", lambda x, y: np.append(x, y, axis=0), (M, M)),
    ("atleast_2d", np.atleast_2d, (V,)),
    ("atleast_3d", np.atleast_3d, (V, M)),
    ("broadcast_arrays", np.broadcast_arrays, (M, np.array([1.0, 2.0, 3.0]))),
    ("meshgrid", np.meshgrid, (V, np.array([1.0, 2.0, 3.0]))),
    ("meshgrid ij", lambda x, y: np.meshgrid(x, y, x, indexing="ij", sparse=True), (V, W)),
    ("diagonal", lambda x: np.diagonal(x, 1), (S,)),
    ("diagonal axes", lambda x: np.diagonal(x, -1, 2, 0), (T,)),
    ("linalg.diagonal", lambda x: np.linalg.diagonal(x, offset=1), (T,)),
    ("diag", lambda x: np.diag(x, 1), (S,)),
    ("diag of a vector", lambda x: np.diag(x, -2), (V,)),
    ("diagflat", np.diagflat, (M,)),
    ("trace", np.trace, (S,)),
    ("trace axes", lambda x: np.trace(x, 1, axis1=1, axis2=2), (T,)),
    ("linalg.trace", np.linalg.trace, (T,)),
    ("tril", lambda x: np.tril(x, 1), (T,)),
    ("triu", lambda x: np.triu(x, k=-1), (S,)),
    ("moveaxis", lambda x: np.moveaxis(x, (0, 1), (-1, 0)), (T,)),
    ("swapaxes", lambda x: np.swapaxes(x, 0, -1), (T,)),
    *((f"dot {x.ndim} {y.ndim}", np.dot, (x, y)) for x, y in DOTS),
    ("inner", np.inner, (M, S)),
    ("outer", np.outer, (V, M)),
    ("vdot", np.vdot, (M, N)),
    ("vecdot", np.linalg.vecdot, (T, W)),
    ("tensordot", lambda x, y: np.tensordot(x, y, axes=1), (T, V)),
    ("tensordot axes", lambda x, y: np.tensordot(x, y, axes=([0, 2], [2, 1])), (T, U)),
    ("tensordot none", lambda x, y: np.tensordot(x, y, axes=0), (V, M)),
    ("kron", np.kron, (M, V)),
    ("kron matrices", np.kron, (M, N)),
    ("cross", np.cross, (M, S[0])),
    ("linalg.cross", lambda x, y: np.linalg.cross(x, y, axis=0), (N, N[:, ::-1].copy())),
    ("linalg.outer", np.linalg.outer, (V, W)),
    ("linspace", lambda x, y: np.linspace(x, y, 5), (np.array(1.0), np.array(3.0))),
    ("linspace of arrays", lambda x, y: np.linspace(x, y, 4, endpoint=False), (V, W)),
]  # fmt: skip

EINSUM: list[tuple[str, tuple[Any, ...]]] = [
    ("ij,jk->ik", (M, N)),
    ("ij,jk->ki", (M, N)),
    ("ij,kj", (M, S)),
    ("ij,ji", (M, N)),
    ("ij->ji", (M,)),
    ("ji", (M,)),
    ("ij->", (M,)),
    ("ii", (S,)),
    ("ii->i", (S,)),
    ("iij->j", (np.stack([S, S + 1, S * 2], 2),)),
    ("iii->i", (np.stack([S, S + 1, S * 2], 2),)),
    ("i,i->i", (V, W)),
    ("i,j", (V, W)),
    ("i,j->ji", (V, W)),
    ("bij,bjk->bik", (T, T.swapaxes(1, 2))),
    ("bij,bkj->bk", (T, T)),
    ("...ij,...jk->...ik", (T, T[0].T)),
    ("i...,i...->...", (T, T)),
    ("...j,jk", (T, U[1])),
    ("ij...->j...i", (T,)),
    ("...->...", (T,)),
    ("ij,jk,kl->il", (M, N, M)),
    ("ij,ik,il->jkl", (M, M, M)),
    ("a,b,c,d->dcba", (V[:2], W[:2], V[:3], W[:2])),
    ("ij,jk,kl,lm,mn,no,oi->", (M, N, M, N, M, N, np.eye(2))),
    ("ij,jk->ik", (M[:, :1], S)),
    ("ij,ij->ij", (M[:, :1], M)),
    (" i j , j -> i ", (M, S[0])),
    ("Ab,bA", (M, N)),
    (",i->i", (np.array(2.0), V)),
    ("ij,k->i", (M, V)),
]


def named(cases: list[tuple[Any, ...]]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


def parts_of(y: Any) -> list[Any]:
    return list(y) if isinstance(y, tuple | list) else [y]


def check(function: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    """The same values and dtypes as NumPy's on plain arrays, eager and traced."""
    want = parts_of(function(*inputs))
    got = parts_of(function(*(dg.array(x) for x in inputs)))
    assert [type(y) for y in got] == [dg.Array] * len(want)
    for y, z in zip(got, want, strict=True):
        assert (y.shape, y.dtype) == (np.shape(z), z.dtype)
        np.testing.assert_allclose(y.data, z, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("function", "inputs"), named(DIFFERENTIABLE))
def test_value_and_gradients(function: Callable[..., Any], inputs: tuple[Any, ...]):
    check(function, inputs)
    conjugates = function in (np.vdot, np.linalg.vecdot)
    check_gradients(function, *inputs, complex_step=False if conjugates else "auto")


@pytest.mark.parametrize(("subscripts", "inputs"), EINSUM, ids=[case[0] for case in EINSUM])
def test_einsum(subscripts: str, inputs: tuple[Any, ...]):
    check(lambda *xs: np.einsum(subscripts, *xs), inputs)
    check(lambda *xs: np.einsum(subscripts, *xs, optimize=False), inputs)
    check_gradients(lambda *xs: np.einsum(subscripts, *xs), *inputs)


def test_einsum_with_lists_of_axes():
    check(lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), (M, N))
    check(lambda x, y: np.einsum(x, [..., 0], y, [0]), (M, S[0]))


COUNTED: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
    ("any", lambda x: np.any(x > 1, axis=1), (M,)),
    ("all", lambda x: np.all(x, axis=0, keepdims=True), (Z,)),
    ("logical_and.reduce", lambda x: np.logical_and.reduce(x, axis=1), (Z,)),
    ("logical_or.reduce", np.logical_or.reduce, (Z,)),
    ("count_nonzero", lambda x: np.count_nonzero(x, axis=1), (Z,)),
    ("argsort", lambda x: np.argsort(x, axis=0, kind="stable"), (Z,)),
    ("searchsorted", lambda x: np.searchsorted(np.array([0.0, 1.0, 2.0]), x, side="right"), (Z,)),
    ("cumsum of booleans", lambda x: np.cumsum(x > 0), (M,)),
    ("prod of small integers", np.prod, (np.array([2, 3], np.int8),)),
    ("var of integers", np.var, (np.array([2, 3, 7]),)),
    ("average of integers", lambda x: np.average(x, weights=[1, 2]), (np.array([2, 3]),)),
    ("median of float32", np.median, (M.astype("f4"),)),
    ("quantile of integers", lambda x: np.quantile(x, 0.5), (np.array([2, 3]),)),
    ("diff of booleans", np.diff, (np.array([True, False, False]),)),
    ("einsum of integers", lambda x: np.einsum("ij,ij->i", x, x), (np.arange(6).reshape(2, 3),)),
    ("einsum of mixed", lambda x: np.einsum("i,i", x, [1, 2, 3]), (np.array([1, 2, 3], "f4"),)),
    ("zeros_like", lambda x: np.zeros_like(x, dtype="f4"), (M,)),
    ("empty_like", lambda x: np.empty_like(x) * 0, (M,)),
    ("pad of integers", lambda x: np.pad(x, 1, constant_values=-3), (np.array([1, 2]),)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "inputs"), named(COUNTED))
def test_value(function: Callable[..., Any], inputs: tuple[Any, ...]):
    check(function, inputs)


METHODS: list[Callable[[Any], Any]] = [
    lambda x: x.prod(axis=0), lambda x: x.var(ddof=1), lambda x: x.std(axis=1), lambda x: x.any(),
    lambda x: x.all(axis=0), lambda x: x.cumsum(), lambda x: x.cumprod(axis=1), lambda x: x.argsort(),
    lambda x: x.take([0, 2], axis=1), lambda x: x.repeat(2), lambda x: x.swapaxes(0, 1),
    lambda x: x.diagonal(1), lambda x: x.trace(), lambda x: x.dot(N),
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_methods(method: Callable[[Any], Any]):
    check(method, (M,))


CONSTANTS: list[Callable[[Any], Any]] = [
    lambda xp: xp.zeros((2, 3)), lambda xp: xp.ones(3, dtype="int32"), lambda xp: xp.full((2,), 7),
    lambda xp: xp.full(2, 1.5, dtype="f4"), lambda xp: xp.full_like(M, 2), lambda xp: xp.eye(2, 3, k=1),
    lambda xp: xp.identity(2), lambda xp: xp.arange(5), lambda xp: xp.arange(1, 2, 0.25),
    lambda xp: xp.arange(6, 0, -2, dtype="f4"), lambda xp: xp.linspace(0, 1, 7),
    lambda xp: xp.linspace(2.0, 3.0, 4, endpoint=False), lambda xp: xp.tri(3, 2, k=-1), lambda xp: xp.tri(2),
]  # fmt: skip


@pytest.mark.parametrize("make", CONSTANTS)
def test_constants_are_those_of_numpy(make: Callable[[Any], Any]):
    got, want = make(dg), make(np)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    np.testing.assert_array_equal(got.data, want)
