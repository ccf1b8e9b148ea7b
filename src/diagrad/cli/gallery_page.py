"""The gallery's page: one HTML file with every figure in it, no script, no network.

A switch of three radio buttons, in CSS alone, shows the symbols, the shapes or the numbers of every
elementary figure at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from ..gallery import FOURTEEN, Entry

_CSS = """\
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2530; --soft: #5b6673; --line: #d5dbe1; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --ink: #e6eaee; --soft: #a3aeb9; --line: #3a434d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { margin: 2.5rem 0 .5rem; } h3 { margin: 0 0 .3rem; }
p { margin: .2rem 0 .8rem; max-width: 70ch; } .soft { color: var(--soft); font-size: .9rem; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; display: inline-flex; gap: 1.2rem;
  padding: .4rem 1rem; }
section { border-top: 1px solid var(--line); padding: 1.2rem 0; }
figure { margin: .6rem 0 1rem; } figcaption { font-size: .95rem; margin-bottom: .3rem; max-width: 70ch; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto;
  padding: .6rem; }
.card svg { display: block; height: auto; } .two .card svg { max-width: 100%; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 0 1.2rem; }
code { font: .85rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
p:has(> code) { max-width: none; }
nav ul { columns: 16rem; padding-left: 1.2rem; } a { color: inherit; }
body:has(#show-symbols:checked) .reading:not(.symbols), body:has(#show-shapes:checked) .reading:not(.shapes),
body:has(#show-numbers:checked) .reading:not(.numbers) { display: none; }
@media print { fieldset, nav { display: none; } section { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Shown:
    """A figure that was drawn: what it shows, its file's name without suffix, its SVG."""

    entry: Entry
    passes: str
    show: str
    name: str
    svg: str


def page(shown: Sequence[Shown], style: str = "textbook") -> str:
    """The page as HTML text. Everything that is not SVG of ours is escaped."""
    from ..draw.style import style_of

    groups = [(entry, list(figures)) for entry, figures in groupby(shown, key=lambda figure: figure.entry)]
    first = [group for group in groups if group[0] in FOURTEEN]
    second = [group for group in groups if group[0] not in FOURTEEN]
    card = f"rgb{style_of(style).background}"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>diagrad: the gallery</title>",
        f"<style>\n{_CSS}:root {{ --card: {card}; }}\n</style></head>",
        "<body><header><h1>Computational graphs you can see</h1>",
        "<p>Thin arrows carry values forward, thick arrows carry gradients backward; at each node stands "
        "the rule that gives its gradients.</p></header>",
        *_contents(groups),
        "<main>",
        *_chapter("The fourteen figures", first, switch=True),
        *_chapter("Famous graphs", second, switch=False),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


Group = tuple[Entry, list[Shown]]


def _contents(groups: Sequence[Group]) -> Iterator[str]:
    yield '<nav aria-label="Contents"><ul>'
    for entry, _ in groups:
        yield f'<li><a href="#{escape(entry.key)}">{escape(entry.title)}</a></li>'
    yield "</ul></nav>"


def _chapter(title: str, groups: Sequence[Group], switch: bool) -> Iterator[str]:
    if not groups:
        return
    yield f"<h2>{escape(title)}</h2>"
    if switch:
        yield "<fieldset><legend>Show</legend>"
        for reading in ("symbols", "shapes", "numbers"):
            checked = " checked" if reading == "numbers" else ""
            yield f'<label><input type="radio" name="show" id="show-{reading}"{checked}> {reading}</label>'
        yield "</fieldset>"
    for entry, figures in groups:
        yield from _section(entry, figures)


def _section(entry: Entry, figures: Sequence[Shown]) -> Iterator[str]:
    yield f'<section id="{escape(entry.key)}"><h3>{escape(entry.title)}</h3>'
    pairs = [figure for figure in figures if figure.passes != "both"]
    if pairs:
        yield '<div class="two">'
        for figure in sorted(pairs, key=lambda figure: figure.show):
            text = entry.forward if figure.passes == "forward" else entry.backward
            yield from _figure(figure, f"{int(figure.name[:2])}. {figure.passes.capitalize()}. {text}")
        yield "</div>"
    else:
        yield f"<p>{escape(entry.forward)} {escape(entry.backward)}</p>"
    for figure in figures:
        if figure.passes == "both":
            yield from _figure(figure, "Both passes in one figure." if pairs else "")
    yield f'<p class="soft"><code>{escape(entry.command)}</code></p>'
    if entry.source:
        yield f'<p class="soft">After {escape(entry.source)}.</p>'
    yield "</section>"


def _figure(figure: Shown, caption: str) -> Iterator[str]:
    kind = f"reading {figure.show}" if figure.passes != "both" else "overlaid"
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    svg = figure.svg[figure.svg.index("<svg") :].rstrip()
    yield f'<figure class="{kind}" data-file="{escape(figure.name)}.svg">{words}'
    yield f'<div class="card" tabindex="0">{svg}</div></figure>'
