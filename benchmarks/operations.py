"""Which operations can be differentiated: diagrad, HIPS autograd, MyGrad, PyTorch and JAX side by side.

Nothing is taken on trust: each library computes the gradient of the same function of the same numbers, and
a cell says "yes" only where it equals diagrad's to 1e-6; "no" where the library has no such operation or no
gradient of it; "differs" where both have one and they disagree.

    python benchmarks/operations.py            # prints the table
    python benchmarks/operations.py --write    # writes docs/operations.md
"""

from __future__ import annotations

import argparse
import importlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

LIBRARIES = ("diagrad", "autograd", "MyGrad", "PyTorch", "JAX")
PAGE = Path(__file__).parents[1] / "docs" / "operations.md"

x = np.array([[0.3, 0.7, 0.5], [0.9, 0.2, 0.6]])
"""In (0, 1), without ties, so that every function of the table is defined and smooth there."""
y = np.array([[0.8, 0.4, 0.1], [0.25, 0.65, 0.35]])
square = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, 0.2], [0.1, 0.2, 1.0]])
image = np.arange(50.0).reshape(1, 2, 5, 5) % 7 / 7 + np.linspace(0, 0.1, 50).reshape(1, 2, 5, 5)
kernel = np.linspace(-1, 1, 24).reshape(3, 2, 2, 2)

PLACES: dict[str, tuple[str, ...]] = {
    "diagrad": ("diagrad", "diagrad.linalg"),
    "autograd": (
        "autograd.numpy",
        "autograd.scipy.special",
        "autograd.numpy.linalg",
        "autograd.scipy.linalg",
    ),
    "MyGrad": ("mygrad", "mygrad.nnet.activations", "mygrad.nnet"),
    "PyTorch": ("torch", "torch.special", "torch.nn.functional", "torch.linalg"),
    "JAX": ("jax.numpy", "jax.scipy.special", "jax.nn", "jax.numpy.linalg", "jax.scipy.linalg", "jax.lax"),
}
"""Where each library keeps its functions, in the order in which a name is looked up."""

Call = Callable[..., Any]
Entry = tuple[str, tuple[Any, ...], dict[str, str | Call]]


def _plain(names: str, *arguments: Any, **others: dict[str, str | Call]) -> list[Entry]:
    """Operations that are called alike; ``others`` names what a library calls otherwise, by operation."""
    return [(name, arguments, others.get(name, {})) for name in names.split()]


def _axis(function: str) -> Call:
    return lambda find, *xs: find(function)(*xs, axis=1)


def _dim(function: str) -> Call:
    return lambda find, *xs: find(function)(*xs, 1)


