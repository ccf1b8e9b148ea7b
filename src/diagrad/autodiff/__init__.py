"""Derivatives, graph to graph: reverse mode from one sweep."""

from .api import backward, grad, value_and_grad
from .graphs import Joint, backward_graph, joint

__all__ = ["Joint", "backward", "backward_graph", "grad", "joint", "value_and_grad"]
