"""``diagrad gallery``: the files and the page."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from diagrad.cli import main
from diagrad.cli.gallery import jobs
from diagrad.cli.gallery_page import Shown, page
from diagrad.gallery import ENTRIES, Entry

Output = pytest.CaptureFixture[str]
VOID = {"meta", "input", "br"}


class Checker(HTMLParser):
    """Collects what a page has, and complains when tags do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: dict[str, int] = {}
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given[key] or "" for key in ("href", "src") if key in given]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids)), "ids clash"
    assert all(link.startswith("#") and link[1:] in checker.ids for link in checker.links), (
        "the page needs other files"
    )
    assert "script" not in checker.tags
    return checker


def test_everything(tmp_path: Path, capsys: Output) -> None:
    folder = tmp_path / "new" / "figures"
    assert main(["gallery", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out == f"{folder / 'index.html'}\n"
    assert "drawing 100%" in err
    assert {path.name for path in folder.iterdir()} == {f"{job.name}.svg" for job in jobs()} | {"index.html"}
    text = (folder / "index.html").read_text(encoding="utf-8")
    checker = checked(text)
    assert checker.tags["svg"] == len(jobs())
    assert checker.tags["section"] == len(ENTRIES)
    for entry in ENTRIES:
        assert escape(entry.title) in text


def test_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert main(["gallery", str(tmp_path / name), "--only", "circuit", "--only", "add", "-q"]) == 0
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == 1 + 7 + 1
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_dark_and_png(tmp_path: Path) -> None:
    assert main(["gallery", str(tmp_path), "--only", "circuit", "--style", "dark", "--png", "-q"]) == 0
    assert (tmp_path / "circuit.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in tmp_path.iterdir()} == {"circuit.png", "circuit.svg", "index.html"}


def test_list(capsys: Output) -> None:
    assert main(["gallery", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [entry.key for entry in ENTRIES]


def test_messages(tmp_path: Path, capsys: Output) -> None:
    assert main(["gallery"]) == 1
    assert "fix:      diagrad gallery figures" in capsys.readouterr().err
    assert main(["gallery", str(tmp_path), "--only", "aple"]) == 1
    assert capsys.readouterr().err.startswith(
        "diagrad: the gallery has no entry 'aple'; did you mean 'apples'?"
    )
    (tmp_path / "file").write_text("")
    assert main(["gallery", str(tmp_path / "file"), "--only", "add"]) == 1
    assert capsys.readouterr().err.startswith(f"diagrad: cannot write {tmp_path / 'file'}")


def test_the_command_under_a_figure_draws_that_figure(capsys: Output) -> None:
    import shlex

    for entry in ENTRIES:
        words = shlex.split(entry.command)
        assert main([*words[1:], "-o", "-", "-q"]) == 0
        assert capsys.readouterr().out == entry.draw().svg


def test_texts_are_escaped() -> None:
    nasty = "<script>&\"'"
    entry = Entry(nasty, nasty, nasty, nasty, "x", source=nasty)
    text = page([Shown(entry, "both", "all", nasty, "<svg></svg>")])
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
