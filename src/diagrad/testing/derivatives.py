"""What every op's derivatives must satisfy besides being derivatives: in other modes, batches and numbers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..array.array import Array, apply, constant, leaf
from ..autodiff.forward import evaluate, linear, tangents, turn
from ..autodiff.reverse import sweep
from ..autodiff.vectorise import Lane, batched
from ..errors import GraphError, LinearAlgebraError
from ..ir import Sample, Shape, Spec, is_differentiable
from .samples import draw_inputs


def check_forward_mode(sample: Sample, *, seed: int = 0, rtol: float = 1e-10) -> None:
    """Forward and reverse mode must be transposes: ⟨u, J·v⟩ = ⟨Jᵀ·u, v⟩.

    Raises:
        GraphError: they are not.
    """
    rng = np.random.default_rng(seed)
    xs = _leaves(draw_inputs(sample, rng))
    ys = _outputs(sample, xs)
    free = [x for x in xs if x.is_leaf]
    vs = [constant(rng.normal(size=x.shape)[()] if x.shape else np.float64(rng.normal())) for x in free]
    us: list[Any] = [_random(rng, y) for y in ys]
    pushed = tangents(ys, free, vs, records=False)
    pulled = _pull(ys, us, free)
    columns = [(u, np.asarray(d._data)) for u, d in zip(us, pushed, strict=True)]
    rows = [(g, np.asarray(v._data)) for g, v in zip(pulled, vs, strict=True)]
    one, other = (sum(float(np.sum(a * b)) for a, b in pairs) for pairs in (columns, rows))
    scale = sum(float(np.sum(np.abs(u * d))) for u, d in columns)
    if not abs(one - other) <= rtol * max(scale, 1e-30):
        raise GraphError(
            f"{sample.op}: forward mode is not the transpose of reverse mode",
            expected=f"⟨Jᵀ·u, v⟩ = {other}",
            got=f"⟨u, J·v⟩ = {one}",
            fix="let the rule be linear in g, and use operators, NumPy functions and ops on it",
        )


def check_tangent(sample: Sample, *, seed: int = 0, rtol: float = 1e-12) -> None:
    """An op's own rule of forward mode must give what the transpose of its backward rule gives.

    Raises:
        GraphError: it does not, or gives another shape or dtype.
    """
    if not sample.op.pushes:
        return
    rng = np.random.default_rng(seed)
    xs = _leaves(draw_inputs(sample, rng))
    ys = _outputs(sample, xs)
    free = [x for x in xs if x.is_leaf]
    hats = [leaf(x.spec, "input") for x in free]
    given = {hat: constant(_random(rng, x)) for hat, x in zip(hats, free, strict=True)}
    own, turned = (evaluate(linear(ys, free, hats, rule), given)[0] for rule in (turn, None))
    if own.spec != turned.spec or not np.allclose(own._data, turned._data, rtol=rtol, atol=rtol):
        raise GraphError(
            f"{sample.op}: its rule of forward mode is not the transpose of its backward rule",
            expected=repr(turned._data),
            got=repr(own._data),
            fix="correct tangent, or leave it out: the transpose is then used",
        )


def check_batched(sample: Sample, *, seed: int = 0, n: int = 3) -> None:
    """``vmap`` of the op must give what a loop gives, values and gradients.

    Raises:
        GraphError: it does not.
    """
    rng = np.random.default_rng(seed)
    dtype = next(_WIDEST[kind] for kind in "fciub" if kind in sample.op.kinds)
    rows = [draw_inputs(sample, rng, dtype) for _ in range(n)]
    stacked = [np.stack(column) for column in zip(*rows, strict=True)]
    ones = [leaf(Spec(x.shape[1:], x.dtype), "input") for x in stacked]
    for shared in range(-1, len(stacked) if len(stacked) < 3 else 0):  # each input once the same for all
        used = [[x[0] if at == shared else x[k] for at, x in enumerate(stacked)] for k in range(n)]
        xs = [_leaf(x[0] if at == shared else x) for at, x in enumerate(stacked)]
        given = {one: Lane(x, at != shared) for at, (one, x) in enumerate(zip(ones, xs, strict=True))}
        together = batched(_outputs(sample, ones), given, n)
        single = [_leaves(row) for row in used]
        apart = [_outputs(sample, row) for row in single]
        for at, y in enumerate(together):
            _compare(
                sample, "its batched form gives another value", y._data, [row[at]._data for row in apart]
            )
        if sample.op.refuses or not all(y._active for y in together):
            continue
        us = [_random(rng, y) for y in together]
        free = [x for x in xs if x.is_leaf]
        pulled = dict(zip(free, _pull(together, us, free), strict=True))
        for at, x in enumerate(xs):
            if x.is_leaf:
                want = [
                    _pull(ys, [u[k] for u in us], [row[at]])[0]
                    for k, (ys, row) in enumerate(zip(apart, single, strict=True))
                ]
                got = pulled[x] if at != shared else [pulled[x]]
                _compare(
                    sample,
                    "its batched form has another gradient",
                    got,
                    want if at != shared else [sum(want)],
                )


_WIDEST = {"f": "float64", "c": "complex128", "i": "int64", "u": "uint32", "b": "bool"}


def check_complex(sample: Sample, *, seed: int = 0, rtol: float = 1e-6) -> None:
    """Of complex numbers, gradients must be ∂L/∂Re x − i ∂L/∂Im x for a real loss L.

    With L = Re Σ u · y, the change of L along a complex direction v must be Re Σ (Jᵀ·u) · v, without a
    conjugate. For a holomorphic op that says that its rule does not conjugate.

    Raises:
        GraphError: they are not.
    """
    rng = np.random.default_rng(seed)
    data = draw_inputs(sample, rng, "complex128")
    outputs = sample.op.infer([Spec(x.shape, x.dtype) for x in data])
    if not all(y.dtype.char in "dD" for y in outputs):
        return  # nothing to differentiate, or too few digits for differences
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)  # AsType, as NumPy's astype
        _check_complex(sample, data, rng, rtol)


def _check_complex(sample: Sample, data: Sequence[Any], rng: np.random.Generator, rtol: float) -> None:
    directions = [_random(rng, x) if x.dtype.kind == "c" else np.zeros_like(x) for x in data]
    xs = _leaves(data)
    ys = _outputs(sample, xs)
    us = [_random(rng, y) for y in ys]
    free = [(x, v) for x, v in zip(xs, directions, strict=True) if x.is_leaf]
    pulled = _pull(ys, us, [x for x, _ in free])
    analytic = sum(np.sum(g * v).real for g, (_, v) in zip(pulled, free, strict=True))

    def moved(h: float) -> Any:
        at = [(x + h * v)[()] if x.dtype.kind == "c" else x for x, v in zip(data, directions, strict=True)]
        return sum(np.sum(u * y._data).real for u, y in zip(us, _outputs(sample, _leaves(at)), strict=True))

    h = 1e-5
    numeric = (moved(h) - moved(-h)) / (2 * h)
    scale = max(abs(analytic), abs(numeric), sum(float(np.sum(np.abs(u))) for u in us), 1e-30)
    if not abs(analytic - numeric) <= rtol * scale:
        raise GraphError(
            f"{sample.op}: of complex numbers the rule gives another gradient than ∂L/∂Re x − i ∂L/∂Im x",
            expected=f"{numeric}",
            got=f"{analytic}",
            fix="do not conjugate in the rule of a holomorphic op",
        )


def check_layouts(sample: Sample, *, seed: int = 0) -> None:
    """The rule must give the same for inputs and upstream gradients that are strided views.

    Raises:
        GraphError: it does not.
    """
    rng = np.random.default_rng(seed)
    data = draw_inputs(sample, rng)
    found: list[list[Any]] = []
    us: list[Any] = []
    for view in (np.asarray, _strided):
        xs = [_leaf(view(x)[()]) for x in data]
        ys = _outputs(sample, xs)
        us = us or [_random(rng, y) for y in ys]
        found.append(_pull(ys, [view(u)[()] for u in us], [x for x in xs if x.is_leaf]))
    for plain, strided in zip(*found, strict=True):
        _compare(sample, "the rule depends on the memory's layout", strided, [plain], whole=True)


def check_special_values(sample: Sample, *, seed: int = 0) -> None:
    """NaN and infinity must go through the rule without an error, in inputs and in upstream gradients.

    Raises:
        GraphError: they do not, or NaN in every upstream gradient leaves a gradient of another spec.
    """
    for value in (np.nan, np.inf):
        data = [x.copy() for x in draw_inputs(sample, np.random.default_rng(seed))]
        for at, x in enumerate(data):
            if at not in sample.given and x.size:
                x.reshape(-1)[0] = value
        with np.errstate(all="ignore"), suppress(LinearAlgebraError):  # which says where they came from
            xs = _leaves(data)
            ys = _outputs(sample, xs)
            free = [x for x in xs if x.is_leaf]
            for g, x in zip(_pull(ys, [np.full(y.shape, value)[()] for y in ys], free), free, strict=True):
                if (g.shape, g.dtype) != (x.shape, x.dtype):
                    raise GraphError(
                        f"{sample.op}: with {value} the gradient has another shape or dtype",
                        expected=str(x.spec),
                        got=str(Spec(g.shape, g.dtype)),
                    )


def _strided(x: Any) -> Any:
    return np.repeat(x[::-1], 2, axis=0)[::-2] if x.ndim else x


def _leaf(x: Any) -> Array:
    return leaf(x, "input") if is_differentiable(x.dtype) else constant(x)


def _leaves(data: Sequence[Any]) -> list[Array]:
    return [_leaf(x[()]) for x in data]


def _outputs(sample: Sample, xs: Sequence[Array]) -> list[Array]:
    result = apply(sample.op, *xs)
    return list(result) if sample.op.multiple else [result]


def _pull(ys: Sequence[Array], us: Sequence[Any], xs: Sequence[Array]) -> list[Any]:
    """The gradient of each x; zeros where none flows."""
    found = sweep(ys, us, build=False, keep=xs)
    return [found.get(x, np.zeros(x.shape, x.dtype)) for x in xs]


def _random(rng: np.random.Generator, like: Any) -> Any:
    """Numbers of one's shape and dtype."""
    shape: Shape = like.shape
    x: Any = np.array(rng.normal(size=shape), like.dtype)
    return (x + 1j * rng.normal(size=shape) if like.dtype.kind == "c" else x)[()]


def _compare(sample: Sample, what: str, got: Any, want: Sequence[Any], whole: bool = False) -> None:
    rtol = 1e-5 if "f32" in str(sample.op) else 1e-12  # a cast on the way
    for mine, other in zip([got] if whole else got, want, strict=True):
        a, b = np.asarray(mine), np.asarray(other)
        scale = np.max(np.abs(b), initial=1.0) if b.dtype.kind in "fc" else 1
        close = a.shape == b.shape and a.dtype == b.dtype
        if not close or not np.allclose(a, b, rtol=rtol, atol=rtol * scale, equal_nan=True):
            raise GraphError(f"{sample.op}: {what}", expected=repr(b), got=repr(a))
