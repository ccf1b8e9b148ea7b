"""How wide text is: the advances of DejaVu Sans, the font that figures name first and PNGs are drawn with.

The font comes with the ziafont package. Where a viewer lacks it, Verdana has nearly the same advances.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from .truetype import Advances

ASCENT, DESCENT = 0.76, 0.24
"""How far capitals and descenders reach from the baseline, in ems."""
ISOLATE, POP = "\u2068", "\u2069"
_INVISIBLE = frozenset("\u2068\u2069\u200b\u200c\u200d\ufe0f")


def font_file() -> str:
    """The path of the font file that text is measured with."""
    return str(files("ziafont.fonts") / "DejaVuSans.ttf")


@cache
def _advances() -> Advances:
    return Advances(font_file())


@cache
def _advance(char: str) -> float:
    """One character's advance in ems; a generous guess where the font lacks it."""
    if char in _INVISIBLE or unicodedata.combining(char):
        return 0.0
    advance = _advances()(char)
    if advance is None:
        return 1.4 if unicodedata.east_asian_width(char) in "WF" else 1.1
    return advance


@lru_cache(maxsize=16384)
def _ems(text: str) -> float:
    return sum(map(_advance, text))


def text_width(text: str, size: float) -> float:
    """The width of one line of text in px at a font size in px.

    >>> round(text_width("X", 100), 1)
    68.5
    """
    return _ems(text) * size


def shown(name: str, limit: int = 24) -> str:
    """A user's name as a figure shows it: one line, no control characters, not too long, isolated if it
    runs from right to left so that it cannot reorder its neighbours.

    >>> shown("a" + chr(10) + "b"), shown("x" * 40, 9)
    ('a↵b', 'xxxx…xxxx')
    """
    text = "".join(map(_visible, name))
    if len(text) > limit:
        half = (limit - 1) // 2
        text = f"{text[:half]}…{text[len(text) - half :]}"
    if any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in text):
        text = f"{ISOLATE}{text}{POP}"
    return text


def legal(text: str) -> str:
    """Text without the characters that XML forbids."""
    return _ILLEGAL.sub("\ufffd", text)


_ILLEGAL = re.compile("[^\\t\\n\\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_CONTROLS = {"\n": "↵", "\t": "⇥", "\r": "↵"}


def _visible(char: str) -> str:
    if char in _CONTROLS:
        return _CONTROLS[char]
    category = unicodedata.category(char)
    # Direction overrides and other format characters could reorder the whole line.
    return "\ufffd" if category in ("Cc", "Cs", "Cf", "Zl", "Zp") or _ILLEGAL.match(char) else char
