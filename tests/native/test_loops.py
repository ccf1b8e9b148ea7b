"""Loops and choices as machine code: against the NumPy engine, which runs their bodies node by node."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad import nn, ops
from diagrad.autodiff.graphs import joint
from diagrad.ir import Builder, Graph, Value
from diagrad.ir.evaluate import evaluate
from diagrad.native.control import Choice, Loop
from diagrad.native.program import Program, build
from diagrad.testing.random_graphs import random_graph
from natively import assert_agrees, run_natively

RNG = np.random.default_rng(0)
W, X, H = RNG.normal(size=(3, 3)) / 2, RNG.normal(size=(5, 3)), RNG.normal(size=3)


def agrees(function: Callable[..., Any] | Graph, *args: Any, **how: Any) -> Program:
    """Run natively what NumPy runs; the program, in which no loop is left to NumPy."""
    graph = function if isinstance(function, Graph) else dg.trace(function)(*args)
    with np.errstate(all="ignore"):
        want = evaluate(graph, [np.asarray(x)[()] for x in args])
    assert_agrees(run_natively(graph, args, **how), want, 500)
    program = build(graph)
    assert not any(
        isinstance(call.op, ops.Scan | ops.While | ops.Cond | ops.Switch) for call in program.calls
    )
    return program


def gradients(function: Callable[..., Any], *args: Any) -> Callable[..., Any]:
    return dg.value_and_grad(function, tuple(range(len(args))))


def kinds(program: Program) -> list[type]:
    return [type(item) for step in program.steps for item in step.items]


# ------------------------------------------------------------ scan


def rnn(W: Any, X: Any, h: Any, **how: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = dg.tanh(h @ W + x)
        return h, h * h

    h, ys = dg.scan(step, h, X, **how)
    return h.sum() + (ys * ys).sum()


HOW = [{}, {"reverse": True}, {"checkpoint": True}, {"checkpoint": 2}, {"checkpoint": 2, "reverse": True}]


@pytest.mark.parametrize("how", HOW, ids=str)
def test_scan_and_its_gradients(how: dict[str, Any]):
    def f(W: Any, X: Any, h: Any) -> Any:
        return rnn(W, X, h, **how)

    agrees(f, W, X, H)
    agrees(gradients(f, W, X, H), W, X, H)
    agrees(lambda *args: dg.jvp(f, args, args), W, X, H)
    agrees(dg.hessian(lambda h: f(W, X, h)), H)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 8])
def test_carries_of_every_kind(steps: int, reverse: bool):
    """Overwritten, by turns, exchanged, in rows, never changed; and a sequence that is none."""

    def step(carry: Any, x: Any) -> Any:
        a, b, c, d, e, n = carry
        new = (a + x, dg.flip(b, 0) * 0.5 + a, d, c, e, n + 1)
        return new, (b, new[0], x, e, n, a * c)

    def f(a: Any, b: Any, c: Any, d: Any, e: Any, n: Any, xs: Any) -> Any:
        return dg.scan(step, (a, b, c, d, e, n), xs, reverse=reverse)

    args = [RNG.normal(size=4) for _ in range(5)]
    agrees(f, *args, np.int32(3), RNG.normal(size=(steps, 4)))
    agrees(lambda *xs: f(*xs[:-1], dg.broadcast_to(xs[-1], (steps, 4))), *args, np.int32(3), args[0])
    agrees(lambda *xs: f(*xs[:-1], xs[-1].T[:, ::-1]), *args, np.int32(3), RNG.normal(size=(4, steps)))


def test_integers_booleans_and_other_precisions():
    def step(carry: Any, x: Any) -> Any:
        n, odd, total, half = carry
        return (n + x, ~odd, total + n, half + x.astype(np.float16)), (odd, n > 3)

    def f(n: Any, odd: Any, total: Any, half: Any, xs: Any) -> Any:
        return dg.scan(step, (n, odd, total, half), xs)

    xs = np.arange(7, dtype=np.int8)
    agrees(f, np.int8(1), np.array(True), np.array([0, 4], np.int64), np.float16(0.5), xs)


def test_a_thousand_steps():
    X = RNG.normal(size=(1000, 3))
    program = agrees(gradients(rnn, W, X, H), W, X, H)
    assert kinds(program).count(Loop) == 2
    assert not program.calls


def test_carries_are_never_copied():
    """A sum is added to where it lies; carries that are outputs lie in their rows."""
    program = build(dg.trace(gradients(rnn, W, X, H))(W, X, H))
    forward, back = (step for step in program.steps if step.routines)
    assert not any(forward.routines[0].over)
    (loop,) = back.items
    assert isinstance(loop, Loop)
    total = next(at for at, source in loop.turned.items() if loop.body.inputs[source].shape == (3, 3))
    assert back.routines[0].over[total]


def test_an_lstm_along_a_scan():
    params = {name: x.astype(np.float64) for name, x in nn.init.lstm(0, 5, 8).items()}
    params = {name: np.asarray(x) for name, x in params.items()}
    names = list(params)
    zeros = np.zeros((4, 8))

    def loss(xs: Any, *values: Any) -> Any:
        own = dict(zip(names, values, strict=True))

        def step(state: Any, x: Any) -> Any:
            state = nn.lstm_cell(own, x, state)
            return state, state[0]

        (h, c), ys = dg.scan(step, (zeros, zeros), xs)
        return (ys * ys).mean() + h.sum() + (c * c).sum()

    args = RNG.normal(size=(12, 4, 5)), *params.values()
    assert not agrees(gradients(loss, *args), *args).calls


def test_loops_within_loops():
    def inner(h: Any, x: Any) -> Any:
        h, rows = dg.scan(lambda c, y: (dg.sin(c * y) + x, c), h, dg.stack([x, h, x * h]))
        return h, rows.sum(0)

    def f(h: Any, xs: Any) -> Any:
        h, ys = dg.scan(inner, h, xs)
        return (h * h).sum() + ys.sum()

    program = agrees(f, H, X)
    (outer,) = (step.routines[0] for step in program.steps if step.routines)
    assert any(step.routines for step in outer.steps)
    agrees(gradients(f, H, X), H, X)


def test_a_body_that_numpy_helps_with():
    """Its calls find their arrays behind the pointers of the routine, at each step and at each depth."""

    def step(a: Any, x: Any) -> Any:
        a = a @ dg.linalg.inv(a + x * np.eye(3)) + x
        return a, dg.linalg.det(a)

    def f(a: Any, xs: Any) -> Any:
        return dg.scan(lambda a, x: dg.scan(step, a, dg.stack([x, x + 1])), a, xs)

    program = agrees(f, W + np.eye(3), np.arange(1.0, 5.0))
    assert program.calls


def test_what_numpy_raises_within_a_loop():
    def f(a: Any, xs: Any) -> Any:
        return dg.scan(lambda a, x: (dg.linalg.inv(a - x * np.eye(2)), None), a, xs)[0]

    compiled = dg.compile(f)
    a, xs = np.diag([2.0, 3.0]), np.array([1.0, 1.0])
    with pytest.raises(np.linalg.LinAlgError):
        compiled(a, xs)
    np.testing.assert_allclose(compiled(a, np.array([1.0, 0.0])), f(a, np.array([1.0, 0.0])).data)


def test_an_index_outside_within_a_loop():
    def f(table: Any, places: Any) -> Any:
        return dg.scan(lambda total, at: (total + table[at], None), dg.zeros(2), places)[0]

    compiled, table = dg.compile(f), RNG.normal(size=(4, 2))
    np.testing.assert_allclose(compiled(table, np.array([0, -1, 3])), table[[0, 3, 3]].sum(0))
    with pytest.raises((IndexError, dg.errors.DiagradError)):
        compiled(table, np.array([0, 4, 3]))


def test_donated_carries():
    def f(h: Any, xs: Any) -> Any:
        return dg.scan(lambda h, x: (dg.flip(h, 0) * 0.5 + x, None), h, xs)[0]

    for steps in (0, 1, 4, 5):
        xs = RNG.normal(size=(steps, 3))
        graph = dg.trace(f)(H, xs)
        want = evaluate(graph, (H, xs))
        assert_agrees(run_natively(graph, (H, xs), donated=(0,)), want)


def test_donated_inputs_that_read_each_other():
    """Neither is overwritten before the other has been computed."""
    graph = dg.trace(lambda x, y: ((x + y) * y, (x + y) * x))(H, X[0])
    want = evaluate(graph, (H, X[0]))
    assert_agrees(run_natively(graph, (H, X[0]), donated=(0, 1)), want)


def test_loops_of_arrays_without_elements():
    agrees(lambda h, xs: dg.scan(lambda h, x: (h * x, x), h, xs), np.ones((0, 2)), np.ones((3, 0, 2)))


def test_constants_within_bodies():
    table = RNG.normal(size=(3, 3))

    def step(h: Any, x: Any) -> Any:
        inner = dg.scan(lambda c, y: (c * np.arange(1.0, 4.0) - y, None), h, dg.stack([x, x]))[0]
        return dg.tanh(inner @ table), h

    agrees(lambda h, xs: dg.scan(step, h, xs), H, X)


def test_complex_carries():
    def f(z: Any, xs: Any) -> Any:
        return dg.scan(lambda z, x: (z * z + x, z), z, xs)

    agrees(f, np.complex128(0.1 + 0.2j), RNG.normal(size=6) * 0.3)


def test_equal_bodies_are_one_routine():
    def f(h: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            return dg.sin(h) * x, None

        return dg.scan(step, dg.scan(step, h, xs)[0], xs)[0]

    program = agrees(f, H, X)
    assert kinds(program).count(Loop) == 2
    assert len({r for step in program.steps for r in step.routines}) == 1


# ------------------------------------------------------------ while


def test_newton():
    def root(a: Any) -> Any:
        start = dg.stack([dg.ones_like(a), dg.zeros_like(a)])
        return dg.while_loop(
            lambda x: dg.abs(x[0] - x[1]) > 1e-12,
            lambda x: dg.stack([0.5 * (x[0] + a / x[0]), x[0]]),
            start,
        )[0]

    agrees(root, np.float64(2.0))
    agrees(lambda a: dg.jvp(root, (a,), (1.0,)), np.float64(2.0))


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_while_ends_where_it_should(steps: int):
    """By turns, overwritten and never changed; an even and an odd number of steps."""

    def f(x: Any, y: Any, n: Any) -> Any:
        return dg.while_loop(
            lambda c: c[0] < n, lambda c: (c[0] + 1, dg.flip(c[1], 0) * 2, c[2] + c[1], c[3]), (0, x, y, x)
        )

    agrees(f, H, X[0], np.int64(steps))


def test_while_with_a_bound_and_its_gradient():
    def f(x: Any) -> Any:
        return dg.while_loop(lambda x: x.sum() < 10, lambda x: x * 1.5 + 0.1, x, max_steps=12).sum()

    agrees(gradients(f, H), np.abs(H))


def test_while_within_scan():
    def halved(c: Any, x: Any) -> Any:
        c = dg.while_loop(lambda c: dg.abs(c).max() > 1, lambda c: c / 2, c + x)
        return c, c.sum()

    agrees(lambda h, xs: dg.scan(halved, h, xs), H, X * 5)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that signals")
@pytest.mark.parametrize("steps", [None, 10**9])
def test_a_signal_ends_a_loop(steps: int | None):
    """One that has no end, and one that takes long."""

    class EnoughError(Exception):
        pass

    def ring(*_: Any) -> None:
        raise EnoughError

    def endless(x: Any) -> Any:
        return dg.while_loop(lambda x: x > 0, dg.sqrt, x)

    def long(x: Any) -> Any:
        assert steps is not None
        return dg.scan(lambda x, y: (dg.sqrt(x + y), None), x, dg.broadcast_to(x, (steps,)))[0]

    run = dg.compile(endless if steps is None else long)
    version = run.graph(2.0)
    assert version.nodes
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(EnoughError):
            run(2.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if steps is None:
        assert run(-1.0) == -1.0


# ------------------------------------------------------------ choices


@pytest.mark.parametrize("p", [True, False])
def test_cond(p: bool):
    def f(p: Any, x: Any, y: Any) -> Any:
        return dg.cond(p, lambda x, y: (x @ W, y), lambda x, y: (y * 2, dg.sin(x)), x, y)

    assert Choice in kinds(agrees(f, np.array(p), H, X[0]))
    agrees(
        lambda *args: gradients(lambda x, y: sum(z.sum() for z in f(args[0], x, y)), H, H)(*args[1:]),
        np.array(p),
        H,
        X[0],
    )


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint8, np.uint64])
def test_switch(dtype: Any):
    def f(i: Any, x: Any) -> Any:
        return dg.switch(i, [dg.sin, dg.cos, lambda x: x @ W], x)

    info = np.iinfo(dtype)
    for i in (0, 1, 2, 3, info.min, info.max):
        agrees(f, dtype(i), H)


def test_one_branch_alone_runs():
    """The other would raise."""

    def f(p: Any, x: Any) -> Any:
        return dg.cond(p, dg.linalg.inv, lambda x: x + 1, x)

    compiled = dg.compile(f)
    np.testing.assert_array_equal(compiled(np.array(False), np.zeros((2, 2))), np.ones((2, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        compiled(np.array(True), np.zeros((2, 2)))


def test_cond_within_scan():
    def step(h: Any, x: Any) -> Any:
        h = dg.cond(x.sum() > 0, lambda h: dg.tanh(h @ W), lambda h: h * x, h)
        return h, dg.cond(h[0] > 0, lambda h: h, lambda h: -h, h)

    def f(h: Any, xs: Any) -> Any:
        h, ys = dg.scan(step, h, xs)
        return h.sum() + (ys * ys).sum()

    agrees(f, H, X)
    agrees(gradients(f, H, X), H, X)


# ------------------------------------------------------------ random bodies


def as_scan(seed: int) -> tuple[Graph, list[Any]]:
    """A random loss and its gradients as the body of a scan: some inputs are carries, which move along
    their gradients, some sequences, some shared.
    """
    rng = np.random.default_rng(seed)
    graph, inputs = random_graph(rng, 1 + int(15 * rng.random() ** 2))
    both = joint(graph)
    kind = rng.integers(0, 3, len(graph.inputs))
    of = [[x for x, k in zip(graph.inputs, kind, strict=True) if k == which] for which in range(3)]
    data = dict(zip(graph.inputs, map(np.asarray, inputs), strict=True))
    steps = int(rng.integers(0, 4))

    inner = Builder()
    stand = {x: inner.input(Value(*x.spec)) for group in of for x in group}
    upstream = both.graph.inputs[len(graph.inputs) :]
    ones = [inner.input(Value(*x.spec)) for x in upstream]
    whole = Graph(both.graph.inputs, both.graph.nodes, [*both.graph.outputs, *both.gradient.values()])
    made = inner.inline(whole, [*(stand[x] for x in graph.inputs), *ones])
    grads = dict(zip(both.gradient, made[len(both.graph.outputs) :], strict=True))
    ends = [
        inner.apply(ops.Tanh(), inner.apply(ops.Subtract(), stand[x], grads[x])[0])[0]
        if x in grads
        else stand[x]
        for x in of[0]
    ]
    rows = [made[0], *(grads[x] for x in of[1] if x in grads)]
    if of[0] and rng.random() < 0.5:
        rows += [stand[of[0][0]]] if rng.random() < 0.5 else [ends[0]]
    body = inner.graph([*ends, *rows], "body").pruned()
    op = ops.Scan(body, len(of[0]), len(of[1]), steps, bool(rng.random() < 0.5))
    feeds = [data[x] for x in of[0]]
    feeds += [data[x] * rng.uniform(0.9, 1.1, (steps, *x.shape)) for x in of[1]]
    feeds += [data[x] for x in of[2]] + [np.ones(x.shape) for x in upstream]
    outer = Builder()
    heads = [outer.input(Value(x.shape, x.dtype)) for x in feeds]
    return outer.graph(outer.apply(op, *heads), "outer"), feeds


@pytest.mark.parametrize("batch", range(10))
def test_random_bodies(batch: int):
    for seed in range(batch * 20, batch * 20 + 20):
        graph, inputs = as_scan(seed)
        with np.errstate(all="ignore"):
            want = evaluate(graph, [x[()] for x in inputs])
            near = evaluate(graph, [(x * (1 + 4e-15))[()] for x in inputs])
        scale = max((float(np.max(np.abs(y), initial=0)) for y in map(np.asarray, want)), default=0)
        got = run_natively(graph, inputs)
        for y, z, w in zip(got, map(np.asarray, want), map(np.asarray, near), strict=True):
            apart = float(np.max(np.abs(z - w), initial=0))
            np.testing.assert_allclose(
                y, z, rtol=1e-10, atol=1e-12 * scale + 100 * apart, err_msg=f"{seed}\n{graph}"
            )


def test_results_do_not_depend_on_threads():
    """A body's kernels are shared out to threads as any other's."""
    big, xs = RNG.normal(size=(300, 300)) / 20, RNG.normal(size=(4, 300, 300))

    def f(big: Any, xs: Any) -> Any:
        return dg.scan(lambda h, x: (dg.tanh(h @ big + x), None), xs[0], xs)[0]

    one, two = (dg.compile(f, threads=threads)(big, xs) for threads in (1, 2))
    want: Sequence[Any] = [evaluate(dg.trace(f)(big, xs), (big, xs))[0]]
    assert_agrees([one], want, 500)
    assert_agrees([two], want, 500)
