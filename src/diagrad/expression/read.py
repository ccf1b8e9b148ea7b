"""Arrays read from files."""

from __future__ import annotations

import csv
import math
import os
import warnings
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ..errors import InputError
from .bounds import MAX_ELEMENTS

Data = np.ndarray[Any, Any]


def read_array(text: str, name: str) -> Data:
    """The array in a ``.npy`` or ``.csv`` file.

    Args:
        text: the path.
        name: the input's name, for the message.

    Returns:
        Numbers or booleans. A ``.csv`` file of one row gives one axis, of several rows two.

    Raises:
        InputError: there is no such file, or it does not hold one array of numbers.
    """
    path = Path(text).expanduser()
    try:
        exists = path.is_file()
    except (OSError, ValueError):
        exists = False
    if not exists:
        _missing(text, name, path)
    if path.suffix.lower() not in (".npy", ".csv"):
        raise InputError(
            f"{path.name} is not a kind of file that can be read",
            expected="a .npy or .csv file",
            got=path.suffix or "no suffix",
            fix="save the array with numpy.save(path, array)",
        )
    return _read_npy(path) if path.suffix.lower() == ".npy" else _read_csv(path)


def _missing(text: str, name: str, path: Path) -> NoReturn:
    looks_like_file = path.suffix.lower() in (".npy", ".csv") or os.sep in text
    raise InputError(
        f"there is no file {text!r}"
        if looks_like_file
        else f"{text!r} is not a shape, not numbers and not a file",
        expected=f'a file that exists, a shape ({name}=3x2) or numbers ({name}=2.0, {name}="[1, 2]")',
        got="a folder" if path.is_dir() else text[:70],
        fix=f"check the path; relative paths start at {Path.cwd()}"
        if looks_like_file
        else f"write {name}=3x2",
    )


def _read_npy(path: Path) -> Data:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data: Any = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # noqa: BLE001 - whatever a damaged header leads NumPy's reader to
        objects = "object" in str(error).lower()
        reason = "holds Python objects, not numbers" if objects else "is not a .npy file, or is damaged"
        raise InputError(
            f"{path.name} {reason}",
            expected="one array of numbers, written by numpy.save",
            got=str(error).splitlines()[0][:100] if str(error) else type(error).__name__,
            fix="save it again: numpy.save(path, numpy.asarray(x, dtype=float))",
        ) from None
    if isinstance(data, np.lib.npyio.NpzFile):
        data.close()
        raise InputError(
            f"{path.name} holds several arrays",
            expected="one array, written by numpy.save",
            got="an archive, written by numpy.savez",
            fix="save the one you need with numpy.save",
        )
    if data.dtype.kind not in "biuf":
        raise InputError(
            f"{path.name} holds no real numbers",
            expected="a boolean, integer or floating-point dtype",
            got=str(data.dtype),
            fix="convert it: numpy.save(path, x.astype(float))",
        )
    _check_size(path, data.size)
    return np.array(data, dtype=data.dtype.newbyteorder("="))


def _read_csv(path: Path) -> Data:
    rows: list[list[float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, cells in enumerate(csv.reader(file), 1):
                if cells:
                    rows.append([_cell(path, number, at, cell) for at, cell in enumerate(cells, 1)])
                    _check_row(path, number, rows)
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise InputError(
            f"{path.name} is not a text file of numbers",
            expected="numbers separated by commas, a row on each line",
            got=str(error)[:100],
            fix="export it as CSV in UTF-8",
        ) from None
    if not rows:
        raise InputError(
            f"{path.name} is empty",
            expected="numbers separated by commas, a row on each line",
            got="no rows",
            fix="write numbers into it",
        )
    return np.array(rows[0] if len(rows) == 1 else rows)


def _cell(path: Path, row: int, column: int, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        pass
    what = repr(cell[:40]) if cell.strip() else "an empty cell"
    raise InputError(
        f"{path.name}: row {row}, column {column} is not a number",
        expected="a number; nan stands for a missing one",
        got=what,
        fix="delete the heading line" if row == 1 and cell.strip() else "write a number or nan there",
    )


def _check_row(path: Path, number: int, rows: list[list[float]]) -> None:
    if len(rows[-1]) != len(rows[0]):
        raise InputError(
            f"{path.name}: row {number} has {len(rows[-1])} numbers, the first row {len(rows[0])}",
            expected=f"{len(rows[0])} numbers in each row",
            got=str(len(rows[-1])),
            fix="fill the gaps with nan, or cut the row",
        )
    _check_size(path, len(rows) * len(rows[0]))


def _check_size(path: Path, size: int) -> None:
    if size > MAX_ELEMENTS:
        raise InputError(
            f"{path.name} is too large to draw",
            expected=f"at most {MAX_ELEMENTS:,} numbers",
            got=f"{size:,}" if math.isfinite(size) else "more",
            fix="save a part of it; its figure shows the same graph",
        )
