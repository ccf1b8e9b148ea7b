"""Rewrites, graph to graph. Each states what it requires and what it ensures."""

from .explicit import explicit

__all__ = ["explicit"]
