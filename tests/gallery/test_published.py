"""The famous graphs show the numbers that were published: read back from the figures' SVG."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from diagrad.draw.readback import Drawn, Edge, read
from diagrad.gallery import FAMOUS

Numbers = Mapping[str, float]

PUBLISHED: dict[str, tuple[float, Numbers, Numbers]] = {
    # key: tolerance, values, gradients
    "apples": (1e-9, {"total": 220}, {"apple": 2.2, "apples": 110, "tax": 200}),
    "apples-and-oranges": (
        1e-9,
        {"total": 715},
        {"apple": 2.2, "apples": 110, "orange": 3.3, "oranges": 165, "tax": 650},
    ),
    "circuit": (0, {"q": 3, "f": -12}, {"x": -4, "y": -4, "z": 3, "q": -4, "f": 1}),
    "sigmoid-neuron": (
        0.005,
        {"f": 0.73},
        {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20},
    ),
    "colah": (0, {"c": 3, "d": 2, "e": 6}, {"a": 2, "b": 5, "c": 2, "d": 3}),
    "baydin": (0.0005, {"y": 11.652}, {"x1": 5.5, "x2": 1.716}),
    "micrograd": (0.00005, {}, {"a": 138.8338, "b": 645.5773}),
}


def shown(key: str) -> Drawn:
    entry = next(entry for entry in FAMOUS if entry.key == key)
    return read(entry.draw(show="all").svg)


def edge_from(drawn: Drawn, name: str) -> Edge:
    """The arrow that leaves an input, or that bears a name."""
    for edge in drawn.edges:
        node = drawn.node[edge.source]
        if edge.name == name or (node.name == name and node.kind in ("input", "parameter")):
            return edge
    raise AssertionError(f"no arrow of {name}")


@pytest.mark.parametrize("key", PUBLISHED)
def test_published_numbers(key: str) -> None:
    tolerance, values, gradients = PUBLISHED[key]
    drawn = shown(key)
    for name, value in values.items():
        assert float(edge_from(drawn, name).value or "nan") == pytest.approx(value, abs=tolerance, rel=0), (
            name
        )
    for name, value in gradients.items():
        got = float(edge_from(drawn, name).gradient or "nan")
        assert got == pytest.approx(value, abs=tolerance, rel=0), name


def test_the_sigmoid_neurons_steps_are_those_of_the_lecture() -> None:
    drawn = shown("sigmoid-neuron")
    values = {round(float(edge.value), 2) for edge in drawn.edges if edge.value}
    assert {-2.0, 6.0, 4.0, 1.0, -1.0, 0.37, 1.37, 0.73} <= values
    gradients = {round(float(edge.gradient), 2) for edge in drawn.edges if edge.gradient}
    assert {1.0, -0.53, -0.20, 0.20} <= gradients


def test_micrograds_result() -> None:
    (entry,) = (entry for entry in FAMOUS if entry.key == "micrograd")
    ((name, g),) = entry.build().outputs
    assert name == "g"
    assert float(g) == pytest.approx(24.7041, abs=5e-5)


def test_softmax_with_loss_gives_prediction_minus_truth() -> None:
    (entry,) = (entry for entry in FAMOUS if entry.key == "softmax-with-loss")
    found = entry.build()
    ((_, loss),) = found.outputs
    loss.backward()
    assert found.variables["a"].grad.data[0] == pytest.approx([0.3, -0.8, 0.5], abs=1e-6)
    assert float(loss) == pytest.approx(1.609, abs=5e-4)
