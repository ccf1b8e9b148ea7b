"""Keep a value or compute it again: the cheapest choice for all of them together.

A value that is needed is kept or computed again, and what is computed again needs its own sources. The least
sum of costs is that of a minimum cut (D. M. Greig, B. T. Porteous & A. H. Seheult, *J. R. Stat. Soc. B* 51
(1989) 271–279), found along shortest augmenting paths (J. Edmonds & R. M. Karp, *J. ACM* 19 (1972) 248–264).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

__all__ = ["keep_or_repeat"]

T = TypeVar("T")
_NEVER = 1 << 30


def keep_or_repeat(
    needed: Iterable[T],
    sources: Callable[[T], Iterable[T]],
    keeping: Callable[[T], int],
    repeating: Callable[[T], int],
) -> tuple[set[T], set[T]]:
    """Which values to keep, and which to compute again.

    Args:
        needed: what must be there.
        sources: what a value is computed from.
        keeping: what keeping a value costs.
        repeating: what computing it again costs, its sources apart.

    >>> chain = {"c": "b", "b": "a", "a": ""}
    >>> keep_or_repeat("c", chain.get, lambda x: 3, lambda x: {"c": 1, "b": 1, "a": 9}[x])
    ({'c'}, set())
    >>> keep_or_repeat("cb", chain.get, lambda x: 3, lambda x: {"c": 1, "b": 1, "a": 9}[x])
    ({'b'}, {'c'})
    """
    flow: dict[Any, dict[Any, int]] = {"there": {}, "end": {}}

    def edge(start: Any, end: Any, room: int) -> None:
        flow.setdefault(start, {})[end] = room
        flow.setdefault(end, {}).setdefault(start, 0)

    todo = list(needed)
    for x in todo:
        edge("there", (x, "there"), _NEVER)
    seen = set(todo)
    while todo:
        x = todo.pop()
        edge((x, "there"), (x, "again"), keeping(x))
        edge((x, "again"), "end", repeating(x))
        for source in sources(x):
            edge((x, "again"), (source, "there"), _NEVER)
            if source not in seen:
                seen.add(source)
                todo.append(source)
    while path := _path(flow):
        room = min(flow[a][b] for a, b in path)
        for a, b in path:
            flow[a][b] -= room
            flow[b][a] += room
    reached = _reached(flow)
    again = {x for x in seen if (x, "again") in reached}
    kept = {x for x in seen if (x, "there") in reached} - again
    return kept, again


def _reached(flow: dict[Any, dict[Any, int]]) -> dict[Any, Any]:
    """What can be reached from the start, and from where."""
    before: dict[Any, Any] = {"there": None}
    queue = deque(["there"])
    while queue:
        at = queue.popleft()
        for after, room in flow[at].items():
            if room and after not in before:
                before[after] = at
                queue.append(after)
    return before


def _path(flow: dict[Any, dict[Any, int]]) -> list[tuple[Any, Any]]:
    """The edges of a shortest path with room from the start to the end; none if there is no such path."""
    before = _reached(flow)
    path: list[tuple[Any, Any]] = []
    at = "end"
    while at in before and at != "there":
        path.append((before[at], at))
        at = before[at]
    return path
