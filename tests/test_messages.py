"""The texts of the core's errors: what, where, expected, got, fix. They are part of the interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DiagradError
from diagrad.ir import parse

HERE = "test_messages.py"


def text_of(attempt: Callable[[], Any]) -> str:
    """The error's text, with the line number left out."""
    with pytest.raises(DiagradError) as caught:
        attempt()
    lines = str(caught.value).splitlines()
    return "\n".join(_without_number(line) for line in lines)


def _without_number(line: str) -> str:
    if HERE not in line:
        return line
    before, _, after = line.partition(f"{HERE}:")
    return f"{before}{HERE}:{after[len(after) - len(after.lstrip('0123456789')) :]}"


def test_shapes_that_do_not_broadcast():
    a, b = dg.array(np.ones((3, 2))), dg.array(np.ones(3))

    def attempt() -> Any:
        return a + b

    assert text_of(attempt) == (
        "Add: axis -1 is 2 in a but 3 in b\n"
        f"  where:    {HERE}:, in attempt: return a + b\n"
        "  expected: shapes that are equal, counted from the last axis, or 1 where they differ\n"
        "  got:      a(3, 2), b(3,)\n"
        "  fix:      reshape one of them, or add an axis with x[:, None]"
    )


def test_shapes_that_do_not_broadcast_through_numpy():
    a = dg.array(np.ones((3, 2)))

    def attempt() -> Any:
        return np.multiply(a, np.ones(5))

    assert text_of(attempt) == (
        "Multiply: axis -1 is 2 in a but 5 in y\n"
        f"  where:    {HERE}:, in attempt: return np.multiply(a, np.ones(5))\n"
        "  expected: shapes that are equal, counted from the last axis, or 1 where they differ\n"
        "  got:      a(3, 2), y(5,)\n"
        "  fix:      reshape one of them, or add an axis with x[:, None]"
    )


def test_matrices_that_do_not_fit():
    X, W = dg.array(np.ones((3, 2))), dg.array(np.ones((4, 5)))

    def attempt() -> Any:
        return X @ W

    assert text_of(attempt) == (
        "MatMul: axis 'k' is 2 in X but 4 in W\n"
        f"  where:    {HERE}:, in attempt: return X @ W\n"
        "  expected: x[... m k], w[... k n] -> y[... m n]\n"
        "  got:      X(3, 2), W(4, 5)\n"
        "  fix:      transpose one of them (x.mT), or multiply elementwise with *"
    )


def test_a_scalar_in_a_matrix_product():
    X = dg.array(np.ones((3, 2)))
    assert text_of(lambda: X @ 2.0).startswith("MatMul: w is a scalar\n")


def test_a_wrong_dtype():
    z = dg.array(np.ones(2, np.complex128))

    def attempt() -> Any:
        return dg.maximum(z, 1.0)

    assert text_of(attempt) == (
        "Maximum: x has dtype complex128\n"
        f"  where:    {HERE}:, in attempt: return dg.maximum(z, 1.0)\n"
        "  expected: one boolean or integer or floating-point dtype for all inputs\n"
        "  got:      x: complex128, y: complex128\n"
        "  fix:      convert with x.astype(...)"
    )


def test_numbers_where_bits_belong():
    x = dg.array([1.0, 2.0])
    assert text_of(lambda: x & x).startswith("BitAnd: x has dtype float64\n")


def test_what_is_no_array():
    def attempt() -> Any:
        return dg.array(["a", "b"])

    assert text_of(attempt) == (
        "an array of dtype <U1 holds no numbers\n"
        f'  where:    {HERE}:, in attempt: return dg.array(["a", "b"])\n'
        "  expected: boolean, integer, floating-point or complex numbers\n"
        "  got:      ['a', 'b']\n"
        "  fix:      convert it first, e.g. np.asarray(x, dtype=float)"
    )
    assert "give every row the same length" in text_of(lambda: dg.array([[1.0], [1.0, 2.0]]))
    assert text_of(lambda: dg.exp("text")).startswith(
        ("an array of dtype <U4 holds no numbers", "Exp takes arrays")
    )


def test_backward_from_a_non_scalar():
    x = dg.array(np.ones((3, 2)))
    y = x * 2

    def attempt() -> Any:
        y.backward()

    assert text_of(attempt) == (
        "backward() from 'y', which is not a scalar\n"
        f"  where:    {HERE}:, in attempt: y.backward()\n"
        "  expected: a scalar such as a loss, or an upstream gradient of the same shape\n"
        "  got:      shape (3, 2)\n"
        "  fix:      take y.sum(), or pass backward(gradient) with ∂L/∂y"
    )


