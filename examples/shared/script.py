"""What every example does: take a folder, show its progress."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tqdm import tqdm


def folder() -> Path:
    """The folder that the command names, made if need be; the current one if it names none."""
    named = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    named.mkdir(parents=True, exist_ok=True)
    return named


def progress(steps: Iterable[Any], title: str, total: int | None = None) -> Any:
    """A progress bar on a terminal; nothing elsewhere."""
    return tqdm(steps, title, total, disable=not sys.stderr.isatty())
