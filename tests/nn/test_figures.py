"""Layers drawn: sound by all gates, and every number and arrow the engine's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import diagrad as dg
from diagrad import nn
from diagrad.draw.gates import check, compare
from diagrad.draw.readback import read

RNG = np.random.default_rng(6)


def array(name: str, *shape: int) -> dg.Array:
    return dg.array(RNG.normal(size=shape).round(2), name=name)


def layer_norm() -> dg.Array:
    return nn.layer_norm(nn.parameters(nn.init.layer_norm(3)), array("X", 2, 3))


def attention() -> dg.Array:
    return nn.scaled_dot_product_attention(array("Q", 3, 2), array("K", 3, 2), array("V", 3, 2))


def causal_attention() -> dg.Array:
    Q, K, V = (array(name, 3, 2) for name in "QKV")
    return nn.scaled_dot_product_attention(Q, K, V, causal=True)


def lstm_cell() -> dg.Array:
    params = nn.parameters(nn.init.lstm(0, 2, 2))
    return nn.lstm_cell(params, array("x", 1, 2), (array("h", 1, 2), array("c", 1, 2)))[0]


def cross_entropy() -> dg.Array:
    return nn.cross_entropy(array("scores", 3, 2), [0, 1, 1], label_smoothing=0.1)


@pytest.mark.parametrize("make", [layer_norm, attention, causal_attention, lstm_cell, cross_entropy])
def test_it_is_sound(make: Callable[[], dg.Array]) -> None:
    figure = dg.draw(make(), show="all")
    about = figure.content
    assert check(figure.svg) == []
    assert compare(figure.svg, about.graph, about.values, about.gradients) == []


def test_parameters_are_drawn_as_parameters() -> None:
    drawn = read(dg.draw(lstm_cell()).svg)
    assert {node.name for node in drawn.nodes if node.kind == "parameter"} == {"W", "U", "b"}


def test_a_norm_has_no_needless_steps() -> None:
    steps = [node.op.name for node in dg.graph(layer_norm()).nodes if node.op.name != "Constant"]
    assert steps == [
        *("Mean", "Repeat", "Subtract", "Square", "Mean", "Add", "Sqrt", "Repeat", "Divide"),
        *("Repeat", "Multiply", "Repeat", "Add"),
    ]
