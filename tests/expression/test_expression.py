"""Expressions: what they may say, what they compute, and that nothing else can be reached."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DiagradError, ExpressionError, ShapeError
from diagrad.expression import evaluate

X = np.array([[1.0, 2.0], [3.0, 4.0]])
b = np.array([1.0, -2.0])


def inputs() -> dict[str, dg.Array]:
    return {"X": dg.array(X, name="X"), "b": dg.array(b, name="b"), "x": dg.array(2.0, name="x")}


MEANINGS: list[tuple[str, Any]] = [
    ("X @ X + b", X @ X + b),
    ("X * 2 - b / 4", X * 2 - b / 4),
    ("-x ** 2", -4.0),
    ("x² − 3·x", -2.0),
    ("2 ** x", 4.0),
    ("+X", X),
    ("exp(x)", np.exp(2.0)),
    ("np.exp(x)", np.exp(2.0)),
    ("dg.exp(x)", np.exp(2.0)),
    ("numpy.sum(X, 0)", X.sum(0)),
    ("sum(X, axis=(0, 1))", 10.0),
    ("X.T.sum(axis=0)", X.T.sum(axis=0)),
    ("X.mT.mean(axis=-1, keepdims=True)", X.T.mean(-1, keepdims=True)),
    ('einsum("ij,jk->ki", X, X)', (X @ X).T),
    ('np.pad(X, 1, mode="edge")', np.pad(X, 1, mode="edge")),
    ("sort(b)[0] + np.trace(X)", 3.0),
    ("X.cumsum(axis=0)", X.cumsum(axis=0)),
    ("X[:, 0]", X[:, 0]),
    ("X[None, ..., 1]", X[None, ..., 1]),
    ("X[::-1, np.newaxis]", X[::-1, None]),
    ("X[X > 1]", X[X > 1]),
    ("X[[0, 1], [1, 0]]", X[[0, 1], [1, 0]]),
    ("where((X > 1) & ~(X == 4), X, 0)", np.where((X > 1) & (X != 4), X, 0)),
    ("X.reshape(4)", X.reshape(4)),
    ("X.reshape((1, -1))", X.reshape((1, -1))),
    ("X.sum() / X.shape[0]", 5.0),
    ("concatenate([X, X], axis=1)", np.concatenate([X, X], axis=1)),
    ("stack((b, b))", np.stack((b, b))),
    ("X.astype('float32')", X.astype("f4")),
    ("X.astype(np.float32) * 2", X.astype("f4") * 2),
    ("np.pi * x", 2 * np.pi),
    ("h = x * x; h + h", 8.0),
    ("c = x; c += c + 1; c * 1", 5.0),
    ("n = 3; x * n", 6.0),
    ("p, q = branch(x); p * q", 4.0),
    ("softmax(b).sum()", 1.0),
    ("affine(X, X, b)", X @ X + b),
    ("deep_network(X, [(X, b), (X, b)])", np.maximum(X @ X + b, 0) @ X + b),
]


@pytest.mark.parametrize(("text", "want"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_it_means_what_numpy_means(text: str, want: Any) -> None:
    ((_, y),) = evaluate(text, inputs()).outputs
    np.testing.assert_allclose(y.data, want, rtol=1e-6)
    assert y.dtype == np.asarray(want).dtype


def test_overflow_is_a_result_and_no_warning() -> None:
    ((_, y),) = evaluate("exp(1e9) * x", inputs()).outputs
    assert np.isinf(float(y))


def test_names_and_outputs() -> None:
    found = evaluate("h = X @ X; s = h.sum(); t = h.mean(); x + 1", inputs())
    assert [name for name, _ in found.outputs] == ["s", "t", ""]
    assert found.variables["h"].name == "h"
    assert found.used == {"X", "x"}
    assert evaluate("p, q = branch(x)", inputs()).variables["q"].name == "q"


def test_a_name_that_is_used_again_belongs_to_the_last() -> None:
    ((name, y),) = evaluate("c = x + 1; c += c; c += c * x", inputs()).outputs
    assert name == "c"
    assert dg.graph(y).names() == ["x", "c₁", "c₂", "c"]


def test_an_alias_of_an_input_keeps_its_name() -> None:
    found = evaluate("y = x; z = y * y", inputs())
    assert found.variables["y"].name == "x"


def test_names_never_come_from_the_callers_variables() -> None:
    wrong = evaluate("x * x + 1", inputs())
    graph = dg.graph(wrong.outputs[0][1])
    assert graph.names() == ["x"]


def test_a_number_keeps_float32() -> None:
    x = dg.array(np.float32(2), name="x")
    assert evaluate("2 * x + 1.5", {"x": x}).outputs[0][1].dtype == np.float32


ATTACKS = [
    "__import__('os')",
    "__import__('os').system('true')",
    "x.__class__",
    "x.__class__.__bases__[0].__subclasses__()",
    "x._record",
    "x._data",
    "x.data",
    "x.numpy()",
    "x.backward()",
    "x.sum.__globals__",
    "dg.exp.__globals__",
    "dg.array.__globals__['os']",
    "np.load('x.npy')",
    "np.save('x.npy', x)",
    "np.random.rand(3)",
    "np.linalg.norm(x)",
    "np.sum.__self__",
    "dg.errors",
    "dg.ir.Op",
    "os.system('true')",
    "eval('1')",
    "exec('1')",
    "open('x')",
    "print(x)",
    "getattr(x, 'data')",
    "(lambda: 1)()",
    "lambda: x",
    "[y for y in x]",
    "{y for y in x}",
    "{1: x}",
    "{x}",
    "(y for y in x)",
    "f'{x}'",
    "'text'",
    "b'bytes'",
    "x['a']",
    "(y := x)",
    "x if x else x",
    "x and x",
    "not x",
    "x is x",
    "x in X",
    "*x",
    "sum(*X)",
    "X.sum(**{'axis': 0})",
    "await x",
    "yield x",
    "import os",
    "from os import system",
    "def f(): pass",
    "class A: pass",
    "del x",
    "while 1: x",
    "with x: x",
    "return x",
    "global x",
    "x: int = 2",
    "x[0] = 3",
    "x.T = 3",
    "np = x",
    "__name__",
    "x.astype('O')",
    "x.astype('object')",
    "x.astype('f8,f8')",
    "9**9**9 * x",
    "(2**62 * 2**62) * x",
    "x * 99999999999999999999",
    "x * " + "9" * 5000,
    "10.0**400 * x",
    "x * 1j",
    "(-8) ** 0.5 * x",
    "[x] * 10**9",
    "broadcast_to(x, (10**6, 10**6))",
    "repeat_new(x, 10**12)",
    "repeat_new(repeat_new(x, 10**6), 10**6).sum()",
    "stack([x, [x]])",
    "X.reshape(10**12)",
    "X[0.5]",
    "X[10**30]",
    "(" * 1000 + "x" + ")" * 1000,
    "[" * 150 + "x" + "]" * 150,
    "-" * 5000 + "x",
    "x" + "+x" * 3000,
    "x" + ".T" * 3000,
    "x * " * 100_000 + "x",
    "x\x00",
    "x\x1b[31m",
    "\ud800",
    "",
    ";",
    "# nothing",
    "x =",
    "x; ; x",
]


@pytest.mark.parametrize("text", ATTACKS, ids=[ascii(text[:40]) for text in ATTACKS])
def test_nothing_but_operations_is_reached(text: str) -> None:
    with pytest.raises(DiagradError) as caught:
        evaluate(text, inputs())
    error = caught.value
    assert error.expected
    assert error.fix
    assert len(str(error)) < 3000


def test_all_results_together_have_a_limit() -> None:
    with pytest.raises(ExpressionError, match="there is no room for more"):
        evaluate("; ".join(["y = x + 1"] * 60), {"x": dg.array(np.zeros(10**6), name="x")})


@pytest.mark.parametrize("text", ["x * x", "softmax(b)", "X @ X + b"])
def test_limits_do_not_bite_ordinary_use(text: str) -> None:
    assert evaluate(text + " + 0" * 100, inputs()).outputs


MESSAGES: list[tuple[str, str]] = [
    (
        "Y = X @ w + b",
        """\
        unknown name 'w'
          where:    Y = X @ w + b
                            ^
          expected: one of: X, b, x
          got:      w
          fix:      give it a shape or numbers: --input w=3x2""",
    ),
    (
        "Y = X @ B",
        """\
        unknown name 'B'; did you mean 'b'?
          where:    Y = X @ B
                            ^
          expected: one of: X, b, x
          got:      B
          fix:      give it a shape or numbers: --input B=3x2""",
    ),
    (
        "x^2",
        """\
        '^' is not a power here
          where:    x^2
                    ^^^
          expected: names, numbers, + - * / ** @, comparisons, calls
          got:      x^2
          fix:      write x ** 2 for the square of x""",
    ),
    (
        "y = 2 x",
        """\
        the expression is not complete or not well formed: invalid syntax
          where:    y = 2 x
                          ^
          expected: NumPy's notation: names, numbers, + - * / ** @, comparisons, calls such as exp(x)
          got:      x
          fix:      look at the caret; is a bracket, an operator or a ';' missing there?""",
    ),
    (
        "__import__('os').system('true')",
        """\
        '__import__' reaches into Python
          where:    __import__('os').system('true')
                    ^^^^^^^^^^
          expected: an operation on arrays
          got:      __import__
          fix:      use operations alone; nothing else is evaluated""",
    ),
    (
        "x + open('f')",
        """\
        'open' is Python, not an operation
          where:    x + open('f')
                        ^^^^
          expected: an operation on arrays, or the name of an input
          got:      open
          fix:      use operations alone; nothing else is evaluated""",
    ),
    (
        "sum(X, 0)",
        """\
        sum: sum() takes 1 positional argument but 2 were given
          where:    sum(X, 0)
                    ^^^^^^^^^
          expected: sum(x, /, *, axis=None, dtype=None, keepdims=False)
          got:      sum(X, 0)
          fix:      check the arguments; options are given by name, e.g. sum(x, axis=0)""",
    ),
    (
        "repeat_new(x, 10**12)",
        """\
        the result would have 1,000,000,000,000 elements
          where:    repeat_new(x, 10**12)
                    ^^^^^^^^^^^^^^^^^^^^^
          expected: at most 10,000,000
          got:      shape (1000000000000,)
          fix:      use smaller inputs; a figure shows the same graph for small ones""",
    ),
    (
        "1 + 2",
        """\
        the result does not depend on any input
          where:    1 + 2
                    ^^^^^
          expected: an expression that uses at least one input
          got:      1 + 2
          fix:      give an input and use it: --input x=3x2""",
    ),
    (
        "x < 1 < 2",
        """\
        a comparison of three values does not work on arrays
          where:    x < 1 < 2
                    ^^^^^^^^^
          expected: two values
          got:      x < 1 < 2
          fix:      write (a < b) & (b < c)""",
    ),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES, ids=[text for text, _ in MESSAGES])
def test_messages(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, inputs())
    assert str(caught.value) == dedent(message)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("exq(x)", "unknown function 'exq'; did you mean 'exp'?"),
        ("np.esp(x)", "unknown function 'np.esp'; did you mean 'np.exp'?"),
        ("ln(x)", "unknown function 'ln'; did you mean 'log'?"),
        ("Softmax(x)", "unknown function 'Softmax'; did you mean 'softmax'?"),
        ("X.summ()", "an array has no attribute 'summ'; did you mean 'sum'?"),
        ("X.T()", ".T is not called"),
        ("X.sum", ".sum stands alone"),
        ("exp", "'exp' stands alone"),
        ("x(2)", "'x' is an array, not a function"),
        ("1 / 0 * x", "a number is divided by zero"),
    ],
)
def test_first_lines(text: str, start: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, inputs())
    assert str(caught.value).splitlines()[0] == start


def test_relu_as_a_method_says_how_it_is_written() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate("x.relu()", inputs())
    assert caught.value.fix == "write relu(x)"


def test_an_operations_own_error_points_into_the_expression() -> None:
    with pytest.raises(ShapeError) as caught:
        evaluate("h = exp(b); y = X @ stack([h, h, h])", inputs())
    assert str(caught.value).startswith("MatMul: axis 'k' is 2 in X but 3 in")
    where = "h = exp(b); y = X @ stack([h, h, h])\n" + " " * 12 + " " * 16 + "^" * 20
    assert caught.value.where == where


def test_the_caret_counts_characters_not_bytes() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate("ä = x; ä + ß", inputs())
    assert caught.value.where == "ä = x; ä + ß\n" + " " * 12 + " " * 11 + "^"


def test_the_caret_in_a_long_expression() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate("x + " * 60 + "w" + " + x" * 40, inputs())
    shown, carets = (caught.value.where or "").split("\n")
    assert len(shown) < 90
    assert shown[carets.index("^") - 12] == "w"
    assert carets.count("^") == 1
