"""``diagrad gallery``: every entry's figures, and a page that shows them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..gallery import ENTRIES, FAMOUS, FOURTEEN, Entry
from .files import make_folder, write_text
from .gallery_page import Shown, page
from .terminal import Progress, note

if TYPE_CHECKING:
    from ..draw import Figure

READINGS = ("symbols", "shapes", "numbers")


@dataclass(frozen=True)
class Job:
    """One figure to draw: an entry, what to show of it, and its file's name without suffix."""

    entry: Entry
    passes: str
    show: str
    name: str


def jobs(entries: tuple[Entry, ...] = ENTRIES) -> list[Job]:
    """The figures of these entries: the elementary ones each way in each reading and overlaid, the famous
    ones overlaid.
    """
    found: list[Job] = []
    for number, entry in enumerate(FOURTEEN):
        if entry in entries:
            for at, passes in ((2 * number + 1, "forward"), (2 * number + 2, "backward")):
                found += [
                    Job(entry, passes, show, f"{at:02}-{entry.key}-{passes}-{show}") for show in READINGS
                ]
            found.append(
                Job(entry, "both", "all", f"{2 * number + 1:02}-{2 * number + 2:02}-{entry.key}-both")
            )
    found += [Job(entry, "both", "auto", entry.key) for entry in FAMOUS if entry in entries]
    return found


def run_gallery(options: argparse.Namespace) -> int:
    """Draw the gallery into a folder and print the page's path.

    Raises:
        InputError: no folder is named, or ``--only`` names no entry.
        OutputError: the folder cannot be written.
    """
    if options.list:
        width = max(len(entry.key) for entry in ENTRIES)
        print("\n".join(f"{entry.key:<{width}}  {entry.title}" for entry in ENTRIES))
        return 0
    if options.folder is None:
        raise InputError(
            "the gallery needs a folder to write to",
            expected="diagrad gallery DIR",
            got="no DIR",
            fix="diagrad gallery figures",
        )
    entries = _chosen(options.only)
    folder = make_folder(Path(options.folder))
    todo = jobs(entries)
    progress = Progress("drawing", len(todo), options.quiet)
    shown: list[Shown] = []
    for done, job in enumerate(todo, 1):
        figure = job.entry.draw(passes=job.passes, show=job.show, style=options.style)
        _save(figure, folder / job.name, options.png)
        shown.append(Shown(job.entry, job.passes, job.show, job.name, figure.svg))
        progress(done, job.name)
    index = folder / "index.html"
    write_text(index, page(shown, options.style))
    note(f"{len(todo)} figures in {folder}; open the page in a browser:", options.quiet)
    print(index)
    return 0


def _save(figure: Figure, stem: Path, png: bool) -> None:
    figure.save(stem.with_name(stem.name + ".svg"))
    if png:
        figure.save(stem.with_name(stem.name + ".png"))


def _chosen(keys: list[str]) -> tuple[Entry, ...]:
    known = {entry.key: entry for entry in ENTRIES}
    for key in keys:
        if key not in known:
            close = get_close_matches(key, known, 1)
            raise InputError(
                f"the gallery has no entry {key!r}" + (f"; did you mean {close[0]!r}?" if close else ""),
                where=f"--only {key}",
                expected=f"one of: {', '.join(known)}",
                got=key,
                fix="see them with: diagrad gallery --list",
            )
    return tuple(known[key] for key in dict.fromkeys(keys)) or ENTRIES
