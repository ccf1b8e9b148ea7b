"""Figures 1 to 14: the seven elementary graphs of neural networks, forward and backward.

After Saito, *Deep Learning from Scratch 2* (O'Reilly Japan, 2018), sections 1.3.3 and 1.3.4.
"""

from __future__ import annotations

from .entry import Entry

_A, _B = "[[1, 2], [3, 4]]", "[[10, 20], [30, 40]]"
_UP = "[[0.1, -0.2], [0.3, 0.4]]"
_X, _W = "[[1, 2], [0.5, -1], [-1.5, 0.25]]", "[[0.5, -1], [1.5, 2]]"
_UP_Y = "[[0.2, -0.4], [0.1, 0.3], [-0.5, 0.6]]"

FOURTEEN: tuple[Entry, ...] = (
    Entry(
        "add",
        "Add",
        "Z = X + Y: the two values are added, element by element.",
        "The upstream gradient ∂L/∂Z passes unchanged to both inputs, because ∂Z/∂X = ∂Z/∂Y = 1.",
        "Z = X + Y",
        {"X": _A, "Y": _B},
        gradient=_UP,
    ),
    Entry(
        "multiply",
        "Multiply",
        "Z = X × Y: the two values are multiplied, element by element.",
        "Each input gets the upstream gradient times the other input: ∂L/∂Z · Y and ∂L/∂Z · X.",
        "Z = X * Y",
        {"X": _A, "Y": _B},
        gradient=_UP,
    ),
    Entry(
        "branch",
        "Branch",
        "X goes two ways: both copies are X.",
        "The two upstream gradients add. When they are equal, ∂L/∂X is twice the one.",
        "X1, X2 = branch(X)",
        {"X": _A},
        gradient=_UP,
    ),
    Entry(
        "repeat",
        "Repeat",
        "x is copied N times along a new axis; here N = 3.",
        "The N upstream gradients add: ∂L/∂x is their sum over the new axis. When they are equal, it is N "
        "times the one.",
        "Y = repeat_new(x, 3)",
        {"x": "[1, 2]"},
        gradient="[[0.1, -0.2], [0.1, -0.2], [0.1, -0.2]]",
    ),
    Entry(
        "sum",
        "Sum",
        "y = a + b + … + z: any number of values are added; here four.",
        "The one upstream gradient goes to every input unchanged.",
        "y = add_n(a, b, c, z)",
        {"a": "[1, 2]", "b": "[3, 4]", "c": "[5, 6]", "z": "[7, 8]"},
        gradient="[0.5, -0.25]",
    ),
    Entry(
        "matmul",
        "MatMul",
        "Y = X · W: X is N×D, W is D×H, Y is N×H; here 3×2, 2×4 and 3×4.",
        "∂L/∂X = ∂L/∂Y · Wᵀ and ∂L/∂W = Xᵀ · ∂L/∂Y: the only products whose shapes fit.",
        "Y = X @ W",
        {"X": _X},
        {"W": "[[0.5, -1, 2, 0], [1.5, 2, -0.5, 1]]"},
        gradient="[[0.2, -0.4, 0, 1], [0.1, 0.3, -1, 0], [-0.5, 0.6, 0.5, 0.2]]",
    ),
    Entry(
        "affine",
        "Affine: Y = X · W + b",
        "X · W, and to every row of it b is added: b is repeated N times.",
        "∂L/∂Y passes + unchanged; MatMul gives ∂L/∂X and ∂L/∂W; and since b was repeated, ∂L/∂b is the sum "
        "of ∂L/∂Y over the rows.",
        "Y = X @ W + b",
        {"X": _X},
        {"W": _W, "b": "[0.1, -0.2]"},
        gradient=_UP_Y,
    ),
)
