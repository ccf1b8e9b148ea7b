"""Assignment as NumPy users write it: the same statements on NumPy arrays and on Arrays."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diagrad as dg
from diagrad.errors import DTypeError, OutOfRangeError, ShapeError
from diagrad.testing import check_gradients

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


@pytest.mark.parametrize("code", SNIPPETS)
def test_the_same_statements_leave_the_same_arrays(code: str):
    x0, v0 = setting()
    want = execute(code, x0.copy(), v0.copy())
    x, v = dg.array(x0), dg.array(v0)
    before = [x * 1, np.sin(x)]
    for got, numbers in zip(execute(code, x, v), want, strict=True):
        same(got, numbers)
    same(before[0], x0)


@pytest.mark.parametrize("code", [code for code in SNIPPETS if "x > 0" not in code])
def test_the_same_statements_traced(code: str):
    x0, v0 = setting()

    def program(x: Any, v: Any) -> Any:
        return execute(code, x, v)

    graph = dg.trace(program)(x0, v0)
    assert dg.ir.parse(str(graph)) == graph
    for got, want in zip(graph.run(x0, v0).outputs, execute(code, x0.copy(), v0.copy()), strict=True):
        same(got, want)


@pytest.mark.parametrize("code", SNIPPETS)
def test_the_same_statements_have_the_derivatives_that_differences_show(code: str):
    x0, v0 = setting()

    def loss(x: Any, v: Any) -> Any:
        before = x * v
        x_, y = execute(code, x, v)
        return np.sum(np.sin(x_)) + np.sum(np.square(y) * 0.5) + np.sum(before * v)

    check_gradients(loss, x0, v0, argnums=(0, 1), order=2)


TORCH = [
    "x[0] = v",
    "x[[0, 2]] = v",
    "x[[0, 1], [2, 3]] = v[:2]",
    "x[1:, ::2] -= v[1:3]",
    "x[0] = x[1] * 2; x[2] = x[0]",
    "x[mask] *= 2",
    "x[x > 0] = 0.5",
    "for k in range(4): x[:, k] = (x[:, k - 1] + 0) * v[k]",
    "y = x * 2; x[0] = 1; y[1] = x[0] * v",
]


@pytest.mark.parametrize("code", TORCH)
def test_gradients_equal_those_of_pytorch_in_place_on_a_clone(code: str):
    torch = pytest.importorskip("torch")
    x0, v0 = setting()
    mine = dg.array(x0), dg.array(v0)
    x, y = execute(code, mine[0] * 1, mine[1])
    (np.square(x).sum() + np.sum(y * x)).backward()
    theirs = [torch.tensor(a, requires_grad=True) for a in (x0, v0)]
    mask = torch.tensor([[True, False, True, True], [False] * 4, [True, True, False, False]])
    names: dict[str, Any] = {"x": theirs[0].clone(), "v": theirs[1], "mask": mask}
    exec(code, names)
    tx, ty = names["x"], names.get("y", 0.0)
    ((tx**2).sum() + (ty * tx).sum()).backward()
    for a, b in zip(mine, theirs, strict=True):
        got = np.zeros(a.shape) if a.grad is None else a.grad
        np.testing.assert_allclose(got, np.zeros(a.shape) if b.grad is None else b.grad, rtol=1e-13)


# ------------------------------------------------------------------ traced masks and indices


def test_a_traced_mask_takes_one_value_for_all():
    x0, v0 = setting()

    def program(x: Any, v: Any) -> Any:
        x[x > 0] = 0
        x[x[:, 0] < 0] = v
        return x.at[x > 1].add(1.0)

    want = x0.copy()
    want[want > 0] = 0
    want[want[:, 0] < 0] = v0
    want[want > 1] += 1
    same(dg.trace(program)(x0, v0).run(x0, v0).outputs[0], want)
    with pytest.raises(dg.errors.TraceError, match="no known number"):
        dg.trace(lambda x, v: dg.scatter_set(x, x[:, 0] > 0, np.stack([v, v])))(x0, v0)


@pytest.mark.parametrize("places", [[0, 0, 2], [2, 1, 0], [1, 1, 1]])
def test_a_traced_index_knows_the_last_value_of_a_place(places: list[int]):
    x0, v0 = np.ones(4), np.array([1.0, 2.0, 3.0])
    i = np.array(places)

    def program(x: Any, v: Any, i: Any) -> Any:
        x[i] = v
        return (x * x).sum()

    graph = dg.trace(program)(x0, v0, i).backward(["x", "v"])
    gx, gv = graph.run(x0, v0, i, 1.0).outputs
    want = dg.grad(program, (0, 1))(x0, v0, i)
    same(gx, want[0])
    same(gv, want[1])
    last = [places[k] not in places[k + 1 :] for k in range(3)]
    same(gv, np.where(last, 2 * v0, 0.0))


def test_of_several_values_for_one_place_the_last_has_the_gradient():
    x, v = dg.array([1.0, 2.0, 3.0]), dg.array([5.0, 6.0, 7.0])
    x[[0, 0, 2]] = v
    x.backward([10.0, 20.0, 30.0])
    assert x.grad is not None and v.grad is not None
    assert x.grad.tolist() == [0, 20, 0]
    assert v.grad.tolist() == [0, 10, 30]


# ------------------------------------------------------------------ dtypes, errors


def test_assignment_casts_and_augmented_assignment_does_not():
    n = dg.array([1, 2, 3])
    n[0] = 2.9
    assert n.tolist() == [2, 2, 3]
    assert n.dtype == np.int64
    with pytest.raises(DTypeError, match="float64, which n of dtype int64 cannot take"):
        n += 0.5
    with pytest.raises(TypeError):
        np.copyto(n, [0.5, 0.5, 0.5])
    assert n.tolist() == [2, 2, 3]
    half = dg.array(np.float32([1, 2]))
    half += np.float64([1, 2])
    assert half.dtype == np.float32
    assert half.tolist() == [2, 4]


ERRORS: list[tuple[str, type[Exception], str]] = [
    ("x[3] = 1", OutOfRangeError, "index 3 is out of bounds"),
    ("x[[0, 3]] = 1", OutOfRangeError, "index 3 is out of bounds"),
    ("x[0, 0, 0] = 1", OutOfRangeError, "too many indices"),
    ("x[0] = v[:3]", ShapeError, r"shape \(3,\) does not fit into the place of shape \(4,\)"),
    ("x[:2] = np.ones((2, 2, 4))", ShapeError, "does not fit"),
    ("x[np.ones(5, bool)] = 1", ShapeError, "mask"),
    ("v += x", ShapeError, r"the result does not fit into v\(4,\)"),
    ("np.copyto(v, x)", ShapeError, "does not fit"),
    ("np.put_along_axis(x, np.array([0]), 1, axis=0)", ShapeError, "1 axes, x has 2"),
    ("np.fill_diagonal(v, 1)", ShapeError, "no diagonal"),
]


@pytest.mark.parametrize(("code", "error", "text"), ERRORS, ids=[code for code, _, _ in ERRORS])
def test_what_numpy_refuses_is_refused_and_changes_nothing(code: str, error: type[Exception], text: str):
    x0, v0 = setting()
    for assigned in (False, True):
        x, v = dg.array(x0, name="x"), dg.array(v0, name="v")
        if assigned:
            x[0] = x[0] * 1
            v[0] = v[0] * 1
        with pytest.raises(error, match=text):
            execute(code, x, v)
        same(x, x0)
        same(v, v0)
    with pytest.raises((ValueError, IndexError, TypeError)):
        execute(code, x0, v0)


def test_a_number_is_rebound():
    x = y = dg.array(2.0)
    y += 1
    assert (float(x), float(y)) == (2.0, 3.0)
    x[()] = 5.0
    y = x
    x *= 2
    assert (float(x), float(y)) == (10.0, 5.0)


# ------------------------------------------------------------------ what an assigned Array is


def test_it_is_what_it_is_now_everywhere():
    x0, _ = setting()
    x = dg.array(x0)
    x[0] = 7.0
    now = x0.copy()
    now[0] = 7.0
    same(x.data, now)
    same(x.numpy(), now)
    same(np.asarray(x), now)
    assert x.tolist() == now.tolist()
    assert (repr(x), str(x)) == (repr(now), str(now))
    assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((3, 4), 2, 12, 3, np.float64)
    assert (x.name, x.role, x.is_leaf, x.traced) == ("x", "", False, False)
    assert [row.tolist() for row in x] == now.tolist()
    same(x.detach(), now)
    same(dg.asarray(x), now)
    assert dg.asarray(x) is x
    same(dg.array(x), now)
    for one, other in ((x, 2.0), (2.0, x), (x, x), (x, dg.array(x0)), (dg.array(x0), x), (x, x0), (x0, x)):
        plain = [now if a is x else np.asarray(a) for a in (one, other)]
        same(one + other, plain[0] + plain[1])
        same(one - other, plain[0] - plain[1])
        same(one * other, plain[0] * plain[1])
        same(one / other, plain[0] / plain[1])
        same(one < other, plain[0] < plain[1])
        same(one >= other, plain[0] >= plain[1])
        same(one == other, plain[0] == plain[1])
        same(one != other, plain[0] != plain[1])
    same(-x, -now)
    same(abs(x), abs(now))
    same(x**2, now**2)
    same(2.0**x, 2.0**now)
    same(x @ x.T, now @ now.T)
    same(~(x > 0), ~(now > 0))
    assert hash(x) == hash(x)
    assert f"{x.sum():.3f}" == f"{now.sum():.3f}"
    total = dg.array(1.0)
    total[()] = 4.0
    assert (float(total), int(total), bool(total), complex(total), f"{total:.1f}") == (4, 4, True, 4, "4.0")
    assert (total.item(), float(total + 1), float(1 + total), float(-total)) == (4, 5, 5, -4)
    assert float(total + dg.array(1.0)) == float(dg.array(1.0) + total) == 5


ENTRIES: dict[str, Callable[[Any], Any]] = {
    "grad": lambda x: dg.grad(lambda a: (a * a).sum())(x),
    "value_and_grad": lambda x: dg.value_and_grad(lambda a: (a * a).sum())(x),
    "closure": lambda x: dg.grad(lambda a: (a * x).sum())(dg.array(np.ones((3, 4)))),
    "constant argument": lambda x: dg.grad(lambda a, b: (a * b).sum())(np.ones((3, 4)), x),
    "vjp": lambda x: dg.vjp(lambda a: a * a, x)[1](x)[0],
    "jvp": lambda x: dg.jvp(lambda a: a * a, (x,), (x,))[1],
    "jacobian": lambda x: dg.jacobian(lambda a: a[0] * a[0])(x),
    "hessian": lambda x: dg.hessian(lambda a: (a**3).sum())(x),
    "hvp": lambda x: dg.hvp(lambda a: (a**3).sum(), (x,), (x,)),
    "directional": lambda x: dg.directional(lambda a: (a**3).sum(), (x,), (x,), order=2)[2],
    "vmap": lambda x: dg.vmap(lambda a: a * 2)(x),
    "vmap shared": lambda x: dg.vmap(lambda a, b: a * b, in_axes=(0, None))(np.ones((2, 3, 4)), x),
    "trace": lambda x: dg.trace(lambda a: a * 2)(x).run(x).outputs[0],
    "trace closure": lambda x: dg.trace(lambda a: a * x)(np.ones((3, 4))).run(np.ones((3, 4))).outputs[0],
    "no_grad": lambda x: _without_recording(x),
    "where": lambda x: dg.where(x > 0, x, 0.0),
    "mask": lambda x: x[x > 1],
    "index": lambda x: dg.asarray(np.arange(3.0))[x[0].astype(int) * 0],
    "concatenate": lambda x: np.concatenate([x, x]),
    "stack": lambda x: np.stack([x, x]),
    "matmul": lambda x: dg.matmul(x, x.T),
    "add_n": lambda x: dg.add_n(x, x),
    "branch": lambda x: dg.branch(x)[1],
    "sum": lambda x: np.sum(x, axis=0),
    "mean": lambda x: x.mean(axis=1),
    "max": lambda x: x.max(),
    "argmax": lambda x: x.argmax(axis=1),
    "reshape": lambda x: x.reshape(-1),
    "same shape": lambda x: x.reshape(3, 4),
    "transpose": lambda x: x.T,
    "squeeze": lambda x: x[None].squeeze(0),
    "astype": lambda x: x.astype("f4"),
    "broadcast": lambda x: np.broadcast_to(x, (2, 3, 4)),
    "unary": lambda x: np.exp(x),
    "power": lambda x: np.power(x, 3),
    "relu": lambda x: dg.relu(x),
    "softmax": lambda x: dg.softmax(x),
    "at": lambda x: x.at[0].set(x[1]),
    "scatter_max": lambda x: dg.scatter_max(x, 0, x[1]),
    "backward gradient": lambda x: _backward_with(x),
}


def _without_recording(x: Any) -> Any:
    with dg.no_grad():
        return x * 2


def _backward_with(x: Any) -> Any:
    a = dg.array(np.ones((3, 4)))
    (a * 2).backward(x)
    return a.grad


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_takes_what_it_is_now(entry: str):
    x0, v0 = setting()
    x = dg.array(x0)
    x[0] = v0
    got, want = ENTRIES[entry](x), ENTRIES[entry](dg.array(np.asarray(x)))
    for a, b in zip(_flat(got), _flat(want), strict=True):
        same(a, np.asarray(b))


def _flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def test_it_is_drawn_with_its_name():
    x = dg.array([1.0, 2.0])
    x[0] = 5.0
    x *= 2
    loss = x.sum()
    assert dg.graph(loss).names() == ["x", "x_2", "x_3", "loss"]
    assert dg.graph(x).outputs[0].name == "x_3"
    loss.backward()
    x.name = "other"
    assert x.name == "other"


def test_arrays_do_not_share_memory():
    x = dg.array([[1.0, 2.0], [3.0, 4.0]])
    for same_numbers in (x[:], x.reshape(2, 2), x.astype(float), +x, x.copy(), np.broadcast_to(x, (2, 2))):
        same_numbers[0] = 9.0
        same(x, np.array([[1.0, 2.0], [3.0, 4.0]]))
    x[0], x[1] = x[1], x[0]
    same(x, np.array([[3.0, 4.0], [1.0, 2.0]]))
    given_numbers = np.ones(3)
    y = dg.asarray(given_numbers)
    y[0] = 5.0
    assert given_numbers.tolist() == [1, 1, 1]


# ------------------------------------------------------------------ gradients that are kept


def test_a_leaf_keeps_the_gradient_of_what_it_was_made_as():
    x = dg.array([1.0, 2.0])
    double = x * 2
    x[0] = 5.0
    (x.sum() + double.sum()).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 3]
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 7]
    x.grad = None
    assert x.grad is None
    (x * x).sum().backward()
    assert x.grad.tolist() == [0, 4]


def test_a_step_keeps_the_gradient_of_what_it_is_now():
    x = dg.array([1.0, 2.0])
    h = (x * 2).retain_grad()
    h[0] = 5.0
    (h * h).sum().backward()
    assert h.grad is not None
    assert h.grad.tolist() == [10, 8]
    assert x.grad is not None
    assert x.grad.tolist() == [0, 16]


def test_parameters_are_updated_in_place_while_nothing_is_recorded():
    w = dg.parameter([1.0, 2.0])
    other = w
    for _ in range(3):
        loss = dg.square(w).sum()
        loss.backward()
        with dg.no_grad():
            w -= 0.25 * w.grad
        assert (w.is_leaf, w.role, w.name) == (True, "parameter", "w")
        assert dg.graph(loss).inputs[0].role == "parameter"
        w.grad = None
    assert w.tolist() == other.tolist() == [0.125, 0.25]


def test_functions_of_functions_leave_their_arguments_alone():
    x0 = np.ones(3)

    def program(x: Any) -> Any:
        x[0] = 5.0
        x *= 2
        return (x * x).sum()

    x = dg.array(x0)
    for of in (dg.grad(program), dg.value_and_grad(program), dg.jacobian(program), dg.trace(program)):
        of(x0)
        of(x)
    dg.vmap(program)(np.ones((2, 3)))
    dg.vmap(program, in_axes=None)
    dg.jvp(program, (x,), (x,))
    assert x0.tolist() == x.tolist() == [1, 1, 1]
    same(dg.grad(program)(x0), np.array([0.0, 8.0, 8.0]))
    same(dg.jvp(program, (x0,), (np.ones(3),))[1], np.float64(16.0))
    same(dg.vmap(dg.grad(program))(np.ones((2, 3))), np.array([[0.0, 8.0, 8.0]] * 2))
    same(dg.hessian(program)(x0), np.diag([0.0, 8.0, 8.0]))


def test_higher_derivatives_see_the_values_of_their_time():
    x = dg.array(np.array([1.5, 2.0]))
    y = x**3
    x[0] = y[1]
    loss = (x * y).sum()
    loss.backward(create_graph=True)
    assert x.grad is not None
    x1, x0 = 2.0, 1.5
    same(x.grad, np.array([3 * x0**2 * x1**3, 3 * x1**2 * x0**3 + 4 * x1**3]))


# ------------------------------------------------------------------ at


def test_at_gives_new_arrays():
    x = dg.array([1.0, 2.0, 3.0])
    assert x.at[[0, 0]].set([5.0, 6.0]).tolist() == [6, 2, 3]
    assert x.at[[0, 0]].add([5.0, 6.0]).tolist() == [12, 2, 3]
    assert x.at[[0, 0]].subtract([5.0, 6.0]).tolist() == [-10, 2, 3]
    assert x.at[[0, 0]].multiply([5.0, 6.0]).tolist() == [30, 2, 3]
    assert x.at[1:].multiply(2.0).tolist() == [1, 4, 6]
    assert x.at[[0, 0]].max([5.0, 6.0]).tolist() == [6, 2, 3]
    assert x.at[[0, 0]].min([5.0, -6.0]).tolist() == [-6, 2, 3]
    assert x.at[1].get().tolist() == 2
    assert x.tolist() == [1, 2, 3]


def test_products_have_derivatives_at_zero_too():
    def loss(x: Any, v: Any) -> Any:
        return (dg.array([1.0, 2.0]) * x.at[[0, 0, 1]].multiply(v)).sum()

    g = dg.grad(loss, (0, 1))(np.array([3.0, 4.0]), np.array([0.0, 5.0, 0.0]))
    same(g[0], np.array([0.0, 0.0]))
    same(g[1], np.array([15.0, 0.0, 8.0]))


@pytest.mark.skipif(not hasattr(dg, "sort"), reason="sorting is a family of its own")
def test_sort_in_place():
    x = dg.array([3.0, 1.0, 2.0])
    x.sort()
    x.backward([1.0, 2.0, 3.0])
    assert x.tolist() == [1, 2, 3]
    assert x.grad is not None
    assert x.grad.tolist() == [3, 1, 2]


# ------------------------------------------------------------------ memory


PROGRAMS = [code for code in SNIPPETS if "x > 0" not in code]


@pytest.mark.parametrize("code", [*PROGRAMS, "y = x[1] * 2; x[0] = y; x[1] = y + x[0]; y[0] = x[1, 1]"])
def test_no_cycles_of_references(code: str):
    x0, v0 = setting()
    gc.collect()
    gc.disable()
    try:
        x, v = dg.array(x0), dg.array(v0)
        used = x * v
        result = execute(code, x, v)
        np.sum(result[0] * used).backward()
        dead = [weakref.ref(a) for a in (x, v, used, *result) if isinstance(a, dg.Array)]
        del x, v, used, result
        assert [ref() for ref in dead] == [None] * len(dead)
    finally:
        gc.enable()


def test_looking_for_pointers_is_linear():
    from work import calls

    def program(n: int) -> Callable[[], None]:
        def run() -> None:
            h, out = dg.array(np.ones(2)), dg.array(np.zeros((n, 2)))
            out * 2  # noqa: B018 - from now on records may point at it
            for k in range(n):
                h = np.tanh(h) * 2
                out[k] = h

        return run

    program(3)()
    assert calls(program(200)) < 11 * calls(program(20))


# ------------------------------------------------------------------ random programs

STATEMENTS = [
    "x[{i}] = x[{j}]",
    "x[{i}] = y[{j}] * {c}",
    "x[[{i}, {j}]] = y[[{j}, {i}]]",
    "x[[{i}, {i}]] += y[[{j}, {k}]]",
    "np.add.at(x, [{i}, {i}, {j}], y[[{k}, {j}, {i}]])",
    "x[{i}:] -= y[{i}:]",
    "x[::-1] = x",
    "x *= {c}",
    "x += y",
    "x[:, {j}] = x[:, {i}] + y[:, {k}]",
    "x[{i}, {j}], x[{j}, {k}] = x[{j}, {k}], x[{i}, {j}]",
    "y = x",
    "y = x * {c}",
    "x = y.copy()",
    "x, y = y, x",
    "y[x[:, 0] > {c}] = {c}",
    "np.copyto(x, y[{i}])",
]


@st.composite
def programs(draw: Any) -> str:
    number = st.integers(0, 2)
    lines = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=8))
    return "\n".join(
        line.format(
            i=draw(number), j=draw(number), k=draw(number), c=draw(st.sampled_from([-1.5, 0.5, 0.75]))
        )
        for line in lines
    )


@settings(max_examples=60, deadline=None)
@given(programs())
def test_random_programs(code: str):
    rng = np.random.default_rng(7)
    x0, y0 = rng.normal(size=(2, 3, 3))

    def run(x: Any, y: Any) -> tuple[Any, Any]:
        names = {"np": np, "x": x, "y": y}
        exec(code, names)
        return names["x"], names["y"]

    want = run(x0.copy(), y0.copy())
    for got, numbers in zip(run(dg.array(x0), dg.array(y0)), want, strict=True):
        same(got, numbers)

    def loss(x: Any, y: Any) -> Any:
        a, b = run(x, y)
        return np.sum(np.sin(a)) + np.sum(np.square(b))

    got = dg.grad(loss, (0, 1))(x0, y0)
    direction = rng.normal(size=(2, 3, 3))
    step = 1e-6
    ends = [loss(x0 + s * direction[0], y0 + s * direction[1]) for s in (step, -step)]
    slope = sum(np.sum(g * d) for g, d in zip(got, direction, strict=True))
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=1e-5)
