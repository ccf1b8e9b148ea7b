"""Derivatives, graph to graph: reverse mode from one sweep, forward mode by turning that around."""

from .api import backward, grad, value_and_grad
from .bodies import pullback, pushforward
from .custom import CustomRule, custom_rule
from .graphs import Joint, backward_graph, joint
from .implicit import implicit
from .transforms import directional, hessian, hvp, jacobian, jvp, vjp
from .vectorise import batched_graph, vmap

__all__ = [
    "CustomRule",
    "Joint",
    "backward",
    "backward_graph",
    "batched_graph",
    "custom_rule",
    "directional",
    "grad",
    "hessian",
    "hvp",
    "implicit",
    "jacobian",
    "joint",
    "jvp",
    "pullback",
    "pushforward",
    "value_and_grad",
    "vjp",
    "vmap",
]
