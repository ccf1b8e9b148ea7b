"""Where a value came from: the instruction, its line, its variables. Needs no more than the package."""

from __future__ import annotations

import sys
from typing import Any

from diagrad.ir import Site


class Probe:
    """An object whose every use notes the instruction that made it."""

    def __init__(self) -> None:
        frame = sys._getframe(1)
        while frame.f_code.co_filename == __file__ and frame.f_code.co_name.startswith(("_probe", "__")):
            assert frame.f_back is not None
            frame = frame.f_back
        self.site = Site(frame.f_code, frame.f_lasti)

    def __add__(self, other: Any) -> Probe:
        return Probe()

    def __neg__(self) -> Probe:
        return Probe()

    def __getitem__(self, index: Any) -> Probe:
        return Probe()

    def __call__(self, *args: Any, **kwargs: Any) -> Probe:
        return Probe()

    @property
    def __T__(self) -> Probe:
        return Probe()

    @property
    def names(self) -> tuple[str, ...]:
        return self.site.variables


def _probe() -> Probe:
    return Probe()


def test_plain():
    p = _probe()
    q = p + p
    r = -p
    s = p[0]
    t = p(1, 2, key=3)
    assert [v.names for v in (p, q, r, s, t)] == [("p",), ("q",), ("r",), ("s",), ("t",)]


def test_inner_steps_are_not_named():
    p = _probe()
    kept = []
    q = p(kept.append(p + p) or p)  # the sum is an argument's argument
    r = (p + p) + (p + p)
    assert q.names == ("q",)
    assert r.names == ("r",)


def test_displays_and_chains():
    p = _probe()
    a, b = p + p, -p
    c, d, e = p[0], p[1], p[2]
    f = g = p + p
    assert [v.names for v in (a, b, c, d, e, f)] == [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]
    assert f is g


def test_unpacking_names_all():
    site: list[Site] = []

    def many() -> tuple[int, int]:
        frame = sys._getframe(1)
        site.append(Site(frame.f_code, frame.f_lasti))
        return 1, 2

    x, y = many()
    assert (x, y) == (1, 2)
    assert site[0].variables == ("x", "y")


def test_attributes_and_items_have_none():
    p = _probe()

    class Box:
        pass

    box: Any = Box()
    box.y = p + p
    things = {"y": p + p}
    things["z"] = p + p
    assert [v.names for v in (box.y, things["y"], things["z"])] == [(), (), ()]


def test_long_functions():
    """Arguments above 255 need an extended instruction."""
    lines = [f"v{k} = p + p" for k in range(400)] + ["r = [" + ", ".join(f"v{k}" for k in range(400)) + "]"]
    scope: dict[str, Any] = {"p": _probe()}
    exec("def f(p):\n    " + "\n    ".join(lines) + "\n    return r", scope)
    assert [v.names for v in scope["f"](scope["p"])] == [(f"v{k}",) for k in range(400)]


def test_line_and_text():
    p = _probe()
    q = p + p  # here
    assert q.site.line == p.site.line + 1
    assert str(q.site).endswith(f":{q.site.line}, in test_line_and_text: q = p + p  # here")


def test_many_lines():
    p = _probe()
    q = (
        p
        + p
        + p
    )  # fmt: skip
    assert q.names == ("q",)


def test_code_without_a_file():
    scope: dict[str, Any] = {"p": _probe()}
    exec("q = p + p", scope)
    assert scope["q"].names == ("q",)
    assert str(scope["q"].site) == "<string>:1, in <module>"
