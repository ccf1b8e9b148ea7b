"""The ops: each in one place, with its definition, its rule, its sign and its names."""

from .arithmetic import Add, Divide, Multiply, Negative, Power, PowerScalar, Subtract
from .choice import (
    Abs,
    And,
    AsType,
    Equal,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Maximum,
    Minimum,
    Not,
    NotEqual,
    Or,
    Sign,
    Where,
)
from .index import Index, Place, PlaceAdd, Slice
from .reduce import ArgMax, ArgMin, Max, Mean, Min
from .shape import Concatenate, ExpandDims, Reshape, Squeeze, Stack, Transpose
from .structure import AddN, Branch, MatMul, Repeat, Sum
from .transcendental import Cos, Exp, Expm1, Log, Log1p, Relu, Sigmoid, Sin, Sqrt, Square, Tanh

__all__ = [
    "Abs", "Add", "AddN", "And", "ArgMax", "ArgMin", "AsType", "Branch", "Concatenate", "Cos", "Divide",
    "Equal", "Exp", "ExpandDims", "Expm1", "Greater", "GreaterEqual", "Index", "Less", "LessEqual", "Log",
    "Log1p", "MatMul", "Max", "Maximum", "Mean", "Min", "Minimum", "Multiply", "Negative", "Not",
    "NotEqual", "Or", "Place", "PlaceAdd", "Power", "PowerScalar", "Relu", "Repeat", "Reshape", "Sigmoid",
    "Sign", "Sin", "Slice", "Sqrt", "Square", "Squeeze", "Stack", "Subtract", "Sum", "Tanh", "Transpose",
    "Where",
]  # fmt: skip
