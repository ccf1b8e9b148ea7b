"""Rewrites, graph to graph. Each states what it requires and what it ensures."""

from .explicit import explicit
from .unroll import unroll

__all__ = ["explicit", "unroll"]
