"""Every number and every arrow of a figure, read back from its SVG, against the engine."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.draw import Figure, draw
from diagrad.draw.gates import check, compare
from diagrad.draw.numerals import full
from diagrad.draw.readback import read
from diagrad.testing.random_graphs import random_graph

G = [[0.2, -0.4], [0.1, 0.3], [-0.5, 0.6]]


def affine() -> dg.Array:
    X = dg.array([[1, 2], [0.5, -1], [-1.5, 0.25]])
    W, b = dg.parameter([[0.5, -1], [1.5, 2]], name="W"), dg.parameter([0.1, -0.2], name="b")
    return X @ W + b


def multiply() -> dg.Array:
    x, y = dg.array(1.1, name="x"), dg.array(2.0, name="y")
    return x * y


def branch() -> dg.Array:
    x = dg.array(3.0, name="x")
    return x * x


def repeat() -> dg.Array:
    return dg.broadcast_to(dg.array(3.0, name="x"), (4,))


def add_n() -> dg.Array:
    return dg.add_n(*(dg.array(float(at), name=letter) for at, letter in enumerate("abcdefg")))


def total() -> dg.Array:
    return dg.sum(dg.array([[1.0, 2.0], [3.0, 4.0]], name="X"), axis=0)


def matmul() -> dg.Array:
    return dg.array(np.arange(6.0).reshape(3, 2), name="X") @ dg.array(np.ones((2, 4)), name="W")


def neuron() -> dg.Array:
    w = [dg.parameter(v, name=f"w{i}") for i, v in enumerate((2.0, -3.0, -3.0))]
    x = [dg.array(v, name=f"x{i}") for i, v in enumerate((-1.0, -2.0))]
    return 1 / (1 + dg.exp(-(w[0] * x[0] + w[1] * x[1] + w[2])))


def network() -> dg.Array:
    rng = np.random.default_rng(1)
    X, labels = dg.array(rng.normal(size=(3, 2)), name="X"), dg.array(np.array([0, 1, 1]), name="labels")
    W1, b1 = dg.parameter(rng.normal(size=(2, 4)), name="W1"), dg.parameter(np.zeros(4), name="b1")
    W2, b2 = dg.parameter(rng.normal(size=(4, 2)), name="W2"), dg.parameter(np.zeros(2), name="b2")
    return dg.softmax_cross_entropy(dg.two_layer(X, W1, b1, W2, b2), labels)


def large() -> dg.Array:
    return dg.sum(dg.relu(dg.array(np.random.default_rng(2).normal(size=(40, 90)), name="X")))


CASES: list[Callable[[], dg.Array]] = [
    affine, multiply, branch, repeat, add_n, total, matmul, neuron, network, large,
]  # fmt: skip


def judge(figure: Figure, *, branches: bool = True, numbers: bool = True) -> list[str]:
    about = figure.content
    faults = check(figure.svg)
    return faults + compare(
        figure.svg,
        about.graph,
        about.values,
        about.gradients,
        flows=about.flows,
        branches=branches,
        numbers=numbers,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("passes", ["both", "forward", "backward"])
def test_every_number_and_every_arrow(case: Callable[[], dg.Array], passes: Any) -> None:
    assert judge(draw(case(), show="all", passes=passes)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("show", ["auto", "symbols", "shapes", "numbers"])
def test_every_reading(case: Callable[[], dg.Array], show: Any) -> None:
    assert judge(draw(case(), show=show), numbers=show in ("auto", "numbers")) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_without_branches(case: Callable[[], dg.Array]) -> None:
    figure = draw(case(), branches=False)
    assert judge(figure, branches=False) == []
    assert not {node.op for node in read(figure.svg).nodes} & {"Branch", "Repeat"}


@pytest.mark.parametrize("case", [multiply, branch, neuron, network], ids=lambda case: case.__name__)
def test_leaf_gradients_are_those_of_backward(case: Callable[[], dg.Array]) -> None:
    y = case()
    figure = draw(y)
    graph = dg.graph(y)
    y.backward()
    drawn = {x.name: figure.content.gradients.get(x) for x in figure.content.graph.inputs}
    stack, leaves = [y], dict[str, dg.Array]()
    while stack:
        x = stack.pop()
        stack += x._inputs
        if x.is_leaf and x.name:
            leaves[x.name] = x
    assert leaves.keys() == {x.name for x in graph.inputs}
    for name, x in leaves.items():
        if x.grad is None:
            assert drawn[name] is None
        else:
            np.testing.assert_allclose(drawn[name], x.grad.data, rtol=1e-12)


def test_the_numbers_of_the_affine_layer() -> None:
    drawn = read(draw(affine(), gradient=G).svg)
    edges = {edge.name: edge for edge in drawn.edges}
    cells = {text.at: text.text for text in edges["W"].texts["backward"] if text.what == "cell"}
    assert cells == {"0,0": "1", "0,1": "−1.15", "1,0": "0.175", "1,1": "−0.95"}
    rules = [text.text for node in drawn.nodes for text in node.texts if text.what == "rule"]
    assert rules == [
        "∂L/∂X = ∂L/∂(X · W) · Wᵀ",
        "∂L/∂W = Xᵀ · ∂L/∂(X · W)",
        "∂L/∂b = Σ ∂L/∂B",
        "∂L/∂(X · W) = ∂L/∂B = ∂L/∂Y",
    ]
    assert [node.kind for node in drawn.nodes] == [
        "input", "parameter", "parameter", "op", "op", "op", "output",
    ]  # fmt: skip


def test_scalars_carry_their_whole_numbers_and_rules_have_numbers_put_in() -> None:
    figure = draw(multiply(), gradient=1.1)
    drawn = read(figure.svg)
    edges = {edge.name: edge for edge in drawn.edges}
    assert edges["x"].value == "1.1"
    assert edges["x"].gradient == full(1.1 * 2.0) == "2.2"
    rules = [text.text for node in drawn.nodes for text in node.texts if text.what == "rule"]
    assert rules == [
        "∂L/∂x = ∂L/∂z · y = 1.1 × 2 = 2.2",
        "∂L/∂y = ∂L/∂z · x = 1.1 × 1.1 = 1.21",
    ]


def test_the_gradients_are_those_that_backward_was_called_with() -> None:
    Y = affine()
    Y.backward(np.asarray(G))
    edges = {edge.name: edge for edge in read(draw(Y).svg).edges}
    assert [text.text for text in edges["b"].texts["backward"] if text.what == "cell"] == ["−0.2", "0.5"]


def test_the_branch_rule_adds() -> None:
    rules = [
        text.text for node in read(draw(branch()).svg).nodes for text in node.texts if text.what == "rule"
    ]
    assert rules[0] == "∂L/∂x = ∂L/∂x₁ + ∂L/∂x₂ = 3 + 3 = 6"


def test_not_computed_is_a_question_mark_and_never_zero() -> None:
    graph = dg.trace(lambda x, y: x * y)(2.0, 3.0)
    figure = draw(graph, show="all")
    said = [
        t.text
        for edge in read(figure.svg).edges
        for group in edge.texts.values()
        for t in group
        if t.what == "value"
    ]
    assert said
    assert set(said) == {"?"}
    assert judge(figure) == []
    assert ">?<" not in draw(graph).svg


def test_a_graph_takes_data_or_a_seed() -> None:
    graph = dg.trace(lambda x, y: x * y)(2.0, 3.0)
    assert read(draw(graph, 4.0, 5.0).svg).edges[-1].value == "20.0"
    assert judge(draw(graph, seed=3)) == []
    assert draw(graph, seed=3).svg == draw(graph, seed=3).svg != draw(graph, seed=4).svg


def test_a_function_is_traced_and_run() -> None:
    def f(pair: dict[str, Any], w: Any) -> Any:
        return dg.tanh(pair["a"] @ w)

    figure = draw(f, {"a": np.ones((2, 3))}, np.full((3, 1), 0.5))
    assert judge(figure) == []
    np.testing.assert_allclose(
        figure.content.values[figure.content.graph.outputs[0]], np.tanh([[1.5], [1.5]])
    )


ODD: dict[str, Callable[[], dg.Array]] = {
    "nan and inf": lambda: dg.array([np.nan, np.inf, -np.inf, 0.0], name="a") * 2.0,
    "all nan": lambda: dg.sum(dg.array(np.full((20, 30), np.nan), name="a")),
    "huge and tiny": lambda: dg.array([1e300, 1e-310, -5e-324], name="a") * 1.0,
    "empty": lambda: dg.sum(dg.array(np.zeros((0, 3)), name="e")),
    "empty kept": lambda: dg.array(np.zeros((2, 0)), name="e") + 1.0,
    "integers": lambda: dg.sum(dg.array([1, 2, 3], name="i").astype(float)),
    "integers to the end": lambda: dg.array([1, 2, 3], name="i") + 1,
    "booleans": lambda: dg.where(dg.array([True, False], name="t"), dg.array([1.0, 2.0], name="x"), 0.0),
    "float32": lambda: dg.exp(dg.array(np.float32(0.1), name="x")),
    "complex": lambda: dg.array([1 + 2j, -0.5j], name="z") * 2.0,
    "a leaf alone": lambda: dg.array(2.0, name="x"),
    "three axes": lambda: dg.sum(dg.array(np.arange(24.0).reshape(2, 3, 4), name="x")),
    "argmax": lambda: dg.argmax(dg.array([1.0, 3.0], name="x")),
    "used and given": lambda: dg.add_n(*[dg.array(1.0, name="x")] * 5),
}


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("passes", ["both", "forward", "backward"])
def test_odd_numbers(case: str, passes: Any) -> None:
    with np.errstate(all="ignore"):
        y = ODD[case]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert judge(draw(y, show="all", passes=passes)) == []


@pytest.mark.parametrize(("seed", "options"), [(18, {"show": "symbols"}), (115, {"branches": False})])
def test_short_jogs_keep_arrows_apart(seed: int, options: dict[str, Any]) -> None:
    graph, inputs = random_graph(np.random.default_rng(seed), 26)
    assert check(draw(graph, *inputs, **options).svg) == []


@pytest.mark.parametrize("batch", range(40))
def test_two_thousand_random_graphs(batch: int) -> None:
    """Both passes, all readings: every gate is zero and every number is the engine's."""
    for seed in range(50 * batch, 50 * batch + 50):
        graph, inputs = random_graph(np.random.default_rng(10_000 + seed), 1 + seed % 9)
        assert judge(draw(graph, *inputs, show="all")) == [], f"seed {seed}"


@pytest.mark.parametrize("seed", range(100))
def test_random_graphs_in_other_readings(seed: int) -> None:
    graph, inputs = random_graph(np.random.default_rng(seed), 1 + seed % 14)
    options: list[dict[str, Any]] = [
        {}, {"passes": "backward"}, {"passes": "forward"}, {"branches": False}, {"show": "symbols"},
    ]  # fmt: skip
    chosen = options[seed % len(options)]
    for kinds in ({"show": "all"}, {"show": "all", **chosen}):
        figure = draw(graph, *inputs, **kinds)
        branches, numbers = kinds.get("branches", True), kinds["show"] == "all"
        assert judge(figure, branches=branches, numbers=numbers) == []
