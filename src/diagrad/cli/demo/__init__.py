"""``diagrad demo``: train on real handwritten digits, check the gradients, draw the network."""

from __future__ import annotations

import argparse
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import diagrad as dg

from ...expression.naming import unnamed
from ..files import make_folder, write_text
from ..terminal import Progress, note

if TYPE_CHECKING:
    from .digits import Digits

ENOUGH = 0.95
"""The validation accuracy that the demo promises."""


def run_demo(options: argparse.Namespace) -> int:
    """Train, check, draw; print where the files are. 1 if the network did not learn.

    Raises:
        InputError: scikit-learn is missing.
        OutputError: the folder cannot be written.
        GradientMismatchError: a gradient is wrong.
    """
    from ...diagnose import debug
    from .curve import training_curve
    from .digits import load_digits
    from .train import train

    began = time.monotonic()
    digits = load_digits(options.seed)
    folder = make_folder(Path(options.output))
    note(
        f"{len(digits.labels)} digits to learn from, {len(digits.validation_labels)} to validate",
        options.quiet,
    )
    with unnamed():
        with debug() if options.debug else nullcontext():
            parameters, history = train(
                digits,
                options.epochs,
                options.hidden,
                options.activation,
                options.seed,
                Progress("training", options.epochs, options.quiet),
            )
        title = f"Handwritten digits: {options.hidden} {options.activation} units, {options.epochs} epochs"
        curve = folder / "training.svg"
        write_text(curve, training_curve(history.losses, history.accuracies, title, options.style))
        _check(parameters, digits, options)
        pictures = _draw(parameters, digits, options, folder)
    accuracy = history.accuracies[-1]
    good = accuracy >= ENOUGH
    note(
        f"validation accuracy {accuracy:.1%}, in {time.monotonic() - began:.1f} s", options.quiet or not good
    )
    for path in (*pictures, curve):
        print(path)
    if not good:
        note(
            f"diagrad: the network reads {accuracy:.1%} of the digits it has not seen\n"
            f"  expected: at least {ENOUGH:.0%}\n"
            f"  fix:      train longer or with more units: --epochs {2 * options.epochs} --hidden 64"
        )
    return 0 if good else 1


def _check(parameters: list[dg.Array], digits: Digits, options: argparse.Namespace) -> None:
    """Compare gradients with finite differences, element by element, on two images.

    Of W1 the rows of three pixels in the middle are checked, of the rest everything: each element takes four
    runs of the network.
    """
    from ...testing import check_gradients
    from .train import loss_of

    images, labels = digits.images[:2], digits.labels[:2]
    W1 = parameters[0].data
    first, last = 27, 30

    def loss(rows: Any, b1: Any, W2: Any, b2: Any) -> Any:
        whole = dg.concatenate([W1[:first], rows, W1[last:]])
        return loss_of([whole, b1, W2, b2], images, labels, options.activation)

    report = check_gradients(loss, W1[first:last], *(w.data for w in parameters[1:]))
    count = sum(row.size for row in report.rows)
    note(
        f"{count} gradients agree with finite differences; largest relative error {report.error:.0e}",
        options.quiet,
    )


def _draw(
    parameters: list[dg.Array], digits: Digits, options: argparse.Namespace, folder: Path
) -> list[Path]:
    """The graph of one mini-batch with its numbers and gradients: of the network alone, where L lies beyond
    the figure, and of everything up to the loss.
    """
    from ...draw import draw
    from .train import batches, loss_of, scores_of

    images, labels = next(batches(digits.images, digits.labels, options.seed))

    def fresh() -> tuple[list[dg.Array], dg.Array]:
        return [dg.parameter(w.data, name=w.name) for w in parameters], dg.array(images, name="images")

    scores = scores_of(*fresh(), options.activation).retain_grad()
    dg.softmax_cross_entropy(scores, labels).backward()
    assert scores.grad is not None
    loss = loss_of(*fresh(), dg.array(labels, name="labels"), options.activation)
    how: dict[str, Any] = {"style": options.style, "show": "all"}
    network = draw(scores, gradient=scores.grad.data, title="One mini-batch of handwritten digits", **how)
    whole = draw(loss, title="One mini-batch of handwritten digits, up to the loss", **how)
    return [
        figure.save(folder / f"{name}.{suffix}")
        for name, figure in (("network", network), ("network-with-loss", whole))
        for suffix in ("svg", "png")
    ]
