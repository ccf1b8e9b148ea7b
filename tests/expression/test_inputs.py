"""Inputs: shapes, numbers, files, and every way in which they can be wrong."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from diagrad.errors import InputError
from diagrad.expression import read_inputs


def read(text: str, seed: int = 0) -> Any:
    ((_, given),) = read_inputs([text], seed=seed).items()
    return given.array


@pytest.mark.parametrize(
    ("text", "shape", "dtype"),
    [
        ("X=3x2", (3, 2), "f8"),
        ("X=3×2", (3, 2), "f8"),
        ("b=2", (2,), "f8"),
        ("X=2x3x4:float32", (2, 3, 4), "f4"),
        ("X=0x2", (0, 2), "f8"),
        ("t=5:int64", (5,), "i8"),
        ("m=5:bool", (5,), "?"),
        ("x=2.0", (), "f8"),
        ("x=-2", (), "f8"),
        ("x=.5", (), "f8"),
        ("x=1e3", (), "f8"),
        ("x=nan", (), "f8"),
        ("x=2.5:float32", (), "f4"),
        ("x=[1, 2, nan]", (3,), "f8"),
        ("X=[[1,2],[3,4]]", (2, 2), "f8"),
        ("X=[(1,2),(3,4)]", (2, 2), "f8"),
        ("t=[0, 2]:int64", (2,), "i8"),
        ("m=[True, False]", (2,), "?"),
        ("x=[]", (0,), "f8"),
    ],
)
def test_values(text: str, shape: tuple[int, ...], dtype: str) -> None:
    x = read(text)
    assert x.shape == shape
    assert x.dtype == np.dtype(dtype)


def test_random_numbers_are_short_and_seeded() -> None:
    x = read("X=4x5").data
    assert np.array_equal(x, np.round(x, 2))
    assert np.array_equal(x, read("X=4x5").data)
    assert not np.array_equal(x, read("X=4x5", seed=1).data)
    both = read_inputs(["A=2", "X=4x5"])
    assert np.array_equal(both["X"].array.data, x), "another input must not change this one's numbers"


def test_a_parameter_is_one() -> None:
    assert read_inputs([], ["W=2x2"])["W"].array.role == "parameter"


def test_files(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(6, dtype=">f4").reshape(2, 3))
    x = read(f"X={tmp_path / 'x.npy'}")
    assert x.shape == (2, 3)
    assert x.dtype == np.float32
    (tmp_path / "x.csv").write_text("\ufeff1, 2\n\n3,nan\n", encoding="utf-8")
    np.testing.assert_array_equal(read(f"X={tmp_path / 'x.csv'}").data, [[1, 2], [3, np.nan]])
    (tmp_path / "row.csv").write_text("1,2,3\n")
    assert read(f"b={tmp_path / 'row.csv'}").shape == (3,)
    assert read(f"b={tmp_path / 'row.csv'}:float32").dtype == np.float32


def message(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read_inputs([text])
    return str(caught.value)


WAYS = (
    'a shape (X=3x2, b=2), numbers (x=2.0, x="[1, 2]") or a file (X=data.npy, X=data.csv), each with a dtype '
    "behind a colon if need be (X=3x2:float32)"
)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "X",
            f"""\
            an input needs a name and a value
              where:    --input X
              expected: NAME=VALUE: {WAYS}
              got:      X
              fix:      write --input X=3x2""",
        ),
        (
            "X=",
            f"""\
            an input has no value
              where:    --input X=
              expected: NAME=VALUE: {WAYS}
              got:      X=
              fix:      write --input X=3x2""",
        ),
        (
            "2a=3",
            """\
            '2a' cannot be the name of an input
              where:    --input 2a=3
              expected: letters, digits and _, no digit first, and no word of Python's such as lambda
              got:      2a
              fix:      choose another name, e.g. X, W1 or x_0""",
        ),
        (
            "X=1000000x1000000",
            """\
            an input of 1,000,000,000,000 elements is too large
              where:    --input X=1000000x1000000
              expected: at most 10,000,000 elements and 32 axes
              got:      1000000x1000000
              fix:      use a smaller shape; its figure shows the same graph""",
        ),
        (
            "X=[[1,2],[3]]",
            """\
            the rows do not have the same length, or a number does not fit the dtype
              where:    --input X=[[1,2],[3]]
              expected: a list of rows of equal length: [[1, 2], [3, 4]]
              got:      [[1,2],[3]]
              fix:      give every row as many numbers as the first""",
        ),
        (
            "X=[1, 2",
            """\
            these are not numbers
              where:    --input X=[1, 2
              expected: numbers in brackets: [1, 2.5, -3], [[1, 2], [3, 4]], [1, nan]
              got:      [1, 2
              fix:      put quotes around it, e.g. --input "x=[1, 2]", and close every bracket""",
        ),
        (
            "X=(3,2)",
            f"""\
            brackets like these are neither a shape nor numbers here
              where:    --input X=(3,2)
              expected: {WAYS}
              got:      (3,2)
              fix:      write X=3x2 for a shape, X="[3, 2]" for the numbers 3 and 2""",
        ),
        (
            "X=three",
            """\
            'three' is not a shape, not numbers and not a file
              where:    --input X=three
              expected: a file that exists, a shape (X=3x2) or numbers (X=2.0, X="[1, 2]")
              got:      three
              fix:      write X=3x2""",
        ),
    ],
)
def test_messages(text: str, want: str) -> None:
    assert message(text) == dedent(want)


def test_a_missing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert message("X=data.npy") == dedent(
        f"""\
        there is no file 'data.npy'
          where:    --input X=data.npy
          expected: a file that exists, a shape (X=3x2) or numbers (X=2.0, X="[1, 2]")
          got:      data.npy
          fix:      check the path; relative paths start at {tmp_path}"""
    )


@pytest.mark.parametrize("name", ["lambda", "np", "dg", "a b", "a-b", "", "__x"])
def test_names_that_cannot_be(name: str) -> None:
    assert "cannot be the name of an input" in message(f"{name}=2.0")


@pytest.mark.parametrize(
    "value",
    ["[a]", "['a']", "[1j]", "[__import__('os')]", "[[1], 2]", "[" * 5000, "[1]" + "]" * 9, "[1+1]", "-[1]",
     "9" * 30, "1x" * 40 + "1", "[nan(1)]", "1e999:int64"],
)  # fmt: skip
def test_values_that_cannot_be(value: str) -> None:
    message(f"x={value}")


def test_twice() -> None:
    with pytest.raises(InputError, match="the input X is given twice"):
        read_inputs(["X=2"], ["X=3"])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("1,2\n3\n", "bad.csv: row 2 has 1 numbers, the first row 2"),
        ("a,b\n1,2\n", "bad.csv: row 1, column 1 is not a number"),
        ("1,\n", "bad.csv: row 1, column 2 is not a number"),
        ("1,2;3\n", "bad.csv: row 1, column 2 is not a number"),
        ("", "bad.csv is empty"),
    ],
)
def test_csv_that_cannot_be(tmp_path: Path, text: str, first: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    assert message(f"X={tmp_path / 'bad.csv'}").splitlines()[0] == first


def test_csv_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00\x01")
    assert message(f"X={tmp_path / 'bad.csv'}").startswith("bad.csv is not a text file of numbers")


def test_npy_that_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "bad.npy"
    np.save(path, np.array([{}, None], dtype=object), allow_pickle=True)
    assert message(f"X={path}").startswith("bad.npy holds Python objects, not numbers")
    np.save(path, np.array(["a"]))
    assert message(f"X={path}").startswith("bad.npy holds no real numbers")
    np.save(path, np.array([1j]))
    assert message(f"X={path}").startswith("bad.npy holds no real numbers")
    with path.open("wb") as file:
        np.savez(file, a=np.ones(2), b=np.ones(2))
    assert message(f"X={path}").startswith("bad.npy holds several arrays")
    path.write_bytes(b"")
    assert message(f"X={path}").startswith("bad.npy is not a .npy file, or is damaged")


def test_damaged_npy_files_never_crash(tmp_path: Path) -> None:
    path, rng = tmp_path / "x.npy", random.Random(0)
    np.save(path, np.arange(12.0).reshape(3, 4))
    good = path.read_bytes()
    for _ in range(300):
        data = bytearray(good[: rng.randrange(len(good))] if rng.random() < 0.3 else good)
        for _ in range(rng.randrange(1, 4)):
            if data:
                data[rng.randrange(min(len(data), 128))] = rng.randrange(256)
        path.write_bytes(data)
        with contextlib.suppress(InputError):
            read_inputs([f"X={path}"])


def test_other_files(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1")
    assert message(f"X={tmp_path / 'x.txt'}").startswith("x.txt is not a kind of file that can be read")
    assert "got:      a folder" in message(f"X={tmp_path}")
