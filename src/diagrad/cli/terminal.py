"""What the command says: results on stdout, everything else on stderr, in UTF-8 and without colour."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time


def use_utf8() -> None:
    """Write UTF-8 whatever the locale says: ∂ is in nearly every figure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def close_output() -> None:
    """Make Python forget a stdout that nobody reads, so that it does not complain when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(error: Exception) -> None:
    """Print an error on stderr."""
    print(f"diagrad: {error}", file=sys.stderr)


def note(text: str, quiet: bool = False) -> None:
    """Tell the user something that is not a result."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)


class Progress:
    """A bar on a terminal, a line for each tenth elsewhere, nothing when quiet.

    ::

        training ━━━━━━━━━━━━━━━━────────  66 %  epoch 20/30  loss 0.0612  0:02
    """

    WIDTH = 24

    def __init__(self, title: str, total: int, quiet: bool = False) -> None:
        self.title, self.total, self.quiet = title, total, quiet
        self.began, self.last, self.shown = time.monotonic(), 0.0, -1
        self.live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __call__(self, done: int, text: str) -> None:
        """Show how many of ``total`` steps are done, and what is known by then."""
        now = time.monotonic()
        if self.quiet or (self.live and now - self.last < 0.05 and done < self.total):
            return
        self.last = now
        share = done / self.total
        if self.live:
            full = round(share * self.WIDTH)
            bar = "━" * full + "─" * (self.WIDTH - full)
            seconds = int(now - self.began)
            line = f"{self.title} {bar} {share:4.0%}  {text}  {seconds // 60}:{seconds % 60:02}"
            print(f"\r{line}\x1b[K", end="" if done < self.total else "\n", file=sys.stderr, flush=True)
        elif int(share * 10) > self.shown:
            self.shown = int(share * 10)
            print(f"{self.title} {share:4.0%}  {text}", file=sys.stderr, flush=True)
