"""Modules that are loaded when a name in them is first asked for, so that ``import diagrad`` stays quick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


class Families:
    """A package's names that live in modules loaded on demand.

    A family is a module of the package that states its names in ``__all__``; nothing else lists them.

    Args:
        package: the package's name.
        path: where its modules are.
    """

    def __init__(self, package: str, path: Iterable[str]) -> None:
        self.package, self.path = package, path

    @cached_property
    def modules(self) -> list[str]:
        """The names of the package's modules."""
        return [found.name for found in iter_modules(self.path)]

    def load(self, first: str = "") -> Iterator[ModuleType]:
        """Import the families, one by one, in the order of their names, but one of them ``first``."""
        for name in sorted(self.modules, key=lambda name: name != first):
            module = import_module(f"{self.package}.{name}")
            if hasattr(module, "__all__"):
                yield module

    def names(self) -> list[str]:
        """Every name in them."""
        return [name for module in self.load() for name in module.__all__]

    def find(self, name: str) -> Any:
        """The object of this name.

        Raises:
            AttributeError: no module has it.

        >>> from diagrad import ops
        >>> Families("diagrad.ops", ops.__path__).find("Add").__name__
        'Add'
        """
        if not name.startswith("_") and not self._helper(name):
            for module in self.load(first=name):
                if name in module.__all__:
                    return getattr(module, name)
        raise AttributeError(f"module {self.package!r} has no attribute {name!r}")

    def _helper(self, name: str) -> bool:
        """Whether it is a module that is no family: ``from . import name`` asks for it here first."""
        return name in self.modules and not hasattr(import_module(f"{self.package}.{name}"), "__all__")
