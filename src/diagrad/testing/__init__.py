"""For people who add ops or trust nobody: sample inputs, gradient checks, conformance of an op."""

from .conformance import check_op
from .gradients import GradientReport, GradientRow, check_gradients
from .samples import draw_inputs, samples_of

__all__ = ["GradientReport", "GradientRow", "check_gradients", "check_op", "draw_inputs", "samples_of"]