def test_an_upstream_gradient_of_another_shape():
    y = dg.array(np.ones((3, 2))) * 2

    def attempt() -> Any:
        y.backward(np.ones(3))

    assert text_of(attempt) == (
        "the upstream gradient of 'y' has another shape\n"
        f"  where:    {HERE}:, in attempt: y.backward(np.ones(3))\n"
        "  expected: (3, 2)\n"
        "  got:      (3,)\n"
        "  fix:      pass one number for each element of the value"
    )


def test_backward_twice():
    x = dg.array(2.0)
    y = x * x
    y.backward()

    def attempt() -> Any:
        y.backward()

    assert text_of(attempt) == (
        "backward() has run from 'y' before; a second run would add the same gradients again\n"
        f"  where:    {HERE}:, in attempt: y.backward()\n"
        "  expected: one backward() for each computation\n"
        "  got:      the second\n"
        "  fix:      compute it again, or pass retain_graph=True to add them again on purpose"
    )


def test_backward_without_inputs():
    y = dg.exp(dg.asarray(1.0))

    def attempt() -> Any:
        y.backward()

    assert text_of(attempt) == (
        "no gradient can flow from 'y': it was computed from no input\n"
        f"  where:    {HERE}:, in attempt: y.backward()\n"
        "  expected: a value computed from dg.array(...) of a floating-point dtype, "
        "through differentiable ops\n"
        "  got:      f64[], a constant\n"
        "  fix:      wrap the inputs in dg.array before computing"
    )


def test_backward_through_an_op_without_a_derivative():
    x = dg.array([1.0, 3.0])
    best = dg.argmax(x)
    assert text_of(best.backward) == (
        "no gradient can flow from 'best': ArgMax has no derivative\n"
        f"  where:    {HERE}:, in test_backward_through_an_op_without_a_derivative: best = dg.argmax(x)\n"
        "  expected: a value computed from dg.array(...) of a floating-point dtype, "
        "through differentiable ops\n"
        "  got:      i64[] through ArgMax\n"
        "  fix:      leave that op out of the loss"
    )


def test_gradient_of_an_integer():
    def attempt() -> Any:
        return dg.grad(lambda x: x * x)(3)

    assert text_of(attempt) == (
        "argument 0 has dtype int64, which has no derivative\n"
        f"  where:    {HERE}:, in attempt: return dg.grad(lambda x: x * x)(3)\n"
        "  expected: a floating-point dtype\n"
        "  got:      int64\n"
        "  fix:      pass 2.0 instead of 2, or convert with .astype(float)"
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x if x > 0 else -x,
        lambda x: x * float(x),
        lambda x: x * int(x),
        lambda x: np.asarray(x),  # noqa: PLW0108 - it names x
        lambda x: x.data,
        lambda x: x.item(),
        lambda x: x.tolist(),
        lambda x: x.numpy(),
        lambda x: [1.0, 2.0][x],
        lambda x: np.array([x, 1.0]),
    ],
)
def test_a_traced_array_asked_for_numbers(function: Callable[[Any], Any]):
    text = text_of(lambda: dg.trace(function)(1.0))
    assert text.splitlines()[0] in (
        "a traced array has no numbers: x is only f64[]",
        "a traced array has no numbers: it is only bool[]",
    )
    assert text.splitlines()[-1] == (
        "  fix:      use dg.where or dg.cond instead of if, dg.while_loop instead of while; "
        "or call the function eagerly instead of tracing it"
    )


def test_a_traced_mask():
    assert text_of(lambda: dg.trace(lambda x: x[x > 0])(np.ones(3))).startswith(
        "a traced boolean mask has no known number of true elements\n"
    )


def test_shape_functions():
    x = dg.array(np.ones((2, 3)))
    assert text_of(lambda: x.reshape(4, 2)) == (
        "Reshape: 6 elements do not fill shape (4, 2)\n"
        f"  where:    {HERE}:, in <lambda>: assert text_of(lambda: x.reshape(4, 2)) == (\n"
        "  expected: a shape of 6 elements\n"
        "  got:      x(2, 3) -> (4, 2)\n"
        "  fix:      give one axis as -1 to have it computed"
    )
    assert text_of(lambda: dg.squeeze(x, axis=0)).startswith("Squeeze: axes (0,) are not all of size 1\n")
    assert text_of(lambda: dg.concatenate([x, x.T])).startswith(
        "Concatenate: the inputs differ in more than axis 0"
    )
    assert text_of(lambda: dg.stack([x, x.T])).startswith("Stack: axis 0 is 2 in x1 but 3 in x2\n")
    assert text_of(lambda: dg.broadcast_to(x, (3, 2))).startswith(
        "broadcast_to: x(2, 3) does not broadcast to (3, 2)\n"
    )
    assert text_of(lambda: x[5]).startswith("Slice: index 5 is out of bounds for axis 0 with size 2\n")
    if np.dtype(np.longdouble) != np.float64:
        assert text_of(lambda: dg.array(np.longdouble(1))).startswith("dtype float128 is not one")
    assert text_of(lambda: x[[0, 5]]).startswith("Index: index 5 is out of bounds for axis 0 with size 2\n")
    with pytest.raises(IndexError):
        x[5]
    with pytest.raises(IndexError):
        x[[0, 5]]
    assert text_of(lambda: x[0, 0, 0]).startswith("Slice: too many indices for array")
    assert text_of(lambda: dg.max(x[:0])).startswith("max: there is no element to choose from\n")
    assert text_of(lambda: dg.array(1.0).mT).startswith("matrix_transpose: fewer than two axes\n")
    assert text_of(lambda: dg.concatenate([])).startswith("there is nothing to join\n")


