"""Where in the user's code a value came from, found cheaply while recording and read only when asked.

Recording keeps a code object and an instruction offset, nothing else: no frames, so nothing stays alive
and nothing is slow. The line, its text and the variable that the result was assigned to are read from
the byte code when a picture or an error wants them.
"""

from __future__ import annotations

import dis
import linecache
import os
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import CodeType, FrameType
from typing import NamedTuple

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Site(NamedTuple):
    """An instruction in the user's code."""

    code: CodeType
    offset: int

    @property
    def line(self) -> int | None:
        """The line number in the file."""
        return _line(self)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that the instruction's result is assigned to (several when it is unpacked)."""
        return _variables(self)

    def __str__(self) -> str:
        """``file:line, in function: text``, the way a traceback says it."""
        line = self.line or 0
        text = linecache.getline(self.code.co_filename, line).strip()
        place = f"{os.path.basename(self.code.co_filename)}:{line}, in {self.code.co_name}"
        return f"{place}: {text}" if text else place


def user_site(depth: int) -> Site | None:
    """The innermost instruction outside this package, ``depth`` frames above the caller or higher."""
    frame: FrameType | None = sys._getframe(depth + 1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return Site(frame.f_code, frame.f_lasti)
        frame = frame.f_back
    return None


@lru_cache(maxsize=4096)
def _line(site: Site) -> int | None:
    for start, end, line in site.code.co_lines():
        if start <= site.offset < end:
            return line
    return None


_SKIP = frozenset(("CACHE", "PRECALL", "NOP", "RESUME", "EXTENDED_ARG", "KW_NAMES", "NOT_TAKEN"))
_STORES = frozenset(("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"))
_PAIRS = ("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW")
_TAKES: dict[str, Callable[[int], int]] = {
    **dict.fromkeys(("BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP", "IS_OP", "CONTAINS_OP"), lambda _: 2),
    **dict.fromkeys(
        ("BUILD_TUPLE", "BUILD_LIST", "BUILD_SET", "BUILD_STRING", "BUILD_SLICE"), lambda arg: arg
    ),
    "BINARY_SLICE": lambda _: 3,
    "BUILD_MAP": lambda arg: 2 * arg,
    "BUILD_CONST_KEY_MAP": lambda arg: arg + 1,
    "CALL": lambda arg: arg + 2,
    "CALL_KW": lambda arg: arg + 3,
    "CALL_INTRINSIC_1": lambda _: 1,
    "TO_BOOL": lambda _: 1,
    "UNARY_INVERT": lambda _: 1,
    "UNARY_NEGATIVE": lambda _: 1,
    "UNARY_NOT": lambda _: 1,
}
"""How many stack entries an instruction takes to give one."""


@lru_cache(maxsize=4096)
def _variables(site: Site) -> tuple[str, ...]:
    """Follow the result through the byte code's stack until a variable takes it."""
    instructions = (at for at in dis.get_instructions(site.code) if at.offset > site.offset)
    return tuple(name for name in _follow(instructions) if name.isidentifier())


def _follow(instructions: Iterator[dis.Instruction]) -> tuple[str, ...]:
    stack = [True]
    """From the bottom: is this entry the result? What lies below was there before."""

    def pop(count: int = 1) -> list[bool]:
        return [stack.pop() if stack else False for _ in range(count)]

    for at in instructions:
        name, arg = at.opname, at.arg or 0
        if name in _SKIP:
            continue
        if name == "UNPACK_SEQUENCE":
            if pop()[0]:
                return _stored(instructions, arg)
            stack += [False] * arg
        elif name.startswith("STORE_"):
            variables = _stored_by(at)
            taken = pop(len(variables))
            if not variables or True in taken:
                return (variables[taken.index(True)],) if variables else ()
            stack += [False] * name.endswith("LOAD_FAST")
        elif name in ("COPY", "SWAP"):
            stack[:0] = [False] * (arg - len(stack))
            if name == "COPY":
                stack.append(stack[-arg])
            else:
                stack[-1], stack[-arg] = stack[-arg], stack[-1]
        elif name in _TAKES:
            if True in pop(_TAKES[name](arg)):
                return ()
            stack.append(False)
        elif name.startswith(("LOAD_", "PUSH_NULL")):
            takes = int(name in ("LOAD_ATTR", "LOAD_METHOD"))
            if True in pop(takes):
                return ()
            stack += [False] * (2 if name in _PAIRS else takes + dis.stack_effect(at.opcode, at.arg))
        else:
            return ()
    return ()


def _stored(instructions: Iterator[dis.Instruction], count: int) -> tuple[str, ...]:
    """The variables that take the parts of an unpacked result, as far as they are variables."""
    names: list[str] = []
    for at in instructions:
        if at.opname in _SKIP:
            continue
        variables = _stored_by(at)
        names += variables
        if not variables or len(names) >= count:
            break
    return tuple(names[:count])


def _stored_by(at: dis.Instruction) -> tuple[str, ...]:
    """The variables that an instruction stores to, the one that takes the top of the stack first."""
    if at.opname in _STORES:
        return (str(at.argval),)
    if at.opname == "STORE_FAST_STORE_FAST":
        return tuple(map(str, at.argval))
    return (str(at.argval[0]),) if at.opname == "STORE_FAST_LOAD_FAST" else ()
