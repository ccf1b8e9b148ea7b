"""Stack, Unstack, Concatenate and Split: one node each way, work linear in the number of parts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import diagrad as dg


def work(function: Any, *args: Any) -> tuple[list[str], int]:
    """The ops of a traced function, and how many elements they give in all."""
    nodes = [node for node in dg.trace(function)(*args).nodes if node.inputs]
    return [node.op.name for node in nodes], sum(math.prod(y.shape) for node in nodes for y in node.outputs)


def joined(*xs: Any) -> Any:
    return dg.sum(dg.sin(dg.stack(xs)))


def concatenated(*xs: Any) -> Any:
    return dg.sum(dg.sin(dg.concatenate([dg.reshape(x, (1,)) for x in xs])))


@pytest.mark.parametrize("function", [joined, concatenated])
def test_the_work_is_linear_in_the_number_of_parts(function: Any):
    def backward(n: int) -> int:
        return work(dg.grad(function, argnums=tuple(range(n))), *np.ones(n))[1]

    def forward(n: int) -> int:
        return work(lambda *xs: dg.jvp(function, xs, xs)[1], *np.ones(n))[1]

    def both(n: int) -> int:
        return work(lambda *xs: dg.hvp(function, xs, xs), *np.ones(n))[1]

    for count in (backward, forward, both):
        once, twice = count(20), count(40)
        assert twice <= 2 * once


def test_one_node_each_way():
    xs = [np.ones(2)] * 5
    names, _ = work(dg.grad(joined, argnums=tuple(range(5))), *xs)
    assert names.count("Unstack") == names.count("Stack") == 1
    assert "Slice" not in names
    names, _ = work(lambda *xs: dg.jvp(joined, xs, xs)[1], *xs)
    assert names.count("Stack") == 2
    assert not {"Place", "AddN", "Add"} & set(names)
    names, _ = work(dg.grad(lambda x: dg.sum(dg.sin(dg.split(x, 3)[0] * dg.split(x, 3)[2]))), np.ones(6))
    assert names.count("Split") == names.count("Concatenate") == 2


CUTS: list[Any] = [3, [1, 4], [-1], [0, 6], [2, 9], [4, 2], []]


@pytest.mark.parametrize("cuts", CUTS, ids=str)
@pytest.mark.parametrize("axis", [0, 1])
def test_split_as_in_numpy(cuts: Any, axis: int, rng: np.random.Generator):
    x = rng.normal(size=(6, 6))
    got, want = dg.split(x, cuts, axis=axis), np.split(x, cuts, axis)
    assert [y.tolist() for y in got] == [y.tolist() for y in want]


def test_an_axis_without_slices_has_none():
    assert dg.unstack(np.zeros((0, 3))) == ()
    assert [y.shape for y in dg.unstack(np.zeros((0, 3)), axis=1)] == [(0,)] * 3


def test_parts_that_nothing_uses_take_zeros():
    x = dg.array(np.arange(6.0).reshape(3, 2))
    first, _, last = dg.unstack(x)
    (first * last).sum().backward(create_graph=True)
    np.testing.assert_array_equal(x.grad, [[4, 5], [0, 0], [0, 1]])


def test_each_part_is_called_by_its_place():
    graph = dg.trace(lambda x: dg.sum(dg.unstack(x, axis=1)[1] * dg.split(x, [1], axis=1)[0][:, 0]))(
        np.ones((2, 3))
    )
    assert "Σ x[:, 1] · x[:, 0:1][:, 0]" in dg.draw(graph, branches=False).svg


def test_a_map_without_a_batched_form_works_in_line(rng: np.random.Generator):
    """Slice by slice, it takes the batch apart once and puts it together once."""

    class _Flip(dg.ir.Op, register=False):
        """y = x with its elements in reverse order."""

        signature = "x -> y"

        def forward(self, x: Any) -> Any:
            return x[::-1]

        def backward(self, g: Any) -> Any:
            return g[::-1]

        def shape(self, *shapes: Any) -> Any:
            return shapes

        def batched(self, n: int) -> None:
            return None

    x = rng.normal(size=(4, 3))
    flip = dg.vmap(lambda x: _Flip()(dg.asarray(x)))
    np.testing.assert_array_equal(flip(x), x[:, ::-1])
    assert work(flip, x)[0] == ["Unstack", *["_Flip"] * 4, "Stack"]
