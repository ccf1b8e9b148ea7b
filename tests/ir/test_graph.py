"""Values, nodes, scopes, graphs: equality, look-up, producers and users."""

from __future__ import annotations

import numpy as np
import pytest

import diagrad as dg
from diagrad.ir import Graph, Scope, Spec

X = np.ones((3, 2))


def traced(x, y):
    with dg.scope("outer"):
        a = x * y
        with dg.scope("inner"):
            b = a + x
    return a, b


@pytest.fixture
def graph() -> Graph:
    return dg.trace(traced)(X, X)


def test_equality_is_by_structure_and_not_by_place(graph: Graph):
    other = dg.trace(traced)(X, X)
    assert graph == other
    assert hash(graph) == hash(other)
    assert graph != dg.trace(traced)(X[:2], X[:2])
    assert graph != dg.trace(traced)(X.astype("f4"), X.astype("f4"))
    assert graph != Graph(graph.inputs, graph.nodes, graph.outputs, "another")
    assert graph != Graph(graph.inputs, graph.nodes, graph.outputs[:1], graph.name)
    assert graph != "a graph"


def test_roles_count():
    assert dg.trace(traced)(dg.parameter(X), X) != dg.trace(traced)(X, X)


def test_look_up_by_name(graph: Graph):
    assert graph["a"].spec == Spec((3, 2), np.dtype("f8"))
    assert graph.names() == ["x", "y", "a", "b"]
    with pytest.raises(KeyError, match="no value is called 'z'; there are x, y, a, b"):
        graph["z"]


def test_who_makes_and_who_uses(graph: Graph):
    multiply, add = graph.nodes
    assert graph.index.producer == {graph["a"]: (multiply, 0), graph["b"]: (add, 0)}
    assert graph.index.users[graph["x"]] == [(multiply, 0), (add, 1)]
    assert graph.index.users[graph["b"]] == []
    assert set(graph.index.users) == set(graph.values())


def test_scopes(graph: Graph):
    assert [str(node.scope) for node in graph.nodes] == ["outer", "outer/inner"]
    assert Scope("c", Scope("b", Scope("a"))).path == ("a", "b", "c")


def test_scopes_of_one_name_side_by_side_are_told_apart():
    def f(x):
        for _ in range(2):
            with dg.scope("layer"):
                x = dg.exp(x)
        return x

    assert [str(node.scope) for node in dg.trace(f)(1.0).nodes] == ["layer", "layer_2"]


def test_constants_and_length(graph: Graph):
    with_constant = dg.trace(lambda x: x * np.array([1.0, 2.0]))(np.ones(2))
    assert [c.tolist() for c in with_constant.constants.values()] == [[1.0, 2.0]]
    assert (len(graph), len(with_constant)) == (2, 2)
    assert repr(graph) == "<Graph traced: 2 inputs, 2 nodes, 2 outputs>"


def test_it_runs(graph: Graph):
    run = graph.run(X, 2 * X)
    assert run["b"].tolist() == (3 * X).tolist()
    np.testing.assert_equal(run.outputs, (2 * X, 3 * X))
