"""What figures say: numbers, names, formulas and plain text."""

from __future__ import annotations

import numpy as np
import pytest

import diagrad as dg
from diagrad import ops
from diagrad.draw import draw
from diagrad.draw.formula import Symbol, rule, wrapped
from diagrad.draw.measure import font_file, text_width
from diagrad.draw.names import name_values
from diagrad.draw.numerals import full, levels, number, pooled, summary
from diagrad.ir import Op, Spec
from diagrad.passes import explicit
from diagrad.testing.samples import draw_inputs, samples_of

F = np.dtype("float64")
S, M, N = Spec((), F), Spec((3, 2), F), Spec((2, 4), F)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-2.5, "−2.5"), (1 / 3, "0.3333"), (99.999, "100"),
        (1234.5, "1234"), (12345.0, "12345"), (99994.0, "99994"), (123456.0, "1.235e5"), (0.001, "0.001"),
        (0.00099, "9.9e−4"), (1e300, "1e300"), (5e-324, "4.941e−324"), (np.nan, "NaN"), (np.inf, "∞"),
        (-np.inf, "−∞"), (True, "true"), (np.bool_(False), "false"), (7, "7"), (-12, "−12"),
        (np.float32(0.1), "0.1"), (1 - 2j, "1−2i"), (9.99996, "10"), (0.00999996, "0.01"),
    ],
)  # fmt: skip
def test_numbers(x: object, text: str) -> None:
    assert number(x) == text


def test_four_digits_are_right_for_any_number(rng: np.random.Generator) -> None:
    for x in rng.normal(size=500) * 10.0 ** rng.integers(-12, 12, 500):
        shown = float(number(x).replace("−", "-"))
        assert abs(shown - x) <= 5.001e-4 * abs(x)
        assert float(full(x)) == x


def test_summary_and_levels() -> None:
    said = summary(np.array([0.0, 1.0, np.nan, np.inf]))
    assert (said.low, said.high, said.mean, said.zeros, said.nans, said.infinities) == (
        0,
        1,
        0.5,
        0.25,
        0.25,
        0.25,
    )
    np.testing.assert_array_equal(levels(np.array([-2.0, 1.0, 0.0, np.nan])), [-1, 0.5, 0, np.nan])
    tall = pooled(np.arange(1000.0).reshape(100, 10))
    assert tall.shape == (12, 10)
    assert tall[-1, -1] == 1


RULES = [
    (ops.Add(), (S, S), ["∂z", "∂z"]),
    (ops.Subtract(), (S, S), ["∂z", "−∂z"]),
    (ops.Multiply(), (S, S), ["∂z · y", "∂z · x"]),
    (ops.Exp(), (S,), ["∂y · y"]),
    (ops.Sigmoid(), (S,), ["∂y · y · (1 − y)"]),
    (ops.Log(), (S,), ["∂y / x"]),
    (ops.MatMul(), (M, N), ["∂y · wᵀ", "xᵀ · ∂y"]),
    (ops.Repeat((0,), (3,)), (S,), ["Σ ∂y"]),
    (ops.Sum((0,)), (M,), ["repeat(∂y)"]),
    (ops.Branch(3), (S,), ["∂y1 + ∂y2 + ∂y3"]),
    (ops.AddN(), (S, S, S), ["∂y", "∂y", "∂y"]),
    (ops.Where(), (Spec((), np.dtype(bool)), S, S), [None, "where(c, ∂z, 0)", "where(c, 0, ∂z)"]),
]


@pytest.mark.parametrize(("op", "inputs", "texts"), RULES, ids=lambda x: getattr(x, "name", ""))
def test_rules_are_the_executed_ones(op: Op, inputs: tuple[Spec, ...], texts: list[str | None]) -> None:
    outputs = op.infer(inputs)
    found = rule(op, inputs, tuple(outputs), (True,) * len(inputs), (True,) * len(outputs))
    assert [None if formula is None else formula.fill(Symbol) for formula in found] == texts