TABLE: dict[str, list[Entry]] = {
    "Arithmetic": [
        *_plain(
            "add subtract multiply divide power maximum minimum arctan2 hypot logaddexp remainder",
            x,
            y,
            power={"PyTorch": "pow"},
        ),
        *_plain("negative reciprocal square sqrt abs cbrt", x),
    ],
    "Exponentials, trigonometry": _plain(
        "exp expm1 exp2 log log1p log2 log10 sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh",
        x,
    ),
    "Special functions": [
        *_plain("erf erfc gammaln digamma logit sigmoid", x, sigmoid={"JAX": "sigmoid", "autograd": "expit"}),
        *_plain("xlogy", x, y),
    ],
    "Activations": _plain(
        "relu softplus gelu silu elu selu mish leaky_relu",
        x - 0.5,
        gelu={"JAX": lambda find, x: find("gelu")(x, approximate=False)},
    ),
    "Reductions": [
        (
            name,
            (x,),
            {"*": _axis(name), "PyTorch": _dim(torch or name)},
        )
        for name, torch in (("sum", ""), ("mean", ""), ("prod", ""), ("max", "amax"), ("min", "amin"))
    ]
    + [
        (name, (x,), {"*": _axis(name), "PyTorch": lambda find, x, n=name: find(n)(x, 1, unbiased=False)})
        for name in ("var", "std")
    ]
    + [("logsumexp", (x,), {"*": _axis("logsumexp"), "PyTorch": _dim("logsumexp")})],
    "Cumulative": [
        (name, (x,), {"*": _axis(name), "PyTorch": _dim(torch)})
        for name, torch in (("cumsum", "cumsum"), ("cumprod", "cumprod"), ("cumlogsumexp", "logcumsumexp"))
    ],
    "Sorting, choosing": [
        ("sort", (x,), {"*": _axis("sort"), "PyTorch": lambda find, x: find("sort")(x, 1)[0]}),
        ("where", (x, y), {"*": lambda find, x, y: find("where")(x > 0.4, x, y)}),
        ("clip", (x,), {"*": lambda find, x: find("clip")(x, 0.25, 0.65)}),
        ("indexing", (x,), {"*": lambda find, x: x[[0, 1, 0], [2, 0, 2]]}),
        ("masking", (x,), {"*": lambda find, x: x[x > 0.4]}),
        (
            "take_along_axis",
            (x,),
            {
                "*": lambda find, x: find("take_along_axis")(x, np.array([[0, 2], [1, 1]]), axis=1),
                "PyTorch": lambda find, x: find("take_along_dim")(x, find("tensor")([[0, 2], [1, 1]]), 1),
            },
        ),
    ],
    "Shape": [
        ("reshape", (x,), {"*": lambda find, x: find("reshape")(x, (3, 2))}),
        ("transpose", (x,), {"*": lambda find, x: x.T}),
        ("concatenate", (x, y), {"*": lambda find, x, y: find("concatenate")([x, y])}),
        ("stack", (x, y), {"*": lambda find, x, y: find("stack")([x, y])}),
        (
            "pad",
            (x,),
            {
                "*": lambda find, x: find("pad")(x, ((1, 0), (0, 2))),
                "PyTorch": lambda find, x: find("pad")(x, (0, 2, 1, 0)),
            },
        ),
        ("roll", (x,), {"*": lambda find, x: find("roll")(x, 1)}),
        ("flip", (x,), {"*": lambda find, x: find("flip")(x, 1), "PyTorch": lambda find, x: x.flip(1)}),
        ("tile", (x,), {"*": lambda find, x: find("tile")(x, (2, 1))}),
        (
            "repeat",
            (x,),
            {
                "*": lambda find, x: find("repeat")(x, 2, axis=1),
                "PyTorch": lambda find, x: x.repeat_interleave(2, 1),
            },
        ),
        *_plain("tril triu", x),
        ("diagonal", (square,), {}),
    ],
    "Products": [
        ("matmul", (x, square), {}),
        ("einsum", (x, square), {"*": lambda find, x, y: find("einsum")("ij,jk->ki", x, y)}),
        ("outer", (x[0], y[0]), {}),
        ("tensordot", (x, y), {"*": lambda find, x, y: find("tensordot")(x, y, 2)}),
    ],
    "Linear algebra": [
        *_plain("inv det cholesky", square),
        ("slogdet", (square,), {"*": lambda find, a: find("slogdet")(a)[1]}),
        ("solve", (square, x.T), {}),
        ("qr", (square,), {"*": lambda find, a: find("qr")(a)[1]}),
        ("eigh", (square,), {"*": lambda find, a: find("eigh")(a)[0]}),
        ("svd", (square,), {"*": lambda find, a: find("svd")(a)[1]}),
        ("norm", (x,), {"*": lambda find, x: find("norm")(x)}),
        ("norm (nuclear)", (x,), {"*": lambda find, x: find("norm")(x, "nuc")}),
    ],
    "Networks": [
        ("softmax", (x,), {"*": _axis("softmax"), "PyTorch": _dim("softmax")}),
        (
            "log_softmax",
            (x,),
            {"*": _axis("log_softmax"), "PyTorch": _dim("log_softmax"), "MyGrad": "logsoftmax"},
        ),
        (
            "conv",
            (image, kernel),
            {
                "diagrad": "conv",
                "PyTorch": "conv2d",
                "JAX": lambda find, x, w: find("conv")(x, w, (1, 1), "VALID"),
                "MyGrad": lambda find, x, w: find("conv_nd")(x, w, stride=1),
            },
        ),
        (
            "max_pool",
            (image,),
            {
                "diagrad": lambda find, x: find("max_pool")(x, 2),
                "PyTorch": lambda find, x: find("max_pool2d")(x, 2),
                "JAX": lambda find, x: find("reduce_window")(
                    x, -np.inf, find("max"), (1, 1, 2, 2), (1, 1, 2, 2), "VALID"
                ),
                "MyGrad": lambda find, x: find("max_pool")(x, (2, 2), 2),
            },
        ),
    ],
}


