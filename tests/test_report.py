"""Reports of compiled functions: what they say against what is known of the graph."""

from __future__ import annotations

import numpy as np
import pytest

import diagrad as dg
from diagrad.draw.gates import check
from diagrad.errors import InputError
from diagrad.native.target import host

F4 = np.float32
RNG = np.random.default_rng(0)
PARAMS = {
    "W": RNG.standard_normal((20, 32)).astype(F4),
    "b": np.zeros(32, F4),
    "V": RNG.standard_normal((32, 5)).astype(F4),
}
X, Y = RNG.standard_normal((16, 20)).astype(F4), RNG.standard_normal((16, 5)).astype(F4)


def loss(params, X, Y):
    hidden = dg.tanh(X @ params["W"] + params["b"])
    return dg.mean(dg.square(hidden @ params["V"] - Y))


def step(params, X, Y, rate):
    value, grads = dg.value_and_grad(loss)(params, X, Y)
    return value, {name: params[name] - rate * grads[name] for name in params}


def copies():
    return {name: x.copy() for name, x in PARAMS.items()}


def test_operations_and_bytes_of_products():
    f = dg.compile(lambda X, W: X @ W)
    (only,) = f.report(X, PARAMS["W"]).steps
    assert (only.kind, only.ops, only.over) == ("kernel", ("MatMul",), (16, 32, 20))
    assert only.flops == 2 * 16 * 32 * 20
    assert only.nbytes == X.nbytes + PARAMS["W"].nbytes + 4 * 16 * 32


def test_a_step_of_training():
    report = dg.compile(step, donate="params").report(copies(), X, Y, F4(0.1))
    products = [s for s in report.steps if "MatMul" in s.ops]
    assert [s.over for s in products][:2] == [(16, 32, 20), (16, 5, 32)]
    plain = 2 * 16 * (2 * 32 * 20 + 3 * 5 * 32)
    assert plain < sum(s.flops for s in products) < 2 * plain
    assert all(s.kind == "kernel" for s in report.steps)
    known = sum(x.nbytes for x in PARAMS.values())
    assert (report.donated, report.arguments) == (known, known + X.nbytes + Y.nbytes + 4)
    assert report.results == 4  # the loss; parameters take the place of parameters
    assert report.peak >= report.arguments
    assert 0 < report.workspace - report.scratch <= report.apart + 64 * report.values
    updated = [s for s in report.steps if "Subtract" in s.ops and "MatMul" in s.ops]
    assert len(updated) >= 2  # the update is in the kernel that makes the gradient
    sites = {site.rpartition(":")[0] for s in report.steps for site in s.sites}
    assert sites == {"test_report.py"}


def test_all_that_computes_is_in_a_step():
    report = dg.compile(step).report(copies(), X, Y, F4(0.1))
    moves = {"Transpose", "Reshape", "Repeat", "Branch", "Constant", "ExpandDims", "Squeeze", "StopGradient"}
    computing = {node.op.name for node in report.graph.nodes} - moves
    done = {op for s in report.steps for op in s.ops}
    assert computing <= done | {"Square", "Mean"}  # those two may be written as others


def test_branch_and_repeat_cost_nothing():
    def plain(x, b):
        return dg.sum(dg.tanh(x + b) * x)

    def shown(x, b):
        first, second = x.branch(2) if hasattr(x, "branch") else (x, x)
        return dg.sum(dg.tanh(first + dg.broadcast_to(b, x.shape)) * second)

    given = X, PARAMS["W"][0][:20].copy()
    titles = [[s.title for s in dg.compile(f).report(*given).steps] for f in (plain, shown)]
    assert titles[0] == titles[1]
    assert "Branch" not in str(titles)
    assert "Repeat" not in str(titles)


def test_what_numpy_runs_is_named_with_its_reason():
    f = dg.compile(lambda A: dg.sum(dg.linalg.inv(A) * 2.0))
    report = f.report(np.eye(3) * 2.0)
    (call,) = [s for s in report.steps if s.kind == "NumPy"]
    assert call.ops == ("Inv",)
    assert call.why == "Inv has no native form yet"
    assert call.sites[0].startswith("test_report.py:")
    assert f"left to NumPy: step {report.steps.index(call)}, test_report.py:" in str(report)


