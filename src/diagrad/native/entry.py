"""A program as a Python function that costs next to nothing to call.

One C function, as CPython calls them, stands before all programs of a process. It looks at NumPy's arrays
itself, by the layout that NumPy's C interface has had since version 1.7 (*NumPy C-API, Python types and
C-structures*): if each has the type, dtype, shape and order that the program was made for, and no donated one
shares memory with another, it runs the program, without Python's lock where that takes long. If one has not,
it says which, and nothing has happened.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, cast

import numpy as np

from .cache import assemble_cached
from .codegen import load
from .program import Program
from .routine import NumPyCall, Where
from .target import Target
from .team import SIGNATURE, provide

__all__ = ["Executable", "supported"]

RELEASE = 20_000.0
"""Nanoseconds from which on a program runs without Python's lock."""

OUTSIDE = 2
"""What a program gives where an index lies outside."""

_HEADER = 9
"""Words of the table before what describes the inputs."""

_DTYPE = ~(0xFF << 24)
"""What counts of the word in which a dtype has its kind, letter, order of bytes, flags and number."""

_FLAGS = {"contiguous": 0x1, "aligned": 0x100, "writeable": 0x400}

_EFFORT = 0
"""Of the compiler for the entry, which is a few loads and comparisons: it saves 8 ms once, and costs some
7 ns for every array of a call.
"""

_ENTRY = Path(__file__).with_name("assembly") / "entry.ll"


class Executable:
    """A program in memory, ready to be called.

    ``run(*inputs, *outputs, workspace)`` gives 0 if all went well, −1 − i if input i does not fit or lies
    where a donated one does, and another number where the program failed.

    Attributes:
        program: what runs.
        free: memory for calls, which a call takes from the end of this list and puts back.

    Args:
        program: what to run.
        effort: of the compiler, 0 to 3.
        floats: the inputs that are Python's ``float``.
    """

    def __init__(self, program: Program, effort: int = 2, floats: Collection[int] = ()) -> None:
        self.program, self._floats = program, floats
        text, target = program.module.text(), program.module.target
        if SIGNATURE in text:
            provide()
        self._code = load(assemble_cached(text, target, effort), target)
        self._failed = threading.local()
        self._callback = _CALLBACK(self._call)
        self._table = self._described()
        self.free: list[np.ndarray[Any, Any]] = []
        self.run, self._method = _function(_entry(target), self._table)

    def address(self, name: str) -> int:
        """Where a function or a table of the program lies."""
        return self._code.address(name)

    def workspace(self) -> np.ndarray[Any, Any]:
        """Memory for one call; give it back with :meth:`release`."""
        try:
            return self.free.pop()
        except IndexError:
            return np.empty(self.program.workspace + 64, np.uint8)

    def release(self, workspace: np.ndarray[Any, Any]) -> None:
        """Take memory back that another call can use."""
        self.free.append(workspace)

    def failure(self) -> BaseException | None:
        """What NumPy raised in the last call of this thread."""
        error, self._failed.error = getattr(self._failed, "error", None), None
        return error

    def _described(self) -> np.ndarray[Any, Any]:
        """The table of what the entry must know."""
        p = self.program
        words = 5 + max((len(x.shape) for x in p.inputs), default=0)
        taken = {source for source in p.donated if source is not None}
        table = [
            id(np.ndarray),
            len(p.inputs),
            len(p.outputs),
            len(p.constants),
            words,
            int(p.cost > RELEASE),
        ]
        buffers = len(p.inputs) + len(p.outputs) + len(p.constants) + 2
        callback = ctypes.cast(self._callback, ctypes.c_void_p).value or 0
        table += [callback, self._code.address("main"), buffers]
        assert len(table) == _HEADER
        for at, spec in enumerate(p.inputs):
            flags = _FLAGS["contiguous"] | _FLAGS["aligned"] | (_FLAGS["writeable"] if at in taken else 0)
            scalar = id(spec.dtype.type) if not spec.shape and at not in taken else 0
            axes = len(spec.shape)
            if at in self._floats:
                axes, scalar = -1, id(float)
            own = [_kind(spec.dtype), axes, scalar, flags, spec.nbytes, *spec.shape]
            table += own + [0] * (words - len(own))
        table += [-1 if source is None else source for source in p.donated]
        table += [x.__array_interface__["data"][0] for x in p.constants]
        return np.array(table, np.int64)

    def _call(self, number: int, buffers: int) -> int:
        """Run one of the program's NumPy calls."""
        call = self.program.calls[number]
        pointers = (ctypes.c_void_p * (1 << 30)).from_address(buffers)
        try:
            _run(call, pointers)
        except BaseException as error:  # noqa: BLE001  (it goes on behind the native code)
            self._failed.error = error
            return 1
        return 0


def _run(call: NumPyCall, pointers: Any) -> None:
    results = call.op.forward(*(_array(x, pointers)[()] for x in call.inputs))
    for place, result in zip(call.outputs, results if call.op.multiple else (results,), strict=True):
        _array(place, pointers)[...] = result


def _array(place: Where, pointers: Any) -> np.ndarray[Any, Any]:
    """The array that lies somewhere in a program's memory."""
    memory = (ctypes.c_char * max(place.dtype.itemsize, 1)).from_address(
        pointers[place.pointer] + place.offset
    )
    one: Any = np.frombuffer(cast("Any", memory), place.dtype, 1)
    return np.lib.stride_tricks.as_strided(one, place.shape, place.strides)


def _kind(dtype: np.dtype[Any]) -> int:
    """The word of a dtype's object that says what it is: the same for each object of one native dtype."""
    return ctypes.c_int64.from_address(id(dtype) + 24).value & _DTYPE


@cache
def _entry(target: Target) -> int:
    """The address of the C function that all programs of a process are called through."""
    template = Template(_ENTRY.read_text(encoding="utf-8"))
    code = load(assemble_cached(template.substitute(header=_HEADER, dtype=_DTYPE), target, _EFFORT), target)
    address = code.address("entry")
    code.keep()
    return address


class _Method(ctypes.Structure):
    """CPython's ``PyMethodDef``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_FASTCALL = 0x80
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


def _function(address: int, table: np.ndarray[Any, Any]) -> tuple[Callable[..., int], _Method]:
    """A Python function of generated code, and what must live as long."""
    method = _Method(b"run", address, _FASTCALL, None)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.argtypes, make.restype = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p), ctypes.py_object
    return make(ctypes.addressof(method), table, None), method


@cache
def supported() -> bool:
    """Whether NumPy's arrays and CPython's objects lie in memory as the entry expects them."""
    import sys

    if sys.implementation.name != "cpython" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return False
    probe = np.zeros((3, 5), np.float32)
    words = (ctypes.c_int64 * 9).from_address(id(probe))
    sizes = (ctypes.c_int64 * 2).from_address(words[4])
    scalar = np.float32(1.5)
    number = ctypes.c_float.from_address(id(scalar) + 16)
    dtype = (ctypes.c_char * 8).from_address(id(probe.dtype) + 24).raw
    real = 0.1
    return (
        words[1] == id(np.ndarray)
        and words[2] == probe.__array_interface__["data"][0]
        and words[3] & 0xFFFFFFFF == 2
        and list(sizes) == [3, 5]
        and words[7] == id(probe.dtype)
        and words[8] & 0x501 == 0x501
        and number.value == 1.5
        and ctypes.c_double.from_address(id(real) + 16).value == real
        and dtype[:3] == b"ff="
        and int.from_bytes(dtype[4:], sys.byteorder) == probe.dtype.num
    )
