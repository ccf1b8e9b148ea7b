"""The command: answers on standard output what standard input asks."""

from __future__ import annotations

import sys

from .protocol import answers

if __name__ == "__main__":
    for answer in answers(sys.stdin):
        print(answer, flush=True)
