"""docs/operations.md: the tables in Markdown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from .libraries import LIBRARIES, Library
from .notes import NOTES
from .tables import TABLES
from .transforms import PROGRAMS, judged
from .verdict import Verdict, truth, verdict

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
HEAD = """\
# What can be differentiated

{summary}

Made by `python -m benchmarks.operations --write`. Each library computes the same function of the same
float64 numbers, L = Σ w · f², and its derivatives; finite differences of the values, and of the gradients,
say what is right.

| | |
|---|---|
| yes | the gradient is right to 10⁻⁶, and so is the gradient of a function of it: differentiable twice |
| once | the gradient is right, the second derivative is missing or wrong |
| differs | there is a gradient, and it is wrong |
| – | no such function, or no gradient of it |

A row asks for one function, under whatever name, in the library itself: not for an expression that amounts to
it, nor for what Flax or Optax add to JAX. MyGrad has first derivatives only. Numbers are away from kinks and
ties, where libraries choose differently. Results that are not unique, as eigenvectors, enter as functions
that are. Complex rows have real arguments and real results, so that no convention about complex gradients
matters. The last two sections are small programs with known results. `--why` prints what is behind each cell
that does not say *yes*.

Versions: {versions}.
"""


def cells(why: bool = False) -> Iterator[tuple[str, str, list[Verdict]]]:
    """Group, row and verdicts, in the order of the page."""
    for title, group in TABLES.items():
        for row in group:
            known = truth(row)
            yield title, row.name, _told(row.name, lambda x, r=row, k=known: verdict(x, r, k), why)
    for title, programs in PROGRAMS.items():
        for item in programs:
            yield title, item.name, _told(item.name, lambda x, p=item: judged(x, p), why)


def _told(name: str, judge: Callable[[Library], Verdict], why: bool) -> list[Verdict]:
    verdicts = [judge(library) for library in LIBRARIES]
    for library, cell in zip(LIBRARIES, verdicts, strict=True):
        if why and cell.word != "yes":
            print(f"{name} | {library.name} | {cell.word} | {cell.why}", file=sys.stderr)
    return verdicts


def page(why: bool = False) -> str:
    """The page."""
    made = list(cells(why))
    names = [library.name for library in LIBRARIES]
    counts = [[found[i].word for _, _, found in made] for i in range(len(names))]
    summary = ", ".join(
        f"{name} {words.count('yes') + words.count('once')} ({words.count('yes')})"
        for name, words in zip(names, counts, strict=True)
    )
    versions = ", ".join(
        f"{library.name} {version(library.distribution).partition('+')[0]}" for library in LIBRARIES[1:]
    )
    lines = [HEAD.format(summary=f"Of {len(made)}, once (twice): {summary}.", versions=versions).rstrip()]
    current = ""
    for title, name, verdicts in made:
        if title != current:
            current = title
            lines += ["", f"## {title}", "", f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        label = f"`{name}`" if title in TABLES else name
        lines.append(
            f"| {label} | {' | '.join(_cell(name, *pair) for pair in zip(names, verdicts, strict=True))} |"
        )
    lines += [""] + [f"[^{key}]: {text}" for key, (text, _) in NOTES.items()]
    return "\n".join(lines) + "\n"


def _cell(name: str, library: str, cell: Verdict) -> str:
    marks = [key for key, (_, places) in NOTES.items() if (name, library) in places]
    return cell.word + "".join(f"[^{key}]" for key in marks)
