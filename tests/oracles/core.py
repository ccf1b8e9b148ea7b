"""The elementary ops and those of a classic network, in NumPy, PyTorch and JAX."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from . import TORCH_DTYPES, Oracle


def filled(index: tuple[Any, ...], arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """The index with its integer arrays put in."""
    rest = iter(arrays)
    return tuple(next(rest) if isinstance(part, str) else part for part in index)


def indexed(index: tuple[Any, ...], x: Any, arrays: tuple[Any, ...], stack: Any = np.stack) -> Any:
    """x[index], slice by slice along the axes that x and the integer arrays share."""
    if isinstance(index[0], str) and index[0] == "each":
        rows = [tuple(a[at] for a in arrays) for at in range(len(x))]
        return stack([indexed(index[1:], x[at], row, stack) for at, row in enumerate(rows)])
    return x[filled(index, arrays)]


def numbers_at(index: tuple[Any, ...], shape: tuple[int, ...], arrays: tuple[Any, ...]) -> Any:
    """The numbers, in C order, of the elements that x[index] has."""
    number = np.arange(int(np.prod(shape))).reshape(shape)
    return np.array(indexed(index, number, tuple(map(np.asarray, arrays))))


def _flat_last(x: Any, axes: tuple[int, ...]) -> Any:
    """The axes to be reduced as one last axis."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    moved = np.transpose(x, (*kept, *axes))
    count = int(np.prod([x.shape[a] for a in axes], dtype=int))
    return moved.reshape(*(x.shape[a] for a in kept), count)


def _repeat(op: Any, x: Any) -> Any:
    for axis, times in sorted(zip(op.axes, op.times, strict=True)):
        x = np.stack([x] * times, axis) if times else np.zeros((*x.shape[:axis], 0, *x.shape[axis:]), x.dtype)
    return x


def _expand(op: Any, x: Any) -> Any:
    for axis in sorted(op.axes):
        x = x.reshape((*x.shape[:axis], 1, *x.shape[axis:]))
    return x


def _place(op: Any, x: Any) -> Any:
    number = np.arange(int(np.prod(op.to))).reshape(op.to)[op.index]
    y = np.zeros(int(np.prod(op.to)), x.dtype)
    y[np.asarray(number).ravel()] = np.asarray(x).ravel()
    return y.reshape(op.to)


def _place_add(op: Any, x: Any, *indices: Any) -> Any:
    number = numbers_at(op.index, op.to, indices)
    y = np.zeros(int(np.prod(op.to)), x.dtype)
    for at, element in zip(number.ravel(), np.asarray(x).ravel(), strict=True):
        y[at] += element
    return y.reshape(op.to)


def _loop_sum(xs: tuple[Any, ...]) -> Any:
    return list(accumulate(xs, np.add))[-1]


def _abs(op: Any, x: Any) -> Any:
    if x.dtype.kind == "c":
        return np.hypot(x.real, x.imag)
    return np.maximum(x, -x) if x.dtype.kind != "u" else x


