"""1,797 handwritten digits of 8×8 pixels, which scikit-learn ships.

Alpaydin & Kaynak, *Optical Recognition of Handwritten Digits* (UCI Machine Learning Repository, 1998).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from ...errors import InputError

Numbers = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Digits:
    """Images (N, 64) from 0 to 1, labels (N,) from 0 to 9; four fifths to train on, one fifth to validate."""

    images: Numbers
    labels: Numbers
    validation_images: Numbers
    validation_labels: Numbers


def load_digits(seed: int = 0) -> Digits:
    """The digits, shuffled and split.

    Raises:
        InputError: scikit-learn is not installed.
    """
    try:
        datasets: Any = import_module("sklearn.datasets")
    except ImportError:
        raise InputError(
            "the demo needs scikit-learn, which ships the digits",
            expected="the package scikit-learn",
            got="it is not installed",
            fix="pip install scikit-learn",
        ) from None
    data: Any = datasets.load_digits()
    order = np.random.default_rng(seed).permutation(len(data.target))
    images: Numbers = np.asarray(data.data)[order] / 16.0
    labels: Numbers = np.asarray(data.target)[order]
    held = len(order) // 5
    return Digits(images[held:], labels[held:], images[:held], labels[:held])
