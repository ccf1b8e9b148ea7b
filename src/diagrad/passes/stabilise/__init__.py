"""Rewrites that keep a function's meaning and mend its floating-point arithmetic.

requires: any graph. ensures: the same function of real numbers, computed by forms that neither overflow nor
cancel where the plain ones do.
"""

from .rewrite import Change, changes, stabilise
from .table import REWRITES, Rewrite

__all__ = ["REWRITES", "Change", "Rewrite", "changes", "stabilise"]
