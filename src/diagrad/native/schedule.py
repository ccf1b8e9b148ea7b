"""In what order groups run, and where what they make lies.

A donated input is overwritten by the output that takes its place, but only once nothing reads it any more:
groups that read it come first. Everything that is neither input nor output lies in one workspace, in which
values whose lives do not overlap share room.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..ir import Value
from .groups import Group
from .items import Call, Item, Lowered
from .plan import in_last_sweep
from .views import aligned

__all__ = ["Placement", "place", "reaches", "schedule", "settle_donations"]


@dataclass
class Placement:
    """Where roots lie.

    Attributes:
        inputs: the number of the input whose memory a root takes.
        outputs: the number of the output that a root is.
        workspace: the byte of the workspace at which a root begins.
        size: bytes of the workspace.
    """

    inputs: dict[Value, int] = field(default_factory=dict[Value, int])
    outputs: dict[Value, int] = field(default_factory=dict[Value, int])
    workspace: dict[Value, int] = field(default_factory=dict[Value, int])
    size: int = 0


def schedule(groups: Sequence[Group], needs: Mapping[Group, set[Group]]) -> list[Group]:
    """The groups in an order in which each finds what it needs; earlier items come first."""
    waiting = {g: len(needs[g]) for g in groups}
    users: dict[Group, list[Group]] = {}
    for g in groups:
        for other in needs[g]:
            users.setdefault(other, []).append(g)
    ready = [(g.number, at) for at, g in enumerate(groups) if not waiting[g]]
    heapq.heapify(ready)
    place_of = {g: at for at, g in enumerate(groups)}
    order: list[Group] = []
    while ready:
        g = groups[heapq.heappop(ready)[1]]
        order.append(g)
        for user in users.get(g, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, (user.number, place_of[user]))
    assert len(order) == len(groups), "groups that need each other"
    return order


def settle_donations(
    lowered: Lowered,
    donated: Sequence[int | None],
    of: Mapping[Item, Group],
    needs: dict[Group, set[Group]],
    readers: Mapping[Value, set[Group]],
) -> dict[int, bool]:
    """For each output that takes an input's place: whether it may be written there right away.

    Where it may, the groups that read the input are put before the one that writes; otherwise what is there
    must be copied in the end.
    """
    makers = {item.out: item for item in lowered.items}
    direct: dict[int, bool] = {}
    for at, source in enumerate(donated):
        if source is None:
            continue
        x, y = lowered.graph.inputs[source], lowered.outputs[at]
        if y not in makers:
            direct[at] = 0 in y.shape
            continue
        item = makers[y]
        writer = of[item]
        others = readers.get(x, set()) - {writer}
        direct[at] = (
            not isinstance(item, Call)
            and item not in writer.outer
            and _in_step(writer, item, x)
            and not any(reaches(other, writer, needs) for other in others)
        )
        if direct[at]:
            needs[writer] |= others
    return direct


def _in_step(group: Group, item: Item, x: Value) -> bool:
    """Whether a group reads an input only at the elements that it then overwrites, and not after."""
    axes = group.axes_of(item.out)
    if len(x.shape) != len(axes):
        return False
    product = group.product
    written = False
    for other, over in group.items.items():
        for access in other.reads:
            if access.root is not x:
                continue
            if written or other is product or access.bounds or access.view.shape != x.shape:
                return False
            if not access.view.contiguous or access.view.offset or over != axes:
                return False
        written = written or other is item
    return group.columns is None or product is not None or in_last_sweep(group, item)


def reaches(start: Group, end: Group, needs: Mapping[Group, set[Group]]) -> bool:
    """Whether ``start`` needs ``end``, by way of others too."""
    seen: set[Group] = set()
    todo = [start]
    while todo:
        g = todo.pop()
        if g is end:
            return True
        if g not in seen:
            seen.add(g)
            todo += needs[g]
    return False


def place(
    order: Sequence[Group], lowered: Lowered, roots: Mapping[Group, Sequence[Value]], placement: Placement
) -> None:
    """Give each root that is neither input nor output its room in the workspace.

    Args:
        order: in which groups run.
        lowered: what they compute.
        roots: the roots that each writes or reads.
        placement: what is settled already; roots of the workspace are added.
    """
    fixed = {*lowered.graph.inputs, *lowered.constants, *placement.inputs, *placement.outputs}
    last: dict[Value, int] = {}
    for at, g in enumerate(order):
        for value in roots[g]:
            last[value] = at
    ends: dict[int, list[Value]] = {}
    for value, at in last.items():
        ends.setdefault(at, []).append(value)
    free: list[tuple[int, int]] = []
    top = 0
    for at, g in enumerate(order):
        for value in roots[g]:
            if value in fixed or value in placement.workspace:
                continue
            need = aligned(value.spec.nbytes)
            fit = min((hole for hole in free if hole[1] >= need), key=lambda hole: hole[1], default=None)
            if fit is None:
                tail = next((hole for hole in free if hole[0] + hole[1] == top), None)
                start = tail[0] if tail else top
                if tail:
                    free.remove(tail)
                top = start + need
            else:
                free.remove(fit)
                start = fit[0]
                if fit[1] > need:
                    free.append((start + need, fit[1] - need))
            placement.workspace[value] = start
        for value in ends.get(at, ()):
            if value in placement.workspace:
                need = aligned(value.spec.nbytes)
                _release(free, placement.workspace[value], need)
    placement.size = top


def _release(free: list[tuple[int, int]], start: int, size: int) -> None:
    """Give room back, joined with the holes beside it."""
    before = next((hole for hole in free if hole[0] + hole[1] == start), None)
    if before:
        free.remove(before)
        start, size = before[0], before[1] + size
    after = next((hole for hole in free if hole[0] == start + size), None)
    if after:
        free.remove(after)
        size += after[1]
    free.append((start, size))
