"""Choices and loops as nodes: values, derivatives and batches against Python, PyTorch and JAX; errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from diagrad import ops
from diagrad.errors import DiagradError, DTypeError, NotDifferentiableError, ShapeError, StructureError
from diagrad.ir import parse, verify
from diagrad.testing import check_gradients

RNG = np.random.default_rng(0)
W, X, H = RNG.normal(size=(3, 3)) / 2, RNG.normal(size=(5, 3)), RNG.normal(size=3)


def rnn(W: Any, X: Any, h: Any, **how: Any) -> Any:
    """A recurrent network; W is closed over."""

    def step(h: Any, x: Any) -> Any:
        h = dg.tanh(h @ W + x)
        return h, h * h

    h, ys = dg.scan(step, h, X, **how)
    return h.sum() + (ys * ys).sum()


def rnn_loop(W: Any, X: Any, h: Any, reverse: bool = False, tanh: Any = dg.tanh) -> Any:
    total = 0.0
    for t in range(len(X))[:: -1 if reverse else 1]:
        h = tanh(h @ W + X[t])
        total = total + (h * h * h * h).sum()
    return h.sum() + total


HOW = [{}, {"reverse": True}, {"checkpoint": True}, {"checkpoint": 2}, {"checkpoint": 2, "reverse": True}]


def close(got: Any, want: Any) -> None:
    for x, y in zip(*(list(z) if isinstance(z, tuple) else [z] for z in (got, want)), strict=True):
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("how", HOW, ids=str)
def test_scan_is_the_loop_in_value_and_every_derivative(how: dict[str, Any]):
    def f(W: Any, X: Any, h: Any) -> Any:
        return rnn(W, X, h, **how)

    def g(W: Any, X: Any, h: Any) -> Any:
        return rnn_loop(W, X, h, how.get("reverse", False))

    args, along = (W, X, H), (W * 2, X + 1, H * 3)
    close(f(*args).data, g(*args).data)
    close(dg.grad(f, (0, 1, 2))(*args), dg.grad(g, (0, 1, 2))(*args))
    close(dg.jvp(f, args, along), dg.jvp(g, args, along))
    close(dg.hvp(f, args, along), dg.hvp(g, args, along))
    close(dg.hessian(f, 2)(*args), dg.hessian(g, 2)(*args))
    close(
        dg.grad(lambda h: (dg.grad(f, 2)(W, X, h) ** 2).sum())(H),
        dg.grad(lambda h: (dg.grad(g, 2)(W, X, h) ** 2).sum())(H),
    )
    close(
        dg.directional(lambda h: f(W, X, h), (H,), (H,), 3),
        dg.directional(lambda h: g(W, X, h), (H,), (H,), 3),
    )


@pytest.mark.parametrize("how", HOW, ids=str)
def test_traced_scan_is_the_loop(how: dict[str, Any]):
    graph = dg.trace(lambda W, X, h: rnn(W, X, h, **how))(W, X, H)
    want = dg.grad(lambda *args: rnn_loop(*args, reverse=how.get("reverse", False)), (0, 1, 2))(W, X, H)
    close(graph.backward().run(W, X, H, 1.0).outputs, want)
    for made in (graph, graph.backward()):
        assert verify(parse(str(made))) == made
        assert hash(parse(str(made))) == hash(made)


def test_scan_gives_the_gradients_of_pytorch():
    torch = pytest.importorskip("torch")
    args = [torch.tensor(x, requires_grad=True) for x in (W, X, H)]
    rnn_loop(*args, tanh=torch.tanh).backward()
    close(dg.grad(rnn, (0, 1, 2))(W, X, H), tuple(x.grad.numpy() for x in args))


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_gives_what_jax_gives(reverse: bool):
    jax = pytest.importorskip("jax")

    def theirs(W: Any, X: Any, h: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = jax.numpy.tanh(h @ W + x)
            return h, h * h

        h, ys = jax.lax.scan(step, h, X, reverse=reverse)
        return h.sum() + (ys * ys).sum()

    def ours(W: Any, X: Any, h: Any) -> Any:
        return rnn(W, X, h, reverse=reverse)

    with jax.enable_x64(True):
        close(dg.grad(ours, (0, 1, 2))(W, X, H), jax.grad(theirs, (0, 1, 2))(W, X, H))
        close(dg.hessian(ours, 2)(W, X, H), jax.hessian(theirs, 2)(W, X, H))
        close(dg.jvp(ours, (W, X, H), (W, X, H)), jax.jvp(theirs, (W, X, H), (W, X, H)))
        Hs, Ws = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3, 3))
        Xs = RNG.normal(size=(5, 4, 3))
        for axes, args in [
            ((None, None, 0), (W, X, Hs)),
            ((0, None, None), (Ws, X, H)),
            ((None, 1, 0), (W, Xs, Hs)),
        ]:
            close(dg.vmap(ours, axes)(*args), jax.vmap(theirs, axes)(*args))
            close(dg.vmap(dg.grad(ours), axes)(*args), jax.vmap(jax.grad(theirs), axes)(*args))


def test_the_sequence_alone_is_batched_and_the_carry_becomes_so():
    xs = RNG.normal(size=(4, 5, 3))
    close(dg.vmap(lambda x: rnn(W, x, H))(xs), np.stack([rnn(W, x, H).data for x in xs]))


def choice(x: Any) -> Any:
    return dg.cond(x.sum() > 0, lambda x: dg.sin(x) * W[0], lambda x: x * x, x).sum()


def test_cond_in_value_and_every_derivative():
    for x in (np.abs(H), -np.abs(H)):

        def plain(x: Any) -> Any:
            return (dg.sin(x) * W[0] if x.sum() > 0 else x * x).sum()

        close(choice(x).data, plain(x).data if isinstance(plain(x), dg.Array) else plain(x))
        close(dg.grad(choice)(x), dg.grad(plain)(x))
        close(dg.hessian(choice)(x), dg.hessian(plain)(x))
        close(dg.jvp(choice, (x,), (H,)), dg.jvp(plain, (x,), (H,)))
        graph = dg.trace(choice)(x)
        close(graph.backward().run(x, 1.0).outputs[0], dg.grad(plain)(x))
        assert parse(str(graph.backward())) == graph.backward()


def test_cond_and_switch_are_those_of_jax():
    jax = pytest.importorskip("jax")
    xs = RNG.normal(size=(6, 3))

    def theirs(x: Any) -> Any:
        y = jax.lax.cond(x.sum() > 0, lambda x: jax.numpy.sin(x) * W[0], lambda x: x * x, x)
        return y.sum()

    def switch(lib: Any, switch: Callable[..., Any]) -> Callable[..., Any]:
        return lambda i, x: switch(i, [lib.sin, lib.exp, lambda x: x * x], x).sum()

    ours, jaxs = switch(dg, dg.switch), switch(jax.numpy, jax.lax.switch)
    index = np.array([0, 1, 2, -4, 9, 1])
    with jax.enable_x64(True):
        close(dg.vmap(choice)(xs), jax.vmap(theirs)(xs))
        close(dg.vmap(dg.grad(choice))(xs), jax.vmap(jax.grad(theirs))(xs))
        close(dg.vmap(ours)(index, xs), jax.vmap(jaxs)(index, xs))
        for i in index:
            close(dg.grad(ours, 1)(i, xs[0]), jax.grad(jaxs, 1)(i, xs[0]))


def test_only_the_chosen_branch_runs(monkeypatch: pytest.MonkeyPatch):
    ran: list[str] = []
    for op in (ops.Exp, ops.Sin):
        forward = op.forward
        monkeypatch.setattr(op, "forward", lambda self, x, f=forward: ran.append(self.name) or f(self, x))
    graph = dg.trace(lambda x: dg.cond(x > 0, dg.exp, dg.sin, x))(1.0)
    assert graph.run(-1.0).outputs == (np.sin(-1.0),)
    graph.backward().run(-1.0, 1.0)
    assert set(ran) == {"Sin"}


def test_a_branch_that_would_fail_sends_no_nan_back():
    def f(x: Any) -> Any:
        return dg.cond(x > 0, dg.sqrt, lambda x: x * 0.0, x)

    assert dg.grad(f)(0.0) == dg.trace(f)(0.0).backward().run(0.0, 1.0).outputs[0] == 0.0


def newton(a: Any, **how: Any) -> Any:
    return dg.while_loop(lambda x: abs(x * x - a) > 1e-13, lambda x: (x + a / x) / 2, 1.0 * a, **how)


@pytest.mark.parametrize("how", [{}, {"max_steps": 20}])
def test_while_loop_in_both_modes(how: dict[str, Any]):
    def f(a: Any) -> Any:
        return newton(a, **how)

    close(f(3.0).data, np.sqrt(3.0))
    np.testing.assert_allclose(dg.grad(f)(3.0), 0.5 / np.sqrt(3.0), rtol=1e-8)
    close(dg.grad(f)(3.0), dg.jvp(f, (3.0,), (1.0,))[1])
    close(dg.grad(dg.grad(f))(3.0), dg.directional(f, (3.0,), (1.0,), 2)[2])
    check_gradients(f, 3.0, order=2)


def test_while_loop_of_jax():
    jax = pytest.importorskip("jax")

    def loop(while_loop: Any, abs_: Any, x: Any, w: Any) -> Any:
        i, y = while_loop(lambda c: abs_(c[1]).sum() < 50.0, lambda c: (c[0] + 1, c[1] * w + 1), (0, x))
        return y.sum() * i

    def ours(x: Any, w: Any) -> Any:
        return loop(dg.while_loop, dg.abs, x, w)

    def theirs(x: Any, w: Any) -> Any:
        return loop(jax.lax.while_loop, jax.numpy.abs, x, w)

    args, along = (H, 1.5), (H + 1, 0.5)
    graph = dg.trace(ours)(*args)
    assert "While" in str(graph)
    assert parse(str(graph)) == graph
    with jax.enable_x64(True):
        close(ours(*args).data, theirs(*args))
        close(graph.run(*args).outputs[0], theirs(*args))
        close(dg.jvp(ours, args, along), jax.jvp(theirs, args, along))
        traced = dg.trace(lambda x, w: dg.jvp(ours, (x, w), along))(*args)
        close(traced.run(*args).outputs, jax.jvp(theirs, args, along))
        second = dg.trace(lambda x, w: dg.directional(ours, (x, w), along, 2))(*args)
        want = jax.jvp(lambda *a: jax.jvp(theirs, a, along)[1], args, along)[1]
        close(second.run(*args).outputs[2], want)
        xs, ws = RNG.normal(size=(4, 3)), np.array([1.2, 1.5, 2.0, 3.0])
        for axes, given in [((0, 0), (xs, ws)), ((0, None), (xs, 1.5)), ((None, 0), (H, ws))]:
            close(dg.vmap(ours, axes)(*given), jax.vmap(theirs, axes)(*given))


def test_a_batch_of_loops_of_one_length_keeps_one_condition():
    def f(x: Any) -> Any:
        return dg.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] * x), (0, x))[1]

    close(dg.vmap(f)(H), H**4)


def test_reverse_mode_of_a_traced_while_loop_needs_a_bound():
    with pytest.raises(
        NotDifferentiableError, match=r"(?s)where:    test_control.py:\d+, in newton.*max_steps"
    ):
        dg.trace(newton)(3.0).backward().run(3.0, 1.0)
    bounded = dg.trace(lambda a: newton(a, max_steps=10))(3.0)
    close(bounded.run(3.0).outputs[0], np.sqrt(3.0))
    close(bounded.backward().run(3.0, 1.0).outputs[0], dg.grad(newton)(3.0))


def test_max_steps_ends_the_loop():
    assert dg.while_loop(lambda x: x > 0, lambda x: x * 2, 1.0, max_steps=3).data == 8.0
    assert dg.while_loop(lambda x: x > 0, lambda x: x * 2, dg.array(1.0), max_steps=3).data == 8.0
    assert dg.while_loop(lambda x: x < 0, lambda x: x * 2, dg.array(1.0)).data == 1.0
    assert dg.grad(lambda x: dg.while_loop(lambda x: x < 0, lambda x: x * 2, x))(1.0) == 1.0


def test_while_in_scan_in_forward_mode():
    def f(a: Any) -> Any:
        return dg.scan(lambda c, x: (c + newton(x * a), None), 0.0 * a, np.array([1.0, 2.0]))[0]

    want = np.sqrt(3.0) * (1 + np.sqrt(2.0))
    np.testing.assert_allclose(dg.trace(f)(3.0).run(3.0).outputs[0], want)
    value, slope = dg.trace(lambda a: dg.jvp(f, (a,), (1.0,)))(3.0).run(3.0).outputs
    np.testing.assert_allclose((value, slope), (want, want / 6), rtol=1e-6)


def test_loops_in_loops_and_choices_in_them():
    def f(x: Any, scan: bool) -> Any:
        def inner(c: Any, a: Any) -> Any:
            chosen = dg.cond(c > 0.2, lambda c: c * a, lambda c: dg.exp(c) - x[0], c)
            return chosen, chosen * a

        def outer(c: Any, row: Any) -> Any:
            c, ys = dg.scan(inner, c, row)
            return c, ys.sum()

        def plain(c: Any, rows: Any) -> Any:
            sums: Any = []
            for row in rows:
                total = 0.0
                for a in row:
                    c = c * a if float(c.data) > 0.2 else dg.exp(c) - x[0]
                    total = total + c * a
                sums.append(total)
            return c, sums

        c, sums = dg.scan(outer, x[1], table) if scan else plain(x[1], table)
        return c + sum(s * s for s in sums)

    table = RNG.normal(size=(3, 4))
    x = np.array([0.3, 0.7])
    close(f(dg.array(x), True).data, f(dg.array(x), False).data)
    close(dg.grad(f)(x, True), dg.grad(f)(x, False))
    close(dg.hvp(lambda x: f(x, True), (x,), (x,)), dg.hvp(lambda x: f(x, False), (x,), (x,)))


def test_a_gradient_inside_a_body():
    def descend(x: Any) -> Any:
        def step(x: Any, _: None) -> Any:
            return x - 0.1 * dg.grad(lambda z: (z**4).sum() / 4)(x), None

        return dg.scan(step, x, None, 3)[0].sum()

    def plain(x: Any) -> Any:
        for _ in range(3):
            x = x - 0.1 * x**3
        return x.sum()

    close(dg.grad(descend)(H), dg.grad(plain)(H))
    close(dg.hessian(descend)(H), dg.hessian(plain)(H))


def test_structures_and_dtypes_of_a_carry():
    def f(w: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            new = {"count": c["count"] + 1, "state": (c["state"][0] * w + x["a"], None), "on": ~c["on"]}
            return dict(reversed(new.items())), (new["count"], {"y": new["state"][0] * x["k"]})

        init = {"state": (0.0, None), "count": 0, "on": np.True_}
        return dg.scan(step, init, {"a": X[:, 0], "k": np.arange(5)})

    last, (counts, ys) = f(dg.array(0.5))
    assert (last["count"].data, last["on"].data, last["state"][1]) == (5, False, None)
    assert counts.tolist() == [1, 2, 3, 4, 5]
    assert [last["count"].dtype.kind, last["on"].dtype.kind, ys["y"].dtype.kind] == ["i", "b", "f"]
    want, y = 0.0, 0.0
    w = dg.array(0.5)
    for k in range(5):
        want = want * w + X[k, 0]
        y = y + want * k
    loss = ys["y"].sum() + last["state"][0]
    close(loss.data, (y + want).data)
    (y + want).backward()
    close(dg.grad(lambda w: f(w)[1][1]["y"].sum() + f(w)[0]["state"][0])(0.5), w.grad.data)


def test_a_scan_of_no_steps():
    def f(c: Any, w: Any) -> Any:
        last, ys = dg.scan(lambda c, x: (c * w, c + x), c, np.zeros((0, 3)))
        assert ys.shape == (0, 3)
        return last.sum() + ys.sum()

    close(dg.grad(f, (0, 1))(H, 2.0), (np.ones(3), 0.0))
    assert dg.scan(lambda c, x: (c, x), None, np.zeros((0, 2)), checkpoint=True)[1].shape == (0, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_other_dtypes_as_in_jax(dtype: Any):
    jax = pytest.importorskip("jax")
    w, x = (np.asarray(z, dtype) * (1 + 0.5j if dtype is np.complex128 else 1) for z in (W[0], X))

    def f(scan: Any, w: Any) -> Any:
        c, ys = scan(lambda c, x: (c * w + x, c * x), w, x)
        return c + ys.sum(0)

    with jax.enable_x64(True):
        want = jax.vjp(lambda w: f(jax.lax.scan, w), w)[1](w)[0]
    got = dg.vjp(lambda w: f(dg.scan, w), w)[1](w)[0]
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, rtol=1e-5 if dtype is np.float32 else 1e-12)


def test_jacobians_in_both_modes():
    def f(h: Any) -> Any:
        return dg.scan(lambda h, x: (dg.tanh(h @ W + x), h[0]), h, X)[0]

    want = dg.jacobian(f, mode="forward")(H)
    close(dg.jacobian(f, mode="reverse")(H), want)
    close(
        dg.jacobian(lambda h: dg.cond(h[0] > 0, dg.sin, dg.exp, h), mode="reverse")(H),
        np.diag(np.cos(H) if H[0] > 0 else np.exp(H)),
    )


def test_map_and_fori_loop():
    close(dg.map(lambda x: (x @ W).sum(), X).data, (X @ W).sum(-1))
    close(dg.grad(lambda W: dg.map(lambda x: ((x @ W) ** 2).sum(), X).sum())(W), 2 * X.T @ X @ W)
    assert dg.fori_loop(2, 5, lambda i, c: c * 10 + i, 0).data == 234
    assert dg.fori_loop(3, 1, lambda i, c: c * i, 7).data == 7
    close(dg.grad(lambda x: dg.fori_loop(0, 4, lambda i, c: c * x, 1.0))(3.0), 4 * 27.0)
    graph = dg.trace(lambda n, x: dg.fori_loop(0, n, lambda i, c: c * x, 1.0))(3, 2.0)
    assert [graph.run(n, 2.0).outputs[0] for n in (0, 3, 10)] == [1.0, 8.0, 1024.0]


def test_python_control_flow_that_does_not_depend_on_data_traces():
    def f(x: Any, deep: bool = True) -> Any:
        for k in range(3):
            if deep and x.ndim == 1:
                x = x * float(k + 1)
        return x

    assert len(dg.trace(f)(H)) == 6


def test_control_flow_that_depends_on_data_names_the_line_and_what_to_use():
    def f(x: Any) -> Any:
        if x > 0:
            return x
        return -x

    with pytest.raises(
        TypeError, match=r"(?s)in f: if x > 0.*dg.cond instead of if, dg.while_loop instead of while"
    ):
        dg.trace(f)(1.0)


# ---------------------------------------------------------------- what is kept and what is recorded


def saved(monkeypatch: pytest.MonkeyPatch, length: int, **how: Any) -> int:
    """The elements that the forward pass leaves behind in the outputs of its scans."""
    kept: list[int] = []
    forward = ops.Scan.forward
    depth = 0

    def counted(self: Any, *xs: Any) -> Any:
        nonlocal depth
        depth += 1
        ys = forward(self, *xs)
        depth -= 1
        if not depth:
            kept.append(sum(int(np.size(y)) for y in ys))
        return ys

    with monkeypatch.context() as patch:
        patch.setattr(ops.Scan, "forward", counted)
        w = dg.array(0.5)
        dg.scan(lambda c, x: (dg.sin(c * w + x), None), 0.0, np.arange(float(length)), **how)
    return sum(kept)


def test_checkpoints_keep_a_carry_per_chunk(monkeypatch: pytest.MonkeyPatch):
    assert saved(monkeypatch, 10_000) == 10_001
    assert saved(monkeypatch, 10_000, checkpoint=True) == 101
    assert saved(monkeypatch, 10_000, checkpoint=1000) == 11


def test_a_pass_that_is_only_forward_keeps_nothing():
    graph = dg.trace(rnn)(W, X, H)
    (node,) = [node for node in graph.nodes if isinstance(node.op, ops.Scan)]
    assert len(node.outputs) == 2


def test_the_function_runs_once_and_the_graph_does_not_grow_with_the_length():
    calls: list[int] = []
    dg.scan(lambda c, x: (calls.append(1) or c * x, None), 1.0, np.ones(3))
    assert calls == [1]
    sizes = {n: len(dg.trace(rnn)(W, np.zeros((n, 3)), H).backward()) for n in (1, 100)}
    assert sizes[1] == sizes[100]


def test_only_what_is_wanted_is_differentiated():
    graph = dg.trace(rnn)(W, X, H).backward(["h"])
    (back,) = [node for node in graph.nodes if node.op.name == "Scan" and node.op.reverse]  # type: ignore[attr-defined]
    assert back.op.carries == 1  # type: ignore[attr-defined]


def test_numbers_are_computed_without_recording():
    assert type(dg.grad(rnn)(W, X, H)) is np.ndarray


def test_no_grad_records_nothing():
    w = dg.array(W)
    with dg.no_grad():
        y = rnn(w, X, H)
    assert not y.graph().inputs


# ---------------------------------------------------------------- errors


def text_of(kind: type[DiagradError], attempt: Callable[[], Any]) -> str:
    with pytest.raises(kind) as caught:
        attempt()
    return str(caught.value)


def test_a_carry_that_changes_dtype_or_shape():
    def step(h: Any, x: Any) -> Any:
        new = h * x
        return new, None

    text = text_of(DTypeError, lambda: dg.scan(step, np.zeros(3, int), X))
    assert text.startswith("scan: the carry h is i64[3], and then f64[3]\n  where:    test_control.py:")
    assert "in step: new = h * x" in text
    text = text_of(ShapeError, lambda: dg.scan(lambda c, x: ({"a": c["a"] + x}, None), {"a": 0.0}, X))
    assert "scan: the carry a is f64[], and then f64[3]" in text
    text = text_of(
        DTypeError,
        lambda: dg.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 0.5, c[1]), (np.int32(0), 1.0)),
    )
    assert "while_loop: the carry c[0] is i32[], and then f64[]" in text


def test_a_plain_number_takes_the_dtype_of_the_steps():
    total, _ = dg.scan(lambda c, x: (c + x, None), 0, [1.5, 2.5])
    assert total.data == 4.0
    assert dg.cond(np.True_, lambda x: x, lambda x: 0, np.float32(2)).dtype == np.float32


def test_structures_that_do_not_match():
    text = text_of(StructureError, lambda: dg.scan(lambda c, x: ((c, x), None), 0.0, X[:, 0]))
    assert text.startswith("scan: the carry of step changes its structure\n  where:    test_control.py:")
    assert "expected: c: an array\n  got:      c: a tuple of 2" in text
    text = text_of(StructureError, lambda: dg.scan(lambda c, x: c + x, 0.0, X[:, 0]))
    assert "scan: step does not give a pair" in text
    text = text_of(StructureError, lambda: dg.cond(np.True_, lambda x: {"a": x}, lambda x: {"b": x}, 1.0))
    assert text.startswith("the branches then and otherwise differ\n")
    assert "expected: result: a dict of 'a'\n  got:      result: a dict of 'b'" in text


def test_predicates_indices_and_lengths():
    assert "cond: pred is bool[3], not one boolean" in text_of(
        ShapeError, lambda: dg.cond(H > 0, dg.sin, dg.cos, H)
    )
    assert "cond: pred is f64[], not one boolean" in text_of(
        DTypeError, lambda: dg.cond(1.0, dg.sin, dg.cos, H)
    )
    assert "switch: index is f64[]" in text_of(DTypeError, lambda: dg.switch(0.0, [dg.sin], H))
    assert "while_loop: condition is f64[]" in text_of(
        DTypeError, lambda: dg.while_loop(lambda x: x, lambda x: x, 1.0)
    )
    text = text_of(ShapeError, lambda: dg.cond(np.True_, lambda x: x, lambda x: x.sum(), H))
    assert "result is f64[3], and then f64[]" in text
    text = text_of(ShapeError, lambda: dg.scan(lambda c, x: (c, None), 0.0, (H, X)))
    assert text.startswith("scan: the lengths differ")
    assert "3 in xs[0], 5 in xs[1]" in text
    assert "it needs a length" in text_of(ShapeError, lambda: dg.scan(lambda c, x: (c, None), 0.0))
    assert "xs is a scalar" in text_of(ShapeError, lambda: dg.scan(lambda c, x: (c, None), 0.0, 1.0))
