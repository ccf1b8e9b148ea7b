"""``diagrad draw``: an expression and its inputs become a figure."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..array.array import Array
from ..errors import NonFiniteError, OutputError
from ..expression import Evaluated, Given, draw_evaluated, evaluate, read_inputs
from .files import new_path
from .terminal import note

if TYPE_CHECKING:
    from ..draw import Figure

SUFFIXES = (".svg", ".png")


def run_draw(options: argparse.Namespace) -> int:
    """Draw what the options say, save it and print its path.

    Raises:
        DiagradError: the expression, an input or the output is wrong.
    """
    _check_output(options.output)
    text = sys.stdin.read() if options.expression == "-" else options.expression
    given = read_inputs(options.input, options.parameter, options.seed)
    arrays = {name: x.array for name, x in given.items()}
    try:
        evaluated = _watched(text, arrays) if options.debug else evaluate(text, arrays)
    except NonFiniteError as error:
        _write(error.draw(), "path", options)
        error.where = text.strip()
        raise
    _tell(evaluated, given, options)
    figure = draw_evaluated(
        evaluated,
        passes=options.passes,
        show=options.show,
        style=options.style,
        loss=options.loss,
        gradient=options.gradient,
        title=options.title,
        seed=options.seed,
    )
    _write(figure, _stem(evaluated), options)
    return 0


def _write(figure: Figure, stem: str, options: argparse.Namespace) -> None:
    """Print or save a figure, as the options say."""
    if options.text:
        print(figure.text())
    if options.output == "-":
        sys.stdout.write(figure.svg)
    elif options.output or not options.text:
        path = Path(options.output) if options.output else new_path(stem, ".svg")
        figure.save(path, scale=options.scale)
        note(str(path), options.quiet) if options.text else print(path)


def _watched(text: str, given: dict[str, Array]) -> Evaluated:
    """The expression's results, computed and differentiated under :func:`diagrad.debug`.

    Raises:
        NonFiniteError: NaN or infinity is in the way, forward or backward.
    """
    from ..diagnose import debug

    with debug():
        evaluated = evaluate(text, given)
        for _, y in evaluated.outputs:
            if y._active:  # pyright: ignore[reportPrivateUsage]
                y.backward(np.ones(y.shape, y.dtype), retain_graph=True)
    for x in given.values():
        x.grad = None
    return evaluated


def _check_output(output: str | None) -> None:
    """Say that a file cannot be written before anything is computed."""
    if output in (None, "-") or Path(output).suffix.lower() in SUFFIXES:
        return
    raise OutputError(
        f"cannot draw to {output}",
        expected="a file that ends in .svg or .png, or - for stdout",
        got=Path(output).suffix or "no suffix",
        fix=f"write -o {Path(output).with_suffix('.svg') if Path(output).name else 'figure.svg'}",
    )


def _tell(evaluated: Evaluated, given: dict[str, Given], options: argparse.Namespace) -> None:
    """What a user should know of the numbers: which are random, which unused, which not finite."""
    seeded = [x for x in given.values() if x.seeded and x.name in evaluated.used]
    if seeded:
        words = ", ".join(f"{x.name} ({'×'.join(map(str, x.array.shape))})" for x in seeded)
        note(f"random numbers, seed {options.seed}: {words}", options.quiet)
    for name in sorted(set(given) - evaluated.used):
        note(f"warning: the input {name} is not used by the expression", options.quiet)
    for name, y in evaluated.outputs:
        if not np.all(np.isfinite(y.data)):
            note(f"warning: {name or 'the result'} has NaN or infinity in it", options.quiet)


def _stem(evaluated: Evaluated) -> str:
    """A file name: the result's name, or the expression in letters and digits."""
    name = evaluated.outputs[-1][0]
    return name or re.sub(r"[^\w]+", "-", evaluated.source).strip("-")[:40]
