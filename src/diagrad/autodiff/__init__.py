"""Derivatives, graph to graph: reverse mode from one sweep, forward mode by turning that around."""

from .api import backward, grad, value_and_grad
from .custom import CustomRule, custom_rule
from .graphs import Joint, backward_graph, joint
from .implicit import implicit
from .transforms import directional, hessian, hvp, jacobian, jvp, vjp
from .vectorise import vmap

__all__ = [
    "CustomRule",
    "Joint",
    "backward",
    "backward_graph",
    "custom_rule",
    "directional",
    "grad",
    "hessian",
    "hvp",
    "implicit",
    "jacobian",
    "joint",
    "jvp",
    "value_and_grad",
    "vjp",
    "vmap",
]
