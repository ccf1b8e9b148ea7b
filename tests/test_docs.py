"""The code in the README and in docs/ runs and prints what the pages say.

``pycon`` blocks are doctests. A ``python`` block runs as a file of its own; a ``text`` block right after
it is what it prints, or the last lines of the traceback it ends with. A ``console`` block runs its ``$
diagrad …`` lines and shows what they print. All blocks of a page share their names and an empty folder.

``pytest tests/test_docs.py --update-golden`` rewrites what blocks print, and the pictures.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import linecache
import re
import runpy
import shlex
import traceback
from pathlib import Path
from typing import Any

import pytest

from diagrad.ir import Op

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
BLOCK = re.compile(
    r"^```(pycon|python|console)\n(.*?)^```\n(?:\n?```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Op, "registry", dict(Op.registry))  # a page may add an op
    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "__main__"}
    update = request.config.getoption("--update-golden")

    def run(block: re.Match[str]) -> str:
        kind, code, expected = block.groups()
        line = text.count("\n", 0, block.start()) + 2
        if kind == "pycon":
            check_examples(code, names, f"{page.name}:{line}")
            return block.group()
        if kind == "console":
            got, expected = commands(code), code
            new = block.group().replace(code, got)
        else:
            got = execute(code, names)
            new = block.group().replace(f"```text\n{expected}", f"```text\n{got}")
        if doctest.OutputChecker().check_output(expected or "", got, OPTIONS):
            return block.group()
        assert update, f"{page.name}:{line} expects\n{expected}\nand gets\n{got}"
        return new

    new = BLOCK.sub(run, text)
    if update and new != text:
        page.write_text(new, encoding="utf-8")


def check_examples(code: str, names: dict[str, Any], where: str) -> None:
    """Run the doctests of a block, in and into ``names``."""
    test = doctest.DocTestParser().get_doctest(code, names, where, None, 0)
    report = io.StringIO()
    results = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(
        test, out=report.write, clear_globs=False
    )
    names.update(test.globs)
    assert results.failed == 0, report.getvalue()


def execute(code: str, names: dict[str, Any], file: str = "example.py") -> str:
    """What a block prints, and its error as a traceback's last lines say it."""
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code, file, "exec"), names)
    except Exception as error:
        out.write("".join(traceback.format_exception_only(error)))
    return out.getvalue()


def commands(code: str) -> str:
    """The block's ``$ diagrad …`` lines, each with what it prints."""
    from diagrad.cli import main

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        for line in code.splitlines():
            if line.startswith("$ diagrad "):
                print(line)
                main(shlex.split(line)[2:])
    return out.getvalue()


def test_errors_page_shows_every_error():
    from diagrad import errors

    page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    kinds = [
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    ]
    bases = {"DiagradError", "DifferentiationError", "LinearAlgebraError"}
    assert [name for name in kinds if name not in bases and f"## {name}\n" not in page] == []


PICTURES = {
    "affine": ["affine.svg"],
    "read_a_report": ["kernels.svg"],
    "stability": ["log_softmax-before.svg", "log_softmax-after.svg"],
}
"""The pictures of the docs, by the example that draws them."""


@pytest.mark.parametrize("example", PICTURES)
def test_pictures_are_those_of_the_examples(example: str, tmp_path: Path, request: pytest.FixtureRequest):
    runpy.run_path(str(ROOT / f"examples/{example}.py"))["main"](tmp_path)
    for name in PICTURES[example]:
        picture = ROOT / "docs/images" / name
        if request.config.getoption("--update-golden"):
            picture.write_bytes((tmp_path / name).read_bytes())
        assert picture.read_bytes() == (tmp_path / name).read_bytes()


def test_readme_links_to_files_that_exist():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []
