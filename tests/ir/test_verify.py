"""Graphs built by hand that break a rule."""

from __future__ import annotations

import numpy as np
import pytest

from diagrad import ops
from diagrad.errors import GraphError, ShapeError
from diagrad.ir import Graph, Node, Value, verify

F64 = np.dtype(np.float64)


def value(name: str | None = None, shape: tuple[int, ...] = (2,)) -> Value:
    return Value(shape, F64, name)


def test_a_right_graph_comes_back():
    x, y = value("x"), value("y")
    graph = Graph([x], [Node(ops.Exp(), (x,), (y,))], [y])
    assert verify(graph) is graph


def test_a_cycle():
    x, y = value("x"), value("y")
    graph = Graph([], [Node(ops.Exp(), (x,), (y,)), Node(ops.Exp(), (y,), (x,))], [y])
    with pytest.raises(GraphError) as caught:
        verify(graph)
    assert str(caught.value) == (
        "Exp uses 'x' before it is computed: the graph has a cycle or is out of order\n"
        "  expected: nodes in topological order, each after those it uses\n"
        "  got:      'x' is defined by a later node\n"
        "  fix:      order the nodes; a value cannot depend on itself"
    )


def test_an_undefined_value():
    x, y = value("x"), value("y")
    with pytest.raises(GraphError, match="Exp uses 'x', which nothing computes"):
        verify(Graph([], [Node(ops.Exp(), (x,), (y,))], [y]))
    with pytest.raises(GraphError, match="the output 'y' is never computed"):
        verify(Graph([x], [], [y]))


def test_two_producers():
    x, y = value("x"), value()
    twice = Graph([x], [Node(ops.Exp(), (x,), (y,)), Node(ops.Log(), (x,), (y,))], [y])
    with pytest.raises(GraphError, match=r"an unnamed f64\[2\] is defined twice, again by Log"):
        verify(twice)
    with pytest.raises(GraphError, match="'x' is defined twice, again by the graph's inputs"):
        verify(Graph([x, x], [], [x]))


def test_two_values_of_one_name():
    with pytest.raises(GraphError, match="two values are called 'x'"):
        verify(Graph([value("x"), value("x")], [], []))


def test_outputs_of_another_shape_or_number():
    x = value("x")
    wrong = Graph([x], [Node(ops.Exp(), (x,), (value("y", (3,)),))], [])
    with pytest.raises(GraphError, match=r"Exp gives f64\[2\]"):
        verify(wrong)
    with pytest.raises(GraphError, match="Branch gives"):
        verify(Graph([x], [Node(ops.Branch(2), (x,), (value("y"),))], []))


def test_inputs_that_do_not_fit():
    x, y = value("x"), value("y", (3,))
    with pytest.raises(ShapeError, match="Add: axis 0 is 2 in x but 3 in y"):
        verify(Graph([x, y], [Node(ops.Add(), (x, y), (value("z"),))], []))
