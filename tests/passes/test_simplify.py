"""Simplified graphs, printed: what goes, what is joined, and what must stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.ir import Graph, parse, verify
from diagrad.passes import explicit


def simple(text: str) -> str:
    """The nodes of a simplified graph, of one written as text."""
    graph = dg.simplify(parse(text))
    verify(graph)
    return body(graph)


def body(graph: Graph) -> str:
    return "\n".join(line.strip() for line in str(graph).splitlines()[1:-1])


def ops_of(graph: Graph) -> list[str]:
    return [node.op.name for node in graph.nodes]


EDGES = np.array([0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan, 5e-324, 1.7e308])

ONE = "c: f64[9] = Constant() {data=full(1.0, (9,), 'f64')}"
ZERO = "c: f64[9] = Constant() {data=full(0.0, (9,), 'f64')}"
MINUS = "c: f64[9] = Constant() {data=full(-0.0, (9,), 'f64')}"

EXACT: dict[str, tuple[str, str]] = {
    "x * 1": (f"{ONE}\ny: f64[9] = Multiply(x, c)\nreturn y", "return x"),
    "x / 1": (f"{ONE}\ny: f64[9] = Divide(x, c)\nreturn y", "return x"),
    "x - 0": (f"{ZERO}\ny: f64[9] = Subtract(x, c)\nreturn y", "return x"),
    "-0 + x": (f"{MINUS}\ny: f64[9] = Add(c, x)\nreturn y", "return x"),
    "-(-x)": ("a: f64[9] = Negative(x)\ny: f64[9] = Negative(a)\nreturn y", "return x"),
    "x + (-x)": (
        "a: f64[9] = Negative(x)\ny: f64[9] = Add(a, x)\nreturn y",
        "y: f64[9] = Subtract(x, x)\nreturn y",
    ),
    "x ** 1": ("y: f64[9] = PowerScalar(x) {n=1}\nreturn y", "return x"),
    "reshapes": (
        "a: f64[3,3] = Reshape(x) {to=(3, 3)}\nb: f64[1,3,3] = ExpandDims(a) {axes=(0,)}\n"
        "y: f64[9] = Reshape(b) {to=(9,)}\nreturn y",
        "return x",
    ),
    "transposes": (
        "a: f64[3,3] = Reshape(x) {to=(3, 3)}\nb: f64[3,3] = Transpose(a) {axes=(1, 0)}\n"
        "y: f64[3,3] = Transpose(b) {axes=(1, 0)}\nreturn y",
        "a: f64[3,3] = Reshape(x) {to=(3, 3)}\nreturn a",
    ),
    "max of one": (
        "a: f64[9,1] = ExpandDims(x) {axes=(1,)}\ny: f64[9] = Max(a) {axes=(1,)}\nreturn y",
        "return x",
    ),
    "max of copies": (
        "a: f64[9,4] = Repeat(x) {axes=(1,), times=(4,)}\ny: f64[9] = Max(a) {axes=(1,)}\nreturn y",
        "return x",
    ),
    "sine of copies": (
        "a: f64[4,9] = Repeat(x) {axes=(0,), times=(4,)}\ny: f64[4,9] = Abs(a)\nreturn y",
        "%0: f64[9] = Abs(x)\ny: f64[4,9] = Repeat(%0) {axes=(0,), times=(4,)}\nreturn y",
    ),
    "a slice of a join": (
        "a: f64[18] = Concatenate(x, x) {axis=0}\n"
        "y: f64[9] = Slice(a) {index=(slice(9, 18, None),)}\nreturn y",
        "return x",
    ),
    "a join of slices": (
        "a: f64[4] = Slice(x) {index=(slice(None, 4, None),)}\n"
        "b: f64[5] = Slice(x) {index=(slice(4, None, None),)}\n"
        "y: f64[9] = Concatenate(a, b) {axis=0}\nreturn y",
        "return x",
    ),
    "branches": (
        "a: f64[9], b: f64[9] = Branch(x) {n=2}\ny: f64[9] = Multiply(a, b)\nreturn y",
        "y: f64[9] = Multiply(x, x)\nreturn y",
    ),
    "the same twice": (
        "a: f64[9] = Abs(x)\nb: f64[9] = Abs(x)\ny: f64[9] = Add(a, b)\nreturn y",
        "a: f64[9] = Abs(x)\ny: f64[9] = Add(a, a)\nreturn y",
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_it_is_exact(name: str):
    before, after = EXACT[name]
    graph = parse(f"graph f(x: f64[9]) {{\n{before}\n}}")
    assert body(dg.simplify(graph)) == after
    with np.errstate(all="ignore"):
        want, got = (np.asarray(g.run(EDGES).outputs[0]) for g in (graph, dg.simplify(graph)))
    np.testing.assert_array_equal(got, want)
    number = ~np.isnan(want)
    np.testing.assert_array_equal(np.signbit(got[number]), np.signbit(want[number]))


@pytest.mark.parametrize(
    "nodes",
    [
        f"{ZERO}\ny: f64[9] = Multiply(x, c)\nreturn y",
        f"{ZERO}\ny: f64[9] = Subtract(c, x)\nreturn y",
        "y: f64[9] = Subtract(x, x)\nreturn y",
        "y: f64[9] = Divide(x, x)\nreturn y",
        "y: f64[9] = StopGradient(x)\nreturn y",
        "c: bool[9] = Equal(x, x)\nreturn c",
    ],
)
def test_what_looks_simple_and_is_not_stays(nodes: str):
    graph = parse(f"graph f(x: f64[9]) {{\n{nodes}\n}}")
    assert dg.simplify(graph) is graph


@pytest.mark.parametrize(
    ("start", "between", "to", "goes"),
    [
        ("f32", "f64", "f32", True),
        ("i32", "f64", "f32", True),
        ("i64", "f64", "i64", False),
        ("f64", "f32", "f64", False),
        ("f32", "f64", "i32", False),
        ("bool", "i8", "bool", True),
    ],
)
def test_a_conversion_between_goes_where_nothing_is_lost(start: str, between: str, to: str, goes: bool):
    text = f"graph f(x: {start}[]) {{\na: {between}[] = AsType(x) {{to='{between}'}}\n"
    graph = parse(f"{text}y: {to}[] = AsType(a) {{to='{to}'}}\nreturn y\n}}")
    assert len(dg.simplify(graph)) == (2 if not goes else int(start != to))


def test_constants_are_folded_where_they_stay_small():
    graph = dg.trace(lambda x: x + dg.sin(dg.array([1.0, 2.0])) * 2)(np.ones(2))
    after = dg.simplify(graph)
    assert ops_of(after) == ["Constant", "Add"]
    np.testing.assert_array_equal(after.nodes[0].op.data, np.sin([1.0, 2.0]) * 2)
    large = dg.trace(lambda x: x + dg.array(np.arange(90.0)))(np.ones((90, 90)))
    assert dg.simplify(large) is large


def test_what_cannot_be_computed_fails_when_it_runs():
    zeros = "c: f64[2,2] = Constant() {data=full(0.0, (2, 2), 'f64')}"
    graph = parse(f"graph f() {{\n{zeros}\ny: f64[2,2] = Inv(c)\nreturn y\n}}")
    after = dg.simplify(graph)
    assert len(after) == 2
    with pytest.raises(dg.errors.SingularMatrixError):
        after.run()


def test_random_numbers_of_different_keys_stay_different():
    def f(key: Any) -> Any:
        a, b = dg.random.split(key)
        return dg.random.uniform(a, (3,)) + dg.random.uniform(b, (3,)) + dg.random.uniform(a, (3,))

    graph = dg.trace(f)(dg.random.key(1))
    after = dg.simplify(graph)
    assert ops_of(after).count("RandomUniform") == 2
    key = np.asarray(dg.random.key(1))
    np.testing.assert_array_equal(after.run(key).outputs[0], graph.run(key).outputs[0])


def test_functions_of_the_users_own_run_as_often_as_before():
    calls: list[int] = []

    @dg.custom_rule
    def note(x: Any) -> Any:
        calls.append(1)
        return x * 2

    @note.backward
    def note_backward(g: Any) -> Any:
        return g * 2

    graph = dg.trace(lambda x: (note(x) + note(x)) * 1)(1.0)
    calls.clear()
    assert dg.simplify(graph).run(3.0).outputs == (12.0,)
    assert len(calls) == 2


def test_what_is_computed_again_is_computed_again():
    def f(x: Any) -> Any:
        return dg.sum(dg.checkpoint(lambda x: dg.sin(dg.exp(x)) * x)(x))

    graph = dg.trace(dg.grad(f))(np.ones(3))
    assert ops_of(dg.simplify(graph)).count("Exp") == ops_of(graph).count("Exp")


def test_bodies_of_loops_are_simplified():
    graph = dg.trace(lambda x: dg.scan(lambda c, x: (c * 1 + x * 1, c), 0.0, x)[0])(np.ones(5))
    (scan,) = [node for node in dg.simplify(graph).nodes if node.op.name == "Scan"]
    assert ops_of(scan.op.body) == ["Add"]  # type: ignore[attr-defined]
    assert dg.simplify(graph).run(np.ones(5)).outputs[0] == 5.0


def test_gradients_of_slices_are_joined(rng: np.random.Generator):
    def f(z: Any) -> Any:
        return dg.sum(dg.tanh(z[:, :2]) * dg.sin(z[:, 2:4]) * dg.exp(z[:, 4:]))

    z = rng.standard_normal((3, 6))
    graph = dg.trace(f)(z).backward()
    after = dg.simplify(graph)
    assert "Place" in ops_of(graph)
    assert "Place" not in ops_of(after)
    assert ops_of(after)[-1] == "Concatenate"
    np.testing.assert_allclose(after.run(z, 1.0).outputs[0], graph.run(z, 1.0).outputs[0], rtol=1e-14)


def test_gradients_of_rows_are_stacked():
    def f(z: Any) -> Any:
        a, b, c = z[0], z[1], z[2]
        return dg.sum(dg.tanh(a) * dg.sin(b) * dg.exp(c))

    after = dg.simplify(dg.trace(f)(np.ones((3, 4))).backward())
    assert ops_of(after)[-1] == "Stack"


def unrolled(steps: int) -> Any:
    """A recurrence, whose gradients are compared with those of finite differences elsewhere."""

    def loss(w: Any, u: Any, b: Any, xs: Any) -> Any:
        h = dg.zeros((2, 8))
        for t in range(steps):
            h = dg.tanh(xs[t] @ w + h @ u + b)
        return dg.sum(h * h)

    return loss


def test_an_unrolled_loop_has_one_product_for_each_weight(rng: np.random.Generator):
    steps = 6
    args = [rng.standard_normal(shape) for shape in ((7, 8), (8, 8), (8,), (steps, 2, 7))]
    graph = dg.trace(dg.grad(unrolled(steps), (0, 1, 2)))(*args)
    after = dg.simplify(graph)
    verify(after)
    count = ops_of(after).count
    # forward: one for all inputs, one a step for the state; backward: one a step, one for each weight
    assert ops_of(graph).count("MatMul") == 5 * steps - 1
    assert count("MatMul") <= 1 + steps + (steps - 1) + 2
    assert count("AddN") == 0
    for got, want in zip(after.run(*args).outputs, graph.run(*args).outputs, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


def test_products_that_need_one_another_are_not_joined():
    def f(x: Any, y: Any, w: Any) -> Any:
        a = x @ w
        return dg.tanh(a) @ w, dg.sin(y) @ w, dg.cos(dg.tanh(a) @ w) @ w

    graph = dg.trace(f)(np.ones((1, 9)), np.ones((1, 9)), np.ones((9, 9)))
    assert ops_of(dg.simplify(graph)).count("MatMul") == 4


def test_large_operands_are_not_copied_for_a_product():
    w = np.ones((4, 4))
    graph = dg.trace(lambda x, y, z, w: (x @ w, y @ w, z @ w))(*[np.ones((50, 4))] * 3, w)
    assert dg.simplify(graph) is graph


def test_n_copies_add_up_to_n_times():
    nodes = "a: f64[3,5] = Repeat(x) {axes=(1,), times=(5,)}\ny: f64[3] = Sum(a) {axes=(1,)}"
    assert simple(f"graph f(x: f64[3]) {{\n{nodes}\nreturn y\n}}").splitlines()[1:] == [
        "y: f64[3] = Multiply(%0, x)",
        "return y",
    ]


def test_a_sum_of_one_is_that_one():
    nodes = "a: f64[3,1] = ExpandDims(x) {axes=(1,)}\ny: f64[3] = Mean(a) {axes=(1,)}"
    assert simple(f"graph f(x: f64[3]) {{\n{nodes}\nreturn y\n}}") == "return x"


def test_explicit_branches_change_nothing():
    graph = dg.trace(lambda x, y: (x * y + x) * dg.sin(x * y))(2.0, 3.0)
    assert body(dg.simplify(explicit(graph))).count("Branch") == 0
    assert len(dg.simplify(explicit(graph))) == len(dg.simplify(graph))


def test_inputs_and_outputs_stay():
    graph = dg.trace(lambda x, y: (x * 1, x, x - 0.0))(2.0, 3.0)
    after = dg.simplify(graph)
    assert after.inputs == graph.inputs
    assert not after.nodes
    assert after.run(2.0, 3.0).outputs == (2.0, 2.0, 2.0)
