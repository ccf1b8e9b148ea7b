"""``dg.linalg`` against NumPy, PyTorch and JAX: what is made of ops, complex matrices, errors, edges."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import (
    ConvergenceError,
    DiagradError,
    NotDifferentiableError,
    NotPositiveDefiniteError,
    ShapeError,
    SingularMatrixError,
)
from diagrad.testing import check_gradients

LA = np.linalg


def spread(rng: np.random.Generator, *shape: int) -> Any:
    """Matrices with singular values that lie apart."""
    m, n = shape[-2:]
    return rng.uniform(0.2, 1, shape) + np.eye(m, n) * (3 + np.arange(n))


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "inv": lambda la, a: la.inv(a),
    "det": lambda la, a: la.det(a),
    "slogdet": lambda la, a: la.slogdet(a),
    "solve a vector": lambda la, a: la.solve(a, np.arange(3.0)),
    "solve matrices": lambda la, a: la.solve(a, np.ones((3, 2))),
    "cholesky": lambda la, a: la.cholesky(a @ np.swapaxes(a, -1, -2)),
    "cholesky upper": lambda la, a: la.cholesky(a @ np.swapaxes(a, -1, -2), upper=True),
    "qr": lambda la, a: la.qr(a),
    "r": lambda la, a: la.qr(a, mode="r"),
    "eigvalsh": lambda la, a: la.eigvalsh(a + np.swapaxes(a, -1, -2)),
    "eigh": lambda la, a: la.eigh(a + np.swapaxes(a, -1, -2)),
    "svd": lambda la, a: la.svd(a),
    "svdvals": lambda la, a: la.svd(a, compute_uv=False),
    "pinv": lambda la, a: la.pinv(a[..., :2]),
    "matrix_power": lambda la, a: la.matrix_power(a, 5),
    "matrix_power of the inverse": lambda la, a: la.matrix_power(a, -3),
    "matrix_power 0": lambda la, a: la.matrix_power(a, 0),
    "matrix_rank": lambda la, a: la.matrix_rank(a),
    "norm": lambda la, a: la.norm(a),
    "norm of rows": lambda la, a: la.norm(a, axis=-1, keepdims=True),
    "trace": lambda la, a: la.trace(a, offset=1),
    "diagonal": lambda la, a: la.diagonal(a, offset=-1),
    "diagonal of wide ones": lambda la, a: la.diagonal(a[..., :2, :], offset=2),
    "cross": lambda la, a: la.cross(a, a[..., ::-1, :], axis=-2),
    "matmul": lambda la, a: la.matmul(a, a),
    "transpose": lambda la, a: la.matrix_transpose(a),
    **{
        f"norm {p} of vectors": (lambda la, a, p=p: la.norm(a, p, axis=-2))
        for p in (0, 1, 2, 3, 0.5, -1, np.inf, -np.inf)
    },
    **{
        f"norm {p} of matrices": (lambda la, a, p=p: la.norm(a, p, axis=(-1, -2), keepdims=True))
        for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    },
    **{f"cond {p}": (lambda la, a, p=p: la.cond(a, p)) for p in (None, 2, -2, "fro", "nuc", 1, np.inf)},
}


@pytest.mark.parametrize("lead", [(), (2,), (0,)])
@pytest.mark.parametrize("name", CALLS)
def test_numpy_on_arrays_is_numpy(name: str, lead: tuple[int, ...], rng: np.random.Generator):
    a = spread(rng, *lead, 3, 3)
    if lead == (0,) and "matrices" in name and "norm" in name:
        pytest.skip("NumPy cannot reduce these")
    want, got = CALLS[name](LA, a), CALLS[name](LA, dg.array(a))
    if isinstance(want, tuple):
        assert got._fields == want._fields
    else:
        want, got = (want,), (got,)
    for y, z in zip(got, want, strict=True):
        assert isinstance(y, dg.Array)
        assert (y.shape, y.dtype) == (np.shape(z), np.asarray(z).dtype)
        np.testing.assert_allclose(y.data, z, rtol=1e-11, atol=1e-12)


NOT_SMOOTH = ("norm 0 of vectors", "matrix_rank", "matrix_power 0")


@pytest.mark.parametrize("name", [name for name in CALLS if name not in NOT_SMOOTH])
def test_gradients_of_both_orders(name: str, rng: np.random.Generator):
    check_gradients(lambda a: CALLS[name](LA, a), spread(rng, 2, 3, 3)[1], order=2, complex_step=False)


def complex_spread(rng: np.random.Generator, *shape: int) -> Any:
    return spread(rng, *shape) + 1j * rng.uniform(-1, 1, shape)


COMPLEX: dict[str, Callable[[Any, Any], Any]] = {
    "inv": lambda la, a: la.inv(a),
    "det": lambda la, a: la.det(a),
    "slogdet": lambda la, a: tuple(la.slogdet(a)),
    "solve": lambda la, a: la.solve(a, a[..., :2]),
    "cholesky": lambda la, a: la.cholesky(a),
    "pinv": lambda la, a: la.pinv(a[:, :2]),
    "eigvalsh": lambda la, a: la.eigh(a)[0],
    "eigvals": lambda la, a: la.eigvals(a),
    "svdvals": lambda la, a: la.svd(a, full_matrices=False)[1],
    "norm": lambda la, a: la.norm(a),
    "qr": lambda la, a: tuple(la.qr(a)),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_gradients_are_those_of_jax(name: str, rng: np.random.Generator):
    jax = pytest.importorskip("jax")
    a = complex_spread(rng, 3, 3)
    if name in ("cholesky", "eigvalsh"):
        a = a @ a.conj().T
    call = COMPLEX[name]
    with jax.enable_x64(True):
        theirs, pull = jax.vjp(lambda x: call(jax.numpy.linalg, x), a)
        cotangents = jax.tree.map(
            lambda y: rng.uniform(0.5, 1.5, y.shape) * (1 + (1j if y.dtype.kind == "c" else 0)), theirs
        )
        (want,) = pull(jax.tree.map(lambda c, y: jax.numpy.asarray(c, y.dtype), cotangents, theirs))
    mine, back = dg.vjp(lambda x: call(dg.linalg, x), a)
    for y, z in zip(dg_leaves(mine), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(y, z, rtol=1e-11)
    got = back(cotangents)
    got = got[0] if isinstance(got, tuple) else got
    if name in ("cholesky", "eigvalsh"):  # JAX too gives any gradient with this Hermitian part
        got, want = (x + np.conj(np.asarray(x).T) for x in (np.asarray(got), np.asarray(want)))
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-9, atol=1e-11)


def dg_leaves(tree: Any) -> list[Any]:
    return [np.asarray(y) for y in (tree if isinstance(tree, tuple) else (tree,))]


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_the_first_two_derivatives_of_det_are_right_for_singular_matrices(
    rank: int, rng: np.random.Generator
):
    a = rng.uniform(-1, 1, (4, rank)) @ rng.uniform(-1, 1, (rank, 4))
    check_gradients(dg.linalg.det, a, order=2, complex_step=False)
    check_gradients(dg.linalg.det, np.eye(4), order=2, complex_step=False)


def test_equal_singular_values_do_no_harm_where_vectors_do_not_matter():
    a = np.eye(3) + np.zeros((3, 3))
    for function in (dg.linalg.svdvals, dg.linalg.eigvalsh, dg.linalg.pinv, dg.linalg.cond):
        g = dg.grad(lambda x, f=function: dg.sum(f(x)))(a)
        assert np.all(np.isfinite(g))


def test_the_gradient_of_a_norm_at_zero_is_zero():
    for p in (2, 3, 1.5, 0.5):
        assert np.all(dg.grad(lambda x, p=p: dg.linalg.norm(x, p))(np.zeros(3)) == 0)


def test_triangular_solves_read_one_triangle(rng: np.random.Generator):
    a, b = spread(rng, 2, 40, 40), rng.uniform(-1, 1, (2, 40, 3))
    for low in (False, True):
        kept = np.tril(a) if low else np.triu(a)
        x = dg.linalg.solve_triangular(a, b, lower=low)
        np.testing.assert_allclose(kept @ x.data, b, rtol=1e-10, atol=1e-12)
        x = dg.linalg.solve_triangular(a, b, lower=low, transposed=True)
        np.testing.assert_allclose(np.swapaxes(kept, -1, -2) @ x.data, b, rtol=1e-10, atol=1e-12)
        ones = kept * (1 - np.eye(40)) / 40 + np.eye(40)
        x = dg.linalg.solve_triangular(a / 40, b, lower=low, unit_diagonal=True)
        np.testing.assert_allclose(ones @ x.data, b, rtol=1e-10, atol=1e-12)


def test_leading_axes_of_a_solution_broadcast(rng: np.random.Generator):
    a, b = spread(rng, 2, 1, 3, 3), rng.uniform(-1, 1, (4, 3, 2))
    np.testing.assert_allclose(dg.linalg.solve(a, b).data, LA.solve(a, b), rtol=1e-12)
    check_gradients(dg.linalg.solve, a, b)


def test_lstsq_is_that_of_numpy(rng: np.random.Generator):
    a, b = spread(rng, 5, 3), rng.uniform(-1, 1, (5, 2))
    for y, z in zip(dg.linalg.lstsq(a, b), LA.lstsq(a, b), strict=True):
        np.testing.assert_allclose(np.asarray(y), z, rtol=1e-11)
    np.testing.assert_allclose(dg.linalg.lstsq(a, b[:, 0]).residuals, LA.lstsq(a, b[:, 0])[1])
    check_gradients(lambda a, b: dg.linalg.lstsq(a, b)[:2], a, b, order=2, complex_step=False)


def test_expm_scales_each_matrix_by_itself(rng: np.random.Generator):
    linalg = pytest.importorskip("scipy.linalg")
    a = rng.uniform(-1, 1, (4, 4, 4)) * np.array([1e-3, 1, 10, 40])[:, None, None]
    want = linalg.expm(a)
    size = np.max(np.abs(want), axis=(-2, -1), keepdims=True)
    np.testing.assert_allclose(dg.linalg.expm(a).data / size, want / size, atol=1e-11)


def test_multi_dot_takes_the_cheapest_order(rng: np.random.Generator):
    xs = [rng.uniform(-1, 1, s) for s in ((3, 50), (50, 2), (2, 50), (50, 4))]
    np.testing.assert_allclose(dg.linalg.multi_dot(xs).data, LA.multi_dot(xs))
    shapes = [node.outputs[0].shape for node in dg.trace(lambda *x: dg.linalg.multi_dot(x))(*xs).nodes]
    assert shapes == [(3, 2), (2, 4), (3, 4)]


def test_one_triangle_read_has_all_of_the_gradient(rng: np.random.Generator):
    a = spread(rng, 3, 3)
    for UPLO in ("L", "U"):
        np.testing.assert_allclose(dg.linalg.eigvalsh(a, UPLO).data, LA.eigvalsh(a, UPLO))
        check_gradients(lambda x, u=UPLO: dg.linalg.eigvalsh(x, u), a, order=2, complex_step=False)


def test_vmap_keeps_one_node(rng: np.random.Generator):
    a = spread(rng, 5, 3, 3)
    np.testing.assert_allclose(dg.vmap(dg.linalg.inv)(a), LA.inv(a), rtol=1e-12)
    np.testing.assert_allclose(dg.vmap(lambda x: dg.linalg.svd(x).S)(a), LA.svd(a).S)


def test_complete_factors(rng: np.random.Generator):
    a = dg.array(spread(rng, 4, 2))
    u, s, vh = dg.linalg.svd(a)
    q, r = dg.linalg.qr(a, mode="complete")
    for basis in (u, q):
        assert basis.shape == (4, 4)
        np.testing.assert_allclose(basis.data.T @ basis.data, np.eye(4), atol=1e-14)
    np.testing.assert_allclose((u[:, :2] * s) @ vh, a.data, atol=1e-14)
    np.testing.assert_allclose(q @ r, a.data, atol=1e-14)
    (s.sum() + vh.sum() + r.sum()).backward()
    with pytest.raises(NotDifferentiableError, match="complete a basis"):
        dg.linalg.svd(a).U.sum().backward()


def test_everything_is_documented_typed_and_in_the_reference():
    page = (Path(__file__).parents[2] / "docs/api/linalg.md").read_text(encoding="utf-8")
    for name in dg.linalg.__all__:
        x = getattr(dg.linalg, name)
        assert f"{name}\n" in page
        if not isinstance(x, type):
            signature = inspect.signature(x)
            assert ">>> " in (inspect.getdoc(x) or "")
            assert signature.return_annotation is not signature.empty
            assert all(p.annotation is not p.empty for p in signature.parameters.values())


def text_of(attempt: Callable[[], Any]) -> str:
    with pytest.raises(DiagradError) as caught:
        attempt()
    return str(caught.value)


def test_a_singular_matrix_is_named():
    A = dg.array(np.stack([np.eye(2), np.ones((2, 2))]))
    with pytest.raises(SingularMatrixError) as caught:
        dg.linalg.inv(A)
    lines = str(caught.value).splitlines()
    assert lines[0] == "Inv: matrix [1] of the batch is singular"
    assert lines[1].endswith("test_a_singular_matrix_is_named: dg.linalg.inv(A)")
    assert lines[3].startswith("  got:      A: shape (2, 2, 2); rank 1, condition number ")
    assert isinstance(caught.value, np.linalg.LinAlgError)


def test_the_other_errors_of_matrices():
    S = dg.array([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(NotPositiveDefiniteError, match="the matrix is not positive definite"):
        dg.linalg.cholesky(S)
    assert "S: shape (2, 2); smallest eigenvalue -1" in text_of(lambda: dg.linalg.cholesky(S))
    with pytest.raises(ConvergenceError, match="1 elements that are NaN or infinite"):
        dg.linalg.svd([[np.inf, 0.0], [0.0, 1.0]])
    with pytest.raises(SingularMatrixError):
        dg.linalg.solve_triangular([[1.0, 1.0], [0.0, 0.0]], [1.0, 1.0])
    with pytest.raises(SingularMatrixError):
        dg.grad(lambda a: dg.linalg.slogdet(a).logabsdet)(np.ones((2, 2)))


def test_shapes_that_are_wrong():
    R = dg.array(np.ones((2, 3)))
    assert text_of(lambda: dg.linalg.inv(R)).startswith("inv: R is 2 by 3: it is not square")
    assert text_of(lambda: dg.ops.Inv()(R)).startswith("Inv: the two axes 'n' of a are 2 and 3")
    with pytest.raises(ShapeError, match="has 1 axes"):
        dg.linalg.svd(np.ones(3))
    with pytest.raises(ShapeError, match="axis 'n' is 2 in a but 3 in b"):
        dg.linalg.solve(np.eye(2), np.ones(3))


def test_float16_is_refused_and_integers_are_float64():
    assert dg.linalg.inv([[2, 0], [0, 4]]).dtype == np.float64
    with pytest.raises(TypeError, match="LAPACK knows no float16"):
        dg.linalg.inv(np.eye(2, dtype=np.float16))
