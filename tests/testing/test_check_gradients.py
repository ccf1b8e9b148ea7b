"""check_gradients finds what is wrong, passes what is right, and says how it knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.array.array import apply
from diagrad.errors import GradientMismatchError, GraphError, NotDifferentiableError
from diagrad.ir import Glyph, Op, Rule, Sample
from diagrad.testing import check_gradients, check_op, draw_inputs, samples_of


def test_the_complex_step_is_exact_to_rounding():
    report = check_gradients(lambda x, y: dg.exp(dg.sin(x) * y) / (1 + x * x), [0.3, -1.2], 0.7, order=2)
    assert {row.method for row in report.rows} == {"complex step"}
    assert report.error < 1e-14


def test_differences_where_complex_numbers_do_not_go():
    report = check_gradients(lambda x: dg.abs(x) * dg.maximum(x, 0.1), [0.3, -1.2, 2.0], order=2)
    assert {row.method for row in report.rows} == {"differences"}
    assert report.error < 1e-8


def test_differences_on_request_and_their_accuracy():
    x = np.random.default_rng(0).uniform(0.5, 2, (3, 2))
    report = check_gradients(lambda x: dg.log(x) * dg.tanh(x), x, complex_step=False, order=2)
    assert {row.method for row in report.rows} == {"differences"}
    assert report.error < 1e-9


def test_the_complex_step_alone_says_where_it_does_not_apply():
    with pytest.raises(TypeError, match="complex128"):
        check_gradients(lambda x: dg.maximum(x, 0.5), [1.0, 2.0], complex_step=True)


def test_a_cast_that_drops_the_imaginary_part_is_noticed():
    report = check_gradients(lambda x: (x.astype("float64") * x).sum(), [1.0, 2.0])
    assert report.rows[0].method == "differences"
    assert report.error < 1e-10


def test_containers_argnums_and_names():
    def f(params: dict[str, Any], x: Any, n: Any, *rest: Any) -> Any:
        return params["w"] @ x + params["b"][0], rest[0] * n

    params = {"w": np.ones((2, 3)), "b": [np.ones(2)]}
    report = check_gradients(f, params, np.ones(3), 2, 5.0)
    assert [row.argument for row in report.rows] == ["w", "b[0]", "x", "argument 3"]
    assert [row.size for row in report.rows] == [6, 2, 3, 1]
    assert [row.argument for row in check_gradients(f, params, np.ones(3), 2, 5.0, argnums=1).rows] == ["x"]
    assert [r.argument for r in check_gradients(f, params, np.ones(3), 2, 5.0, argnums=(-1,)).rows] == [
        "argument 3"
    ]
    with pytest.raises(NotDifferentiableError, match="n has dtype int64"):
        check_gradients(f, params, np.ones(3), 2, 5.0, argnums=2)


def test_float32_is_checked_in_float64():
    assert check_gradients(lambda x: dg.exp(x).sum(), np.ones(3, np.float32)).error < 1e-12


def test_empty_arrays_and_linear_functions():
    assert check_gradients(lambda x: x * 2, np.zeros((0, 3)), order=2).rows == ()
    assert check_gradients(lambda x: x * 2, np.ones(3), order=2).error == 0.0


def test_the_table():
    report = check_gradients(dg.square, [1.0, 2.0])
    head, row = str(report).splitlines()
    assert head.split("  ")[0] == "argument"
    assert row.endswith("complex step")


@dataclass(frozen=True)
class _Cube(Op):
    """A cube with a rule that may be wrong by a factor."""

    factor: float = 3.0

    signature = "x[...] -> y[...]"
    glyph = Glyph("x³")
    kinds = "f"

    def forward(self, x: Rule) -> Rule:
        return x * x * x

    def backward(self, g: Rule, x: Rule) -> Rule:
        return g * self.factor * (x * x)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return (Sample(cls(), ((2,),)),)


@pytest.fixture(autouse=True)
def _unregistered():
    """The ops of these tests are nobody else's."""
    yield
    for name in [name for name in Op.registry if name.startswith("_")]:
        del Op.registry[name]


def test_a_right_op_of_ones_own():
    check_op(_Cube)


def test_a_wrong_rule_is_found():
    with pytest.raises(GradientMismatchError, match="with respect to x"):
        check_gradients(lambda x: apply(_Cube(2.0), x), [1.0, 2.0])
    with pytest.raises(GradientMismatchError):
        check_gradients(lambda x: apply(_Cube(3.001), x), [1.0, 2.0])
    with pytest.raises(AssertionError):
        check_gradients(lambda x: apply(_Cube(3.00001), x), [1.0, 2.0])


def test_a_wrong_second_derivative_is_found():
    class _Detached(_Cube):
        signature = "x[...] -> y[...]"

        def backward(self, g: Rule, x: Rule) -> Rule:
            data = x.data if isinstance(x, dg.Array) else x
            return g * (3.0 * data * data)

    check_gradients(lambda x: apply(_Detached(), x), [1.0, 2.0])
    with pytest.raises(GradientMismatchError, match="the second derivative of"):
        check_gradients(lambda x: apply(_Detached(), x), [1.0, 2.0], order=2)


def test_a_wrong_shape_rule_is_found():
    class _Wrong(Op):
        """Sums, and does not say so."""

        signature = "x[...] -> y[...]"

        def forward(self, x: Rule) -> Rule:
            return np.sum(x)

    with pytest.raises(GraphError, match="infers another result than it computes"):
        check_op(_Wrong)


def test_samples_derived_from_a_signature():
    shapes = [sample.shapes for sample in samples_of(dg.ops.MatMul)]
    assert shapes[0] == ((2, 3), (3, 4))
    assert ((0, 2, 3), (0, 3, 4)) in shapes
    assert {len(sample.shapes) for sample in samples_of(dg.ops.AddN)} == {1, 2, 3}
    (low, high) = dg.ops.Log.domain
    for sample in samples_of(dg.ops.Log):
        for x in draw_inputs(sample, np.random.default_rng(0)):
            assert np.all((low < x) & (x < high))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "float32", "complex64"])
def test_drawn_inputs_have_the_dtype(dtype: str):
    (x,) = draw_inputs(samples_of(dg.ops.Negative)[2], np.random.default_rng(0), dtype)
    assert (x.shape, x.dtype) == ((2, 3), np.dtype(dtype))
