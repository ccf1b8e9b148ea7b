"""Sphinx: pages in Markdown, the reference from docstrings. ``sphinx-build -W docs site``"""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import diagrad
from diagrad.array import composites, functions
from diagrad.ir import Op
from diagrad.passes.stabilise import REWRITES

project = "diagrad"
author = "The diagrad authors"
copyright = "2026, the diagrad authors"
version = release = diagrad.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 2
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "diagrad"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_type_aliases = {"ArrayLike": "ArrayLike", "Rule": "Rule", "Axis": "Axis", "Shape": "Shape"}
napoleon_numpy_docstring = False
suppress_warnings = ["ref.python"]  # "shape" in a docstring is a word; several classes have it as attribute
python_maximum_signature_line_length = 90


class Ops(SphinxDirective):
    """A section for each registered op: its signature, its docstring, what others call it."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        diagrad.ops.load()
        own = {name: op for name, op in Op.registry.items() if op.__module__.startswith("diagrad.ops")}
        text = "\n".join(section(name, op) for name, op in sorted(own.items()))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


class Functions(SphinxDirective):
    """The functions of the namespace, a section for each family."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        modules = [*functions.FAMILIES.load(), composites]
        return self.parse_text_to_nodes("\n".join(map(family, modules)), allow_section_headings=True)


def family(module: ModuleType) -> str:
    """The Markdown of one family of functions."""
    title, _, about = (module.__doc__ or "").partition("\n\n")
    listed = "\n".join(f".. autofunction:: {name}\n" for name in module.__all__)
    reference = f"```{{eval-rst}}\n.. currentmodule:: diagrad\n\n{listed}```"
    return f"## {title.strip().rstrip('.')}\n\n{about}\n\n{reference}\n"


class Rewrites(SphinxDirective):
    """A table of the stability rewrites: what is written, what is computed, why."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        rows = ["| written | computed | because |", "|---|---|---|"]
        for rewrite in REWRITES:
            written = " or ".join(f"`{pattern}`" for pattern in rewrite.patterns)
            rows.append(f"| {written} | {rewrite.name} | {rewrite.reason} |".replace("|x|", "\\|x\\|"))
        return self.parse_text_to_nodes("\n".join(rows))


def section(name: str, op: type[Op]) -> str:
    """The Markdown of one op."""
    names = (("ONNX", op.names.onnx), ("PyTorch", op.names.torch), ("JAX", op.names.jax))
    others = " · ".join(f"{who} `{other}`" for who, other in names if other)
    doc = re.sub(r":\w+:`~?([\w.]+)`", r"`\1`", op.__doc__ or "").replace("``", "`")
    doc = "\n".join(line.strip() for line in doc.splitlines())
    return f"## {name}\n\n`{op.signature}`\n\n{doc}\n\n{others}\n"


def escape_marks(
    _app: Sphinx, _what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """``|x|`` is an absolute value and ``*S`` any number of sizes, not reStructuredText's marks."""
    for at, line in enumerate(lines):
        if not line.lstrip().startswith(">>>"):
            lines[at] = re.sub(r"(?<=[ (])\*(?=\w+[,)…])", r"\\*", re.sub(r"(?<!`)\|", r"\\|", line))


def setup(app: Sphinx) -> None:
    """Register the directive and the hook."""
    app.add_directive("ops", Ops)
    app.add_directive("functions", Functions)
    app.add_directive("rewrites", Rewrites)
    app.connect("autodoc-process-docstring", escape_marks)
