"""Expressions in NumPy's notation, parsed by a whitelist and evaluated by a walk of our own.

Nothing here runs Python: the text becomes a syntax tree (:mod:`.parse`), every node of it must be of a
known kind, and every name that is called is looked up in a table of diagrad's operations (:mod:`.table`).
"""

from .evaluate import Evaluated, evaluate
from .figure import draw_evaluated
from .inputs import Given, read_inputs
from .parse import parse

__all__ = ["Evaluated", "Given", "draw_evaluated", "evaluate", "parse", "read_inputs"]
