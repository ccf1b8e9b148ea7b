"""For people who add ops or trust nobody: sample inputs, gradient checks, conformance of an op."""

from .conformance import check_op
from .gradients import check_gradients
from .random_graphs import random_graph
from .report import GradientReport, GradientRow
from .samples import draw_inputs, samples_of

__all__ = [
    "GradientReport",
    "GradientRow",
    "check_gradients",
    "check_op",
    "draw_inputs",
    "random_graph",
    "samples_of",
]
