"""What an Array is once its elements were assigned to: everywhere, for gradients, in memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diagrad as dg
from statements import SNIPPETS, execute, same, setting


def test_it_is_what_it_is_now_everywhere():
    x0, _ = setting()
    x = dg.array(x0)
    x[0] = 7.0
    now = x0.copy()
    now[0] = 7.0
    same(x.data, now)
    same(x.numpy(), now)
    same(np.asarray(x), now)
    assert x.tolist() == now.tolist()
    assert (repr(x), str(x)) == (repr(now), str(now))
    assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((3, 4), 2, 12, 3, np.float64)
    assert (x.name, x.role, x.is_leaf, x.traced) == ("x", "", False, False)
    assert [row.tolist() for row in x] == now.tolist()
    same(x.detach(), now)
    same(dg.asarray(x), now)
    assert dg.asarray(x) is x
    same(dg.array(x), now)
    for one, other in ((x, 2.0), (2.0, x), (x, x), (x, dg.array(x0)), (dg.array(x0), x), (x, x0), (x0, x)):
        plain = [now if a is x else np.asarray(a) for a in (one, other)]
        same(one + other, plain[0] + plain[1])
        same(one - other, plain[0] - plain[1])
        same(one * other, plain[0] * plain[1])
        same(one / other, plain[0] / plain[1])
        same(one < other, plain[0] < plain[1])
        same(one >= other, plain[0] >= plain[1])
        same(one == other, plain[0] == plain[1])
        same(one != other, plain[0] != plain[1])
    same(-x, -now)
    same(abs(x), abs(now))
    same(x**2, now**2)
    same(2.0**x, 2.0**now)
    same(x @ x.T, now @ now.T)
    same(~(x > 0), ~(now > 0))
    assert hash(x) == hash(x)
    assert f"{x.sum():.3f}" == f"{now.sum():.3f}"
    total = dg.array(1.0)
    total[()] = 4.0
    assert (float(total), int(total), bool(total), complex(total), f"{total:.1f}") == (4, 4, True, 4, "4.0")
    assert (total.item(), float(total + 1), float(1 + total), float(-total)) == (4, 5, 5, -4)
    assert float(total + dg.array(1.0)) == float(dg.array(1.0) + total) == 5


def _without_recording(x: Any) -> Any:
    with dg.no_grad():
        return x * 2


def _backward_with(x: Any) -> Any:
    a = dg.array(np.ones((3, 4)))
    (a * 2).backward(x)
    return a.grad


ENTRIES: dict[str, Callable[[Any], Any]] = {
    "grad": dg.grad(lambda a: (a * a).sum()),
    "value_and_grad": dg.value_and_grad(lambda a: (a * a).sum()),
    "closure": lambda x: dg.grad(lambda a: (a * x).sum())(dg.array(np.ones((3, 4)))),
    "constant argument": lambda x: dg.grad(lambda a, b: (a * b).sum())(np.ones((3, 4)), x),
    "vjp": lambda x: dg.vjp(lambda a: a * a, x)[1](x)[0],
    "jvp": lambda x: dg.jvp(lambda a: a * a, (x,), (x,))[1],
    "jacobian": dg.jacobian(lambda a: a[0] * a[0]),
    "hessian": dg.hessian(lambda a: (a**3).sum()),
    "hvp": lambda x: dg.hvp(lambda a: (a**3).sum(), (x,), (x,)),
    "directional": lambda x: dg.directional(lambda a: (a**3).sum(), (x,), (x,), order=2)[2],
    "vmap": dg.vmap(lambda a: a * 2),
    "vmap shared": lambda x: dg.vmap(lambda a, b: a * b, in_axes=(0, None))(np.ones((2, 3, 4)), x),
    "trace": lambda x: dg.trace(lambda a: a * 2)(x).run(x).outputs[0],
    "trace closure": lambda x: dg.trace(lambda a: a * x)(np.ones((3, 4))).run(np.ones((3, 4))).outputs[0],
    "no_grad": _without_recording,
    "where": lambda x: dg.where(x > 0, x, 0.0),
    "mask": lambda x: x[x > 1],
    "index": lambda x: dg.asarray(np.arange(3.0))[x[0].astype(int) * 0],
    "concatenate": lambda x: np.concatenate([x, x]),
    "stack": lambda x: np.stack([x, x]),
    "matmul": lambda x: dg.matmul(x, x.T),
    "add_n": lambda x: dg.add_n(x, x),
    "branch": lambda x: dg.branch(x)[1],
    "sum": lambda x: np.sum(x, axis=0),
    "mean": lambda x: x.mean(axis=1),
    "max": lambda x: x.max(),
    "argmax": lambda x: x.argmax(axis=1),
    "reshape": lambda x: x.reshape(-1),
    "same shape": lambda x: x.reshape(3, 4),
    "transpose": lambda x: x.T,
    "squeeze": lambda x: x[None].squeeze(0),
    "astype": lambda x: x.astype("f4"),
    "broadcast": lambda x: np.broadcast_to(x, (2, 3, 4)),
    "unary": np.exp,
    "power": lambda x: np.power(x, 3),
    "relu": dg.relu,
    "softmax": dg.softmax,
    "at": lambda x: x.at[0].set(x[1]),
    "scatter_max": lambda x: dg.scatter_max(x, 0, x[1]),
    "backward gradient": _backward_with,
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_takes_what_it_is_now(entry: str):
    x0, v0 = setting()
    x = dg.array(x0)
    x[0] = v0
    got, want = ENTRIES[entry](x), ENTRIES[entry](dg.array(np.asarray(x)))
    for a, b in zip(_flat(got), _flat(want), strict=True):
        same(a, np.asarray(b))


def _flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def test_it_is_drawn_with_its_name():
    x = dg.array([1.0, 2.0])
    x[0] = 5.0
    x *= 2
    loss = x.sum()
    assert dg.graph(loss).names() == ["x", "x_2", "x_3", "loss"]
    assert dg.graph(x).outputs[0].name == "x_3"
    loss.backward()
    x.name = "other"
    assert x.name == "other"


def test_arrays_do_not_share_memory():
    x = dg.array([[1.0, 2.0], [3.0, 4.0]])
    for same_numbers in (x[:], x.reshape(2, 2), x.astype(float), +x, x.copy(), np.broadcast_to(x, (2, 2))):
        same_numbers[0] = 9.0
        same(x, np.array([[1.0, 2.0], [3.0, 4.0]]))
    x[0], x[1] = x[1], x[0]
    same(x, np.array([[3.0, 4.0], [1.0, 2.0]]))
    given_numbers = np.ones(3)
    y = dg.asarray(given_numbers)
    y[0] = 5.0
    assert given_numbers.tolist() == [1, 1, 1]


def test_a_leaf_keeps_the_gradient_of_what_it_was_made_as():
    x = dg.array([1.0, 2.0])
    double = x * 2
    x[0] = 5.0
    (x.sum() + double.sum()).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 3]
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 7]
    x.grad = None
    assert x.grad is None
    (x * x).sum().backward()
    assert x.grad.tolist() == [0, 4]


def test_a_step_keeps_the_gradient_of_what_it_is_now():
    x = dg.array([1.0, 2.0])
    h = (x * 2).retain_grad()
    h[0] = 5.0
    (h * h).sum().backward()
    assert h.grad is not None
    assert h.grad.tolist() == [10, 8]
    assert x.grad is not None
    assert x.grad.tolist() == [0, 16]


def test_parameters_are_updated_in_place_while_nothing_is_recorded():
    w = dg.parameter([1.0, 2.0])
    other = w
    for _ in range(3):
        loss = dg.square(w).sum()
        loss.backward()
        with dg.no_grad():
            w -= 0.25 * w.grad
        assert (w.is_leaf, w.role, w.name) == (True, "parameter", "w")
        assert dg.graph(loss).inputs[0].role == "parameter"
        w.grad = None
    assert w.tolist() == other.tolist() == [0.125, 0.25]


def test_functions_of_functions_leave_their_arguments_alone():
    x0 = np.ones(3)

    def program(x: Any) -> Any:
        x[0] = 5.0
        x *= 2
        return (x * x).sum()

    x = dg.array(x0)
    for of in (dg.grad(program), dg.value_and_grad(program), dg.jacobian(program), dg.trace(program)):
        of(x0)
        of(x)
    dg.vmap(program)(np.ones((2, 3)))
    dg.vmap(program, in_axes=None)
    dg.jvp(program, (x,), (x,))
    assert x0.tolist() == x.tolist() == [1, 1, 1]
    same(dg.grad(program)(x0), np.array([0.0, 8.0, 8.0]))
    same(dg.jvp(program, (x0,), (np.ones(3),))[1], np.float64(16.0))
    same(dg.vmap(dg.grad(program))(np.ones((2, 3))), np.array([[0.0, 8.0, 8.0]] * 2))
    same(dg.hessian(program)(x0), np.diag([0.0, 8.0, 8.0]))


def test_higher_derivatives_see_the_values_of_their_time():
    x = dg.array(np.array([1.5, 2.0]))
    y = x**3
    x[0] = y[1]
    loss = (x * y).sum()
    loss.backward(create_graph=True)
    assert x.grad is not None
    x1, x0 = 2.0, 1.5
    same(x.grad, np.array([3 * x0**2 * x1**3, 3 * x1**2 * x0**3 + 4 * x1**3]))


def test_at_gives_new_arrays():
    x = dg.array([1.0, 2.0, 3.0])
    assert x.at[[0, 0]].set([5.0, 6.0]).tolist() == [6, 2, 3]
    assert x.at[[0, 0]].add([5.0, 6.0]).tolist() == [12, 2, 3]
    assert x.at[[0, 0]].subtract([5.0, 6.0]).tolist() == [-10, 2, 3]
    assert x.at[[0, 0]].multiply([5.0, 6.0]).tolist() == [30, 2, 3]
    assert x.at[1:].multiply(2.0).tolist() == [1, 4, 6]
    assert x.at[[0, 0]].max([5.0, 6.0]).tolist() == [6, 2, 3]
    assert x.at[[0, 0]].min([5.0, -6.0]).tolist() == [-6, 2, 3]
    assert x.at[1].get().tolist() == 2
    assert x.tolist() == [1, 2, 3]


def test_products_have_derivatives_at_zero_too():
    def loss(x: Any, v: Any) -> Any:
        return (dg.array([1.0, 2.0]) * x.at[[0, 0, 1]].multiply(v)).sum()

    g = dg.grad(loss, (0, 1))(np.array([3.0, 4.0]), np.array([0.0, 5.0, 0.0]))
    same(g[0], np.array([0.0, 0.0]))
    same(g[1], np.array([15.0, 0.0, 8.0]))


@pytest.mark.skipif(not hasattr(dg, "sort"), reason="sorting is a family of its own")
def test_sort_in_place():
    x = dg.array([3.0, 1.0, 2.0])
    x.sort()
    x.backward([1.0, 2.0, 3.0])
    assert x.tolist() == [1, 2, 3]
    assert x.grad is not None
    assert x.grad.tolist() == [3, 1, 2]


PROGRAMS = [code for code in SNIPPETS if "x > 0" not in code]


@pytest.mark.parametrize("code", [*PROGRAMS, "y = x[1] * 2; x[0] = y; x[1] = y + x[0]; y[0] = x[1, 1]"])
def test_no_cycles_of_references(code: str):
    x0, v0 = setting()
    gc.collect()
    gc.disable()
    try:
        x, v = dg.array(x0), dg.array(v0)
        used = x * v
        result = execute(code, x, v)
        np.sum(result[0] * used).backward()
        dead = [weakref.ref(a) for a in (x, v, used, *result) if isinstance(a, dg.Array)]
        del x, v, used, result
        assert [ref() for ref in dead] == [None] * len(dead)
    finally:
        gc.enable()


def test_looking_for_pointers_is_linear():
    from work import calls

    def program(n: int) -> Callable[[], None]:
        def run() -> None:
            h, out = dg.array(np.ones(2)), dg.array(np.zeros((n, 2)))
            out * 2
            for k in range(n):
                h = np.tanh(h) * 2
                out[k] = h

        return run

    program(3)()
    assert calls(program(200)) < 11 * calls(program(20))
