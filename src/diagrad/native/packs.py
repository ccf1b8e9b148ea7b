"""Scalars in packs: the same costly function of several numbers is computed once, on a vector of them.

A kernel without a loop has its items one after the other. Those of one op that do not need each other go
together, as many as a register holds (S. Larsen & S. Amarasinghe, *Exploiting superword level parallelism
with multimedia instruction sets*, PLDI 2000, but for whole functions alone, where packing costs little).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

__all__ = ["packs"]

T = TypeVar("T")


def packs(
    items: Sequence[T], sources: Callable[[T], Iterable[T]], kind: Callable[[T], Hashable | None], most: int
) -> list[list[T]]:
    """The items in an order in which each finds its sources, those that go together as one list.

    Args:
        items: in an order in which each finds its sources.
        sources: the items that one needs.
        kind: what items must share to go together; None where one goes by itself.
        most: how many go together.

    >>> needs = {"exp x": (), "a": ("exp x",), "exp y": (), "b": ("exp y", "a")}
    >>> packs(list(needs), needs.get, lambda item: "exp" if "exp" in item else None, 8)
    [['exp x', 'exp y'], ['a'], ['b']]
    """
    known = set(items)
    left = {item: sum(x in known for x in set(sources(item))) for item in items}
    users: dict[T, list[T]] = {}
    for item in items:
        for source in set(sources(item)) & known:
            users.setdefault(source, []).append(item)
    ready = [item for item in items if not left[item]]
    waiting: dict[Hashable, list[T]] = {}
    order: list[list[T]] = []
    while ready or waiting:
        if ready:
            item = ready.pop(0)
            shared = kind(item)
            if shared is not None:
                waiting.setdefault(shared, []).append(item)
                continue
            pack = [item]
        else:
            shared = max(waiting, key=lambda each: len(waiting[each]))
            pack, rest = waiting[shared][:most], waiting[shared][most:]
            del waiting[shared]
            if rest:
                waiting[shared] = rest
        order.append(pack)
        for item in pack:
            for user in users.get(item, ()):
                left[user] -= 1
                if not left[user]:
                    ready.append(user)
    return order
