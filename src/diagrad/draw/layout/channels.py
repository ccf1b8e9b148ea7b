"""Tracks: where the upright parts of wires stand in the channel between two columns.

A wire comes into a channel level on the left at ``l`` and leaves it level on the right at ``r``. As in
Sander, "Layout of directed hypergraphs with orthogonal hyperedges" (2003), the tracks are ordered so that
wires of one direction do not cross needlessly, and a wire whose ``l`` is level with another's ``r`` turns
before the other one arrives. A ring of such needs is broken by giving one wire two tracks (a dogleg,
Deutsch 1976).
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]

EVEN = 1e-6
MANY = 48
"""From so many wires on, a channel is searched with NumPy."""


@dataclass(slots=True)
class Piece:
    """An upright part of wire ``wire`` from ``l`` to ``r``; ``after`` lists pieces that stand before it."""

    wire: int
    l: float  # noqa: E741
    r: float
    after: set[int] = field(default_factory=set[int])
    track: int = 0


def assign_tracks(
    ways: list[tuple[int, float, float]], near: float, lanes: Callable[[], list[float]]
) -> list[Piece]:
    """Tracks, counted from the left, for the (wire, l, r) of one channel.

    ``lanes`` tells the heights of wires that pass outside of the columns on both sides; it is asked only
    if a dogleg is needed. A level wire gets no piece.
    """
    pieces = [Piece(w, left, right) for w, left, right in ways if abs(left - right) > EVEN]
    if len(pieces) < 2:
        return pieces
    _order(pieces, near)
    ring = _ring(pieces)
    if ring:
        taken = [y for _, left, right in ways for y in (left, right)] + lanes()
        while ring:
            _split(pieces, ring, taken, near)
            _order(pieces, near)
            ring = _ring(pieces)
    _fill(pieces, near)
    return pieces


def _order(pieces: list[Piece], near: float) -> None:
    """Note which pieces must stand to the left of which: those that leave at the height others come in."""
    lefts = sorted((piece.l, i) for i, piece in enumerate(pieces))
    for j, piece in enumerate(pieces):
        i = bisect_left(lefts, (piece.r - near + EVEN, -1))
        while i < len(lefts) and lefts[i][0] < piece.r + near - EVEN:
            if pieces[lefts[i][1]].wire != piece.wire:
                piece.after.add(lefts[i][1])
            i += 1
        if j and pieces[j - 1].wire == piece.wire:
            piece.after.add(j - 1)


def _ring(pieces: list[Piece]) -> list[int]:
    """Pieces that must stand to the left of one another in a ring; empty if there is none."""
    followers: list[list[int]] = [[] for _ in pieces]
    waiting = [len(piece.after) for piece in pieces]
    for i, piece in enumerate(pieces):
        for j in piece.after:
            followers[j].append(i)
    ready = [i for i, n in enumerate(waiting) if n == 0]
    for i in ready:
        for j in followers[i]:
            waiting[j] -= 1
            if waiting[j] == 0:
                ready.append(j)
    if len(ready) == len(pieces):
        return []
    walk: list[int] = []
    at = next(i for i, n in enumerate(waiting) if n > 0)
    seen: set[int] = set()
    while at not in seen:
        seen.add(at)
        walk.append(at)
        at = min(j for j in pieces[at].after if waiting[j] > 0)
    return walk[walk.index(at) :]


def _split(pieces: list[Piece], ring: list[int], taken: list[float], near: float) -> None:
    """Give one piece of a ring two tracks, joined at a height where nothing else is."""
    index = max(ring, key=lambda i: abs(pieces[i].l - pieces[i].r))
    piece = pieces[index]
    height = _gap((piece.l + piece.r) / 2, taken, near)
    taken.append(height)
    pieces[index : index + 1] = [Piece(piece.wire, piece.l, height), Piece(piece.wire, height, piece.r)]
    for other in pieces:
        other.after.clear()


def _gap(wanted: float, taken: list[float], near: float) -> float:
    """The height nearest to the wanted one that keeps its distance from all that is taken."""
    candidates = [wanted, *(y + near for y in taken), *(y - near for y in taken)]
    heights = sorted(taken)
    for height in sorted(candidates, key=lambda y: (abs(y - wanted), y)):
        i = bisect_left(heights, height - near + EVEN)
        if i == len(heights) or heights[i] > height + near - EVEN:
            return height
    raise AssertionError("the outermost candidate is always free")


def _fill(pieces: list[Piece], near: float) -> None:
    """First fit, downward wires from the lowest and upward wires from the highest (no needless crossing)."""
    followers: list[list[int]] = [[] for _ in pieces]
    waiting = [len(piece.after) for piece in pieces]
    for i, piece in enumerate(pieces):
        for j in piece.after:
            followers[j].append(i)
    heap = [(_key(pieces[i]), i) for i, n in enumerate(waiting) if n == 0]
    heapq.heapify(heap)
    done: list[Piece] = []
    table = np.zeros((5, len(pieces)))
    many = len(pieces) >= MANY
    while heap:
        _, i = heapq.heappop(heap)
        piece = pieces[i]
        least = max((pieces[j].track + 1 for j in piece.after), default=0)
        if many:
            piece.track = _place_many(piece, least, table[:, : len(done)], near)
            low, high = sorted((piece.l, piece.r))
            table[:, len(done)] = low, high, piece.l, piece.r, piece.track
        else:
            piece.track = _place_few(piece, least, done, near)
        done.append(piece)
        for j in followers[i]:
            waiting[j] -= 1
            if waiting[j] == 0:
                heapq.heappush(heap, (_key(pieces[j]), j))


def _key(piece: Piece) -> tuple[bool, float]:
    down = piece.r > piece.l
    return down, -piece.l if down else piece.l


def _place_few(piece: Piece, least: int, done: list[Piece], near: float) -> int:
    """The first track for a piece, from ``least`` on, beside those that are done."""
    low, high = min(piece.l, piece.r) - near, max(piece.l, piece.r) + near
    down = piece.r > piece.l
    full: set[int] = set()
    for other in done:
        if min(other.l, other.r) < high and max(other.l, other.r) > low:
            full.add(other.track)
            if (other.r > other.l) == down and (other.l > piece.l) == (other.r > piece.r) == down:
                least = max(least, other.track + 1)
    while least in full:
        least += 1
    return least


def _place_many(piece: Piece, least: int, done: Table, near: float) -> int:
    """As :func:`_place_few`; what is done is an array of columns (low, high, l, r, track)."""
    low, high = min(piece.l, piece.r) - near, max(piece.l, piece.r) + near
    beside = done[:, (done[0] < high) & (done[1] > low)]
    full = set(beside[4].astype(int).tolist())
    if piece.r > piece.l:
        before = beside[4, (beside[2] > piece.l) & (beside[3] > piece.r) & (beside[3] > beside[2])]
    else:
        before = beside[4, (beside[2] < piece.l) & (beside[3] < piece.r) & (beside[3] < beside[2])]
    if before.size:
        least = max(least, int(before.max()) + 1)
    while least in full:
        least += 1
    return least
