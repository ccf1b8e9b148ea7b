"""Signatures: arity, labels, the shape rule, the error texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagrad.errors import ShapeError
from diagrad.ir import Op, Port, Signature

MATMUL = Signature.parse("x[... m k], w[... k n] -> y[... m n]")


def test_parts():
    signature = Signature.parse("c[], *xs[... a], w[a b] -> y[... b], z")
    assert signature.inputs == (Port("c", ()), Port("xs", ("...", "a"), variadic=True), Port("w", ("a", "b")))
    assert signature.outputs == (Port("y", ("...", "b")), Port("z", None))


@pytest.mark.parametrize("name", sorted(Op.registry))
def test_every_signature_prints_as_it_is_written(name: str):
    kind = Op.registry[name]
    assert Signature.parse(str(kind.ports)) == kind.ports


@pytest.mark.parametrize("text", ["x[m] y[m]", "x[m] => y[m]", "x[m -> y[m]", "x[m], 1 2 -> y", ""])
def test_text_that_is_no_signature(text: str):
    with pytest.raises(ValueError, match="signature"):
        Signature.parse(text)


sizes = st.integers(0, 5)


@given(st.lists(sizes, max_size=3), sizes, sizes, sizes)
def test_matmul_shapes(lead: list[int], m: int, k: int, n: int):
    assert MATMUL.infer("MatMul", [(*lead, m, k), (*lead, k, n)]) == ((*lead, m, n),)


def test_sizes_that_only_the_output_names():
    assert Signature.parse("x[...] -> y[n ...]").inputs[0].dotted
    assert Signature.parse("x[m] -> y[m n]").infer("Tile", [(2,)], {"n": 5}) == ((2, 5),)


def test_labels_of_variadic_ports():
    signature = Signature.parse("x, *indices, w -> *ys")
    assert signature.input_names(4) == ("x", "indice1", "indice2", "w")
    assert signature.output_names(3) == ("y1", "y2", "y3")


@pytest.mark.parametrize(
    ("shapes", "text"),
    [
        (((3, 2), (4, 5)), "axis 'k' is 2 in x but 4 in w"),
        (((2, 3, 2), (5, 2, 4)), "axis 0 is 2 in x but 5 in w"),
        (((3, 2), (5, 2, 4)), "leading axes are () in x but (5,) in w"),
        (((3,), (3, 4)), "x has 1 axes, not x[... m k]"),
    ],
)
def test_errors_name_the_axis_and_both_sizes(shapes: tuple[tuple[int, ...], ...], text: str):
    with pytest.raises(ShapeError) as caught:
        MATMUL.infer("MatMul", shapes)
    assert caught.value.what == f"MatMul: {text}"
    assert caught.value.expected == str(MATMUL)
    assert caught.value.got == f"x{shapes[0]}, w{shapes[1]}"
    assert caught.value.fix


@pytest.mark.parametrize(
    ("signature", "count", "text"),
    [
        ("x, y -> z", 1, "F takes 2 inputs, got 1"),
        ("x, *ys -> z", 0, "F takes at least 1 inputs, got 0"),
        ("-> x", 2, "F takes 0 inputs, got 2"),
    ],
)
def test_arity(signature: str, count: int, text: str):
    with pytest.raises(ShapeError) as caught:
        Signature.parse(signature).check_arity("F", count)
    assert caught.value.what == text
