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


_LOADS = ("LOAD_", "PUSH_NULL", "COPY_FREE_VARS")
_SKIP = frozenset(("CACHE", "PRECALL", "NOP", "RESUME", "EXTENDED_ARG", "NOT_TAKEN"))
_STORES = frozenset(("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"))


@lru_cache(maxsize=4096)
def _variables(site: Site) -> tuple[str, ...]:
    """Follow the result down the byte code's stack until a variable takes it."""
    depth = 0
    """How many stack entries lie on top of the result."""
    try:
        instructions = (at for at in dis.get_instructions(site.code) if at.offset > site.offset)
        for at in instructions:
            name = at.opname
            if name in _SKIP:
                continue
            if name in _STORES:
                if depth == 0:
                    return (str(at.argval),)
                depth -= 1
            elif name == "STORE_FAST_STORE_FAST":
                if depth < 2:
                    return (str(at.argval[depth]),)
                depth -= 2
            elif name == "STORE_FAST_LOAD_FAST":
                if depth == 0:
                    return (str(at.argval[0]),)
            elif name.startswith(("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD")):
                depth += 2
            elif name in ("LOAD_ATTR", "LOAD_METHOD"):
                if depth == 0:
                    return ()
                depth += dis.stack_effect(at.opcode, at.arg)
            elif name.startswith(_LOADS):
                depth += dis.stack_effect(at.opcode, at.arg)
            elif name == "SWAP" and at.arg is not None:
                other = at.arg - 1
                depth = other if depth == 0 else 0 if depth == other else depth
            elif name == "COPY" and at.arg is not None:
                depth += 1
            elif name == "UNPACK_SEQUENCE" and depth == 0:
                stores = [next(instructions) for _ in range(at.arg or 0)]
                return tuple(str(store.argval) for store in stores if store.opname in _STORES)
            elif name in ("CALL", "BINARY_OP", "BINARY_SUBSCR", "KW_NAMES"):
                if name == "KW_NAMES":
                    continue
                pops = (at.arg or 0) + 2 if name == "CALL" else 2
                if depth < pops:
                    return ()
                depth += 1 - pops
            else:
                return ()
    except StopIteration:
        return ()
    return ()

