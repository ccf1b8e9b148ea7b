"""Files: texts written whole or not at all, names for what has none."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from ..errors import OutputError


def write_text(path: Path, text: str) -> None:
    """Write a file whole: it appears with all of its text or not at all.

    Raises:
        OutputError: it cannot be written; nothing is left behind.
    """
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = file.name
            file.write(text)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise cannot_write(path, error) from None


def make_folder(path: Path) -> Path:
    """Make a folder and those above it, unless they exist.

    Raises:
        OutputError: it cannot be made, or is a file.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None
    return path


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The error of a path that cannot be written."""
    folder = path.parent
    return OutputError(
        f"cannot write {path}",
        expected="a path in a folder that exists and may be written to",
        got=(error.strerror or str(error)).lower(),
        fix=f"make the folder first: mkdir -p {folder}"
        if not folder.exists()
        else "choose another path with -o",
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def new_path(stem: str, suffix: str, folder: Path | None = None) -> Path:
    """``stem.suffix`` in the folder, with a number where a file of that name exists."""
    folder = folder or Path()
    stem = re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:60] or "figure"
    path = folder / f"{stem}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}{suffix}"
        number += 1
    return path
