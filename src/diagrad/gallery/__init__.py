"""The gallery: the fourteen textbook figures and the famous graphs, as a table of expressions.

Each entry is what one would type after ``diagrad draw``; the published numbers that the famous ones stand
for are checked in the tests.
"""

from .entry import Entry
from .famous import FAMOUS
from .fourteen import FOURTEEN

ENTRIES: tuple[Entry, ...] = FOURTEEN + FAMOUS

__all__ = ["ENTRIES", "FAMOUS", "FOURTEEN", "Entry"]
