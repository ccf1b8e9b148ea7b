"""The gates are strict: whatever is tampered with, one of them complains."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import diagrad as dg
from diagrad.draw import draw
from diagrad.draw.gates import check, compare
from diagrad.draw.readback import read

X = dg.array([[1.0, 2.0], [3.0, 4.0]], name="X")
W = dg.parameter([[0.5, 1.5], [2.5, -1.0]], name="W")
Y = X @ W + dg.parameter([0.25, 0.75], name="b")
FIGURE = draw(Y)
ABOUT = FIGURE.content


def faults(svg: str) -> list[str]:
    return check(svg) + compare(svg, ABOUT.graph, ABOUT.values, ABOUT.gradients)


def test_the_figure_itself_is_sound() -> None:
    assert faults(FIGURE.svg) == []


def sub(pattern: str, new: str | Callable[[re.Match[str]], str], count: int = 1) -> Callable[[str], str]:
    def change(svg: str) -> str:
        changed, n = re.subn(pattern, new, svg, count=count, flags=re.DOTALL)
        assert n, f"{pattern} is not in the figure"
        return changed

    return change


def swap_edges(svg: str) -> str:
    edge = re.search(r'<g class="edge".*?\n</g>\n(?=<g class="edge"|<g class="node")', svg, re.DOTALL)
    assert edge
    return svg.replace(edge[0], edge[0] + edge[0])


def onto_first_node(svg: str) -> str:
    x0, y0, _, y1 = read(svg).nodes[0].box
    return sub(r'(<text class="forward" x=")[\d.]+(" y=")[\d.]+', rf"\g<1>{x0}\g<2>{(y0 + y1) / 2}")(svg)


CHANGES: dict[str, tuple[Callable[[str], str], str]] = {
    "a number": (sub(r">1\.5<", ">1.6<"), "numbers differ"),
    "a whole number": (sub(r'data-value="2\.5"', 'data-value="2.51"'), "numbers differ"),
    "a missing number": (
        sub(r'<text class="backward"[^>]*data-what="cell".*?</text>', ""),
        "numbers differ",
    ),
    "no labels": (sub(r'<text class="(forward|backward)".*?</text>', "", 0), "says nothing"),
    "a missing edge": (sub(r'<g class="edge".*?\n</g>\n(?=<g class="edge")', ""), "is missing"),
    "an edge twice": (swap_edges, "times"),
    "a wrong edge": (sub(r'data-source="x0"', 'data-source="x2"'), "not in the graph"),
    "a missing backward arrow": (sub(r'<path class="backward-line"[^>]*/>', ""), "backward arrow"),
    "no head": (sub(r'<path class="forward-head"[^>]*/>', ""), "no head"),
    "a loose end": (sub(r'(class="forward-line" d="M)([\d.]+)', r"\g<1>90"), "off the outline"),
    "a moved node": (sub(r'(class="outline" x=")([\d.]+)', r"\g<1>260"), "off the outline"),
    "a label off the page": (sub(r'(<text class="forward" x=")[\d.]+', r"\g<1>99999"), "leaves the page"),
    "a label on a node": (onto_first_node, "overlaps node"),
    "labels on each other": (
        sub(r'(<text class="\w+"[^>]*?x=")[\d.]+(" y=")[\d.]+', r"\g<1>150\g<2>40", 0),
        "overlap",
    ),
    "a label on an arrow": (
        sub(r'(<text class="backward"[^>]*?x="[\d.]+" y=")([\d.]+)', lambda m: m[1] + str(float(m[2]) - 22)),
        "struck",
    ),
    "an id twice": (sub(r'id="(\w+)-e1"', r'id="\1-e0"'), "is used 2 times"),
    "a shape": (sub(r'data-shape="2,2"', 'data-shape="2,3"'), "is said to be"),
    "a mirrored arrow turned": (
        sub(r'backward-line" d="M([\d.]+),([\d.]+) H([\d.]+)"', r'backward-line" d="M\3,\2 H\1"'),
        "same way",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_tampering_is_seen(change: str) -> None:
    tamper, complaint = CHANGES[change]
    found = faults(tamper(FIGURE.svg))
    assert any(complaint in fault for fault in found), found
