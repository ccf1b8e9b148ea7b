"""Assignment as NumPy users write it: the same statements on NumPy arrays and on Arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diagrad as dg
from diagrad.errors import DTypeError, OutOfRangeError, ShapeError
from diagrad.testing import check_gradients
from statements import SNIPPETS, execute, same, setting


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
    assert x.grad is not None
    assert v.grad is not None
    assert x.grad.tolist() == [0, 20, 0]
    assert v.grad.tolist() == [0, 10, 30]


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
