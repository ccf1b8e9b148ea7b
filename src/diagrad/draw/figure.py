"""A finished figure: SVG text, saved to a file or shown in a notebook."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import OutputError
from .content import Content


@dataclass(frozen=True)
class Figure:
    """What :func:`diagrad.draw.draw` gives.

    Attributes:
        svg: the figure as SVG text.
        title: its title, perhaps empty.
        content: the graph that is drawn, with its values and gradients.
    """

    svg: str = field(repr=False)
    title: str
    content: Content = field(repr=False)
    _lines: Callable[[], str] = field(repr=False, compare=False)

    def save(self, path: str | os.PathLike[str], scale: float = 2.0) -> Path:
        """Write the figure to a file, all of it or nothing.

        Args:
            path: ends in ``.svg`` or ``.png``; an existing file is replaced.
            scale: pixels to a px, for PNG.

        Returns:
            The path.

        Raises:
            OutputError: the suffix is unknown, the folder does not exist, or the file cannot be written.

        >>> import tempfile, diagrad as dg
        >>> folder = tempfile.mkdtemp()
        >>> dg.draw(dg.array(2.0) * 3).save(folder + "/product.svg").name
        'product.svg'
        """
        path = Path(path)
        write = _WRITERS.get(path.suffix.lower())
        if write is None:
            raise OutputError(
                f"cannot save a figure as {path.name!r}",
                expected=f"a file name that ends in {' or '.join(_WRITERS)}",
                got=f"the suffix {path.suffix!r}" if path.suffix else "no suffix",
                fix=f"save it as {path.with_suffix('.svg').name if path.stem else 'figure.svg'!r}",
            )
        _write_whole(path, write(self.svg, scale))
        return path

    def text(self) -> str:
        """The same content as plain text, for a terminal or a screen reader."""
        return self._lines()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Jupyter's rich display."""
        return {"image/svg+xml": self.svg, "text/plain": self.text()}

    def _mime_(self) -> tuple[str, str]:
        """marimo's rich display."""
        return "image/svg+xml", self.svg

    def __str__(self) -> str:
        return self.text()


def _svg_bytes(svg: str, scale: float) -> bytes:
    return svg.encode("utf-8")


def _png_bytes(svg: str, scale: float) -> bytes:
    from .png import to_png

    return to_png(svg, scale)


_WRITERS: dict[str, Callable[[str, float], bytes]] = {".svg": _svg_bytes, ".png": _png_bytes}


def _write_whole(path: Path, data: bytes) -> None:
    """Write beside the file first, then put it in its place in one step."""
    folder = path.parent
    if not folder.is_dir():
        raise OutputError(
            f"the folder of {str(path)!r} does not exist",
            expected="an existing folder",
            got=str(folder),
            fix=f"make it first: mkdir -p {str(folder)!r}",
        )
    if path.is_dir():
        raise OutputError(
            f"{str(path)!r} is a folder",
            expected="the name of a file",
            got="a folder",
            fix="choose another name",
        )
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name[:32]}.", suffix=".part")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise OutputError(
            f"cannot write {str(path)!r}: {error.strerror or error}",
            expected="a folder one may write in, with room left",
            got=str(error.strerror or error),
            fix="choose another folder, or change its permissions",
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