NUMPY: dict[str, Oracle] = {
    "Abs": _abs,
    "Add": lambda op, x, y: np.add(x, y),
    "AddN": lambda op, *xs: _loop_sum(xs),
    "And": lambda op, x, y: x & y,
    "ArgMax": lambda op, x: np.argsort(-x.astype(float), axis=op.axis, kind="stable").take(0, op.axis),
    "ArgMin": lambda op, x: np.argsort(x, axis=op.axis, kind="stable").take(0, op.axis),
    "AsType": lambda op, x: np.array(x, dtype={"bool": bool, "f32": "f4", "f64": "f8", "i64": "i8"}[op.to]),
    "Branch": lambda op, x: tuple(x for _ in range(op.n)),
    "Concatenate": lambda op, *xs: (
        np.swapaxes(np.vstack([np.swapaxes(x, 0, op.axis) for x in xs]), 0, op.axis)
        if xs[0].ndim > 1
        else np.hstack(xs)
    ),
    "Cos": lambda op, x: np.cos(x),
    "Divide": lambda op, x, y: np.true_divide(x, y),
    "Equal": lambda op, x, y: np.equal(x, y),
    "Exp": lambda op, x: np.exp(x),
    "ExpandDims": _expand,
    "Expm1": lambda op, x: np.expm1(x),
    "Greater": lambda op, x, y: np.greater(x, y),
    "GreaterEqual": lambda op, x, y: np.greater_equal(x, y),
    "Index": lambda op, x, *indices: indexed(op.index, x, indices),
    "Less": lambda op, x, y: np.less(x, y),
    "LessEqual": lambda op, x, y: np.less_equal(x, y),
    "Log": lambda op, x: np.log(x),
    "Log1p": lambda op, x: np.log1p(x),
    "MatMul": lambda op, x, w: np.einsum("...mk,...kn->...mn", x, w),
    "Max": lambda op, x: np.sort(_flat_last(x, op.axes), axis=-1)[..., -1],
    "Maximum": lambda op, x, y: np.stack([x, y]).max(0),
    "Mean": lambda op, x: _flat_last(x, op.axes).sum(-1) / x.dtype.type(_flat_last(x, op.axes).shape[-1]),
    "Min": lambda op, x: _flat_last(x, op.axes).min(-1),
    "Minimum": lambda op, x, y: np.stack([x, y]).min(0),
    "Multiply": lambda op, x, y: np.multiply(x, y),
    "Negative": lambda op, x: np.negative(x),
    "Not": lambda op, x: ~x,
    "NotEqual": lambda op, x, y: np.not_equal(x, y),
    "Or": lambda op, x, y: x | y,
    "Place": _place,
    "PlaceAdd": _place_add,
    "Power": lambda op, x, y: np.power(x, y),
    "PowerScalar": lambda op, x: np.power(x, op.n),
    "Relu": lambda op, x: np.clip(x, 0, None),
    "Repeat": _repeat,
    "Reshape": lambda op, x: np.array(x.ravel().tolist(), x.dtype).reshape(op.to),
    "Sigmoid": lambda op, x: 1 / (1 + np.exp(-x)),
    "Sign": lambda op, x: np.sign(x),
    "Sin": lambda op, x: np.sin(x),
    "Slice": lambda op, x: x[op.index],
    "Sqrt": lambda op, x: np.sqrt(x),
    "Square": lambda op, x: np.square(x),
    "Squeeze": lambda op, x: x[tuple(0 if a in op.axes else slice(None) for a in range(x.ndim))],
    "Split": lambda op, x: tuple(np.split(x, np.cumsum(op.sizes)[:-1], op.axis)),
    "Stack": lambda op, *xs: np.moveaxis(np.array(xs), 0, op.axis),
    "Subtract": lambda op, x, y: np.subtract(x, y),
    "Sum": lambda op, x: _flat_last(x, op.axes).sum(-1, dtype=x.dtype),
    "Tanh": lambda op, x: np.tanh(x),
    "Transpose": lambda op, x: np.moveaxis(x, op.axes, range(x.ndim)),
    "Unstack": lambda op, x: tuple(x.take(at, op.axis) for at in range(op.n)),
    "Where": lambda op, c, x, y: np.choose(c, [y, x]),
}


def torch_table() -> dict[str, Oracle]:
    """The same in PyTorch."""
    import torch

    def reduce(name: str) -> Oracle:
        function = getattr(torch, name)
        return lambda op, x: function(x, dim=op.axes) if op.axes else x

    def where_steps(index: tuple[Any, ...], x: Any) -> Any:
        """Basic indexing; PyTorch has no negative steps, so flip first."""
        missing = x.ndim - sum(part is not None and part is not Ellipsis for part in index)
        full: list[Any] = []
        for part in index:
            full += [slice(None)] * missing if part is Ellipsis else [part]
        axis = 0
        for at, part in enumerate(full):
            if isinstance(part, slice) and (part.step or 1) < 0:
                places = range(*part.indices(x.shape[axis]))
                x = x.index_select(axis, torch.tensor(list(places), dtype=torch.int64))
                full[at] = slice(None)
            axis += part is not None
        return x[tuple(full)]

    def place(op: Any, x: Any, *indices: Any) -> Any:
        if indices:
            number = torch.tensor(numbers_at(op.index, op.to, indices))
        else:
            number = where_steps(op.index, torch.arange(int(np.prod(op.to))).reshape(op.to))
        zeros = torch.zeros(int(np.prod(op.to)), dtype=x.dtype)
        return zeros.index_add(0, number.reshape(-1), x.reshape(-1)).reshape(op.to)

    def repeat(op: Any, x: Any) -> Any:
        for axis in sorted(op.axes):
            x = x.unsqueeze(axis)
        size = dict(zip(op.axes, op.times, strict=True))
        return x.expand(*(size.get(axis, n) for axis, n in enumerate(x.shape)))

    def expand(op: Any, x: Any) -> Any:
        for axis in sorted(op.axes):
            x = x.unsqueeze(axis)
        return x

    def transpose(op: Any, x: Any) -> Any:
        return x.permute(op.axes)

    plain = {
        "Abs": "abs",
        "Add": "add",
        "And": "logical_and",
        "Cos": "cos",
        "Divide": "div",
        "Equal": "eq",
        "Exp": "exp",
        "Expm1": "expm1",
        "Greater": "gt",
        "GreaterEqual": "ge",
        "Less": "lt",
        "LessEqual": "le",
        "Log": "log",
        "Log1p": "log1p",
        "MatMul": "matmul",
        "Maximum": "maximum",
        "Minimum": "minimum",
        "Multiply": "mul",
        "Negative": "neg",
        "Not": "logical_not",
        "NotEqual": "ne",
        "Or": "logical_or",
        "Power": "pow",
        "Relu": "relu",
        "Sigmoid": "sigmoid",
        "Sign": "sign",
        "Sin": "sin",
        "Sqrt": "sqrt",
        "Square": "square",
        "Subtract": "sub",
        "Tanh": "tanh",
        "Where": "where",
    }
    return {
        **{op: (lambda op, *xs, f=getattr(torch, name): f(*xs)) for op, name in plain.items()},
        "AddN": lambda op, *xs: torch.stack(xs).sum(0),
        "ArgMax": lambda op, x: x.argmax(op.axis),
        "ArgMin": lambda op, x: x.argmin(op.axis),
        "AsType": lambda op, x: x.to(getattr(torch, TORCH_DTYPES[op.to])),
        "Branch": lambda op, x: tuple(x.clone() for _ in range(op.n)),
        "Concatenate": lambda op, *xs: torch.cat(xs, op.axis),
        "ExpandDims": expand,
        "Index": lambda op, x, *indices: indexed(op.index, x, indices, torch.stack),
        "Max": reduce("amax"),
        "Mean": reduce("mean"),
        "Min": reduce("amin"),
        "Place": place,
        "PlaceAdd": place,
        "Repeat": repeat,
        "PowerScalar": lambda op, x: x**op.n,
        "Reshape": lambda op, x: x.reshape(op.to),
        "Slice": lambda op, x: where_steps(op.index, x),
        "Squeeze": lambda op, x: x.squeeze(op.axes) if op.axes else x,
        "Split": lambda op, x: x.split(op.sizes, op.axis),
        "Unstack": lambda op, x: x.unbind(op.axis),
        "Stack": lambda op, *xs: torch.stack(xs, op.axis),
        "Sum": reduce("sum"),
        "Transpose": transpose,
    }


