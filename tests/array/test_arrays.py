"""Zeros in products, prefixes of −∞, ties, orders of contraction, messages: the delicate cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DiagradError, InputError, OutOfRangeError, ShapeError
from diagrad.testing import check_gradients

ZEROS = ([2.0, 3.0, 5.0], [2.0, 0.0, 5.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0])


def tensor(x: Any) -> Any:
    torch = pytest.importorskip("torch")
    return torch.tensor(x, dtype=torch.float64)


@pytest.mark.parametrize("data", ZEROS)
def test_the_hessian_of_a_product_is_exact_at_zeros(data: list[float]):
    want = np.array([[0, data[2], data[1]], [data[2], 0, data[0]], [data[1], data[0], 0]])
    np.testing.assert_array_equal(dg.hessian(dg.prod)(np.array(data)), want)


@pytest.mark.parametrize("data", ZEROS)
def test_the_gradient_of_a_running_product_is_exact_at_zeros(data: list[float]):
    torch = pytest.importorskip("torch")
    want = torch.autograd.functional.jacobian(lambda x: torch.cumprod(x, 0), tensor(data))
    np.testing.assert_array_equal(dg.jacobian(dg.cumprod)(np.array(data)), want.numpy())
    check_gradients(dg.cumprod, np.array(data), order=2)


def test_a_product_over_several_axes_has_zeros_too():
    x = np.array([[[1.0, 0.0], [2.0, 3.0]], [[0.0, 4.0], [5.0, 0.0]]])
    check_gradients(lambda x: dg.prod(x, axis=(0, 2)), x, order=2)


def test_running_logsumexp_after_nothing_and_far_away():
    x = dg.array([-np.inf, -np.inf, 800.0, -800.0, 801.0])
    y = dg.cumlogsumexp(x)
    np.testing.assert_array_equal(y.data[:2], -np.inf)
    np.testing.assert_allclose(y.data[2:], np.logaddexp.accumulate([800.0, -800.0, 801.0]))
    y[2:].sum().backward()
    share = np.exp(800 - np.logaddexp(800, 801))
    np.testing.assert_allclose(x.grad.data, [0, 0, 2 + share, 0, 1 - share], atol=1e-300)


def test_extremes_so_far_give_equal_ones_gradient_to_the_last_as_pytorch_does():
    torch = pytest.importorskip("torch")
    data = [1.0, 3.0, 3.0, 2.0, 3.0, 5.0]
    for name in ("cummax", "cummin"):
        x, t = dg.array(data), tensor(data).requires_grad_()
        weights = np.arange(1.0, 7.0)
        (getattr(dg, name)(x) * weights).sum().backward()
        (getattr(torch, name)(t, 0).values * tensor(weights)).sum().backward()
        np.testing.assert_array_equal(x.grad.data, t.grad.numpy())


def test_a_recurrence_is_a_moving_average():
    x = np.array([1.0, 2.0, 4.0, 8.0])
    y = dg.linear_recurrence(0.5, dg.array(x))
    np.testing.assert_array_equal(y.data, [1, 2.5, 5.25, 10.625])
    check_gradients(lambda a, b: dg.linear_recurrence(a, b, axis=0, reverse=True), x[:, None], x, order=2)


def test_topk_takes_the_first_of_equal_ones_and_sends_gradients_back():
    x = dg.array([[1.0, 5.0, 5.0, 0.0], [2.0, -1.0, 7.0, 2.0]])
    values, places = dg.topk(x, 2)
    np.testing.assert_array_equal(values.data, [[5, 5], [7, 2]])
    np.testing.assert_array_equal(places.data, [[1, 2], [2, 0]])
    (values * [10.0, 1.0]).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [[0, 10, 1, 0], [1, 0, 10, 0]])
    assert dg.topk(x, 1, axis=0, largest=False)[0].tolist() == [[1.0, -1.0, 5.0, 0.0]]


def test_the_order_of_equal_elements_stays_when_descending():
    assert dg.argsort([1.0, np.nan, 1.0, 2.0], descending=True).tolist() == [1, 3, 0, 2]


def test_embedding_adds_the_gradients_of_a_row_used_twice():
    table = dg.array(np.arange(6.0).reshape(3, 2))
    y = dg.embedding(table, [[2, 0], [2, 2]])
    y.sum().backward()
    assert y.shape == (2, 2, 2)
    np.testing.assert_array_equal(table.grad.data, [[1, 1], [0, 0], [3, 3]])


def test_one_hot_leaves_out_what_is_no_class():
    assert dg.one_hot([[1], [5]], 2, dtype="i4", axis=0).tolist() == [[[0], [0]], [[1], [0]]]


def test_the_quantile_of_a_nan_is_nan():
    assert np.isnan(dg.median([1.0, np.nan, 2.0]).item())


def test_a_small_variance_far_from_zero_stays_accurate():
    assert dg.var(np.array([1e9, 1e9 + 1, 1e9 + 2]), ddof=1).item() == 1.0


@pytest.mark.parametrize(
    ("subscripts", "shapes", "ops"),
    [
        ("ij,jk->ik", ((2, 3), (3, 4)), ["MatMul"]),
        ("bij,bjk->bik", ((5, 2, 3), (5, 3, 4)), ["MatMul"]),
        ("ij,kj->ik", ((2, 3), (4, 3)), ["Transpose", "MatMul"]),
        ("ij->j", ((2, 3),), ["Sum"]),
        ("ii->", ((3, 3),), ["Diagonal", "Sum"]),
        ("i,i->i", ((3,), (3,)), ["Multiply"]),
        ("ij,k->", ((2, 3), (4,)), ["Sum", "Sum", "Multiply"]),
    ],
)
def test_einsum_takes_no_step_too_many(subscripts: str, shapes: tuple[Any, ...], ops: list[str]):
    graph = dg.trace(lambda *xs: dg.einsum(subscripts, *xs))(*(np.ones(shape) for shape in shapes))
    assert [node.op.name for node in graph.nodes] == ops
    assert {node.scope.name for node in graph.nodes} == {"einsum"}


def test_einsum_contracts_the_cheap_pair_first():
    graph = dg.trace(lambda *xs: dg.einsum("ij,jk,k->i", *xs))(np.ones((9, 9)), np.ones((9, 9)), np.ones(9))
    products = [node for node in graph.nodes if node.op.name == "MatMul"]
    assert [node.outputs[0].spec.shape for node in products] == [(9, 1), (9, 1)]


MESSAGES: list[tuple[Any, type[DiagradError], str]] = [
    (lambda: dg.einsum("ij,jk", dg.ones((2, 3)), dg.ones((4, 5))), ShapeError, r"'j' is 3 in x1 but 4 in x2"),
    (lambda: dg.einsum("ij", dg.ones(3)), ShapeError, r"'ij' names 2 axes, x1 has 1"),
    (lambda: dg.einsum("i,j", dg.ones(3)), ShapeError, r"2 groups of labels for 1 operands"),
    (lambda: dg.einsum("i->k", dg.ones(3)), ShapeError, r"the output's label 'k' is in no operand"),
    (lambda: dg.einsum("i->ii", dg.ones(3)), ShapeError, r"the output names label 'i' twice"),
    (lambda: dg.einsum("i.j", dg.ones((3, 3))), ShapeError, r"cannot read 'i\.j'"),
    (lambda: dg.einsum("...,...", dg.ones(3), dg.ones(2)), ShapeError, r"axis -1 of the ellipsis is 3 in x1"),
    (lambda: dg.pad([1.0], 1, mode="mean"), InputError, r"pad: no mode 'mean'"),
    (lambda: dg.pad([1.0], ((1, 1), (2, 2))), ShapeError, r"pad_width does not fit 1 axes"),
    (lambda: dg.pad([1.0], -1), ShapeError, r"the widths do not fit"),
    (lambda: dg.pad(dg.ones((0, 2)), 1, mode="edge"), ShapeError, r"size 0 has no element"),
    (lambda: dg.split(dg.ones(5), 2), ShapeError, r"5 elements make no 2 equal parts"),
    (lambda: dg.topk([1.0], 2), ShapeError, r"there are no 2 elements along axis 0"),
    (lambda: dg.take([1.0, 2.0], [2]), OutOfRangeError, r"out of bounds"),
    (lambda: dg.take_along_axis([1.0, 2.0], [2], axis=0), OutOfRangeError, r"out of bounds"),
    (lambda: dg.take_along_axis(dg.ones((2, 3)), [[0], [0], [0]]), ShapeError, r"more than axis 1"),
    (lambda: dg.tensordot(dg.ones((2, 3)), dg.ones((2, 3)), axes=1), ShapeError, r"do not pair"),
    (lambda: dg.cross([1.0, 2.0], [3.0, 4.0]), ShapeError, r"3 elements"),
    (lambda: dg.average(dg.ones((2, 3)), weights=[1.0, 2.0]), ShapeError, r"the weights do not fit"),
    (lambda: dg.var([1.0], ddof=1, correction=1), InputError, r"both ddof and correction"),
    (lambda: dg.quantile([1.0], 2.0), InputError, r"outside 0 to 1"),
    (lambda: dg.roll(dg.ones((2, 2, 2)), (1, 2), (0, 1, 2)), ShapeError, r"as many shifts as axes"),
    (lambda: dg.repeat([1.0, 2.0], [1, 2, 3]), ShapeError, r"3 numbers for 2 elements"),
    (lambda: dg.diag(dg.ones((2, 2, 2))), ShapeError, r"neither a vector nor a matrix"),
    (lambda: dg.broadcast_arrays(dg.ones(2), dg.ones(3)), ShapeError, r"do not broadcast"),
    (lambda: dg.searchsorted([1.0], 1.0, side="middle"), InputError, r"no side 'middle'"),
    (lambda: dg.cumulative_sum(dg.ones((2, 2))), InputError, r"along which axis"),
    (lambda: dg.linear_recurrence(dg.ones(2), dg.ones(3)), ShapeError, r"do not broadcast"),
]  # fmt: skip


@pytest.mark.parametrize(("attempt", "kind", "text"), MESSAGES)
def test_messages_name_the_fault_and_the_line(attempt: Any, kind: type[DiagradError], text: str):
    with pytest.raises(kind, match=text) as caught:
        attempt()
    assert "test_arrays.py" in str(caught.value)


MAPPED: list[Any] = [
    lambda x: dg.prod(x, axis=1), lambda x: dg.cumsum(x, axis=0), lambda x: dg.cumprod(x, axis=1),
    dg.cumlogsumexp, lambda x: dg.sort(x, axis=0), lambda x: dg.pad(x, 1, mode="reflect"),
    lambda x: dg.roll(x, 1, axis=1), dg.tril, dg.diagonal, dg.flip,
    lambda x: dg.einsum("ij,kj->ik", x, x), lambda x: dg.var(x, axis=0), dg.cummax,
    lambda x: dg.linear_recurrence(x, x), lambda x: dg.searchsorted([0.0, 1.0], x),
    lambda x: dg.topk(x, 2)[0],
]  # fmt: skip


@pytest.mark.parametrize("function", MAPPED)
def test_vmap_is_the_loop(function: Any):
    x = np.cos(np.arange(18.0)).reshape(3, 2, 3)
    np.testing.assert_allclose(dg.vmap(function)(x), np.stack([np.asarray(function(row)) for row in x]))
