"""Print and parse are inverse to each other; what cannot be read says why."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import diagrad as dg
from diagrad.errors import DiagradError, GraphError, ParseError, ShapeError
from diagrad.ir import Constant, Graph, Node, Value, parse, verify
from ir.strategies import graphs


@settings(max_examples=400, deadline=None)
@given(graphs())
def test_a_printed_graph_reads_back_equal(graph: Graph):
    verify(graph)
    text = str(graph)
    again = parse(text)
    assert again == graph
    assert hash(again) == hash(graph)
    assert str(again) == text


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c8", "c16"])
def test_special_numbers_keep_every_bit(dtype: str):
    numbers = [0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 5e-324, 1 / 3]
    with np.errstate(all="ignore"):
        plain = np.array(numbers).astype(dtype)
        cases = [plain, *plain, -1j * plain] if dtype[0] == "c" else [plain, *plain]
    for data in cases:
        for x in (
            np.asarray(data),
            np.broadcast_to(np.asarray(data).reshape(-1)[0], (2, 3)),
            np.resize(data, (9, 9)),
        ):
            value = Value(x.shape, x.dtype)
            graph = Graph([], [Node(Constant(x), (), (value,))], [value])
            assert parse(str(graph)) == graph


def test_numbers_of_numpy_in_attributes():
    graph = dg.trace(lambda x: dg.repeat_new(x, np.int64(3)))(np.ones(2))
    assert "times=(3,)" in str(graph)
    assert parse(str(graph)) == graph


def test_the_form():
    def affine(X, W, b):
        Y = X @ W + b
        return Y

    graph = dg.trace(affine)(np.ones((3, 2)), dg.parameter(np.ones((2, 2))), dg.parameter(np.ones(2)))
    assert str(graph) == (
        "graph affine(X: f64[3,2], W: f64[2,2] parameter, b: f64[2] parameter) {\n"
        "  %0: f64[3,2] = MatMul(X, W)\n"
        "  %1: f64[3,2] = Repeat(b) {axes=(0,), times=(3,)}\n"
        "  Y: f64[3,2] = Add(%0, %1)\n"
        "  return Y\n"
        "}"
    )


def test_comments_and_spaces_do_not_matter():
    text = "graph f(x: f64[3])\n# a comment\n{y:f64[3]=Add(x,x)@a/b # another\n return y}"
    graph = parse(text)
    assert graph.nodes[0].scope is not None
    assert graph.nodes[0].scope.path == ("a", "b")


BODY = "graph f(x: f64[2], y: f64[3]) {{ {} }}"


@pytest.mark.parametrize(
    ("body", "error", "what"),
    [
        ("z: f64[2] = Add(x, z) return z", GraphError, "Add uses 'z' before it is computed"),
        ("a: f64[2] = Exp(b) b: f64[2] = Exp(a) return a", GraphError, "Exp uses 'b' before it is computed"),
        ("z: f64[2] = Exp(w) return z", ParseError, "the value w is never defined"),
        ("return w", ParseError, "the value w is never defined"),
        ("x: f64[2] = Exp(x) return x", ParseError, "cannot read the graph at line 1"),
        ('"x": f64[2] = Exp(x) return x', GraphError, "two values are called 'x'"),
        ("z: f64[3] = Exp(x) return z", GraphError, "Exp gives f64[2]"),
        ("z: f32[2] = Exp(x) return z", GraphError, "Exp gives f64[2]"),
        ("z: f64[2] = Add(x, y) return z", ShapeError, "Add: axis 0 is 2 in x but 3 in y"),
        ("z: f64[2] = Add(x) return z", ShapeError, "Add takes 2 inputs, got 1"),
        ("z: f64[2] = Foo(x) return z", ParseError, "cannot read the graph at line 1"),
        ("z: f65[2] = Exp(x) return z", ParseError, "unknown dtype 'f65'"),
        ("z: f64[2 = Exp(x) return z", ParseError, "cannot read the graph at line 1"),
        ("z: f64[] = Sum(x) {axes=3} return z", GraphError, "Sum(axes=3) cannot be applied"),
        ("z: f64[] = Sum(x) {axis=(0,)} return z", ParseError, "cannot read the graph at line 1"),
        ("z: f64[] = Sum(x) {__import__('os')} return z", ParseError, "cannot read the graph at line 1"),
        ("z: f64[] = Sum(x) {axes=open('f')} return z", ParseError, "cannot read the graph at line 1"),
        (
            "z: f64[] = Sum(x) {axes=" + "-" * 100000 + "1} return z",
            ParseError,
            "cannot read the graph at line 1",
        ),
        (
            "z: i8[2] = Constant() {data=full(300, (2,), 'i8')} return z",
            ParseError,
            "cannot read the graph at line 1",
        ),
        (
            "z: f64[2] = Constant() {data=bytes('AA==', (2,), 'f64')} return z",
            ParseError,
            "cannot read the graph",
        ),
        ("z: f64[2] = Exp(x)", ParseError, "cannot read the graph at line 1"),
        ("return x } extra", ParseError, "cannot read the graph at line 1"),
    ],
)
def test_text_that_breaks_a_rule(body: str, error: type[DiagradError], what: str):
    with pytest.raises(error) as caught:
        parse(BODY.format(body))
    assert type(caught.value) is error
    assert caught.value.what.startswith(what)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60))
@example("")
@example("graph")
@example("graph f(")
@example("graph f() {")
def test_garbage_is_a_parse_error(text: str):
    with pytest.raises(ParseError):
        parse(text)


@settings(deadline=None, max_examples=300)
@given(graphs(), st.randoms(use_true_random=False))
def test_a_damaged_text_reads_or_says_why(graph: Graph, random):
    text = str(graph)
    at = random.randrange(len(text))
    damaged = text[:at] + random.choice(["", "x", "(", "{", '"', "%9", "-1", "0", " "]) + text[at + 1 :]
    with contextlib.suppress(DiagradError):
        verify(parse(damaged))
