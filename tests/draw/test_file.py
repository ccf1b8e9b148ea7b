"""The file: bytes, ids, names from outside, contrast, saving."""

from __future__ import annotations

import os
import re
import stat
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import diagrad as dg
from diagrad.draw import draw
from diagrad.draw.gates import check, compare
from diagrad.draw.measure import shown
from diagrad.draw.readback import read
from diagrad.draw.style import STYLES, Style, contrast
from diagrad.errors import InputError, OutputError, ShapeError

HEBREW, ARABIC = "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d 12"
HOSTILE = [
    "<&\"'>", "]]><script>alert(1)</script>", HEBREW, ARABIC, "😀🎉", "a\nb\tc", "x" * 300, "\x00\x07\x1b",
    "\u202eevil", "v₁", "漢字", " ", "{x}", "\ud800", "\ue000", "-->", "%s", "&amp;", "L",
]  # fmt: skip


def product() -> dg.Array:
    x, y = dg.array(2.0, name="x"), dg.array(3.0, name="y")
    return x * y


def test_same_graph_same_bytes() -> None:
    assert draw(product()).svg == draw(product()).svg


def test_ids_are_unique_and_two_figures_do_not_clash() -> None:
    first, second = read(draw(product()).svg).ids, read(draw(product(), style="dark").svg).ids
    assert len(set(first)) == len(first)
    assert not set(first) & set(second)


def test_nothing_that_scripts_or_fetches() -> None:
    svg = draw(product()).svg
    for word in ("<script", "foreignObject", "href", "url(", "<style", "@import", "onload"):
        assert word not in svg
    assert svg.count("http") == 1  # the namespace


def test_figure_and_nodes_speak() -> None:
    root = ET.fromstring(draw(product(), gradient=1.5).svg)
    space = {"s": "http://www.w3.org/2000/svg"}
    assert root.get("role") == "graphics-document"
    ids = {element.get("id") for element in root.iter()}
    assert set(root.get("aria-labelledby", "").split()) <= ids
    nodes = root.findall("s:g[@class='node']", space)
    assert len(nodes) == 4
    for node in nodes:
        assert node.findtext("s:title", namespaces=space)
        assert len(node.findtext("s:desc", namespaces=space) or "") > 10
    (times,) = (n.findtext("s:desc", namespaces=space) for n in nodes if n.get("data-op") == "Multiply")
    assert times
    assert "= 1.5 × 3 = 4.5" in times
    assert "= 6" in times


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_data(name: str) -> None:
    x = dg.array(2.0, name=name)
    y = x * x + dg.exp(x)
    figure = draw(y)
    assert check(figure.svg) == []
    about = figure.content
    assert compare(figure.svg, about.graph, about.values, about.gradients) == []
    figure.svg.encode()
    assert "<script" not in figure.svg
    figure.text().encode("utf-8", "strict" if name != "\ud800" else "replace")


def test_right_to_left_text_is_isolated() -> None:
    svg = draw(dg.array(1.0, name=HEBREW) * 2.0).svg
    assert shown(HEBREW) == f"\u2068{HEBREW}\u2069"
    assert 'unicode-bidi="isolate"' in svg
    root = ET.fromstring(draw(dg.array(1.0, name="\u202eevil") * 2.0).svg)
    assert not any("\u202e" in (element.text or "") for element in root.iter())


def test_the_whole_name_stays_in_the_file() -> None:
    name = "weights of the very first layer of the encoder"
    assert {node.name for node in read(draw(dg.array(1.0, name=name) * 2.0).svg).nodes} >= {name}


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.name)
def test_contrast(style: Style) -> None:
    grounds = [style.background, *style.tints, style.odd, style.node_fill]
    for ink in (style.ink, style.backward_ink):
        for ground in grounds:
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(style.muted, style.background) >= 4.5
    for fill in (
        style.input_fill,
        style.parameter_fill,
        style.constant_fill,
        style.loss_fill,
        style.node_fill,
    ):
        assert contrast(style.ink, fill) >= 4.5
    for pen in (style.forward.colour, style.backward.colour):
        assert contrast(pen, style.background) >= 3
    assert style.backward.width > 1.5 * style.forward.width
    assert style.backward.half > style.forward.half


def test_dark_is_dark() -> None:
    svg = draw(product(), style="dark").svg
    assert check(svg) == []
    assert re.search(r'class="page"[^>]*fill="#161b22"', svg)


def test_save_svg_and_png(tmp_path: Path) -> None:
    figure = draw(product())
    assert figure.save(tmp_path / "a.svg") == tmp_path / "a.svg"
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == figure.svg
    small = figure.save(str(tmp_path / "a.png"), scale=1).read_bytes()
    large = figure.save(tmp_path / "a.PNG", scale=3).read_bytes()
    assert small.startswith(b"\x89PNG")
    assert len(large) > len(small)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.PNG", "a.png", "a.svg"]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("a.jpg", "cannot save a figure as 'a.jpg'"),
        ("a", "cannot save a figure as 'a'"),
        ("no/such/folder/a.svg", "does not exist"),
        ("folder.svg", "is a folder"),
    ],
)
def test_save_errors(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(OutputError) as caught:
        draw(product()).save(tmp_path / name)
    assert what in str(caught.value)
    assert caught.value.expected
    assert caught.value.got
    assert caught.value.fix
    assert [path.name for path in tmp_path.iterdir()] == ["folder.svg"]


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.svg"
    target.write_text("old")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OutputError, match="No space left"):
        draw(product()).save(target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_one_may_not_write_in(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IREAD | stat.S_IEXEC)
    with pytest.raises(OutputError, match="cannot write"):
        draw(product()).save(tmp_path / "a.svg")


def test_rich_display() -> None:
    figure = draw(product())
    bundle = figure._repr_mimebundle_()
    assert bundle["image/svg+xml"] == figure.svg
    assert bundle["text/plain"] == figure.text() == str(figure)
    assert figure._mime_() == ("image/svg+xml", figure.svg)


@pytest.mark.parametrize(
    ("options", "error", "what"),
    [
        ({"passes": "sideways"}, InputError, "passes='sideways'"),
        ({"show": "everything"}, InputError, "show='everything'"),
        ({"style": "baroque"}, InputError, "no style 'baroque'"),
        ({"gradient": [1.0, 2.0]}, ShapeError, "upstream gradient"),
    ],
)
def test_bad_options(options: dict[str, object], error: type[Exception], what: str) -> None:
    with pytest.raises(error) as caught:
        draw(product(), **options)  # type: ignore[arg-type]
    assert what in str(caught.value)


def test_only_graphs_are_drawn() -> None:
    with pytest.raises(InputError, match="cannot draw a str"):
        draw("X @ W")  # type: ignore[arg-type]


def test_nothing_recurses() -> None:
    x = dg.array(0.5, name="x")
    y = x
    for _ in range(1500):
        y = dg.tanh(y)
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    try:
        figure = draw(y)
    finally:
        sys.setrecursionlimit(old)
    assert len(read(figure.svg).edges) == 1501


def test_large_figures_keep_to_what_fits() -> None:
    x = dg.array(np.ones(50), name="x")
    for _ in range(40):
        x = dg.tanh(x + 1.0)
    drawn = read(draw(x).svg)
    said = {text.what for edge in drawn.edges for group in edge.texts.values() for text in group}
    assert said == {"name", "shape"}
