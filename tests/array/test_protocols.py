"""NumPy's functions on Arrays give NumPy's values and dtypes; where they deliberately do not is listed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import diagrad as dg
from diagrad.array.protocols import FUNCTIONS, UFUNCS
from diagrad.errors import DiagradError

DTYPES = ("bool", "int8", "int32", "int64", "float32", "float64", "complex64", "complex128")
SCALARS = (True, 2, 2.5, 1j)

REFUSED: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(
        ("maximum", "minimum", "less", "less_equal", "greater", "greater_equal"), lambda *kinds: "c" in kinds
    ),
    "absolute": lambda *kinds: kinds == ("b",),
    "sign": lambda *kinds: "c" in kinds or kinds == ("b",),
    **dict.fromkeys(
        ("square", "power", "floor", "ceil", "trunc", "signbit", "floor_divide", "remainder", "fmod"),
        lambda *kinds: set(kinds) == {"b"},
    ),
}
"""What NumPy computes and we refuse with an error: complex numbers have no order and no direction that a
derivative has; booleans are not numbers to be squared or divided."""

WIDER = {("power", "b"), ("conjugate", "b")}
"""Booleans to a number of Python give int64, where NumPy picks int8 because it has no loop for booleans; and
the conjugate of a boolean is that boolean."""

FLOATING = {"reciprocal"}
"""1 / n of integers is 0 in NumPy and a fraction here."""


def values(dtype: str) -> np.ndarray[Any, Any]:
    return np.array([1, 0, 1] if dtype == "bool" else [2, 1, 3]).astype(dtype)


def kind(x: Any) -> str:
    return np.asarray(x).dtype.kind


def compare(function: Callable[..., Any], name: str, *inputs: Any) -> None:
    """NumPy's result on Arrays equals its result on arrays, or both refuse, or it is listed."""
    arrays = [dg.array(x) if isinstance(x, np.ndarray) else x for x in inputs]
    with np.errstate(all="ignore"):
        try:
            want = function(*(x + np.float16(0) if name in FLOATING else x for x in inputs))
        except (TypeError, ValueError):
            want = None
        if want is None or (name in REFUSED and REFUSED[name](*map(kind, inputs))):
            with pytest.raises((TypeError, ValueError)):
                function(*arrays)
            return
        got = function(*arrays)
    assert isinstance(got, dg.Array)
    if (name, kind(inputs[0])) not in WIDER:
        assert got.dtype == want.dtype
    np.testing.assert_allclose(got.data, want, rtol=1e-3 if want.dtype == np.float16 else 1e-6)


NAMESAKES = [u for u in vars(np).values() if isinstance(u, np.ufunc) and hasattr(dg, u.__name__)]
ELEMENTWISE = list(dict.fromkeys((*UFUNCS, *(u for u in NAMESAKES if u.nout == 1 and not u.signature))))


@pytest.mark.parametrize("ufunc", [u for u in ELEMENTWISE if u.nin == 1 and u is not np.positive], ids=str)
def test_unary_dtypes(ufunc: np.ufunc):
    for dtype in DTYPES:
        compare(ufunc, ufunc.__name__, values(dtype))
        compare(ufunc, ufunc.__name__, values(dtype)[0:1].reshape(()))


@pytest.mark.parametrize("ufunc", [u for u in ELEMENTWISE if u.nin == 2], ids=str)
def test_binary_dtypes(ufunc: np.ufunc):
    for a, b in itertools.product(DTYPES, DTYPES):
        compare(ufunc, ufunc.__name__, values(a), values(b)[::-1].copy())


@pytest.mark.parametrize("ufunc", [u for u in ELEMENTWISE if u.nin == 2], ids=str)
def test_binary_dtypes_with_numbers_of_python_and_numpy(ufunc: np.ufunc):
    for dtype, scalar in itertools.product(DTYPES, (*SCALARS, np.float32(2), np.int8(2), np.float64(2))):
        x = values(dtype)
        for inputs in ((x, scalar), (scalar, x)):
            compare(ufunc, ufunc.__name__, *inputs)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "less": lambda x, y: x < y,
    "greater_equal": lambda x, y: x >= y,
    "equal": lambda x, y: x == y,
    "bitwise_and": lambda x, y: x & y,
    "bitwise_or": lambda x, y: x | y,
    "bitwise_xor": lambda x, y: x ^ y,
    "left_shift": lambda x, y: x << y,
    "right_shift": lambda x, y: x >> y,
    "floor_divide": lambda x, y: x // y,
    "remainder": lambda x, y: x % y,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_on_both_sides(name: str):
    for dtype in DTYPES:
        for other in (
            *SCALARS,
            np.float32(2),
            np.int64(2),
            values("float32"),
            values("int8"),
            values("bool"),
        ):
            compare(OPERATORS[name], name, values(dtype), other)
            compare(OPERATORS[name], name, other, values(dtype))


