"""What a kernel reads and writes: pointers to where roots begin, and strides along its axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..ir import DType, Value
from .groups import Axes
from .items import Access

__all__ = ["Reference", "reference"]


@dataclass(frozen=True)
class Reference:
    """Elements in memory, as the axes of a kernel run over them.

    Attributes:
        argument: which of the kernel's pointers they are behind.
        dtype: in memory.
        strides: for each axis, in elements; axes of stride 0 are left out.
        offset: elements from the pointer to the first.
        bounds: for each axis that has some: the indices at which there is anything; elsewhere it is ``fill``.
        indirect: where the integers lie that say how much further an element lies, the elements that one step
            is, and the size of the axis that they count along.
    """

    argument: int
    dtype: DType
    strides: Mapping[int, int]
    offset: int = 0
    bounds: tuple[tuple[int, int, int], ...] = ()
    indirect: tuple[tuple[Reference, int, int], ...] = ()
    fill: Any = 0

    @property
    def axes(self) -> set[int]:
        """The axes that its address depends on."""
        return self.strides.keys() | {axis for index, _, _ in self.indirect for axis in index.strides}

    def nbytes(self, sizes: Sequence[int]) -> int:
        """The bytes of all elements, the kernel's axes being of these sizes."""
        return self.dtype.itemsize * math.prod(sizes[axis] for axis in self.strides)

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from others of its kernel."""
        return (
            self.argument,
            self.dtype.str,
            tuple(sorted(self.strides.items())),
            self.offset,
            self.bounds,
            repr(self.fill),
            tuple((index.key, step, size) for index, step, size in self.indirect),
        )


class Arguments:
    """The pointers that a kernel takes: a root and how many elements behind its beginning."""

    def __init__(self) -> None:
        self.pointers: list[tuple[Value, int]] = []
        self._of: dict[tuple[Value, int], int] = {}

    def __call__(self, root: Value, offset: int, fresh: bool = False) -> int:
        """The number of a pointer; with ``fresh`` one of its own."""
        if fresh:
            self.pointers.append((root, offset))
            return len(self.pointers) - 1
        at = self._of.setdefault((root, offset), len(self.pointers))
        if at == len(self.pointers):
            self.pointers.append((root, offset))
        return at


def reference(arguments: Arguments, access: Access, axes: Axes, fresh: bool = False) -> Reference:
    """How a kernel reaches what an item reads, or writes.

    Args:
        arguments: the kernel's pointers, to which one may be added.
        access: what is read.
        axes: of the kernel, for each dimension of the view.
        fresh: give it a pointer of its own.
    """
    view, root = access.view, access.root
    strides: dict[int, int] = {}
    for axis, size, step in zip(axes, view.shape, view.strides, strict=True):
        if axis is not None and step and size > 1:
            strides[axis] = step
    bounds = tuple((axes[at] or 0, low, high) for at, low, high in access.bounds if axes[at] is not None)
    indirect = tuple((reference(arguments, x, axes), step, size) for x, step, size in access.indirect)
    if bounds:
        return Reference(arguments(root, 0), root.dtype, strides, view.offset, bounds, indirect, access.fill)
    return Reference(arguments(root, view.offset, fresh), root.dtype, strides, 0, (), indirect)
