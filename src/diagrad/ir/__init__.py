"""The one graph that everything makes and everything uses."""

from .build import Builder
from .dtype import DType, from_short, is_differentiable, short_name
from .evaluate import evaluate
from .folding import Folding
from .graph import Graph, Index, Node, Role, Scope, Value, subgraphs
from .op import Constant, Glyph, Input, Names, Notation, Op, Rule, Sample, Spec
from .signature import Port, Shape, Signature
from .source import Site, user_site
from .text import format_graph, parse
from .verify import verify

__all__ = [
    "Builder",
    "Constant",
    "DType",
    "Folding",
    "Glyph",
    "Graph",
    "Index",
    "Input",
    "Names",
    "Node",
    "Notation",
    "Op",
    "Port",
    "Role",
    "Rule",
    "Sample",
    "Scope",
    "Shape",
    "Signature",
    "Site",
    "Spec",
    "Value",
    "evaluate",
    "format_graph",
    "from_short",
    "is_differentiable",
    "parse",
    "short_name",
    "subgraphs",
    "user_site",
    "verify",
]