@pytest.mark.parametrize(
    "kind", [k for k in Op.registry.values() if k.differentiable and not k.refuses], ids=lambda k: k.__name__
)
def test_every_op_has_a_rule_to_print(kind: type[Op]) -> None:
    if kind.__name__ in ("Input", "Constant"):
        pytest.skip("has no inputs")
    for sample in samples_of(kind):
        dtype = np.dtype("complex128" if kind.kinds == "c" else "float64")
        inputs = draw_inputs(sample, np.random.default_rng(0), dtype)
        specs = tuple(Spec(x.shape, x.dtype) for x in inputs)
        outputs = tuple(sample.op.infer(specs))
        wanted = tuple(spec.dtype.kind in "fc" for spec in specs)
        found = rule(sample.op, specs, outputs, wanted, tuple(y.dtype.kind in "fc" for y in outputs))
        texts = [formula.fill(Symbol) for formula in found if formula is not None]
        assert texts
        assert all(texts)


def test_the_cached_rule_is_the_rule() -> None:
    assert rule(ops.Add(), (S, S), (S,), (True, True), (True,)) is rule(
        ops.Add(), (S, S), (S,), (True, True), (True,)
    )


def test_names() -> None:
    graph = explicit(dg.trace(lambda x, x1, b: dg.exp(x * x) + x1 * x1 + dg.sin(x1) + b)(1.0, 2.0, 3.0))
    names = name_values(graph)
    called = [symbol.text for symbol in names.symbols.values()]
    assert len(set(called)) == len(called)
    assert {"x", "x₁⁽¹⁾", "x₂"} & set(called) >= {"x"}
    assert "x1⁽¹⁾" in called
    assert names.loss == "L"
    assert names.title == "L = exp(x · x) + x1 · x1 + sin(x1) + b"


def test_copies_that_the_user_named_keep_their_names() -> None:
    x = dg.array(2.0, name="x")
    left, right = dg.branch(x)
    text = draw(left * dg.exp(right)).text()
    assert "∂L/∂x = ∂L/∂left + ∂L/∂right" in text


def test_the_loss_is_the_scalar_output_by_its_name() -> None:
    z = dg.array(2.0, name="x") * 3.0
    assert "∂z/∂x" in draw(z).text()
    assert "∂L/∂x" in draw(z, gradient=2.0).text()
    assert "∂E/∂x" in draw(z, loss="E").text()
    loss = dg.array(2.0, name="x") * 3.0
    assert "∂L/∂x" in draw(loss).text()


def test_compound_operands_get_brackets() -> None:
    e = (dg.array(2.0, name="a") + dg.array(1.0, name="b")) * dg.array(5.0, name="c")
    assert "∂e/∂c = ∂e/∂e · (a + b) = 1 × 3 = 3" in draw(e).text()


def test_negative_numbers_get_brackets_after_an_operator() -> None:
    p = dg.array(-2.0, name="x") * dg.array(-3.0, name="y")
    text = draw(p, gradient=-1.0).text()
    assert "= −1 × (−3) = 3" in text


def test_wrapped() -> None:
    assert wrapped("a = b · c = 1", 50) == ["a = b · c = 1"]
    text = "alpha = beta · gamma = 1.5 × 2.5 = 3.75"
    assert wrapped(text, 24) == ["alpha = beta · gamma", "  = 1.5 × 2.5 = 3.75"]
    for line in wrapped("x" * 500, 40):
        assert len(line) <= 42


def test_text_is_measured_with_the_shipped_font() -> None:
    assert font_file().endswith("DejaVuSans.ttf")
    assert text_width("MM", 10) == pytest.approx(2 * text_width("M", 10))
    assert text_width("ᵀ∂σ₁", 10) > 0
    assert text_width("", 10) == 0


def test_plain_text_of_a_matrix_figure() -> None:
    Y = dg.array([[1.0, -2.0]], name="X") @ dg.array([[3.0], [4.0]], name="W")
    assert draw(Y).text().splitlines() == [
        "Y = X · W",
        "X: input, 1×2 f64",
        "  X =",
        "     1  −2",
        "  ∂L/∂X =",
        "    3  4",
        "W: input, 2×1 f64",
        "  W =",
        "    3",
        "    4",
        "  ∂L/∂W =",
        "     1",
        "    −2",
        "Y = X · W",
        "  Y =",
        "    −5",
        "  ∂L/∂Y =",
        "    1",
        "  ∂L/∂X = ∂L/∂Y · Wᵀ",
        "  ∂L/∂W = Xᵀ · ∂L/∂Y",
    ]
