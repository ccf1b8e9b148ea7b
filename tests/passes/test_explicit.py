"""Explicit branches: every value used once, the same numbers, the same gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

import diagrad as dg
from diagrad.ir import verify
from diagrad.passes import explicit


def f(x: Any, y: Any) -> Any:
    h = x * y
    return h + h * x, h


def test_the_text(golden: Any):
    golden("explicit.txt", str(explicit(dg.trace(f)(2.0, 3.0))) + "\n")


def test_every_value_is_used_once_and_nothing_else_changes():
    graph = dg.trace(f)(2.0, 3.0)
    plain = verify(explicit(graph))
    uses = {x: len(users) + plain.outputs.count(x) for x, users in plain.index.users.items()}
    assert set(uses.values()) == {1}
    assert plain.run(2.0, 3.0).outputs == graph.run(2.0, 3.0).outputs
    np.testing.assert_array_equal(
        plain.backward().run(2.0, 3.0, 1.0, 1.0).outputs, graph.backward().run(2.0, 3.0, 1.0, 1.0).outputs
    )


def test_names_stay_and_a_second_time_changes_nothing():
    graph = dg.trace(f)(2.0, 3.0)
    plain = explicit(graph)
    assert plain.names() == graph.names()
    assert explicit(plain) == plain


def test_an_input_that_is_output_twice():
    graph = dg.trace(lambda x: (x, x))(1.0)
    assert [node.op.name for node in explicit(graph).nodes] == ["Branch"]
    assert explicit(graph).run(4.0).outputs == (4.0, 4.0)


def test_what_nothing_uses_stays():
    graph = dg.trace(lambda x, y: x)(1.0, 2.0)
    assert explicit(graph) == graph
