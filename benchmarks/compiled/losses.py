"""The losses, each written once over the functions ``f`` of a library (``Functions``)."""

from __future__ import annotations

from typing import Any

Tree = dict[str, Any]


class Functions:
    """What losses are written with. A library gives the plain functions, and may replace the composites."""

    exp: Any
    log: Any
    log1p: Any
    tanh: Any
    sqrt: Any
    relu: Any
    sigmoid: Any
    sum: Any  # Σ of all elements
    total: Any  # Σ over the last axis, which is kept
    top: Any  # the maximum over the last axis, kept, without a gradient
    reshape: Any
    permute: Any
    stack: Any
    cells: Any  # the maximum over axes 3 and 5
    take: Any  # rows of a table

    def length(self, x: Any, axis: int) -> Any:
        """How long an axis is, as a number."""
        return x.shape[axis]

    def softmax(self, x: Any) -> Any:
        e = self.exp(x - self.top(x))
        return e / self.total(e)

    def cross_entropy(self, z: Any, Y: Any) -> Any:
        s = z - self.top(z)
        return self.sum((self.log(self.total(self.exp(s))) - s) * Y) * (1.0 / self.length(Y, 0))

    def layer_norm(self, x: Any, g: Any, b: Any) -> Any:
        n = 1.0 / self.length(x, -1)
        c = x - self.total(x) * n
        return c / self.sqrt(self.total(c * c) * n + 1e-5) * g + b

    def gelu(self, x: Any) -> Any:
        return 0.5 * x * (1.0 + self.tanh(0.7978845608 * (x + 0.044715 * (x * x * x))))

    def attention(self, q: Any, k: Any, v: Any, mask: Any) -> Any:
        return self.softmax((q @ self.permute(k, (0, 1, 3, 2))) * self.length(q, -1) ** -0.5 + mask) @ v

    def conv(self, x: Any, w: Any) -> Any:
        """A convolution without padding: the product of windows and kernels."""
        (n, c, rows, columns), (out, _, k, _) = x.shape, w.shape
        m, width = rows - k + 1, columns - k + 1
        windows = self.stack([x[:, :, i : i + m, j : j + width] for i in range(k) for j in range(k)], 2)
        windows = self.reshape(self.permute(windows, (0, 3, 4, 1, 2)), (n * m * width, c * k * k))
        y = windows @ self.permute(self.reshape(w, (out, c * k * k)), (1, 0))
        return self.permute(self.reshape(y, (n, m, width, out)), (0, 3, 1, 2))

    def pool(self, x: Any) -> Any:
        n, c, rows, columns = x.shape
        return self.cells(self.reshape(x, (n, c, rows // 2, 2, columns // 2, 2)))

    def scan(self, body: Any, carry: Any, X: Any) -> Any:
        """The carry after all rows of ``X``: Python's loop, where the library has none of its own."""
        for x in X:
            carry = body(carry, x)
        return carry

    def lstm(self, d: Tree, p: Tree, *, scan: bool) -> Any:
        """The last output of a long short-term memory over ``d["X"]`` (time, batch, inputs)."""
        n = p["U"].shape[0]

        def body(carry: Any, x: Any) -> Any:
            h, c = carry
            z = x @ p["W"] + h @ p["U"] + p["b"]
            c = self.sigmoid(z[:, n : 2 * n]) * c + self.sigmoid(z[:, :n]) * self.tanh(z[:, 2 * n : 3 * n])
            return self.sigmoid(z[:, 3 * n :]) * self.tanh(c), c

        if scan:
            return self.scan(body, (d["h"], d["h"]), d["X"])[0]
        carry = d["h"], d["h"]
        for t in range(d["X"].shape[0]):
            carry = body(carry, d["X"][t])
        return carry[0]


def parabola(f: Functions, p: Tree, d: Tree) -> Any:
    """Σ relu(x² + x) of one number: what is left is overhead."""
    return f.sum(f.relu(p["x"] * p["x"] + p["x"]))


def micrograd(f: Functions, p: Tree, d: Tree) -> Any:
    """The demo of micrograd: hinge loss of a network 2-16-16-1, and the squares of the parameters."""
    h = f.relu(f.relu(d["X"] @ p["W0"] + p["b0"]) @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    size = sum((f.sum(p[name] * p[name]) for name in p), 0.0)
    return f.sum(f.relu(1.0 - d["y"] * h)) * (1.0 / 100) + 1e-4 * size


def affine(f: Functions, p: Tree, d: Tree) -> Any:
    """Σ (X·W + b) ∘ G."""
    return f.sum((p["X"] @ p["W"] + p["b"]) * d["G"])


def mlp(f: Functions, p: Tree, d: Tree) -> Any:
    """Layers with ReLU, softmax cross-entropy."""
    h, layers = d["X"], len(p) // 2
    for at in range(layers):
        h = h @ p[f"W{at}"] + p[f"b{at}"]
        h = f.relu(h) if at < layers - 1 else h
    return f.cross_entropy(h, d["Y"])


def chain(f: Functions, p: Tree, d: Tree) -> Any:
    """Twenty elementwise operations."""
    x = p["x"]
    h = f.tanh(x) * 1.5 + 0.3
    h = f.log1p(f.exp(f.sigmoid(h)))
    h = f.sigmoid(f.tanh(h * x) + x)
    h = f.exp(-(h * h))
    h = f.tanh(f.log1p(h) - 0.5) * x
    return f.sum(f.sqrt(h * h + 1.0))


def block(f: Functions, p: Tree, d: Tree) -> Any:
    """Layer norm, GELU, softmax."""
    return f.sum(f.softmax(f.gelu(f.layer_norm(p["x"], p["g"], p["b"]))) * d["T"])


def lstm(f: Functions, p: Tree, d: Tree) -> Any:
    """A recurrent network, its steps written one after another."""
    return f.cross_entropy(f.lstm(d, p, scan=False) @ p["V"], d["Y"])


def lstm_scan(f: Functions, p: Tree, d: Tree) -> Any:
    """A recurrent network as a loop of the library."""
    return f.cross_entropy(f.lstm(d, p, scan=True) @ p["V"], d["Y"])


def gpt(f: Functions, p: Tree, d: Tree) -> Any:
    """A transformer decoder of two blocks with four heads."""
    (n, time), width, heads = d["index"].shape, p["words"].shape[1], 4
    x = f.reshape(f.take(p["words"], d["index"]) + p["places"], (n * time, width))
    for at in range(2):
        w = {name: p[f"{name}{at}"] for name in ("g", "b", "QKV", "O", "G", "B", "up", "down", "bias")}
        qkv = f.reshape(f.layer_norm(x, w["g"], w["b"]) @ w["QKV"], (n, time, 3, heads, width // heads))
        qkv = f.permute(qkv, (2, 0, 3, 1, 4))
        seen = f.permute(f.attention(qkv[0], qkv[1], qkv[2], d["mask"]), (0, 2, 1, 3))
        x = x + f.reshape(seen, (n * time, width)) @ w["O"]
        x = x + f.gelu(f.layer_norm(x, w["G"], w["B"]) @ w["up"] + w["bias"]) @ w["down"]
    return f.cross_entropy(f.layer_norm(x, p["g"], p["b"]) @ p["head"], d["Y"])


def lenet(f: Functions, p: Tree, d: Tree) -> Any:
    """Two convolutions, each with ReLU and pooling, and a linear layer."""
    h = f.pool(f.relu(f.conv(d["X"], p["K0"]) + f.reshape(p["b0"], (8, 1, 1))))
    h = f.pool(f.relu(f.conv(h, p["K1"]) + f.reshape(p["b1"], (16, 1, 1))))
    return f.cross_entropy(f.reshape(h, (h.shape[0], 256)) @ p["W"] + p["b"], d["Y"])


def rosenbrock(f: Functions, p: Tree, d: Tree) -> Any:
    """Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²."""
    a, b = p["x"][:-1], p["x"][1:]
    c, e = b - a * a, 1.0 - a
    return f.sum(100.0 * (c * c) + e * e)


def flat_mlp(f: Functions, p: Tree, d: Tree) -> Any:
    """A network 8-12-1 with tanh whose parameters are one vector, mean squared error."""
    x = p["x"]
    h = f.tanh(d["X"] @ f.reshape(x[:96], (8, 12)) + x[96:108])
    r = h @ f.reshape(x[108:120], (12, 1)) + x[120:121] - d["y"]
    return f.sum(r * r) * (1.0 / 32)


def oscillators(f: Functions, p: Tree, d: Tree) -> Any:
    """A thousand small steps of a ring of eight numbers, each a carry of its own."""

    def body(carry: Any, x: Any) -> Any:
        return tuple(a + 0.01 * f.tanh(carry[i - 1] * x - a) for i, a in enumerate(carry))

    end = f.scan(body, tuple(p["x"][i : i + 1] for i in range(8)), d["X"])
    return f.sum(sum((a * a for a in end[1:]), end[0] * end[0]))


def many_kernels(f: Functions, p: Tree, d: Tree) -> Any:
    """Sixty small layers, each normalised: many kernels with little to do."""
    h = d["X"]
    for at in range(60):
        h = h + f.tanh(f.layer_norm(h @ p["W"][at], 1.0, 0.0))
    return f.sum(h * h) * (1.0 / 60)
