"""Derivatives of other kinds, and control flow: small programs, whose right results are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .libraries import Library
from .row import CONSTANTS, compiled
from .verdict import TOLERANCE, Verdict, plain, said

F = "f = lambda p: p[0] ** 2 * sin(p[1])\n"
"""What is differentiated, at p = (0.3, 0.7), along q = (½, −¼)."""
a, b = CONSTANTS["p"]
q = CONSTANTS["q"]
GRADIENT = np.array([2 * a * np.sin(b), a**2 * np.cos(b)])
HESSIAN = np.array([[2 * np.sin(b), 2 * a * np.cos(b)], [2 * a * np.cos(b), -(a**2) * np.sin(b)]])
BATCH = np.stack([CONSTANTS["p"], q])
FIXED = 0.5671432904097838
"""x = e^(−t·x) at t = 1; dx/dt = −x²/(1 + x)."""


@dataclass(frozen=True)
class Program:
    """What is computed, the right result, and the code of each library that has it."""

    name: str
    expected: float | np.ndarray
    codes: dict[str, str]


def program(name: str, expected: float | np.ndarray, **codes: str) -> Program:
    """A row."""
    return Program(name, expected, codes)


BATCHED = F + "ps = stack([p, q])\n"
LOOP = "def f(x):\n    while x < 3:\n        x = x * x\n    return x\n"
SCAN = "f = lambda t: scan(lambda c, x: (sin(c) * x, c), t, p)[0]\n"
WHILE = "f = lambda t: while_loop(lambda c: c < 3.0, lambda c: c * c, t)\n"
COND = "f = lambda t: OWN.cond(t > 1, lambda t: t * t, lambda t: sin(t), t)\n"

DERIVATIVES: list[Program] = [
    program(
        "vector–Jacobian product",
        2 * GRADIENT,
        diagrad=F + "dg.vjp(f, p)[1](2.0)[0]",
        autograd=F + "ag.make_vjp(f)(p)[0](2.0)",
        PyTorch=F + "torch.func.vjp(f, p)[1](2 * p.new_ones(()))[0]",
        JAX=F + "jax.vjp(f, p)[1](2.0)[0]",
        MyGrad="t = mg.tensor(p)\n(t[0] ** 2 * sin(t[1])).backward(2.0)\nt.grad",
    ),
    program(
        "Jacobian–vector product",
        float(GRADIENT @ q),
        diagrad=F + "dg.jvp(f, (p,), (q,))[1]",
        autograd=F + "ag.make_jvp(f)(p)(q)[1]",
        PyTorch=F + "torch.func.jvp(f, (p,), (q,))[1]",
        JAX=F + "jax.jvp(f, (p,), (q,))[1]",
    ),
    program(
        "Jacobian",
        np.array([[2 * a * b, a**2], [np.cos(a), 0.0]]),
        diagrad="dg.jacobian(lambda p: stack([p[0] ** 2 * p[1], sin(p[0])]))(p)",
        autograd="ag.jacobian(lambda p: ag.numpy.array([p[0] ** 2 * p[1], sin(p[0])]))(p)",
        PyTorch="torch.func.jacrev(lambda p: stack([p[0] ** 2 * p[1], sin(p[0])]))(p)",
        JAX="jax.jacobian(lambda p: stack([p[0] ** 2 * p[1], sin(p[0])]))(p)",
    ),
    program(
        "Hessian",
        HESSIAN,
        diagrad=F + "dg.hessian(f)(p)",
        autograd=F + "ag.hessian(f)(p)",
        PyTorch=F + "torch.func.hessian(f)(p)",
        JAX=F + "jax.hessian(f)(p)",
    ),
    program(
        "Hessian–vector product",
        HESSIAN @ q,
        diagrad=F + "dg.hvp(f, (p,), (q,))",
        autograd=F + "ag.make_hvp(f)(p)[0](q)",
        PyTorch=F + "torch.autograd.functional.hvp(f, p, q)[1]",
        JAX=F + "jax.jvp(jax.grad(f), (p,), (q,))[1]",
    ),
    program(
        "third derivative",
        -float(np.cos(a)),
        diagrad="dg.grad(dg.grad(dg.grad(sin)))(p[0])",
        autograd="ag.grad(ag.grad(ag.grad(sin)))(p[0])",
        PyTorch="torch.func.grad(torch.func.grad(torch.func.grad(sin)))(p[0])",
        JAX="jax.grad(jax.grad(jax.grad(sin)))(p[0])",
    ),
    program(
        "third derivative along a line",
        -float(np.cos(a)),
        diagrad="dg.directional(sin, (p[0],), (1.0,), order=3)[3]",
        JAX="from jax.experimental import jet\njet.jet(sin, (p[0],), ((1.0, 0.0, 0.0),))[1][2]",
    ),
    program(
        "vmap",
        BATCH[:, 0] ** 2 * np.sin(BATCH[:, 1]),
        diagrad=BATCHED + "dg.vmap(f)(ps)",
        PyTorch=BATCHED + "torch.func.vmap(f)(ps)",
        JAX=BATCHED + "jax.vmap(f)(ps)",
    ),
    program(
        "gradient of each sample",
        np.stack([2 * BATCH[:, 0] * np.sin(BATCH[:, 1]), BATCH[:, 0] ** 2 * np.cos(BATCH[:, 1])], 1),
        diagrad=BATCHED + "dg.vmap(dg.grad(f))(ps)",
        autograd=BATCHED + "ag.elementwise_grad(lambda ps: ps[:, 0] ** 2 * sin(ps[:, 1]))(ps)",
        PyTorch=BATCHED + "torch.func.vmap(torch.func.grad(f))(ps)",
        JAX=BATCHED + "jax.vmap(jax.grad(f))(ps)",
    ),
    program(
        "structures of parameters",
        GRADIENT[1],
        diagrad="dg.grad(lambda d: d['a'] ** 2 * sin(d['b'][0]))({'a': p[0], 'b': [p[1]]})['b'][0]",
        autograd="ag.grad(lambda d: d['a'] ** 2 * sin(d['b'][0]))({'a': p[0], 'b': [p[1]]})['b'][0]",
        PyTorch="torch.func.grad(lambda d: d['a'] ** 2 * sin(d['b'][0]))({'a': p[0], 'b': [p[1]]})['b'][0]",
        JAX="jax.grad(lambda d: d['a'] ** 2 * sin(d['b'][0]))({'a': p[0], 'b': [p[1]]})['b'][0]",
    ),
    program(
        "complex derivative",
        float(2 * b),
        diagrad="imag(dg.jacobian(lambda z: z * z)(p[0] + 1j * p[1]))",
        autograd="imag(ag.holomorphic_grad(lambda z: z * z)(p[0] + 1j * p[1]))",
        JAX="imag(jax.grad(lambda z: z * z, holomorphic=True)(p[0] + 1j * p[1]))",
        PyTorch="t = (p[0] + 1j * p[1]).requires_grad_()\n"
        "(t * t).backward(p.new_ones(()) + 0j)\n-imag(t.grad)",
    ),
    program(
        "a gradient that stops",
        float(a),
        diagrad="dg.grad(lambda x: x * dg.stop_gradient(x))(p[0])",
        autograd="ag.grad(lambda x: x * extend.notrace_primitive(lambda x: x)(x))(p[0])",
        PyTorch="torch.func.grad(lambda x: x * x.detach())(p[0])",
        JAX="jax.grad(lambda x: x * lax.stop_gradient(x))(p[0])",
        MyGrad="t = mg.tensor(p[0])\n(t * t.data).backward()\nt.grad",
    ),
    program(
        "checkpoint",
        float(np.cos(np.exp(a)) * np.exp(a)),
        diagrad="dg.grad(dg.checkpoint(lambda x: sin(exp(x))))(p[0])",
        autograd="ag.grad(ag.checkpoint(lambda x: sin(exp(x))))(p[0])",
        PyTorch="t = p[0].clone().requires_grad_()\nfrom torch.utils.checkpoint import checkpoint\n"
        "checkpoint(lambda x: sin(exp(x)), t, use_reentrant=False).backward()\nt.grad",
        JAX="jax.grad(jax.checkpoint(lambda x: sin(exp(x))))(p[0])",
    ),
    program(
        "a rule of one's own, twice",
        -float(9 * np.sin(3 * a)),
        diagrad="f = dg.custom_rule(lambda x: sin(3 * x))\n"
        "f.backward(lambda g, x: g * 3 * cos(3 * x))\ndg.grad(dg.grad(f))(p[0])",
        autograd="f = extend.primitive(lambda x: sin(3 * x))\n"
        "extend.defvjp(f, lambda y, x: lambda g: g * 3 * cos(3 * x))\nag.grad(ag.grad(f))(p[0])",
        PyTorch="class Own(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return sin(3 * x)\n"
        "    @staticmethod\n"
        "    def backward(ctx, g):\n        return g * 3 * cos(3 * ctx.saved_tensors[0])\n"
        "t = p[0].clone().requires_grad_()\n"
        "(g,) = torch.autograd.grad(Own.apply(t), t, create_graph=True)\ntorch.autograd.grad(g, t)[0]",
        JAX="f = jax.custom_vjp(lambda x: sin(3 * x))\n"
        "f.defvjp(lambda x: (f(x), x), lambda x, g: (g * 3 * cos(3 * x),))\njax.grad(jax.grad(f))(p[0])",
    ),
    program(
        "implicit differentiation",
        -(FIXED**2) / (1 + FIXED),
        diagrad="@dg.implicit(fixed_point=lambda x, t: exp(-t * x))\n"
        "def solve(t):\n    x = t\n    for _ in range(60):\n        x = exp(-t * x)\n    return x\n"
        "dg.grad(solve)(1.0)",
        autograd="from autograd.misc.fixed_points import fixed_point\n"
        "ag.grad(lambda t: fixed_point(lambda t: lambda x: exp(-t * x), t, 0.5, "
        "lambda x, y: abs(x - y), 1e-13))(1.0)",
        JAX="jax.grad(lambda t: lax.custom_root(lambda x: x - exp(-t * x), 0.5, "
        "lambda f, x: lax.fori_loop(0, 60, lambda i, x: x - f(x), x), lambda g, y: y / g(1.0)))(1.0)",
    ),
]

CONTROL: list[Program] = [
    program(
        "Python's while",
        4 * 1.5**3,
        diagrad=LOOP + "dg.grad(f)(1.5)",
        autograd=LOOP + "ag.grad(f)(1.5)",
        MyGrad=LOOP + "t = mg.tensor(1.5)\nf(t).backward()\nt.grad",
        PyTorch=LOOP + "t = (0 * p[0] + 1.5).requires_grad_()\nf(t).backward()\nt.grad",
        JAX=LOOP + "jax.grad(f)(1.5)",
    ),
    program(
        "scan",
        float(b * np.cos(a * np.sin(0.4)) * a * np.cos(0.4)),
        diagrad=SCAN + "dg.grad(f)(0.4)",
        PyTorch="from torch._higher_order_ops import scan\n"
        "t = (0 * p[0] + 0.4).requires_grad_()\n"
        "scan(lambda c, x: (sin(c) * x, c.clone()), t, p)[0].backward()\nt.grad",
        JAX=SCAN + "jax.grad(f)(0.4)",
    ),
    program(
        "cond",
        3.0,
        diagrad=COND.replace("OWN", "dg") + "dg.grad(f)(1.5)",
        PyTorch="t = (0 * p[0] + 1.5).requires_grad_()\n"
        "torch.cond(t > 1, lambda t: t * t, lambda t: sin(t), (t,)).backward()\nt.grad",
        JAX=COND.replace("OWN", "lax") + "jax.grad(f)(1.5)",
    ),
    program(
        "while_loop, forward",
        4 * 1.5**3,
        diagrad=WHILE + "dg.jvp(f, (1.5,), (1.0,))[1]",
        JAX=WHILE + "jax.jvp(f, (1.5,), (1.0,))[1]",
    ),
    program(
        "while_loop, reverse",
        4 * 1.5**3,
        diagrad=WHILE + "dg.grad(f)(1.5)",
        JAX=WHILE + "jax.grad(f)(1.5)",
        PyTorch="from torch._higher_order_ops import while_loop\nt = (0 * p[0] + 1.5).requires_grad_()\n"
        "while_loop(lambda c: c < 3, lambda c: (c * c,), (t,))[0].backward()\nt.grad",
    ),
]

PROGRAMS = {"Derivatives of other kinds": DERIVATIVES, "Control flow": CONTROL}


def judged(library: Library, item: Program) -> Verdict:
    """Whether the program gives the right number."""
    if library.name not in item.codes:
        return Verdict("–", "has none")
    try:
        with library.running():
            got = np.asarray(plain(compiled(item.codes[library.name], [], library)()), dtype=float)
    except Exception as error:  # noqa: BLE001 - whatever it raises, it cannot do it
        return Verdict("–", said(error))
    right = got.shape == np.shape(item.expected) and np.allclose(got, item.expected, TOLERANCE, 1e-9)
    return Verdict("yes") if right else Verdict("differs", f"{got}, not {item.expected}")