def jax_table() -> dict[str, Oracle]:
    """The same in JAX."""
    import jax
    import jax.numpy as jnp

    def place(op: Any, x: Any, *indices: Any) -> Any:
        if not indices:
            return jnp.zeros(op.to, x.dtype).at[op.index].add(x)
        number = numbers_at(op.index, op.to, indices).ravel()
        return jnp.zeros(int(np.prod(op.to)), x.dtype).at[number].add(x.ravel()).reshape(op.to)

    def repeat(op: Any, x: Any) -> Any:
        size = dict(zip(op.axes, op.times, strict=True))
        wide = jnp.expand_dims(x, op.axes)
        return jnp.broadcast_to(wide, tuple(size.get(axis, n) for axis, n in enumerate(wide.shape)))

    plain = {
        "Abs": "abs",
        "Add": "add",
        "And": "logical_and",
        "Cos": "cos",
        "Divide": "divide",
        "Equal": "equal",
        "Exp": "exp",
        "Expm1": "expm1",
        "Greater": "greater",
        "GreaterEqual": "greater_equal",
        "Less": "less",
        "LessEqual": "less_equal",
        "Log": "log",
        "Log1p": "log1p",
        "MatMul": "matmul",
        "Maximum": "maximum",
        "Minimum": "minimum",
        "Multiply": "multiply",
        "Negative": "negative",
        "Not": "logical_not",
        "NotEqual": "not_equal",
        "Or": "logical_or",
        "Power": "power",
        "Sign": "sign",
        "Sin": "sin",
        "Sqrt": "sqrt",
        "Square": "square",
        "Subtract": "subtract",
        "Tanh": "tanh",
        "Where": "where",
    }
    return {
        **{op: (lambda op, *xs, f=getattr(jnp, name): f(*xs)) for op, name in plain.items()},
        "AddN": lambda op, *xs: jnp.stack(xs).sum(0),
        "ArgMax": lambda op, x: jnp.argmax(x, op.axis),
        "ArgMin": lambda op, x: jnp.argmin(x, op.axis),
        "AsType": lambda op, x: x.astype({"bool": bool, "f32": "f4", "f64": "f8", "i64": "i8"}[op.to]),
        "Branch": lambda op, x: (x,) * op.n,
        "Concatenate": lambda op, *xs: jnp.concatenate(xs, op.axis),
        "ExpandDims": lambda op, x: jnp.expand_dims(x, op.axes),
        "Index": lambda op, x, *indices: indexed(op.index, x, indices, jnp.stack),
        "Max": lambda op, x: jnp.max(x, op.axes),
        "Mean": lambda op, x: jnp.mean(x, op.axes),
        "Min": lambda op, x: jnp.min(x, op.axes),
        "Place": place,
        "PlaceAdd": place,
        "PowerScalar": lambda op, x: x**op.n,
        "Relu": lambda op, x: jax.nn.relu(x),
        "Repeat": repeat,
        "Reshape": lambda op, x: jnp.reshape(x, op.to),
        "Sigmoid": lambda op, x: jax.nn.sigmoid(x),
        "Slice": lambda op, x: x[op.index],
        "Squeeze": lambda op, x: jnp.squeeze(x, op.axes),
        "Split": lambda op, x: tuple(jnp.split(x, np.cumsum(op.sizes)[:-1], op.axis)),
        "Unstack": lambda op, x: tuple(jnp.unstack(x, axis=op.axis)),
        "Stack": lambda op, *xs: jnp.stack(xs, op.axis),
        "Sum": lambda op, x: jnp.sum(x, op.axes),
        "Transpose": lambda op, x: jnp.transpose(x, op.axes),
    }
