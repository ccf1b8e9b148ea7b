"""One module of LLVM assembly: functions, what they declare, and helper functions written once."""

from __future__ import annotations

from collections.abc import Callable

from .target import Target

__all__ = ["Module"]


class Module:
    """Functions that are compiled together.

    Attributes:
        target: the machine they are for.
        attributes: what stands behind the head of each function.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        bits = 8 * target.width
        self.attributes = f'nounwind "prefer-vector-width"="{bits}" "min-legal-vector-width"="{bits}"'
        self._functions: list[str] = []
        self._declared: dict[str, None] = {}
        self._helpers: set[str] = set()

    def add(self, text: str) -> None:
        """A function, whole."""
        self._functions.append(text)

    def declare(self, signature: str) -> None:
        """A function of the system or of LLVM's, ``float @llvm.sqrt.f32(float)``."""
        self._declared[signature] = None

    def helper(self, name: str, write: Callable[[], None]) -> str:
        """The name of a function that ``write`` adds when first asked for."""
        if name not in self._helpers:
            self._helpers.add(name)
            write()
        return name

    def text(self) -> str:
        """The whole module."""
        return "\n".join((*(f"declare {signature}" for signature in self._declared), "", *self._functions))
