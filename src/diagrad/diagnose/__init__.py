"""Where NaN and infinity come from: the node, the line, the reason, and which gradients they reach."""

from .watch import debug

__all__ = ["debug"]
