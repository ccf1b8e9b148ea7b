"""Object code kept on disk, so that a graph is compiled once for a machine and not once for a process.

There is a file for each module, named by the digest of all that decides its object code: the assembly, the
machine, the effort, the versions of llvmlite and LLVM, and how :mod:`.codegen` calls them. In front of the
code stands a digest of it, so a file that was cut short or damaged is a miss. Files are written whole under
another name and then renamed, so processes that write at once do no harm. Nothing here raises for the state
of a disk: where the cache cannot be used, code is compiled as if there were none.

Object code is run, so a folder or a file that somebody else could have written is not used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ..errors import DiagradError
from . import codegen
from .target import Target

__all__ = ["assemble_cached", "folder", "limit"]

SWITCH, FOLDER, SIZE = "DIAGRAD_CACHE", "DIAGRAD_CACHE_DIR", "DIAGRAD_CACHE_SIZE"
"""Environment variables: ``0`` turns the cache off; where it lies; how large it may grow, ``256M``."""

_SUFFIX, _UNFINISHED = ".o", ".part"
_DIGEST = 32
_STALE = 3600.0
"""Seconds after which a file that is still unfinished was left by a process that died."""


def assemble_cached(text: str, target: Target, effort: int = 2) -> bytes:
    """The object code of a module, as :func:`.codegen.assemble` gives it, from the cache where it is there.

    Args:
        text: LLVM assembly.
        target: the machine.
        effort: 0 to 3.

    Raises:
        DiagradError: an environment variable of the cache says nothing that makes sense.
    """
    where = folder()
    if where is None:
        return codegen.assemble(text, target, effort)
    most, name = limit(), _key(text, target, effort)
    path = where / (name + _SUFFIX)
    code = _read(path, name) if _private(where) else None
    if code is None:
        code = codegen.assemble(text, target, effort)
        if len(code) + _DIGEST <= most and _prepare(where):
            _write(path, name, code)
            # One write in sixteen looks at the size of the folder, and each large one.
            if name[0] == "0" or len(code) > most // 16:
                _evict(where, most)
    return code


def folder(environment: Mapping[str, str] | None = None) -> Path | None:
    r"""Where the cache lies; None where it is off or there is no place for it.

    ``DIAGRAD_CACHE_DIR``, or the platform's folder for caches: ``$XDG_CACHE_HOME/diagrad/native``,
    ``~/.cache/diagrad/native``; ``~/Library/Caches/diagrad/native`` on macOS;
    ``%LOCALAPPDATA%\diagrad\Cache\native`` on Windows.

    >>> folder({"DIAGRAD_CACHE": "0"}) is None
    True
    >>> folder({"DIAGRAD_CACHE_DIR": "/scratch/me/kernels"}).name
    'kernels'
    """
    environment = os.environ if environment is None else environment
    if environment.get(SWITCH, "").lower() in ("0", "off", "no", "false"):
        return None
    if chosen := environment.get(FOLDER):
        return Path(os.path.abspath(os.path.expanduser(chosen)))
    tail = ("diagrad", "native")
    if sys.platform == "win32":
        base, tail = environment.get("LOCALAPPDATA", ""), ("diagrad", "Cache", "native")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = environment.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # as the XDG specification says
            base = os.path.expanduser("~/.cache")
    return Path(base, *tail) if os.path.isabs(base) else None


def limit(environment: Mapping[str, str] | None = None) -> int:
    """How many bytes the cache may hold: ``DIAGRAD_CACHE_SIZE``, or 256 MB.

    Raises:
        DiagradError: the variable holds no size.

    >>> limit({}) == limit({"DIAGRAD_CACHE_SIZE": "256M"}) == 256 * 2**20
    True
    """
    environment = os.environ if environment is None else environment
    said = environment.get(SIZE, "").strip() or "256M"
    digits = said.upper().removesuffix("B").rstrip("KMG")
    unit = said.upper().removesuffix("B")[len(digits) :]
    units = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
    if unit not in units or not digits.strip().isdecimal():
        raise DiagradError(
            f"{SIZE} is no size",
            expected="bytes, or a number with K, M or G behind it, as 256M",
            got=repr(said),
            fix=f"unset {SIZE}, or turn the cache off with {SWITCH}=0",
        )
    return int(digits) * units[unit]


def _key(text: str, target: Target, effort: int) -> str:
    """The digest of all that decides the object code."""
    settings = repr((codegen.identity(), target, effort))
    return hashlib.blake2b(f"{settings}\n{text}".encode(), digest_size=20).hexdigest()


def _digest(name: str, code: bytes) -> bytes:
    """The digest of code under its name: a file that was renamed is as wrong as one that was damaged."""
    return hashlib.blake2b(code, digest_size=_DIGEST, key=name.encode()).digest()


def _mine(status: os.stat_result) -> bool:
    """Whether nobody but this user can have written a file or folder."""
    if not hasattr(os, "geteuid"):  # Windows keeps LOCALAPPDATA to its user
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _private(where: Path) -> bool:
    """Whether the folder is there, and this user's alone to write."""
    try:
        status = where.stat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _mine(status)


def _prepare(where: Path) -> bool:
    """Whether the folder can be written into; made where it is missing."""
    with contextlib.suppress(OSError):
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _private(where)


def _read(path: Path, name: str) -> bytes | None:
    """The code in a file, which is thereby the latest used; None if there is none that can be trusted."""
    try:
        with path.open("rb") as file:
            if not _mine(os.fstat(file.fileno())):
                return None
            found = file.read()
    except OSError:
        return None
    digest, code = found[:_DIGEST], found[_DIGEST:]
    if digest != _digest(name, code):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return code


def _write(path: Path, name: str, code: bytes) -> None:
    """A file, whole or not at all."""
    unfinished = path.with_name(f"{os.getpid()}-{threading.get_ident()}-{time.time_ns()}{_UNFINISHED}")
    with contextlib.suppress(OSError):  # a full disk, a folder that is gone, no permission
        try:
            with open(unfinished, "xb", opener=partial(os.open, mode=0o600)) as file:
                file.write(_digest(name, code))
                file.write(code)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


def _evict(where: Path, most: int) -> None:
    """Where there is no room left, delete what was not used for longest, down to three quarters of it."""
    files: list[tuple[float, int, str]] = []
    with contextlib.suppress(OSError), os.scandir(where) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):  # another process may have deleted it
                if entry.name.endswith((_SUFFIX, _UNFINISHED)):
                    status = entry.stat(follow_symlinks=False)
                    files.append((status.st_mtime, status.st_size, entry.path))
    stale = time.time() - _STALE
    total = sum(size for _, size, _ in files)
    goal = most if total <= most else most * 3 // 4
    for at, size, path in sorted(files):
        unfinished = path.endswith(_UNFINISHED)
        if (unfinished and at < stale) or (not unfinished and total > goal):
            with contextlib.suppress(OSError):
                os.unlink(path)
            total -= size
