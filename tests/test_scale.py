"""A hundred thousand nodes and a million: no recursion, linear time, no cycles, memory comes back."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

import diagrad as dg
from diagrad.autodiff.graphs import joint
from diagrad.ir import Glyph, Graph, Op, parse
from diagrad.passes import explicit
from work import calls

LONG = 100_000


def chain(x: Any, length: int) -> Any:
    """x, then x + c or x · c, in turn: ``length`` nodes."""
    one, almost = dg.asarray(1e-6), dg.asarray(1.0 - 1e-9)
    for k in range(length):
        x = x * almost if k % 2 else x + one
    return x


@pytest.fixture(autouse=True)
def _collected() -> Generator[None]:
    """No garbage of an earlier test is counted here."""
    gc.collect()
    yield
    gc.enable()


def ours() -> list[Any]:
    """Objects of this package that only the collector of cycles could free."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return [x for x in gc.garbage if type(x).__module__.startswith("diagrad")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


def test_a_long_chain_is_built_differentiated_and_freed():
    x = dg.array(1.0)
    y = chain(x, LONG)
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == pytest.approx((1.0 - 1e-9) ** (LONG // 2), rel=1e-12)
    alive = weakref.ref(y)
    gc.disable()
    del y
    assert alive() is None


def test_a_long_chain_as_a_graph():
    graph = dg.trace(lambda x: chain(x, LONG))(1.0)
    assert len(graph) == LONG + 2  # and two constants
    text = str(graph)
    assert parse(text) == graph
    assert len(explicit(graph)) == len(graph) + 2  # each constant branches
    both = joint(graph)
    run = both.graph.run(1.0, 1.0)
    assert run.outputs[0] == graph.run(1.0).outputs[0]
    (of_x,) = (run.values[both.gradient[x]] for x in graph.inputs)
    assert of_x == pytest.approx((1.0 - 1e-9) ** (LONG // 2), rel=1e-12)


def test_a_value_used_a_hundred_thousand_times():
    x = dg.array(2.0)
    terms = [x * dg.asarray(float(k)) for k in range(LONG)]
    y = dg.add_n(*terms)
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == LONG * (LONG - 1) / 2
    graph = dg.graph(y)
    assert max(len(node.outputs) for node in explicit(graph).nodes) == LONG


def test_work_is_linear():
    def work(length: int) -> int:
        def there_and_back() -> None:
            y = chain(dg.array(1.0), length)
            y.backward()
            parse(str(dg.graph(y)))

        return calls(there_and_back)

    work(10)
    assert work(20_000) < 10.5 * work(2_000)


def test_a_million_nodes():
    x = dg.array(1.0)
    y = chain(x, 1_000_000)
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(1 - 5e-4, abs=1e-6)
    del x, y


def test_deep_scopes():
    x = dg.array(1.0)
    with dg.scope("outermost"):
        scopes = []
        for _ in range(3000):
            scope = dg.scope("s")
            scope.__enter__()
            scopes.append(scope)
        y = dg.exp(x)
        for scope in reversed(scopes):
            scope.__exit__(None, None, None)
    graph = dg.graph(y)
    assert graph.nodes[0].scope is not None
    assert len(graph.nodes[0].scope.path) == 3001
    assert parse(str(graph)) == graph


def network(x: Any, w: Any, b: Any, labels: Any) -> Any:
    return dg.softmax_cross_entropy(dg.affine(dg.relu(x), w, b), labels)


def test_no_cycles_of_references():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    labels = [0, 1, 2, 0, 1]
    gc.collect()
    gc.disable()
    x, w, b = map(dg.array, data)
    loss = network(x, w, b, labels)
    loss.backward()
    graph = dg.trace(network)(*data, labels)
    assert isinstance(graph.index.users, dict)
    everything: list[Any] = [
        loss,
        w.grad,
        x,
        w,
        b,
        graph,
        graph.backward(),
        joint(explicit(graph)),
        parse(str(graph)),
    ]
    dg.grad(dg.grad(lambda v: v**3))(dg.array(2.0)).backward()
    dead = [weakref.ref(y) for y in everything]
    del everything, loss, x, w, b, graph
    assert all(ref() is None for ref in dead)
    assert ours() == []


def test_a_stored_gradient_that_is_differentiable_holds_its_leaf_until_it_is_reset():
    """As in PyTorch: x.grad is computed from x. ``dg.grad`` gives such a gradient without storing it."""
    gc.disable()
    x = dg.array(2.0)
    (x**3).backward(create_graph=True)
    alive = weakref.ref(x)
    x.grad = None
    del x
    assert alive() is None


def test_errors_leave_nothing_behind():
    def attempts() -> weakref.ref[dg.Array]:
        x = dg.array(np.ones((2, 3)))
        for attempt in (lambda: x @ x, x.backward, lambda: x + np.ones(4), lambda: x[7]):
            with pytest.raises(dg.DiagradError):
                attempt()
        return weakref.ref(x)

    alive = attempts()
    gc.collect()
    assert alive() is None


def test_memory_comes_back():
    x = dg.array(1.0)
    y = chain(x, 5_000)  # fills the interpreter's free lists
    y.backward()
    dg.graph(y)
    del y
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(3):
            y = chain(x, 10_000)
            y.backward()
            dg.graph(y)
            del y
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < 400_000  # one chain is some 4 MB; the interpreter keeps free tuples


def test_a_hundred_thousand_training_steps_leave_memory_flat():
    rng = np.random.default_rng(0)
    X, t = rng.normal(size=(8, 3)), rng.normal(size=8)
    w, b = dg.parameter(np.zeros(3)), dg.parameter(0.0)

    def step() -> None:
        nonlocal w, b
        loss = dg.mean(dg.square(X @ w + b - t))
        loss.backward()
        w, b = dg.parameter(w.data - 0.1 * w.grad.data), dg.parameter(b.data - 0.1 * b.grad.data)

    for _ in range(500):
        step()
    gc.collect()
    gc.disable()
    blocks: list[int] = []
    for at in range(100_000):
        step()
        if at % 25_000 == 24_999:
            blocks.append(sys.getallocatedblocks())
    assert max(blocks) - min(blocks) < 100  # one more object kept by each step would make 75,000
    best = np.linalg.lstsq(np.column_stack([X, np.ones(8)]), t, rcond=None)[0]
    np.testing.assert_allclose([*w.data, b.data], best, rtol=1e-9)


def test_the_graph_of_a_graph_keeps_no_numbers_alive():
    x = dg.array(np.zeros(1000))
    y = dg.exp(x)
    data = weakref.ref(y.data.base if y.data.base is not None else y.data)
    graph: Graph = dg.graph(y)
    del x, y
    assert data() is None
    assert len(graph) == 1


@dataclass(frozen=True)
class _Probe(Op):
    """The identity, whose backward rule notes how much memory is in use."""

    signature = "x[...] -> y[...]"
    glyph = Glyph("Probe")
    kinds = "f"
    seen: ClassVar[list[int]] = []

    def forward(self, x: Any) -> Any:
        return x

    def backward(self, g: Any) -> Any:
        self.seen.append(tracemalloc.get_traced_memory()[0])
        return g


def test_a_value_goes_as_soon_as_the_backward_pass_has_used_it():
    x = np.linspace(-1, 1, 100_000)

    def deep(x: Any) -> Any:
        x = _Probe()(x)
        for _ in range(20):
            x = dg.tanh(x)
        return dg.sum(_Probe()(x))

    _Probe.seen.clear()
    tracemalloc.start()
    try:
        dg.grad(deep)(x)
    finally:
        tracemalloc.stop()
    end, begin = [used / x.nbytes for used in _Probe.seen]
    assert end > 20  # every value of tanh is still needed
    assert begin < 5
