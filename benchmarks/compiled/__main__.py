"""The command: see the package's docstring."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import __doc__ as about


def main() -> None:
    """Run or make the page."""
    from .peers import PEERS
    from .report import page, write
    from .run import run
    from .workloads import ROWS

    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("run", "page"))
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results.json"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=0.2, help="seconds of each library in each round")
    parser.add_argument("--limit", type=float, default=120, help="seconds that a first call may take")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--work", default=",".join(ROWS))
    parser.add_argument("--write", action="store_true", help="write docs/speed.md")
    given = parser.parse_args()
    if given.command == "run":
        names, peers = given.work.split(","), given.peers.split(",")
        run(given.results, names, peers, given.threads, given.rounds, given.budget, given.limit)
    elif given.write:
        write(given.results)
    else:
        print(page(given.results))


if __name__ == "__main__":
    main()
