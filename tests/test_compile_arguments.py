"""dg.compile: arguments of every kind, alone and together, in the slow way (first call) and the quick one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DTypeError, StructureError
from forking import forks, in_a_child

NUMBERS: list[Any] = [True, 2, 0.5]
DTYPES = ["?", "i1", "u1", "i4", "i8", "f2", "f4", "f8"]


def same(got: Any, want: Any) -> None:
    assert np.asarray(got).dtype == np.asarray(want).dtype
    np.testing.assert_allclose(got, want, rtol=1e-3 if np.asarray(want).dtype == np.float16 else 1e-6)


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_python_number_is_as_weak_as_in_numpy(dtype: str, number: Any):
    x = np.array([1, 0, 3]).astype(dtype)
    f = dg.compile(lambda x, n: (x + n, x * n))
    for _ in range(3):
        for got, want in zip(f(x, number), (x + number, x * number), strict=True):
            same(got, want)


def test_an_argument_list_of_any_length():
    @dg.compile
    def f(x: Any, *more: Any, scale: Any = 1.0, **named: Any) -> Any:
        return x * scale + sum(more) + sum(named.values())

    x = np.ones(3)
    for _ in range(3):
        same(f(x), x)
        same(f(x, 2.0, 3.0), x + 5)
        same(f(x, x, scale=2.0), 2 * x + x)
        same(f(x, a=x, b=4.0), 2 * x + 4)
    assert repr(f) == "<compiled f: 4 versions>"


def test_a_missing_argument_is_pythons_own_error():
    f = dg.compile(lambda x, y: x + y)
    with pytest.raises(TypeError, match="missing a required argument: 'y'"):
        f(np.ones(2))
    with pytest.raises(TypeError, match="too many positional arguments"):
        f(np.ones(2), np.ones(2), 3)


@dataclass(frozen=True)
class Options:
    rate: float
    tag: object = None


@pytest.mark.parametrize(
    "values", [(1, 1.0, True), ((1,), (1.0,)), (0.0, -0.0), (Options(1), Options(1.0)), ("a", "b")], ids=repr
)
def test_static_arguments_that_are_equal_but_not_the_same(values: tuple[Any, ...]):
    seen: list[str] = []

    @dg.compile(static="how")
    def f(x: Any, how: Any) -> Any:
        seen.append(repr(how))
        return x + 1

    for _ in range(2):
        for value in values:
            f(np.ones(2), value)
    assert seen == [repr(value) for value in values]


def test_an_input_that_overlaps_a_donated_one():
    """It is read as it was before the call."""
    f = dg.compile(lambda x, y: (x * 2 + y[::-1], y.sum()), donate="x")
    for _ in range(3):
        a = np.arange(6.0)
        y = a[:4]
        got, total = f(a[2:], y)
        same(got, np.arange(2.0, 6) * 2 + np.arange(4.0)[::-1])
        assert total == 6
        assert got.base is a


def test_one_array_donated_twice_is_refused():
    f = dg.compile(lambda x, y: (x + y, x - y), donate=("x", "y"))
    a = np.ones(3)
    for _ in range(2):
        f(a, np.ones(3))
        with pytest.raises(StructureError, match="x and y are donated, but share memory") as error:
            f(a, a)
        assert "pass y.copy(), or do not donate it" in str(error.value)


def test_a_number_for_a_donated_parameter_is_just_a_number():
    f = dg.compile(lambda x, y: x * y, donate=("x", "y"))
    a = np.ones(3)
    for _ in range(2):
        assert f(a, 2.0) is a
    same(a, np.full(3, 4.0))
    assert f(3.0, 2.0) == 6


def test_arrays_of_any_origin():
    f = dg.compile(lambda x: (x * 2).sum())
    plain = np.arange(4.0)
    big = plain.astype(">f8")
    odd = np.frombuffer(b"\0" + plain.tobytes(), np.uint8)[1:].view("f8")
    copied = np.array(plain, dtype=np.dtype("f8", copy=True))
    for x in (plain, big, odd, copied, plain[::-1], [0.0, 1.0, 2.0, 3.0], np.arange(4, dtype=">i2")):
        for _ in range(3):
            assert f(x) == 12
    assert f(np.zeros((0,))) == 0
    assert f(np.float64(3.0)) == 6


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.array(["a"]), "has dtype <U1"),
        (np.array([object()]), "has dtype object"),
        ("text", "is no array and no number"),
        (2**70, "is beyond 64 bits"),
    ],
    ids=["text array", "objects", "text", "large"],
)
def test_what_cannot_be_taken_is_named(x: Any, text: str):
    f = dg.compile(lambda params: params["w"][1] * 2)
    with pytest.raises(DTypeError, match=text) as error:
        f({"w": (np.ones(2), x)})
    assert f"<lambda>: w[1] {text}" in str(error.value)
    same(f({"w": (np.ones(2), np.ones(2))}), np.full(2, 2.0))


def test_a_compiler_in_the_background(monkeypatch: pytest.MonkeyPatch):
    """NumPy runs the graph meanwhile; then the same arrays are updated by machine code."""
    from diagrad.native import program

    go, real = threading.Event(), program.build

    def slowly(*args: Any) -> Any:
        assert go.wait(30)
        return real(*args)

    monkeypatch.setattr(program, "build", slowly)
    f = dg.compile(lambda x, n: dg.tanh(x) * n, donate="x", background=True)
    x = np.linspace(-1, 1, 5)
    want = np.tanh(np.tanh(x) * 2) * 3
    f(x, 2.0)
    go.set()
    (version,) = f._versions.values()
    while version.program() is None:
        time.sleep(0.01)
    assert f(x, 3.0) is x
    np.testing.assert_allclose(x, want, rtol=1e-14)


def test_what_goes_wrong_in_the_background_is_raised_by_the_next_call(monkeypatch: pytest.MonkeyPatch):
    from diagrad.native import program

    def wrong(*args: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr(program, "build", wrong)
    f = dg.compile(lambda x: x + 1, background=True)

    def often() -> None:
        for _ in range(1000):
            same(f(np.ones(2)), np.full(2, 2.0))
            time.sleep(0.01)

    with pytest.raises(MemoryError, match="no room"):
        often()


def test_memory_that_cannot_be_had_is_an_error_and_no_more(monkeypatch: pytest.MonkeyPatch):
    from diagrad.native.entry import Executable

    x = np.eye(4)
    f = dg.compile(lambda x: dg.softmax((x + 1) @ x) @ x)

    def nothing(self: Any) -> Any:
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(Executable, "workspace", nothing)
        for _ in range(2):
            with pytest.raises(MemoryError, match="no room"):
                f(x)
    e = np.exp((x + 1) @ x)
    same(f(x), e / e.sum(axis=1, keepdims=True) @ x)


@forks
def test_a_child_of_a_fork_computes_and_compiles(rng: np.random.Generator):
    x = rng.standard_normal((300, 300))
    f = dg.compile(lambda x: (dg.tanh(x) @ x).sum(axis=0), threads=2)
    want = np.sum(np.tanh(x) @ x, axis=0)
    f(x)
    y = x[:200, :200]
    assert (
        in_a_child(lambda: np.allclose(f(x), want) and np.allclose(f(y), np.sum(np.tanh(y) @ y, axis=0))) == 1
    )
    np.testing.assert_allclose(f(x), want, rtol=1e-9, atol=1e-9)


def test_many_functions_on_many_threads(rng: np.random.Generator):
    """More threads than cores, teams of two each, first calls at the same time."""
    x = rng.standard_normal((120, 90))
    functions = [dg.compile(lambda x, n=n: (dg.exp(x * n) @ x.mT).mean(axis=1), threads=2) for n in (1, 2, 3)]
    want = [np.mean(np.exp(x * n) @ x.T, axis=1) for n in (1, 2, 3)]
    wrong: list[Any] = []

    def work(start: int) -> None:
        for at in range(start, start + 30):
            got = functions[at % 3](x)
            if not np.allclose(got, want[at % 3], rtol=1e-9, atol=1e-9):
                wrong.append(at)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
