"""Graphs that a reader may know from elsewhere, with the numbers published there."""

from __future__ import annotations

from .entry import Entry

_SAITO = "Saito, Deep Learning from Scratch (O'Reilly Japan, 2016), chapter 5"
_CS231N = "Stanford CS231n, Backpropagation, Intuitions (cs231n.github.io/optimization-2)"

FAMOUS: tuple[Entry, ...] = (
    Entry(
        "apples",
        "Apples with tax",
        "Two apples at 100 each and 10 % tax cost 220.",
        "An apple that is 1 dearer makes it 2.2 dearer, one apple more 110, a tax factor 1 higher 200.",
        "total = apple * apples * tax",
        {"apple": "100.0", "apples": "2.0", "tax": "1.1"},
        source=_SAITO,
    ),
    Entry(
        "apples-and-oranges",
        "Apples and oranges with tax",
        "Two apples at 100, three oranges at 150 and 10 % tax cost 715.",
        "Multiply hands each input the other, times what came from above; Add hands on what came from above.",
        "total = (apple * apples + orange * oranges) * tax",
        {"apple": "100.0", "apples": "2.0", "orange": "150.0", "oranges": "3.0", "tax": "1.1"},
        source=_SAITO,
    ),
    Entry(
        "circuit",
        "f = (x + y) · z",
        "At x = −2, y = 5, z = −4: q = x + y = 3 and f = q · z = −12.",
        "∂f/∂q = z = −4 passes + to x and y unchanged; ∂f/∂z = q = 3.",
        "q = x + y; f = q * z",
        {"x": "-2.0", "y": "5.0", "z": "-4.0"},
        source=_CS231N,
    ),
    Entry(
        "sigmoid-neuron",
        "A sigmoid neuron",
        "f = 1 / (1 + e^−(w₀x₀ + w₁x₁ + w₂)), from its elementary steps.",
        "Each step multiplies what comes from above by its own small derivative.",
        "f = 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))",
        {"x0": "-1.0", "x1": "-2.0"},
        {"w0": "2.0", "w1": "-3.0", "w2": "-3.0"},
        source=_CS231N,
    ),
    Entry(
        "colah",
        "e = (a + b) · (b + 1)",
        "At a = 2, b = 1: c = 3, d = 2, e = 6.",
        "b is used twice, so its two gradients add: 2 + 3 = 5. That is the sum over paths.",
        "c = a + b; d = b + 1; e = c * d",
        {"a": "2.0", "b": "1.0"},
        source="Olah, Calculus on Computational Graphs: Backpropagation (colah.github.io, 2015)",
    ),
    Entry(
        "baydin",
        "y = ln x₁ + x₁x₂ − sin x₂",
        "At (2, 5): y = 11.652.",
        "∂y/∂x₁ = 1/x₁ + x₂ = 5.5 and ∂y/∂x₂ = x₁ − cos x₂ = 1.716, in one sweep.",
        "y = log(x1) + x1 * x2 - sin(x2)",
        {"x1": "2.0", "x2": "5.0"},
        source="Baydin, Pearlmutter, Radul & Siskind, Automatic Differentiation in Machine Learning: "
        "a Survey (JMLR 18, 2018), tables 2 and 3",
    ),
    Entry(
        "micrograd",
        "micrograd's example",
        "The expression that opens micrograd's README; g = 24.7041.",
        "∂g/∂a = 138.8338 and ∂g/∂b = 645.5773, each through every path from its many uses.",
        "c = a + b; d = a * b + b**3; c += c + 1; c += 1 + c + (-a); d += d * 2 + relu(b + a); "
        "d += 3 * d + relu(b - a); e = c - d; f = e**2; g = f / 2.0; g += 10.0 / f",
        {"a": "-4.0", "b": "2.0"},
        source="Karpathy, micrograd (github.com/karpathy/micrograd, 2020)",
    ),
    Entry(
        "affine-sigmoid",
        "Affine and sigmoid",
        "A layer of a network: Y = σ(X · W + b).",
        "Sigmoid multiplies the upstream gradient by y (1 − y), the rest is the affine figure's.",
        "Y = sigmoid(X @ W + b)",
        {"X": "[[1, 2], [0.5, -1], [-1.5, 0.25]]"},
        {"W": "[[0.5, -1], [1.5, 2]]", "b": "[0.1, -0.2]"},
        source=_SAITO,
    ),
    Entry(
        "softmax-with-loss",
        "Softmax with loss",
        "Scores become the probabilities 0.3, 0.2, 0.5; the right class is the second: L = −ln 0.2 = 1.609.",
        "All steps together give the gradient y − t = (0.3, −0.8, 0.5): predicted minus right.",
        "L = softmax_cross_entropy(a, t)",
        {"a": "[[-1.2039728, -1.6094379, -0.6931472]]", "t": "[1]:int64"},
        source=_SAITO,
    ),
    Entry(
        "two-layer",
        "A two-layer network",
        "Affine, sigmoid, affine, then softmax with loss: the network that many courses train first.",
        "One sweep from L back to every parameter; each bias gets the sum over the rows.",
        "h = sigmoid(X @ W1 + b1); s = h @ W2 + b2; L = softmax_cross_entropy(s, t)",
        {"X": "[[1, 0.5], [-0.5, 2]]", "t": "[0, 2]:int64"},
        {
            "W1": "[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]",
            "b1": "[0.1, 0.2, 0.3]",
            "W2": "[[0.1, 0.4, -0.2], [0.2, 0.5, 0.1], [0.3, 0.6, -0.4]]",
            "b2": "[0.1, 0.2, 0.05]",
        },
        source=_SAITO,
    ),
)