A, B, C = np.arange(6.0).reshape(2, 3) - 2.5, np.arange(12.0).reshape(3, 4), np.ones((1, 2, 1, 3))
CALLS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    **{
        name: [
            ((A,), {}),
            ((A,), {"axis": 0}),
            ((A,), {"axis": -1, "keepdims": True}),
            ((C,), {"axis": (1, -1)}),
            ((values("int8"),), {}),
            ((values("float32"),), {}),
        ]
        for name in ("sum", "mean", "max", "amax", "min", "amin")
    },
    **{
        name: [
            ((A,), {}),
            ((A,), {"axis": 1}),
            ((A,), {"axis": 0, "keepdims": True}),
            ((values("int32"),), {}),
        ]
        for name in ("argmax", "argmin")
    },
    "clip": [
        ((A, -1.0, 1.0), {}),
        ((A,), {"a_min": None, "a_max": 0.5}),
        ((A, A[0], 1), {}),
        ((A,), {"min": 0}),
        ((values("int8"), -1000, 2), {}),
        ((values("int8"), 1.5, None), {}),
    ],
    "where": [
        ((A > 0, A, 0.0), {}),
        ((A > 0, 1, A[0]), {}),
        ((A[0] > 0, values("float32"), values("int8")), {}),
    ],
    "reshape": [((A, (3, 2)), {}), ((A, -1), {}), ((A, (-1, 2)), {}), ((A[:0], (0, 7)), {})],
    "ravel": [((A,), {})],
    "transpose": [((A,), {}), ((C, (2, 0, 1, 3)), {}), ((C, (-1, 0, 1, 2)), {})],
    "matrix_transpose": [((C,), {})],
    "swapaxes": [((C, 0, 3), {}), ((C, -1, -2), {})],
    "expand_dims": [((A, 0), {}), ((A, (0, -1)), {})],
    "squeeze": [((C,), {}), ((C,), {"axis": 0}), ((C,), {"axis": (0, -2)})],
    "concatenate": [
        (((A, A),), {}),
        (((A, A[:1]),), {"axis": 0}),
        (((A, A),), {"axis": None}),
        (((A, A.astype("f4")), -1), {}),
    ],
    "stack": [(((A, A),), {}), (((A, A), -1), {})],
    "broadcast_to": [((A[:1], (4, 1, 3)), {}), ((np.float64(2.0), (2, 2)), {})],
    "dot": [((A, B), {}), ((A[0], B), {}), ((A, B[:, 0]), {}), ((A[0], A[1]), {}), ((A, 2.0), {})],
    "trace": [((A,), {})],
    "diagonal": [((A,), {})],
    "zeros_like": [((A,), {}), ((values("int8"),), {})],
    "ones_like": [((A,), {}), ((values("float32"),), {})],
}


def as_arrays(x: Any) -> Any:
    if isinstance(x, tuple) and any(isinstance(y, np.ndarray) for y in x):
        return tuple(map(as_arrays, x))
    return dg.array(x) if isinstance(x, np.ndarray | np.floating) else x


@pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS if f not in (np.shape, np.ndim)], ids=lambda f: f.__name__
)
def test_functions(function: Callable[..., Any]):
    assert function.__name__ in CALLS, "give it a call to be compared with"
    for args, kwargs in CALLS[function.__name__]:
        want = function(*args, **kwargs)
        got = function(*map(as_arrays, args), **kwargs)
        assert isinstance(got, dg.Array)
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        np.testing.assert_allclose(got.data, want, rtol=1e-6)


def test_shape_and_ndim():
    assert (np.shape(dg.array(A)), np.ndim(dg.array(A)), len(dg.array(A))) == ((2, 3), 2, 2)


MATRICES = [
    ((2, 3), (3, 4)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((3,), (3,)),
    ((5, 2, 3), (3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((3,), (5, 3, 2)),
    ((5, 2, 3), (3,)),
]


@pytest.mark.parametrize(("a", "b"), MATRICES)
def test_matmul(a: tuple[int, ...], b: tuple[int, ...], rng: np.random.Generator):
    for s, t in itertools.product(("float64", "float32", "int64", "complex128"), repeat=2):
        x, y = rng.integers(-4, 5, a).astype(s), rng.integers(-4, 5, b).astype(t)
        compare(np.matmul, "matmul", x, y)
        compare(lambda u, v: u @ v, "matmul", x, y)
    dg.testing.check_gradients(np.matmul, rng.normal(size=a), rng.normal(size=b), order=2)


SMOOTH = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "divide": lambda x, y: x / (y * y + 1),
    "power": lambda x, y: (x * x + 1) ** y,
    "less": np.less,
    "where": lambda x, y: np.where(x > y, x, y),
}


@settings(deadline=None, max_examples=150)
@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=4),
    st.sampled_from(sorted(SMOOTH)),
    st.integers(0, 2**32 - 1),
)
def test_broadcasting(shapes: Any, name: str, seed: int):
    rng = np.random.default_rng(seed)
    x, y = (rng.normal(size=shape) for shape in shapes.input_shapes)
    a, b = dg.array(x), dg.array(y)
    got, want = SMOOTH[name](a, b), SMOOTH[name](x, y)
    assert got.shape == want.shape == shapes.result_shape
    np.testing.assert_allclose(got.data, want, rtol=1e-13)
    if name != "less":
        got.backward(np.ones(got.shape))
        assert a.grad.shape == a.shape
        assert b.grad.shape == b.shape
        if got.size <= 12:
            dg.testing.check_gradients(SMOOTH[name], x, y)


