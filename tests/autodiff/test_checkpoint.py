"""checkpoint: the same numbers and derivatives, less kept; stop_gradient."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad.array.array import Array
from diagrad.errors import NotDifferentiableError

W = np.linspace(-1, 1, 9).reshape(3, 3)


def block(x: Any, w: Any) -> Any:
    a, b = dg.branch(dg.tanh(x @ w))
    return dg.sin(a) * dg.exp(b) + x


def chain(wrap: Callable[[Any], Any], n: int = 3) -> Any:
    step = wrap(block)

    def f(x: Any, w: Any) -> Any:
        for _ in range(n):
            x = step(x, w)
        return (x * x).sum()

    return f


PLAIN, KEPT = chain(lambda f: f), chain(dg.checkpoint)
NESTED = dg.checkpoint(chain(lambda f: dg.checkpoint(lambda x, w: dg.checkpoint(f)(dg.sin(x), w) * 2)))
NESTED_PLAIN = chain(lambda f: lambda x, w: f(dg.sin(x), w) * 2)
X = np.array([[0.1, -0.5, 1.0], [0.3, 0.2, -0.7]])


@pytest.mark.parametrize(("plain", "kept"), [(PLAIN, KEPT), (NESTED_PLAIN, NESTED)])
def test_the_same_gradients_in_every_way(plain: Any, kept: Any):
    want = dg.grad(plain, (0, 1))(X, W)
    x, w = dg.array(X), dg.array(W)
    y = kept(x, w)
    assert y.item() == plain(X, W).item()
    y.backward(retain_graph=True)
    found = [dg.grad(kept, (0, 1))(X, W), (x.grad, w.grad), dg.grad(kept, (0, 1))(dg.array(X), dg.array(W))]
    x.grad = w.grad = None
    y.backward(create_graph=True, retain_graph=True)
    found.append((x.grad, w.grad))
    for got in found:
        for g, z in zip(got, want, strict=True):
            np.testing.assert_array_equal(g, z)


@pytest.mark.parametrize(("plain", "kept"), [(PLAIN, KEPT), (NESTED_PLAIN, NESTED)])
def test_other_derivatives(plain: Any, kept: Any):
    v = np.cos(X)
    for of in (
        lambda f: dg.jvp(f, (X, W), (v, W))[1],
        lambda f: dg.hvp(f, (X, W), (v, None)),
        lambda f: dg.vmap(dg.grad(f), (0, None))(X[:, None], W),
        lambda f: dg.jacobian(dg.grad(f))(X, W),
        lambda f: dg.grad(lambda x: dg.sum(dg.hvp(f, (x, W), (v, None)) ** 2))(X),
    ):
        np.testing.assert_allclose(of(kept), of(plain), rtol=1e-12)


def test_a_closure_over_arrays():
    w = dg.array(W)
    f = dg.checkpoint(lambda x: block(x, w))
    f(f(X)).sum().backward()
    got, w.grad = w.grad, None
    block(block(X, w), w).sum().backward()
    np.testing.assert_array_equal(got, w.grad)


def test_in_a_graph_it_is_a_scope_and_the_backward_pass_repeats_it():
    graph = dg.trace(KEPT)(X, W)
    plain = dg.trace(PLAIN)(X, W)
    assert {str(node.scope) for node in graph.nodes if node.scope} == {"block", "block_2", "block_3"}
    assert dg.ir.parse(str(graph)) == graph
    assert " @ ~block_2" in str(graph)

    def tanh(g: Any) -> int:
        return [node.op.name for node in g.nodes].count("Tanh")

    again, once = graph.backward(), plain.backward()
    assert (tanh(graph), tanh(plain), tanh(once), tanh(again)) == (3, 3, 3, 6)
    seed = np.float64(1)
    for a, b in zip(again.run(X, W, seed).outputs, once.run(X, W, seed).outputs, strict=True):
        np.testing.assert_array_equal(a, b)
    parsed = dg.ir.parse(str(graph)).backward()
    assert tanh(parsed) == 6


def alive(function: Any) -> int:
    """Bytes of numbers that intermediate values hold between forward and backward."""
    x = dg.array(X)
    y = function(x, W)
    stack, seen, total = [y], set[Array](), 0
    while stack:
        z = stack.pop()
        if z in seen:
            continue
        seen.add(z)
        stack += z._inputs
        total += 0 if z.traced or type(z._data) is tuple or z.is_leaf else z._data.nbytes * bool(z._inputs)
    return total


def test_only_inputs_and_results_are_kept():
    size = X.nbytes
    for n in (2, 4, 8):
        kept, plain = alive(chain(dg.checkpoint, n)), alive(chain(lambda f: f, n))
        assert kept == n * size + size + 8  # each block's result, the square, the sum
        assert plain > 5 * n * size
    assert alive(dg.checkpoint(chain(dg.checkpoint, 8))) == 8


def test_a_nested_one_is_not_kept_while_the_outer_one_is_repeated():
    """In the backward pass, too, only one inner block's steps are alive at a time."""
    counts: list[int] = []
    live = weakref.WeakSet[Array]()
    real = dg.ops.Tanh.backward

    def spy(self: Any, g: Any, y: Any) -> Any:
        counts.append(sum(not z.traced and type(z._data) is np.ndarray for z in live))
        return real(self, g, y)

    module = sys.modules[dg.checkpoint.__module__]
    made = module._repeated

    def remember(x: Array, inputs: Any) -> Array:
        z = made(x, inputs)
        live.add(z)
        return z

    for nested in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dg.ops.Tanh, "backward", spy)
            patch.setattr(module, "_repeated", remember)
            live.clear()
            f = dg.checkpoint(chain(dg.checkpoint if nested else lambda f: f, 16))
            f(dg.array(X), W).backward()
    inner, outer = max(counts[:16]), max(counts[16:])
    assert inner < outer / 2


def test_structures_and_names():
    f = dg.checkpoint(lambda p: {"y": p["a"] * p["a"], "z": [p["a"] + 1.0]})
    a = dg.array(3.0)
    out = f({"a": a})
    (out["y"] * out["z"][0]).backward()
    assert a.grad.item() == 6 * 4 + 9
    result = dg.checkpoint(dg.exp)(a)
    assert result.name == "result"


def test_nothing_is_repeated_without_need():
    x = dg.array(2.0)
    y = dg.checkpoint(lambda x: x * x)(x)
    assert dg.graph(y).nodes[0].op.name == "Multiply"
    dg.draw(y)


# ---------------------------------------------------------------- stop_gradient


def test_stop_gradient_lets_numbers_through_and_no_gradient():
    assert dg.grad(lambda x: x * dg.stop_gradient(x))(3.0) == 3
    assert dg.jvp(lambda x: (x, dg.stop_gradient(x * x)), (3.0,), (1.0,)) == ((3, 9), (1, 0))
    assert dg.jacobian(dg.stop_gradient)(3.0) == 0
    with pytest.raises(NotDifferentiableError, match="StopGradient has no derivative"):
        dg.grad(lambda x: dg.stop_gradient(x) * 2)(3.0)


def test_stop_gradient_stays_in_a_graph():
    graph = dg.trace(lambda x: x * dg.stop_gradient(x))(3.0)
    assert [node.op.name for node in graph.nodes] == ["StopGradient", "Multiply"]
    assert graph.backward().run(5.0, 1.0).outputs == (5.0,)
    straight = lambda x: x + dg.stop_gradient(dg.where(x > 0, 1.0, -1.0) - x)  # noqa: E731
    assert (straight(dg.array(0.3)).item(), dg.grad(straight)(0.3)) == (1, 1)