def test_a_loop_counts_its_steps():
    def run(h, xs, W):
        return dg.scan(lambda h, x: (dg.tanh(x + h @ W), None), h, xs)[0]

    given = np.zeros((2, 8)), np.ones((30, 2, 8)), np.eye(8)
    (loop,) = [s for s in dg.compile(run).report(*given).steps if s.kind == "loop"]
    assert loop.over == (30,)
    assert {"MatMul", "Add", "Tanh"} <= set(loop.ops)
    assert loop.flops >= 30 * 2 * 2 * 8 * 8


def test_a_profile_leaves_the_arguments_alone():
    params = copies()
    f = dg.compile(step, donate="params")
    report = f.report(params, X, Y, F4(0.1))
    timed = report.profile(seconds=0.02)
    for name, x in PARAMS.items():
        np.testing.assert_array_equal(params[name], x)
    assert report.call is None
    assert timed.call is not None
    assert timed.call > 0
    assert all(s.time is not None and s.time >= 0 for s in timed.steps)
    assert sum(s.time or 0 for s in timed.steps) > 0
    assert [s.ops for s in timed.steps] == [s.ops for s in report.steps]
    assert "roofline" in str(timed)
    f(params, X, Y, F4(0.1))  # it is as it was
    assert not np.array_equal(params["W"], PARAMS["W"])


def test_many_calls_are_timed_too():
    def unrolled(x, W):
        for _ in range(40):
            x = dg.tanh(x @ W)
        return dg.sum(x)

    timed = dg.compile(unrolled).report(np.ones((4, 8)), np.eye(8)).profile(seconds=0.02)
    products = [s for s in timed.steps if "MatMul" in s.ops]
    assert len(products) == 40
    assert all((s.time or 0) > 0 for s in products)


@pytest.mark.parametrize("profiled", [False, True])
def test_the_picture(profiled):
    report = dg.compile(step, donate="params").report(copies(), X, Y, F4(0.1))
    if profiled:
        report = report.profile(seconds=0.01)
    figure = dg.draw(report)
    assert check(figure.svg) == []
    assert all(f"{at}: {s.title[:12]}" in figure.svg for at, s in enumerate(report.steps))
    assert len(report.kernels) == len(report.steps)


def test_parts_of_one_value_come_together_in_the_picture():
    def f(x, W):
        return dg.tanh(dg.concatenate([dg.exp(x), x @ W], axis=1)) @ dg.concatenate([W, W], axis=0)

    report = dg.compile(f).report(np.ones((3, 4)), np.eye(4))
    assert check(dg.draw(report).svg) == []
    made = {y for node in report.kernels.nodes for y in node.outputs}
    assert set(report.kernels.outputs) <= made


def layer(X, W, b):
    return dg.relu(X @ W + b)


def test_the_text(monkeypatch):
    monkeypatch.setenv("DIAGRAD_VECTOR", "sse")
    host.cache_clear()
    try:
        text = str(dg.compile(layer, threads=1).report(X, PARAMS["W"], PARAMS["b"]))
    finally:
        host.cache_clear()
    site = f"test_report.py:{layer.__code__.co_firstlineno + 1}"
    assert text.splitlines() == [
        "layer: 4 nodes as 1 kernel; sse, 1 thread",
        "23 kFLOP, 6.02 kB read and written",
        "",
        "   step                     over  FLOP   bytes  estimate  from",
        f"0  MatMul + Add + Relu  16·32·20  23 k  6.02 k    205 ns  {site}",
        "",
        "memory: 6.02 kB at most: arguments 3.97 kB; results 2.05 kB; constants 0 B; workspace 0 B",
        "nothing is left to NumPy",
    ]


def test_without_arguments():
    f = dg.compile(lambda x: x * 2)
    with pytest.raises(InputError, match="nothing has been compiled yet") as caught:
        f.report()
    assert "fix:      call" in str(caught.value)
    f(np.ones(3))
    report = f.report()
    assert report.steps[0].ops == ("Multiply",)
    with pytest.raises(InputError, match=r"give those of a call: report\(…\)\.profile\(\)"):
        report.profile()


def test_it_waits_for_a_program_that_is_made_in_the_background():
    f = dg.compile(dg.exp, background=True)
    f(np.ones(3))
    assert f.report().steps[0].ops == ("Exp",)