def finder(library: str) -> Callable[[str], Any]:
    """A function that finds a name where the library keeps its functions."""
    modules = []
    for place in PLACES[library]:
        try:
            modules.append(importlib.import_module(place))
        except ImportError:
            continue
    if not modules:
        raise ImportError(library)

    def find(name: str) -> Any:
        for module in modules:
            if callable(found := getattr(module, name, None)):
                return found
        raise LookupError(name)

    return find


def call(library: str, entry: Entry, find: Callable[[str], Any], xs: tuple[Any, ...]) -> Any:
    """The operation as this library writes it."""
    name, _, special = entry
    how = special.get(library, special.get("*", name))
    return find(how)(*xs) if isinstance(how, str) else how(find, *xs)


def gradients(library: str, function: Call, arguments: tuple[Any, ...]) -> list[Any]:
    """The gradient of Σ f² with respect to every argument."""
    if library == "JAX":
        import jax

        with jax.enable_x64(True):
            loss = lambda *xs: (function(*xs) ** 2).sum()  # noqa: E731
            return [np.asarray(g) for g in jax.grad(loss, tuple(range(len(arguments))))(*arguments)]
    if library == "autograd":
        import autograd

        return list(autograd.grad(lambda xs: (function(*xs) ** 2).sum())(arguments))
    if library == "PyTorch":
        import torch

        tensors = [torch.tensor(x, requires_grad=True) for x in arguments]
        (function(*tensors) ** 2).sum().backward()
        return [t.grad.numpy() for t in tensors]
    package = importlib.import_module(library.lower())
    arrays = [package.tensor(x) if library == "MyGrad" else package.array(x) for x in arguments]
    (function(*arrays) ** 2).sum().backward()
    return [np.asarray(a.grad) for a in arrays]


def verdict(library: str, entry: Entry, want: list[Any] | None) -> tuple[str, list[Any] | None]:
    """What a cell says, and the gradients where there are some."""
    try:
        find = finder(library)
        got = gradients(library, lambda *xs: call(library, entry, find, xs), entry[1])
        assert all(np.all(np.isfinite(g)) for g in got)
    except Exception:  # noqa: BLE001 - whatever a library raises, it has no such gradient
        return "no", None
    agree = want is None or all(
        np.allclose(g, w, rtol=1e-6, atol=1e-9) for g, w in zip(got, want, strict=True)
    )
    return ("yes" if agree else "differs"), got


def table() -> str:
    """The table in Markdown."""
    lines: list[str] = []
    counts = dict.fromkeys(LIBRARIES, 0)
    total = 0
    for title, entries in TABLE.items():
        lines += ["", f"## {title}", "", f"| | {' | '.join(LIBRARIES)} |", "|---" * 6 + "|"]
        for entry in entries:
            total += 1
            first, want = verdict("diagrad", entry, None)
            cells = [first, *(verdict(library, entry, want)[0] for library in LIBRARIES[1:])]
            for library, cell in zip(LIBRARIES, cells, strict=True):
                counts[library] += cell == "yes"
            lines.append(f"| `{entry[0]}` | {' | '.join(cell.replace('no', '–') for cell in cells)} |")
    summary = ", ".join(f"{library} {count}" for library, count in counts.items())
    head = [
        "# What can be differentiated",
        "",
        f"Of {total} operations: {summary}.",
        "",
        "Made by `python benchmarks/operations.py --write`: every library computes the gradient of the",
        "same function of the same numbers; *yes* where it equals diagrad's to 1e-6, *–* where there is no",
        "such operation or no gradient of it.",
    ]
    return "\n".join([*head, *lines]) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write docs/operations.md")
    warnings.simplefilter("ignore")
    text = table()
    if parser.parse_args().write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
