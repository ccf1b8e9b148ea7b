"""Derivatives, graph to graph: reverse mode from one sweep, forward mode by turning that around."""

from .api import backward, grad, value_and_grad
from .graphs import Joint, backward_graph, joint
from .transforms import directional, hessian, hvp, jacobian, jvp, vjp
from .vectorise import vmap

__all__ = [
    "Joint",
    "backward",
    "backward_graph",
    "directional",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "joint",
    "jvp",
    "value_and_grad",
    "vjp",
    "vmap",
]
