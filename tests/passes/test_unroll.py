"""Bodies put in their place: the same numbers and gradients, in scopes, and soundly drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.draw.gates import check, compare
from diagrad.ir import Graph, parse, verify
from diagrad.passes import explicit, unroll

ARGS = (0.5, 1.0, np.array([1.0, -1.0, 0.5]))


def loop(w: Any, h: Any, x: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = dg.tanh(w * h + x)
        return h, h * h

    h, ys = dg.scan(step, h, x)
    return h + ys.sum()


def choice(x: Any) -> Any:
    def square(x: Any) -> Any:
        return x * x

    def flip(x: Any) -> Any:
        return -x

    return dg.cond(x > 0, square, flip, x)


def power(x: Any) -> Any:
    return dg.while_loop(lambda c: c < 20, lambda c: c * x, x)


def nested(x: Any) -> Any:
    def step(c: Any, _: None) -> Any:
        with dg.scope("inside"):
            c = dg.cond(c > 1, lambda c: c / 2, lambda c: dg.switch(1, [dg.sin, dg.exp], c), c)
        return c, None

    return dg.scan(step, x, None, 3)[0] + dg.scan(step, x, None, 2)[0]


def ops_of(graph: Graph) -> set[str]:
    return {node.op.name for node in graph.nodes}


CASES = [(loop, ARGS), (choice, (2.0,)), (choice, (-2.0,)), (nested, (0.3,))]


@pytest.mark.parametrize(("function", "args"), CASES)
@pytest.mark.parametrize("known", [True, False])
def test_the_same_numbers_and_gradients(function: Any, args: Any, known: bool):
    graph = dg.trace(function)(*args)
    plain = verify(unroll(graph, *args)) if known else verify(unroll(graph))
    assert ops_of(plain).isdisjoint({"Scan", "Cond", "Switch"})
    assert parse(str(plain)) == plain
    pairs = [(plain, graph, args), (explicit(plain), graph, args)]
    for got, want, given in [*pairs, (plain.backward(), graph.backward(), (*args, 1.0))]:
        for y, z in zip(got.run(*given).outputs, want.run(*given).outputs, strict=True):
            np.testing.assert_allclose(y, z, rtol=1e-14)


def test_each_step_lies_in_a_scope():
    plain = unroll(dg.trace(loop)(*ARGS))
    assert list(dict.fromkeys(str(node.scope) for node in plain.nodes if node.scope)) == [
        "scan/step 0",
        "scan/step 1",
        "scan/step 2",
        "scan",
    ]
    scopes = {str(node.scope) for node in unroll(dg.trace(nested)(0.3), 0.3).nodes}
    assert "scan/step 0/inside/cond/otherwise, taken/switch/exp, taken" in scopes
    assert "scan_2/step 1/inside/cond/then, taken" in scopes


def test_a_choice_says_which_branch_is_taken():
    graph = dg.trace(choice)(2.0)
    assert str(unroll(graph, 2.0)) == (
        'graph choice(x: f64[]) {\n  %0: f64[] = Multiply(x, x) @ cond/"square, taken"\n  return %0\n}'
    )
    assert {str(node.scope) for node in unroll(graph).nodes} == {"None", "cond/square", "cond/flip", "cond"}


def test_a_while_unrolls_where_its_numbers_are_known():
    graph = dg.trace(power)(2.0)
    assert ops_of(unroll(graph)) == {"While"}
    assert ops_of(unroll(graph, 2.0, limit=3)) == {"While"}
    plain = unroll(graph, 2.0)
    assert [str(node.scope) for node in plain.nodes] == [f"while/step {at}" for at in range(4)]
    assert plain.run(2.0).outputs == graph.run(2.0).outputs == (32.0,)


def test_a_long_loop_stays_and_an_empty_one_vanishes():
    graph = dg.trace(lambda x: dg.scan(lambda c, x: (c + x, c), 0.0, x))(np.ones(9))
    assert ops_of(unroll(graph)) == {"Scan"} | ops_of(graph)
    assert "Scan" not in ops_of(unroll(graph, limit=9))
    empty = unroll(dg.trace(lambda x: dg.scan(lambda c, x: (c + x, c), 0.0, x))(np.ones(0)))
    assert ops_of(empty) == {"Constant"}
    assert [y.shape for y in empty.run(np.ones(0)).outputs] == [(), (0,)]


@pytest.mark.parametrize(("function", "args"), [*CASES, (power, (2.0,))])
@pytest.mark.parametrize("how", [{}, {"unroll": True}, {"unroll": True, "passes": "forward"}])
def test_pictures_are_sound(function: Any, args: Any, how: Any):
    if function is power and not how:
        how = {"passes": "forward"}  # its reverse mode has no bound
    figure = dg.draw(dg.trace(function)(*args), *args, **how)
    about = figure.content
    assert check(figure.svg) == []
    assert compare(figure.svg, about.graph, about.values, about.gradients) == []


def test_the_picture_of_a_recorded_loop():
    x = dg.array(2.0, name="x")
    y = power(x)
    y.backward()
    figure = dg.draw(y, unroll=True)
    assert check(figure.svg) == []
    assert "80" in figure.text()


def test_formulas_of_loops_name_the_bodies():
    text = dg.draw(dg.trace(loop)(*ARGS), *ARGS).text()
    assert "h_2, ys = scan(step, h, x, w)" in text
    assert "∂L/∂h = scan(step_back, ∂L/∂h_2, 0, scan(step_carries, h, x, w)₂, x, ∂L/∂ys, w)₁" in text
    assert (
        "∂L/∂x₂ = cond([x > 0], square_pullback, flip_pullback, x₂, ∂L/∂L)"
        in dg.draw(dg.trace(choice)(2.0), 2.0).text()
    )
