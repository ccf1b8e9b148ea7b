"""Einstein's sum: products of arrays, summed over axes named by letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from ...errors import ShapeError
from ...ir import user_site
from ..align import cast, promote, to_array
from ..array import Array, ArrayLike
from ..context import composite
from ..contraction import Labels, Term, plan, product_of, without_repeats, without_thin

__all__ = ["einsum"]


@composite
def einsum(*operands: Any, optimize: Any = True) -> Array:
    """y[output] = Σ Π of the operands over the labels that the output does not name.

    ``"ij,jk->ik"`` is a matrix product, ``"ii"`` a trace, ``"...i,...i->..."`` a dot product of each row.
    Without ``->`` the output has the labels that occur once, in alphabetical order, after the ellipsis.

    The operands are contracted two at a time, in the order that needs the fewest multiplications, as
    Transpose, Reshape, MatMul, Multiply and Sum nodes: its derivatives are theirs.

    Args:
        operands: the subscripts and the arrays; or each array followed by a list of integers for its axes,
            and, last, one for the output. Axes of size 1 broadcast.
        optimize: False contracts from left to right.

    Raises:
        ShapeError: the subscripts do not fit the arrays; the text names the label and the sizes.

    Method: pairwise contraction (Pfeifer, Haegeman & Verstraete 2014; opt_einsum, Smith & Gray 2018).

    >>> import diagrad as dg
    >>> A, x = dg.array([[1.0, 2.0], [3.0, 4.0]]), dg.array([1.0, 10.0])
    >>> dg.einsum("ij,j->i", A, x), dg.einsum("ii", A)
    (array([21., 43.]), array(5.))
    """
    if operands and isinstance(operands[0], str):
        text, given = operands[0], operands[1:]
    else:
        text, given = _interleaved(operands)
    arrays = [to_array(x) for x in given]
    inputs, output = _labels(text, arrays)
    dtype = promote([x.dtype for x in arrays])
    size = _sizes(text, inputs, arrays)
    terms = [without_repeats(Term(cast(x, dtype), names)) for x, names in zip(arrays, inputs, strict=True)]
    terms = [without_thin(term, size) for term in terms]
    pairs = [(0, 1)] * (len(terms) - 1)
    if optimize is not False and len(terms) > 2:
        sets = tuple(frozenset(term.labels) for term in terms)
        pairs = plan(sets, frozenset(output), tuple(sorted(size.items())))
    elif len(terms) > 2:
        pairs = [(0, 1), *((0, left - 1) for left in range(len(terms) - 1, 1, -1))]
    return product_of(terms, output, pairs)


def _interleaved(operands: Sequence[Any]) -> tuple[str, Sequence[ArrayLike]]:
    """``x, [0, 1], y, [1, 2], [0, 2]`` as subscripts and arrays."""

    def text(axes: Sequence[Any]) -> str:
        return "".join("..." if axis is Ellipsis else _LETTERS[axis] for axis in axes)

    pairs = len(operands) // 2
    inputs = ",".join(text(operands[2 * at + 1]) for at in range(pairs))
    output = f"->{text(operands[-1])}" if len(operands) % 2 else ""
    return inputs + output, operands[: 2 * pairs : 2]


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _labels(text: str, arrays: Sequence[Array]) -> tuple[list[Labels], Labels]:
    """The label of each axis of each operand and of the output; of ``...`` they count from the last."""
    left, arrow, right = text.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(arrays) or not arrays:
        _fail(text, f"{len(parts)} groups of labels for {len(arrays)} operands", arrays)
    inputs = [
        _spelled(text, part, x, at, arrays) for at, (part, x) in enumerate(zip(parts, arrays, strict=True))
    ]
    every = [label for part in inputs for label in part]
    dots = max((tuple(label for label in part if label[0] == "…") for part in inputs), key=len)
    if not arrow:
        once = sorted(label for label in every if every.count(label) == 1 and label not in dots)
        return inputs, (*dots, *once)
    if right.count("...") > 1 or not set(right.replace("...", "")) <= set(_LETTERS):
        _fail(text, f"cannot read the output {right!r}", arrays)
    before, ellipsis, after = right.partition("...")
    output = (*before, *(dots if ellipsis else ()), *after)
    for label in output:
        if label not in every:
            _fail(text, f"the output's label {label!r} is in no operand", arrays)
        if output.count(label) > 1:
            _fail(text, f"the output names label {label!r} twice", arrays)
    return inputs, output


def _spelled(text: str, part: str, x: Array, at: int, arrays: Sequence[Array]) -> Labels:
    """The labels of one operand's axes."""
    before, ellipsis, after = part.partition("...")
    if not set(before + after) <= set(_LETTERS):
        _fail(text, f"cannot read {part!r}: labels are letters, and ... stands once at most", arrays)
    free = x.ndim - len(before) - len(after)
    if free < 0 or (free and not ellipsis):
        _fail(text, f"{part!r} names {len(before + after)} axes, {_name(x, at)} has {x.ndim}", arrays)
    return (*before, *(f"…{back}" for back in range(free, 0, -1)), *after)


def _sizes(text: str, inputs: Sequence[Labels], arrays: Sequence[Array]) -> dict[str, int]:
    """The size of each label; 1 gives way to any other."""
    seen: dict[str, tuple[int, str]] = {}
    for at, (labels, x) in enumerate(zip(inputs, arrays, strict=True)):
        for label, size in zip(labels, x.shape, strict=True):
            old = seen.setdefault(label, (size, _name(x, at)))
            if old[0] == 1:
                seen[label] = (size, _name(x, at))
            elif size not in (1, old[0]) or (size == 1 and labels.count(label) > 1):
                what = f"label {label!r}" if label[0] != "…" else f"axis -{label[1:]} of the ellipsis"
                _fail(text, f"{what} is {old[0]} in {old[1]} but {size} in {_name(x, at)}", arrays)
    return {label: size for label, (size, _) in seen.items()}


def _name(x: Array, at: int) -> str:
    return x.name or f"x{at + 1}"


def _fail(text: str, what: str, arrays: Sequence[Array]) -> NoReturn:
    raise ShapeError(
        f"einsum: {what}",
        where=str(user_site(2)),
        expected=f"operands for {text!r}",
        got=", ".join(f"{_name(x, at)}{x.shape}" for at, x in enumerate(arrays)),
        fix="give each axis of each operand one letter, and axes of one letter one size",
    )
