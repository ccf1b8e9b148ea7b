"""Just enough of a TrueType file to measure text: which glyph a character has, and how wide it is.

A few tables are read, in a millisecond; a whole font library would take a second to load.
Format: Apple and Microsoft's OpenType specification, tables ``head``, ``hhea``, ``hmtx`` and ``cmap``.
"""

from __future__ import annotations

import struct
from pathlib import Path


class Advances:
    """The advance widths of a font file, in ems."""

    def __init__(self, path: str | Path) -> None:
        self.data = data = Path(path).read_bytes()
        count = struct.unpack_from(">H", data, 4)[0]
        entries = (struct.unpack_from(">4sLLL", data, 12 + 16 * at) for at in range(count))
        tables = {tag: offset for tag, _, offset, _ in entries}
        self.units: int = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
        self.count: int = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
        self.widths = tables[b"hmtx"]
        self.groups = self._groups(tables[b"cmap"])

    def _groups(self, cmap: int) -> list[tuple[int, int, int]]:
        """(first, last, glyph of the first) of each run of characters, from a format 12 subtable."""
        for at in range(struct.unpack_from(">H", self.data, cmap + 2)[0]):
            table = cmap + struct.unpack_from(">L", self.data, cmap + 8 + 8 * at)[0]
            if struct.unpack_from(">H", self.data, table)[0] == 12:
                count = struct.unpack_from(">L", self.data, table + 12)[0]
                return [struct.unpack_from(">LLL", self.data, table + 16 + 12 * i) for i in range(count)]
        raise ValueError("the font has no cmap of format 12")

    def __call__(self, char: str) -> float | None:
        """The advance of a character; None if the font has no glyph for it."""
        code = ord(char)
        for first, last, glyph in self.groups:
            if first <= code <= last:
                at = min(glyph + code - first, self.count - 1)
                return struct.unpack_from(">H", self.data, self.widths + 4 * at)[0] / self.units
        return None
