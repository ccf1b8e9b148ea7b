"""Lanes: level ways along the rim of the drawing for wires that span very many layers.

Each lane hugs the skyline of the columns it passes, shorter lanes first, so lanes nest like the tracks of
the left-edge algorithm (Hashimoto, Stevens 1971).
"""

from __future__ import annotations

import numpy as np

from .items import Items
from .metrics import SPACE, Metrics


def assign_lanes(items: Items, heights: list[float], lanes: set[int], m: Metrics) -> dict[int, float]:
    """The y of each lane."""
    if not lanes:
        return {}
    top = np.array([min(heights[i] - items.up[i] for i in column) for column in items.columns])
    bottom = np.array([max(heights[i] + items.down[i] for i in column) for column in items.columns])
    spans = {w: (items.column[items.paths[w][-2]], items.column[items.paths[w][-1]]) for w in lanes}
    found: dict[int, float] = {}
    for w in sorted(lanes, key=lambda w: (spans[w][1] - spans[w][0], w)):
        passed = slice(spans[w][0], spans[w][1] + 1)
        if w in items.upper:
            found[w] = float(top[passed].min()) - SPACE - m.gap
            top[passed] = found[w] - m.gap
        else:
            found[w] = float(bottom[passed].max()) + SPACE + m.gap
            bottom[passed] = found[w] + m.gap
    return found
