"""Names from the user's own variables, and the line an Array came from.

Written so that it holds on every Python from 3.11: byte code differs, what users see must not.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np

import diagrad as dg

X, W, B = np.ones((3, 2)), np.ones((2, 4)), np.ones(4)


def test_a_leaf_and_a_result():
    x = dg.array(X)
    w = dg.parameter(W)
    y = x @ w
    assert (x.name, w.name, y.name) == ("x", "w", "y")


def test_the_name_given_wins():
    x = dg.array(X, name="input")
    assert x.name == "input"


def test_the_whole_statement_is_named_and_not_its_steps():
    x, w, b = dg.array(X), dg.array(W), dg.array(B)
    y = x @ w + b
    assert dg.graph(y).names() == ["x", "w", "b", "y"]


def test_two_names_of_one_value_give_the_first():
    x = dg.array(1.0)
    a = b = dg.exp(x)
    assert a is b
    assert a.name == "a"


def test_unpacking_a_display():
    x, y = dg.array(1.0), dg.array(2.0)
    a, b = x * y, x + y
    assert (x.name, y.name, a.name, b.name) == ("x", "y", "a", "b")
    p, q, r = dg.sin(x), dg.cos(x), dg.exp(x)
    assert (p.name, q.name, r.name) == ("p", "q", "r")


def test_unpacking_several_outputs():
    x = dg.array(1.0)
    a, b, c = dg.branch(x, 3)
    assert (a.name, b.name, c.name) == ("a", "b", "c")
    y = a * b * c
    assert dg.graph(y).names() == ["x", "a", "b", "c", "y"]


def test_swapping_names_keeps_the_first():
    a = dg.array(1.0)
    b = dg.array(2.0)
    a, b = b, a
    assert (a.name, b.name) == ("b", "a")


def test_loops_tell_their_rounds_apart():
    h = dg.array(0.5)
    for _ in range(3):
        h = dg.tanh(h)
    assert dg.graph(h).names() == ["h", "h_2", "h_3", "h_4"]


def test_inside_a_function():
    def layer(x: Any, w: Any) -> Any:
        z = x @ w
        return dg.relu(z)

    x, w = dg.array(X), dg.array(W)
    h = layer(x, w)
    assert dg.graph(h).names() == [
        "x",
        "w",
        "z",
    ]  # what a function returns was not assigned where it was made


def test_methods_and_numpy_functions():
    x = dg.array(X)
    total = x.sum()
    mean = np.mean(x, axis=0)
    e = np.exp(x)
    t = x.T
    first = x[0]
    n = -x
    p = x**3
    assert [v.name for v in (total, mean, e, t, first, n, p)] == [
        "total",
        "mean",
        "e",
        "t",
        "first",
        "n",
        "p",
    ]


def test_a_chain_of_calls_is_named_at_its_end():
    x = dg.array(X)
    y = x.sum(axis=0).reshape(2, 1).mean()
    assert dg.graph(y).names() == ["x", "y"]


def test_arguments_of_a_call_have_no_name():
    x = dg.array(X)
    y = dg.exp(dg.sin(x))
    z = dg.add(dg.cos(x), 1.0)
    assert dg.graph(y, z).names() == ["x", "y", "z"]


def test_what_no_variable_takes_has_no_name():
    box = types.SimpleNamespace()
    box.y = dg.array(1.0) * 2
    things = {}
    things["y"] = dg.array(1.0) * 2
    listed = [dg.array(1.0) * k for k in range(2)]
    assert box.y.name is None
    assert things["y"].name is None
    assert [x.name for x in listed] == [None, None]


def test_a_list_display_has_no_name():
    x = dg.array(1.0)
    both = [x * 2, x * 3]
    assert [y.name for y in both] == [None, None]


def test_augmented_assignment():
    y = dg.array(1.0)
    y += 1.0
    y *= 2.0
    assert dg.graph(y).names() == ["y", "y_2", "y_3"]


def test_a_walrus():
    x = dg.array(1.0)
    if (y := x * 2) is not None:
        assert y.name == "y"


def test_a_conditional_expression():
    x = dg.array(1.0)
    y = x * 2 if x.ndim == 0 else x
    assert y.name in ("y", None)  # never a wrong one


def test_closures_and_globals():
    x = dg.array(1.0)

    def inner() -> Any:
        nonlocal x
        x = x * 2
        return x

    assert inner().name == "x"
    scope: dict[str, Any] = {"dg": dg}
    exec("u = dg.array(1.0)\nv = u * 2", scope)
    assert (scope["u"].name, scope["v"].name) == ("u", "v")


def test_annotated_and_starred():
    y: Any = dg.array(1.0) * 2
    first, *rest = dg.array(1.0) * 2, dg.array(1.0) * 3
    assert y.name == "y"
    assert first.name in ("first", None)
    assert rest[0].name is None


def test_unicode_names():
    θ = dg.array(1.0)
    x̂ = dg.sin(θ)
    assert dg.graph(x̂).names() == ["θ", "x̂"]
    assert dg.ir.parse(str(dg.graph(x̂))) == dg.graph(x̂)


def test_composites_name_their_result_only():
    x, w, b = dg.array(X), dg.array(W), dg.array(B)
    y = dg.affine(x, w, b)
    p = dg.softmax(y)
    assert (y.name, p.name) == ("y", "p")
    graph = dg.graph(p)
    assert graph.names() == ["x", "w", "b", "y", "p"]
    assert {str(node.scope) for node in graph.nodes} == {"affine", "softmax"}


def test_traced_inputs_bear_the_parameters_names():
    def f(x: Any, params: Any, *rest: Any, scale: Any = 1.0) -> Any:
        y = x * params["w"] + params["b"][0] + rest[0] * scale
        return y

    graph = dg.trace(f)(1.0, {"w": 2.0, "b": [np.ones(1)]}, 3.0, scale=4.0)
    assert [x.name for x in graph.inputs] == ["x", "w", "b[0]", "rest[0]", "scale"]
    assert graph.outputs[0].name == "y"


def test_the_line():
    x = dg.array(1.0)
    y = dg.exp(x)  # this very line
    site = dg.graph(y)["y"].site
    assert str(site).endswith("in test_the_line: y = dg.exp(x)  # this very line")
    assert str(site).startswith("test_names.py:")


def test_the_line_of_a_step_inside_a_composite_is_the_users():
    x = dg.array([1.0, 2.0])
    y = dg.softmax(x)
    assert {str(node.site).partition(": ")[2] for node in dg.graph(y).nodes} == {"y = dg.softmax(x)"}


def test_the_line_of_a_gradient_is_its_nodes():
    x = dg.array(2.0)
    y = dg.exp(x)
    y.backward(create_graph=True)
    assert x.grad is not None
    assert str(dg.graph(x.grad).nodes[-1].site).endswith("y = dg.exp(x)")


def test_branches_of_one_call_in_two_rounds():
    x = dg.array(1.0)
    for _ in range(2):
        a, b = dg.branch(x)
        x = a * b
    assert dg.graph(x).names() == ["x", "a", "b", "x_2", "a_2", "b_2", "x_3"]
