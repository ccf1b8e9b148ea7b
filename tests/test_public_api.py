"""What ``diagrad`` exports is documented, typed, shown by an example, and stands in the reference."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import diagrad as dg
from diagrad import nn, optim
from diagrad.array import composites, functions

ROOT = Path(__file__).parents[1]
EXPORTS: dict[str, Any] = {name: getattr(dg, name) for name in dir(dg)}
CALLABLES = {name: x for name, x in EXPORTS.items() if callable(x) and not isinstance(x, ModuleType)}
FUNCTIONS = {name: x for name, x in CALLABLES.items() if not isinstance(x, type)}

WITHOUT_EXAMPLE = {"Figure": "its method save has one"}
"""What has no example of its own, and why."""


def test_all_is_complete():
    parts = {path.stem for path in Path(dg.__file__).parent.iterdir()}
    public = {name for name in vars(dg) if not name.startswith("_")} - parts
    helpers = {"Any", "TYPE_CHECKING", "composites", "functions", "importlib"}
    assert public - helpers - set(dir(dg)) == set()


@pytest.mark.parametrize("name", EXPORTS)
def test_it_is_documented(name: str):
    assert inspect.getdoc(EXPORTS[name])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_typed(name: str):
    signature = inspect.signature(FUNCTIONS[name])
    assert signature.return_annotation is not signature.empty
    assert [x.name for x in signature.parameters.values() if x.annotation is x.empty] == []


@pytest.mark.parametrize("name", CALLABLES)
def test_it_has_an_example_or_a_reason(name: str):
    shown = ">>> " in (inspect.getdoc(CALLABLES[name]) or "")
    assert shown != (name in WITHOUT_EXAMPLE), "give it an example, or take it from WITHOUT_EXAMPLE"


@pytest.mark.parametrize("name", [name for name, x in EXPORTS.items() if isinstance(x, type)])
def test_public_methods_are_documented(name: str):
    members = {key: x for key, x in vars(EXPORTS[name]).items() if key[0] != "_"}
    methods = [key for key, x in members.items() if callable(x) or isinstance(x, property)]
    assert [key for key in methods if not inspect.getdoc(members[key])] == []


def test_reference_lists_everything():
    text = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs/api").glob("*.md"))
    families = {
        name for module in (composites, functions) for name in module.__all__
    }  # listed by a directive
    families |= set(functions.FAMILIES.names())
    listed = (
        families
        | set(re.findall(r"^\.\. auto\w+:: (?:[\w.]+\.)?(\w+)$", text, re.MULTILINE))
        | {"DiagradError"}
    )
    assert [name for name in CALLABLES if name not in listed] == []


def test_draw_stays_a_function_after_its_package_is_imported():
    code = "import diagrad.draw, diagrad as dg; assert callable(dg.draw)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_version_is_stated_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dynamic"] == ["version"]
    assert f"version: {dg.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


PACKAGES = {"diagrad.nn": nn, "diagrad.nn.init": nn.init, "diagrad.optim": optim}
INSIDE = {
    f"{package}.{name}": getattr(module, name)
    for package, module in PACKAGES.items()
    for name in module.__all__
    if inspect.isfunction(getattr(module, name)) or isinstance(getattr(module, name), type)
}
"""What the packages export that are not in the top level."""


@pytest.mark.parametrize("name", INSIDE)
def test_packages_are_documented_typed_and_shown(name: str):
    x = INSIDE[name]
    assert ">>> " in (inspect.getdoc(x) or "")
    signature = inspect.signature(x)
    assert [p.name for p in signature.parameters.values() if p.annotation is p.empty] == []
    assert isinstance(x, type) or signature.return_annotation is not signature.empty


def test_reference_lists_the_packages():
    text = "".join((ROOT / f"docs/api/{page}.md").read_text(encoding="utf-8") for page in ("nn", "optim"))
    listed: set[str] = set()
    module = ""
    for kind, name in re.findall(r"^\.\. (currentmodule|auto\w+):: (\S+)$", text, re.MULTILINE):
        if kind == "currentmodule":
            module = name
        else:
            listed.add(f"{module}.{name}")
    assert listed == set(INSIDE)


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_state_what_they_export(package: str):
    module = PACKAGES[package]
    assert len(module.__all__) == len(set(module.__all__))
    modules = {name for name, x in vars(module).items() if isinstance(x, ModuleType)}
    public = {name for name in vars(module) if name[0] != "_"}
    assert public - modules == set(module.__all__) - modules