@settings(deadline=None, max_examples=150)
@given(hnp.arrays("f8", hnp.array_shapes(max_dims=4, max_side=3), elements=st.floats(-9, 9)), st.data())
def test_reductions(x: np.ndarray[Any, Any], data: Any):
    axes = data.draw(
        st.none() | st.integers(-x.ndim, x.ndim - 1) | st.sets(st.integers(0, x.ndim - 1)).map(tuple)
    )
    keepdims = data.draw(st.booleans())
    for function in (np.sum, np.mean, np.max, np.min):
        a = dg.array(x)
        got, want = function(a, axis=axes, keepdims=keepdims), function(x, axis=axes, keepdims=keepdims)
        assert got.shape == np.shape(want)
        np.testing.assert_allclose(got.data, want, rtol=1e-12, atol=1e-12)
        got.backward(np.ones(got.shape))
        total = got.size * (x.size // max(got.size, 1)) if function is np.sum else got.size
        assert a.grad.data.sum() == pytest.approx(total)


@settings(deadline=None, max_examples=200)
@given(hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), st.data())
def test_indexing(shape: tuple[int, ...], data: Any):
    x = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
    index = data.draw(
        hnp.basic_indices(shape, allow_newaxis=True)
        | (hnp.arrays("bool", shape) if shape else st.just(...))
        | (hnp.integer_array_indices(shape) if x.ndim else st.just(()))
    )
    a = dg.array(x)
    got, want = a[index], x[index]
    assert got.shape == want.shape
    np.testing.assert_array_equal(got.data, want)
    weights = np.arange(1.0, got.size + 1).reshape(got.shape)
    (got * weights).sum().backward()
    expected = np.zeros(shape)
    np.add.at(expected, index, weights)
    np.testing.assert_array_equal(a.grad, expected)


def test_a_mask_without_axes_is_refused():
    with pytest.raises(DiagradError, match="a mask without axes"):
        dg.array(1.0)[dg.array(1.0) > 0]
    with pytest.raises(DiagradError, match="a mask without axes"):
        dg.array([1.0])[True]
    x = dg.array([1.0, 2.0, 3.0])
    with pytest.raises(DiagradError, match=r"a mask of shape \(2,\) cannot index x\(3,\)"):
        x[np.array([True, False])]


def test_what_has_no_node_says_so():
    x = dg.array([1.0, 2.0])
    for attempt in (
        lambda: np.heaviside(x, x),
        lambda: np.partition(x, 1),
        lambda: np.add(x, x, out=np.zeros(2)),
        lambda: np.sum(x, out=np.zeros(())),
        lambda: np.subtract.accumulate(x),
        lambda: np.add.reduce(x, initial=1.0),
        lambda: np.fabs(x * 1j),
    ):
        with pytest.raises(TypeError, match="diagrad has no node for"):
            attempt()


def test_numpy_on_the_left():
    x = dg.array([1.0, 2.0], dtype="float32")
    assert (np.float32(2) * x).dtype == np.float32
    assert (np.float64(2) * x).dtype == np.float64
    y = np.ones((3, 2)) @ x
    assert isinstance(y, dg.Array)
    assert y.tolist() == [3, 3, 3]
    for left in (np.ones(2), [1.0, 1.0], 1.0, np.float64(1.0)):
        z = left - x
        assert isinstance(z, dg.Array)
        assert z.tolist() == [0, -1]


def test_numpy_arrays_are_not_changed_in_place_behind_the_graph():
    a = np.ones(2)
    x = dg.array([1.0, 2.0])
    with pytest.raises(TypeError, match="out="):
        a += x
    for write in (
        lambda: np.add.at(a, [0], x[:1]),
        lambda: np.copyto(a, x),
        lambda: np.put_along_axis(a, np.array([0]), x[:1], axis=0),
        lambda: np.put(a, [0], x[0]),
        lambda: np.putmask(a, [True, False], x),
    ):
        with pytest.raises(TypeError, match="cannot be written into a ndarray"):
            write()
    with pytest.raises(TypeError, match="out="):
        np.sum(x, out=a)
    assert a.tolist() == [1, 1]


def test_comparison_with_what_is_no_array():
    x = dg.array(1.0)
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert (x == "text") is False
    for other in (None, "text", object(), {}):
        with pytest.raises((TypeError, DiagradError)):
            x + other
        with pytest.raises((TypeError, DiagradError)):
            x < other  # noqa: B015


def test_big_endian_data_become_native():
    x = dg.array(np.array([1.0, 2.0], ">f8"))
    assert x.dtype.isnative
    assert dg.ir.parse(str(dg.graph(x * 2))) == dg.graph(x * 2)