def test_labels_that_do_not_fit():
    logits = dg.array(np.ones((3, 2)))
    assert text_of(lambda: dg.softmax_cross_entropy(logits, [0, 1])).startswith(
        "softmax_cross_entropy: logits and labels disagree\n"
    )


def test_inputs_of_a_run():
    graph = dg.trace(lambda x, y: x * y)(1.0, np.ones(2))
    assert text_of(lambda: graph.run(1.0)) == (
        "lambda takes 2 inputs, got 1\n"
        "  expected: x: f64[], y: f64[2]\n"
        "  got:      1 arrays\n"
        "  fix:      pass one array for each input"
    )
    assert text_of(lambda: graph.run(1.0, np.ones(3))) == (
        "lambda: the input y has shape (3,)\n"
        "  expected: x: f64[], y: f64[2]\n"
        "  got:      y(3,)\n"
        "  fix:      trace the function again for another shape"
    )


def test_a_cycle_in_a_text():
    text = "graph f(x: f64[2]) {\n  a: f64[2] = Add(x, b)\n  b: f64[2] = Exp(a)\n  return b\n}"
    assert text_of(lambda: parse(text)) == (
        "Add uses 'b' before it is computed: the graph has a cycle or is out of order\n"
        "  expected: nodes in topological order, each after those it uses\n"
        "  got:      'b' is defined by a later node\n"
        "  fix:      order the nodes; a value cannot depend on itself"
    )


def test_a_text_that_cannot_be_read():
    text = "graph f(x: f64[2]) {\n  a: f64[2] = Add(x; x)\n  return a\n}"
    assert text_of(lambda: parse(text)) == (
        "cannot read the graph at line 2\n"
        "  where:    a: f64[2] = Add(x; x)\n"
        "  expected: more text\n"
        "  got:      '; x)\\n  return a\\n}'\n"
        "  fix:      print a graph of the same ops to see the form"
    )


def test_an_unknown_op_in_a_text():
    text = text_of(lambda: parse("graph f(x: f64[2]) {\n  a: f64[2] = Conv(x)\n  return a\n}"))
    assert text.startswith(
        "cannot read the graph at line 2\n  where:    a: f64[2] = Conv(x)\n  expected: an op; there are Abs, "
    )
    assert "\n  got:      Conv\n" in text


def test_an_undefined_value_in_a_text():
    assert text_of(lambda: parse("graph f(x: f64[2]) {\n  a: f64[2] = Exp(y)\n  return a\n}")) == (
        "the value y is never defined\n"
        "  expected: one of x, a\n"
        "  got:      y\n"
        "  fix:      define it before it is used"
    )


def test_a_gradient_that_is_wrong():
    def wrong(x: Any) -> Any:
        return x * x.detach()

    def attempt() -> Any:
        dg.testing.check_gradients(wrong, [1.0, 3.0])

    text = text_of(attempt).splitlines()
    assert text[0].startswith("the gradient of wrong with respect to x[")
    assert text[1] == f"  where:    {HERE}:, in attempt: dg.testing.check_gradients(wrong, [1.0, 3.0])"
    assert text[2] == "  expected: a relative error of at most 1e-06"
    assert text[3] == "  got:      5.0e-01"
    assert text[4].split() == [
        "argument",
        "order",
        "elements",
        "worst",
        "at",
        "analytic",
        "numeric",
        "rel.",
        "error",
        "method",
    ]
    assert text[5].split()[:4] == ["x", "1", "2", "[1]"] or text[5].split()[:4] == ["x", "1", "2", "[0]"]
    assert text[6].startswith("  fix:      correct the backward rule of an op on the way; at a kink")


def test_nan_inputs_are_allowed():
    x = dg.array([np.nan, 1.0])
    y = (x * x).sum()
    y.backward()
    assert np.isnan(y.data)
    np.testing.assert_array_equal(x.grad, [np.nan, 2.0])
